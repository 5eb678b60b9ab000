"""Times, lengths and speeds as people type them, also around a clock change; what is unclear is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.cli.time_parsing import TimeNotUnderstoodError, read_length, read_speed, understand

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("2026-11-18T02:12:00Z", "2026-11-18T02:12:00Z"),
        ("2026-11-18T03:12:00+01:00", "2026-11-18T02:12:00Z"),
        ("2026-11-17T21:12:00-0500", "2026-11-18T02:12:00Z"),
        ("2026-11-18T02:12:00.123456Z", "2026-11-18T02:12:00.123456Z"),
        ("2026-11-18 03:12", "2026-11-18T02:12:00Z"),
        ("2026-11-18 3:12", "2026-11-18T02:12:00Z"),
        ("2026-11-18 03:12:30", "2026-11-18T02:12:30Z"),
        ("2026-11-18 03:12 CET", "2026-11-18T02:12:00Z"),
        ("2026-11-18 03:12 Europe/Berlin", "2026-11-18T02:12:00Z"),
        ("2026-11-17 21:12 America/New_York", "2026-11-18T02:12:00Z"),
        ("2026-11-18 02:12 UTC", "2026-11-18T02:12:00Z"),
        ("2026-07-01 02:12 UTC", "2026-07-01T02:12:00Z"),
        ("2026-07-01 02:12 BST", "2026-07-01T01:12:00Z"),
        ("now", "2026-11-18T02:13:00Z"),
        ("20 min ago", "2026-11-18T01:53:00Z"),
        ("2 h ago", "2026-11-18T00:13:00Z"),
        ("1 h 20 min ago", "2026-11-18T00:53:00Z"),
        ("1 day ago", "2026-11-17T02:13:00Z"),
        ("in 3 days", "2026-11-21T02:13:00Z"),
        ("today 01:00", "2026-11-18T00:00:00Z"),
        ("yesterday 14:00", "2026-11-17T13:00:00Z"),
        ("Yesterday  14:00", "2026-11-17T13:00:00Z"),
    ],
)
def test_moments_are_understood_as_people_write_them(given, meant, now):
    assert understand(given, now, BERLIN).at == datetime.fromisoformat(meant)


def test_a_local_time_that_happened_twice_is_refused_with_both_readings(now):
    with pytest.raises(TimeNotUnderstoodError, match="happened twice.*02:30 CEST.*00:30Z.*02:30 CET.*01:30Z"):
        understand("2026-10-25 02:30", now, BERLIN)


@pytest.mark.parametrize(("letters", "hour"), [("CEST", 0), ("CET", 1)])
def test_its_abbreviation_says_which_of_the_two_is_meant(letters, hour, now):
    assert understand(f"2026-10-25 02:30 {letters}", now, BERLIN).at == datetime(2026, 10, 25, hour, 30, tzinfo=UTC)


def test_a_local_time_that_never_happened_is_refused_with_both_readings(now):
    with pytest.raises(TimeNotUnderstoodError, match="never happened.*01:30 CET.*03:30 CEST"):
        understand("2026-03-29 02:30", now, BERLIN)


@pytest.mark.parametrize(
    ("given", "hour"),
    [("2026-03-29 01:59", 0), ("2026-03-29 03:00", 1), ("2026-10-25 01:59", -1), ("2026-10-25 03:00", 2)],
)
def test_the_minutes_around_a_clock_change_have_one_reading(given, hour, now):
    at = understand(given, now, BERLIN).at
    assert (at - at.replace(hour=0, minute=0)) // timedelta(hours=1) == hour % 24


@pytest.mark.parametrize(
    "given",
    ["", "soon", "18.11.2026 03:12", "2026-11-18", "2026-02-30 10:00", "2026-11-18 25:00", "03:12",
     "2026-11-18 03:12 XYZ",
     "2026-07-01 03:12 CET", "2026-11-18 03:12 Europe/Nowhere", "2026-11-18 03:12 +25:00", "ago", "20 apples ago"],
)  # fmt: skip
def test_what_is_no_moment_is_refused_with_an_example(given, now):
    with pytest.raises(TimeNotUnderstoodError, match=r"write|calendar|time of day"):
        understand(given, now, BERLIN)


@pytest.mark.parametrize(
    ("given", "length"),
    [
        ("24h", timedelta(hours=24)),
        ("90min", timedelta(minutes=90)),
        ("2 d", timedelta(days=2)),
        ("30s", timedelta(seconds=30)),
    ],
)
def test_lengths_are_understood(given, length):
    assert read_length(given) == length


@pytest.mark.parametrize("given", ["", "h", "-3h", "24", "24 parsecs", "9" * 400 + "d"])
def test_what_is_no_length_is_refused(given):
    with pytest.raises(TimeNotUnderstoodError):
        read_length(given)


def test_a_speed_is_so_much_in_a_second():
    assert read_speed("1h/s") == 3600
    assert read_speed("1 min/s") == 60


@pytest.mark.parametrize("given", ["1h", "1h/min", "/s", "fast", "0.5s/s"])
def test_what_is_no_speed_is_refused(given):
    with pytest.raises(TimeNotUnderstoodError):
        read_speed(given)


@pytest.mark.parametrize(
    ("words", "at"),
    [
        ("2026-11-18T02:12:00.123456789Z", "02:12:00.123456"),
        ("2026-11-18T02:12:00,5Z", "02:12:00.500000"),
        ("2026-11-17 21:12 EST", "02:12:00.000000"),
        ("2026-11-18 03:12 CET", "02:12:00.000000"),
        ("2026-11-17 18:12 PST", "02:12:00.000000"),
    ],
)
def test_fractions_and_zone_words_of_mails_and_logs_are_understood(words, at, now):
    assert f"{understand(words, now, ZoneInfo('Europe/Berlin')).at:%H:%M:%S.%f}" == at


@pytest.mark.parametrize("words", ["2026-07-18 02:12 EST", "2026-11-18 02:12 EDT", "2026-11-18 02:12 CST"])
def test_a_zone_word_that_no_clock_showed_then_or_that_means_several_is_asked_about(words, now):
    with pytest.raises(TimeNotUnderstoodError, match="no clock showed"):
        understand(words, now, ZoneInfo("Europe/Berlin"))
