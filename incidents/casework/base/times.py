"""Which times a person may state: a record of something that has not happened yet is refused."""

from __future__ import annotations

from datetime import datetime, timedelta

from incidents.kernel.errors import InvalidInputError
from incidents.kernel.timestamps import sortable

CLOCK_SKEW = timedelta(minutes=5)
"""How far a stated time may lie ahead of our clock before it is refused as being in the future."""


def refuse_future(at: datetime, now: datetime, what: str) -> None:
    """Refuse a time that has not come yet.

    Raises:
        InvalidInputError

    """
    if at > now + CLOCK_SKEW:
        message = f"{what} lies in the future ({sortable(at)}); it is now {sortable(now)}"
        raise InvalidInputError(message)
