"""Filings: recording that an authority was told, when, how, under which reference."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from incidents.access.people import ActingPerson
from incidents.audit import chain
from incidents.case.lifecycle import Stage, Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.casework.base.latest import open_when_filed
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work, unit_within
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import consequences
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


def submit(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, said: Submission) -> Result:
    """Record a filing; the first one settles for ever whether the notification was late.

    Raises:
        InvalidInputError: no reference, or a time in the future or before the incident was known.
        RefusedError: late without reasons, a follow-up before the initial filing, a second initial filing.

    """
    _check(said, now)
    with unit_of_work(ctx, actor, now, reference, Verb.SUBMIT) as uow:
        return _record(uow, ctx, said)


def submit_together(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, references: Sequence[str], said: Submission, because: str
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
    _check(said, now)
    with ctx.store.write() as session:
        chain.lock_chain(session)
        found = [find(session, reference).reference for reference in references]
        if len(set(found)) != len(found):
            message = f"the same case is named twice: {', '.join(found)}"
            raise InvalidInputError(message)
        done = []
        for reference in found:
            # The version a person saw is that of the case they named first.
            expected = ctx.expected_version if reference == found[0] else None
            uow = unit_within(session, actor, now, reference, Verb.SUBMIT, expected_version=expected)
            others = ", ".join(other for other in found if other != reference)
            uow.note("filed", timeline_text("filed_together", others=others, because=because.strip()), at=said.at)
            done.append(_record(uow, ctx, said))
    return tuple(done)


def _check(said: Submission, now: datetime) -> None:
    if not said.reference.strip():
        message = "give the authority's reference (or your own note of how it was filed): --reference R"
        raise InvalidInputError(message)
    refuse_future(said.at, now, "the time of filing")


def _record(uow: UnitOfWork, ctx: UseCaseContext, said: Submission) -> Result:
    initial = notification_meant(uow, ctx, said)
    _check_order(uow, initial, said)
    row = obligations_to(uow, ctx, initial, said)
    open_elements = () if said.phase is FilingPhase.WITHDRAWAL else open_when_filed(uow, ctx, said.at)
    complete = said.complete if said.complete is not None else not open_elements
    late = _check_lateness(row, said)
    _write(uow, ctx, row, said, late=late, complete=complete)
    changed = consequences.apply_filing(uow, ctx, row, said, complete=complete)
    return uow.done(
        f"{_named(row, said)} with {row.recipient_name}: {_in_time(row, said, late=late)}",
        *changed,
        next_command=f"tocsin deadlines {uow.incident.reference}",
        warnings=(
            "Tocsin recorded this filing; it sent nothing to the authority itself.",
            *_against(said, complete=complete, open_elements=open_elements),
        ),
    )


def _is_report(row: Obligation, said: Submission) -> bool:
    """Whether it goes by its own name, not by its phase: a law may have reports of its own after the first."""
    return said.phase is FilingPhase.INITIAL and row.duty not in {AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP}


def _named(row: Obligation, said: Submission) -> str:
    return str(row.terms["title"]) if _is_report(row, said) else f"{said.phase.value.replace('_', '-')} filing"


def _line(row: Obligation, said: Submission) -> CodedText:
    filed = {"authority": row.recipient_name, "reference": said.reference.strip()}
    if _is_report(row, said):
        return timeline_text("filed_report", title=str(row.terms["title"]), **filed)
    return timeline_text("filed", phase=said.phase.value, **filed)


def _in_time(row: Obligation, said: Submission, *, late: bool) -> str:
    """How it stands to the time it was due; our own target is no law, so missing it makes no filing late."""
    if said.phase is not FilingPhase.INITIAL:
        return "recorded"
    if not late:
        return "in time"
    if obligation_rows.terms_of(row).due_kind is DueKind.INTERNAL:
        return "after our own target; the law sets no figure"
    return "late, with reasons" if said.late_because else "late"


def _check_order(uow: UnitOfWork, initial: Obligation, said: Submission) -> None:
    if initial.recipient_id in PLACEHOLDERS:
        reference = uow.incident.reference
        message = (
            "which authorities are meant is not known yet: first record in which countries the people live: "
            f"tocsin assess {reference} --file scope.yaml"
        )
        raise RefusedError(message)
    if uow.incident.stage is Stage.CLOSED and said.phase is not FilingPhase.WITHDRAWAL:
        reference = uow.incident.reference
        message = f"{reference} is closed: first reopen it: tocsin reopen {reference} --because TEXT"
        raise RefusedError(message)
    if said.phase is FilingPhase.INITIAL and initial.met_at is not None:
        message = (
            f"the initial filing is on record (filed {initial.met_at.isoformat()}); further information is "
            f"--phase follow-up"
        )
        raise RefusedError(message)
    if said.phase is not FilingPhase.INITIAL and initial.met_at is None:
        message = f"there is no initial filing yet: first tocsin submit {uow.incident.reference} --phase initial ..."
        raise RefusedError(message)
    # Awareness may lie before detection, with a reason: there was something to file from then on.
    known_at = min(uow.incident.detected_at, uow.incident.aware_at or uow.incident.detected_at)
    earliest = known_at if said.phase is FilingPhase.INITIAL else initial.met_at
    if earliest is not None and said.at < earliest:
        message = f"this filing lies before {earliest.isoformat()}, when there was nothing to file yet"
        raise InvalidInputError(message)


def _check_lateness(row: Obligation, said: Submission) -> bool:
    """Refuse a late first filing without reasons; never accept it silently (Art. 33(1), second sentence)."""
    if said.phase is not FilingPhase.INITIAL or said.at <= row.due_at:
        return False
    if obligation_rows.terms_of(row).late_needs_reasons and not (said.late_because or "").strip():
        late_by = in_readable_words(said.at - row.due_at)
        message = (
            f"this filing is late by {late_by} (due {row.due_at.isoformat()}): the law asks for the reasons for "
            "the delay: --late-because TEXT (not knowing everything yet is none: a first filing may be incomplete)"
        )
        raise RefusedError(message)
    return True


_NAMED: Final = 6
"""So many open elements are named beside a filing; the pack and the next text list them all."""


def _against(said: Submission, *, complete: bool, open_elements: Sequence[str]) -> tuple[str, ...]:
    """Say what is on record as open beside a filing that was called complete, or taken for incomplete."""
    if not open_elements or (said.complete is False):
        return ()
    more = len(open_elements) - _NAMED
    words = [element.replace("_", " ") for element in open_elements[:_NAMED]]
    names = ", ".join([*words, *([f"and {more} more"] if more > 0 else [])])
    if complete:
        return (f"recorded as complete, although the record left open: {names}",)
    return (f"recorded as incomplete (Art. 33(4)), for the record left open: {names}; otherwise say --complete",)


def _write(
    uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, said: Submission, *, late: bool, complete: bool
) -> None:
    kept = uow.keep(ctx, said.receipt)
    if said.authority is not None and said.authority.startswith(f"{row.recipient_id}-"):
        row.recipient_name = said.authority_name or said.authority
    filing = Filing(
        incident_id=uow.incident_id,
        obligation_id=number(row.id),
        phase=said.phase.value,
        complete=complete,
        reference=said.reference.strip(),
        filed_at=said.at,
        recorded_at=uow.now,
        recorded_by=uow.actor.name,
        late_because=said.late_because if late else None,
        receipt_id=kept.id if kept else None,
    )
    uow.session.add(filing)
    uow.audit(
        "filing.recorded",
        rows=(filing, kept) if kept else (filing,),
        obligation=row.key,
        phase=said.phase.value,
        filed_at=said.at,
        late=late,
    )
    uow.note(
        "filed",
        _line(row, said),
        at=said.at,
        evidence=kept,
    )
