"""Working days of one place, as a value that pure functions can be given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from incidents.kernel.errors import InvalidInputError

_DAY: Final = timedelta(days=1)
_LONGEST_BREAK: Final = 60
"""Days; far more than any place has off in a row."""
ESTIMATED: Final = "estimated"
"""In the name of a holiday whose day is not settled yet."""
WEEKEND: Final = "weekend"
# Not `strftime("%A")`: that follows the locale of the process, and the lines of a due time are English.
_WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NoWorkingDays(InvalidInputError):
    """The calendar has no working day for two months: it was made wrongly."""


@dataclass(frozen=True, kw_only=True)
class WorkCalendar:
    """The working days of one place (Art. 2(1), (2) Reg. 1182/71: of the place where action is to be taken)."""

    place: str
    """A country, or a country and its part: ``DE``, ``DE-BE``."""
    day_off: Callable[[date], str | None]
    """Why nobody works on that day (``Saturday``, ``public holiday: Christmas Day``), or ``None`` where they do."""

    def is_working(self, day: date) -> bool:
        """Whether *day* is a working day here."""
        return self.day_off(day) is None

    def next_working(self, day: date) -> date:
        """Find the first working day after *day*.

        Raises:
            NoWorkingDays: there is none for two months.

        """
        # Bounded, for a calendar that knows only days off would otherwise hang whoever asks for a due time.
        for number in range(1, _LONGEST_BREAK + 1):
            if self.is_working(day + number * _DAY):
                return day + number * _DAY
        message = f"the calendar of {self.place} has no working day in the {_LONGEST_BREAK} days after {day}"
        raise NoWorkingDays(message)

    def days_off(self, first: date, last: date) -> tuple[tuple[date, str], ...]:
        """List the days off from *first* to *last*, each with its reason."""
        days = (first + number * _DAY for number in range((last - first).days + 1))
        return tuple((day, why) for day in days if (why := self.day_off(day)))

    def after_working_days(self, day: date, count: int) -> date:
        """Find the *count*-th working day after *day*, which is not counted itself."""
        for _ in range(count):
            day = self.next_working(day)
        return day


def is_estimated(why: str) -> bool:
    """Whether a day off is only expected then: a holiday by the moon, or one still to be set."""
    return ESTIMATED in why


def weekday_name(day: date) -> str:
    """Name the weekday of *day*."""
    return _WEEKDAYS[day.weekday()]
