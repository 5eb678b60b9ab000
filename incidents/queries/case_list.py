"""The list of cases, each with the deadline that comes first: five SELECTs, however many cases."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from incidents.case.lifecycle import OPEN_STAGES
from incidents.queries.open_deadlines import OpenDeadline, open_deadlines
from incidents.queries.rows.by_case import filled
from incidents.storage.tables.case import Incident


@dataclass(frozen=True, kw_only=True)
class ListedCase:
    """One case as the list shows it."""

    reference: str
    codename: str
    title: str
    system: str | None
    stage: str
    exercise: bool
    lead: str | None
    version: int
    opened_at: datetime
    detected_at: datetime
    aware_at: datetime | None
    contained_at: datetime | None
    next_deadline: OpenDeadline | None


def case_list(session: Session, now: datetime, *, everything: bool = False) -> tuple[ListedCase, ...]:
    """Give the open cases, the most urgent first and those without a deadline last; *everything*: ended ones too."""
    cases = select(Incident).order_by(col(Incident.reference))
    rows = session.exec(cases if everything else cases.where(col(Incident.stage).in_(OPEN_STAGES))).all()
    first: dict[str, OpenDeadline] = {}
    for deadline in open_deadlines(session, now):
        # They come the soonest first, so the first of each case is the one to show.
        first.setdefault(deadline.reference, deadline)
    listed = (
        filled(
            ListedCase,
            row,
            stage=row.stage.value,
            # Never none on a row that was read; the type says so for one not written yet.
            version=row.version or 1,
            next_deadline=first.get(row.reference),
        )
        for row in rows
    )
    return tuple(sorted(listed, key=_urgency))


def how_many_cases(session: Session) -> int:
    """Count every case, ended ones too."""
    return session.exec(select(func.count()).select_from(Incident)).one()


def _urgency(case: ListedCase) -> tuple[bool, datetime]:
    deadline = case.next_deadline
    # False before true: with a deadline first. Both parts are times that compare, whichever of them a case has.
    return deadline is None, deadline.due_at if deadline else case.opened_at
