"""Which times a person may state: a record of something that has not happened yet is refused."""

from __future__ import annotations

from datetime import UTC, datetime

from incidents.kernel.clock import SKEW
from incidents.kernel.errors import InvalidInputError

# A watch, a mail server or another host may be ahead of this one by a little. With no room at all, "now" typed from
# such a clock would be refused at the worst moment; with more, a filing could be recorded before it was made.
CLOCK_SKEW = SKEW
"""How far a stated time may lie ahead of our clock before it is refused as being in the future."""


def refuse_future(at: datetime, now: datetime, what: str) -> None:
    """Refuse a time that has not come yet; *what* names it in the message, as ``the time of filing``.

    Raises:
        InvalidInputError: it lies further ahead than CLOCK_SKEW.

    """
    if at > now + CLOCK_SKEW:
        message = (
            f"{what} lies in the future ({at.astimezone(UTC).isoformat()}); it is now {now.astimezone(UTC).isoformat()}"
        )
        raise InvalidInputError(message)
