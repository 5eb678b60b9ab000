"""Driving one incident as far as its record allows: level-triggered, short, and safe to run any number of times.

Each effect has its own unique key in the database, so running twice, or being killed anywhere and run again, gives
the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from flows.workflows import prepare_drafts
from flows.workflows import reports as report
from incidents.access.people import CLOCK
from incidents.case.message_machine import CAME_BACK, WENT_OUT
from incidents.case.next_step import next_step
from incidents.casework.base.find import find, number
from incidents.casework.base.lease import note_answered, release_lease, take_lease
from incidents.casework.base.unit_of_work import UnitOfWork, touch
from incidents.casework.communication import settle
from incidents.queries.overview import case_overview
from incidents.queries.rows.communication import ledger_counts
from incidents.queries.waiting_cases import answered_cases

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.bootstrap import App
    from incidents.case.case_file import LedgerCount

# Minutes in real time: decision to drafts takes about a second, so a run that still holds its case after two is dead.
LEASE = timedelta(minutes=2)
"""How long one run may hold an incident before another takes over (our own lease, not Prefect's zombie detection)."""

# A database takes only so many values in one statement, and a transaction that reads long keeps old rows alive.
RECONCILED_AT_ONCE = 200
"""Open cases on one page of the reconcile, which looks at all of them, the newest first."""

NOT_MINE = "another run holds this incident"


@dataclass(frozen=True, kw_only=True)
class RespondOutcome:
    """What one run did, and whom the case waits for now."""

    reference: str
    did: tuple[str, ...]
    waits_for: str


def respond(app: App, reference: str) -> RespondOutcome:
    """Do all that can be done for one incident now.

    1. Lease the incident, so that two runs do not work side by side.
    2. Settle what the ledger shows as fulfilled.
    3. Write the drafts that facts, decision and lists ask for, each checked for the elements the law requires.
    4. Write the report of a case that ended.
    5. Note up to which change everything was answered; a change that came meanwhile starts another run.
    6. Say who acts next.

    Raises:
        NotFoundError: no such incident.

    """
    with lease_incident(app, reference) as seen:
        if seen is None:
            return RespondOutcome(reference=reference, did=(), waits_for=NOT_MINE)
        # Settled first: a duty that letters fulfilled asks for no further draft.
        did = (*_settle(app, reference), *prepare_drafts.prepare(app, reference), *_reports(app, reference))
        _answered(app, reference, seen)
    # Read anew: who acts next follows from what this run wrote.
    with app.store.read() as session:
        case = case_overview(session, find(session, reference), app.use_cases.zone, app.now())
    return RespondOutcome(reference=case.reference, did=did, waits_for=next_step(case).words)


@contextmanager
def lease_incident(app: App, reference: str) -> Iterator[int | None]:
    """Hold an incident for one run; give the change it stood at, or ``None`` where another run holds it."""
    with app.store.write() as session:
        # Within the transaction, after its lock was waited for: an old reading would find a lease over that was given
        # meanwhile.
        now = app.now_within(session)
        incident = find(session, reference)
        key, seen = number(incident.id), incident.change_seq
        # The change is read before the run looks at the case: one that comes in between asks for another run.
        mine = take_lease(session, key, app.holder, now=now, lasts=LEASE * app.speed)
    try:
        yield seen if mine else None
    finally:
        if mine:
            with app.store.write() as session:
                release_lease(session, key, app.holder)


def _settle(app: App, reference: str) -> tuple[str, ...]:
    with app.store.write() as session:
        incident = find(session, reference)
        now = app.now()
        changed = settle.settle(app.use_cases, incident, session, now)
        # Counted only where a duty was fulfilled by them: the entry is proof of that, not a running total.
        if any(line.startswith(settle.FULFILLED) for line in changed):
            uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
            for kind, accepted, rejected in _letters(session, number(incident.id)):
                uow.audit("send.settled", kind=kind, accepted=accepted, rejected=rejected)
    return tuple(changed)


def _reports(app: App, reference: str) -> tuple[str, ...]:
    return tuple(f"wrote {path.name}" for path in report.write_closing_report(app, reference))


def _letters(session: Session, incident_id: int) -> list[tuple[str, int, int]]:
    """How many letters of each kind went out, and how many could not."""
    counts = ledger_counts(session, [incident_id]).get(incident_id, ())
    return [
        (kind, _total(counts, kind, WENT_OUT), _total(counts, kind, CAME_BACK))
        for kind in sorted({count.kind for count in counts})
    ]


def _total(counts: Iterable[LedgerCount], kind: str, states: Collection[str]) -> int:
    """Add up the letters of one kind, in every language, that stand in one of these states."""
    of_kind = (count.states for count in counts if count.kind == kind)
    return sum(by_state.get(state, 0) for by_state in of_kind for state in states)


def _answered(app: App, reference: str, seen: int) -> None:
    with app.store.write() as session:
        note_answered(session, number(find(session, reference).id), seen)


def reconcile(app: App) -> int:
    """Look through the open cases for what was missed and ask for a response; give in how many.

    Every change asks by itself; this is the net below: a flow that ended early, a template or an organisation that
    changed while nobody looked. Seventeen SELECTs for each page of cases.
    """
    total, last = 0, None
    while True:
        with app.store.read() as session:
            incidents = answered_cases(session, most=RECONCILED_AT_ONCE, before=last)
            behind = prepare_drafts.behind(app, session, incidents)
        if behind:
            with app.store.write() as session:
                for incident_id in behind:
                    touch(session, incident_id)
        total += len(behind)
        if len(incidents) < RECONCILED_AT_ONCE:
            return total
        last = number(incidents[-1].id)
