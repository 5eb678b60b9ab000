"""Reading the deadlines of all open cases in few queries, for `list` and `deadlines`.

Knows the rows; refuses to write any.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from flows.cli.views.deadline import DeadlineView, how_far, in_order
from incidents.case.lifecycle import OPEN_STAGES
from incidents.case.outstanding import OutstandingElement
from incidents.casework.base.latest import newest_facts
from incidents.casework.communication.message_states import PEOPLE
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import consequences
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Obligation


def open_deadlines(session: Session, now: datetime) -> tuple[DeadlineView, ...]:
    """Every obligation that is still open, in every open case, the soonest first."""
    rows = session.exec(
        select(Obligation, Incident)
        .join(Incident, col(Incident.id) == col(Obligation.incident_id))
        .where(
            col(Incident.stage).in_(OPEN_STAGES),
            col(Obligation.met_at).is_(None),
            col(Obligation.waived_at).is_(None),
            col(Obligation.dismissed_at).is_(None),
        )
    ).all()
    seen, letters = _acknowledged(session), _letters(session, (incident for _, incident in rows))
    return in_order(
        replace(
            _of(row, incident, now, acknowledged=row.id in seen),
            still_owed=_still_owed(session, row),
            letters=letters.get(incident.id, "") if row.recipient_kind == RecipientKind.PEOPLE.value else "",
        )
        for row, incident in rows
    )


def _letters(session: Session, incidents: Iterable[Incident]) -> dict[int | None, str]:
    """Say for each case how far the letters to people went, where there are any."""
    counted = session.exec(
        select(Message.incident_id, func.count()).where(Message.kind == PEOPLE).group_by(col(Message.incident_id))
    ).all()
    written = dict(counted)
    found: dict[int | None, str] = {}
    for incident in {each.id: each for each in incidents}.values():
        if incident.id in written:
            _, facts = newest_facts(session, incident.id)
            found[incident.id] = how_far(incident.reference, written[incident.id], facts)
    return found


def _still_owed(session: Session, row: Obligation) -> tuple[OutstandingElement, ...]:
    return consequences.missing_elements(session, row) if row.duty == AUTHORITY_FOLLOW_UP else ()


def _acknowledged(session: Session) -> set[int | None]:
    """The obligations of which every alert that tells was acknowledged."""
    found = session.exec(
        select(Alert.obligation_id, Alert.acknowledged_at).where(
            col(Alert.told_by).is_(None), col(Alert.obligation_id).is_not(None)
        )
    ).all()
    waiting = {obligation for obligation, at in found if at is None}
    return {obligation for obligation, _ in found} - waiting


def _of(row: Obligation, incident: Incident, now: datetime, *, acknowledged: bool) -> DeadlineView:
    return DeadlineView(
        reference=incident.reference,
        exercise=incident.exercise,
        obligation=row.key,
        regime=row.regime,
        duty=row.duty,
        title=row.terms["title"],
        recipient=row.recipient_id,
        recipient_name=row.recipient_name,
        standing=obligation_rows.status_of(row, now),
        aware_at=incident.aware_at,
        due_at=row.due_at,
        due_kind=row.terms["due_kind"],
        acknowledged=acknowledged,
    )
