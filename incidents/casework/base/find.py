"""How a person names an incident, and the one that is meant."""

from __future__ import annotations

import re

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select

from incidents.kernel.errors import NotFoundError
from incidents.storage.tables.case import Incident


def number(row_id: int | None) -> int:
    """Give the id of a row that was flushed."""
    if row_id is None:  # pragma: no cover - a row without id was never flushed: a mistake in the caller
        message = "this row has not been written yet"
        raise RuntimeError(message)
    return row_id


def find(session: Session, reference: str) -> Incident:
    """Find one incident by its reference, a unique prefix of it, its number, or its codename.

    Raises:
        NotFoundError: none, or several; the message lists them.

    """
    asked = reference.strip()
    folded = asked.upper()
    if not asked:
        message = "no incident is named: `tocsin list --all` shows them all"
        raise NotFoundError(message)
    # The whole name comes first: `INC-2026-1000` is also what `INC-2026-10000` begins with.
    exact = session.exec(
        select(Incident).where(or_(col(Incident.reference) == folded, col(Incident.codename) == asked.lower()))
    ).first()
    if exact is not None:
        return exact
    # One more than the message names, so that it knows whether to say that there are others.
    candidates = session.exec(
        select(Incident).where(_looks_like(folded, asked.lower())).order_by(col(Incident.reference)).limit(6)
    ).all()
    if len(candidates) == 1:
        return candidates[0]
    if not candidates:
        message = f"no incident is known as {asked!r}: `tocsin list --all` shows them all"
        raise NotFoundError(message)
    names = ", ".join(f"{incident.reference} ({incident.codename})" for incident in candidates[:5])
    message = f"{asked!r} fits several incidents: {names}{' ...' if len(candidates) > 5 else ''}"  # noqa: PLR2004 - as limited
    raise NotFoundError(message)


def _looks_like(folded: str, lowered: str) -> ColumnElement[bool]:
    """Prefix of the reference, its bare number (``7`` for INC-2026-0007), or prefix of the codename."""
    # Escaped, for a typed `%` or `_` is a letter here: as a wildcard it would fit a case that nobody meant.
    prefixes = [
        col(Incident.reference).startswith(folded, autoescape=True),
        col(Incident.codename).startswith(lowered, autoescape=True),
    ]
    if re.fullmatch(r"\d{1,6}", folded):
        # A number alone is that of a year not named: where two years have it, both are listed and the person says
        # which. The hyphen before it keeps 7 from fitting 10007.
        prefixes = [col(Incident.reference).endswith(f"-{int(folded):04d}", autoescape=True)]
    return or_(*prefixes)
