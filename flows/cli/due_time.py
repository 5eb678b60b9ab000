"""`clock due`: from what was typed to a due time of any duty of any law, and how it is said.

Knows events, zones and places as a person gives them; refuses to count (incidents/counting.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.cli import say

if TYPE_CHECKING:
    from flows.cli.visit import Visit
    from incidents.counting import Counted
    from incidents.deadlines import Rung, Terms
    from incidents.law import Duty, Regime, Start
    from incidents.workdays import WorkCalendar


@dataclass(frozen=True, kw_only=True)
class Asked:
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
class Found:
    """A due time with all that belongs to it."""

    regime: Regime
    duty: Duty
    terms: Terms
    events: dict[Start, datetime]
    counted: Counted
    zone: ZoneInfo
    place: str | None
    """Whose working days were asked; ``None`` where none had to be."""
    entity: str | None

    @property
    def in_force(self) -> bool:
        """Whether the law binds on the day the clock starts."""
        return self.regime.applies_on(self.counted.started_at.date())


def find(visit: Visit, asked: Asked) -> Found:
    """Compute the due time.

    Raises:
        UnknownRegimeError, UnknownDuty: there is none of that name.
        MissingEvent: the duty counts from an event that was not given; the message names it.
        NotUnderstoodError, TimeNotUnderstoodError, UnknownPlaceError: what was typed cannot be used.

    """
    from flows import law_files
    from flows.cli.times import zone_named
    from incidents.counting import count
    from incidents.terms import terms_for

    law = law_files.read(asked.regime)
    duty = law.duty(asked.duty).for_entity(_kind(asked.entity, law))
    terms = terms_for(law, duty, visit.house.targets)
    zone = zone_named(asked.zone or law.zone or visit.zone.key)
    events = _events(visit, asked, duty)
    calendar = _calendar(visit, asked, law, duty, terms)
    found = Found(
        regime=law, duty=duty, terms=terms, events=events, zone=zone, entity=asked.entity,
        counted=count(duty, terms.period, events, zone=zone, calendar=calendar),
        place=calendar.place if calendar else None,
    )  # fmt: skip
    _refuse_outside_its_days(found)
    return found


def _refuse_outside_its_days(found: Found) -> None:
    """A law in force has days on which it is not; what is only proposed can be computed at any time, and says so."""
    from incidents.casework.desk import NotUnderstoodError
    from incidents.law import Status

    law = found.regime
    if law.status is Status.IN_FORCE and not found.in_force:
        day = found.counted.started_at.date()
        message = f"{law.name} was not in force on {day} (from {law.valid_from} to {law.valid_to or 'now'})"
        raise NotUnderstoodError(message)


def _kind(entity: str | None, law: Regime) -> str | None:
    from incidents.casework.desk import NotUnderstoodError

    if entity is None or entity in law.entities:
        return entity
    kinds = f"it knows: {', '.join(law.entities)}" if law.entities else "it tells no kinds apart: leave --entity out"
    message = f"`{law.id}` knows no kind of entity {entity!r}; {kinds}"
    raise NotUnderstoodError(message)


def _events(visit: Visit, asked: Asked, duty: Duty) -> dict[Start, datetime]:
    """Read every event that was given; a local time is taken in --zone, else in the organisation's zone."""
    from flows.cli.times import understand, zone_named
    from incidents.casework.desk import NotUnderstoodError
    from incidents.counting import needed
    from incidents.law import Start

    typed = [_named(each) for each in asked.events]
    typed += [(Start.AWARE, asked.aware)] if asked.aware else []
    typed += [(needed(duty)[0], asked.start)] if asked.start else []
    zone = zone_named(asked.zone) if asked.zone else visit.zone
    events: dict[Start, datetime] = {}
    for start, time in typed:
        if start in events:
            message = f"the event `{start.value}` is given twice"
            raise NotUnderstoodError(message)
        events[start] = understand(time, visit.now, zone).at
    return events


def _named(given: str) -> tuple[Start, str]:
    from incidents.casework.desk import NotUnderstoodError
    from incidents.law import Start

    name, equals, time = given.partition("=")
    known = [each.value for each in Start if each is not Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY]
    if not equals or name.strip() not in known:
        message = f"--event {given!r}: write START=TIME, with START one of {', '.join(known)}"
        raise NotUnderstoodError(message)
    return Start(name.strip()), time


def _calendar(visit: Visit, asked: Asked, law: Regime, duty: Duty, terms: Terms) -> WorkCalendar | None:
    """The working days of the place that was typed, else of the law's, else of our authority's; if any are asked."""
    from flows.public_holidays import calendar_of
    from incidents.counting import asks_calendar

    if asked.place is None and not asks_calendar(duty, terms.period):
        return None
    calendar = calendar_of(asked.place or law.place or visit.house.organisation.authority.id)
    return calendar if asks_calendar(duty, terms.period) else None


def as_json(found: Found) -> dict[str, Any]:
    """Give the answer for programs."""
    from incidents.deadlines import latest_for
    from incidents.law import Start

    terms, counted = found.terms, found.counted
    return {
        "regime": terms.regime,
        "duty": terms.duty,
        "aware_at": say.utc(found.events.get(Start.AWARE)),
        "start": found.duty.start.value,
        "started_at": say.utc(counted.started_at),
        "events": {start.value: say.utc(at) for start, at in found.events.items()},
        "due_at": say.utc(counted.due_at),
        "due_local": counted.due_at.astimezone(found.zone).isoformat(),
        "zone": found.zone.key,
        "place": found.place,
        "entity": found.entity,
        "latest_reg_1182_71": say.utc(latest_for(terms, counted.started_at, found.zone)),
        "rule": terms.rule,
        "due_kind": terms.due_kind.value,
        "counting_rule": terms.counting.value,
        "counting": list(counted.lines),
        "citation": citation(terms),
        "status": found.regime.status.value,
        "in_force": found.in_force,
        "certainty": found.regime.certainty,
        "unverified": found.regime.unverified,
        "verify": list(found.regime.verify),
        "notes": [*found.duty.notes, *found.regime.notes],
        "rungs": [rung(each) for each in _ladder(found)],
    }


def show(found: Found) -> None:
    """Say the answer to a person: the arithmetic, what else the law adds, the rungs, and what is not sure."""
    from incidents.deadlines import explain

    counted = found.counted
    for line in explain(found.terms, counted.started_at, found.zone, counted=counted.lines, due=counted.due_at):
        say.out(line)
    for note in (*found.duty.notes, *found.regime.notes):
        say.out(say.wrapped(note, first="note:   "))
    say.out("rungs:")
    for each in _ladder(found):
        say.out(f"  {say.local(each.at, found.zone)}  {each.says}")
    if found.regime.unverified:
        say.notice(f"unverified ({found.regime.certainty} certainty); to compare: {'; '.join(found.regime.verify)}")
    if not found.in_force:
        say.notice(f"not in force on that day: the status of this law is `{found.regime.status.value}`")


def _ladder(found: Found) -> tuple[Rung, ...]:
    """The rungs that are written down; after the last one they repeat without end."""
    from incidents.deadlines import rungs

    ladder, due = found.terms.ladder, found.counted.due_at
    until = due + max(ladder.after, default=ladder.then_every)
    return rungs(ladder, due, until, since=found.counted.started_at)


def rung(one: Rung) -> dict[str, Any]:
    """Give one rung for programs."""
    return {"key": one.key, "at": say.utc(one.at), "says": one.says}


def citation(terms: Terms) -> dict[str, str]:
    """Give a citation for programs."""
    return {"article": terms.citation.article, "text": terms.citation.text, "url": terms.citation.url}
