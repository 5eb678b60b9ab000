"""Who is on the lists of several cases and has not been written to: one SELECT for people, one for merchants."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import groupby

from sqlmodel import Session, col, select

from incidents.case.draft_kinds import CONTROLLERS, PEOPLE
from incidents.casework.communication.letter_kinds import unsent
from incidents.queries.rows.by_case import grouped
from incidents.storage.tables.communication import AffectedPerson, MerchantRow

_FETCHED_AT_ONCE = 10_000


def unsent_people(session: Session, incident_ids: Collection[int]) -> Iterator[tuple[int, list[tuple[str, str]]]]:
    """Give for each case the people nobody wrote to yet: the language each prefers, and the digest of their address.

    A case without any is left out.
    """
    rows = session.exec(
        select(AffectedPerson.incident_id, AffectedPerson.language, AffectedPerson.blind_index)
        .where(col(AffectedPerson.incident_id).in_(incident_ids), unsent(PEOPLE))
        .order_by(col(AffectedPerson.incident_id))
        # Case by case and not all at once: each may list a million people, and one list at a time fits the memory.
        .execution_options(yield_per=_FETCHED_AT_ONCE)
    )
    for incident_id, people in groupby(rows, key=lambda row: row[0]):
        yield incident_id, [(language, blind_index) for _, language, blind_index in people]


def unsent_merchants(session: Session, incident_ids: Collection[int]) -> dict[int, list[MerchantRow]]:
    """Give for each case the merchants that no notice was ordered for yet; a case without any is left out."""
    rows = session.exec(
        select(MerchantRow).where(col(MerchantRow.incident_id).in_(incident_ids), unsent(CONTROLLERS))
    ).all()
    return grouped((row.incident_id, row) for row in rows)
