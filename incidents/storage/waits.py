"""When a time that a row waits for, or is held until, is over: one edge for all who ask a database."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import col, or_

from incidents.storage.tables.case import Incident


def is_over(until: Mapped[datetime | None], now: datetime, longest: timedelta) -> ColumnElement[bool]:
    """Whether a wait has ended at *now*; one that ends now has. *longest* is the longest that is ever set.

    One longer than any we set was written while the system's clock was ahead: it is over, too, or it would hold an
    alert back for as long.
    """
    return or_(until <= now, until > now + longest)


def is_free(now: datetime) -> ColumnElement[bool]:
    """Whether nobody holds a case at *now*; a lease that ends now has ended."""
    return or_(col(Incident.held_until).is_(None), col(Incident.held_until) <= now)
