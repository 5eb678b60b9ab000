"""Where the clocks of a zone are changed between two moments, to be said beside an arithmetic in elapsed hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incidents.law.reminder_ladder import in_words

_STEP: Final = timedelta(hours=12)
"""No zone has changed its clocks twice within half a day."""
_SECOND: Final = timedelta(seconds=1)
_NONE: Final = timedelta()


@dataclass(frozen=True, kw_only=True)
class ClockChange:
    """The clocks of one zone, put forward or back at one instant."""

    at: datetime
    """The instant from which the new time is shown, in UTC."""
    zone: ZoneInfo
    by: timedelta
    """Above zero: put forward."""

    def __str__(self) -> str:
        """Say it: ``the clocks of Europe/Berlin go back 1 h on Sun 2026-10-25 (03:00 CEST becomes 02:00 CET)``."""
        before = (self.at - _SECOND).astimezone(self.zone)
        # What the old clock would have shown at this instant: no local time of the zone reads so, so it is added by
        # hand.
        old = (self.at + (before.utcoffset() or _NONE)).replace(tzinfo=None)
        new = self.at.astimezone(self.zone)
        way = "forward" if self.by > _NONE else "back"
        return (
            f"the clocks of {self.zone.key} go {way} {in_words(abs(self.by))} on {old:%a %Y-%m-%d} "
            f"({old:%H:%M} {before.tzname()} becomes {new:%H:%M} {new.tzname()})"
        )


def changes_between(start: datetime, end: datetime, zone: ZoneInfo) -> tuple[ClockChange, ...]:
    """Find every change after *start* up to and including *end* (both aware), in order of time."""
    return tuple(_changes(start.astimezone(UTC), end.astimezone(UTC), zone))


def hours_text(start: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Say what elapsed hours run through, and what a clock change does to the time of day at which they end."""
    through = "the hours run through nights, weekends and holidays"
    changes = changes_between(start, end, zone)
    if not changes:
        return f"{through}; no clock change lies between"
    # Over half a year both changes of a zone lie between and cancel out; then nothing ends earlier or later.
    net = sum((change.by for change in changes), _NONE)
    way = "later" if net > _NONE else "earlier"
    effect = f"so it ends {in_words(abs(net))} {way} by the local clock" if net else "which cancel each other out"
    return f"{through}; {'; '.join(map(str, changes))}, {effect}"


def _changes(start: datetime, end: datetime, zone: ZoneInfo) -> Iterator[ClockChange]:
    while start < end:
        following = min(start + _STEP, end)
        by = _offset(following, zone) - _offset(start, zone)
        if by:
            yield ClockChange(at=_instant(start, following, zone), zone=zone, by=by)
        start = following


def _instant(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Halve the time between until the first whole second with the new offset is found."""
    old = _offset(before, zone)
    # In whole seconds: zone files know no finer change. Rounded down before and up after, so that the change
    # surely lies between.
    low, high = int(before.timestamp()), -int(-after.timestamp() // 1)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(datetime.fromtimestamp(middle, UTC), zone) == old:
            low = middle
        else:
            high = middle
    return datetime.fromtimestamp(high, UTC)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or _NONE
