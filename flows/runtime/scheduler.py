"""The wake-ups: APScheduler calls the heartbeat and the reconcile; what they do is decided by rows alone.

Late jobs run, however late, and never pile up: APScheduler's default would silently drop a job that is a second late.
"""

from __future__ import annotations

import logging
import time
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from flows.workflows import heartbeat, last_alarm, respond
from incidents.kernel import clock

if TYPE_CHECKING:
    from flows.bootstrap import App

log = logging.getLogger(__name__)

# A page goes out within two seconds of `open`; an idle sweep takes a millisecond, so once a second is cheap.
BEAT_EVERY = timedelta(seconds=1)
# The net below the dispatcher, which looks twice a second: what only this finds has been waiting already.
RECONCILE_EVERY = timedelta(minutes=1)

LOGGED_AGAIN_AFTER = 60.0
"""Seconds before the log repeats that a job still fails in the same way."""


class SteadyTime(tzinfo):
    """UTC as it was at the start, and from there by the monotonic clock: what APScheduler takes for the time.

    APScheduler asks for the time in its zone, ``datetime.now(zone)``, and waits for the next full interval of it. Asked
    in this zone the answer never steps: with the wall clock put back by three hours, no job would run for as long.
    """

    def __init__(self) -> None:
        """Begin at the time it is."""
        self._begun_at = clock.now().replace(tzinfo=None)
        self._begun = time.monotonic()

    def now(self) -> datetime:
        """Give the steady time."""
        return (self._begun_at + timedelta(seconds=time.monotonic() - self._begun)).replace(tzinfo=self)

    def fromutc(self, _wall: datetime) -> datetime:
        """Give the steady time, whatever the wall clock says."""
        return self.now()

    def utcoffset(self, _at: datetime | None) -> timedelta:
        """Say that it is UTC."""
        return timedelta()

    def dst(self, _at: datetime | None) -> timedelta:
        """Say that no season changes it."""
        return timedelta()

    def tzname(self, _at: datetime | None) -> str:
        """Name it for logs."""
        return "UTC, steady"


class Every(BaseTrigger):  # type: ignore[misc]  # APScheduler has no types
    """Again and again at one distance; APScheduler's own goes through the wall clock (`fromtimestamp`)."""

    def __init__(self, distance: timedelta) -> None:
        """Keep the distance."""
        self._distance = distance

    def get_next_fire_time(self, previous: datetime | None, now: datetime) -> datetime:
        """Give the next time after *previous*, in the same steady zone."""
        return (previous or now) + self._distance


def start(app: App, *, beat_every: timedelta = BEAT_EVERY) -> BackgroundScheduler:
    """Start the heartbeat at once and the reconcile beside it; stop both with ``shutdown()``."""
    # No wall clock: it may be set at any time, and a beat must come all the same. Two threads, one for
    # each job: a long reconcile must not hold up a beat. Jobs are kept in memory, since rows say what is due; a store
    # shared by two processes runs a job twice.
    steady = SteadyTime()
    first = steady.now()
    scheduler = BackgroundScheduler(timezone=steady, executors={"default": ThreadPoolExecutor(2)})
    _every(scheduler, "heartbeat", beat_every, first, _ringing(app))
    _every(scheduler, "reconcile", RECONCILE_EVERY, first + RECONCILE_EVERY, lambda: respond.reconcile(app))
    scheduler.start()
    return scheduler


def _every(
    scheduler: BackgroundScheduler, name: str, every: timedelta, first: datetime, work: Callable[[], object]
) -> None:
    scheduler.add_job(
        _kept_alive(name, work),
        Every(every),
        id=name,
        # After a pause one run answers for all that were missed: it reads what is due, not when it was called.
        coalesce=True,
        # Two at once double nothing, but the second only waits for the first one's locks.
        max_instances=1,
        # No limit: the default of one second silently drops every job after a machine slept.
        misfire_grace_time=None,
        # At once for the heartbeat: an alert that came due while the service was down goes out first.
        next_run_time=first,
    )


def _ringing(app: App) -> Callable[[], None]:
    """One beat; where beats cannot be written for a minute, people are told by what needs no write."""
    alarm = last_alarm.LastAlarm(app)

    def beat() -> None:
        try:
            heartbeat.run_heartbeat(app)
        except Exception:
            alarm.failed()
            raise
        alarm.worked()

    return beat


def _kept_alive(name: str, work: Callable[[], object]) -> Callable[[], None]:
    """One failing run must not end the heartbeat: say what went wrong, once a minute, and run again."""
    said: dict[str, float] = {}

    def once() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next beat comes
            # The type and place only: a database error may quote the values it was given, and comes each second.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            what = f"{type(error).__name__} in {where}"
            # A disk stays full for hours, and a line each second would fill what is left of it.
            if time.monotonic() - said.get(what, float("-inf")) >= LOGGED_AGAIN_AFTER:
                said[what] = time.monotonic()
                log.error("the %s failed (%s); it is tried again", name, what)  # noqa: TRY400
        else:
            if said:
                log.info("the %s works again", name)
                said.clear()

    return once
