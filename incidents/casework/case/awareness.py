"""The legal clock: stating when we became aware, and correcting it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from incidents.access.people import ActingPerson
from incidents.assessment.awareness_indicators import indicators, on_record
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext, frame_with_laws
from incidents.casework.base.latest import newest_facts
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.law.reminder_ladder import in_readable_words
from incidents.obligations.derivation import obligations_from_awareness
from incidents.storage.tables.case import Awareness, TimelineEntry
from incidents.texts.timeline_texts import timeline_text

# No figure is set anywhere: the Guidelines want a short period of investigation (9/2022 para 31 ff.), and in the bank
# statement example of their Annex B it takes 24 hours. So a longer gap is warned of and never refused.
LONG_GAP = timedelta(hours=24)
"""A longer gap between detection and awareness is warned of: the investigation must be short (Guidelines 9/2022)."""


@dataclass(frozen=True, kw_only=True)
class AwarenessStatement:
    """What a person says of the moment of awareness."""

    at: datetime
    basis: str
    """What gave a reasonable degree of certainty that personal data were compromised."""
    reason: str | None = None
    """Why an earlier statement is corrected, or why awareness lies before detection."""
    evidence_file: EvidenceFile | None = None


def state_awareness(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    statement: AwarenessStatement,
    *,
    expected_version: int | None = None,
) -> Result:
    """Start the legal clock at the stated time, or correct it with a reason (Art. 33(1) GDPR).

    Raises:
        InvalidInputError: no basis, a future time, or before detection without a reason.
        RefusedError: awareness stands already and no reason for a correction is given.

    """
    # What needs no record to be refused is refused before the write lock is taken.
    _check(ctx, statement, now)
    with unit_of_work(ctx, actor, now, reference, Verb.AWARE, expected_version=expected_version) as uow:
        _check_against(uow, statement)
        before = uow.incident.aware_at
        correction = before is not None
        _write(uow, ctx, statement, correction=correction)
        late = _start_clocks(uow, ctx, statement.at)
        due = min(
            (row.due_at for row in obligation_rows.obligations_in(uow.session, uow.incident_id) if row.regime),
            default=None,
        )
        words = "awareness corrected" if correction else "the legal clock runs"
        return uow.done(
            f"{words}: aware at {statement.at.isoformat()}",
            *((f"due {due.isoformat()}",) if due else ()),
            next_command=_next(uow),
            warnings=(*_moved_later(before, statement.at), *_warnings(uow, statement), *late),
        )


def _moved_later(before: datetime | None, after: datetime) -> tuple[str, ...]:
    """Say loudly that a correction gives more time: it is allowed, and the first thing an authority will ask about."""
    if before is None or after <= before:
        return ()
    hours, minutes = divmod(int((after - before).total_seconds()) // 60, 60)
    moved = f"this moves every deadline that runs from awareness {hours} h {minutes:02d} min LATER"
    return (f"{moved}; the old statement stays on record: let a lead or the DPO confirm the new one",)


def _next(uow: UnitOfWork) -> str:
    reference = uow.incident.reference
    _, known = newest_facts(uow.session, uow.incident_id)
    return f"tocsin show {reference}" if known else f"tocsin assess {reference} --file scope.yaml"


def _check(ctx: UseCaseContext, statement: AwarenessStatement, now: datetime) -> None:
    if not statement.basis.strip():
        message = "say with --basis what gave reasonable certainty that personal data were compromised"
        raise InvalidInputError(message)
    refuse_future(statement.at, now, "the time of awareness")
    frame_with_laws(ctx, statement.at, "when we became aware: give the time with --at")


def _check_against(uow: UnitOfWork, statement: AwarenessStatement) -> None:
    incident, reason = uow.incident, (statement.reason or "").strip()
    if incident.aware_at is not None and not reason:
        message = (
            f"{incident.reference} is aware since {incident.aware_at.isoformat()}; to correct it, give --reason "
            "(the old time stays on record)"
        )
        raise RefusedError(message)
    if statement.at < incident.detected_at and not reason:
        message = (
            f"awareness ({statement.at.isoformat()}) lies before detection ({incident.detected_at.isoformat()}); "
            "if that is so, say why with --reason"
        )
        raise InvalidInputError(message)


def _write(uow: UnitOfWork, ctx: UseCaseContext, statement: AwarenessStatement, *, correction: bool) -> None:
    evidence = uow.keep(ctx, statement.evidence_file)
    row = Awareness(
        incident_id=uow.incident_id,
        aware_at=statement.at,
        basis=statement.basis.strip(),
        reason=statement.reason,
        author=uow.actor.name,
        recorded_at=uow.now,
    )
    uow.session.add(row)
    # The incident holds the statement that counts; each earlier one stays a row of its own, with its author.
    uow.incident.aware_at = statement.at
    uow.audit("awareness.stated", rows=(row,), aware_at=statement.at, correction=correction)
    written = (
        timeline_text("corrected", reason=statement.reason)
        if correction
        else timeline_text("aware", basis=statement.basis.strip())
    )
    uow.note("aware", written, at=statement.at, evidence=evidence)


def _start_clocks(uow: UnitOfWork, ctx: UseCaseContext, aware_at: datetime) -> tuple[str, ...]:
    """Make provisional clocks legal, move those that count from awareness, and take on what is newly owed."""
    before = {
        row.key: obligation_rows.status_of(row, uow.now)
        for row in obligation_rows.obligations_in(uow.session, uow.incident_id)
    }
    moved = bookkeeping.follow_events(uow, ctx)
    # A corrected time may lie in the force of a law that the old one did not. The reverse takes nothing back: what a
    # law asked at the old time is for a person to waive.
    bookkeeping.create_obligation(uow, ctx, obligations_from_awareness(ctx.frame(aware_at)), provisional=False)
    late = [
        f"{row.key} was fulfilled late, measured from the corrected awareness"
        for row in moved
        if before[row.key] is DeadlineStatus.MET and obligation_rows.status_of(row, uow.now) is DeadlineStatus.MET_LATE
    ]
    return tuple(obligation_rows.in_short(late, uow.incident.reference))


def _warnings(uow: UnitOfWork, statement: AwarenessStatement) -> tuple[str, ...]:
    return (*earlier_indicators(uow), *_long_gap(uow, statement))


def earlier_indicators(uow: UnitOfWork) -> tuple[str, ...]:
    """What on the timeline and in the facts suggests an earlier awareness, or one that nobody has stated.

    The person may know better, and says so in the basis.
    """
    lines = uow.session.exec(select(TimelineEntry).where(TimelineEntry.incident_id == uow.incident_id))
    _, facts = newest_facts(uow.session, uow.incident_id)
    aware_at = uow.incident.aware_at
    stated = "earlier, at" if aware_at else "although nobody has stated it, at"
    return tuple(
        f"awareness may have begun {stated} {sign.at.isoformat()}: {sign.words}"
        # Each sign is put to the person and none moves the clock: awareness is a judgement on certainty (9/2022 para
        # 31), and a date typed into a log line is not.
        for sign in indicators(on_record(lines, facts), aware_at, uow.now)
    )


def _long_gap(uow: UnitOfWork, statement: AwarenessStatement) -> tuple[str, ...]:
    gap = statement.at - uow.incident.detected_at
    if gap <= LONG_GAP:
        return ()
    warning = (
        f"{in_readable_words(gap)} lie between detection and awareness: the basis should say why the investigation "
        "took that long (Guidelines 9/2022 para 31 ff.)"
    )
    return (warning,)
