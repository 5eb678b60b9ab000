"""Which supervisory authority is competent in a place: the directory as it can be asked.

55, 56 GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NoReturn

from config.authorities import Authority, DirectoryFile, Sector, find_authorities
from config.settings import Settings
from incidents.kernel.errors import NotFoundError

_OTHER_CODES: Final = {"UK": "GB", "EL": "GR"}
"""Codes that the Union uses beside ISO 3166-1."""


class UnknownAuthorityError(NotFoundError):
    """No authority of that place is listed; the message says how a place is written."""


@dataclass(frozen=True, kw_only=True)
class LookupResult:
    """Which authority is competent, or which may be, and why."""

    place: str
    """The place that was asked about: ``DE``, ``DE-BE``."""
    sector: Sector
    authority: Authority | None
    """``None``: none is listed, or several may be and nothing settles which."""
    candidates: tuple[Authority, ...]
    """All that may be competent; the authority alone where it is settled."""
    because: str

    @property
    def ambiguous(self) -> bool:
        """Whether several may be competent."""
        return self.authority is None and bool(self.candidates)


@dataclass(frozen=True, kw_only=True)
class Directory:
    """The listed authorities."""

    listed: DirectoryFile

    @classmethod
    def read(cls, settings: Settings) -> Directory:
        """Read the shipped directory with the corrections of the home folder.

        Raises:
            AuthoritiesError: a file cannot be read or used.

        """
        return cls(listed=find_authorities(settings))

    @property
    def authorities(self) -> tuple[Authority, ...]:
        """Every authority, in the order of the file."""
        return self.listed.authorities

    def by_id(self, authority_id: str) -> Authority:
        """Give the authority of this id.

        Raises:
            UnknownAuthorityError: there is none.

        """
        found = [authority for authority in self.authorities if authority.id == authority_id]
        return found[0] if found else self.refuse(authority_id, f"no authority is called `{authority_id}`")

    def refuse(self, asked: str, because: str) -> NoReturn:
        """Say that there is no answer, with the nearest ids.

        Raises:
            UnknownAuthorityError: always.

        """
        ids = [authority.id for authority in self.authorities]
        near = get_close_matches(asked.upper(), ids, n=3)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        message = f"{because}. {meant}There are: {', '.join(ids)}"
        raise UnknownAuthorityError(message)

    def find(self, country: str, region: str | None = None, sector: Sector | str = Sector.PRIVATE) -> Authority | None:
        """Give the authority that is competent; ``None`` where none is listed or several may be (:meth:`look_up`)."""
        return self.look_up(country, region, sector).authority

    def look_up(self, country: str, region: str | None = None, sector: Sector | str = Sector.PRIVATE) -> LookupResult:
        """Say which authority is competent in a place for a sector, in steps.

        1. Of the region's own authorities, those that are competent for the sector.
        2. Else of those for the whole country: Spain's for a company in Catalonia, the German federal one for post.
        3. Else, no region being told, those of all regions: several, so none is chosen.

        A region may be written with its country (``DE-BE``), as the country itself (``find("DE-BE")``). ``EU`` is the
        institutions of the Union, whatever the sector.

        Raises:
            ValueError: no such sector.

        """
        country, region = _place(country, region)
        place = f"{country}-{region}" if region else country
        required = Sector.EU_INSTITUTION if country == "EU" else Sector(sector)
        there = [authority for authority in self.authorities if authority.country == country]
        fitting = [authority for authority in there if required in authority.sectors]
        of_region = [authority for authority in fitting if region and authority.region == region]
        of_country = [authority for authority in fitting if authority.region is None]
        elsewhere = [] if region else [authority for authority in fitting if authority.region]
        found = of_region or of_country or elsewhere
        return LookupResult(
            place=place, sector=required, authority=found[0] if len(found) == 1 and found != elsewhere else None,
            candidates=tuple(found), because=_because(place, required, there, found, elsewhere),
        )  # fmt: skip


def _place(country: str, region: str | None) -> tuple[str, str | None]:
    """Read ``("DE", "BE")``, ``("DE", "DE-BE")`` and ``("DE-BE", None)`` alike."""
    head, _, tail = country.upper().partition("-")
    part = (region or tail).upper()
    return _OTHER_CODES.get(head, head), part.removeprefix(f"{head}-").partition("-")[0] or None


def _because(
    place: str, sector: Sector, there: list[Authority], found: list[Authority], elsewhere: list[Authority]
) -> str:
    who = f"for the sector `{sector.value}`"
    if not there:
        return f"no authority of {place} is listed"
    if not found:
        regions = ", ".join(authority.place for authority in there if authority.region and sector in authority.sectors)
        return f"no authority of {place} is listed {who}{f'; regions that have one: {regions}' if regions else ''}"
    if found == elsewhere:
        return f"{place} has {len(found)} authorities {who}: say in which region ({', '.join(e.place for e in found)})"
    if len(found) > 1:
        return f"{place} has {len(found)} authorities {who}: {', '.join(entry.id for entry in found)}"
    if elsewhere:
        regions = ", ".join(authority.place for authority in elsewhere)
        return f"competent in {place} {who}, unless it is one of a region that has its own: {regions}"
    return f"competent in {place} {who}"
