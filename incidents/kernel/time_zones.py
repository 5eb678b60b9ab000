"""Time zones by their IANA names: one rule for the organisation, for law files and for what is typed."""

from __future__ import annotations

from zoneinfo import ZoneInfo


def zone_of(name: str) -> ZoneInfo | None:
    """Find the zone of this name; ``None`` where there is none."""
    try:
        return ZoneInfo(name)
    # ZoneInfo raises all three: unknown names, names with `..`, and names that are folders (``Europe``).
    except (KeyError, ValueError, OSError):
        return None


def zone_name(name: str) -> str:
    """Give the name back where it is a zone's: the check of a key that a person writes.

    Raises:
        ValueError: there is no such zone.

    """
    if zone_of(name) is None:
        message = f"{name!r} is no time zone; write an IANA name, for example Europe/Berlin"
        raise ValueError(message)
    return name
