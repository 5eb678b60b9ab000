"""One case whole, as reports, filing packs and drafts need it; lists and screens read an overview (overview.py)."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from incidents.audit import lookup
from incidents.case.case_file import AlertLine, CaseFile
from incidents.casework.base.find import number
from incidents.casework.communication import drafts
from incidents.queries.overview import overviews_with
from incidents.queries.rows.by_case import filled
from incidents.queries.rows.communication import draft_versions
from incidents.queries.rows.obligations import obligation_files
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import AffectedPerson
from incidents.storage.tables.obligations import Alert


def case_file(session: Session, incident: Incident, zone: ZoneInfo, now: datetime) -> CaseFile:
    """Read everything about one incident as it stands at *now*."""
    key = number(incident.id)
    entries = lookup.recording_entries(session, incident.reference)
    # The entries of the chain are read once, for the overview and for the three proofs below.
    (overview,) = overviews_with(session, [incident], zone, now, {incident.reference: entries})
    # By the overview's own fields: one that is added there is in the whole case as well, and cannot be forgotten here.
    shown = {field.name: getattr(overview, field.name) for field in fields(overview) if field.name != "obligations"}
    return CaseFile(
        **shown,
        obligations=obligation_files(session, key, zone, now),
        alerts=_case_alerts(session, key),
        versions=draft_versions(session, key),
        people_list_sha256=_people_list(session, key),
        opened_sha256=entries.get(lookup.OPENED),
        # Only while the case says so: of a case that was reopened the entry is still in the chain, and proves what no
        # longer holds.
        contained_sha256=entries.get(lookup.CONTAINED) if incident.contained_at else None,
        ended_sha256=entries.get(lookup.ENDED) if incident.closed_at else None,
    )


def _case_alerts(session: Session, incident_id: int) -> tuple[AlertLine, ...]:
    """Read the alerts of the case itself: those of its obligations stand with them."""
    rows = session.exec(
        select(Alert)
        .where(Alert.incident_id == incident_id, col(Alert.obligation_id).is_(None))
        .order_by(col(Alert.id))
    )
    return tuple(filled(AlertLine, row) for row in rows)


def _people_list(session: Session, incident_id: int) -> str | None:
    """Digest the list of affected people as it stands, over keyed digests of the addresses."""
    # Keyed digests: the list can be proven without any address, and nobody without the key can try addresses against
    # it.
    lines = session.exec(select(AffectedPerson.blind_index).where(AffectedPerson.incident_id == incident_id)).all()
    return drafts.list_sha256(lines) if lines else None
