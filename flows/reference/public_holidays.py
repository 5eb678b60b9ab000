"""Public holidays and weekends of a place, as the calendar that pure functions are given.

Holidays that depend on the sight of the moon are estimates, and their names say so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Final

from incidents.kernel.errors import InvalidInputError
from incidents.law.working_days import WEEKEND, WorkCalendar, weekday_name
from incidents.obligations.applicability import EEA

if TYPE_CHECKING:
    from holidays import HolidayBase

# `date.weekday()`: Monday is 0.
_SATURDAY: Final = 5
# As the package writes it in English: "Day off (substituted from 12/07/2024)" on 24 December 2024 in Hungary.
_ONLY_EXCHANGED: Final = "substituted from"
"""In the name of a day that is only exchanged for a working Saturday: a day off, but no public holiday."""


class UnknownPlaceError(InvalidInputError):
    """No calendar of public holidays is known for this place; the message says how a place is written."""


# A calendar of one place works out many years of holidays, and computing one due time asks it day by day.
@cache
def calendar_of(place: str) -> WorkCalendar:
    """Give the working days of *place*: a country, or a country and its part (``DE``, ``DE-BE``).

    In the EEA they are those of Art. 2(1), (2) Reg. 1182/71: all days but Saturdays, Sundays and the days that the law
    designates as public holidays. A bridge day that is worked on some Saturday instead is a working day, and that
    Saturday is none. Elsewhere they are the days on which people work.

    Raises:
        UnknownPlaceError: there is no calendar for it.

    """
    known = _holidays_of(place)
    # Art. 2 says what a working day is for acts of the Union, the GDPR among them, which holds in the whole EEA.
    # Elsewhere the country's own weekend (Friday and Saturday, say) and its exchanged days hold.
    off = _off_by_reg_1182_71 if known.country in EEA else _off_by_custom
    return WorkCalendar(place=place, day_off=off(known))


def _off_by_reg_1182_71(known: HolidayBase) -> Callable[[date], str | None]:
    def day_off(day: date) -> str | None:
        # The name is all that tells a bridge day from a holiday; one day may have several names.
        names = [holiday for holiday in known.get_list(day) if _ONLY_EXCHANGED not in holiday]
        return _because(WEEKEND if day.weekday() >= _SATURDAY else None, "; ".join(names))

    return day_off


def _off_by_custom(known: HolidayBase) -> Callable[[date], str | None]:
    def day_off(day: date) -> str | None:
        if known.is_working_day(day):
            return None
        return _because(WEEKEND if known.is_weekend(day) else None, known.get(day)) or weekday_name(day)

    return day_off


def _because(weekend: str | None, holiday: str | None) -> str | None:
    return (
        " and ".join(reason for reason in (weekend, f"public holiday: {holiday}" if holiday else None) if reason)
        or None
    )


def _holidays_of(place: str) -> HolidayBase:
    """Find the holidays by the codes of ISO 3166 alone: the package knows exchanges and classes of its own as well."""
    import holidays

    country, _, part = place.partition("-")
    # Checked first: `country_holidays` takes also names of its own classes (HolidayBase) and stock exchanges (NYSE).
    if country in set(_codes().values()):
        try:
            # In English, because `_ONLY_EXCHANGED` is compared with the names.
            known = holidays.country_holidays(country, subdiv=part or None, language="en_US")
        except NotImplementedError:
            raise _unknown(place) from None
        # The package takes an alias (Bayern) as well; only ISO 3166-2 is written to the record, or one place had two
        # names.
        if not part or part in known.subdivisions:
            return known
    raise _unknown(place)


def _unknown(place: str) -> UnknownPlaceError:
    near = _meant(place)
    meant = f" (did you mean {near}?)" if near else ""
    return UnknownPlaceError(
        f"no public holidays are known for {place!r}{meant}: write a country (DE) or a country and its part (DE-BE)"
    )


def _meant(place: str) -> str | None:
    """The code that was probably meant: ``de``, ``Germany`` and ``DEU`` are ``DE``, ``DE-Bayern`` is ``DE-BY``."""
    import holidays

    country, _, part = place.partition("-")
    codes = _codes()
    # 0.85 takes a slip of one letter ("Germny") and offers nothing for a code that is no country's ("XX").
    near = get_close_matches(_plain(country), codes, n=1, cutoff=0.85)
    if not near:
        return None
    code = codes[near[0]]
    if not part:
        return code
    known = holidays.country_holidays(code)
    parts = {subdivision.lower(): subdivision for subdivision in known.subdivisions}
    parts |= {name.lower(): code for name, code in getattr(known, "subdivisions_aliases", {}).items()}
    nearest = get_close_matches(part.lower(), parts, n=1, cutoff=0.8)
    return f"{code}-{parts[nearest[0]]}" if nearest else None


@cache
def _codes() -> dict[str, str]:
    """Every country's code of two letters by its code, its name and its other codes, in small letters."""
    from holidays.registry import COUNTRIES

    return {
        # A row of the registry: class, code of two letters, code of three, further class names. The module is its name
        # in words.
        _plain(name): row[1]
        for module, row in COUNTRIES.items()
        for name in (module, *(cell for cell in row if not cell.startswith("Holidays")))
    }


def _plain(name: str) -> str:
    return "".join(symbol for symbol in name.lower() if symbol.isalpha())
