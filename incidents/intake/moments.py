"""When an alert says that something was noticed: times as monitoring systems write them, read to one moment in UTC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text

_FIRST: Final = datetime(1971, 1, 1, tzinfo=UTC)
"""Before it lies what means "not yet": Alertmanager's year 1, and an epoch that starts at nothing."""
# Seconds, milliseconds, microseconds, nanoseconds since 1970: told apart by size, as no two share a year from 1971 on.
_UNITS: Final = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))


@dataclass(frozen=True, kw_only=True)
class AlertTime:
    """The moment an alert gives, and what a person should know about how it was read."""

    at: datetime
    remark: CodedText | None = None


def alert_time(values: Iterable[Any], now: datetime) -> AlertTime:
    """Take the earliest of the times given; where there is none that can be read, the alert counts from *now*.

    Nobody is turned away at 3 a.m. for an odd time. A time without zone is read as UTC, as machines write it; one that
    lies ahead is a clock that is wrong, and the moment it was given to us is certain. Each is said in the remark.
    """
    found = [moment for value in values if (moment := _moment(value)) is not None]
    if not found:
        return AlertTime(at=now, remark=timeline_text("alert_without_time"))
    first = min(found, key=lambda moment: moment.at)
    if first.at > now:
        return AlertTime(at=now, remark=timeline_text("alert_ahead"))
    return first


def _moment(value: Any) -> AlertTime | None:
    if isinstance(value, bool) or value is None:
        return None
    number = _number(value)
    if number is not None:
        return _since_1970(number)
    try:
        moment = datetime.fromisoformat(str(value).strip())
        zoneless = moment.tzinfo is None
        at = (moment.replace(tzinfo=UTC) if zoneless else moment).astimezone(UTC)
    except (ValueError, OverflowError):  # a time of the year 1 or 9999 overflows when it is moved to UTC
        return None
    if at < _FIRST:
        return None
    return AlertTime(at=at, remark=timeline_text("alert_without_zone") if zoneless else None)


def _number(value: Any) -> float | None:
    if isinstance(value, (int, float)):
        return value
    text = str(value).strip()
    # Eight digits alone are a date (20261118) and no number of seconds.
    return float(text) if text.isascii() and _is_count(text) else None


def _is_count(text: str) -> bool:
    whole, _, part = text.partition(".")
    return len(whole) > len("20261118") and whole.isdecimal() and (not part or part.isdecimal())


def _since_1970(number: float) -> AlertTime | None:
    for below, unit in _UNITS:
        if abs(number) < below:
            at = datetime.fromtimestamp(number / unit, UTC)
            return AlertTime(at=at) if at >= _FIRST else None
    return None
