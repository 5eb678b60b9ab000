"""Dates counted by hand, and what holds for every rule of counting."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flows.reference import regime_files
from flows.reference.public_holidays import calendar_of
from incidents.deadlines.computation import asks_calendar, count, needed
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import Start
from incidents.law.periods import (
    Counting,
    Period,
    PeriodKind,
    UnsupportedPeriod,
    due_at,
    latest_reg_1182_71,
    needs_calendar,
    unmoved,
)
from tests.builders.rows import over

FILE = Path(__file__).with_name("clock_situations.yaml")
SITUATIONS = read_yaml(FILE.read_text(encoding="utf-8"), FILE.name).value
REGIMES = {regime.id: regime for regime in regime_files.read_all()}
GERMANY = calendar_of("DE")
BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


def moment(given: object, zone: ZoneInfo) -> datetime:
    """A time as it stands in the file: local in *zone*, unless it says where it belongs."""
    read = given if isinstance(given, datetime) else datetime.fromisoformat(str(given))
    return read if read.tzinfo else read.replace(tzinfo=zone)


@over(SITUATIONS, lambda situation: situation["id"])
def test_it_is_due_when_it_was_counted_by_hand(situation):
    zone, regime = ZoneInfo(situation["zone"]), REGIMES[situation["regime"]]
    duty = regime.duty(situation["duty"]).for_entity(situation.get("entity"))
    events = {Start(name): moment(at, zone) for name, at in situation["events"].items()}
    place = situation.get("place") or regime.place
    calendar = calendar_of(place) if asks_calendar(duty, duty.period) else None
    counted = count(duty, duty.period, events, zone=zone, calendar=calendar)
    assert counted.due_at == moment(situation["due"], zone)
    assert counted.due_at.tzinfo is UTC
    if "latest" in situation:
        by_eu_law = duty.counting is Counting.REG_1182_71
        latest = latest_reg_1182_71(duty.period, counted.started_at, zone) if by_eu_law else None
        latest = latest or counted.latest
        assert latest == (moment(situation["latest"], zone) if situation["latest"] else None)


def test_each_situation_has_a_name_of_its_own():
    names = [situation["id"] for situation in SITUATIONS]
    assert len(set(names)) == len(names)


def test_every_rule_and_every_kind_of_period_is_among_the_situations():
    duties = [REGIMES[situation["regime"]].duty(situation["duty"]) for situation in SITUATIONS]
    used = {(duty.period.kind, duty.counting) for duty in duties}
    shipped = {(d.period.kind, d.counting) for r in REGIMES.values() for d in r.duties if d.period.value is not None}
    assert used == shipped


def test_every_duty_with_a_figure_is_among_the_situations():
    told = {(situation["regime"], situation["duty"]) for situation in SITUATIONS}
    assert told == {(r.id, d.id) for r in REGIMES.values() for d in r.duties if d.period.value is not None}


# ---- what holds for every law that is shipped

FIGURES = [(regime, duty) for regime in REGIMES.values() for duty in regime.duties if duty.period.value is not None]


@over(FIGURES, lambda regime, duty: f"{regime.id}/{duty.id}")
def test_every_duty_with_a_figure_can_be_counted(regime, duty):
    zone = ZoneInfo(regime.zone or "Europe/Berlin")
    at = datetime(2026, 9, 15, 10, tzinfo=zone)
    counted = count(
        duty, duty.period, dict.fromkeys(needed(duty), at), zone=zone, calendar=calendar_of(regime.place or "DE")
    )
    assert counted.due_at > counted.started_at
    assert counted.lines
    if duty.period.kind is PeriodKind.HOURS:
        assert counted.due_at >= at + duty.period.value * HOUR


# ---- properties of the rules

ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Africa/Cairo", "Asia/Kolkata", "America/Sao_Paulo", "America/New_York", "Pacific/Chatham"]
).map(ZoneInfo)
TIMES = st.datetimes(datetime(2024, 1, 1), datetime(2030, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds
LENGTHS = st.integers(1, 2000).map(lambda minutes: timedelta(minutes=minutes))
FIGURED = st.one_of(
    st.builds(Period, kind=st.just(PeriodKind.HOURS), value=st.integers(1, 200)),
    st.builds(Period, kind=st.just(PeriodKind.CALENDAR_DAYS), value=st.integers(1, 70)),
    st.builds(Period, kind=st.just(PeriodKind.BUSINESS_DAYS), value=st.integers(1, 20)),
    st.builds(Period, kind=st.just(PeriodKind.MONTHS), value=st.integers(1, 3)),
)
STEADY = st.sampled_from([each for each in Counting if each is not Counting.NOON_NEXT_WORKING_DAY])


@given(FIGURED, STEADY, TIMES, LENGTHS, ZONES)
def test_later_awareness_never_makes_it_due_earlier(period, counting, start, later, zone):
    first, second = (
        due_at(period, at, zone=zone, counting=counting, calendar=GERMANY) for at in (start, start + later)
    )
    assert first <= second


def test_only_the_noon_rule_lets_later_awareness_be_due_earlier():
    # A limit on Sunday moves to Monday noon; one on Monday at nine stays (Art. 5(4) Del. Reg. (EU) 2025/301).
    period, noon = Period(kind=PeriodKind.HOURS, value=72), Counting.NOON_NEXT_WORKING_DAY
    thursday, friday = datetime(2026, 9, 10, 10, tzinfo=BERLIN), datetime(2026, 9, 11, 9, tzinfo=BERLIN)
    due = [due_at(period, at, zone=BERLIN, counting=noon, calendar=GERMANY) for at in (thursday, friday)]
    assert [each.astimezone(BERLIN).isoformat()[:16] for each in due] == ["2026-09-14T12:00", "2026-09-14T09:00"]


@given(FIGURED, st.sampled_from(Counting), TIMES, ZONES)
def test_a_roll_over_never_takes_time_away_and_ends_on_a_working_day(period, counting, start, zone):
    plain = unmoved(period, start, zone=zone, calendar=GERMANY)
    due = due_at(period, start, zone=zone, counting=counting, calendar=GERMANY)
    assert due >= plain
    if needs_calendar(period, counting):
        instant = due if period.kind is PeriodKind.HOURS else due - INSTANT
        assert GERMANY.is_working(instant.astimezone(zone).date())


@given(st.integers(1, 300), STEADY, TIMES, ZONES)
def test_one_hour_more_is_one_hour_later(hours, counting, start, zone):
    less, more = (
        due_at(Period(kind=PeriodKind.HOURS, value=value), start, zone=zone, counting=counting, calendar=GERMANY)
        for value in (hours, hours + 1)
    )
    assert more - less == HOUR


@given(st.sampled_from([PeriodKind.CALENDAR_DAYS, PeriodKind.BUSINESS_DAYS, PeriodKind.MONTHS]), st.integers(1, 30),
       st.sampled_from(Counting), TIMES, ZONES)  # fmt: skip
def test_a_longer_period_never_ends_earlier(kind, value, counting, start, zone):
    less, more = (
        due_at(Period(kind=kind, value=each), start, zone=zone, counting=counting, calendar=GERMANY)
        for each in (value, value + 1)
    )
    assert less <= more


@given(FIGURED.filter(lambda period: period.kind is not PeriodKind.HOURS), TIMES, ZONES)
def test_the_time_of_day_of_the_event_does_not_change_the_end_of_days(period, start, zone):
    local = start.astimezone(zone)
    same_day = local.replace(hour=12, minute=0, second=0, microsecond=0)
    one, other = (due_at(period, at, zone=zone, calendar=GERMANY) for at in (local, same_day))
    assert one == other


def test_a_day_ends_with_the_first_instant_after_it_also_where_midnight_does_not_exist():
    # Cairo, 24 April 2026: clocks go from 00:00 to 01:00; 23 April ends at that instant, 22:00Z.
    day = Period(kind=PeriodKind.CALENDAR_DAYS, value=1)
    due = due_at(day, datetime(2026, 4, 22, 10, tzinfo=UTC), zone=ZoneInfo("Africa/Cairo"))
    assert due == datetime(2026, 4, 23, 22, tzinfo=UTC)


@pytest.mark.parametrize(
    ("period", "counting"),
    [
        (Period(kind=PeriodKind.MONTHS, value=1), Counting.REG_1182_71),
        (Period(kind=PeriodKind.CALENDAR_DAYS, value=3), Counting.NEXT_BUSINESS_DAY),
        (Period(kind=PeriodKind.HOURS, value=72), Counting.NOON_NEXT_WORKING_DAY),
        (Period(kind=PeriodKind.BUSINESS_DAYS, value=3), Counting.NONE),
    ],
)
def test_what_needs_working_days_is_not_counted_without_them(period, counting):
    with pytest.raises(UnsupportedPeriod, match="public holidays"):
        due_at(period, datetime(2026, 9, 9, tzinfo=UTC), zone=BERLIN, counting=counting)


@pytest.mark.parametrize(
    ("moved", "due"),
    [(-INSTANT, "2026-09-08T06:00:00Z"), (timedelta(), "2026-09-08T06:00:00Z"), (INSTANT, None)],
)
def test_the_cap_binds_up_to_the_very_instant_at_which_it_ends(moved, due):
    duty = REGIMES["eu-dora"].duty("authority-initial")
    aware = datetime(2026, 9, 7, 6, tzinfo=UTC)
    classified = aware + 24 * HOUR + moved
    counted = count(
        duty, duty.period, {Start.AWARE: aware, Start.CLASSIFIED: classified}, zone=BERLIN, calendar=GERMANY
    )
    assert counted.due_at == (datetime.fromisoformat(due) if due else classified + 4 * HOUR)
