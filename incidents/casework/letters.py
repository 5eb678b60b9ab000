"""The kinds of letter and the states they can be in.

Knows what a state means for whether somebody was told; refuses to know how a letter comes from one to the next.
"""

from __future__ import annotations

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
