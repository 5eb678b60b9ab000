"""Which rule counts when: the law's own period or another, caps alone, days off that decide, a later end shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from flows.reference.public_holidays import calendar_of
from flows.reference.regime_files import read
from incidents.deadlines.computation import DueDate, MissingEvent, asks_calendar, count
from incidents.law.model import Duty, Start
from incidents.law.periods import Counting, Period, PeriodKind, due_at, needs_calendar, with_two_working_days
from incidents.law.working_days import WorkCalendar

BERLIN = ZoneInfo("Europe/Berlin")
GERMAN = calendar_of("DE-BE")
DORA = read("eu-dora").duty("authority-initial")
"""Four hours from classification, at most 24 from awareness, moved to noon of the next working day."""
HOURS_30 = Period(kind=PeriodKind.HOURS, value=30)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def in_days(kind: PeriodKind, value: int, counting: Counting) -> Duty:
    """A duty of days from awareness that ends by this rule."""
    period = Period(kind=kind, value=value)
    return replace(DORA, start=Start.AWARE, cap=None, period=period, counting=counting, never_moved_for=())


def counted(duty: Duty, period: Period, calendar: WorkCalendar = GERMAN, **events: str) -> DueDate:
    known = {Start(name): at(text) for name, text in events.items()}
    return count(duty, period, known, zone=BERLIN, calendar=calendar)


# 2026-11-19 is a Thursday; German days off near it: Saturdays, Sundays, and in the same year 25 and 26 December.
@pytest.mark.parametrize(
    ("period", "events", "due"),
    [
        (DORA.period, {"aware": "2026-11-18T09:00", "classified": "2026-11-18T10:00"}, "2026-11-18T14:00"),
        (DORA.period, {"aware": "2026-11-18T09:00", "classified": "2026-11-19T08:00"}, "2026-11-19T09:00"),
        (DORA.period, {"aware": "2026-11-18T09:00", "classified": "2026-11-19T10:00"}, "2026-11-19T14:00"),
        # The cap and the move are of the law's own period: a target of ours ends where its hours end.
        (HOURS_30, {"aware": "2026-11-18T09:00", "classified": "2026-11-18T10:00"}, "2026-11-19T16:00"),
        (HOURS_30, {"aware": "2026-11-20T09:00", "classified": "2026-11-20T10:00"}, "2026-11-21T16:00"),
        # Nothing is classified yet: the outer limit of 24 hours, which moves off a day off as the duty does.
        (DORA.period, {"aware": "2026-11-18T09:00"}, "2026-11-19T09:00"),
        (DORA.period, {"aware": "2026-11-20T09:00"}, "2026-11-23T12:00"),
        (DORA.period, {"aware": "2026-12-24T09:00"}, "2026-12-28T12:00"),
    ],
)
def test_a_cap_and_a_move_belong_to_the_law_s_own_period(period, events, due):
    found = counted(DORA, period, **events)
    assert found.due_at == at(due)
    assert found.by_cap_alone is ("classified" not in events)


def test_another_period_than_the_law_s_own_asks_no_calendar_and_does_not_end_with_the_cap():
    assert asks_calendar(DORA, DORA.period)
    assert not asks_calendar(DORA, HOURS_30)
    with pytest.raises(MissingEvent, match="classified"):
        counted(DORA, HOURS_30, aware="2026-11-18T09:00")


@pytest.mark.parametrize(
    ("days", "counting", "aware", "due", "latest"),
    [
        # Friday and two days: Sunday, moved to the end of Monday; two working days are over with Tuesday.
        (2, Counting.REG_1182_71, "2026-11-20T09:00", "2026-11-24T00:00", "2026-11-25T00:00"),
        (2, Counting.NEXT_BUSINESS_DAY, "2026-11-20T09:00", "2026-11-24T00:00", None),
        (2, Counting.NONE, "2026-11-20T09:00", "2026-11-23T00:00", None),
        # One day is not two or more (Art. 3(5)), and four have their two working days.
        (1, Counting.REG_1182_71, "2026-11-20T09:00", "2026-11-24T00:00", None),
        (4, Counting.REG_1182_71, "2026-11-20T09:00", "2026-11-25T00:00", None),
    ],
)
def test_only_law_of_the_eu_knows_two_working_days(days, counting, aware, due, latest):
    duty = in_days(PeriodKind.CALENDAR_DAYS, days, counting)
    found = counted(duty, duty.period, aware=aware)
    assert (found.due_at, found.latest) == (at(due), at(latest) if latest else None)


@pytest.mark.parametrize(("days", "there"), [(1, False), (2, True)])
def test_a_period_of_exactly_two_days_includes_two_working_days(days, there):
    period, friday = Period(kind=PeriodKind.CALENDAR_DAYS, value=days), at("2026-11-20T09:00")
    later = with_two_working_days(period, friday, due_at(period, friday, zone=BERLIN), BERLIN, GERMAN)
    assert (later is not None) is there


@pytest.mark.parametrize(
    ("aware", "due", "left_out"),
    [
        # The day of the event is left out as such, whether it is a day off or not.
        ("2026-11-21T09:00", "2026-11-24T00:00", "1 day of weekends"),
        ("2026-11-22T09:00", "2026-11-24T00:00", "none lies between"),
        ("2026-11-20T09:00", "2026-11-24T00:00", "2 days of weekends"),
        ("2026-12-25T09:00", "2026-12-29T00:00", "2 days of weekends"),
        ("2026-12-24T09:00", "2026-12-29T00:00", "2 days of weekends; Fri 2026-12-25 ("),
    ],
)
def test_days_off_are_named_from_the_day_after_the_event_on(aware, due, left_out):
    duty = in_days(PeriodKind.BUSINESS_DAYS, 1, Counting.NONE)
    found = counted(duty, duty.period, aware=aware)
    assert found.due_at == at(due)
    assert f"nor are days off in DE-BE ({left_out}" in found.lines[0]


CALENDAR_NEEDED = {
    PeriodKind.NONE: set(),
    PeriodKind.HOURS: {Counting.NOON_NEXT_WORKING_DAY},
    PeriodKind.CALENDAR_DAYS: {Counting.REG_1182_71, Counting.NEXT_BUSINESS_DAY, Counting.NOON_NEXT_WORKING_DAY},
    PeriodKind.MONTHS: {Counting.REG_1182_71, Counting.NEXT_BUSINESS_DAY, Counting.NOON_NEXT_WORKING_DAY},
    PeriodKind.BUSINESS_DAYS: set(Counting),
}


@pytest.mark.parametrize("kind", PeriodKind)
def test_the_working_days_of_a_place_are_asked_for_only_where_they_decide(kind):
    period = Period(kind=kind, value=None if kind is PeriodKind.NONE else 1)
    assert {rule for rule in Counting if needs_calendar(period, rule)} == CALENDAR_NEEDED[kind]


@pytest.mark.parametrize("kind", PeriodKind)
@pytest.mark.parametrize("value", [None, -1, 0, 1])
def test_a_period_has_a_figure_above_zero_or_is_none(kind, value):
    may_be = value is None if kind is PeriodKind.NONE else value == 1
    if may_be:
        assert Period(kind=kind, value=value).value == value
    else:
        with pytest.raises(ValueError, match=r"no figure|whole number above zero"):
            Period(kind=kind, value=value)


def test_a_due_time_that_is_given_in_utc_is_that_of_the_place():
    duty = in_days(PeriodKind.CALENDAR_DAYS, 3, Counting.NONE)
    found = count(duty, duty.period, {Start.AWARE: datetime(2026, 11, 18, 23, 30, tzinfo=UTC)}, zone=BERLIN)
    assert found.due_at == at("2026-11-23T00:00")


DAYS, HOURS = PeriodKind.CALENDAR_DAYS, PeriodKind.HOURS
NO_MOVE = "an end on a weekend or holiday is not moved"
EU_END = "moved to the end of the next working day (Art. 3(4) Reg. 1182/71), Tue 2026-11-24 00:00:00 CET"
NEXT_END = "moved to the end of the next business day, Tue 2026-11-24 00:00:00 CET"
NOON = "a day off in DE-BE (weekend): moved to noon of the next working day, Mon 2026-11-23 12:00:00 CET"
NOT_FOR_VENUES = "it is not moved for trading_venue: theirs is due"


@pytest.mark.parametrize(
    ("kind", "counting", "aware", "said", "for_venues"),
    [
        (DAYS, Counting.REG_1182_71, "2026-11-20T09:00", EU_END, f"{NOT_FOR_VENUES} Mon 2026-11-23 00:00"),
        (DAYS, Counting.NEXT_BUSINESS_DAY, "2026-11-20T09:00", NEXT_END, f"{NOT_FOR_VENUES} Mon 2026-11-23 00:00"),
        (DAYS, Counting.REG_1182_71, "2026-11-18T09:00", "Friday 2026-11-20 is a working day in DE-BE: not moved", ""),
        (DAYS, Counting.NONE, "2026-11-20T09:00", NO_MOVE, ""),
        (PeriodKind.BUSINESS_DAYS, Counting.NONE, "2026-11-20T09:00", "", ""),
        (HOURS, Counting.NOON_NEXT_WORKING_DAY, "2026-11-20T09:00", NOON, f"{NOT_FOR_VENUES} Sun 2026-11-22 09:00"),
        (HOURS, Counting.NOON_NEXT_WORKING_DAY, "2026-11-17T09:00", "Thursday 2026-11-19 is a working day", ""),
        (HOURS, Counting.ELAPSED_HOURS, "2026-11-20T09:00", "", f"{NO_MOVE} for trading_venue"),
    ],
)
@pytest.mark.parametrize("venue", [False, True])
def test_it_is_said_whether_an_end_moved_and_for_whom_it_does_not(kind, counting, aware, said, for_venues, venue):
    duty = in_days(kind, 48 if kind is HOURS else 2, counting)
    duty = replace(duty, never_moved_for=("trading_venue",) if venue else ())
    (_, *lines) = counted(duty, duty.period, aware=aware).lines
    expected = [each for each in (said, for_venues if venue else "") if each]
    assert len(lines) == len(expected)
    for line, words in zip(lines, expected, strict=True):
        assert words in line
    assert not lines or ("trading_venue" in lines[-1]) is bool(venue and for_venues)
