"""The timelines of several cases as lines, each with the file kept as its proof."""

from __future__ import annotations

from collections.abc import Collection

from sqlmodel import Session, col, select

from incidents.case.case_file import TimelineLine
from incidents.queries.rows.by_case import filled, grouped
from incidents.storage.tables.case import Evidence, TimelineEntry


def timeline_lines(session: Session, incident_ids: Collection[int]) -> dict[int, tuple[TimelineLine, ...]]:
    """Read the timelines of these cases in order of time; one SELECT."""
    rows = session.exec(
        select(TimelineEntry, Evidence)
        .join(Evidence, col(Evidence.id) == col(TimelineEntry.evidence_id), isouter=True)
        .where(col(TimelineEntry.incident_id).in_(incident_ids))
        # By when it happened; lines of the same moment in the order in which they were written down.
        .order_by(col(TimelineEntry.at), col(TimelineEntry.id))
    ).all()
    lines = grouped(
        (
            row.incident_id,
            filled(
                TimelineLine,
                row,
                evidence_sha256=evidence.sha256 if evidence else None,
                evidence_name=evidence.name if evidence else None,
            ),
        )
        for row, evidence in rows
    )
    return {incident_id: tuple(group) for incident_id, group in lines.items()}
