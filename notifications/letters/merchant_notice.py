"""A merchant's own figures in the notice to all merchants: one approved text, each recipient's own numbers.

The recipient list that the approval binds to carries every merchant's values, so what each one gets is fixed byte by
byte.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from incidents.casework.communication.drafts import list_sha256
from incidents.storage.tables.communication import Draft, MerchantRow
from notifications.delivery.address_book import Address, figures_of
from notifications.letters.compose import ComposedText, LetterComposer

NoticeText = tuple[str, str, str | None]
"""Subject, text, HTML."""


def merchant_renderer(wording: LetterComposer) -> Callable[[Draft, Address], NoticeText]:
    """Give what puts a merchant's own values into an approved text."""

    def personalise(draft: Draft, address: Address) -> NoticeText:
        # Made from the row, not composed anew: templates may have changed since the approval, and what is sent is what
        # was approved.
        approved = ComposedText(
            kind=draft.kind,
            language=draft.language,
            asked_language=draft.language,
            subject=draft.subject,
            text=draft.text,
            html=draft.html,
            fell_back=False,
        )
        own = wording.for_merchant(approved, address.figures)
        return own.subject, own.text, own.html

    return personalise


def merchants_sha256(merchants: Iterable[MerchantRow]) -> str:
    """Digest the list of merchants with the address and the figures that each one's notice will carry."""
    # With the sealed bytes and not the address: the list is digested without opening any, and an address that is sealed
    # anew voids the approval.
    return list_sha256(
        "|".join((row.merchant_id, row.language, row.sealed.hex(), *(str(value) for value in figures_of(row).values())))
        for row in merchants
    )
