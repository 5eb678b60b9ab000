"""What an answer of a channel makes of a message: how it moves, what is written beside the state, how it counts.

A table in code: no database and no clock. The moves themselves are in incidents/case/message_machine.py.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from incidents.case.message_machine import NO_ANSWER, MessageEvent, MessageState
from incidents.storage.tables.communication import Message
from notifications.delivery.channel import (
    Accepted,
    AmbiguousFailure,
    NotHandedOver,
    PermanentFailure,
    SendError,
    TemporaryFailure,
)
from notifications.delivery.model import ALERTS, DeliveryResult, RetryPolicy


def effect_of(
    message: Message, answer: Accepted | SendError, now: datetime, attempts: int, retry_policy: RetryPolicy
) -> tuple[MessageEvent, dict[str, Any]]:
    """Say how a message moves after its attempt number *attempts*, and which of its columns are written with that."""
    # The widths of the columns `problem` and `provider_id`; PostgreSQL refuses what is longer, and an answer that
    # cannot be written down would make the message uncertain.
    problem = str(answer)[:300]
    match answer:
        case Accepted():
            provider_id = answer.provider_id[:200]
            return MessageEvent.ACCEPTED, {"provider_id": provider_id, "settled_at": now, "problem": None}
        case TemporaryFailure():
            again = now + _wait(answer, attempts, retry_policy)
            # Where nobody was asked it has no problem of its own; a lost answer of before stays marked.
            kept = message.problem if isinstance(answer, NotHandedOver) else problem
            return MessageEvent.POSTPONED, {"next_try_at": again, "problem": kept}
        # Before the last case, which takes every other permanent failure: our own settings must burn neither address
        # nor text.
        case PermanentFailure(whose="configuration"):
            # Always the same short wait, without doubling: a person is mending it and wants to see it work.
            again = now + retry_policy.settings_wait
            return MessageEvent.POSTPONED, {"next_try_at": again, "problem": problem}
        # An alert that rings twice does no harm, one that never rings does. NO_ANSWER makes the next attempt say that
        # it may be a repeat.
        case AmbiguousFailure() if message.kind in ALERTS:
            again = now + retry_policy.wait_after(attempts)
            return MessageEvent.POSTPONED, {"next_try_at": again, "problem": NO_ANSWER}
        # No next try: only a person's recorded decision may send a letter a second time.
        case AmbiguousFailure():
            return MessageEvent.UNANSWERED, {"next_try_at": None, "problem": NO_ANSWER}
        case _:
            return MessageEvent.REFUSED, {"settled_at": now, "problem": problem}


def _wait(answer: TemporaryFailure, attempts: int, retry_policy: RetryPolicy) -> timedelta:
    asked = answer.retry_after or timedelta()
    # What stops a letter is looked at where letters are leased: it is due again as soon as that is over.
    if isinstance(answer, NotHandedOver):
        return asked
    # Of the whole channel, and no longer than the provider says: this letter has not failed.
    if answer.pauses:
        return asked or retry_policy.first_wait
    # The longer of both: a provider that asks for one second must not undo the doubling, nor ours cut short what it
    # asks for.
    return max(asked, retry_policy.wait_after(attempts))


def costs_an_attempt(answer: Accepted | SendError) -> bool:
    """Whether an answer counts in the doubling waits of a message: not where only the channel was asked to wait."""
    return not (isinstance(answer, TemporaryFailure) and (answer.pauses or isinstance(answer, NotHandedOver)))


def counted(count: int, state: MessageState, problem: str | None) -> DeliveryResult:
    """Count *count* messages that an answer left in *state*; what is neither accepted, rejected nor uncertain waits."""
    problems = (problem,) if problem else ()
    match state:
        case MessageState.ACCEPTED:
            return DeliveryResult(accepted=count)
        case MessageState.REJECTED:
            return DeliveryResult(rejected=count, problems=problems)
        case MessageState.UNCERTAIN:
            return DeliveryResult(uncertain=count, problems=problems)
        case _:
            return DeliveryResult(waiting=count, problems=problems)
