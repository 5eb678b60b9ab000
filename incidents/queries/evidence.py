"""The files kept as proof, of one case or of all, for `verify`: one SELECT."""

from __future__ import annotations

from sqlmodel import Session, select

from incidents.storage.tables.case import Evidence


def evidence_files(session: Session, incident_id: int | None) -> tuple[Evidence, ...]:
    """Read the rows of the files of one case; without one, of every case."""
    rows = select(Evidence)
    return tuple(session.exec(rows if incident_id is None else rows.where(Evidence.incident_id == incident_id)))
