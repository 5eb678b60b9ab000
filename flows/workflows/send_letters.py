"""Bulk messages of one incident: everything ordered and due goes out through the outbox, chunk by chunk.

The plain function here needs no Prefect; prefect_flows.py wraps it so that each chunk is one task, never one task for
each person.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlmodel import Session, col, or_, select

from incidents.case.message_machine import MessageState
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import touch
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from notifications.delivery.model import LETTERS, DeliveryResult, RetryPolicy

if TYPE_CHECKING:
    from flows.bootstrap import App

CHUNK = 10_000
USUAL = RetryPolicy()


def communicate(app: App, reference: str) -> DeliveryResult:
    """Send all letters of one incident that are due now."""
    total = DeliveryResult()
    while (chunk := send_chunk(app, reference)).handled:
        total = total.plus(chunk)
    return total


def send_chunk(app: App, reference: str) -> DeliveryResult:
    """Send up to one chunk of letters; nothing handled means that nothing is due."""
    with app.store.read() as session:
        key = number(find(session, reference).id)
    sent = app.outbox.deliver(LETTERS, most=CHUNK, incident_id=key)
    if sent.handled:
        # The ledger moved: the response looks again whether a duty is fulfilled now.
        with app.store.write() as session:
            touch(session, key)
    return sent


def with_letters_due(session: Session, now: datetime, retry_policy: RetryPolicy = USUAL) -> list[str]:
    """The incidents that have letters to send now, or letters whose sender died."""
    waiting, leased = (col(Message.state) == state for state in (MessageState.PENDING, MessageState.IN_FLIGHT))
    found = session.exec(
        select(Incident.reference)
        .join(Message, col(Message.incident_id) == col(Incident.id))
        .where(
            col(Message.kind).in_(LETTERS),
            (waiting & _is_over(col(Message.next_try_at), now, retry_policy.longest))
            | (leased & _is_over(col(Message.lease_until), now, retry_policy.lease)),
        )
        .distinct()
    ).all()
    return sorted(found)


def _is_over(waits_until: Any, now: datetime, longest: timedelta) -> Any:
    """A wait that is over; one longer than any we set was written while the system's clock was ahead."""
    return or_(waits_until <= now, waits_until > now + longest)
