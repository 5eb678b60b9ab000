"""Pauses of the mail channel: a row, so that every process keeps to them, and none asks a provider that said no.

1. A provider that asks us to wait (429) is left alone until the time it names.
2. One that refuses our key or settings is asked again at short intervals, by one request and not by a thousand.
3. One that fails (5xx, no answer) is left alone for a while that doubles: each request to it leaves letters in doubt.

The first letter that it takes ends the pause.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete
from sqlmodel import Session, col

from incidents.storage.tables.stops import ChannelPause
from notifications.delivery.channel import Accepted, AmbiguousFailure, PermanentFailure, SendError, TemporaryFailure
from notifications.delivery.model import RetryPolicy


def note_answer(
    session: Session, channel: str, answer: Accepted | SendError, now: datetime, retry_policy: RetryPolicy
) -> bool:
    """Write down what an answer means for the whole channel; say whether a person has to be told of it now."""
    if isinstance(answer, Accepted):
        session.execute(delete(ChannelPause).where(col(ChannelPause.channel) == channel))
        return False
    before = session.get(ChannelPause, channel)
    until = _until(answer, now, before.since if before else now, retry_policy)
    if until is None:
        return False
    refused = isinstance(answer, PermanentFailure)
    is_news = refused and not (before is not None and before.refused)
    pause = before or ChannelPause(channel=channel, since=now, until=until, refused=refused, because="")
    pause.until, pause.refused, pause.because = until, refused, str(answer)[:300]
    session.add(pause)
    return is_news


def _until(answer: Accepted | SendError, now: datetime, since: datetime, retry_policy: RetryPolicy) -> datetime | None:
    match answer:
        case TemporaryFailure(pauses=True):
            return now + (answer.retry_after or retry_policy.first_wait)
        case PermanentFailure(refused=True):
            return now + retry_policy.settings_wait
        case AmbiguousFailure():
            # As long again as it has failed already: that doubles, and needs no count.
            return now + min(max(now - since, retry_policy.first_wait), retry_policy.longest_wait)
        case _:
            return None
