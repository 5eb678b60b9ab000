"""Which cases wait for a flow: a change that nobody answered yet, letters that are due, an answered case to look into.

One SELECT each, whatever the number of cases; nothing of what a case says is read.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from incidents.case.lifecycle import Stage
from incidents.case.message_machine import MessageState
from incidents.storage.stops import held_cases, paused_channels
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.waits import is_free, is_over


def changed_cases(session: Session, now: datetime, *, lease: timedelta, most: int = 50) -> list[str]:
    """The cases in which something changed that no run has answered yet, and that nobody holds; the oldest first.

    *lease* is how long one run may hold a case.
    """
    references = session.exec(
        select(Incident.reference)
        # Literally as in the partial index `ix_incident_waiting`: else a database looks through every case there is.
        .where(
            col(Incident.change_seq) > col(Incident.answered_seq),
            # As `take_lease` asks, or a case would be found and refused.
            is_free(now, lease),
        )
        .order_by(col(Incident.id))
        .limit(most)
    ).all()
    return list(references)


def cases_with_letters_due(
    session: Session, kinds: Collection[str], now: datetime, *, longest: timedelta, lease: timedelta
) -> list[str]:
    """The cases that have letters of these kinds to send now, or letters whose sender died.

    Args:
        session: Where to look.
        kinds: The kinds of message that are letters.
        now: The time it is.
        longest: The longest wait that is ever set before the next attempt.
        lease: How long a sender may hold a letter.

    """
    waiting, leased = (col(Message.state) == state for state in (MessageState.PENDING, MessageState.IN_FLIGHT))
    # As the outbox asks when it leases: a case that is found here and finds nothing to send would be started for ever.
    goes = (
        waiting
        & is_over(col(Message.next_try_at), now, longest)
        & (col(Incident.stage) != Stage.DISMISSED)
        & col(Incident.id).not_in(held_cases(session))
        & col(Message.channel).not_in(paused_channels(session, now))
    )
    references = session.exec(
        select(Incident.reference)
        .join(Message, col(Message.incident_id) == col(Incident.id))
        .where(
            col(Message.kind).in_(kinds),
            goes | (leased & is_over(col(Message.lease_until), now, lease)),
        )
        .distinct()
    ).all()
    return sorted(references)


def answered_cases(session: Session, *, most: int, before: int | None = None) -> Sequence[Incident]:
    """One page of the open cases whose last change was answered: a draft of theirs may be behind all the same.

    Those with an unanswered change are left out: their flow comes anyway.

    Args:
        session: Where to look.
        most: How many at a time, the newest first.
        before: The row number of the last case of the page before; ``None`` for the first page.

    """
    query = select(Incident)
    # By number and not by offset: a case that is closed between two pages must not push another one past the look.
    if before is not None:
        query = query.where(col(Incident.id) < before)
    return session.exec(
        query.where(
            # From awareness on: before it no duty runs and no text is due.
            col(Incident.stage).in_((Stage.CONFIRMED, Stage.ASSESSED, Stage.DECIDED)),
            col(Incident.change_seq) == col(Incident.answered_seq),
        )
        .order_by(col(Incident.id).desc())
        .limit(most)
    ).all()
