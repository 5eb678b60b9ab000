"""A decided case in which nothing more is owed and which stays open: people are reminded of it, by a target of our own.

No law sets a time for closing, so no obligation stands behind it; but a case that nobody closes is a case that nobody
looks at.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlmodel import Session, col, func, select

from incidents.audit import chain
from incidents.case.lifecycle import Stage
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.deadlines.alerts import REMINDER, end
from incidents.kernel.clock import SKEW
from incidents.kernel.timestamps import sortable
from incidents.storage import beats
from incidents.storage.tables.case import Decision, Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Obligation

STEP: Final = "stays-open"
BEAT: Final = "open cases"
LOOK_EVERY: Final = timedelta(minutes=1)
"""Looked for by walking the decided cases, which is too much for each second; the target is of days."""


def remind_of_open_cases(ctx: UseCaseContext, now_within: Callable[[Session], datetime]) -> int:
    """Raise the reminders that came due of cases that stay open; give how many. Looks at most once a minute."""
    with ctx.store.read() as session:
        looked = beats.last_beat(session, BEAT)
        if looked is not None and timedelta() <= now_within(session) - looked < LOOK_EVERY:
            return 0
    with ctx.store.write() as session:
        chain.lock_chain(session)
        now = now_within(session)
        idle = _idle(session)
        _end_others(session, [number(incident.id) for incident in idle], now)
        raised = [alert for incident in idle if (alert := _came_due(session, ctx, incident, now))]
        session.add_all(raised)
        beats.write_beat(session, BEAT, now)
    return len(raised)


def _idle(session: Session) -> Sequence[Incident]:
    """The decided cases in which nothing is owed any more; a settled obligation waits for no alarm."""
    waiting = select(Obligation.id).where(
        col(Obligation.incident_id) == col(Incident.id), col(Obligation.next_alarm_at).is_not(None)
    )
    return session.exec(
        select(Incident).where(col(Incident.stage) == Stage.DECIDED, ~waiting.exists()).order_by(col(Incident.id))
    ).all()


def _end_others(session: Session, idle: Collection[int], now: datetime) -> None:
    """Those of cases in which something is owed again ring no more; nor do those of a clock that was ahead."""
    live = select(Alert).where(col(Alert.rung).startswith(STEP), col(Alert.escalate_at).is_not(None))
    for alert in session.exec(live):
        if alert.incident_id not in idle:
            end(alert, told_by="owed again")
    early = select(Alert).where(col(Alert.rung).startswith(STEP), col(Alert.due_at) > now + SKEW)
    for alert in session.exec(early):
        session.delete(alert)
    session.flush()


def _came_due(session: Session, ctx: UseCaseContext, incident: Incident, now: datetime) -> Alert | None:
    since = _idle_since(session, number(incident.id))
    if since is None or now < since + ctx.close_within:
        return None
    # Again and again at the same distance; after an outage the newest alone.
    times = (now - since) // ctx.close_within
    name = f"{incident.reference}/{STEP}/{sortable(since)}/{times}"
    if session.exec(select(Alert.id).where(col(Alert.key).startswith(name))).first() is not None:
        return None
    # What was told while a clock was ahead took the name already.
    told = select(func.count()).select_from(Message).where(col(Message.key).startswith(name))
    again = session.exec(told).one()
    key = f"{name}.{again}" if again else name
    earlier = select(Alert).where(
        Alert.incident_id == number(incident.id), col(Alert.rung).startswith(STEP), col(Alert.escalate_at).is_not(None)
    )
    for alert in session.exec(earlier):
        end(alert, told_by=key)
    return Alert(
        key=key,
        incident_id=number(incident.id),
        rung=f"{STEP}/{times}",
        says="nothing owed, still open",
        kind=REMINDER,
        due_at=since + times * ctx.close_within,
        noticed_at=now,
        tell_at=now,
        escalate_at=now + ctx.escalate_after,
    )


def _idle_since(session: Session, incident_id: int) -> datetime | None:
    """When the last of what held the case open fell away: the decision, or the last duty's end."""
    decided = session.exec(select(func.max(Decision.decided_at)).where(Decision.incident_id == incident_id)).one()
    ends = session.exec(
        select(Obligation.met_at, Obligation.waived_at, Obligation.dismissed_at).where(
            Obligation.incident_id == incident_id
        )
    ).all()
    return max((at for at in (decided, *(one for row in ends for one in row)) if at is not None), default=None)
