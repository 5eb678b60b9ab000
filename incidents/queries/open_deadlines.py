"""The deadlines of all open cases, for `list` and `deadlines`: four SELECTs, however many cases and obligations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from incidents.case.draft_kinds import PEOPLE
from incidents.case.lifecycle import OPEN_STAGES
from incidents.case.outstanding import KIND, CodedLine, OutstandingElement, missing_elements
from incidents.casework.base.find import number
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.facts.breach import Facts
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP
from incidents.law.model import Threshold
from incidents.obligations.recipients import RecipientKind
from incidents.queries.rows.by_case import grouped
from incidents.queries.rows.facts import newest_facts_of
from incidents.queries.rows.obligations import is_acknowledged
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Obligation

# A subquery and not a list of ids: open cases may be more than the values one statement takes.
_IN_OPEN_CASES = select(Incident.id).where(col(Incident.stage).in_(OPEN_STAGES))


@dataclass(frozen=True, kw_only=True)
class OpenDeadline:
    """One obligation that is still open, in a case that is."""

    reference: str
    exercise: bool
    obligation: str
    """Its key: ``eu-gdpr/authority-initial/DE-BE``."""
    regime: str
    duty: str
    title: str
    recipient: str
    recipient_name: str
    status: DeadlineStatus
    aware_at: datetime | None
    due_at: datetime
    due_kind: str
    acknowledged: bool
    letters: int
    """Under a duty to tell people: how many letters were ordered in the case."""
    facts: Facts | None
    """The newest facts of the case."""
    outstanding: tuple[OutstandingElement, ...]
    """Under the duty to give the rest: what the authority was not given yet, element by element."""


@dataclass(frozen=True, kw_only=True)
class _CaseRecords:
    """What is read once for all open cases, by the row number of the case."""

    letters: Mapping[int, int]
    facts: Mapping[int, tuple[int, Facts]]
    left_open: Mapping[int, list[CodedLine]]


def open_deadlines(session: Session, now: datetime) -> tuple[OpenDeadline, ...]:
    """Every obligation that is still open, in every open case, the soonest first."""
    rows = session.exec(
        select(Obligation, Incident, is_acknowledged())
        .join(Incident, col(Incident.id) == col(Obligation.incident_id))
        .where(
            col(Incident.stage).in_(OPEN_STAGES),
            # The same as `is_settled`, said to the database: the settled ones of years are not read to be left out.
            col(Obligation.met_at).is_(None),
            col(Obligation.waived_at).is_(None),
            col(Obligation.dismissed_at).is_(None),
        )
    ).all()
    records = _CaseRecords(
        letters=_letters(session),
        facts=newest_facts_of(session, _IN_OPEN_CASES),
        left_open=_left_open(session),
    )
    deadlines = (_deadline(row, incident, records, now, seen=bool(seen)) for row, incident, seen in rows)
    # By case and key where two are due at once, so that a list does not change its order between two looks.
    return tuple(sorted(deadlines, key=lambda deadline: (deadline.due_at, deadline.reference, deadline.obligation)))


def _letters(session: Session) -> dict[int, int]:
    """Count the letters to people that were ordered in each open case, where there are any."""
    counted = session.exec(
        select(Message.incident_id, func.count())
        .where(Message.kind == PEOPLE, col(Message.incident_id).in_(_IN_OPEN_CASES))
        .group_by(col(Message.incident_id))
    ).all()
    return {number(incident_id): count for incident_id, count in counted}


def _left_open(session: Session) -> dict[int, list[CodedLine]]:
    """Read what filings left open, in the order in which it was written down."""
    lines = session.exec(
        select(TimelineEntry.incident_id, TimelineEntry.said)
        .where(TimelineEntry.kind == KIND, col(TimelineEntry.incident_id).in_(_IN_OPEN_CASES))
        .order_by(col(TimelineEntry.id))
    ).all()
    return grouped(lines)


def _deadline(row: Obligation, incident: Incident, records: _CaseRecords, now: datetime, *, seen: bool) -> OpenDeadline:
    to_people = row.recipient_kind == RecipientKind.PEOPLE.value
    _, facts = records.facts.get(row.incident_id, (0, None))
    return OpenDeadline(
        reference=incident.reference,
        exercise=incident.exercise,
        obligation=row.key,
        regime=row.regime,
        duty=row.duty,
        title=row.terms["title"],
        recipient=row.recipient_id,
        recipient_name=row.recipient_name,
        status=obligation_rows.status_of(row, now),
        aware_at=incident.aware_at,
        due_at=row.due_at,
        due_kind=row.terms["due_kind"],
        acknowledged=seen,
        letters=records.letters.get(row.incident_id, 0) if to_people else 0,
        facts=facts,
        outstanding=_outstanding(row, facts, records.left_open.get(row.incident_id, [])),
    )


def _outstanding(row: Obligation, facts: Facts | None, lines: list[CodedLine]) -> tuple[OutstandingElement, ...]:
    waits = obligation_rows.terms_of(row).threshold is Threshold.INFORMATION_OUTSTANDING
    if row.duty != AUTHORITY_FOLLOW_UP or not waits:
        return ()
    return missing_elements(row.key, facts, lines)
