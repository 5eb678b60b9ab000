"""What letters wait for, and whom none reached, as lines on a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.cli import output
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.queries.unreached import UnreachedRecipient
    from incidents.queries.waiting_letters import LettersWaiting


def waiting_lines(waiting: LettersWaiting, zone: ZoneInfo) -> Iterator[str]:
    """Say of every letter that was ordered and is not settled what it waits for, and until when."""
    queued = waiting.due + waiting.later
    if waiting.hold is not None:
        held = waiting.hold
        yield (
            f"letters are stopped by {held.person} since {output.local(held.at, zone)}: {held.because}; "
            f"{output.many(queued, 'letter')} waiting until a second person releases them"
        )
    elif queued and waiting.pause is not None and waiting.pause.refused:
        yield (
            f"{output.many(queued, 'letter')} waiting until somebody mends what the mail provider refuses "
            f"(since {output.local(waiting.pause.since, zone)}): {waiting.pause.because}"
        )
    elif queued and waiting.pause is not None:
        until = output.local(waiting.pause.until, zone)
        why = waiting.pause.because
        yield f"{output.many(queued, 'letter')} waiting until {until}, when the channel's pause ends: {why}"
    else:
        if waiting.due:
            yield f"{output.many(waiting.due, 'letter')} due now, to be sent by the service or the next respond"
        if waiting.later:
            why = f": {'; '.join(waiting.problems)}" if waiting.problems else ""
            yield f"{output.many(waiting.later, 'letter')} tried again from {_at(waiting.next_try_at, zone)} on{why}"
    if waiting.in_flight:
        yield (
            f"{output.many(waiting.in_flight, 'letter')} in flight: handed over, or their process was killed; "
            f"what became of them is settled by {_at(waiting.lease_until, zone)}"
        )
    if waiting.uncertain:
        yield f"{output.many(waiting.uncertain, 'letter')} uncertain: no answer came, and a person says what follows"


def waiting_json(waiting: LettersWaiting) -> dict[str, Any]:
    """Write the same for programs."""
    return {
        "held_by": waiting.hold.person if waiting.hold else None,
        "paused_until": rfc3339(waiting.pause.until) if waiting.pause else None,
        "provider_refuses": bool(waiting.pause and waiting.pause.refused),
        "due": waiting.due,
        "later": waiting.later,
        "next_try_at": rfc3339(waiting.next_try_at),
        "in_flight": waiting.in_flight,
        "in_flight_until": rfc3339(waiting.lease_until),
        "uncertain": waiting.uncertain,
    }


def unreached_lines(found: Sequence[UnreachedRecipient]) -> Iterator[str]:
    """List each recipient by number: address masked, what became of the letter, why."""
    for one in found:
        who = f"{one.merchant} {one.address}" if one.merchant else one.address
        # To the second and in UTC, as --tried-at takes it: by it a person names one round of sending.
        tried = f", tried {rfc3339(one.tried_at)}" if one.tried_at else ""
        # The state says already that no answer came; its mark as a problem would say it twice.
        why = f": {one.problem}" if one.problem and one.problem != one.state else ""
        yield f"  {one.number:>6}  {one.state.replace('_', ' ')}  {who} ({one.language}){tried}{why}"


def unreached_json(one: UnreachedRecipient) -> dict[str, Any]:
    """Write one of them for programs."""
    return {
        "number": one.number,
        "merchant": one.merchant,
        "address": one.address,
        "language": one.language,
        "state": one.state,
        "problem": one.problem,
        "attempts": one.attempts,
        "tried_at": rfc3339(one.tried_at),
    }


def _at(at: datetime | None, zone: ZoneInfo) -> str:
    return output.local(at, zone) if at is not None else "a time that is not known"
