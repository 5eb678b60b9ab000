"""Filings: recording that an authority was told, when, how, under which reference.

Knows that the first filing freezes lateness and that a late one needs reasons (Art. 33(1)); refuses to file anything
itself: Tocsin sends nothing to an authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import col, select

from incidents import audit
from incidents.casework import clocks, judging
from incidents.casework.desk import (
    Desk,
    Done,
    NotFoundError,
    NotUnderstoodError,
    RefusedError,
    Step,
    find,
    number,
    refuse_future,
    step,
    step_within,
)
from incidents.deadlines import DueKind
from incidents.evidence import Exhibit
from incidents.lifecycle import Stage, Verb
from incidents.parties import RecipientKind
from incidents.people import Actor
from incidents.regimes import Start, Threshold
from incidents.tables import Filing, Obligation

FIRST, REST = "authority-initial", "authority-follow-up"
"""By these names the laws call a first notification, and the duty to give what it left open."""


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
    """The authority's id, or the whole key of an obligation; may be left out where only one is owed something."""
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
    _check(said, now)
    with step(desk, actor, now, reference, Verb.SUBMIT) as this:
        return _record(this, desk, said)


def submit_together(
    desk: Desk, actor: Actor, now: datetime, references: Sequence[str], said: Submission, because: str
) -> tuple[Done, ...]:
    """Record one filing that tells of several similar breaches: in each of their cases, or in none.

    Several breaches of the same kind of data in the same way within a short time may be told in one meaningful
    notification (Guidelines 9/2022, section II.B.3); different ones are filed separately.

    Raises:
        NotUnderstoodError: no reasons, a case named twice; and as :func:`submit` does.

    """
    if not because.strip():
        message = "say with --bundle-because why these breaches are told together (same kind of data, same way, soon)"
        raise NotUnderstoodError(message)
    _check(said, now)
    with desk.store.write() as session:
        audit.take_turn(session)
        found = [find(session, reference).reference for reference in references]
        if len(set(found)) != len(found):
            message = f"the same case is named twice: {', '.join(found)}"
            raise NotUnderstoodError(message)
        done = []
        for reference in found:
            this = step_within(session, actor, now, reference, Verb.SUBMIT)
            others = ", ".join(each for each in found if each != reference)
            this.note("filed", f"Told together with {others}: {because.strip()}", at=said.at)
            done.append(_record(this, desk, said))
    return tuple(done)


def _check(said: Submission, now: datetime) -> None:
    if not said.reference.strip():
        message = "give the authority's reference (or your own note of how it was filed): --reference R"
        raise NotUnderstoodError(message)
    refuse_future(said.at, now, "the time of filing")


def _record(this: Step, desk: Desk, said: Submission) -> Done:
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
    """Find the duty that a first filing fulfils: by its key, at the authority that is meant, or the only one there is.

    Where an authority is meant by its id alone, its first notification is; a later report of a law with several stages
    (an incident notification after an early warning) is named by its key.
    """
    rows = [row for row in clocks.owed_in(this.session, this.incident_id) if _is_filed(row)]
    firsts = [row for row in rows if row.duty == FIRST]
    wanted = [row for row in firsts if said.authority in {None, row.recipient_id}]
    if said.authority is not None and "/" in said.authority:
        wanted = [row for row in rows if row.key == said.authority]
    elif said.authority is None and said.phase is Phase.INITIAL:
        still = [row for row in wanted if not clocks.is_settled(row)]
        wanted = still if len(still) == 1 else wanted
    if len(wanted) == 1:
        return _first_of(rows, wanted[0])
    there = ", ".join(row.key if _is_ambiguous(row, firsts) else row.recipient_id for row in firsts) or "none"
    message = f"say with --authority which authority is meant; owed to: {there}"
    raise NotFoundError(message)


def _is_filed(row: Obligation) -> bool:
    """Whether it is fulfilled by a filing that a person records; people and merchants are written to.

    A public communication is recorded with a copy of it (publicity.py).
    """
    filed = row.recipient_kind in {RecipientKind.AUTHORITY.value, RecipientKind.OTHER.value}
    return filed and clocks.terms_of(row).threshold is not Threshold.DISPROPORTIONATE_EFFORT


def _is_ambiguous(row: Obligation, rows: list[Obligation]) -> bool:
    return sum(1 for each in rows if each.recipient_id == row.recipient_id) > 1


def _first_of(rows: list[Obligation], row: Obligation) -> Obligation:
    """Of the duty to give the rest: the notification it belongs to."""
    if clocks.terms_of(row).threshold is not Threshold.INFORMATION_OUTSTANDING:
        return row
    same = (each for each in rows if each.duty == FIRST and _same_authority(each, row))
    return next(same, row)


def _same_authority(one: Obligation, other: Obligation) -> bool:
    return (one.regime, one.recipient_id) == (other.regime, other.recipient_id)


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
        if row.duty == REST and _same_authority(row, initial):
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
            "the delay: --late-because TEXT (not knowing everything yet is none: a first filing may be incomplete)"
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
    if said.phase is Phase.INITIAL:
        changed += _start_what_follows(this, desk, row, outstanding=not said.is_complete)
    return changed


def _start_what_follows(this: Step, desk: Desk, row: Obligation, *, outstanding: bool) -> list[str]:
    """Take on what this filing starts by its law: the rest, the next report, the people after the authority."""
    owed = judging.owed_after_filing(this, desk, row, outstanding=outstanding)
    added = clocks.take_on(this, desk, owed, provisional=False)
    return [f"now owed: {each.key}, {_until(each)}" for each in added]


def _until(row: Obligation) -> str:
    kind = "due" if clocks.terms_of(row).due_kind is DueKind.STATUTORY else "target"
    return f"{kind} {row.due_at.isoformat()}"


def _end_follow_up(this: Step, desk: Desk, row: Obligation) -> list[str]:
    """A withdrawn notification needs no further information."""
    ended = []
    for other in clocks.owed_in(this.session, this.incident_id):
        starts_later = clocks.terms_of(other).start in {Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED}
        if starts_later and _same_authority(other, row) and not clocks.is_settled(other):
            clocks.waive(this, desk, other, "the notification was withdrawn")
            ended.append(f"waived: {other.key}")
    return ended


def is_withdrawn(this: Step) -> bool:
    """Whether the newest filing of the case is a withdrawal."""
    newest = this.session.exec(
        select(Filing).where(Filing.incident_id == this.incident_id).order_by(col(Filing.id).desc()).limit(1)
    ).first()
    return newest is not None and newest.phase == Phase.WITHDRAWAL.value
