"""Bulk messages of one incident: everything ordered and due goes out through the outbox, chunk by chunk.

The plain function here needs no Prefect; prefect_flows.py wraps it so that each chunk is one task, never one task for
each person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import touch
from incidents.queries.waiting_cases import cases_with_letters_due
from notifications.delivery.model import LETTERS, DeliveryResult, RetryPolicy

if TYPE_CHECKING:
    from datetime import datetime

    from sqlmodel import Session

    from flows.bootstrap import App

# Letters in one task of Prefect's: about 20 tasks for a large send. Each costs calls to a server that answers 503 when
# its SQLite is busy, and a chunk that fails is resumed from the ledger, letter by letter.
CHUNK = 10_000
# Seconds. A flow costs about half a second around its letters, so shorter turns would waste more than they give.
TURN = 5.0
"""How long the letters of one case go out before those of the next case have their turn."""
USUAL = RetryPolicy()


def communicate(app: App, reference: str) -> DeliveryResult:
    """Send all letters of one incident that are due now."""
    total = DeliveryResult()
    # Until a chunk handles nothing: letters that have to wait are not due, so this ends.
    while (chunk := send_chunk(app, reference)).handled:
        total = total.plus(chunk)
    return total


def send_chunk(app: App, reference: str) -> DeliveryResult:
    """Send up to one chunk of letters, or what goes in one turn; nothing handled means that nothing is due."""
    with app.store.read() as session:
        key = number(find(session, reference).id)
    sent = app.outbox.deliver(LETTERS, most=CHUNK, incident_id=key, within=TURN)
    if sent.handled:
        # The ledger moved: the response looks again whether a duty is fulfilled now.
        with app.store.write() as session:
            touch(session, key)
    return sent


def with_letters_due(session: Session, now: datetime, retry_policy: RetryPolicy = USUAL) -> list[str]:
    """The incidents that have letters to send now, or letters whose sender died."""
    return cases_with_letters_due(session, LETTERS, now, longest=retry_policy.longest, lease=retry_policy.lease)
