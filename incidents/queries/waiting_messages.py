"""Since when a message waits that is due, for the health check: one SELECT, nothing about any case."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, func, or_, select

from incidents.case.message_machine import MessageState
from incidents.storage.stops import held_cases, may_go, paused_channels
from incidents.storage.tables.communication import Message


def waiting_since(session: Session, kinds: Collection[str], now: datetime) -> datetime | None:
    """Give the time at which the oldest message of these kinds became due that has not gone out; ``None``: none is."""
    return session.exec(
        select(func.min(Message.next_try_at)).where(
            # Only what is due: a message that waits for its next try is no sign that nobody sends.
            Message.state == MessageState.PENDING,
            col(Message.kind).in_(kinds),
            col(Message.next_try_at) <= now,
            # What a person stopped, or a provider asked to wait, is no sign of it either; `show` tells of both.
            or_(col(Message.draft_id).is_(None), may_go(held_cases(session))),
            col(Message.channel).not_in(paused_channels(session, now)),
        )
    ).one()
