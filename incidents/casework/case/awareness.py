"""The legal clock: stating when we became aware, and correcting it.

Knows Guidelines 9/2022 para 31 ("reasonable degree of certainty") as a question to a person; refuses to answer it:
awareness is never defaulted and never inferred from an alert.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import select

from incidents.access.people import ActingPerson
from incidents.assessment.awareness_indicators import on_record, signs
from incidents.case.lifecycle import Verb
from incidents.casework.base.desk import (
    NotUnderstoodError,
    RefusedError,
    Result,
    UnitOfWork,
    UseCaseContext,
    frame_with_laws,
    refuse_future,
    step,
)
from incidents.casework.base.latest import newest_facts
from incidents.casework.deadlines import bookkeeping as clocks
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.law.reminder_ladder import in_readable_words
from incidents.obligations.derivation import owed_from_awareness
from incidents.storage.tables.case import Awareness, TimelineEntry
from incidents.texts.timeline_texts import line

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
    exhibit: EvidenceFile | None = None


def state_awareness(
    desk: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    said: AwarenessStatement,
    *,
    expected_version: int | None = None,
) -> Result:
    """Start the legal clock at the stated time, or correct it with a reason (Art. 33(1) GDPR).

    Raises:
        NotUnderstoodError: no basis, a future time, or before detection without a reason.
        RefusedError: awareness stands already and no reason for a correction is given.

    """
    _check(desk, said, now)
    with step(desk, actor, now, reference, Verb.AWARE, expected_version=expected_version) as this:
        _check_against(this, said)
        before = this.incident.aware_at
        correction = before is not None
        _write(this, desk, said, correction=correction)
        late = _start_clocks(this, desk, said.at)
        due = min(
            (row.due_at for row in obligation_rows.owed_in(this.session, this.incident_id) if row.regime), default=None
        )
        words = "awareness corrected" if correction else "the legal clock runs"
        return this.done(
            f"{words}: aware at {said.at.isoformat()}",
            *((f"due {due.isoformat()}",) if due else ()),
            next_command=_next(this),
            warnings=(*_moved_later(before, said.at), *_warnings(this, said), *late),
        )


def _moved_later(before: datetime | None, now_stated: datetime) -> tuple[str, ...]:
    """Say loudly that a correction gives more time: it is allowed, and the first thing an authority will ask about."""
    if before is None or now_stated <= before:
        return ()
    hours, minutes = divmod(int((now_stated - before).total_seconds()) // 60, 60)
    moved = f"this moves every deadline that runs from awareness {hours} h {minutes:02d} min LATER"
    return (f"{moved}; the old statement stays on record: let a lead or the DPO confirm the new one",)


def _next(this: UnitOfWork) -> str:
    reference = this.incident.reference
    _, known = newest_facts(this.session, this.incident_id)
    return f"tocsin show {reference}" if known else f"tocsin assess {reference} --file scope.yaml"


def _check(desk: UseCaseContext, said: AwarenessStatement, now: datetime) -> None:
    if not said.basis.strip():
        message = "say with --basis what gave reasonable certainty that personal data were compromised"
        raise NotUnderstoodError(message)
    refuse_future(said.at, now, "the time of awareness")
    frame_with_laws(desk, said.at, "when we became aware: give the time with --at")


def _check_against(this: UnitOfWork, said: AwarenessStatement) -> None:
    incident, reason = this.incident, (said.reason or "").strip()
    if incident.aware_at is not None and not reason:
        message = (
            f"{incident.reference} is aware since {incident.aware_at.isoformat()}; to correct it, give --reason "
            "(the old time stays on record)"
        )
        raise RefusedError(message)
    if said.at < incident.detected_at and not reason:
        message = (
            f"awareness ({said.at.isoformat()}) lies before detection ({incident.detected_at.isoformat()}); "
            "if that is so, say why with --reason"
        )
        raise NotUnderstoodError(message)


def _write(this: UnitOfWork, desk: UseCaseContext, said: AwarenessStatement, *, correction: bool) -> None:
    kept = this.keep(desk, said.exhibit)
    row = Awareness(
        incident_id=this.incident_id,
        aware_at=said.at,
        basis=said.basis.strip(),
        reason=said.reason,
        author=this.actor.name,
        recorded_at=this.now,
    )
    this.session.add(row)
    this.incident.aware_at = said.at
    this.audit("awareness.stated", rows=(row,), aware_at=said.at, correction=correction)
    written = line("corrected", reason=said.reason) if correction else line("aware", basis=said.basis.strip())
    this.note("aware", written, at=said.at, evidence=kept)


def _start_clocks(this: UnitOfWork, desk: UseCaseContext, aware_at: datetime) -> tuple[str, ...]:
    """Make provisional clocks legal, move those that count from awareness, and take on what is newly owed."""
    before = {
        row.key: obligation_rows.standing_of(row, this.now)
        for row in obligation_rows.owed_in(this.session, this.incident_id)
    }
    moved = clocks.follow_events(this, desk)
    clocks.take_on(this, desk, owed_from_awareness(desk.frame(aware_at)), provisional=False)
    late = [
        f"{row.key} was fulfilled late, measured from the corrected awareness"
        for row in moved
        if before[row.key] is DeadlineStatus.MET
        and obligation_rows.standing_of(row, this.now) is DeadlineStatus.MET_LATE
    ]
    return tuple(obligation_rows.in_short(late, this.incident.reference))


def _warnings(this: UnitOfWork, said: AwarenessStatement) -> tuple[str, ...]:
    return (*earlier_signs(this), *_long_gap(this, said))


def earlier_signs(this: UnitOfWork) -> tuple[str, ...]:
    """What on the timeline and in the facts suggests an earlier awareness, or one that nobody has stated.

    The person may know better, and says so in the basis.
    """
    lines = this.session.exec(select(TimelineEntry).where(TimelineEntry.incident_id == this.incident_id))
    _, facts = newest_facts(this.session, this.incident_id)
    aware_at = this.incident.aware_at
    stated = "earlier, at" if aware_at else "although nobody has stated it, at"
    return tuple(
        f"awareness may have begun {stated} {sign.at.isoformat()}: {sign.words}"
        for sign in signs(on_record(lines, facts), aware_at, this.now)
    )


def _long_gap(this: UnitOfWork, said: AwarenessStatement) -> tuple[str, ...]:
    gap = said.at - this.incident.detected_at
    if gap <= LONG_GAP:
        return ()
    warning = (
        f"{in_readable_words(gap)} lie between detection and awareness: the basis should say why the investigation "
        "took that long (Guidelines 9/2022 para 31 ff.)"
    )
    return (warning,)
