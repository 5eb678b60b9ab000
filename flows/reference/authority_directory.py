"""Which supervisory authority is competent in a place: the directory as it can be asked.

Where a place has several and nothing settles which, it names them all and chooses none. Who must be notified in a case
is decided elsewhere, by establishment and by where people live (Art. 55, 56 GDPR).
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, NoReturn

from config.authorities import Authority, DirectoryFile, Sector, find_authorities
from config.settings import Settings
from incidents.kernel.errors import NotFoundError

# Eurostat and the Union's forms write the United Kingdom and Greece so; config/authorities.yaml has ISO 3166-1 only.
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
        named = [authority for authority in self.authorities if authority.id == authority_id]
        return named[0] if named else self.refuse(authority_id, f"no authority is called `{authority_id}`")

    def refuse(self, asked: str, because: str) -> NoReturn:
        """Say that there is no answer, with the nearest ids.

        Raises:
            UnknownAuthorityError: always.

        """
        # Ids and not names: a person who asks for "Bayern" finds DE-BY in the list, and only ids can be typed back.
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
        # The EDPS alone supervises the institutions (Reg. 2018/1725), in whatever sector somebody looks for it.
        required = Sector.EU_INSTITUTION if country == "EU" else Sector(sector)
        there = [authority for authority in self.authorities if authority.country == country]
        fitting = [authority for authority in there if required in authority.sectors]
        of_region = [authority for authority in fitting if region and authority.region == region]
        of_country = [authority for authority in fitting if authority.region is None]
        elsewhere = [] if region else [authority for authority in fitting if authority.region]
        # The first that is not empty, and not all together: a region's own authority excludes the country's for its
        # sector.
        candidates = of_region or of_country or elsewhere
        # A single one of some region is not settled either: the place may lie in another, which has none listed.
        is_settled = len(candidates) == 1 and candidates != elsewhere
        return LookupResult(
            place=place,
            sector=required,
            authority=candidates[0] if is_settled else None,
            candidates=tuple(candidates),
            because=_because(place, required, there, candidates, elsewhere),
        )


def _place(country: str, region: str | None) -> tuple[str, str | None]:
    """Read ``("DE", "BE")``, ``("DE", "DE-BE")`` and ``("DE-BE", None)`` alike."""
    # "DE-BE-x": what follows the region is dropped, ids such as DE-BY-public carry a sector there.
    head, _, tail = country.upper().partition("-")
    part = (region or tail).upper()
    return _OTHER_CODES.get(head, head), part.removeprefix(f"{head}-").partition("-")[0] or None


def _because(
    place: str, sector: Sector, there: list[Authority], candidates: list[Authority], elsewhere: list[Authority]
) -> str:
    who = f"for the sector `{sector.value}`"
    if not there:
        return f"no authority of {place} is listed"
    if not candidates:
        regions = ", ".join(authority.place for authority in there if authority.region and sector in authority.sectors)
        return f"no authority of {place} is listed {who}{f'; regions that have one: {regions}' if regions else ''}"
    if candidates == elsewhere:
        regions = ", ".join(authority.place for authority in candidates)
        return f"{place} has {len(candidates)} authorities {who}: say in which region ({regions})"
    if len(candidates) > 1:
        ids = ", ".join(authority.id for authority in candidates)
        return f"{place} has {len(candidates)} authorities {who}: {ids}"
    if elsewhere:
        regions = ", ".join(authority.place for authority in elsewhere)
        return f"competent in {place} {who}, unless it is one of a region that has its own: {regions}"
    return f"competent in {place} {who}"
