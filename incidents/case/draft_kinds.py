"""The kinds of texts that are drafted and approved, and the duty that each fulfils."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incidents.law import duty_ids

AUTHORITY_INITIAL: Final = "authority-initial"
AUTHORITY_FOLLOW_UP: Final = "authority-follow-up"
PEOPLE: Final = "people"
CONTROLLERS: Final = "controllers"

TO_AUTHORITY: Final = frozenset({AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP})

DUTIES: Final[Mapping[str, str]] = {
    AUTHORITY_INITIAL: duty_ids.AUTHORITY_INITIAL,
    AUTHORITY_FOLLOW_UP: duty_ids.AUTHORITY_FOLLOW_UP,
    PEOPLE: duty_ids.PEOPLE,
    # The one pair that differs: the draft is to all controllers, the duty is owed to each.
    CONTROLLERS: duty_ids.CONTROLLER,
}
"""By kind, the duty that texts of it fulfil."""

KINDS: Final[Mapping[str, str]] = {duty: kind for kind, duty in DUTIES.items()}
"""By duty, the kind of the texts that fulfil it."""


def duty_of(draft_kind: str) -> str:
    """Name the duty that texts of a kind fulfil: a notice to ``controllers`` that of ``controller``."""
    return DUTIES.get(draft_kind, draft_kind)
