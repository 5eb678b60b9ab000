"""Driving one incident as far as its record allows: level-triggered, short, and safe to run any number of times.

Each effect has its own unique key in the database, so running twice, or being killed anywhere and run again, gives
the same rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlmodel import Session, col, func, or_, select, update

from flows.workflows import prepare_drafts
from flows.workflows import reports as report
from incidents.access.people import CLOCK
from incidents.case.lifecycle import Stage
from incidents.case.message_machine import CAME_BACK, WENT_OUT
from incidents.case.next_step import next_step
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork, touch
from incidents.casework.communication import settle
from incidents.queries.overview import case_overview
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from notifications.delivery.model import LETTERS

if TYPE_CHECKING:
    from flows.bootstrap import App

LEASE = timedelta(minutes=2)
"""How long one run may hold an incident before another takes over (our own lease, not Prefect's zombie detection)."""

RECONCILED_AT_ONCE = 200
"""Open cases looked through in one reconcile, the newest first."""

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
        did = (*_settle(app, reference), *prepare_drafts.prepare(app, reference), *_reports(app, reference))
        _answered(app, reference, seen)
    with app.store.read() as session:
        case = case_overview(session, find(session, reference), app.use_cases.zone, app.now())
    return RespondOutcome(reference=case.reference, did=did, waits_for=next_step(case).words)


@contextmanager
def lease_incident(app: App, reference: str) -> Iterator[int | None]:
    """Hold an incident for one run; give the change it stood at, or ``None`` where another run holds it."""
    now = app.now()
    with app.store.write() as session:
        incident = find(session, reference)
        key, seen = number(incident.id), incident.change_seq
        taken = session.exec(
            update(Incident)
            .where(col(Incident.id) == key, or_(col(Incident.held_until).is_(None), col(Incident.held_until) <= now))
            .values(held_until=now + LEASE * app.speed, held_by=app.holder)
            .execution_options(synchronize_session=False)
        )
        mine = taken.rowcount == 1
    try:
        yield seen if mine else None
    finally:
        if mine:
            _let_go(app, key)


def _let_go(app: App, key: int) -> None:
    with app.store.write() as session:
        session.exec(
            update(Incident)
            .where(col(Incident.id) == key, col(Incident.held_by) == app.holder)
            .values(held_until=None, held_by=None)
            .execution_options(synchronize_session=False)
        )


def _settle(app: App, reference: str) -> tuple[str, ...]:
    with app.store.write() as session:
        incident = find(session, reference)
        now = app.now()
        met = settle.settle(app.use_cases, incident, session, now)
        if met:
            uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
            for kind, accepted, rejected in _letters(session, number(incident.id)):
                uow.audit("send.settled", kind=kind, accepted=accepted, rejected=rejected)
    return tuple(f"fulfilled: {key}" for key in met)


def _reports(app: App, reference: str) -> tuple[str, ...]:
    return tuple(f"wrote {path.name}" for path in report.write_closing_report(app, reference))


def _letters(session: Session, incident_id: int) -> list[tuple[str, int, int]]:
    """How many letters of each kind went out, and how many could not."""
    rows = session.exec(
        select(Message.kind, Message.state, func.count())
        .where(Message.incident_id == incident_id, col(Message.kind).in_(LETTERS))
        .group_by(col(Message.kind), col(Message.state))
    ).all()
    return [
        (kind, _total(rows, kind, WENT_OUT), _total(rows, kind, CAME_BACK))
        for kind in sorted({kind for kind, _, _ in rows})
    ]


def _total(rows: Sequence[tuple[str, str, int]], kind: str, states: Collection[str]) -> int:
    """Add up the letters of one kind that stand in one of these states."""
    return sum(count for row_kind, state, count in rows if row_kind == kind and state in states)


def _answered(app: App, reference: str, seen: int) -> None:
    with app.store.write() as session:
        incident = find(session, reference)
        session.exec(
            update(Incident)
            .where(col(Incident.id) == number(incident.id), col(Incident.answered_seq) < seen)
            .values(answered_seq=seen)
            .execution_options(synchronize_session=False)
        )


def pending_incidents(session: Session, now: datetime, *, most: int = 50) -> list[str]:
    """The incidents in which something changed that no run has answered yet, and that nobody holds."""
    found = session.exec(
        select(Incident.reference)
        .where(
            col(Incident.change_seq) > col(Incident.answered_seq),
            or_(col(Incident.held_until).is_(None), col(Incident.held_until) <= now),
        )
        .order_by(col(Incident.id))
        .limit(most)
    ).all()
    return list(found)


def reconcile(app: App) -> int:
    """Look through the open cases for what was missed and ask for a response; give in how many.

    Every change asks by itself; this is the net below: a flow that ended early, a template or an organisation that
    changed while nobody looked.
    """
    with app.store.read() as session:
        open_cases = session.exec(
            select(Incident.id, Incident.reference)
            .where(
                col(Incident.stage).in_((Stage.CONFIRMED, Stage.ASSESSED, Stage.DECIDED)),
                col(Incident.change_seq) == col(Incident.answered_seq),
            )
            .order_by(col(Incident.id).desc())
            .limit(RECONCILED_AT_ONCE)
        ).all()
    behind = [key for key, reference in open_cases if prepare_drafts.is_behind(app, reference)]
    if behind:
        with app.store.write() as session:
            for key in behind:
                touch(session, number(key))
    return len(behind)
