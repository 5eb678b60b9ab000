"""Writing a moment for a program: RFC 3339, in UTC."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload


@overload
def rfc3339(at: datetime) -> str: ...
@overload
def rfc3339(at: None) -> None: ...
@overload
def rfc3339(at: datetime | None) -> str | None: ...
def rfc3339(at: datetime | None) -> str | None:
    """Write a moment as short as it is exact: ``2026-11-18T02:13:00Z``; no moment stays none."""
    # Without fractions where there are none, which `sortable` must not do: "…00Z" sorts after "…00.5Z".
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def sortable(at: datetime) -> str:
    """Write a moment with all six places of the second, so that texts sort as their moments do and equal ones match."""
    # `isoformat` and not `strftime`, which takes ten times as long: every row of a long list has such times.
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
