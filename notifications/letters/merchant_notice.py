"""A merchant's own figures in the notice to all merchants: one approved text, each recipient's own numbers.

The recipient list that the approval binds to carries every merchant's values, so what each one gets is fixed byte by
byte.
"""

from __future__ import annotations

from collections.abc import Callable

from incidents.storage.tables.communication import Draft
from notifications.delivery.address_book import Address
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
