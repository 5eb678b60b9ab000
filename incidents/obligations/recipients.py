"""To whom something is owed: authorities, the affected people, merchants, and others a law names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class RecipientKind(StrEnum):
    """What kind of recipient something is owed to."""

    AUTHORITY = "authority"
    PEOPLE = "people"
    MERCHANT = "merchant"
    OTHER = "other"
    """The media, the public, clients, credit agencies: told outside Tocsin, and recorded."""


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """To whom something is owed; the affected people are one recipient here, however many they are."""

    kind: RecipientKind
    id: str
    name: str

    @property
    def is_to_be_chosen(self) -> bool:
        """Whether it stands for one of several authorities of a country, and nobody has said which."""
        # By its words: the row keeps a name and no mark, and rows of earlier versions are known by the same words.
        return self.name.endswith(TO_BE_CHOSEN)


@dataclass(frozen=True, kw_only=True)
class MerchantRecipient:
    """A controller on whose behalf data are processed, with the hours its contract gives, if any."""

    id: str
    name: str
    contract_hours: int | None


TO_BE_CHOSEN: Final = "(to be chosen)"
"""With these words ends the name of an authority that is still to be chosen among several."""

AFFECTED_PEOPLE: Final = Recipient(kind=RecipientKind.PEOPLE, id="affected-people", name="The affected people")
UNLISTED_MERCHANTS: Final = Recipient(
    kind=RecipientKind.MERCHANT, id="unlisted-merchants", name="Merchants not yet listed"
)
UNKNOWN_AUTHORITIES: Final = Recipient(
    kind=RecipientKind.AUTHORITY,
    id="authorities-not-yet-known",
    name="Each authority of the countries where affected people live (not yet known)",
)
"""Stands for the authorities of Guidelines 9/2022 para 73 until facts name the countries."""

PLACEHOLDERS: Final = frozenset({UNLISTED_MERCHANTS.id, UNKNOWN_AUTHORITIES.id})
"""Recipients that stand for others until those are known."""
