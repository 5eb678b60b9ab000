"""Counting legal periods: elapsed hours, calendar days and months; all results in UTC.

Knows Regulation (EEC, Euratom) No 1182/71 as far as it can be computed without a calendar of public holidays;
refuses to know which law asks and what happens when the period ends.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

_HOUR: Final = timedelta(hours=1)
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

    def __str__(self) -> str:
        """Say it in words: ``72 hours``, ``1 month``, ``no fixed period``."""
        if self.value is None:
            return "no fixed period"
        return f"{self.value} {_WORDS[self.kind.value][self.value != 1]}"


class UnsupportedPeriod(ValueError):
    """This kind of period cannot be counted with what is known here; the message says what is missing."""


def due_at(period: Period, start: datetime, *, zone: ZoneInfo | None = None) -> datetime:
    """Say when *period*, started by the event at *start* (aware), ends, in UTC.

    Hours are elapsed hours from the event itself: the earliest reading, safe everywhere. Calendar days and months
    leave out the day of the event and end at 24:00 in *zone* (Art. 3(1), 3(2)(b) and (c) Reg. 1182/71); they are
    not moved to the next working day (Art. 3(4)), because the earlier end is the safe one. Hours ignore *zone*.

    Raises:
        UnsupportedPeriod: no figure, business days, or days and months without a zone.
        ValueError: *start* has no time zone.

    """
    begin = _in_utc(start)
    if period.value is None:
        message = "the law sets no figure here: set an internal target and count that"
        raise UnsupportedPeriod(message)
    if period.kind is PeriodKind.HOURS:
        return begin + period.value * _HOUR
    if period.kind is PeriodKind.BUSINESS_DAYS:
        message = "business days need the calendar of public holidays of the authority's place: count them by hand"
        raise UnsupportedPeriod(message)
    if zone is None:
        message = f"a period in {period.kind.value} ends at midnight somewhere: give the zone"
        raise UnsupportedPeriod(message)
    event_day = begin.astimezone(zone).date()
    if period.kind is PeriodKind.MONTHS:
        return _end_of(_months_later(event_day, period.value), zone)
    return _end_of(event_day + timedelta(days=period.value), zone)


def latest_reg_1182_71(period: Period, start: datetime, zone: ZoneInfo) -> datetime | None:
    """Say when a period in hours ends at the latest under Reg. 1182/71, in UTC; only ever shown, never used as due.

    1. The hour during which the event occurs is not counted (Art. 3(1)); an event exactly on the hour lies in the
       hour that begins with it, so that hour is left out too (the literal reading).
    2. Hours are those of the clock in *zone*, which need not be full hours of UTC.
    3. The period ends with the expiry of its last hour (Art. 3(2)(a)); weekends and holidays count (Art. 3(3)), and
       there is no roll-over for hours (Art. 3(4)).

    ``None`` for other kinds: their latest end needs a calendar of public holidays (Art. 3(4)).
    """
    if period.kind is not PeriodKind.HOURS or period.value is None:
        return None
    return _next_full_hour(_in_utc(start), zone) + period.value * _HOUR


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
    years, month = divmod(day.month - 1 + months, 12)
    last = monthrange(day.year + years, month + 1)[1]
    return date(day.year + years, month + 1, min(day.day, last))


def _in_utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone: a legal clock needs an aware time"
        raise ValueError(message)
    return at.astimezone(UTC)
