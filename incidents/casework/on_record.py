"""The newest of what is on record in a case: its facts, and the decision that counts.

Knows that later ones supersede and none is erased; refuses to change any.
"""

from __future__ import annotations

from sqlmodel import Session, col, select

from incidents.facts import Facts
from incidents.tables import Decision, FactsVersion


def newest_facts(session: Session, incident_id: int) -> tuple[int, Facts | None]:
    """Give the newest version of the facts; ``(0, None)`` before the first."""
    row = session.exec(
        select(FactsVersion)
        .where(FactsVersion.incident_id == incident_id)
        .order_by(col(FactsVersion.version).desc())
        .limit(1)
    ).first()
    return (row.version, Facts.model_validate(row.body)) if row else (0, None)


def newest_decision(session: Session, incident_id: int) -> Decision | None:
    """Give the decision that counts now."""
    return session.exec(
        select(Decision).where(Decision.incident_id == incident_id).order_by(col(Decision.id).desc()).limit(1)
    ).first()
