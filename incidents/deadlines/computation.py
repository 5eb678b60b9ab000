"""When one duty of one law is due, from the events that happened: caps, roll-over and all, with the arithmetic."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from incidents.deadlines.dst import hours_text
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.timestamps import rfc3339
from incidents.law.model import AFTER, Cap, Start
from incidents.law.periods import (
    Counting,
    Period,
    PeriodKind,
    judged_day,
    last_day,
    moved,
    needs_calendar,
    unmoved,
    with_two_working_days,
)
from incidents.law.working_days import WEEKEND, WorkCalendar, is_estimated, weekday_name

_DAY: Final = timedelta(days=1)
_INSTANT: Final = timedelta(microseconds=1)
# The last second of the year and not the first of the next: the day of the event is not counted, and it is to be 31
# December, so that sixty days of HIPAA (45 CFR 164.408(c)) begin with 1 January.
_YEAR_END: Final = time(23, 59, 59)

Events = Mapping[Start, datetime]
"""What happened, each with its time (aware)."""


class ComputationInput(Protocol):
    """What has a clock: a duty of a law, or the terms that an obligation was created under."""

    @property
    def id(self) -> str:
        """The duty's name."""

    @property
    def start(self) -> Start:
        """The event that starts it."""

    @property
    def start_detail(self) -> str | None:
        """The law's own words for that event."""

    @property
    def period(self) -> Period:
        """How long it is."""

    @property
    def counting(self) -> Counting:
        """By which rule its end is found."""

    @property
    def cap(self) -> Cap | None:
        """A limit that ends it earlier."""

    @property
    def never_moved_for(self) -> tuple[str, ...]:
        """Kinds of entity whose limit stays on a day off."""


class MissingEvent(InvalidInputError):
    """A duty cannot be counted because an event is not known; the message names it."""

    def __init__(self, event: Start, duty: ComputationInput) -> None:
        self.event = event
        detail = f" ({duty.start_detail})" if duty.start_detail and event is duty.start else ""
        super().__init__(f"`{duty.id}` counts from `{event.value}`{detail}: say when that was")


@dataclass(frozen=True, kw_only=True)
class DueDate:
    """A due time and how it was found."""

    started_at: datetime
    due_at: datetime
    """Aware, in UTC. The end of a day is the first instant of the day after."""
    lines: tuple[str, ...]
    """The arithmetic, step by step, in words."""
    latest: datetime | None = None
    """A later end by Art. 3(5) Reg. 1182/71, in UTC; only ever shown, never used as due."""
    estimated: tuple[str, ...] = ()
    """Days off that decided it and are not settled yet, each with its name."""
    by_cap_alone: bool = False
    """The event that starts the clock is not known: the law's outer limit counts."""


def needed(duty: ComputationInput) -> tuple[Start, ...]:
    """Which events must be known to count this duty, its own start first."""
    start = Start.DETECTED if duty.start is Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY else duty.start
    return (start, duty.cap.start) if duty.cap else (start,)


def count(
    duty: ComputationInput, period: Period, events: Events, *, zone: ZoneInfo, calendar: WorkCalendar | None = None
) -> DueDate:
    """Say when *duty* is due, in steps.

    1. The clock starts with the duty's event.
    2. *period* (the law's own, or an internal target where the law sets no figure) is counted from it.
    3. A cap ends it earlier, unless the clock started only after the cap had passed.
    4. An end on a day off moves, where the law says so.

    A duty with a cap whose own event has not happened yet ends with the cap: this is the outer limit until it happens.

    Days begin and end in *zone*; *calendar* is asked only where :func:`asks_calendar` says so.

    Raises:
        MissingEvent: an event of :func:`needed` is not among *events*, and no cap answers for it.
        UnsupportedPeriod: working days are needed and no calendar is given.

    """
    # A cap is the law's: with another period than the law's own (a contract, our target) there is none to end it.
    cap = duty.cap if period == duty.period else None
    if cap and duty.start not in events and cap.start in events:
        return _by_cap_alone(duty, cap, events[cap.start], zone, calendar)
    # The duty's own event is asked for first, so that the message names what a person would look for.
    for event in needed(duty):
        if event not in events:
            raise MissingEvent(event, duty)
    started_at = _start(duty, events, zone)
    end = unmoved(period, started_at, zone=zone, calendar=calendar)
    lines = [_plainly(duty, period, started_at, end, zone, calendar)]
    if cap:
        # Before any roll-over: a cap is an end like another, and moves off a day off as that would.
        end, explanation = _capped(cap, started_at, end, events[cap.start], zone)
        lines.append(explanation)
    counting = counting_of(duty, period)
    due = moved(end, period, counting, zone=zone, calendar=calendar)
    lines += _moving(duty, period, counting, end, due, zone, calendar)
    estimated = tuple(_estimated(period, counting, started_at, end, due, zone, calendar))
    lines += [_ESTIMATED.format(", ".join(estimated))] if estimated else []
    by_eu_law = counting is Counting.REG_1182_71
    # Only law of the EU knows the two working days of Art. 3(5), and to no other may a later end be ascribed.
    latest = with_two_working_days(period, started_at, due, zone, calendar) if calendar and by_eu_law else None
    return DueDate(started_at=started_at, due_at=due, lines=tuple(lines), latest=latest, estimated=estimated)


def _by_cap_alone(
    duty: ComputationInput, cap: Cap, event: datetime, zone: ZoneInfo, calendar: WorkCalendar | None
) -> DueDate:
    """Count to the outer limit of a duty whose own event is not known (Art. 5(1)(a) Delegated Reg. (EU) 2025/301)."""
    begin = event.astimezone(UTC)
    end = unmoved(cap.period, begin)
    # By the duty's own counting: the limit is a part of the duty, and moves off a day off where the duty does.
    due = moved(end, cap.period, duty.counting, zone=zone, calendar=calendar)
    own = f"{duty.period} {AFTER[duty.start]}"
    plain = f"{rfc3339(begin)} + {cap.period} of elapsed time = {_shown(end, zone)}; {hours_text(begin, end, zone)}"
    lines = (
        f"{own}: no such time is known yet, so the outer limit counts ({cap.citation})",
        f"at most {cap.period} {AFTER[cap.start]}: {plain}",
        *_moving(duty, cap.period, duty.counting, end, due, zone, calendar),
    )
    return DueDate(started_at=begin, due_at=due, lines=lines, by_cap_alone=True)


def counting_of(duty: ComputationInput, period: Period) -> Counting:
    """By which rule *period* ends: the law's for the law's own, plain elapsed hours for an internal target."""
    return duty.counting if period == duty.period else Counting.ELAPSED_HOURS


def asks_calendar(duty: ComputationInput, period: Period) -> bool:
    """Whether the working days of a place are needed."""
    return needs_calendar(period, counting_of(duty, period))


def _start(duty: ComputationInput, events: Events, zone: ZoneInfo) -> datetime:
    if duty.start is not Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY:
        # In UTC from here on: added to a local time, hours would be those of the wall clock, off by one at a clock
        # change.
        return events[duty.start].astimezone(UTC)
    year = events[Start.DETECTED].astimezone(zone).year
    return datetime.combine(datetime(year, 12, 31, tzinfo=zone).date(), _YEAR_END, tzinfo=zone).astimezone(UTC)


def _plainly(
    duty: ComputationInput, period: Period, at: datetime, end: datetime, zone: ZoneInfo, calendar: WorkCalendar | None
) -> str:
    after = f"{period} {AFTER[duty.start]}"
    if period.kind is PeriodKind.HOURS:
        return f"{after}: {rfc3339(at)} + {period} of elapsed time = {_shown(end, zone)}; {hours_text(at, end, zone)}"
    day = f"{last_day(end, period, zone):%a %Y-%m-%d}"
    off = _left_out(calendar, at, end, zone) if calendar and period.kind is PeriodKind.BUSINESS_DAYS else ""
    by = f" ({_EU_RULE[period.kind]})" if period.kind in _EU_RULE and duty.counting in _BY_EU_RULE else ""
    ends = f"ends {day} at 24:00 ({zone.key}) = {rfc3339(end)}"
    return f"{after}: the day of the event ({_day(at, zone)}) is not counted{off}; {ends}{by}"


def _left_out(calendar: WorkCalendar, at: datetime, end: datetime, zone: ZoneInfo) -> str:
    """Say which days were not counted: of weekends how many, every other by name."""
    off = _days_off(calendar, at, end, zone)
    # Of weekends a number is enough; a holiday is named, for it is what a reader of another country would doubt.
    weekends = [why for _, why in off if why.startswith(WEEKEND)]
    named = [_named(day, why) for day, why in off if not why.startswith(WEEKEND)]
    days = [f"{len(weekends)} {'day' if len(weekends) == 1 else 'days'} of weekends"] if weekends else []
    return f", nor are days off in {calendar.place} ({'; '.join([*days, *named]) or 'none lies between'})"


def _days_off(calendar: WorkCalendar, at: datetime, end: datetime, zone: ZoneInfo) -> tuple[tuple[date, str], ...]:
    """The days off after the day of the event, until the period's last day."""
    return calendar.days_off(at.astimezone(zone).date() + _DAY, (end - _INSTANT).astimezone(zone).date())


def _named(day: date, why: str) -> str:
    return f"{day:%a %Y-%m-%d} ({why})"


def _estimated(
    period: Period, counting: Counting, start: datetime, end: datetime, due: datetime, zone: ZoneInfo,
    calendar: WorkCalendar | None,
) -> Iterator[str]:  # fmt: skip
    """Name the days off that decided the end and are only estimates."""
    if calendar is None or not needs_calendar(period, counting):
        return
    if period.kind is PeriodKind.BUSINESS_DAYS:
        # Business days skip each day off between, so any of them may decide; else only those from the last day on do.
        decided = _days_off(calendar, start, end, zone)
    else:
        first, last = judged_day(end, period, zone, calendar), (due - _INSTANT).astimezone(zone).date()
        decided = calendar.days_off(first, last)
    yield from (_named(day, why) for day, why in decided if is_estimated(why) and not why.startswith(WEEKEND))


_ESTIMATED: Final = "{}: only an estimate, for the day is not settled yet; should it be another, count again"
_BY_EU_RULE: Final = {Counting.REG_1182_71, Counting.NOON_NEXT_WORKING_DAY}
_EU_RULE: Final = {
    PeriodKind.CALENDAR_DAYS: "Art. 3(1), (2)(b) Reg. 1182/71",
    PeriodKind.MONTHS: "Art. 3(1), (2)(c) Reg. 1182/71",
}


def _capped(cap: Cap, started_at: datetime, end: datetime, event: datetime, zone: ZoneInfo) -> tuple[datetime, str]:
    limit = unmoved(cap.period, event)
    head = f"at most {cap.period} {AFTER[cap.start]}: {_shown(limit, zone)} ({cap.citation})"
    # Classified only after the outer limit, the report has its whole four hours (Art. 5(2) Delegated Reg. (EU)
    # 2025/301).
    if started_at > limit:
        return end, f"{head}; the clock started only after that, so its whole period counts"
    if limit < end:
        return limit, f"{head}; that is earlier, so it counts"
    return end, f"{head}; that is not earlier, so it changes nothing"


def _moving(
    duty: ComputationInput, period: Period, counting: Counting, end: datetime, due: datetime, zone: ZoneInfo,
    calendar: WorkCalendar | None,
) -> Iterator[str]:  # fmt: skip
    """Say whether the end moved, and why or why not."""
    # Said also where nothing moves: whoever expects a roll-over on a Sunday must read that there is none.
    if not needs_calendar(period, counting) or period.kind is PeriodKind.BUSINESS_DAYS or calendar is None:
        if period.kind not in {PeriodKind.HOURS, PeriodKind.BUSINESS_DAYS}:
            yield "an end on a weekend or holiday is not moved"
        elif duty.never_moved_for and counting is Counting.ELAPSED_HOURS:
            yield f"an end on a weekend or holiday is not moved for {', '.join(duty.never_moved_for)}"
        return
    day = judged_day(end, period, zone, calendar)
    why = calendar.day_off(day)
    if why is None:
        yield f"{weekday_name(day)} {day} is a working day in {calendar.place}: not moved"
        return
    off = f"{weekday_name(day)} {day} is a day off in {calendar.place} ({why})"
    yield f"{off}: moved to {_RULES[counting]}, {_shown(due, zone)}"
    if duty.never_moved_for:
        yield f"it is not moved for {', '.join(duty.never_moved_for)}: theirs is due {_shown(end, zone)}"


_RULES: Final = {
    Counting.REG_1182_71: "the end of the next working day (Art. 3(4) Reg. 1182/71)",
    Counting.NEXT_BUSINESS_DAY: "the end of the next business day",
    Counting.NOON_NEXT_WORKING_DAY: "noon of the next working day",
}


def _shown(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M:%S} {local.tzname()} = {rfc3339(at)}"


def _day(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %Y-%m-%d}"
