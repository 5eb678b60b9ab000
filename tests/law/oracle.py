"""A second way to count, as naive as can be: no library of holidays, no code of ours, time looked at bit by bit.

Where production adds a length of time or jumps to a date, this walks: quarter of an hour by quarter of an hour, day by
day. It is slow, and it shares no line with what it is compared with. Holidays are written down or worked out here.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)
DaysOff = Callable[[date], bool]


def hours(count: int, start: datetime) -> datetime:
    """Walk *count* times four quarters of an hour from *start*."""
    at = start.astimezone(UTC)
    for _ in range(count * 4):
        at += QUARTER
    return at


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """The first quarter of an hour at which the calendar on the wall shows a later day than *day*."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    while at.astimezone(zone).date() <= day:
        at += QUARTER
    return at


def calendar_days(count: int, start: datetime, zone: ZoneInfo) -> date:
    """Turn *count* pages after the page of the event."""
    day = start.astimezone(zone).date()
    for _ in range(count):
        day += DAY
    return day


def months(count: int, start: datetime, zone: ZoneInfo) -> date:
    """Turn pages until the month has changed *count* times, then on to the same number, or to the month's last page."""
    event = start.astimezone(zone).date()
    day, changed = event, 0
    while changed < count:
        following = day + DAY
        changed += following.month != day.month
        day = following
    while day.day < event.day and (day + DAY).month == day.month:
        day += DAY
    return day


def business_days(count: int, start: datetime, zone: ZoneInfo, off: DaysOff) -> date:
    """Turn pages after that of the event, and count those on which people work."""
    day = start.astimezone(zone).date()
    while count:
        day += DAY
        count -= not off(day)
    return day


def next_working(day: date, off: DaysOff) -> date:
    """Turn at least one page, and go on while nobody works."""
    day += DAY
    while off(day):
        day += DAY
    return day


def noon_of(day: date, zone: ZoneInfo) -> datetime:
    """Walk through *day* until the clock on the wall shows twelve."""
    at = datetime(day.year, day.month, day.day, tzinfo=UTC) - DAY
    while at.astimezone(zone).replace(tzinfo=None) != datetime(day.year, day.month, day.day, 12):  # noqa: DTZ001 - wall
        at += QUARTER
    return at


def noon_if_off(end: datetime, zone: ZoneInfo, off: DaysOff) -> datetime:
    """Midnight is the end of one day and the beginning of the next; it moves only if nobody works on either."""
    days = {at.astimezone(zone).date() for at in (end, end - timedelta(microseconds=1))}
    return noon_of(next_working(max(days), off), zone) if all(off(day) for day in days) else end


def latest_of_hours(count: int, start: datetime, zone: ZoneInfo) -> datetime:
    """Leave out the hour of the event: walk to the next full hour on the wall, then count."""
    at = start.astimezone(UTC).replace(second=0, microsecond=0) + MINUTE
    while at.astimezone(zone).minute:
        at += MINUTE
    return hours(count, at)


def due(unit: str, count: int, roll: str, start: datetime, zone: ZoneInfo, off: DaysOff) -> datetime:
    """Count *count* of *unit* from *start*; *roll* is ``-``, ``eu`` (Art. 3(4) Reg. 1182/71) or ``noon``."""
    if unit == "hours":
        end = hours(count, start)
        return noon_if_off(end, zone, off) if roll == "noon" else end
    if unit == "business_days":
        return end_of(business_days(count, start, zone, off), zone)
    day = (months if unit == "months" else calendar_days)(count, start, zone)
    if roll == "-" or not off(day):
        return end_of(day, zone)
    following = next_working(day, off)
    return noon_of(following, zone) if roll == "noon" else end_of(following, zone)


# ---- days off, worked out from the calendar alone


def easter(year: int) -> date:
    """Easter Sunday: the first Sunday after the church's full moon (the way of Meeus, Jones and Butcher)."""
    a, b, c = year % 19, year // 100, year % 100
    h = (19 * a + b - b // 4 - (b - (b + 8) // 25 + 1) // 3 + 15) % 30
    k = (32 + 2 * (b % 4) + 2 * (c // 4) - h - c % 4) % 7
    m = (a + 11 * h + 22 * k) // 451
    month, day = divmod(h + k - 7 * m + 114, 31)
    return date(year, month, day + 1)


def weekend(*weekdays: int) -> DaysOff:
    """Nobody works on these weekdays (Monday is 0); no holidays are known."""
    return lambda day: day.weekday() in weekdays


def germany(day: date) -> bool:
    """The nine nationwide holidays, and weekends."""
    sunday = easter(day.year)
    moving = {sunday + each * DAY for each in (-2, 1, 39, 50)}
    fixed = {(1, 1), (5, 1), (10, 3), (12, 25), (12, 26)}
    return day.weekday() >= 5 or day in moving or (day.month, day.day) in fixed


def united_states(day: date) -> bool:
    """The eleven federal holidays, observed on Friday or Monday where they fall on a weekend, and weekends."""
    return day.weekday() >= 5 or any(
        _observed(holiday) == day for year in (day.year, day.year + 1) for holiday in _federal(year)
    )


def _federal(year: int) -> tuple[date, ...]:
    fixed = [date(year, *each) for each in ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))]
    mondays = [_nth(year, month, 0, which) for month, which in ((1, 3), (2, 3), (9, 1), (10, 2))]
    memorial = max(date(year, 5, number) for number in range(25, 32) if date(year, 5, number).weekday() == 0)
    return (*fixed, *mondays, memorial, _nth(year, 11, 3, 4))


def _observed(holiday: date) -> date:
    return holiday + {5: -DAY, 6: DAY}.get(holiday.weekday(), timedelta())


def _nth(year: int, month: int, weekday: int, which: int) -> date:
    days = [day for day in (date(year, month, number) for number in range(1, 29)) if day.weekday() == weekday]
    return days[which - 1]


def brazil(day: date) -> bool:
    """The national holidays, Good Friday among them, and weekends."""
    fixed = {(1, 1), (4, 21), (5, 1), (9, 7), (10, 12), (11, 2), (11, 15), (11, 20), (12, 25)}
    return day.weekday() >= 5 or (day.month, day.day) in fixed or day == easter(day.year) - 2 * DAY
