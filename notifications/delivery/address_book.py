"""Turns the reference in a message row into the address it stands for, at the moment of sending.

No address is stored or logged here: sealed ones are opened for one send only.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, select

from incidents.storage.encryption import DecryptionError, Vault
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import AffectedPerson, MerchantRow

_SAMPLE = 50
"""Sealed addresses tried before the key itself is doubted."""

ON_CALL, AFFECTED, MERCHANT = "on-call", "affected", "merchant"


@dataclass(frozen=True, kw_only=True)
class OnCallPerson:
    """One place in the on-call list: a role, its address, and the channels it listens to."""

    name: str
    email: str = field(repr=False)
    channels: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a message goes, opened for the moment of sending; its repr shows nothing."""

    email: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    figures: dict[str, Any] = field(default_factory=dict, repr=False)
    """What is a merchant's own in the notice it gets: name, people, records, kinds."""


@dataclass(frozen=True, kw_only=True)
class AddressBook:
    """Opens references: ``on-call:0``, ``affected:123``, ``merchant:45``."""

    vault: Vault
    on_call: Sequence[OnCallPerson]

    def person_at(self, level: int) -> tuple[int, OnCallPerson]:
        """Who hears an alert at this level of escalation: along the list, then its last person again and again."""
        # It never ends: an alert that nobody acknowledges goes on to the last person until one does.
        place = min(level, len(self.on_call) - 1)
        return place, self.on_call[place]

    def open(self, session: Session, incident: Incident, references: Iterable[str]) -> dict[str, Address]:
        """Open the addresses of messages of one incident; unknown and damaged ones are left out.

        Raises:
            DecryptionError: not one of them opens, nor any other: the master key is another one.

        """
        # One query for each table, not one for each letter: a batch of the outbox folder has up to 10,000 references.
        names = list(references)
        people_on_call = {
            reference: Address(email=person.email, name=person.name)
            for reference in names
            if (person := self._on_call(reference)) is not None
        }
        people = session.exec(select(AffectedPerson).where(col(AffectedPerson.id).in_(_numbers(names, AFFECTED))))
        merchants = session.exec(select(MerchantRow).where(col(MerchantRow.id).in_(_numbers(names, MERCHANT))))
        sealed = [(f"{AFFECTED}:{row.id}", row) for row in people] + [
            (f"{MERCHANT}:{row.id}", row) for row in merchants
        ]
        opened = self._opened(incident, sealed)
        # One damaged address is that person's fault and is given up; all of them are the key's, and then nothing may be
        # given up. A batch of one says neither, so other rows decide.
        if sealed and not opened and not self._opens_any_other(session):
            message = "no sealed address opens: this is not the master key they were sealed with (TOCSIN_MASTER_KEY)"
            raise DecryptionError(message)
        return people_on_call | opened

    def _opened(
        self, incident: Incident, rows: Iterable[tuple[str, AffectedPerson | MerchantRow]]
    ) -> dict[str, Address]:
        """Open sealed addresses; one that is damaged is left out, for it must not hold up all others."""
        opened = {}
        for reference, row in rows:
            with suppress(DecryptionError):
                email = self.vault.decrypt(incident.reference, row.sealed)
                opened[reference] = (
                    Address(email=email, name=row.name, figures=figures_of(row))
                    if isinstance(row, MerchantRow)
                    else Address(email=email)
                )
        return opened

    def _opens_any_other(self, session: Session) -> bool:
        """Whether the key opens anything at all: then it is the right one, and what does not open is damaged."""
        # The newest first: what was sealed under the present key, if anything was, was sealed last.
        for table in (AffectedPerson, MerchantRow):
            columns: Any = table
            rows = session.exec(
                select(Incident.reference, columns.sealed)
                .join(Incident, col(Incident.id) == columns.incident_id)
                .order_by(columns.id.desc())
                .limit(_SAMPLE)
            ).all()
            for reference, sealed in rows:
                with suppress(DecryptionError):
                    self.vault.decrypt(reference, sealed)
                    return True
        return False

    def _on_call(self, reference: str) -> OnCallPerson | None:
        kind, _, place = reference.partition(":")
        # The list may have become shorter since the alert was written; then the place is given up like any unknown
        # address.
        if kind != ON_CALL or not place.isdigit() or int(place) >= len(self.on_call):
            return None
        return self.on_call[int(place)]


def figures_of(merchant: MerchantRow) -> dict[str, Any]:
    """A merchant's own figures, as its notice words them; ``None`` is worded as "not yet known"."""
    return {
        "id": merchant.merchant_id,
        "name": merchant.name,
        "people": merchant.people,
        "records": merchant.records,
        "kinds": list(merchant.kinds),
    }


def _numbers(references: Iterable[str], kind: str) -> list[int]:
    split = (reference.partition(":") for reference in references)
    return [int(number) for word, _, number in split if word == kind and number.isdigit()]
