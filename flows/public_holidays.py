"""Public holidays and weekends of a place, as the calendar that pure functions are given.

Knows the package that holds them; refuses to know what is counted with it. Holidays that depend on the sight of the
moon are estimates, and their names say so.
"""

from __future__ import annotations

from datetime import date
from functools import cache

from incidents.workdays import WorkCalendar, weekday_name


class UnknownPlaceError(ValueError):
    """No calendar of public holidays is known for this place; the message says how a place is written."""


@cache
def calendar_of(place: str) -> WorkCalendar:
    """Give the working days of *place*: a country, or a country and its part (``DE``, ``DE-BE``).

    Raises:
        UnknownPlaceError: there is no calendar for it.

    """
    import holidays

    country, _, part = place.partition("-")
    try:
        known = holidays.country_holidays(country, subdiv=part or None, language="en_US")
    except NotImplementedError:
        message = f"no public holidays are known for {place!r}: write a country (DE) or a country and its part (DE-BE)"
        raise UnknownPlaceError(message) from None

    def day_off(day: date) -> str | None:
        if known.is_working_day(day):
            return None
        name = known.get(day)
        weekend = "weekend" if known.is_weekend(day) else None
        return " and ".join(each for each in (weekend, f"public holiday: {name}" if name else None) if each) or (
            weekday_name(day)
        )

    return WorkCalendar(place=place, day_off=day_off)
