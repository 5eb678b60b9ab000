"""What must ring, computed a second time and by other means than the sweep; and a world of kills and clock jumps."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.casework.case import timeline
from incidents.kernel.clock import SKEW
from incidents.storage.tables.obligations import Alert, Obligation
from tests.builders import apps
from tests.builders.apps import HOUR, MINUTE, SettableClock

STEPS = tuple(timedelta(minutes=minutes) for minutes in (10, 45, 120, 300, 540, 1440))
JUMPS = (timedelta(hours=3), timedelta(hours=-3), timedelta(hours=74), timedelta(days=365), timedelta(days=-365))
POINTS = ("after_lease", "after_send", "after_answer")


class KilledError(BaseException):
    """The process ended here."""


@dataclass
class World:
    """An app under a clock that may be wrong, beside the true time."""

    app: App
    clock: SettableClock
    chance: random.Random
    wrong_by: timedelta = timedelta()
    first_seen: dict[tuple[int | None, str, str], datetime] = field(default_factory=dict)
    """The true time at which each alert on record first was there."""
    sightings: dict[tuple[int | None, str], list[datetime]] = field(default_factory=dict)
    """The true times at which each reminder came on record, also where it was forgotten since."""
    beats: list[datetime] = field(default_factory=list)
    """The true times of the beats whose clock was right and that nobody killed."""
    kills: int = 0

    @property
    def true_now(self) -> datetime:
        return self.clock() - self.wrong_by

    def pass_time(self) -> None:
        self.clock.forward(self.chance.choice(STEPS))

    def jump(self) -> None:
        """The clock is set wrong, or right again."""
        to = timedelta() if self.wrong_by else self.chance.choice(JUMPS)
        self.clock.forward(to - self.wrong_by)
        self.wrong_by = to

    def beat(self, *, killed: bool = False) -> None:
        point = self.chance.choice(POINTS)

        def die() -> None:
            self.kills += 1
            raise KilledError

        app = apps.neighbour(self.app, holder=f"beat-{self.chance.random()}")
        if killed:
            app.__dict__["outbox"] = apps.stopping_at(app, point, die)
        try:
            heartbeat.run_heartbeat(app)
        except KilledError:
            pass
        else:
            if not self.wrong_by:
                self.beats.append(self.true_now)
        app.store.close()
        self._look()

    def _look(self) -> None:
        there = {(alert.obligation_id, alert.rung, alert.key) for alert in self._alerts()}
        for obligation, rung, _ in there - set(self.first_seen):
            self.sightings.setdefault((obligation, rung), []).append(self.true_now)
        self.first_seen = {key: self.first_seen.get(key, self.true_now) for key in there}

    def _alerts(self) -> list[Alert]:
        return [alert for alert in apps.alerts(self.app) if alert.obligation_id is not None]

    def faults(self) -> list[str]:
        """What is missing, early, extra, late or doubled on record at the end, in words; nothing where all is true."""
        expected = {key: at for row in apps.rows(self.app, Obligation) for key, at in must_ring(row, self.true_now)}
        newest = {row.id: row.clock_version for row in apps.rows(self.app, Obligation)}
        recorded = [alert for alert in self._alerts() if alert.clock_version == newest[alert.obligation_id]]
        found = Counter((alert.obligation_id, alert.rung) for alert in recorded)
        times = {(alert.obligation_id, alert.rung): alert.due_at for alert in recorded}
        faults = [f"missing: {key}" for key in expected if key not in found]
        faults += [f"extra: {key}" for key in found if key not in expected]
        faults += [f"doubled: {key}" for key, count in found.items() if count > 1]
        faults += [f"another time: {key}" for key, at in expected.items() if times.get(key, at) != at]
        for (obligation, rung, _), seen in self.first_seen.items():
            due = expected.get((obligation, rung))
            if due is None:
                continue
            honest = next((beat for beat in self.beats if beat >= due), self.true_now)
            # Told by a clock that was ahead; the first look by the right one, if it still came before, forgets it.
            kept = any(seen < beat < due - SKEW for beat in self.beats)
            faults += [f"early: {rung} by {due - seen}"] if kept else []
            # A clock that went back has a reminder forgotten that was true, and told again: once in time is enough.
            in_time = any(sighting <= honest for sighting in self.sightings[obligation, rung])
            faults += [] if in_time else [f"late: {rung} by {seen - honest}"]
        keys = Counter(message.key for message in apps.messages(self.app))
        return faults + [f"told twice: {key}" for key, count in keys.items() if count > 1]


def must_ring(row: Obligation, until: datetime) -> Iterator[tuple[tuple[int | None, str], datetime]]:
    """Compute every reminder of an obligation up to a time from its terms as stored."""
    ladder: dict[str, Any] = row.terms["ladder"]
    seconds = {name: [int(step) for step in ladder[name]] for name in ("before", "after")}
    steps = {f"before-{named(step)}": -step for step in seconds["before"]} | {"due": 0}
    steps |= {f"after-{named(step)}": step for step in seconds["after"]}
    late = max(seconds["after"], default=0)
    while row.due_at + timedelta(seconds=late) <= until:
        late += int(ladder["then_every"])
        steps[f"after-{named(late)}"] = late
    for name, step in steps.items():
        at = row.due_at + timedelta(seconds=step)
        if row.started_at <= at <= until:
            yield (row.id, name), at


def named(seconds: int) -> str:
    if seconds % 3600 == 0:
        return f"{seconds // 3600}h"
    return f"{seconds // 60}min" if seconds % 60 == 0 else f"{seconds}s"


def live(app: App, clock: SettableClock, seed: int, *, beats: int, cases: int) -> World:
    """Let cases live through so many beats, of which some are killed and some read a wrong clock."""
    world = World(app=app, clock=clock, chance=random.Random(seed))  # noqa: S311 - a repeatable course of the world
    opened = []
    for _ in range(cases):
        opened.append(apps.Case(app).open().aware(ago=timedelta(minutes=world.chance.randrange(60))))
        clock.forward(MINUTE)
    for _ in range(beats):
        if world.chance.random() < (0.6 if world.wrong_by else 0.25):
            world.jump()
        world.pass_time()
        world.beat(killed=world.chance.random() < 0.2)
        if world.chance.random() < 0.3:
            timeline.acknowledge(*world.chance.choice(opened).by(apps.RESPONDER), None)
    if world.wrong_by:
        world.jump()
    clock.forward(HOUR)
    world.beat()
    return world
