"""The newest of what is on record in a case: its facts, and the decision that counts."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from incidents.case.completeness import NotificationRecord, still_open
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.facts.breach import Facts
from incidents.storage.tables.case import Assessment, Decision, FactsVersion


def open_when_filed(uow: UnitOfWork, ctx: UseCaseContext, at: datetime) -> tuple[str, ...]:
    """What the record left open when something was filed: what was written down later, the authority was not told."""
    key, incident = uow.incident_id, uow.incident
    row = uow.session.exec(
        select(FactsVersion)
        .where(FactsVersion.incident_id == key, FactsVersion.recorded_at <= at)
        .order_by(col(FactsVersion.version).desc())
        .limit(1)
    ).first()
    judged = select(Assessment.id).where(Assessment.incident_id == key, Assessment.recorded_at <= at).limit(1)
    decided = select(Decision.id).where(Decision.incident_id == key, Decision.decided_at <= at).limit(1)
    record = NotificationRecord(
        facts=Facts.model_validate(row.body) if row else None,
        # These three have no time of recording of their own, so they stand here as they are now, and may answer a
        # little more than the record did when it was filed.
        occurred_at=incident.occurred_at,
        contained_at=incident.contained_at,
        aware_at=incident.aware_at,
        is_judged=uow.session.exec(judged).first() is not None,
        is_settled=uow.session.exec(decided).first() is not None,
        has_lead=ctx.profile.lead is not None,
    )
    return still_open(record, at)


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
        # By id, not by time: ids rise under the lock of the audit chain, while the clocks of two hosts may differ, and
        # then an older decision would win.
        select(Decision).where(Decision.incident_id == incident_id).order_by(col(Decision.id).desc()).limit(1)
    ).first()
