"""Alerts nobody answered go on to the next person: however many there are, and whatever the clock did."""

from __future__ import annotations

from datetime import timedelta

import pytest

from incidents.casework.deadlines import alerts
from incidents.kernel.clock import SKEW
from incidents.storage.tables.obligations import Alert
from tests.builders.casework import (
    HOUR,
    INSTANT,
    change,
    opened,
    rows_of,
)


def test_more_alerts_than_fit_one_transaction_all_go_on_in_one_call(ctx, now):
    opened(ctx, now)
    (page,) = rows_of(ctx, Alert)
    with ctx.store.write() as session:
        for place in range(450):
            same = {**page.model_dump(exclude={"id"}), "key": f"more-{place}", "rung": f"more-{place}"}
            session.add(Alert(**same))
    assert alerts.escalate(ctx, now + HOUR) == 451
    assert {row.level for row in rows_of(ctx, Alert)} == {1}
    assert alerts.escalate(ctx, now + HOUR) == 0


@pytest.mark.parametrize(("beyond", "gone_on"), [(-INSTANT, 0), (timedelta(), 0), (INSTANT, 1), (5 * HOUR, 1)])
def test_an_alert_that_seems_to_wait_longer_than_any_does_goes_on_at_once(ctx, now, beyond, gone_on):
    opened(ctx, now)
    (page,) = rows_of(ctx, Alert)
    change(ctx, Alert, page.id, {"escalate_at": now + ctx.repeat_after + SKEW + beyond})
    assert alerts.escalate(ctx, now) == gone_on
    assert rows_of(ctx, Alert)[0].level == gone_on
