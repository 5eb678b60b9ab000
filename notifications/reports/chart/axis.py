"""The axis of the timeline chart: which stretch of time it shows, and where its hours and days are marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from notifications.reports.words import ReportWords

# Units of the view box, not pixels: the picture is scaled to the width of the page or the paper.
WIDTH: Final = 1000.0
LEFT: Final = 112.0
"""Where time begins; left of it stand the names of the lanes."""
RIGHT: Final = 976.0
LETTER: Final = 7.1
"""Width of one letter at 12 units, estimated on the wide side."""
_DAY: Final = timedelta(days=1)
# Hours between two ticks: parts of a day up to 24, then 2, 4, 7, 14 and 31 days, so that midnights are among the ticks.
_STEPS: Final = (1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 744)
_TICKS: Final = 13
_DAYS: Final = 8
_DAYS_WITH_YEAR: Final = 5
_LONG: Final = timedelta(days=300)
"""From here on a label says its day: a time of day alone could be that of any."""


@dataclass(frozen=True, kw_only=True)
class Span:
    """The legal clock in times."""

    start: datetime
    due: datetime
    filed: datetime | None


@dataclass(frozen=True, kw_only=True)
class Scale:
    """Maps time to the chart; what lies outside is held at the edge."""

    start: datetime
    end: datetime

    def x(self, at: datetime) -> float:
        """Say where *at* lies."""
        share = (min(max(at, self.start), self.end) - self.start) / (self.end - self.start)
        return round(LEFT + share * (RIGHT - LEFT), 1)

    def holds(self, at: datetime) -> bool:
        """Whether *at* lies on the chart."""
        return self.start <= at <= self.end

    @property
    def is_long(self) -> bool:
        """Whether the day matters more than the hour."""
        return self.end - self.start > _LONG


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A line of the axis with its label, which may be empty; a day's beginning is drawn stronger."""

    x: float
    label: str
    day: str


def scale_for(times: Sequence[datetime], clock: Span | None) -> Scale:
    """Choose the stretch of time to show.

    1. With a clock: at most one length of the clock before its start and two after it, so that it stays readable.
    2. Without one: everything.
    3. A little air at both ends.
    """
    shown = list(times)
    if clock:
        length = clock.due - clock.start
        shown = [time for time in times if clock.start - length <= time <= clock.start + 2 * length]
        shown += [clock.start, clock.due]
    first, last = min(shown), max(shown)
    # At least five minutes: a case in which all happened at once would have no length, and `Scale.x` would divide by
    # it.
    air = max((last - first) * 0.03, timedelta(minutes=5))
    return Scale(start=first - air, end=last + air)


def ticks(scale: Scale, words: ReportWords) -> tuple[Tick, ...]:
    """Lay the axis: full local hours at a distance that stays readable, and the beginnings of days."""
    hours = (scale.end - scale.start) / timedelta(hours=1)
    step = next((hours_apart for hours_apart in _STEPS if hours / hours_apart <= _TICKS), _STEPS[-1])
    times = _local_hours(scale, words.zone, step)
    # By the midnights that have a line, not by the days that pass: on a long axis the lines are days apart themselves.
    year = words.in_several_years((scale.start, scale.end))
    names = _DAYS_WITH_YEAR if year else _DAYS
    every = max(1, round(sum(at.astimezone(words.zone).hour == 0 for at in times) / names))
    midnights = 0
    marks = []
    for at in times:
        is_day = at.astimezone(words.zone).hour == 0
        day = words.day(at, year=year) if is_day and midnights % every == 0 else ""
        midnights += is_day
        marks.append(Tick(x=scale.x(at), label=words.time(at) if step < _DAY / timedelta(hours=1) else "", day=day))
    return _with_first_day(tuple(marks), scale, words)


def _local_hours(scale: Scale, zone: ZoneInfo, step: int) -> list[datetime]:
    """Full local hours, every *step* of them counted from local midnight, within the scale; in UTC, each once."""
    # Without a zone: hours are added on the wall clock, which has midnights also in a night of 23 or 25 hours.
    begin = scale.start.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    # 26 more: the day that holds the start may have 25 hours before it, and the division rounds down.
    count = int((scale.end - scale.start) / timedelta(hours=step)) + 26
    walls = (begin + timedelta(hours=step) * number for number in range(count))
    # In the spring night one hour does not exist and falls on the next one's moment: the set keeps one of them.
    times = (wall.replace(tzinfo=zone).astimezone(UTC) for wall in walls)
    return sorted({at for at in times if scale.holds(at)})


def _with_first_day(ticks_of_hours: tuple[Tick, ...], scale: Scale, words: ReportWords) -> tuple[Tick, ...]:
    """Name the first day at the left edge too, where the next day's name leaves room for it."""
    first = min((tick.x for tick in ticks_of_hours if tick.day), default=RIGHT)
    label = words.day(scale.start, year=words.in_several_years((scale.start, scale.end)))
    return (
        (Tick(x=LEFT, label="", day=label), *ticks_of_hours)
        if first - LEFT > (len(label) + 2) * LETTER
        else ticks_of_hours
    )


def zone_names(scale: Scale, words: ReportWords) -> str:
    """``CET``, or ``CEST, CET`` where the picture spans a change of the clock."""
    return ", ".join(dict.fromkeys(words.zone_name(at) for at in (scale.start, scale.end)))
