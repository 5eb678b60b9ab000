"""The newest version of the facts of several cases."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from incidents.facts.breach import Facts
from incidents.storage.tables.case import FactsVersion


def newest_facts_of(session: Session, cases: Collection[int] | SelectOfScalar[Any]) -> dict[int, tuple[int, Facts]]:
    """Give the newest version of each case's facts with its number; a case without any is left out.

    *cases*: the row numbers of the cases, or a SELECT that finds them.
    """
    newest = (
        # By a join on the highest version: read whole, every earlier version of every case would come along to be
        # dropped.
        select(col(FactsVersion.incident_id), func.max(FactsVersion.version).label("version"))
        .where(col(FactsVersion.incident_id).in_(cases))
        .group_by(col(FactsVersion.incident_id))
        .subquery()
    )
    rows = session.exec(
        select(FactsVersion).join(
            newest,
            (newest.c.incident_id == FactsVersion.incident_id) & (newest.c.version == FactsVersion.version),
        )
    ).all()
    return {row.incident_id: (row.version, Facts.model_validate(row.body)) for row in rows}
