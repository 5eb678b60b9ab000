"""The beat follows the monotonic clock: a wall clock that is set neither stops nor hurries it."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from flows.bootstrap import App
from flows.runtime import scheduler
from flows.workflows import heartbeat
from incidents.kernel import clock
from incidents.storage.database import StoreUnreachableError
from tests.builders import apps

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


def test_a_beat_that_fails_each_second_is_said_once_a_minute_and_when_it_works_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    seconds, fails = [50.0], [True]
    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])

    def work() -> None:
        if fails[0]:
            raise StoreUnreachableError("full")  # noqa: EM101 - a test's own words

    caplog.set_level("INFO")
    once = scheduler._kept_alive("heartbeat", work)
    for _ in range(121):
        once()
        seconds[0] += 1
    assert caplog.text.count("the heartbeat failed (StoreUnreachableError") == 3
    fails[0] = False
    once()
    once()
    assert caplog.text.count("the heartbeat works again") == 1


def test_a_record_that_cannot_be_written_rings_without_a_write_after_a_minute_and_then_each_hour(
    small_app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds, fails = [50.0], [True]
    sent: list[Any] = []

    def beat(_app: App) -> None:
        if fails[0]:
            raise StoreUnreachableError("full")  # noqa: EM101 - a test's own words

    monkeypatch.setattr(time, "monotonic", lambda: seconds[0])
    monkeypatch.setattr(heartbeat, "run_heartbeat", beat)
    monkeypatch.setattr(small_app.channels.mail, "send", sent.extend)
    before = apps.everything(small_app)
    ringing = scheduler._ringing(small_app)

    def beats_until(second: float) -> int:
        while seconds[0] < second:
            seconds[0] += 1
            try:
                ringing()
            except StoreUnreachableError:
                continue
        return len(sent)

    people = len(small_app.organisation.on_call)
    assert [beats_until(at) for at in (110, 112, 3700, 3720)] == [0, people, people, 2 * people]
    assert {letter.to for letter in sent} == {person.email for person in small_app.organisation.on_call}
    fails[0] = False
    beats_until(3721)
    fails[0] = True
    assert [beats_until(at) for at in (3780, 3790)] == [2 * people, 3 * people], "the next failure rings anew"
    assert apps.everything(small_app) == before
