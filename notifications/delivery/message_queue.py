"""Which messages go next, and what is settled first: losses of processes that died, alerts that were answered.

Everything here runs in the transaction that leases, so that a hold or a pause counts from the instant it is recorded.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, or_, select

from incidents.audit.tallies import finish_attempts, move_messages
from incidents.case.lifecycle import Stage
from incidents.case.message_machine import NO_ANSWER, MessageEvent, MessageState, target_of
from incidents.storage.stops import held_cases, may_go, paused_channels
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Attempt, Message
from incidents.storage.tables.obligations import Alert
from incidents.storage.waits import is_over
from notifications.delivery.model import ALERTS, LETTERS, MAIL, RetryPolicy


@dataclass(frozen=True, kw_only=True)
class MessageQueue:
    """The messages that wait, as one outbox sees them."""

    retry_policy: RetryPolicy
    mail_repeats_safely: bool
    """True where sending the same letter twice leaves one (the outbox folder)."""

    def due(self, session: Session, kinds: Collection[str], now: datetime, incident_id: int | None) -> Any:
        """Ask for the messages of these kinds that may be handed over now, without locking them."""
        over = is_over(col(Message.next_try_at), now, self.retry_policy.longest)
        query = select(Message).where(over, Message.state == MessageState.PENDING, col(Message.kind).in_(kinds))
        if paused := paused_channels(session, now):
            query = query.where(col(Message.channel).not_in(paused))
        if not LETTERS.isdisjoint(kinds):
            query = query.where(or_(col(Message.kind).not_in(LETTERS), may_go(held_cases(session))))
        if incident_id is not None:
            query = query.where(Message.incident_id == incident_id)
        return query

    def settle_lost(self, session: Session, now: datetime) -> None:
        """Leases that ran out: whoever held them died or hangs, and nobody knows whether the message went out."""
        lost = session.exec(
            select(Message)
            .where(
                Message.state == MessageState.IN_FLIGHT,
                is_over(col(Message.lease_until), now, self.retry_policy.lease),
            )
            .with_for_update(skip_locked=True, of=Message)
        ).all()
        if not lost:
            return
        dismissed = _dismissed(session, {message.incident_id for message in lost})
        for message in lost:
            self._doubt(message, now, is_dismissed=message.incident_id in dismissed)
        finish_attempts(
            session,
            col(Attempt.message_id).in_([message.id for message in lost]),
            finished_at=now,
            outcome=target_of(MessageEvent.UNANSWERED).value,
            detail="the answer never came: whoever sent it stopped",
        )

    def _doubt(self, message: Message, now: datetime, *, is_dismissed: bool) -> None:
        message.problem = NO_ANSWER
        message.lease_until = None
        # A second alert does no harm; a second letter would alarm people, unless the channel overwrites the first. Of a
        # case that was dismissed meanwhile nothing is repeated: whether it went out stays open, and nothing more goes.
        repeats = message.channel == MAIL and self.mail_repeats_safely and not is_dismissed
        at_once = message.kind in ALERTS or repeats
        message.move(MessageEvent.POSTPONED if at_once else MessageEvent.UNANSWERED)
        message.next_try_at = now if at_once else None


def for_us_alone(query: Any) -> Any:
    """Lock what is found; what another process has locked it is leasing itself. SQLite, with one writer, ignores it."""
    return query.with_for_update(skip_locked=True, of=Message)


def drop_acknowledged(session: Session) -> None:
    """Hold back the messages of alerts that a person has acknowledged: they were written before, and nobody needs them.

    In the outbox and not where somebody acknowledges: a message in flight then may come back to be tried again.
    """
    of_alert = col(Message.key).startswith(col(Alert.key) + "/L", autoescape=False)
    answered = select(Alert.id).where(
        Alert.incident_id == Message.incident_id, col(Alert.acknowledged_at).is_not(None), of_alert
    )
    # A message tells of several alerts under the name of the first: while another of the case rings, it goes out.
    rings = select(Alert.id).where(Alert.incident_id == Message.incident_id, col(Alert.escalate_at).is_not(None))
    move_messages(
        session,
        MessageEvent.HELD_BACK,
        col(Message.next_try_at).is_not(None),
        col(Message.kind).in_(ALERTS),
        col(Message.state) == MessageState.PENDING,
        answered.correlate(Message).exists(),
        ~rings.correlate(Message).exists(),
        next_try_at=None,
    )


def _dismissed(session: Session, incident_ids: Collection[int]) -> frozenset[int]:
    found = session.exec(
        select(Incident.id).where(col(Incident.id).in_(incident_ids), Incident.stage == Stage.DISMISSED)
    )
    return frozenset(incident_id for incident_id in found if incident_id is not None)
