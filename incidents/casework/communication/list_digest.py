"""The digest of whom a letter goes to: an approval binds to it, and an order asks whether the list still has it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlmodel import Session, col, select

from incidents.case.draft_kinds import PEOPLE
from incidents.casework.communication.drafts import list_sha256
from incidents.casework.communication.letter_kinds import message_language, unsent
from incidents.storage.tables.communication import AffectedPerson, MerchantRow


def merchants_sha256(merchants: Iterable[MerchantRow]) -> str:
    """Digest the list of merchants with the address and the figures that each one's notice will carry."""
    # With the sealed bytes and not the address: the list is digested without opening any, and an address that is sealed
    # anew voids the approval.
    return list_sha256(
        "|".join(
            (
                *(row.merchant_id, row.language, row.sealed.hex(), row.merchant_id, row.name),
                *(str(value) for value in (row.people, row.records, list(row.kinds))),
            )
        )
        for row in merchants
    )


def digests_of_unsent(session: Session, incident_id: int, kind: str, drafted: Collection[str]) -> dict[str, str]:
    """Digest those nobody wrote to yet, by the language of the draft that each would get."""
    if kind == PEOPLE:
        people: dict[str, list[str]] = {}
        for language, index in session.exec(
            select(AffectedPerson.language, AffectedPerson.blind_index).where(
                AffectedPerson.incident_id == incident_id, unsent(kind)
            )
        ):
            people.setdefault(message_language(language, drafted), []).append(index)
        return {language: list_sha256(lines) for language, lines in people.items()}
    merchants: dict[str, list[MerchantRow]] = {}
    for row in session.exec(
        select(MerchantRow).where(MerchantRow.incident_id == incident_id, unsent(kind)).order_by(col(MerchantRow.id))
    ):
        merchants.setdefault(message_language(row.language, drafted), []).append(row)
    return {language: merchants_sha256(rows) for language, rows in merchants.items()}
