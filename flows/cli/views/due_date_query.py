"""`clock due`: from what was typed to a due time of any duty of any law."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from flows.cli.context import CommandContext
    from incidents.deadlines.computation import DueDate
    from incidents.deadlines.terms import Terms
    from incidents.law.model import Duty, Regime, Start
    from incidents.law.working_days import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class DueDateQuery:
    """What was typed."""

    regime: str
    duty: str
    aware: str | None
    start: str | None
    events: tuple[str, ...]
    zone: str | None
    place: str | None
    entity: str | None


@dataclass(frozen=True, kw_only=True)
class OtherDueDate:
    """Another due time, for kinds of entity that we may be."""

    entities: tuple[str, ...]
    counted: DueDate


@dataclass(frozen=True, kw_only=True)
class DueDateAnswer:
    """A due time with all that belongs to it."""

    regime: Regime
    duty: Duty
    terms: Terms
    events: dict[Start, datetime]
    counted: DueDate
    zone: ZoneInfo
    place: str | None
    """Whose working days were asked; ``None`` where none had to be."""
    entities: tuple[str, ...]
    """Our kinds of entity among those the law tells apart: as typed, else as the organisation says."""
    otherwise: tuple[OtherDueDate, ...]
    """Where our kind is not known and the general rule counts: when it would be due for those singled out."""
    lies_ahead: bool
    """An event is still to come."""
    read_in: ZoneInfo | None
    """In which zone a time without one was read, where that is not :attr:`zone`."""

    @property
    def out_of_order(self) -> bool:
        """Whether the clock starts before the event of its cap: one of the times will be wrong."""
        return self.duty.cap is not None and self.counted.started_at < self.events[self.duty.cap.start]

    @property
    def day(self) -> date:
        """The day on which the clock starts, where its days begin and end."""
        return self.counted.started_at.astimezone(self.zone).date()

    @property
    def zone_is_elsewhere(self) -> bool:
        """Whether the clocks of :attr:`place` show another hour at the due time than those of :attr:`zone`."""
        from flows.reference.time_zones import shows_other_time

        return self.place is not None and shows_other_time(self.place, self.zone, self.counted.due_at)

    @property
    def in_force(self) -> bool:
        """Whether the duty binds on the day the clock starts; a date is computed either way, and says so."""
        return self.regime.applies_on(self.day) and self.duty.applies_on(self.day)

    @property
    def valid_from(self) -> date | None:
        """The first day on which the duty binds: its own, where it is younger than its law."""
        return self.duty.valid_from or self.regime.valid_from


def find(ctx: CommandContext, asked: DueDateQuery) -> DueDateAnswer:
    """Compute the due time.

    A law that is only proposed, or not in force on that day, is computed all the same: who plans or looks back needs
    the date, and :attr:`DueDateAnswer.in_force` says that it binds nobody.

    Raises:
        UnknownRegimeError, UnknownDuty: there is none of that name.
        InvalidInputError: an event that the duty counts from was not given, or what was typed cannot be used.
        TimeNotUnderstoodError, UnknownPlaceError: no moment, or no place with known holidays.

    """
    from flows.cli.time_parsing import zone_named
    from incidents.deadlines.computation import count
    from incidents.deadlines.targets import terms_for

    law = ctx.app.law(asked.regime)
    entities = _kinds(ctx, asked.entity, law)
    # Of several kinds that we are, the strictest binds: `bound` picks it.
    duty = law.bound(law.duty(asked.duty), entities)
    terms = terms_for(law, duty, ctx.app.targets)
    # What was typed goes first, then the law's own zone: a law that counts days ends them where it is in force.
    zone = zone_named(asked.zone or law.zone or ctx.zone.key)
    events = _events(ctx, asked, duty)
    _refuse_without(duty, law, events)
    calendar = _calendar(ctx, asked, law, duty, terms)
    counted = count(duty, terms.period, events, zone=zone, calendar=calendar)
    return DueDateAnswer(
        regime=law, duty=duty, terms=terms, events=events, zone=zone, counted=counted, entities=entities,
        # Where a kind is known there is nothing left to warn of.
        otherwise=() if entities else _otherwise(ctx, asked, law, events, zone, counted),
        place=calendar.place if calendar else None,
        lies_ahead=any(at > ctx.now for at in events.values()),
        read_in=_read_elsewhere(ctx, asked, zone),
    )  # fmt: skip


def _refuse_without(duty: Duty, law: Regime, events: dict[Start, datetime]) -> None:
    """Name every event that the duty counts from and nobody gave, with the option that gives it."""
    from incidents.deadlines.computation import needed
    from incidents.kernel.errors import InvalidInputError
    from incidents.law.model import Start

    missing = [start for start in needed(duty) if start not in events]
    if not missing:
        return
    of_year = duty.start is Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY
    detail = f" ({duty.start_detail})" if duty.start_detail and duty.start in missing else ""
    names = " and ".join(f"`{event.value}`" for event in needed(duty))
    counts = f"the end of the calendar year of {names}" if of_year else names
    given = len(missing) < len(needed(duty))
    some = f"; {' and '.join(f'`{event.value}`' for event in missing)} is not given" if given else ""
    options = " ".join("--aware TIME" if start is Start.AWARE else f"--event {start.value}=TIME" for start in missing)
    message = f"`{law.id}/{duty.id}` counts from {counts}{detail}{some}: say when that was, with `{options}`"
    raise InvalidInputError(message)


def _otherwise(
    ctx: CommandContext,
    asked: DueDateQuery,
    law: Regime,
    events: dict[Start, datetime],
    zone: ZoneInfo,
    general: DueDate,
) -> tuple[OtherDueDate, ...]:
    """Count for each kind of entity; give those for which it is due at another time than by the general rule."""
    from incidents.deadlines.computation import count
    from incidents.deadlines.targets import terms_for

    # By due time: twenty kinds of entity under DORA have one and the same date.
    kinds_due: dict[datetime, list[str]] = {}
    counted: dict[datetime, DueDate] = {}
    for kind in law.entities:
        duty = law.duty(asked.duty).for_entity(kind)
        terms = terms_for(law, duty, ctx.app.targets)
        calendar = _calendar(ctx, asked, law, duty, terms)
        due = count(duty, terms.period, events, zone=zone, calendar=calendar)
        kinds_due.setdefault(due.due_at, []).append(kind)
        counted[due.due_at] = due
    return tuple(
        OtherDueDate(entities=tuple(kinds_due[at]), counted=counted[at])
        for at in sorted(kinds_due)
        if at != general.due_at
    )


def _kinds(ctx: CommandContext, entity: str | None, law: Regime) -> tuple[str, ...]:
    """The kind that was typed, else those the organisation's file says; a kind unknown to the law is refused."""
    from incidents.kernel.errors import InvalidInputError

    if entity is None:
        return law.kinds_among(ctx.app.profile.kinds)
    if entity in law.entities:
        return (entity,)
    kinds = f"it knows: {', '.join(law.entities)}" if law.entities else "it tells no kinds apart: leave --entity out"
    near = get_close_matches(entity.lower(), law.entities, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    message = f"`{law.id}` knows no kind of entity {entity!r}{meant}; {kinds}"
    raise InvalidInputError(message)


def _events(ctx: CommandContext, asked: DueDateQuery, duty: Duty) -> dict[Start, datetime]:
    """Read every event that was given; a local time is taken in --zone, else in the organisation's zone."""
    from flows.cli.time_parsing import understand, zone_named
    from incidents.kernel.errors import InvalidInputError

    # Not the law's zone: a person types what the clock on their wall showed.
    zone = zone_named(asked.zone) if asked.zone else ctx.zone
    events: dict[Start, datetime] = {}
    for start, time in _typed(asked, duty):
        if start in events:
            message = f"the event `{start.value}` is given twice"
            raise InvalidInputError(message)
        events[start] = understand(time, ctx.now, zone).at
    return events


def _typed(asked: DueDateQuery, duty: Duty) -> list[tuple[Start, str]]:
    from incidents.deadlines.computation import needed
    from incidents.law.model import Start

    typed = [_named(event) for event in asked.events]
    typed += [(Start.AWARE, asked.aware)] if asked.aware else []
    # `--start` names no event: it is the first one that the duty counts from.
    return typed + ([(needed(duty)[0], asked.start)] if asked.start else [])


def _read_elsewhere(ctx: CommandContext, asked: DueDateQuery, zone: ZoneInfo) -> ZoneInfo | None:
    """Say in which zone a time without one was read, where days end in another one."""
    from flows.cli.time_parsing import names_its_zone

    times = (*(event.partition("=")[2] for event in asked.events), asked.aware, asked.start)
    bare = any(time and not names_its_zone(time) for time in times)
    return ctx.zone if bare and not asked.zone and zone.key != ctx.zone.key else None


def _named(given: str) -> tuple[Start, str]:
    from incidents.kernel.errors import InvalidInputError
    from incidents.law.model import Start

    name, equals, time = given.partition("=")
    # The only start that is no event but follows from one (HIPAA, 45 CFR 164.408(c)).
    if name.strip() == Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY.value:
        message = f"--event {given!r}: that is worked out from the discovery; write detected=TIME"
        raise InvalidInputError(message)
    known = [start.value for start in Start if start is not Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY]
    if not equals or name.strip() not in known:
        near = get_close_matches(name.strip().lower(), known, n=1)
        meant = f" (did you mean {near[0]}?)" if equals and near else ""
        message = f"--event {given!r}: write START=TIME{meant}, with START one of {', '.join(known)}"
        raise InvalidInputError(message)
    return Start(name.strip()), time


def _calendar(ctx: CommandContext, asked: DueDateQuery, law: Regime, duty: Duty, terms: Terms) -> WorkCalendar | None:
    """The working days of the place that was typed, else of the law's, else of where we act; if any are asked."""
    from flows.reference.public_holidays import calendar_of
    from incidents.deadlines.computation import asks_calendar
    from incidents.law.model import DutyRecipient

    asks = asks_calendar(duty, terms.period)
    if asked.place is not None:
        # Read even where it is not needed: a place that was mistyped must be refused, not passed over.
        calendar = calendar_of(asked.place)
        return calendar if asks else None
    if not asks:
        return None
    who = ctx.app.profile
    # A lead authority is a thing of the GDPR (Art. 56), and its Land's holidays move what is owed to it and nothing
    # else.
    notified = who.lead if law.one_stop_shop and duty.to is DutyRecipient.AUTHORITY else None
    place = law.place or who.days_off_in(notified)
    return calendar_of(place) if place else None
