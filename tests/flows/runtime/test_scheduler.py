"""The beat follows the monotonic clock: a wall clock that is set neither stops nor hurries it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from flows.bootstrap import App
from flows.runtime import scheduler
from flows.workflows import heartbeat
from incidents.kernel import clock

WHEN = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=100)])
def test_the_steady_time_does_not_follow_a_clock_that_is_set(monkeypatch: pytest.MonkeyPatch, jump: timedelta) -> None:
    seconds = [50.0]
    monkeypatch.setattr(clock, "now", lambda: WHEN)
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    steady = scheduler.SteadyTime()
    begun = steady.now()
    seconds[0] += 2.0
    # What `datetime.now(zone)` does: the wall's time is handed in, and must not be used.
    assert steady.fromutc((WHEN + jump).replace(tzinfo=steady)) - begun == timedelta(seconds=2)
    every = scheduler.Every(timedelta(seconds=1))
    assert every.get_next_fire_time(begun, steady.now()) == begun + timedelta(seconds=1)


def test_it_beats_again_and_again(small_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    beats, thrice = [], threading.Event()

    def beat(_app: App) -> None:
        beats.append(time.monotonic())
        if len(beats) == 3:
            thrice.set()

    monkeypatch.setattr(heartbeat, "run_heartbeat", beat)
    running = scheduler.start(small_app, beat_every=timedelta(seconds=0.05))
    try:
        assert thrice.wait(10)
    finally:
        running.shutdown(wait=True)
    assert beats[2] - beats[0] >= 0.05
