"""When a time that a row waits for, or is held until, is over: one edge for all who ask a database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, or_

from incidents.kernel.clock import SKEW
from incidents.storage.tables.case import Incident


def is_over(until: Mapped[datetime | None], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether a wait has ended at *now*; one that ends now has. *longest* is the longest that is ever set.

    One longer than any we set was written while the system's clock was ahead: it is over, too, or it would hold an
    alert back for as long. Longer by more than honest clocks differ: whoever read the clock just before it waited for
    a lock, or is a second behind, must not take a lease for over that was given this instant.
    """
    return or_(until <= now, until > now + longest + SKEW)


def is_free(now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether nobody holds a case at *now*, held for *longest* at most; a lease that ends at *now* has ended."""
    return or_(col(Incident.held_until).is_(None), is_over(col(Incident.held_until), now, longest))
