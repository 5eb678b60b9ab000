"""What the letters of one case wait for, and until when: four SELECTs, however many letters there are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from incidents.case.case_file import HoldLine, PauseLine
from incidents.case.message_machine import MessageState
from incidents.casework.base.find import number
from incidents.queries.rows.stops import holds_of, mail_pause
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message


@dataclass(frozen=True, kw_only=True)
class LettersWaiting:
    """The letters that were ordered and of which it is not known that they went out."""

    hold: HoldLine | None
    pause: PauseLine | None
    due: int
    """To be handed over now."""
    later: int
    """To be tried again at a time."""
    next_try_at: datetime | None
    """When the first of those is tried again."""
    problems: tuple[str, ...]
    """Why they are tried again, each reason once."""
    in_flight: int
    """In the hands of a process, or of one that was killed."""
    lease_until: datetime | None
    """Until when that is not known."""
    uncertain: int


def letters_waiting(session: Session, incident: Incident, now: datetime) -> LettersWaiting:
    """Read what the letters of a case wait for."""
    key = number(incident.id)
    counts = {state: (count, first, last) for state, count, first, last in _by_state(session, key)}
    pending, in_flight = (
        counts.get(state, (0, None, None)) for state in (MessageState.PENDING, MessageState.IN_FLIGHT)
    )
    later, next_try_at = _later(session, key, now)
    return LettersWaiting(
        hold=holds_of(session, [key]).get(key),
        pause=mail_pause(session, now),
        due=pending[0] - later,
        later=later,
        next_try_at=next_try_at,
        problems=_problems(session, key) if later else (),
        in_flight=in_flight[0],
        lease_until=in_flight[2],
        uncertain=counts.get(MessageState.UNCERTAIN, (0, None, None))[0],
    )


def _by_state(session: Session, incident_id: int) -> list[tuple[str, int, datetime | None, datetime | None]]:
    rows = session.exec(
        select(Message.state, func.count(), func.min(Message.next_try_at), func.max(Message.lease_until))
        .where(Message.incident_id == incident_id, col(Message.draft_id).is_not(None))
        .group_by(col(Message.state))
    )
    return list(rows)


def _later(session: Session, incident_id: int, now: datetime) -> tuple[int, datetime | None]:
    count, first = session.exec(
        select(func.count(), func.min(Message.next_try_at)).where(
            Message.incident_id == incident_id,
            col(Message.draft_id).is_not(None),
            Message.state == MessageState.PENDING,
            col(Message.next_try_at) > now,
        )
    ).one()
    return count, first


def _problems(session: Session, incident_id: int) -> tuple[str, ...]:
    problems = session.exec(
        select(Message.problem)
        .where(
            Message.incident_id == incident_id,
            col(Message.draft_id).is_not(None),
            Message.state == MessageState.PENDING,
            col(Message.problem).is_not(None),
        )
        .distinct()
        .limit(5)
    )
    return tuple(sorted(problem for problem in problems if problem))
