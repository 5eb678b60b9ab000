"""Holds of several cases and the pause of the mail channel, as lines: one SELECT each."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.case.case_file import HoldLine, PauseLine
from incidents.case.lifecycle import OPEN_STAGES
from incidents.casework.communication.send import MAIL
from incidents.queries.rows.by_case import filled
from incidents.storage.stops import held_cases, pause_of
from incidents.storage.tables.case import Incident
from incidents.storage.tables.stops import CaseHold


def holds_of(session: Session, incident_ids: Collection[int]) -> dict[int, HoldLine]:
    """Give the hold under which each of these cases stands; a case whose letters may go out is left out."""
    rows = session.exec(select(CaseHold).where(col(CaseHold.incident_id).in_(incident_ids)).order_by(col(CaseHold.id)))
    # In the order they were written, so that of each case the newest stays.
    newest = {row.incident_id: row for row in rows}
    return {key: filled(HoldLine, row) for key, row in newest.items() if row.holds}


def held_references(session: Session) -> list[str]:
    """Name the open cases whose letters a person stopped and nobody released."""
    is_held, is_open = col(Incident.id).in_(held_cases(session)), col(Incident.stage).in_(OPEN_STAGES)
    return sorted(session.exec(select(Incident.reference).where(is_held, is_open)))


def mail_pause(session: Session, now: datetime) -> PauseLine | None:
    """Give the pause of the channel that letters take, while it lasts."""
    row = pause_of(session, MAIL, now)
    return filled(PauseLine, row) if row is not None else None
