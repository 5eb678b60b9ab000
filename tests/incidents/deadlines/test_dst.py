"""Changes of clocks between two moments: found to the second, at both edges, and said in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.deadlines.dst import changes_between, hours_text

BERLIN = ZoneInfo("Europe/Berlin")
AUTUMN = datetime(2026, 10, 25, 1, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (AUTUMN - HOUR, AUTUMN - INSTANT, False),
        (AUTUMN - HOUR, AUTUMN, True),
        (AUTUMN - INSTANT, AUTUMN + INSTANT, True),
        (AUTUMN, AUTUMN + HOUR, False),
    ],
)
def test_a_change_counts_from_its_very_instant_on(start, end, found):
    assert [each.at for each in changes_between(start, end, BERLIN)] == ([AUTUMN] if found else [])


@pytest.mark.parametrize(
    ("zone", "around", "says"),
    [
        ("Europe/Berlin", "2026-10-25", "go back 1 h on Sun 2026-10-25 (03:00 CEST becomes 02:00 CET)"),
        ("Europe/Berlin", "2026-03-29", "go forward 1 h on Sun 2026-03-29 (02:00 CET becomes 03:00 CEST)"),
        ("America/New_York", "2026-11-01", "go back 1 h on Sun 2026-11-01 (02:00 EDT becomes 01:00 EST)"),
        ("Africa/Cairo", "2026-04-23", "go forward 1 h on Fri 2026-04-24 (00:00 EET becomes 01:00 EEST)"),
        ("Australia/Lord_Howe", "2026-10-03", "go forward 30 min on Sun 2026-10-04 (02:00"),
        ("Pacific/Apia", "2011-12-30", "go forward 24 h on Fri 2011-12-30 (00:00"),
    ],
)
def test_a_change_is_said_with_its_day_and_both_times(zone, around, says):
    noon = datetime.fromisoformat(around).replace(hour=12, tzinfo=UTC)
    said = [str(each) for each in changes_between(noon - 24 * HOUR, noon + 24 * HOUR, ZoneInfo(zone))]
    assert len(said) == 1
    assert f"the clocks of {zone} {says}" in said[0]


@pytest.mark.parametrize(
    ("start", "hours", "says"),
    [
        (datetime(2026, 10, 23, 13, tzinfo=UTC), 72, "so it ends 1 h earlier by the local clock"),
        (datetime(2026, 3, 27, 13, tzinfo=UTC), 72, "so it ends 1 h later by the local clock"),
        (datetime(2026, 6, 1, 13, tzinfo=UTC), 72, "no clock change lies between"),
        (datetime(2026, 3, 1, 13, tzinfo=UTC), 24 * 300, "which cancel each other out"),
    ],
)
def test_the_effect_on_the_time_of_day_is_said(start, hours, says):
    assert hours_text(start, start + hours * HOUR, BERLIN).endswith(says)


ZONES = st.sampled_from(["Europe/Berlin", "Africa/Casablanca", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"])
TIMES = st.datetimes(datetime(2020, 1, 1), datetime(2034, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds


def offset(at: datetime, zone: ZoneInfo) -> timedelta:
    found = at.astimezone(zone).utcoffset()
    assert found is not None
    return found


@given(TIMES, st.integers(1, 24 * 100), ZONES.map(ZoneInfo))
def test_the_changes_add_up_to_the_difference_of_the_offsets(start, hours, zone):
    end = start + hours * HOUR
    changes = changes_between(start, end, zone)
    assert sum((change.by for change in changes), timedelta()) == offset(end, zone) - offset(start, zone)
    for change in changes:
        assert start < change.at <= end
        assert change.by == offset(change.at, zone) - offset(change.at - INSTANT, zone)
