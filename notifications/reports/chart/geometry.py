"""The geometry of the timeline chart: where each mark, label and line lies, in the units of its view box.

Colours and shapes are in timeline.svg.j2. All widths of text are estimated on the wide side, so that labels do not
touch in any usual font.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from notifications.reports.chart.axis import LEFT, LETTER, WIDTH, Scale, Span, Tick, scale_for, ticks, zone_names
from notifications.reports.chart.events import LANES, ChartEvent
from notifications.reports.words import ReportWords

ROW: Final = 21.0
_RADIUS: Final = 6.0
_GAP: Final = 10.0
_ROWS: Final = 7
"""A lane has this many rows for labels; what finds no room becomes a bare mark in one more row."""
_PAD: Final = 7.0
_TOP: Final = 76.0
_LINE_TOP: Final = 18.0
"""Where the line of the due time begins, beside its label."""


@dataclass(frozen=True, kw_only=True)
class Box:
    """A rectangle, for keeping things apart."""

    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share any area."""
        apart = self.right <= other.left or other.right <= self.left
        return not (apart or self.bottom <= other.top or other.bottom <= self.top)


@dataclass(frozen=True, kw_only=True)
class PlacedEvent:
    """A mark with its place; ``label`` is empty for a bare mark, ``full`` is always whole."""

    lane: str
    x: float
    y: float
    end: float | None
    label: str
    full: str
    text_x: float
    anchor: str
    box: Box


@dataclass(frozen=True, kw_only=True)
class Lane:
    """A lane's name and its stripe."""

    id: str
    name: str
    top: float
    height: float


@dataclass(frozen=True, kw_only=True)
class ClockBar:
    """The legal clock: from awareness to due, and how far it had run, or overrun, when the authority was told."""

    start: float
    due: float
    used: float
    overrun: float
    due_label: str
    due_text_x: float
    due_anchor: str
    due_line: tuple[tuple[float, float], ...]
    """From where to where the line of the due time is drawn: it leaves out the labels that lie on it."""


@dataclass(frozen=True, kw_only=True)
class TimelineChart:
    """Everything the template draws."""

    width: float
    height: float
    bottom: float
    lanes: tuple[Lane, ...]
    marks: tuple[PlacedEvent, ...]
    ticks: tuple[Tick, ...]
    clock: ClockBar | None
    title: str
    description: str
    axis: str


def draw(
    marks: Sequence[ChartEvent], clock: Span | None, words: ReportWords, *, title: str, description: str
) -> TimelineChart:
    """Lay out the picture of a case; *marks* must not be empty."""
    scale = scale_for([mark.at for mark in marks], clock)
    placed: list[PlacedEvent] = []
    lanes: list[Lane] = []
    top = _TOP
    for lane in LANES:
        events, rows = _lay_lane([mark for mark in marks if mark.lane == lane], scale, top, words)
        height = rows * ROW + 2 * _PAD
        placed += events
        lanes.append(Lane(id=lane, name=words.say(f"lane.{lane}"), top=top, height=height))
        top += height
    return TimelineChart(
        width=WIDTH,
        height=top + 50.0,
        bottom=top,
        lanes=tuple(lanes),
        marks=tuple(placed),
        ticks=ticks(scale, words),
        clock=_bar(clock, scale, words, placed, top) if clock else None,
        title=title,
        description=description,
        axis=words.say("picture.axis", zone=words.zone.key, name=zone_names(scale, words)),
    )


def _lay_lane(
    marks: Sequence[ChartEvent], scale: Scale, top: float, words: ReportWords
) -> tuple[list[PlacedEvent], int]:
    """Put each mark in the first row where mark and label touch nothing; what finds no room becomes a bare mark."""
    placed: list[PlacedEvent] = []
    bare = 0
    for mark in marks:
        tries = (_place(mark, scale, top + _PAD + ROW * (row + 0.5), words) for row in range(_ROWS))
        fit = next((event for event in tries if not _touches(event.box, placed)), None)
        if fit is None:
            bare = 1
            fit = _place(mark, scale, top + _PAD + ROW * (_ROWS + 0.5), words, labelled=False)
        placed.append(fit)
    # Rows fill from the top, because a mark takes the first that is free: their number is that of the lowest.
    used = {event.y for event in placed}
    return placed, max(1, _ROWS + 1 if bare else len(used))


def _touches(box: Box, placed: Iterable[PlacedEvent]) -> bool:
    return any(box.overlaps(other.box) for other in placed)


def _place(mark: ChartEvent, scale: Scale, y: float, words: ReportWords, *, labelled: bool = True) -> PlacedEvent:
    x = scale.x(mark.at)
    end = scale.x(mark.until) if mark.until else None
    stop = max(x, end or x)
    full = f"{words.day_time(mark.at, year=words.in_several_years((mark.at, scale.start, scale.end)))} {mark.label}"
    text = _caption(mark, scale, words) if labelled else ""
    width = len(text) * LETTER
    # To WIDTH and not only to RIGHT: a label may stand in the margin where no mark can.
    goes_right = stop + _GAP + width <= WIDTH
    if not goes_right:
        text, width = _fitted(text, x - _GAP - LEFT)
    return PlacedEvent(
        lane=mark.lane,
        x=x,
        y=round(y, 1),
        end=end if end and end > x else None,
        label=text,
        full=full,
        text_x=stop + _GAP if goes_right else x - _GAP,
        anchor="start" if goes_right else "end",
        box=_box(x, stop, y, width, goes_right=goes_right),
    )


def _caption(mark: ChartEvent, scale: Scale, words: ReportWords) -> str:
    """The time of day and what it was; with the day on a long chart, and with an arrow where it lies beyond it."""
    year = words.in_several_years((mark.at, scale.start, scale.end))
    if scale.holds(mark.at):
        return f"{words.day(mark.at, year=year) if scale.is_long else words.time(mark.at)} {mark.label}"
    arrow = "\u2190" if mark.at < scale.start else "\u2192"
    return f"{arrow} {words.day_time(mark.at, year=year)} {mark.label}"


def _fitted(text: str, room: float) -> tuple[str, float]:
    """Cut a text that is longer than the whole width; its full words stay in the mark's title and in the table."""
    letters = int(room / LETTER)
    text = text if len(text) <= letters else f"{text[: max(letters - 1, 0)]}\u2026"
    return text, len(text) * LETTER


def _box(x: float, stop: float, y: float, width: float, *, goes_right: bool) -> Box:
    left = x - _RADIUS if goes_right else x - _GAP - width
    right = stop + _GAP + width if goes_right else stop + _RADIUS
    # Half a unit less above and below, so that labels in neighbouring rows never count as touching.
    return Box(left=left, top=y - ROW / 2 + 0.5, right=right + 4.0, bottom=y + ROW / 2 - 0.5)


def _line_between(x: float, end: float, placed: Iterable[PlacedEvent]) -> tuple[tuple[float, float], ...]:
    """Cut a line downwards at *x* where a label lies on it: a time that is struck through cannot be read."""
    pieces: list[tuple[float, float]] = []
    top = _LINE_TOP
    for box in sorted((event.box for event in placed if event.box.left < x < event.box.right), key=lambda box: box.top):
        if box.top > top:
            pieces.append((top, box.top))
        top = max(top, box.bottom)
    return (*pieces, (top, end)) if end > top else tuple(pieces)


def _bar(clock: Span, scale: Scale, words: ReportWords, placed: Iterable[PlacedEvent], bottom: float) -> ClockBar:
    due = scale.x(clock.due)
    label = words.say("picture.due", at=clock.due)
    goes_left = due - _GAP - len(label) * LETTER >= LEFT
    # Without a filing the bar stays empty: it shows how much of the time was used until the authority was told.
    start, filed = scale.x(clock.start), scale.x(clock.filed or clock.start)
    return ClockBar(
        start=start,
        due=due,
        used=round(max(min(filed, due) - start, 0.0), 1),
        overrun=round(max(filed - due, 0.0), 1),
        due_label=label,
        due_text_x=due - _GAP if goes_left else due + _GAP,
        due_anchor="end" if goes_left else "start",
        due_line=_line_between(due, bottom, placed),
    )
