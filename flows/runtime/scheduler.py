"""The wake-ups: APScheduler calls the heartbeat and the reconcile; what they do is decided by rows alone.

Late jobs run, however late, and never pile up: APScheduler's default would silently drop a job that is a second late.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from flows.workflows import heartbeat, respond

if TYPE_CHECKING:
    from flows.bootstrap import App

log = logging.getLogger(__name__)

# A page goes out within two seconds of `open`; an idle sweep takes a millisecond, so once a second is cheap.
BEAT_EVERY = timedelta(seconds=1)
# The net below the dispatcher, which looks twice a second: what only this finds has been waiting already.
RECONCILE_EVERY = timedelta(minutes=1)


def start(app: App, *, beat_every: timedelta = BEAT_EVERY, first: datetime) -> BackgroundScheduler:
    """Start the heartbeat at once and the reconcile beside it; stop both with ``shutdown()``."""
    # UTC: a trigger in a local zone runs twice or not at all in the nights when clocks change. Two threads, one for
    # each job: a long reconcile must not hold up a beat. Jobs are kept in memory, since rows say what is due; a store
    # shared by two processes runs a job twice.
    scheduler = BackgroundScheduler(timezone=UTC, executors={"default": ThreadPoolExecutor(2)})
    _every(scheduler, "heartbeat", beat_every, first, lambda: heartbeat.run_heartbeat(app))
    _every(scheduler, "reconcile", RECONCILE_EVERY, first + RECONCILE_EVERY, lambda: respond.reconcile(app))
    scheduler.start()
    return scheduler


def _every(
    scheduler: BackgroundScheduler, name: str, every: timedelta, first: datetime, work: Callable[[], object]
) -> None:
    scheduler.add_job(
        _kept_alive(name, work),
        IntervalTrigger(seconds=every.total_seconds(), timezone=UTC),
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


def _kept_alive(name: str, work: Callable[[], object]) -> Callable[[], None]:
    """One failing run must not end the heartbeat: say what went wrong and run again."""

    def once() -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it was, the next beat comes
            # The type and place only: a database error may quote the values it was given, and comes each second.
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            log.error("the %s failed (%s in %s); it is tried again", name, type(error).__name__, where)  # noqa: TRY400

    return once
