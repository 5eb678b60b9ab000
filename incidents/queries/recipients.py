"""What became of the letters of one case, for `people status`; no recipient is named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.case.case_file import CaseOverview
from incidents.case.draft_kinds import PEOPLE
from incidents.case.message_machine import NO_ANSWER
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.communication.letter_kinds import SENDABLE
from incidents.casework.communication.send import to_be_sent
from incidents.casework.communication.settle import gaps_of, unreached_of
from incidents.queries.overview import case_overview
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message


@dataclass(frozen=True, kw_only=True)
class RecipientStatus:
    """The lists of a case and its letters."""

    case: CaseOverview
    people_by_language: Mapping[str, int]
    """How many people of each language no letter was ordered for yet."""
    problems: tuple[str, ...]
    """Why letters wait or were refused, each reason once."""
    gaps: tuple[str, ...]
    """Whom the list lacks under each law, and whom no letter reached, once letters are ordered."""


def recipient_status(session: Session, ctx: UseCaseContext, incident: Incident, now: datetime) -> RecipientStatus:
    """Read the lists and letters of a case; as many SELECTs for a hundred thousand recipients as for three."""
    case, key = case_overview(session, incident, ctx.zone, now), number(incident.id)
    # Before the first order everybody is missing, and `people status` says so in numbers; a gap is news only after it.
    are_ordered = any(count.kind == PEOPLE for count in case.ledger)
    return RecipientStatus(
        case=case,
        people_by_language=to_be_sent(session, key, PEOPLE),
        problems=_problems(session, key),
        gaps=(*gaps_of(session, ctx, incident), *unreached_of(session, incident)) if are_ordered else (),
    )


def _problems(session: Session, incident_id: int) -> tuple[str, ...]:
    problems = session.exec(
        select(Message.problem)
        .where(
            Message.incident_id == incident_id,
            col(Message.kind).in_(SENDABLE),
            col(Message.problem).is_not(None),
        )
        .distinct()
    )
    # That an answer never came is no problem a person can mend here; `show` asks them to decide on uncertain letters.
    return tuple(sorted({problem for problem in problems if problem and problem != NO_ANSWER}))
