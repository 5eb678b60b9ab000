"""What time alone does to what is owed: reminders and moves that came due, each recorded once with its true time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.access.people import CLOCK
from incidents.audit import chain
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork, touch
from incidents.casework.deadlines import alerts, set_back
from incidents.casework.deadlines.rows import (
    AT_ONCE,
    TransitionCounts,
    clock_of,
    is_settled,
    move_of,
    moves_taken,
    next_alarm,
    terms_of,
)
from incidents.deadlines.state_machine import Transition as MoveOfTime
from incidents.deadlines.state_machine import moves_by_time
from incidents.law.reminder_ladder import ReminderStep, reminders
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow


@dataclass(frozen=True, kw_only=True)
class _CameDue:
    """What came due for one obligation since the last look."""

    row: Obligation
    incident: Incident
    moves: Sequence[MoveOfTime]
    fired: Sequence[ReminderStep]


def sweep(ctx: UseCaseContext, now: datetime) -> int:
    """Record what came due up to *now*, as `sweep_by` does by a clock."""
    return sweep_by(ctx, lambda _session: now)


def sweep_by(ctx: UseCaseContext, now_within: Callable[[Session], datetime]) -> int:
    """Record every reminder and every move of time that came due since the last look; give for how many obligations.

    Cost is O(due), not O(open): the indexed ``next_alarm_at`` finds them. Each batch is one transaction, in which the
    alert rows are written and the next alarm time moves: killed anywhere, the next sweep finds what is left, and the
    unique key (obligation, clock version, reminder) keeps a second sweep from doubling one.

    *now_within* tells the time within a transaction, whose lock may have been waited for.
    """
    _forget(ctx, now_within)
    total = 0
    while True:
        with ctx.store.write() as session:
            # Before any row is locked, as in every writer; each batch gives the lock back, so that a person's command
            # gets a turn.
            chain.lock_chain(session)
            now = now_within(session)
            due = session.exec(
                select(Obligation, Incident)
                .join(Incident, col(Incident.id) == col(Obligation.incident_id))
                .where(col(Obligation.next_alarm_at) <= now)
                # After an outage: what has waited longest is recorded, and so paged, first.
                .order_by(col(Obligation.next_alarm_at))
                .limit(AT_ONCE)
                .with_for_update(skip_locked=True, of=Obligation)
            ).all()
            record_due_transitions(session, ctx, due, now)
        total += len(due)
        if len(due) < AT_ONCE:
            return total


def _forget(ctx: UseCaseContext, now_within: Callable[[Session], datetime]) -> None:
    """Before anything comes due: what a clock that was ahead has noted must not hold it back."""
    # Looked for without the one write lock: on all but the worst of days there is nothing.
    while set_back.lies_ahead(ctx, now_within):
        with ctx.store.write() as session:
            chain.lock_chain(session)
            set_back.forget_the_future(session, ctx, now_within(session))


def record_transition(
    session: Session, ctx: UseCaseContext, row: Obligation, incident: Incident, now: datetime
) -> None:
    """Record what came due for one obligation up to *now*."""
    record_due_transitions(session, ctx, [(row, incident)], now)


def record_due_transitions(
    session: Session, ctx: UseCaseContext, rows: Iterable[tuple[Obligation, Incident]], now: datetime
) -> None:
    """Record what came due for these obligations up to *now*: each move and reminder once, with its true time.

    Where several reminders came due unnoticed (nobody was running), all are recorded and one alert tells: the latest.
    """
    due = [came_due for row, incident in rows if (came_due := _since_last_look(row, incident, now))]
    if not due:
        return
    obligations = [came_due.row for came_due in due]
    live, taken = alerts.open_alerts(session, obligations), moves_taken(session, obligations)
    written = [
        (
            came_due,
            _moves(came_due, taken, now),
            alerts.raise_alert(ctx, came_due.row, came_due.incident, came_due.fired, now, live=live),
        )
        for came_due in due
    ]
    for _, moves, reminder in written:
        session.add_all([*moves, *reminder])
    session.flush()
    # Each case once, in a fixed order, however many of its obligations moved.
    for incident_id in sorted({came_due.row.incident_id for came_due, moves, _ in written if moves}):
        # Being late changes what a notification must say: reasons for the delay.
        touch(session, incident_id)
    for came_due, moves, reminder in written:
        _vouch(session, came_due, moves, reminder, now)


def _since_last_look(row: Obligation, incident: Incident, now: datetime) -> _CameDue | None:
    """Look at one obligation: what came due, if anything; from now on it counts as looked at."""
    # A system's clock that was put back finds everything recorded up to a later moment, and records none of it twice.
    if is_settled(row) or now <= row.alarms_noted_to:
        return None
    since = row.alarms_noted_to
    moves = moves_by_time(clock_of(row), since, now)
    steps = reminders(terms_of(row).ladder, row.due_at, now, since=row.started_at)
    fired = [step for step in steps if step.at > since]
    row.alarms_noted_to = now
    # Also where nothing came due: the hint may have been too early, and would be found again at every beat.
    row.next_alarm_at = next_alarm(row)
    return _CameDue(row=row, incident=incident, moves=moves, fired=fired) if moves or fired else None


def _moves(came_due: _CameDue, taken: TransitionCounts, now: datetime) -> list[TransitionRow]:
    first = taken.get((number(came_due.row.id), came_due.row.clock_version), 0) + 1
    return [
        move_of(came_due.row, move.from_standing, move.to_standing, move.cause, at=move.at, now=now, seq=seq)
        for seq, move in enumerate(came_due.moves, first)
    ]


def _vouch(
    session: Session, came_due: _CameDue, moves: list[TransitionRow], reminder: list[Alert], now: datetime
) -> None:
    UnitOfWork(session=session, incident=came_due.incident, actor=CLOCK, now=now).audit(
        "clock.noticed",
        rows=tuple(moves),
        obligation=came_due.row.key,
        rungs=" ".join(one.key for one in came_due.fired),
        moves=" ".join(move.to_standing.value for move in came_due.moves),
        told_by=reminder[-1].rung if reminder else None,
    )
