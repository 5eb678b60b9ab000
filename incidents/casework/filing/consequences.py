"""What a filing leads to: the duty met, the rest still owed element by element, the next report, a withdrawal's end."""

from __future__ import annotations

from sqlmodel import Session, col, select

from incidents.case import outstanding as case_outstanding
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.latest import newest_facts
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.communication import drafts as communication_drafts
from incidents.casework.deadlines import bookkeeping, derive
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.casework.filing.target import same_authority
from incidents.deadlines.terms import DueKind
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL
from incidents.law.model import Start, Threshold
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.obligations import Filing, Obligation
from incidents.texts.timeline_texts import timeline_text


def apply_filing(
    uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, submission: Submission, *, complete: bool
) -> list[str]:
    """Meet the duty that was fulfilled and take on what this filing starts; say what changed.

    *complete*: nothing more is to follow.
    """
    if submission.phase is FilingPhase.WITHDRAWAL:
        return _end_follow_up(uow, ctx, row)
    if submission.phase is FilingPhase.FOLLOW_UP and not complete:
        _note_what_is_open(uow, row)
        return ["more is to follow: the reminder stays"]
    # A duty that was waived and is fulfilled all the same counts as fulfilled.
    after = bookkeeping.mark_fulfilled(uow, ctx, row, submission.at)
    changed = [f"{row.key}: {after.value}"]
    if submission.phase is FilingPhase.INITIAL:
        changed += _start_what_follows(uow, ctx, row, outstanding=not complete)
    return changed


def _start_what_follows(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, *, outstanding: bool) -> list[str]:
    """Take on what this filing starts by its law: the rest, the next report, the people after the authority."""
    derived = derive.obligations_after_filing(uow, ctx, row, outstanding=outstanding)
    added = bookkeeping.create_obligation(uow, ctx, derived, provisional=False)
    for obligation in added:
        # A country's authority was named when it was filed with (DE: DE-NI); what follows goes to the same one.
        if same_authority(ctx, obligation, row):
            obligation.recipient_name = row.recipient_name
        if obligation.duty == AUTHORITY_FOLLOW_UP:
            _note_what_is_open(uow, obligation)
    return [f"now owed: {obligation.key}, {_until(obligation)}" for obligation in added]


def _note_what_is_open(uow: UnitOfWork, rest: Obligation) -> None:
    """Write down, element by element, what this filing left for the duty to give the rest (Art. 33(4) GDPR).

    It is what the text marked as to follow, and what the facts do not answer.
    """
    # The text that went out last says what it left open: the first notification, or a supplement once there was one.
    kind = AUTHORITY_INITIAL if rest.met_at is None and not _was_supplemented(uow, rest) else AUTHORITY_FOLLOW_UP
    drafts = communication_drafts.newest(uow.session, uow.incident_id).values()
    marked = [name for draft in drafts if draft.kind == kind for name in draft.will_follow]
    _, facts = newest_facts(uow.session, uow.incident_id)
    # What a text marked may be known by now and is owed all the same: the authority does not have it yet.
    open_now = tuple(dict.fromkeys((*case_outstanding.unanswered(facts), *marked)))
    if open_now:
        uow.note(case_outstanding.KIND, timeline_text(case_outstanding.KIND, key=rest.key, elements=open_now))


def _was_supplemented(uow: UnitOfWork, rest: Obligation) -> bool:
    """Whether further information was filed before, so that the supplement's text says what is left."""
    filing = uow.session.exec(select(Filing.id).where(Filing.obligation_id == number(rest.id)).limit(1)).first()
    return filing is not None


def _until(row: Obligation) -> str:
    kind = "due" if obligation_rows.terms_of(row).due_kind is DueKind.STATUTORY else "target"
    return f"{kind} {row.due_at.isoformat()}"


def _end_follow_up(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation) -> list[str]:
    """A withdrawn notification needs no further information."""
    ended = []
    for other in obligation_rows.obligations_in(uow.session, uow.incident_id):
        # What counts from a filing falls with it. The notification itself is not lifted: it was made, and stays on
        # record as made in time or late.
        starts_later = obligation_rows.terms_of(other).start in {Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED}
        if starts_later and same_authority(ctx, other, row) and not obligation_rows.is_settled(other):
            bookkeeping.waive(uow, ctx, other, "the notification was withdrawn")
            ended.append(f"waived: {other.key}")
    return ended


def not_withdrawn(uow: UnitOfWork) -> list[Obligation]:
    """The notifications of a breach that stand: filed with an authority, and not taken back by its newest filing.

    A report of an incident by itself (an early warning) stays true where no personal data were hit.
    """
    newest = {
        filing.obligation_id: filing.phase
        for filing in uow.session.exec(
            # In order of recording: a withdrawal may be followed by a new follow-up, and the last word is what the
            # authority has.
            select(Filing).where(Filing.incident_id == uow.incident_id).order_by(col(Filing.id))
        )
    }
    return [
        row
        for row in obligation_rows.obligations_in(uow.session, uow.incident_id)
        if row.duty == AUTHORITY_INITIAL
        and row.met_at is not None
        and obligation_rows.terms_of(row).threshold is not Threshold.SIGNIFICANT_INCIDENT
        and newest.get(number(row.id)) != FilingPhase.WITHDRAWAL.value
    ]


def missing_elements(session: Session, row: Obligation) -> tuple[case_outstanding.OutstandingElement, ...]:
    """What is still owed under an open duty to give the rest, read without the rest of the case; else nothing."""
    if (
        obligation_rows.is_settled(row)
        or obligation_rows.terms_of(row).threshold is not Threshold.INFORMATION_OUTSTANDING
    ):
        return ()
    written = select(TimelineEntry.said).where(
        TimelineEntry.incident_id == row.incident_id, TimelineEntry.kind == case_outstanding.KIND
    )
    lines = session.exec(written.order_by(col(TimelineEntry.id))).all()
    _, facts = newest_facts(session, row.incident_id)
    return case_outstanding.missing_elements(row.key, facts, lines)
