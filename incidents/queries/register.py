"""Every case as the register needs it (Art. 33(5) GDPR), in order of reference."""

from __future__ import annotations

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from incidents.case.case_file import CaseOverview
from incidents.queries.overview import case_overviews
from incidents.storage.tables.case import Incident

AT_ONCE: Final = 200
"""Cases read together: a database takes only so many values in one statement."""


def register_cases(session: Session, zone: ZoneInfo, now: datetime, *, exercises: bool) -> tuple[CaseOverview, ...]:
    """Read every case, exercises only where they are asked for; twelve SELECTs for each 200 cases, and one for all."""
    cases = select(Incident).order_by(col(Incident.reference))
    incidents = session.exec(cases if exercises else cases.where(col(Incident.exercise).is_(False))).all()
    # Part by part, but within one transaction: all of them show the same state of the record.
    parts = (incidents[start : start + AT_ONCE] for start in range(0, len(incidents), AT_ONCE))
    return tuple(case for part in parts for case in case_overviews(session, part, zone, now))
