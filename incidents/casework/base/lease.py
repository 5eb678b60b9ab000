"""Holding one case for one run of a flow, and noting up to which change it was answered.

Each is a single UPDATE with its own condition: two runs that come at once are told apart by the database, not by what
either of them read before.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, col, update

from incidents.storage.tables.case import Incident
from incidents.storage.waits import is_free


def take_lease(session: Session, incident_id: int, holder: str, *, now: datetime, lasts: timedelta) -> bool:
    """Hold a case for as long as *lasts*; whether it was to be had. A lease that ends at *now* has ended."""
    taken = session.exec(
        update(Incident)
        .where(col(Incident.id) == incident_id, is_free(now, lasts))
        .values(held_until=now + lasts, held_by=holder)
        # Past the ORM on purpose: a lease is no change of the case and must not raise the version that people saw.
        .execution_options(synchronize_session=False)
    )
    return taken.rowcount == 1


def release_lease(session: Session, incident_id: int, holder: str) -> None:
    """Let a case go; only its own holder can, or a run that outlived its lease would end that of its successor."""
    session.exec(
        update(Incident)
        .where(col(Incident.id) == incident_id, col(Incident.held_by) == holder)
        .values(held_until=None, held_by=None)
        .execution_options(synchronize_session=False)
    )


def note_answered(session: Session, incident_id: int, change: int) -> None:
    """Note that everything up to a change was answered; never less than was noted before."""
    session.exec(
        update(Incident)
        .where(col(Incident.id) == incident_id, col(Incident.answered_seq) < change)
        .values(answered_seq=change)
        .execution_options(synchronize_session=False)
    )
