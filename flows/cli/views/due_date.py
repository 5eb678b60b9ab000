"""How a due time is said: to a person as a lawyer would read it, and to a program with keys that stay."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from flows.cli import output
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from flows.cli.views.due_date_query import DueDateAnswer
    from incidents.deadlines.terms import Terms
    from incidents.law.reminder_ladder import ReminderStep

_KINDS_NAMED: Final = 5


def as_json(found: DueDateAnswer) -> dict[str, Any]:
    """Give the answer for programs."""
    from incidents.deadlines.dst import changes_between
    from incidents.deadlines.explanation import latest_for, why_latest
    from incidents.law.model import Start

    terms, counted, law = found.terms, found.counted, found.regime
    latest = latest_for(terms, counted.started_at, found.zone) or counted.latest
    return {
        "regime": terms.regime,
        "duty": terms.duty,
        "aware_at": rfc3339(found.events.get(Start.AWARE)),
        "start": found.duty.start.value,
        "started_at": rfc3339(counted.started_at),
        "events": {start.value: rfc3339(at) for start, at in found.events.items()},
        "due_at": rfc3339(counted.due_at),
        "due_local": counted.due_at.astimezone(found.zone).isoformat(),
        "zone": found.zone.key,
        "place": found.place,
        "entity": ", ".join(found.entities) or None,
        "otherwise": [
            {
                "entities": list(other.entities),
                "due_at": rfc3339(other.counted.due_at),
                "due_local": other.counted.due_at.astimezone(found.zone).isoformat(),
                "counting": list(other.counted.lines),
            }
            for other in found.otherwise
        ],
        "latest_reg_1182_71": rfc3339(latest),
        "latest_because": why_latest(terms) if latest else None,
        "latest_local": latest.astimezone(found.zone).isoformat() if latest else None,
        "rule": terms.rule,
        "due_kind": terms.due_kind.value,
        "counting_rule": terms.counting.value,
        "counting": list(counted.lines),
        "estimated": list(counted.estimated),
        "clock_changes": [
            {"at": rfc3339(change.at), "says": str(change)}
            for change in changes_between(counted.started_at, counted.due_at, found.zone)
        ],
        "citation": citation(terms),
        "status": law.status.value,
        "in_force": found.in_force,
        "valid_from": found.valid_from.isoformat() if found.valid_from else None,
        "valid_to": law.valid_to.isoformat() if law.valid_to else None,
        "certainty": law.certainty,
        "unverified": law.unverified,
        "verify": list(law.verify),
        "notes": [*found.duty.notes, *law.notes],
        "notices": list(_notices(found)),
        "reminders": [next_reminder(reminder) for reminder in _ladder(found)],
    }


def show(found: DueDateAnswer) -> None:
    """Say the answer to a person: the arithmetic, what else the law adds, the reminders, and what is not sure."""
    for line in _lines(found):
        output.print_out(line)
    for note in (*found.duty.notes, *found.regime.notes):
        output.print_out(output.wrapped(note, first="note:   "))
    output.print_out("reminders:")
    for reminder in _ladder(found):
        output.print_out(f"  {output.local(reminder.at, found.zone)}  {reminder.says}")
    for notice in _notices(found):
        output.notice(notice)


def _lines(found: DueDateAnswer) -> Iterator[str]:
    """The explanation, with what it does not know itself: standing of the law, other events, place, kind of entity."""
    from incidents.deadlines.explanation import explain

    counted, start = found.counted, found.duty.start
    detail = f" ({found.duty.start_detail})" if found.duty.start_detail else ""
    duty, event, *rest = explain(
        found.terms, counted.started_at, found.zone, counted=counted.lines, due=counted.due_at, latest=counted.latest,
        event=f"{start.value.replace('_', ' ')}{detail}", set_by=_set_by(found),
    )  # fmt: skip
    yield duty
    if not found.in_force:
        yield output.wrapped(_not_in_force(found), first="status: ")
    yield event
    for other, at in found.events.items():
        if other is not start:
            yield f"event:  {other.value.replace('_', ' ')}: {output.both(at, found.zone)} ({found.zone.key})"
    if found.entities:
        yield f"entity: {', '.join(found.entities)}"
    if found.place:
        yield f"place:  {found.place}, whose weekends and public holidays are days off"
    yield from rest
    for alternative in found.otherwise:
        yield output.wrapped(
            f"due {output.both(alternative.counted.due_at, found.zone)} for {_kinds(alternative.entities)}",
            first="other:  ",
        )


def _kinds(kinds: tuple[str, ...]) -> str:
    if len(kinds) <= _KINDS_NAMED:
        return ", ".join(kinds)
    return f"{', '.join(kinds[:_KINDS_NAMED])} and {len(kinds) - _KINDS_NAMED} more kinds of entity"


def _set_by(found: DueDateAnswer) -> str:
    """Who set the period, where it is not simply a law in force or our own target."""
    from incidents.deadlines.terms import DueKind
    from incidents.law.model import Status

    if found.terms.due_kind is not DueKind.STATUTORY:
        return ""
    if found.in_force:
        return "set by law, by its general rule" if found.otherwise else ""
    if found.regime.status is Status.PROPOSED:
        return "as proposed; not in force"
    return "set by law, but not in force on that day"


def _not_in_force(found: DueDateAnswer) -> str:
    from incidents.law.model import Status

    law, day = found.regime, found.day
    if law.status is Status.PROPOSED:
        return "not in force: only a proposal; it binds nobody, and its wording may still change"
    if law.status is Status.CHECK:
        return "not known to be in force: find out before you rely on it"
    if found.valid_from is not None and day < found.valid_from:
        return f"not in force on {day}: it applies from {found.valid_from}; computed as if it applied"
    return f"not in force on {day}: it applied until {law.valid_to}; computed as if it applied"


def _notices(found: DueDateAnswer) -> Iterator[str]:
    """What a person should heed before relying on the date."""
    from flows.reference.time_zones import zones_of

    law = found.regime
    if law.unverified:
        yield f"unverified ({law.certainty} certainty); to compare: {'; '.join(law.verify)}"
    if not found.in_force:
        yield _not_in_force(found)
    if found.place and found.zone_is_elsewhere:
        own = zones_of(found.place)
        hint = f"--zone {own[0]}" if len(own) == 1 else f"give one of {found.place} with --zone"
        yield f"days off are those of {found.place}, but days end in {found.zone.key}, where it is another hour: {hint}"
    if found.counted.estimated:
        yield f"a holiday that was counted with is only an estimate: {', '.join(found.counted.estimated)}"
    if found.otherwise:
        named = "name it with --entity, or as `entity` in organisation.yaml"
        sooner = any(other.counted.due_at < found.counted.due_at for other in found.otherwise)
        when = "SOONER for some" if sooner else "later for some"
        yield f"{law.id} tells kinds of entity apart and yours is not known: it is due {when}; {named}"
    if found.out_of_order and found.duty.cap:
        yield f"`{found.duty.start.value}` lies before `{found.duty.cap.start.value}`: check the times"
    if found.lies_ahead:
        yield "an event lies in the future: the date is only what it would be"
    if found.read_in is not None:
        where = f"{found.read_in.key}, the organisation's zone"
        yield f"times without a zone were read in {where}, and days end in {found.zone.key}; --zone sets both"


def _ladder(found: DueDateAnswer) -> tuple[ReminderStep, ...]:
    """The reminders that are written down; after the last one they repeat without end."""
    from incidents.law.reminder_ladder import reminders

    ladder, due = found.terms.ladder, found.counted.due_at
    until = due + max(ladder.after, default=ladder.then_every)
    return reminders(ladder, due, until, since=found.counted.started_at)


def next_reminder(one: ReminderStep) -> dict[str, Any]:
    """Give one reminder for programs."""
    return {"key": one.key, "at": rfc3339(one.at), "says": one.says}


def citation(terms: Terms) -> dict[str, str]:
    """Give a citation for programs."""
    return {"article": terms.citation.article, "text": terms.citation.text, "url": terms.citation.url}
