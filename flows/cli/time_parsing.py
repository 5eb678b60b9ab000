"""Understanding the moments and lengths of time that a person types.

Nothing is understood silently: the caller says back what was understood.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Final
from zoneinfo import ZoneInfo

from incidents.kernel.errors import InvalidInputError
from incidents.kernel.time_zones import zone_of

_EXAMPLES: Final = '"2026-11-18 03:12", "2026-11-18 03:12 CET", "2026-11-18T02:12:00Z", "20 min ago", "now"'
# "2026-11-18 03:12", "2026-11-18T02:12:00Z", "yesterday 14:00 CET", "2026-11-18 03:12 Europe/Berlin". A day alone is no
# moment: midnight would be a guess.
_DAY_AND_TIME: Final = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d|today|yesterday)[T ]+(?P<time>\d{1,2}:\d\d(?::\d\d(?:[.,]\d{1,9})?)?)"
    r"\s*(?P<zone>Z|[+-]\d\d:?\d\d|[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+)*)?",
    re.IGNORECASE,
)
# "24h", "1.5 d", "20 min". No months and no years: they have no length.
_PART: Final = r"(\d+(?:\.\d+)?)\s*(d|days?|h|hours?|hrs?|min|mins|minutes?|m|s|secs?|seconds?)"
_LENGTH: Final = re.compile(rf"{_PART}(?:\s*{_PART})*", re.IGNORECASE)
# By the first letter, whatever follows: "h", "hrs" and "hours" are one. "m" is minutes: months are no length.
_UNITS: Final = {"d": timedelta(days=1), "h": timedelta(hours=1), "m": timedelta(minutes=1), "s": timedelta(seconds=1)}
_ABBREVIATED: Final = {
    "CET": "Europe/Berlin",
    "CEST": "Europe/Berlin",
    "WET": "Europe/Lisbon",
    "WEST": "Europe/Lisbon",
    "EET": "Europe/Athens",
    "EEST": "Europe/Athens",
    "BST": "Europe/London",
    "EST": "America/New_York",
    "EDT": "America/New_York",
    "MST": "America/Denver",
    "MDT": "America/Denver",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
}
"""Those that mail itself knows by these letters (RFC 5322 section 4.3), and Europe's; elsewhere the same letters mean
several zones (CST is Chicago, Havana and Shanghai), so an offset or a name is asked for."""

# Both included. Wide enough for any breach, and narrow enough for a year with a digit too many.
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_UTC: Final = frozenset({"Z", "UTC", "GMT"})


class TimeNotUnderstoodError(InvalidInputError):
    """This is no time, or two times at once; the message shows how to write it."""


@dataclass(frozen=True, kw_only=True)
class ParsedTime:
    """A moment that was typed: the words, and the moment they mean, aware and in UTC."""

    given: str
    at: datetime


def understand(given: str, now: datetime, zone: ZoneInfo) -> ParsedTime:
    """Understand a moment; one without a zone is taken in *zone*.

    Raises:
        TimeNotUnderstoodError: not a moment, or a local time that happened twice or never.

    """
    words = " ".join(given.split())
    return ParsedTime(given=given, at=_moment(words, now, zone))


def names_its_zone(given: str) -> bool:
    """Whether a moment means the same in every zone: ``now``, ``20 min ago``, or one written with its zone."""
    match = _DAY_AND_TIME.fullmatch(" ".join(given.split()))
    return match is None or match["zone"] is not None


def _moment(words: str, now: datetime, zone: ZoneInfo) -> datetime:
    if words.lower() == "now":
        # A person who says "now" means no microsecond; cutting never makes a moment that lies ahead.
        return now.replace(microsecond=0)
    # For what is set by others: until when an authority asks. Elsewhere a use case refuses the future.
    if words.lower().startswith("in "):
        return _within_calendar(lambda: (now + read_length(words[3:])).replace(microsecond=0), words)
    if words.lower().endswith(" ago"):
        return _within_calendar(lambda: (now - read_length(words[:-4])).replace(microsecond=0), words)
    match = _DAY_AND_TIME.fullmatch(words)
    if match is None:
        message = f"{words!r} is not a time; write for example {_EXAMPLES}"
        raise TimeNotUnderstoodError(message)
    naive = datetime.combine(_day(match["day"], now, zone), _time(match["time"], words))
    return _within_calendar(lambda: _placed(naive, match["zone"], zone, words).astimezone(UTC), words)


def _within_calendar(moment: Callable[[], datetime], words: str) -> datetime:
    """Refuse what lies at or beyond the calendar's ends: no clock could be counted from there."""
    try:
        at = moment()
    except OverflowError:
        at = None
    if at is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        message = f"{words!r}: a moment lies between the years {_FIRST_YEAR} and {_LAST_YEAR}; check the year"
        raise TimeNotUnderstoodError(message)
    return at


def _day(word: str, now: datetime, zone: ZoneInfo) -> date:
    today = now.astimezone(zone).date()
    if word.lower() in {"today", "yesterday"}:
        return today - timedelta(days=1 if word.lower() == "yesterday" else 0)
    try:
        return date.fromisoformat(word)
    except ValueError:
        # The pattern takes 2026-02-30.
        message = f"{word} is no day of the calendar"
        raise TimeNotUnderstoodError(message) from None


def _time(word: str, words: str) -> time:
    try:
        # "3:12" is how people write it, and `fromisoformat` asks for two digits. Of nanoseconds (RFC 3339 has no limit)
        # it cuts what is finer than a microsecond: never into a moment that lies ahead.
        return time.fromisoformat(word if word[1:2] != ":" else f"0{word}")
    except ValueError:
        message = f"{words!r}: {word} is no time of day (00:00 to 23:59)"
        raise TimeNotUnderstoodError(message) from None


def _placed(naive: datetime, given: str | None, zone: ZoneInfo, words: str) -> datetime:
    """Put a local time into the zone that was given, or into ours."""
    # Without a zone: the organisation's, and the answer says so (`echo`).
    if given is None:
        return _only_reading(naive, zone)
    if given[0] in "+-":
        return naive.replace(tzinfo=_offset(given))
    # A slash makes it an IANA name; letters alone are an abbreviation, and hold only while clocks showed it.
    if "/" in given:
        return _only_reading(naive, zone_named(given))
    return _abbreviated(naive, given.upper(), zone, words)


def _offset(given: str) -> timezone:
    # "+0100" and "+01:00": hours from the front, minutes from the end.
    length = timedelta(hours=int(given[1:3]), minutes=int(given[-2:]))
    if length >= timedelta(days=1):
        message = f"{given} is no offset from UTC; write for example +01:00"
        raise TimeNotUnderstoodError(message)
    return timezone(-length if given[0] == "-" else length)


def zone_named(name: str) -> ZoneInfo:
    """Find a time zone by its IANA name.

    Raises:
        TimeNotUnderstoodError: there is none of that name.

    """
    zone = zone_of(name)
    if zone is None:
        message = f"{name!r} is no time zone; write an IANA name such as Europe/Berlin, or an offset such as +01:00"
        raise TimeNotUnderstoodError(message)
    return zone


def _abbreviated(naive: datetime, letters: str, zone: ZoneInfo, words: str) -> datetime:
    """Take CET for the hour it names, and only where a clock showed it: CET in July is a mistake somewhere."""
    if letters in _UTC:
        return naive.replace(tzinfo=UTC)
    # Our own zone first: a company in Dublin means Irish Standard Time by IST, whatever others mean by it.
    names = [zone.key, *([_ABBREVIATED[letters]] if letters in _ABBREVIATED else [])]
    for name in names:
        fitting = [reading for reading in _readings(naive, ZoneInfo(name)) if reading.tzname() == letters]
        if fitting:
            return fitting[0]
    message = (
        f"{words!r}: no clock showed {letters} then; write an offset ({naive:%Y-%m-%d %H:%M}+01:00) or a zone "
        f"({naive:%Y-%m-%d %H:%M} {zone.key})"
    )
    raise TimeNotUnderstoodError(message)


def _readings(naive: datetime, zone: ZoneInfo) -> list[datetime]:
    """Every moment at which the clocks of *zone* showed this: one, none, or two."""
    # `fold` picks the first or second pass of the hour that comes twice when clocks are put back.
    both = [naive.replace(tzinfo=zone, fold=fold) for fold in (0, 1)]
    # In the hour that is left out in spring, going to UTC and back gives another time: no clock showed it.
    real = [moment for moment in both if moment.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == naive]
    return real[:1] if len({moment.utcoffset() for moment in real}) == 1 else real


def _only_reading(naive: datetime, zone: ZoneInfo) -> datetime:
    readings = _readings(naive, zone)
    # Two readings are refused and none is chosen: an hour decides whether 72 hours were kept.
    if len(readings) == 1:
        return readings[0]
    both = [naive.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)]
    first, second = (f"{moment.astimezone(zone):%H:%M %Z} ({moment:%H:%M}Z)" for moment in sorted(both))
    what = "happened twice" if readings else "never happened: the clocks were put forward"
    message = (
        f"{naive:%Y-%m-%d %H:%M} {what} in {zone.key}: it may mean {first} or {second}; write one of them, for "
        f"example {min(both):%Y-%m-%d %H:%MZ}"
    )
    raise TimeNotUnderstoodError(message)


def read_length(given: str) -> timedelta:
    """Understand a length of time: ``24h``, ``90 min``, ``1 h 20 min``, ``2 days``.

    Raises:
        TimeNotUnderstoodError: it is none.

    """
    words = given.strip()
    if not _LENGTH.fullmatch(words):
        message = f"{words!r} is no length of time; write for example 24h, 90min or 2d"
        raise TimeNotUnderstoodError(message)
    # A second pass: a repeated group keeps only what it matched last.
    parts = re.findall(_PART, words, re.IGNORECASE)
    try:
        return sum((float(number) * _UNITS[unit[0].lower()] for number, unit in parts), timedelta())
    except OverflowError:
        message = f"{words!r} is longer than any calendar"
        raise TimeNotUnderstoodError(message) from None


def read_speed(given: str) -> float:
    """Understand how fast a clock runs: ``1h/s`` is 3600 times as fast as real time.

    Raises:
        TimeNotUnderstoodError: not a length of time for each second, or none at all.

    """
    length, slash, second = given.partition("/")
    if not slash or second.strip().lower() not in {"s", "sec", "1s", "second"}:
        message = f"{given!r} is no speed; write for example 1h/s (an hour in a second)"
        raise TimeNotUnderstoodError(message)
    speed = read_length(length).total_seconds()
    # Slower than real time an exercise would last longer than what it plays.
    if speed < 1:
        message = f"{given!r}: the clock of an exercise runs at least as fast as real time (1s/s)"
        raise TimeNotUnderstoodError(message)
    return speed
