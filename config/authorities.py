"""The directory of supervisory authorities as it is written: the shipped file and the home folder's corrections."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, StringConstraints, model_validator

from config.documents import read_as, read_text
from config.organisation import LetterLanguage, OrganisationPart, SingleLine
from config.settings import Settings, authorities_file
from incidents.kernel.errors import InvalidInputError

# ``FR``, ``DE-BE``, ``DE-BY-public``: by its capitals `region` tells a place from a word.
_Id = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?(-[a-z]+)?$")]
_Https = Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)]


class AuthoritiesError(InvalidInputError):
    """The directory cannot be used; each line of the message names file, line and key."""


class Sector(StrEnum):
    """Whom an authority is competent for."""

    PRIVATE = "private"
    PUBLIC = "public"
    """Bodies of a region or of a municipality, and of the State where no other word fits."""
    TELECOMMUNICATIONS = "telecommunications"
    POST = "post"
    FEDERAL = "federal"
    EU_INSTITUTION = "eu_institution"


EVERYBODY: Final = tuple(sector for sector in Sector if sector is not Sector.EU_INSTITUTION)


class Channel(StrEnum):
    """How a notification is made."""

    ONLINE_PORTAL = "online_portal"
    ONLINE_FORM = "online_form"
    PDF_FORM_PORTAL = "pdf_form_portal"
    EMAIL_FORM = "email_form"
    STATE_PORTAL = "state_portal"


class Certainty(StrEnum):
    """How sure an entry is as a whole."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Authority(OrganisationPart):
    """One supervisory authority (Art. 51 GDPR, or what does its work elsewhere)."""

    id: _Id
    """A country, a country and its region (``DE-BE``), and a word more where one place has two."""
    name: SingleLine
    names: Mapping[LetterLanguage, SingleLine] = Field(default_factory=dict)
    """What it is called in the languages it takes, where that is not *name*."""
    sectors: tuple[Sector, ...] = Field(default=EVERYBODY, min_length=1)
    channel: Channel
    portal: _Https
    """Where the form is, or the authority's site where no address of the form is known."""
    site: _Https | None = None
    """The authority's own site, where the portal is elsewhere."""
    languages: tuple[LetterLanguage, ...] = Field(min_length=1)
    phone: SingleLine | None = None
    note: SingleLine | None = None
    source: SingleLine
    certainty: Certainty
    confirmed: bool
    verify: tuple[Annotated[str, StringConstraints(pattern=r"^[a-z]+$")], ...] = ()
    """The fields that must be compared with the authority's own site before anybody relies on them."""

    def named(self, language: str) -> str:
        """What it is called in a text of this language."""
        return self.names.get(language, self.name)

    @property
    def country(self) -> str:
        """The country, or ``EU``."""
        return self.id[:2]

    @property
    def region(self) -> str | None:
        """The part of the country it is competent for, where that is not the whole."""
        _, _, rest = self.id.partition("-")
        # ``DE-BY-public`` is of ``BY``; a word in small letters alone is no region.
        return rest.partition("-")[0] if rest[:1].isupper() or rest[:1].isdigit() else None

    @property
    def place(self) -> str:
        """Country and region: ``DE-BY`` for both authorities of Bavaria."""
        return f"{self.country}-{self.region}" if self.region else self.country

    @model_validator(mode="after")
    def _says_what_to_compare(self) -> Authority:
        # An entry that nobody has compared must say what to compare: otherwise "unconfirmed" never ends.
        if self.confirmed == bool(self.verify):
            message = "`confirmed: false` goes with the fields to compare under `verify`, `confirmed: true` with none"
            raise ValueError(message)
        if unknown := sorted(set(self.verify) - set(type(self).model_fields)):
            message = f"`verify` names `{unknown[0]}`, which is no key of an authority"
            raise ValueError(message)
        return self


class _Written(OrganisationPart):
    """The whole file."""

    authorities: tuple[Authority, ...]

    @model_validator(mode="after")
    def _unique(self) -> _Written:
        repeated = [
            authority_id for authority_id, times in Counter(entry.id for entry in self.authorities).items() if times > 1
        ]
        if repeated:
            message = f"two authorities are called `{repeated[0]}`"
            raise ValueError(message)
        return self


class DirectoryFile(OrganisationPart):
    """The directory with its corrections."""

    authorities: tuple[Authority, ...]
    """In the order of the shipped file; added ones come last."""
    own: frozenset[str]
    """The ids that come from the home folder."""
    own_file: Path
    """Where corrections are read from, whether the file is there or not."""


def read_authorities(text: str, name: str) -> tuple[Authority, ...]:
    """Read a directory from YAML *text*, called *name* in messages.

    Raises:
        AuthoritiesError: not YAML, a key is unknown or missing, or a value is not what it must be.

    """
    return read_as(_Written, text, name, AuthoritiesError).authorities


def find_authorities(settings: Settings) -> DirectoryFile:
    """Read the shipped directory, and ``authorities.yaml`` of the home folder over it: by id, whole entries.

    Raises:
        AuthoritiesError: a file cannot be read or used.

    """
    own_file = settings.home / "authorities.yaml"
    shipped = _read(authorities_file())
    # Whole entries, never key by key: half of ours and half of the shipped one would be an authority nobody has
    # checked.
    own = {entry.id: entry for entry in _read(own_file)} if own_file.exists() else {}
    shipped_ids = {entry.id for entry in shipped}
    added = tuple(entry for entry in own.values() if entry.id not in shipped_ids)
    merged = (*(own.get(entry.id, entry) for entry in shipped), *added)
    return DirectoryFile(authorities=merged, own=frozenset(own), own_file=own_file)


def _read(path: Path) -> tuple[Authority, ...]:
    return read_authorities(read_text(path, AuthoritiesError), str(path))
