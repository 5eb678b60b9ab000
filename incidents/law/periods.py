"""Counting legal periods: elapsed hours, calendar days, business days and months; all results in UTC."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from incidents.kernel.errors import InvalidInputError
from incidents.law.working_days import WorkCalendar

_HOUR: Final = timedelta(hours=1)
# The resolution of our times: an end at 24:00 belongs to the day that is over an instant before.
_INSTANT: Final = timedelta(microseconds=1)
_NOON: Final = time(12)
_SEVERAL_DAYS: Final = 2
"""Both the days and the working days of Art. 3(5) Reg. 1182/71."""
_WORDS: Final = {
    "hours": ("hour", "hours"),
    "calendar_days": ("calendar day", "calendar days"),
    "business_days": ("business day", "business days"),
    "months": ("month", "months"),
}


class PeriodKind(StrEnum):
    """How a period is expressed; the kinds are different rules of counting, not different units of one rule."""

    HOURS = "hours"
    CALENDAR_DAYS = "calendar_days"
    BUSINESS_DAYS = "business_days"
    MONTHS = "months"
    NONE = "none"
    """No figure in law: "without undue delay"."""


class Counting(StrEnum):
    """By which rule the end of a period is found; what happens where it falls on a day off."""

    ELAPSED_HOURS = "elapsed_hours"
    """Hours run through nights, weekends and holidays; nothing moves the end."""
    REG_1182_71 = "reg_1182_71"
    """Law of the EU: hours as above; days and months end with the next working day (Art. 3(4) Reg. 1182/71)."""
    NEXT_BUSINESS_DAY = "next_business_day"
    """Days and months end with the next business day, by a law that is not the EU's."""
    NOON_NEXT_WORKING_DAY = "noon_next_working_day"
    """An end on a day off moves to noon of the next working day (Art. 5(4) Delegated Regulation (EU) 2025/301)."""
    NONE = "none"
    """Days and months end at 24:00 of their last day, whatever day that is."""


@dataclass(frozen=True, kw_only=True)
class Period:
    """A period as the law expresses it: ``72 hours``, ``1 month``, or no figure at all.

    Raises:
        ValueError: a figure is missing, not above zero, or given although the law sets none.

    """

    kind: PeriodKind
    value: int | None = None

    def __post_init__(self) -> None:
        if self.kind is PeriodKind.NONE and self.value is not None:
            message = "a period of kind `none` has no figure: remove the value"
            raise ValueError(message)
        if self.kind is not PeriodKind.NONE and (self.value is None or self.value < 1):
            message = f"a period in {self.kind.value} needs a whole number above zero, not {self.value}"
            raise ValueError(message)

    @property
    def about_in_hours(self) -> int:
        """How long it is, near enough to compare two periods."""
        # A month is taken as 30 days, a business day as a day. It only ranks periods; due times are counted by
        # `due_at`.
        return (self.value or 0) * _ABOUT.get(self.kind, 0)

    def __str__(self) -> str:
        """Say it in words: ``72 hours``, ``1 month``, ``no fixed period``."""
        if self.value is None:
            return "no fixed period"
        return f"{self.value} {_WORDS[self.kind.value][self.value != 1]}"


_ABOUT: Final = {
    PeriodKind.HOURS: 1,
    PeriodKind.CALENDAR_DAYS: 24,
    PeriodKind.BUSINESS_DAYS: 24,
    PeriodKind.MONTHS: 720,
}


class UnsupportedPeriod(InvalidInputError):
    """This kind of period cannot be counted with what is known here; the message says what is missing."""


def needs_calendar(period: Period, counting: Counting) -> bool:
    """Whether its end can only be found with the working days of a place."""
    # Business days are defined by days off, so no rule of counting can do without a calendar for them.
    if period.kind in {PeriodKind.BUSINESS_DAYS, PeriodKind.NONE}:
        return period.kind is PeriodKind.BUSINESS_DAYS
    if period.kind is PeriodKind.HOURS:
        return counting is Counting.NOON_NEXT_WORKING_DAY
    return counting not in {Counting.NONE, Counting.ELAPSED_HOURS}


def due_at(
    period: Period,
    start: datetime,
    *,
    zone: ZoneInfo | None = None,
    counting: Counting = Counting.NONE,
    calendar: WorkCalendar | None = None,
) -> datetime:
    """Say when *period*, started by the event at *start* (aware), ends, in UTC.

    Hours are elapsed hours from the event itself: the earliest reading, safe everywhere. Days and months leave out
    the day of the event and end at 24:00 in *zone*, which is the first instant of the day after (Art. 3(1), 3(2)(b)
    and (c) Reg. 1182/71); of business days, days off are not counted. Where *counting* says so, an end on a day off
    moves (:func:`moved`). Hours that do not move ignore *zone* and *calendar*.

    Raises:
        UnsupportedPeriod: no figure, days and months without a zone, or working days without a calendar.
        ValueError: *start* has no time zone.

    """
    return moved(unmoved(period, start, zone=zone, calendar=calendar), period, counting, zone=zone, calendar=calendar)


def unmoved(
    period: Period, start: datetime, *, zone: ZoneInfo | None = None, calendar: WorkCalendar | None = None
) -> datetime:
    """Say when *period* ends before any roll-over, in UTC; raises as :func:`due_at` does."""
    begin = _in_utc(start)
    if period.value is None:
        message = "the law sets no figure here: set an internal target and count that"
        raise UnsupportedPeriod(message)
    if period.kind is PeriodKind.HOURS:
        # In UTC, for elapsed hours: a local sum would be an hour off over a change of the clock.
        return begin + period.value * _HOUR
    if period.kind is PeriodKind.BUSINESS_DAYS:
        working = _calendar_for(period, calendar)
        place = _zone_for(period, zone)
        return _end_of(working.after_working_days(begin.astimezone(place).date(), period.value), place)
    place = _zone_for(period, zone)
    # The day of the event is that of the place: 23:30 in London is the next day in Berlin.
    event_day = begin.astimezone(place).date()
    if period.kind is PeriodKind.MONTHS:
        return _end_of(_months_later(event_day, period.value), place)
    return _end_of(event_day + timedelta(days=period.value), place)


def moved(
    end: datetime,
    period: Period,
    counting: Counting,
    *,
    zone: ZoneInfo | None = None,
    calendar: WorkCalendar | None = None,
) -> datetime:
    """Move the end of *period* off a day off, as *counting* demands; in UTC.

    1. Hours move only to noon of the next working day, where the law says so; Art. 3(4) Reg. 1182/71 leaves them out.
    2. Hours that end at midnight stay where one of the two days is a working day: 24:00 of Friday is no Saturday.
    3. Days and months are judged by their last day, not by the instant after it.
    4. Business days end on a working day by themselves.

    Raises:
        UnsupportedPeriod: it may move, and no zone or no calendar is given.

    """
    if period.kind is PeriodKind.BUSINESS_DAYS or not needs_calendar(period, counting):
        return end
    place, working = _zone_for(period, zone), _calendar_for(period, calendar)
    day = judged_day(end, period, place, working)
    if working.is_working(day):
        return end
    # From the day on which it would end, not from the instant after it: that instant lies in a day that may be working.
    following = working.next_working(day)
    if counting is Counting.NOON_NEXT_WORKING_DAY:
        return datetime.combine(following, _NOON, tzinfo=place).astimezone(UTC)
    return _end_of(following, place)


def judged_day(end: datetime, period: Period, zone: ZoneInfo, working: WorkCalendar) -> date:
    """The day by which it is judged whether *period* ends on a day off.

    Hours that end at midnight end at 24:00 of one day and at 00:00 of the next: the working day of the two is taken, so
    that the end moves only where both readings say so.
    """
    # The two differ only where hours end at exactly 00:00, and then by one day.
    day, before = last_day(end, period, zone), (end - _INSTANT).astimezone(zone).date()
    return before if not working.is_working(day) and working.is_working(before) else day


def last_day(end: datetime, period: Period, zone: ZoneInfo) -> date:
    """The day on which *period* ends: of hours, the day of the instant; of days, the day whose 24:00 it is."""
    # Ends of days are kept as the first instant of the day after (`_end_of`), so the day itself is the one before.
    instant = end if period.kind is PeriodKind.HOURS else end - _INSTANT
    return instant.astimezone(zone).date()


def _zone_for(period: Period, zone: ZoneInfo | None) -> ZoneInfo:
    if zone is None:
        message = f"a period in {period.kind.value} ends at a time of day somewhere: give the zone"
        raise UnsupportedPeriod(message)
    return zone


def _calendar_for(period: Period, calendar: WorkCalendar | None) -> WorkCalendar:
    if calendar is None:
        message = f"{period} cannot be counted without the public holidays of the authority's place: give its calendar"
        raise UnsupportedPeriod(message)
    return calendar


def latest_reg_1182_71(period: Period, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Say when a period in hours ends at the latest under Reg. 1182/71, in UTC; only ever shown, never used as due.

    1. The hour during which the event occurs is not counted (Art. 3(1)); an event exactly on the hour lies in the
       hour that begins with it, so that hour is left out too (the literal reading).
    2. Hours are those of the clock in *zone*, which need not be full hours of UTC.
    3. The period ends with the expiry of its last hour (Art. 3(2)(a)); weekends and holidays count (Art. 3(3)), and
       there is no roll-over for hours (Art. 3(4)).

    ``None`` for other kinds: of days, :func:`with_two_working_days` may be later than the due time; a month has its two
    working days by itself.
    """
    if period.kind is not PeriodKind.HOURS or period.value is None:
        return None
    # Only the hour of the event is left out by the local clock; the hours after it are elapsed ones, as everywhere.
    return _next_full_hour(_in_utc(start), zone) + period.value * _HOUR


def with_two_working_days(
    period: Period, start: datetime, end: datetime, zone: ZoneInfo, calendar: WorkCalendar
) -> datetime | None:
    """Say when a period of two days or more ends so that it includes two working days (Art. 3(5) Reg. 1182/71), in UTC.

    *end* is its end by the other rules. Only ever shown, never used as due; ``None`` where *end* needs no more time.
    """
    # Art. 3(5) speaks of two days or more. Periods in hours have `latest_reg_1182_71`, months are always longer.
    if period.kind is not PeriodKind.CALENDAR_DAYS or period.value is None or period.value < _SEVERAL_DAYS:
        return None
    second = calendar.after_working_days(_in_utc(start).astimezone(zone).date(), _SEVERAL_DAYS)
    return _end_of(second, zone) if _end_of(second, zone) > end else None


def _next_full_hour(at: datetime, zone: ZoneInfo) -> datetime:
    """Find the first beginning of a local clock hour after *at*."""
    candidate = at - _past_the_hour(at, zone) + _HOUR
    past = _past_the_hour(candidate, zone)
    # A change of less than an hour (Lord Howe Island: 30 minutes) can leave the candidate in mid-hour.
    return candidate - past + _HOUR if past else candidate


def _past_the_hour(at: datetime, zone: ZoneInfo) -> timedelta:
    local = at.astimezone(zone)
    return timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    """24:00 of *day* in *zone*, which is the first 00:00 of the day after."""
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=zone).astimezone(UTC)


def _months_later(day: date, months: int) -> date:
    """The same date *months* later, or the last day of that month where the date is missing (Art. 3(2)(c))."""
    # Months are counted from 0 here so that December does not need a case of its own.
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone: a legal clock needs an aware time"
        raise ValueError(message)
    return at.astimezone(UTC)
