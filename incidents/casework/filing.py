"""Filings: recording that an authority was told, when, how, under which reference.

Knows that the first filing freezes lateness and that a late one needs reasons (Art. 33(1)); refuses to file anything
itself: Tocsin sends nothing to an authority.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlmodel import Session, col, select

from incidents import audit, left_open
from incidents.casework import clocks, drafting, judging
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
from incidents.obligations import kin
from incidents.parties import PLACEHOLDERS, RecipientKind
from incidents.people import Actor
from incidents.regimes import Start, Threshold
from incidents.tables import Filing, Obligation, TimelineEntry

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
    authority_name: str | None = None
    """What it is called, where the directory knows it: of a country with several, the one that was told is named."""
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
    initial = _initial(this, desk, said)
    _check_order(this, initial, said)
    row = _owing(this, desk, initial, said)
    late = _check_lateness(row, said)
    _write(this, desk, row, said, late=late)
    changed = _settle(this, desk, row, said)
    return this.done(
        f"{_named(row, said)} with {row.recipient_name}: {_in_time(row, said, late=late)}",
        *changed,
        next_command=f"tocsin deadlines {this.incident.reference}",
        warnings=("Tocsin recorded this filing; it sent nothing to the authority itself.",),
    )


def _named(row: Obligation, said: Submission) -> str:
    """What was filed: by its phase, or by its name where a law has reports of its own after the first."""
    reports = said.phase is Phase.INITIAL and row.duty not in {FIRST, REST}
    return str(row.terms["title"]) if reports else f"{said.phase.value.replace('_', '-')} filing"


def _in_time(row: Obligation, said: Submission, *, late: bool) -> str:
    """How it stands to the time it was due; our own target is no law, so missing it makes no filing late."""
    if said.phase is not Phase.INITIAL:
        return "recorded"
    if not late:
        return "in time"
    if clocks.terms_of(row).due_kind is DueKind.INTERNAL:
        return "after our own target; the law sets no figure"
    return "late, with reasons" if said.late_because else "late"


def _initial(this: Step, desk: Desk, said: Submission) -> Obligation:
    """Find the duty that a first filing fulfils: by its key, at the authority that is meant, or the only one there is.

    Where an authority is meant by its id alone, its first notification is; a later report of a law with several stages
    (an incident notification after an early warning) is named by its key.
    """
    rows = [row for row in clocks.owed_in(this.session, this.incident_id) if _is_filed(row)]
    firsts = [row for row in rows if row.duty == FIRST]
    wanted = [row for row in firsts if said.authority in {None, row.recipient_id}] or _to_be_chosen(firsts, said)
    if said.authority is not None and "/" in said.authority:
        wanted = [row for row in rows if row.key == said.authority]
    elif said.authority is None and said.phase is Phase.INITIAL:
        still = [row for row in wanted if not clocks.is_settled(row)]
        wanted = still if len(still) == 1 else wanted
    if len(wanted) == 1:
        return _first_of(desk, rows, wanted[0])
    if said.phase is not Phase.INITIAL and said.authority is None and (filed := _filed_with(firsts)):
        firsts = filed
    there = ", ".join(row.key if _is_ambiguous(row, firsts) else row.recipient_id for row in firsts) or "none"
    message = f"say with --authority which authority is meant; owed to: {there}"
    raise NotFoundError(message)


def _to_be_chosen(firsts: Sequence[Obligation], said: Submission) -> list[Obligation]:
    """The duty of a country with several authorities, where one of them is named: ``DE-NI`` settles ``DE``."""
    country, _, region = (said.authority or "").partition("-")
    return [row for row in firsts if region and row.recipient_id == country]


def _filed_with(firsts: Sequence[Obligation]) -> list[Obligation]:
    """Those that were notified: only they can be told more, or told that it is withdrawn."""
    return [row for row in firsts if row.met_at is not None]


def _is_filed(row: Obligation) -> bool:
    """Whether it is fulfilled by a filing that a person records; people and merchants are written to.

    A public communication is recorded with a copy of it (publicity.py).
    """
    filed = row.recipient_kind in {RecipientKind.AUTHORITY.value, RecipientKind.OTHER.value}
    return filed and clocks.terms_of(row).threshold is not Threshold.DISPROPORTIONATE_EFFORT


def _is_ambiguous(row: Obligation, rows: list[Obligation]) -> bool:
    return sum(1 for each in rows if each.recipient_id == row.recipient_id) > 1


def _first_of(desk: Desk, rows: list[Obligation], row: Obligation) -> Obligation:
    """Of the duty to give the rest: the notification it belongs to."""
    if clocks.terms_of(row).threshold is not Threshold.INFORMATION_OUTSTANDING:
        return row
    same = (each for each in rows if each.duty == FIRST and _same_authority(desk, each, row))
    return next(same, row)


def _same_authority(desk: Desk, one: Obligation, other: Obligation) -> bool:
    """Whether both are owed to one authority under one law, or a law that took the place of its duty."""
    return one.recipient_id == other.recipient_id and other.regime in kin(desk.regimes, one.regime)


def _check_order(this: Step, initial: Obligation, said: Submission) -> None:
    if initial.recipient_id in PLACEHOLDERS:
        reference = this.incident.reference
        message = (
            "which authorities are meant is not known yet: first record in which countries the people live: "
            f"tocsin assess {reference} --file scope.yaml"
        )
        raise RefusedError(message)
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


def _owing(this: Step, desk: Desk, initial: Obligation, said: Submission) -> Obligation:
    """A follow-up fulfils the duty to give the rest, where that is still open; else it adds to the first filing."""
    if said.phase is not Phase.FOLLOW_UP:
        return initial
    for row in clocks.owed_in(this.session, this.incident_id):
        if row.duty == REST and _same_authority(desk, row, initial):
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
    if said.authority is not None and said.authority.startswith(f"{row.recipient_id}-"):
        row.recipient_name = said.authority_name or said.authority
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
        f"Filed ({_named(row, said).removesuffix(' filing')}) with {row.recipient_name}, reference "
        f"{said.reference.strip()}",
        at=said.at,
        evidence=kept,
    )


def _settle(this: Step, desk: Desk, row: Obligation, said: Submission) -> list[str]:
    if said.phase is Phase.WITHDRAWAL:
        return _end_follow_up(this, desk, row)
    if said.phase is Phase.FOLLOW_UP and not said.is_complete:
        _note_what_is_open(this, row)
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
    for each in added:
        if _same_authority(desk, each, row):
            each.recipient_name = row.recipient_name
        if each.duty == REST:
            _note_what_is_open(this, each)
    return [f"now owed: {each.key}, {_until(each)}" for each in added]


def _note_what_is_open(this: Step, rest: Obligation) -> None:
    """Write down, element by element, what this filing left for the duty to give the rest (Art. 33(4) GDPR).

    It is what the text marked as to follow, and what the facts do not answer.
    """
    kind = FIRST if rest.met_at is None and not _was_supplemented(this, rest) else REST
    drafts = drafting.newest(this.session, this.incident_id).values()
    marked = [name for draft in drafts if draft.kind == kind for name in draft.will_follow]
    _, facts = judging.newest_facts(this.session, this.incident_id)
    open_now = tuple(dict.fromkeys((*left_open.unanswered(facts), *marked)))
    if open_now:
        this.note(left_open.KIND, left_open.line(rest.key, open_now))


def _was_supplemented(this: Step, rest: Obligation) -> bool:
    """Whether further information was filed before, so that the supplement's text says what is left."""
    found = this.session.exec(select(Filing.id).where(Filing.obligation_id == number(rest.id)).limit(1)).first()
    return found is not None


def _until(row: Obligation) -> str:
    kind = "due" if clocks.terms_of(row).due_kind is DueKind.STATUTORY else "target"
    return f"{kind} {row.due_at.isoformat()}"


def _end_follow_up(this: Step, desk: Desk, row: Obligation) -> list[str]:
    """A withdrawn notification needs no further information."""
    ended = []
    for other in clocks.owed_in(this.session, this.incident_id):
        starts_later = clocks.terms_of(other).start in {Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED}
        if starts_later and _same_authority(desk, other, row) and not clocks.is_settled(other):
            clocks.waive(this, desk, other, "the notification was withdrawn")
            ended.append(f"waived: {other.key}")
    return ended


def not_withdrawn(this: Step) -> list[Obligation]:
    """The notifications of a breach that stand: filed with an authority, and not taken back by its newest filing.

    A report of an incident by itself (an early warning) stays true where no personal data were hit.
    """
    newest = {
        filing.obligation_id: filing.phase
        for filing in this.session.exec(
            select(Filing).where(Filing.incident_id == this.incident_id).order_by(col(Filing.id))
        )
    }
    return [
        row
        for row in clocks.owed_in(this.session, this.incident_id)
        if row.duty == FIRST
        and row.met_at is not None
        and clocks.terms_of(row).threshold is not Threshold.SIGNIFICANT_INCIDENT
        and newest.get(number(row.id)) != Phase.WITHDRAWAL.value
    ]


def still_owed(session: Session, row: Obligation) -> tuple[left_open.StillOwed, ...]:
    """What is still owed under an open duty to give the rest, read without the rest of the case; else nothing."""
    if clocks.is_settled(row) or clocks.terms_of(row).threshold is not Threshold.INFORMATION_OUTSTANDING:
        return ()
    written = select(TimelineEntry.text).where(
        TimelineEntry.incident_id == row.incident_id, TimelineEntry.kind == left_open.KIND
    )
    lines = session.exec(written.order_by(col(TimelineEntry.id))).all()
    _, facts = judging.newest_facts(session, row.incident_id)
    return left_open.elements_owed(row.key, facts, lines)
