"""Which times a person may state: a record of something that has not happened yet is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from incidents.audit import chain
from incidents.kernel.errors import InvalidInputError

CLOCK_SKEW = timedelta(minutes=5)
"""How far a stated time may lie ahead of our clock before it is refused as being in the future."""


def refuse_future(at: datetime, now: datetime, what: str) -> None:
    """Refuse a time that has not come yet.

    Raises:
        InvalidInputError

    """
    if at > now + CLOCK_SKEW:
        message = f"{what} lies in the future ({chain.rfc3339(at)}); it is now {chain.rfc3339(now)}"
        raise InvalidInputError(message)
