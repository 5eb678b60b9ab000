"""Under kills and clock jumps the reminders on record are those that an independent computation asks for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.bootstrap import App
from incidents.storage.tables.obligations import Alert
from tests.builders import apps
from tests.builders.apps import HOUR, SettableClock
from tests.builders.reminder_oracle import live


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_reminder_is_missing_early_extra_or_doubled(app: App, clock: SettableClock, seed: int) -> None:
    world = live(app, clock, seed, beats=18, cases=2)
    assert world.faults() == []
    assert len(world.first_seen) > 20


def test_the_oracle_sees_each_kind_of_fault(small_app: App, clock: SettableClock) -> None:
    world = live(small_app, clock, 1, beats=12, cases=1)
    assert world.faults() == []
    kept = [alert for alert in apps.alerts(small_app) if alert.obligation_id is not None]
    first, second = kept[0], kept[-1]
    with small_app.store.write() as session:
        session.delete(session.get_one(Alert, first.id))
        moved = session.get_one(Alert, second.id)
        moved.rung, moved.key = "before-999h", "another"
    world.first_seen = {key: clock() - 9999 * HOUR for key in world.first_seen}
    kinds = {fault.partition(":")[0] for fault in world.faults()}
    assert {"missing", "extra", "early"} <= kinds
    assert replace(world, first_seen={}).faults() != []
