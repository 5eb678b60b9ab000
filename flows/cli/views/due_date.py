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


def as_json(answer: DueDateAnswer) -> dict[str, Any]:
    """Give the answer for programs."""
    from incidents.deadlines.dst import changes_between
    from incidents.deadlines.explanation import latest_for, why_latest
    from incidents.law.model import Start

    terms, counted, law = answer.terms, answer.counted, answer.regime
    # For hours the later end counts from the next full hour (Art. 3(1) Reg. 1182/71); for days the count itself has it
    # (Art. 3(5)). How far the Regulation reaches 72 hours is contested: it is shown, and nothing is due by it.
    latest = latest_for(terms, counted.started_at, answer.zone) or counted.latest
    return {
        "regime": terms.regime,
        "duty": terms.duty,
        "aware_at": rfc3339(answer.events.get(Start.AWARE)),
        "start": answer.duty.start.value,
        "started_at": rfc3339(counted.started_at),
        "events": {start.value: rfc3339(at) for start, at in answer.events.items()},
        "due_at": rfc3339(counted.due_at),
        "due_local": counted.due_at.astimezone(answer.zone).isoformat(),
        "zone": answer.zone.key,
        "place": answer.place,
        "entity": ", ".join(answer.entities) or None,
        "otherwise": [
            {
                "entities": list(other.entities),
                "due_at": rfc3339(other.counted.due_at),
                "due_local": other.counted.due_at.astimezone(answer.zone).isoformat(),
                "counting": list(other.counted.lines),
            }
            for other in answer.otherwise
        ],
        "latest_reg_1182_71": rfc3339(latest),
        "latest_because": why_latest(terms) if latest else None,
        "latest_local": latest.astimezone(answer.zone).isoformat() if latest else None,
        "rule": terms.rule,
        "due_kind": terms.due_kind.value,
        "counting_rule": terms.counting.value,
        "counting": list(counted.lines),
        "estimated": list(counted.estimated),
        "clock_changes": [
            {"at": rfc3339(change.at), "says": str(change)}
            for change in changes_between(counted.started_at, counted.due_at, answer.zone)
        ],
        "citation": citation(terms),
        "status": law.status.value,
        "in_force": answer.in_force,
        "valid_from": answer.valid_from.isoformat() if answer.valid_from else None,
        "valid_to": law.valid_to.isoformat() if law.valid_to else None,
        "certainty": law.certainty,
        "unverified": law.unverified,
        "verify": list(law.verify),
        "notes": [*answer.duty.notes, *law.notes],
        "notices": list(_notices(answer)),
        "reminders": [next_reminder(reminder) for reminder in _ladder(answer)],
    }


def show(answer: DueDateAnswer) -> None:
    """Say the answer to a person: the arithmetic, what else the law adds, the reminders, and what is not sure."""
    for line in _lines(answer):
        output.print_out(line)
    for note in (*answer.duty.notes, *answer.regime.notes):
        output.print_out(output.wrapped(note, first="note:   "))
    output.print_out("reminders:")
    for reminder in _ladder(answer):
        output.print_out(f"  {output.local(reminder.at, answer.zone)}  {reminder.says}")
    for notice in _notices(answer):
        output.notice(notice)


def _lines(answer: DueDateAnswer) -> Iterator[str]:
    """The explanation, with what it does not know itself: standing of the law, other events, place, kind of entity."""
    from incidents.deadlines.explanation import explain

    counted, start = answer.counted, answer.duty.start
    detail = f" ({answer.duty.start_detail})" if answer.duty.start_detail else ""
    # The first two lines of an explanation are duty and event: what this view knows besides goes in between.
    duty, event, *rest = explain(
        answer.terms, counted.started_at, answer.zone, counted=counted.lines, due=counted.due_at, latest=counted.latest,
        event=f"{start.value.replace('_', ' ')}{detail}", set_by=_set_by(answer),
    )  # fmt: skip
    yield duty
    if not answer.in_force:
        yield output.wrapped(_not_in_force(answer), first="status: ")
    yield event
    for other, at in answer.events.items():
        if other is not start:
            yield f"event:  {other.value.replace('_', ' ')}: {output.both(at, answer.zone)} ({answer.zone.key})"
    if answer.entities:
        yield f"entity: {', '.join(answer.entities)}"
    if answer.place:
        yield f"place:  {answer.place}, whose weekends and public holidays are days off"
    yield from rest
    for alternative in answer.otherwise:
        yield output.wrapped(
            f"due {output.both(alternative.counted.due_at, answer.zone)} for {_kinds(alternative.entities)}",
            first="other:  ",
        )


def _kinds(kinds: tuple[str, ...]) -> str:
    if len(kinds) <= _KINDS_NAMED:
        return ", ".join(kinds)
    return f"{', '.join(kinds[:_KINDS_NAMED])} and {len(kinds) - _KINDS_NAMED} more kinds of entity"


def _set_by(answer: DueDateAnswer) -> str:
    """Who set the period, where it is not simply a law in force or our own target."""
    from incidents.deadlines.terms import DueKind
    from incidents.law.model import Status

    if answer.terms.due_kind is not DueKind.STATUTORY:
        return ""
    if answer.in_force:
        return "set by law, by its general rule" if answer.otherwise else ""
    if answer.regime.status is Status.PROPOSED:
        return "as proposed; not in force"
    return "set by law, but not in force on that day"


def _not_in_force(answer: DueDateAnswer) -> str:
    from incidents.law.model import Status

    law, day = answer.regime, answer.day
    if law.status is Status.PROPOSED:
        return "not in force: only a proposal; it binds nobody, and its wording may still change"
    if law.status is Status.CHECK:
        return "not known to be in force: find out before you rely on it"
    if answer.valid_from is not None and day < answer.valid_from:
        return f"not in force on {day}: it applies from {answer.valid_from}; computed as if it applied"
    return f"not in force on {day}: it applied until {law.valid_to}; computed as if it applied"


def _notices(answer: DueDateAnswer) -> Iterator[str]:
    """What a person should heed before relying on the date."""
    from flows.reference.time_zones import zones_of

    law = answer.regime
    if law.unverified:
        yield f"unverified ({law.certainty} certainty); to compare: {'; '.join(law.verify)}"
    if not answer.in_force:
        yield _not_in_force(answer)
    if answer.place and answer.zone_is_elsewhere:
        own = zones_of(answer.place)
        hint = f"--zone {own[0]}" if len(own) == 1 else f"give one of {answer.place} with --zone"
        elsewhere = f"days end in {answer.zone.key}, where it is another hour"
        yield f"days off are those of {answer.place}, but {elsewhere}: {hint}"
    if answer.counted.estimated:
        yield f"a holiday that was counted with is only an estimate: {', '.join(answer.counted.estimated)}"
    if answer.otherwise:
        named = "name it with --entity, or as `entity` in organisation.yaml"
        # The general rule counts until the kind is named; that it may be due sooner is the one thing not to miss.
        sooner = any(other.counted.due_at < answer.counted.due_at for other in answer.otherwise)
        when = "SOONER for some" if sooner else "later for some"
        yield f"{law.id} tells kinds of entity apart and yours is not known: it is due {when}; {named}"
    if answer.out_of_order and answer.duty.cap:
        yield f"`{answer.duty.start.value}` lies before `{answer.duty.cap.start.value}`: check the times"
    if answer.lies_ahead:
        yield "an event lies in the future: the date is only what it would be"
    if answer.read_in is not None:
        where = f"{answer.read_in.key}, the organisation's zone"
        yield f"times without a zone were read in {where}, and days end in {answer.zone.key}; --zone sets both"


def _ladder(answer: DueDateAnswer) -> tuple[ReminderStep, ...]:
    """The reminders that are written down; after the last one they repeat without end."""
    from incidents.law.reminder_ladder import reminders

    ladder, due = answer.terms.ladder, answer.counted.due_at
    # A ladder has no end: without one the last reminder here is the first repeat.
    until = due + max(ladder.after, default=ladder.then_every)
    return reminders(ladder, due, until, since=answer.counted.started_at)


def next_reminder(step: ReminderStep) -> dict[str, Any]:
    """Give one reminder for programs."""
    return {"key": step.key, "at": rfc3339(step.at), "says": step.says}


def citation(terms: Terms) -> dict[str, str]:
    """Give a citation for programs."""
    return {"article": terms.citation.article, "text": terms.citation.text, "url": terms.citation.url}
