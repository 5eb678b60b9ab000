"""One rule for whether something that must keep running is alive."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows import liveness
from flows.liveness import DISPATCHER, HEARTBEAT, MAX_AGE, SERVICE_MAX_AGE, SKEW, is_alive

INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize("max_age", [MAX_AGE[HEARTBEAT], MAX_AGE[DISPATCHER], SERVICE_MAX_AGE])
def test_a_beat_is_alive_up_to_its_age_and_dead_from_then_on(now, max_age):
    ages = [timedelta(), max_age - INSTANT, max_age, max_age + INSTANT]
    assert [is_alive(now - age, now, max_age) for age in ages] == [True, True, True, False]


def test_a_beat_from_the_future_says_nothing_about_now(now):
    ahead = [INSTANT, SKEW, SKEW + INSTANT, timedelta(days=300)]
    assert [is_alive(now + age, now, MAX_AGE[HEARTBEAT]) for age in ahead] == [True, True, False, False]


def test_where_nothing_ever_beat_nothing_is_alive(now):
    assert not is_alive(None, now, MAX_AGE[HEARTBEAT])


def test_the_last_beat_counts(app):
    first = app.now()
    for at in (first, first + timedelta(minutes=1)):
        liveness.record_beat(app.store, HEARTBEAT, at, "again")
    with app.store.read() as session:
        assert liveness.last_beat(session, HEARTBEAT) == first + timedelta(minutes=1)
        assert liveness.last_beat(session, DISPATCHER) is None
