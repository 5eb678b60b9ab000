"""An exercise with a fast clock, through the real use cases, the real flow and the real heartbeat."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from flows.exercises import checks
from flows.exercises.narrator import Narrator
from flows.exercises.scenarios import exposed_bucket
from flows.exercises.stage import DrillEnvironment, ExerciseFailedError, set_up
from flows.runtime import scheduler
from flows.runtime.dispatcher import Dispatcher
from flows.workflows import reports as report
from incidents.kernel.errors import NotFoundError

SCENARIOS = ("exposed-bucket",)
# At an hour a second each beat covers twelve minutes of the exercise: a page that goes on after fifteen is seen in
# time.
BEAT_EVERY = timedelta(seconds=0.2)
START_WITHIN = 120.0


class UnknownScenarioError(NotFoundError):
    """There is no such scenario."""


@dataclass(frozen=True, kw_only=True)
class DrillResult:
    """What an exercise came to."""

    home: Path
    checks: tuple[checks.Check, ...]
    reports: tuple[Path, ...]

    @property
    def held(self) -> bool:
        """Whether every invariant held."""
        return all(check.holds for check in self.checks)


def run_drill(scenario: str, speed: float, keep: Path | None, say: Callable[[str], None]) -> DrillResult:
    """Play a scenario in a throw-away home; give what was checked and written.

    *speed* is how many times as fast as real time the incident's clock runs (3600: an hour each second).

    Raises:
        UnknownScenarioError, ExerciseFailedError

    """
    if scenario not in SCENARIOS:
        message = f"there is no scenario {scenario!r}; there is: {', '.join(SCENARIOS)}"
        raise UnknownScenarioError(message)
    # Prefect and the scheduler speak in the log; the story is told by the narrator.
    logging.getLogger("prefect").setLevel(logging.ERROR)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    home = keep or Path(tempfile.mkdtemp(prefix="tocsin-drill-"))
    stage = set_up(home, speed, exposed_bucket.LASTS)
    begun = time.monotonic()
    say(f"EXERCISE {scenario}: one hour takes {3600 / speed:g} s; everything lies in {home}")
    say("starting Prefect's own server on loopback ...")
    reference = _play(stage, say)
    judged = _judge(stage, say)
    result = DrillResult(home=home, checks=judged, reports=_reports(stage, say, home, reference))
    say(f"{'EVERY INVARIANT HELD' if result.held else 'AN INVARIANT DID NOT HOLD'} ({time.monotonic() - begun:.0f} s)")
    stage.app.store.close()
    return result


def _play(stage: DrillEnvironment, say: Callable[[str], None]) -> str:
    """Start what runs by itself, then let each person act when their time has come; give the case's reference."""
    # Decisions follow each other within seconds here, and Prefect's recorder of task runs makes such flows ten times
    # slower.
    dispatcher = Dispatcher(stage.app, record_tasks=False)
    dispatcher.start()
    try:
        if not dispatcher.ready.wait(START_WITHIN):
            message = f"Prefect's server did not start: see {stage.app.settings.home / 'prefect' / 'server.log'}"
            raise ExerciseFailedError(message)
        # Only now: how long Prefect takes to start must not use up the 72 hours.
        stage.clock.begin()
        # The scheduler runs on real time, the heartbeat it calls on the exercise's.
        beating = scheduler.start(stage.app, beat_every=BEAT_EVERY)
        try:
            return _scenes(stage, say)
        finally:
            beating.shutdown(wait=True)
    finally:
        dispatcher.end()


def _scenes(stage: DrillEnvironment, say: Callable[[str], None]) -> str:
    play = exposed_bucket.Scenario(stage=stage, begins=stage.clock.starts_at)
    narrator = Narrator(say=say, zone=stage.app.use_cases.zone, begins=play.begins)

    def tell() -> None:
        with stage.app.store.read() as session:
            narrator.tell(session)

    for scene in exposed_bucket.scenes():
        while stage.now < play.begins + scene.after:
            # In steps of half a real second, so that the story is told while it happens.
            stage.clock.wait_until(min(play.begins + scene.after, stage.now + timedelta(seconds=stage.clock.speed / 2)))
            tell()
        scene.act(play)
        tell()
    # One real second more: several beats, for what the last scene made due.
    stage.clock.wait_until(stage.now + timedelta(seconds=stage.clock.speed))
    # The plot is over: judging and writing take as long as they take, and the papers bear no date to come.
    stage.clock.slow_down()
    tell()
    return play.reference


def _judge(stage: DrillEnvironment, say: Callable[[str], None]) -> tuple[checks.Check, ...]:
    judged = tuple(checks.examine(stage.app))
    say("")
    for check in judged:
        say(f"{'ok  ' if check.holds else 'FAIL'}  {check.says}")
    return judged


def _reports(stage: DrillEnvironment, say: Callable[[str], None], home: Path, reference: str) -> tuple[Path, ...]:
    folder = home / "papers"
    files = list(report.write_report(stage.app, reference, ("html", "md", "json"), folder))
    for style in ("csv", "json"):
        path = folder / f"register.{style}"
        path.write_bytes(report.export_register(stage.app, style))
        files.append(path)
    say("")
    for path in files:
        say(f"report: {path}")
    say(f"messages: {stage.app.outbox_folder}")
    return tuple(files)
