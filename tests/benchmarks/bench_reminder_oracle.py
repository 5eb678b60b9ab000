"""A long life under kills and clock jumps, judged by an independent computation."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.builders import apps
from tests.builders.casework import utc
from tests.builders.reminder_oracle import live


@pytest.mark.parametrize("seed", range(10, 20))
def test_a_long_life_of_reminders(tmp_path: Path, seed: int) -> None:
    clock = apps.SettableClock(utc(2026, 11, 18, 2, 13))
    app = apps.app_on(tmp_path, f"sqlite:///{tmp_path / 'tocsin.sqlite3'}", clock)
    world = live(app, clock, seed, beats=400, cases=20)
    faults = world.faults()
    apps.close_all()
    print(f"seed {seed}: {len(world.first_seen)} reminders on record, {world.kills} kills, {len(faults)} faults")
    assert faults == []
