"""Which time zones a country has, by the table that comes with the time zone data."""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo


def zones_of(place: str) -> tuple[str, ...]:
    """Give the zones of a country, of whose parts the table says nothing: ``DE`` and ``DE-BE`` have the same."""
    # No guess for a part of a country: whether `US-TX` keeps Central or Mountain Time, the table does not say.
    return _table().get(place.partition("-")[0], ())


def shows_other_time(place: str, zone: ZoneInfo, at: datetime) -> bool:
    """Whether no clock of *place* shows at that moment what those of *zone* show; never where its zones are unknown."""
    zones = zones_of(place)
    # By offset at that moment, not by name: Berlin and Paris are two zones and one time.
    there = {at.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones}
    return bool(zones) and at.astimezone(zone).utcoffset() not in there


# From the package, not from /usr/share/zoneinfo: containers often have no tables there. zone.tab and not zone1970.tab:
# one country to a line, and small countries keep lines of their own.
@cache
def _table() -> dict[str, tuple[str, ...]]:
    """Read ``zone.tab``: country, coordinates, zone, and where there are several a comment, parted by tabs."""
    zones_by_country: dict[str, list[str]] = {}
    text = resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            zones_by_country.setdefault(country, []).append(zone)
    return {country: tuple(zones) for country, zones in zones_by_country.items()}
