"""The kinds of letter and the states they can be in.

Knows what a state means for whether somebody was told; refuses to know how a letter comes from one to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

PEOPLE: Final = "people"
CONTROLLERS: Final = "controllers"
SENDABLE: Final = (PEOPLE, CONTROLLERS)

PENDING, IN_FLIGHT, UNCERTAIN = "pending", "in_flight", "uncertain"
ACCEPTED, DELIVERED = "accepted", "delivered"
BOUNCED, REJECTED, CANCELLED = "bounced", "rejected", "cancelled"
WENT_OUT: Final = frozenset({ACCEPTED, DELIVERED})
CAME_BACK: Final = frozenset({BOUNCED, REJECTED})
SETTLED: Final = WENT_OUT | CAME_BACK | {CANCELLED}
"""States in which nothing more will happen to a message by itself."""

NO_WORDS: Final = "no words in the language asked for"
"""By these words the warning of :func:`wordless` is known again."""


def wordless(wanted: Mapping[str, int], languages: Iterable[str]) -> str:
    """Say how many recipients are written to in English because there are no words in their language; or nothing."""
    without = {language: count for language, count in sorted(wanted.items()) if language not in {*languages, "en"}}
    if not without:
        return ""
    each = ", ".join(f"{language} {count}" for language, count in without.items())
    total = sum(without.values())
    return f"{NO_WORDS} by {total} recipient{'' if total == 1 else 's'} ({each}): they get English"
