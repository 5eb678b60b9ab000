"""People are told when the system's clock jumped: due times are read by it, and only people know which is right."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from incidents.access.people import CLOCK
from incidents.audit import chain
from incidents.case.lifecycle import OPEN_STAGES
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.deadlines.alerts import end, raise_page
from incidents.kernel.clock import SKEW, passed_between
from incidents.kernel.timestamps import sortable
from incidents.law.reminder_ladder import in_readable_words
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Alert, Beat, Obligation

STEP = "clock"

log = logging.getLogger(__name__)


def jump_since(beat: Beat | None, now: datetime, uptime: str | None) -> timedelta:
    """How far the clock jumped since the last beat: back below zero, ahead above it, zero where it did not.

    A beat of a time still to come means back. Ahead can only be told beside the machine's own uptime (*uptime*, and
    the beat's detail): else hours in which nothing ran look the same.
    """
    if beat is None:
        return timedelta()
    passed = passed_between(beat.detail, uptime)
    jump = now - beat.at - passed if passed is not None else min(now - beat.at, timedelta())
    return jump if abs(jump) > SKEW else timedelta()


def alarm_of_jump(session: Session, ctx: UseCaseContext, beat: Beat, now: datetime, jump: timedelta) -> Alert | None:
    """Raise one alert for one jump, in the open case whose deadline is the nearest; ``None`` where it is there already.

    It goes on along the on-call list like any other, until somebody acknowledges it.
    """
    # Named after the beat before the jump: a heartbeat that is killed and comes again raises no second one.
    key = f"{STEP}/{sortable(beat.at)}/{'back' if jump < timedelta() else 'ahead'}"
    says = f"the clock went {'back' if jump < timedelta() else 'ahead'} by {in_readable_words(_to_minute(abs(jump)))}"
    chain.lock_chain(session)
    incident = _nearest(session)
    if incident is None:
        log.error("%s; no case is open, so nobody is paged", says)
        return None
    if session.exec(select(Alert.id).where(Alert.key == key)).first() is not None:
        return None
    # An earlier jump needs nobody's answer any more: the clock has moved since.
    earlier = select(Alert).where(Alert.rung == STEP, col(Alert.escalate_at).is_not(None))
    for alert in session.exec(earlier):
        end(alert, told_by=key)
    alarm = raise_page(session, ctx, incident, now, step=STEP, says=says, key=key)
    uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
    uow.audit("clock.jumped", alert=key, seconds=int(jump.total_seconds()))
    return alarm


def _nearest(session: Session) -> Incident | None:
    """The open case in which the next reminder comes first; the newest one where nothing is owed."""
    return session.exec(
        select(Incident)
        .join(Obligation, col(Obligation.incident_id) == col(Incident.id), isouter=True)
        .where(col(Incident.stage).in_(OPEN_STAGES))
        .order_by(col(Obligation.next_alarm_at).is_(None), col(Obligation.next_alarm_at), col(Incident.id).desc())
        .limit(1)
    ).first()


def _to_minute(length: timedelta) -> timedelta:
    return timedelta(minutes=round(length / timedelta(minutes=1)))
