"""What a named person decides of a breach: whom to tell, on which ground not, and why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

PUBLIC_GROUND: Final = "34-3-c"
"""The ground that calls for a public communication instead; it may hold for some of the people only."""


@dataclass(frozen=True, kw_only=True)
class RiskDecision:
    """What a named person decides."""

    notify_authority: bool
    notify_people: bool
    because: str
    exception: str | None = None

    @property
    def is_high(self) -> bool:
        """Whether the risk is taken to be high: an exception of Art. 34(3) GDPR is only needed where it is."""
        return self.notify_people or self.exception is not None

    @property
    def public_notice(self) -> bool:
        """Whether a public communication must reach those who are not written to (Art. 34(3)(c) GDPR)."""
        return self.exception == PUBLIC_GROUND


# Until somebody knows better, nothing may be missing: what is owed too much is waived later with a reason, what is not
# owed in time is late for ever.
WORST: Final = RiskDecision(notify_authority=True, notify_people=True, because="nothing is assessed yet")
"""What is taken to be so before an assessment."""
