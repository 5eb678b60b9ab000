"""A clock that was ahead and came back: what was noted for times still to come is forgotten and told at its true time.

1. Obligations noted up to a moment beyond now are found, by an index that is empty on every other day.
2. Their alerts of times still to come, and those noticed while the clock was ahead, are deleted, acknowledged or not;
   what of them was not sent yet is held back. That they were there stays in the audit log.
3. The newest true alert that one of them had silenced rings again.
4. The moves recorded beyond now are taken back by a recorded move.
5. The look of the obligation is back at the last true reminder: the sweep goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from incidents.access.people import CLOCK
from incidents.audit.tallies import move_messages
from incidents.case.message_machine import MessageEvent, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork, touch
from incidents.casework.deadlines.rows import AT_ONCE, INSTANT, move_of, moves_taken, next_alarm, status_of
from incidents.deadlines.state_machine import TransitionCause
from incidents.kernel.clock import SKEW
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow


def lies_ahead(ctx: UseCaseContext, now_within: Callable[[Session], datetime]) -> bool:
    """Whether anything was noted for times beyond now."""
    with ctx.store.read() as session:
        ahead = select(Obligation.id).where(*_noted_ahead(now_within(session))).limit(1)
        return session.exec(ahead).first() is not None


def _noted_ahead(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        # Spelled as in the index; a settled obligation is looked at when it is taken up again.
        col(Obligation.next_alarm_at).is_not(None),
        # By more than clocks may differ: below that, two hosts would undo each other's notes for ever.
        col(Obligation.alarms_noted_to) > now + SKEW,
        # One that begins in a minute has nothing noted yet.
        col(Obligation.alarms_noted_to) >= col(Obligation.started_at),
    )


def forget_the_future(session: Session, ctx: UseCaseContext, now: datetime) -> int:
    """Take back what obligations recorded for times beyond *now*; give for how many, a limited number at once."""
    found = session.exec(
        select(Obligation, Incident)
        .join(Incident, col(Incident.id) == col(Obligation.incident_id))
        .where(*_noted_ahead(now))
        .order_by(col(Obligation.id))
        .limit(AT_ONCE)
        .with_for_update(of=Obligation)
    ).all()
    if not found:
        return 0
    taken = moves_taken(session, [row for row, _ in found])
    alerts = _alerts_of(session, [row for row, _ in found])
    for row, incident in found:
        seq = taken.get((number(row.id), row.clock_version), 0) + 1
        _forget(session, ctx, row, incident, [one for one in alerts if one.obligation_id == row.id], seq, now)
    for incident_id in sorted({row.incident_id for row, _ in found}):
        touch(session, incident_id)
    return len(found)


def _alerts_of(session: Session, rows: Sequence[Obligation]) -> Sequence[Alert]:
    ids = [row.id for row in rows]
    return session.exec(select(Alert).where(col(Alert.obligation_id).in_(ids)).order_by(col(Alert.due_at))).all()


def _forget(
    session: Session, ctx: UseCaseContext, row: Obligation, incident: Incident,
    alerts: Sequence[Alert], seq: int, now: datetime,
) -> None:  # fmt: skip
    noted_to, before = row.alarms_noted_to, status_of(row, row.alarms_noted_to)
    present = [alert for alert in alerts if alert.clock_version == row.clock_version]
    mistaken = [alert for alert in present if alert.due_at > now or alert.noticed_at > now + SKEW]
    true = [alert for alert in present if alert not in mistaken]
    # Up to the last true reminder: those after it that came due by now were told as part of the mistake.
    row.alarms_noted_to = min([now, *(alert.due_at - INSTANT for alert in mistaken)])
    row.rearmed += 1
    row.next_alarm_at = next_alarm(row)
    _hold_back(session, incident, [alert.key for alert in mistaken], now)
    _call_again(ctx, true, {alert.key for alert in mistaken}, now)
    rungs = " ".join(alert.rung for alert in mistaken)
    for alert in mistaken:
        session.delete(alert)
    after = status_of(row, row.alarms_noted_to)
    moves: tuple[TransitionRow, ...] = ()
    if after is not before:
        moves = (move_of(row, before, after, TransitionCause.CLOCK_SET_BACK, at=now, now=now, seq=seq),)
        session.add_all(moves)
    # The deleted go first: the sweep may write the same reminder in this very transaction.
    session.flush()
    uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
    uow.audit("clock.set_back", rows=moves, obligation=row.key, rungs=rungs, noted_to=noted_to)


def _call_again(ctx: UseCaseContext, true: Sequence[Alert], mistaken: Collection[str], now: datetime) -> None:
    """What a mistaken alert had silenced goes on ringing: the newest of them, unless a person answered it."""
    silenced = [alert for alert in true if alert.told_by in mistaken]
    if not silenced:
        return
    newest = max(silenced, key=lambda alert: alert.due_at)
    for alert in silenced:
        alert.told_by = newest.key if alert is not newest else None
    if newest.acknowledged_at is None:
        # Its own person heard it already: from here it goes on as if nothing had happened.
        newest.escalate_at = now + ctx.escalate_after


def _hold_back(session: Session, incident: Incident, keys: Sequence[str], now: datetime) -> None:
    """What tells of nothing but a mistake and has not left yet must not leave."""
    waiting = session.exec(
        select(Message.id, Message.key).where(
            Message.incident_id == number(incident.id),
            Message.state == MessageState.PENDING,
            col(Message.draft_id).is_(None),
        )
    ).all()
    ended = [row for row, key in waiting if any(key.startswith(f"{alert}/L") for alert in keys)]
    move_messages(session, MessageEvent.HELD_BACK, col(Message.id).in_(ended), next_try_at=None, settled_at=now)
