"""Filings: recording that an authority was told, when, how, under which reference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from incidents.access.people import ActingPerson
from incidents.audit import chain
from incidents.case import outstanding as case_outstanding
from incidents.case.case_file import CaseOverview
from incidents.case.lifecycle import Stage, Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.casework.base.latest import newest_facts, open_when_filed
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work, unit_within
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import consequences
from incidents.casework.filing.filed_text import FiledText, filed_text
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.casework.filing.target import notification_meant, obligations_to
from incidents.deadlines.terms import DueKind
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL
from incidents.law.reminder_ladder import in_readable_words
from incidents.obligations.recipients import PLACEHOLDERS
from incidents.storage.tables.obligations import Filing, Obligation
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text


def submit(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, submission: Submission) -> Result:
    """Record a filing; the first one settles for ever whether the notification was late.

    Raises:
        InvalidInputError: no reference, or a time in the future or before the incident was known.
        RefusedError: late without reasons; something speaks against it and nobody confirmed it (filed_text.py); a
            follow-up before the initial filing, a second initial filing.

    """
    _check(submission, now)
    with unit_of_work(ctx, actor, now, reference, Verb.SUBMIT) as uow:
        return _record(uow, ctx, submission)


def submit_together(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    references: Sequence[str],
    submission: Submission,
    because: str,
) -> tuple[Result, ...]:
    """Record one filing that tells of several similar breaches: in each of their cases, or in none.

    Several breaches of the same kind of data in the same way within a short time may be told in one meaningful
    notification (Guidelines 9/2022, section II.B.3); different ones are filed separately.

    Raises:
        InvalidInputError: no reasons, a case named twice; and as :func:`submit` does.

    """
    if not because.strip():
        message = "say with --bundle-because why these breaches are told together (same kind of data, same way, soon)"
        raise InvalidInputError(message)
    _check(submission, now)
    with ctx.store.write() as session:
        chain.lock_chain(session)
        # As people name them first (7, a codename): only the whole references show whether two mean the same case.
        bundled = [find(session, reference).reference for reference in references]
        if len(set(bundled)) != len(bundled):
            message = f"the same case is named twice: {', '.join(bundled)}"
            raise InvalidInputError(message)
        done = []
        for reference in bundled:
            # The version a person saw is that of the case they named first.
            expected = ctx.expected_version if reference == bundled[0] else None
            uow = unit_within(session, actor, now, reference, Verb.SUBMIT, expected_version=expected)
            others = ", ".join(other for other in bundled if other != reference)
            uow.note("filed", timeline_text("filed_together", others=others, because=because.strip()), at=submission.at)
            done.append(_record(uow, ctx, submission))
    return tuple(done)


def _check(submission: Submission, now: datetime) -> None:
    if not submission.reference.strip():
        message = "give the authority's reference (or your own note of how it was filed): --reference R"
        raise InvalidInputError(message)
    refuse_future(submission.at, now, "the time of filing")


def _record(uow: UnitOfWork, ctx: UseCaseContext, submission: Submission) -> Result:
    initial = notification_meant(uow, ctx, submission)
    _check_order(uow, initial, submission)
    row = obligations_to(uow, ctx, initial, submission)
    case = uow.case(ctx)
    submission = _with_recorded_reasons(case, row, submission)
    open_elements = () if submission.phase is FilingPhase.WITHDRAWAL else open_when_filed(uow, ctx, submission.at)
    # What a person says goes before what the record shows; where the two differ, `_against` says so beside it.
    complete = submission.complete if submission.complete is not None else not open_elements
    late = _check_lateness(row, submission)
    text = filed_text(uow, case, row, submission)
    _check_confirmed(text, submission)
    _write(uow, ctx, row, submission, text=text, late=late, complete=complete)
    changed = consequences.apply_filing(uow, ctx, row, submission, complete=complete)
    return uow.done(
        f"{_named(row, submission)} with {row.recipient_name}: {_in_time(row, submission, late=late)}",
        *changed,
        next_command=f"tocsin deadlines {uow.incident.reference}",
        warnings=(
            "Tocsin recorded this filing; it sent nothing to the authority itself.",
            *(f"RECORDED ALTHOUGH {reason}" for reason in text.against),
            *_against(uow, submission, complete=complete, open_elements=open_elements),
        ),
    )


def _with_recorded_reasons(case: CaseOverview, row: Obligation, submission: Submission) -> Submission:
    """Take the reasons for a delay that were recorded before, where a person gives none now."""
    if (submission.late_because or "").strip():
        return submission
    return replace(submission, late_because=case.late_reasons.get(row.key))


def _check_confirmed(text: FiledText, submission: Submission) -> None:
    """Refuse a filing against which something speaks, unless a person says why it is recorded all the same."""
    if not text.against or (submission.despite or "").strip():
        return
    message = (
        f"this filing is not as it should be: {'; '.join(text.against)}. Put it right, or, where it was filed all the "
        "same, confirm it with the reasons: --despite TEXT (they stand in the report and the register)"
    )
    raise RefusedError(message)


def _is_report(row: Obligation, submission: Submission) -> bool:
    """Whether it goes by its own name, not by its phase: a law may have reports of its own after the first."""
    return submission.phase is FilingPhase.INITIAL and row.duty not in {AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP}


def _named(row: Obligation, submission: Submission) -> str:
    return (
        str(row.terms["title"]) if _is_report(row, submission) else f"{submission.phase.value.replace('_', '-')} filing"
    )


def _line(row: Obligation, submission: Submission) -> CodedText:
    filed = {"authority": row.recipient_name, "reference": submission.reference.strip()}
    if _is_report(row, submission):
        return timeline_text("filed_report", title=str(row.terms["title"]), **filed)
    return timeline_text("filed", phase=submission.phase.value, **filed)


def _in_time(row: Obligation, submission: Submission, *, late: bool) -> str:
    """How it stands to the time it was due; our own target is no law, so missing it makes no filing late."""
    if submission.phase is not FilingPhase.INITIAL:
        return "recorded"
    if not late:
        return "in time"
    if obligation_rows.terms_of(row).due_kind is DueKind.INTERNAL:
        return "after our own target; the law sets no figure"
    return "late, with reasons" if submission.late_because else "late"


def _check_order(uow: UnitOfWork, initial: Obligation, submission: Submission) -> None:
    if initial.recipient_id in PLACEHOLDERS:
        reference = uow.incident.reference
        message = (
            "which authorities are meant is not known yet: first record in which countries the people live: "
            f"tocsin assess {reference} --file scope.yaml"
        )
        raise RefusedError(message)
    # The table of stages lets a filing into a closed case for the sake of a withdrawal alone.
    if uow.incident.stage is Stage.CLOSED and submission.phase is not FilingPhase.WITHDRAWAL:
        reference = uow.incident.reference
        message = f"{reference} is closed: first reopen it: tocsin reopen {reference} --because TEXT"
        raise RefusedError(message)
    if submission.phase is FilingPhase.INITIAL and initial.met_at is not None:
        message = (
            f"the initial filing is on record (filed {initial.met_at.isoformat()}); further information is "
            f"--phase follow-up"
        )
        raise RefusedError(message)
    if submission.phase is not FilingPhase.INITIAL and initial.met_at is None:
        message = f"there is no initial filing yet: first tocsin submit {uow.incident.reference} --phase initial ..."
        raise RefusedError(message)
    # Awareness may lie before detection, with a reason: there was something to file from then on.
    known_at = min(uow.incident.detected_at, uow.incident.aware_at or uow.incident.detected_at)
    earliest = known_at if submission.phase is FilingPhase.INITIAL else initial.met_at
    if earliest is not None and submission.at < earliest:
        message = f"this filing lies before {earliest.isoformat()}, when there was nothing to file yet"
        raise InvalidInputError(message)


def _check_lateness(row: Obligation, submission: Submission) -> bool:
    """Refuse a late first filing without reasons; never accept it silently (Art. 33(1), second sentence)."""
    # Exactly at the due time is in time, as in the deadline machine; a follow-up is never late by the first one's
    # clock.
    if submission.phase is not FilingPhase.INITIAL or submission.at <= row.due_at:
        return False
    if obligation_rows.terms_of(row).late_needs_reasons and not (submission.late_because or "").strip():
        late_by = in_readable_words(submission.at - row.due_at)
        message = (
            f"this filing is late by {late_by} (due {row.due_at.isoformat()}): the law asks for the reasons for "
            "the delay: --late-because TEXT, or before it is filed: tocsin late REF OBLIGATION --because TEXT (not "
            "knowing everything yet is none: a first filing may be incomplete)"
        )
        raise RefusedError(message)
    return True


_NAMED: Final = 6
"""So many open elements are named beside a filing; the pack and the next text list them all."""


def _against(
    uow: UnitOfWork, submission: Submission, *, complete: bool, open_elements: Sequence[str]
) -> tuple[str, ...]:
    """Say what is on record as open beside a filing that was called complete, or taken for incomplete.

    Two counts, told apart as everywhere: what the law asks to be given later (`show`, `deadlines`), and what the
    authority's form asks beyond that.
    """
    # Who says that it is incomplete knows; reading the list to them again would be noise.
    if not open_elements or (submission.complete is False):
        return ()
    _, facts = newest_facts(uow.session, uow.incident_id)
    by_law = case_outstanding.unanswered(facts)
    beyond = [element for element in open_elements if element not in by_law]
    parts = [f"{len(by_law)} that the law asks for ({_listed(by_law)})"] if by_law else []
    parts += (
        [f"{len(beyond)} more of the authority's form ({_listed(beyond)}; tocsin pack lists them)"] if beyond else []
    )
    names = " and ".join(parts)
    if complete:
        return (f"recorded as complete, although the record left open: {names}",)
    return (f"recorded as incomplete (Art. 33(4)), for the record left open: {names}; otherwise say --complete",)


def _listed(elements: Sequence[str]) -> str:
    more = len(elements) - _NAMED
    words = [element.replace("_", " ") for element in elements[:_NAMED]]
    return ", ".join([*words, *([f"and {more} more"] if more > 0 else [])])


def _write(
    uow: UnitOfWork,
    ctx: UseCaseContext,
    row: Obligation,
    submission: Submission,
    *,
    text: FiledText,
    late: bool,
    complete: bool,
) -> None:
    evidence = uow.keep(ctx, submission.receipt)
    # Of a country with several authorities, the one that was told is now known by name; its key stays that of the
    # country.
    if submission.authority is not None and submission.authority.startswith(f"{row.recipient_id}-"):
        row.recipient_name = submission.authority_name or submission.authority
    filing = Filing(
        incident_id=uow.incident_id,
        obligation_id=number(row.id),
        phase=submission.phase.value,
        complete=complete,
        reference=submission.reference.strip(),
        filed_at=submission.at,
        recorded_at=uow.now,
        recorded_by=uow.actor.name,
        late_because=submission.late_because if late else None,
        receipt_id=evidence.id if evidence else None,
        text_filed=text.as_json(),
        confirmed={"against": list(text.against), "because": (submission.despite or "").strip()}
        if text.against
        else None,
    )
    uow.session.add(filing)
    uow.audit(
        "filing.recorded",
        rows=(filing, evidence) if evidence else (filing,),
        obligation=row.key,
        phase=submission.phase.value,
        filed_at=submission.at,
        late=late,
    )
    uow.note(
        "filed",
        _line(row, submission),
        at=submission.at,
        evidence=evidence,
    )
    if text.against:
        uow.audit("filing.confirmed", rows=(), obligation=row.key, against=list(text.against))
        reasons = {"against": "; ".join(text.against), "because": (submission.despite or "").strip()}
        uow.note("filed", timeline_text("filed_despite", key=row.key, **reasons), at=submission.at)
