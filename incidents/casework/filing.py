"""Filings: recording that an authority was told, when, how, under which reference.

Knows that the first filing freezes lateness and that a late one needs reasons (Art. 33(1)); refuses to file anything
itself: Tocsin sends nothing to an authority.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from incidents.casework import clocks
from incidents.casework.desk import (
    Desk,
    Done,
    NotFoundError,
    NotUnderstoodError,
    RefusedError,
    Step,
    number,
    refuse_future,
    step,
)
from incidents.evidence import Exhibit
from incidents.lifecycle import Stage, Verb
from incidents.obligations import RecipientKind, owed_after_initial_filing
from incidents.people import Actor
from incidents.regimes import Start, in_force
from incidents.tables import Filing, Obligation


class Phase(StrEnum):
    """The phases of a notification (Art. 33(4) GDPR; Guidelines 9/2022 II.B)."""

    INITIAL = "initial"
    FOLLOW_UP = "follow_up"
    WITHDRAWAL = "withdrawal"


@dataclass(frozen=True, kw_only=True)
class Submission:
    """What a person says they filed."""

    reference: str
    at: datetime
    phase: Phase = Phase.INITIAL
    authority: str | None = None
    """The authority's id; may be left out where only one is owed something."""
    complete: bool | None = None
    """Whether nothing more will follow; unless said, an initial filing is not, a follow-up is."""
    late_because: str | None = None
    receipt: Exhibit | None = None

    @property
    def is_complete(self) -> bool:
        """Whether this filing leaves nothing to follow."""
        return self.complete if self.complete is not None else self.phase is not Phase.INITIAL


def submit(desk: Desk, actor: Actor, now: datetime, reference: str, said: Submission) -> Done:
    """Record a filing; the first one settles for ever whether the notification was late.

    Raises:
        NotUnderstoodError: no reference, or a time in the future or before the incident was known.
        RefusedError: late without reasons, a follow-up before the initial filing, a second initial filing.

    """
    if not said.reference.strip():
        message = "give the authority's reference (or your own note of how it was filed): --reference R"
        raise NotUnderstoodError(message)
    refuse_future(said.at, now, "the time of filing")
    with step(desk, actor, now, reference, Verb.SUBMIT) as this:
        initial = _initial(this, said)
        _check_order(this, initial, said)
        row = _owing(this, initial, said)
        late = _check_lateness(row, said)
        _write(this, desk, row, said, late=late)
        changed = _settle(this, desk, row, said)
        words = "late, with reasons" if late else "in time" if said.phase is Phase.INITIAL else "recorded"
        return this.done(
            f"{said.phase.value.replace('_', '-')} filing with {row.recipient_name}: {words}",
            *changed,
            next_command=f"tocsin deadlines {this.incident.reference}",
            warnings=("Tocsin recorded this filing; it sent nothing to the authority itself.",),
        )


def _initial(this: Step, said: Submission) -> Obligation:
    """Find the duty that an initial filing fulfils, at the authority that is meant."""
    rows = [
        row
        for row in clocks.owed_in(this.session, this.incident_id)
        if row.recipient_kind == RecipientKind.AUTHORITY.value and row.duty == "authority-initial"
    ]
    wanted = [row for row in rows if said.authority in {None, row.recipient_id}]
    if len(wanted) == 1:
        return wanted[0]
    there = ", ".join(row.recipient_id for row in rows) or "none"
    message = f"say with --authority which authority is meant; owed to: {there}"
    raise NotFoundError(message)


def _check_order(this: Step, initial: Obligation, said: Submission) -> None:
    if this.incident.stage is Stage.CLOSED and said.phase is not Phase.WITHDRAWAL:
        reference = this.incident.reference
        message = f"{reference} is closed: first reopen it: tocsin reopen {reference} --because TEXT"
        raise RefusedError(message)
    if said.phase is Phase.INITIAL and initial.met_at is not None:
        message = (
            f"the initial filing is on record (filed {initial.met_at.isoformat()}); further information is "
            f"--phase follow-up"
        )
        raise RefusedError(message)
    if said.phase is not Phase.INITIAL and initial.met_at is None:
        message = f"there is no initial filing yet: first tocsin submit {this.incident.reference} --phase initial ..."
        raise RefusedError(message)
    # Awareness may lie before detection, with a reason: there was something to file from then on.
    known_at = min(this.incident.detected_at, this.incident.aware_at or this.incident.detected_at)
    earliest = known_at if said.phase is Phase.INITIAL else initial.met_at
    if earliest is not None and said.at < earliest:
        message = f"this filing lies before {earliest.isoformat()}, when there was nothing to file yet"
        raise NotUnderstoodError(message)


def _owing(this: Step, initial: Obligation, said: Submission) -> Obligation:
    """A follow-up fulfils the duty to give the rest, where that is still open; else it adds to the first filing."""
    if said.phase is not Phase.FOLLOW_UP:
        return initial
    for row in clocks.owed_in(this.session, this.incident_id):
        if row.duty == "authority-follow-up" and row.recipient_id == initial.recipient_id:
            return row
    return initial


def _check_lateness(row: Obligation, said: Submission) -> bool:
    """Refuse a late first filing without reasons; never accept it silently (Art. 33(1), second sentence)."""
    if said.phase is not Phase.INITIAL or said.at <= row.due_at:
        return False
    if clocks.terms_of(row).late_needs_reasons and not (said.late_because or "").strip():
        late_by = said.at - row.due_at
        message = (
            f"this filing is late by {late_by} (due {row.due_at.isoformat()}): the law asks for the reasons for "
            "the delay: --late-because TEXT"
        )
        raise RefusedError(message)
    return True


def _write(this: Step, desk: Desk, row: Obligation, said: Submission, *, late: bool) -> None:
    kept = this.keep(desk, said.receipt)
    filing = Filing(
        incident_id=this.incident_id,
        obligation_id=number(row.id),
        phase=said.phase.value,
        complete=said.is_complete,
        reference=said.reference.strip(),
        filed_at=said.at,
        recorded_at=this.now,
        recorded_by=this.actor.name,
        late_because=said.late_because if late else None,
        receipt_id=kept.id if kept else None,
    )
    this.session.add(filing)
    this.audit(
        "filing.recorded",
        rows=(filing, kept) if kept else (filing,),
        obligation=row.key,
        phase=said.phase.value,
        filed_at=said.at,
        late=late,
    )
    this.note(
        "filed",
        f"Filed ({said.phase.value.replace('_', '-')}) with {row.recipient_name}, reference {said.reference.strip()}",
        at=said.at,
        evidence=kept,
    )


def _settle(this: Step, desk: Desk, row: Obligation, said: Submission) -> list[str]:
    if said.phase is Phase.WITHDRAWAL:
        return _end_follow_up(this, desk, row)
    if said.phase is Phase.FOLLOW_UP and not said.is_complete:
        return ["more is to follow: the reminder stays"]
    # A duty that was waived and is fulfilled all the same counts as fulfilled.
    after = clocks.meet(this, desk, row, said.at)
    changed = [f"{row.key}: {after.value}"]
    if said.phase is Phase.INITIAL and not said.is_complete:
        changed += _start_follow_up(this, desk, row, said.at)
    return changed


def _start_follow_up(this: Step, desk: Desk, row: Obligation, filed_at: datetime) -> list[str]:
    regimes = [each for each in in_force(desk.regimes, this.incident.aware_at or this.now) if each.id == row.regime]
    owed = owed_after_initial_filing(regimes, desk.authority, desk.targets)
    added = clocks.take_on(this, desk, owed, filed_at, provisional=False)
    return [f"now owed: {each.key}, target {each.due_at.isoformat()}" for each in added]


def _end_follow_up(this: Step, desk: Desk, row: Obligation) -> list[str]:
    """A withdrawn notification needs no further information."""
    ended = []
    for other in clocks.owed_in(this.session, this.incident_id):
        starts_later = any(
            d.id == other.duty and d.start is Start.INITIAL_SUBMITTED for r in desk.regimes for d in r.duties
        )
        if starts_later and other.recipient_id == row.recipient_id and not clocks.is_settled(other):
            clocks.waive(this, desk, other, "the notification was withdrawn")
            ended.append(f"waived: {other.key}")
    return ended


def is_withdrawn(this: Step) -> bool:
    """Whether the newest filing of the case is a withdrawal."""
    newest = this.session.exec(
        select(Filing).where(Filing.incident_id == this.incident_id).order_by(col(Filing.id).desc()).limit(1)
    ).first()
    return newest is not None and newest.phase == Phase.WITHDRAWAL.value
