"""Who we are and whom we call: the organisation's file, read strictly.

A wrong key or value is refused with file and line: at 3 a.m. nobody finds out that a pager was misspelt.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PositiveInt,
    StringConstraints,
    ValidationInfo,
    field_validator,
    model_validator,
)

from config.documents import read_as, read_text
from config.settings import Settings, WebAddress, example_organisation, regime_files
from incidents.kernel.email_address import wire_form
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.ladder_hours import LadderHours
from incidents.kernel.time_zones import zone_name

# ``Trego Tech (to adapt)``, ``dpo@rabta.example.org``: the example uses domains that belong to nobody (RFC 2606).
_PLACEHOLDER = re.compile(r"\bto adapt\b|\bexample\.(?:org|com|net)\b")


class OrganisationError(InvalidInputError):
    """The organisation's file cannot be used; each line of the message names file, line and key."""


def _email(value: str) -> str:
    address = wire_form(value)
    if address is None:
        message = "is not an e-mail address"
        raise ValueError(message)
    return address


def _channel(value: str) -> str:
    # Only its shape: Apprise itself is loaded when something is sent, for it takes long to import.
    if value != "files" and not re.match(r"^[a-z][a-z0-9+.-]*://\S+$", value):
        message = "must be `files` or an Apprise address, for example ntfys://host/topic"
        raise ValueError(message)
    return value


SingleLine = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300, pattern=r"^[^\x00-\x1f]+$")]
"""One printable line: what may stand in a subject or a header."""

Email = Annotated[SingleLine, AfterValidator(_email)]
CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code."""

LetterLanguage = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code, lower case."""

ChannelName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_-]*$", max_length=60)]
"""What a channel is called."""


# Switched on explicitly: a law that is shipped later binds nobody until somebody has looked at it.
DEFAULT_REGIMES: Final = (
    "eu-gdpr", "uk-gdpr", "ch-fadp", "eg-pdpl", "sa-pdpl", "ae-federal", "ae-difc", "ae-adgm", "tr-kvkk",
)  # fmt: skip
"""The laws of the markets we serve."""


class OrganisationPart(BaseModel):
    """A frozen part of the organisation that refuses keys it does not know."""

    # A message of pydantic's quotes the value, and addresses of channels hold secrets.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class MainEstablishment(OrganisationPart):
    """Where decisions on purposes and means are taken (Art. 4(16) GDPR): it settles the lead authority (Art. 56)."""

    country: CountryCode
    region: SingleLine | None = None
    """Part of the country where it has authorities of its own: ``BE`` for Berlin."""


class OwnAuthority(OrganisationPart):
    """The supervisory authority we notify (Art. 55, 56 GDPR)."""

    id: SingleLine
    """As in ``authorities.yaml``: a country, or a country and its region (``DE-BE``)."""
    name: SingleLine
    portal: WebAddress
    language: LetterLanguage


class Contact(OrganisationPart):
    """A role that answers: the data protection officer (Art. 33(3)(b) GDPR)."""

    name: SingleLine
    email: Email
    phone: SingleLine


class ContactPoint(Contact):
    """Where affected people and authorities obtain more information (Art. 33(3)(b), 34(2) GDPR)."""

    url: WebAddress


class Representative(Contact):
    """Whom we designated in the Union (Art. 27 GDPR): a controller without an establishment there has one."""

    address: SingleLine


class Mailbox(OrganisationPart):
    """An address that mail is sent from."""

    email: Email
    name: SingleLine


class OnCall(OrganisationPart):
    """One person of the on-call chain; alerts go from one to the next in the order of the file."""

    name: SingleLine
    email: Email
    channels: tuple[ChannelName, ...] = ()
    """Names from *channels*, tried in this order."""


class InternalTargets(OrganisationPart):
    """Our own hours where the law says only "without undue delay": reminded of, never called statutory."""

    people_hours: PositiveInt
    """To tell affected people (Art. 34(1) GDPR)."""
    follow_up_hours: PositiveInt
    """To send what an initial notification left open (Art. 33(4) GDPR)."""
    controller_hours: PositiveInt
    """To tell the merchants we process for (Art. 33(2) GDPR), where their contract sets no hours."""
    authority_hours: PositiveInt = 24
    """To notify an authority where a law asks for it "as soon as possible" and sets no hours (not so the GDPR)."""

    close_hours: PositiveInt = 168
    """To close a decided case once nothing is owed any more; no law sets a time for it."""


class OwnReminders(OrganisationPart):
    """Our own reminder ladders, before those of the law files and of ``config/reminders.yaml``."""

    standard: LadderHours | None = None
    long: LadderHours | None = None
    """For duties whose law file says ``ladder: long``."""


class Organisation(OrganisationPart):
    """Who we are, who our authority is, whom we call and how."""

    name: SingleLine
    legal_name: SingleLine
    product: SingleLine
    address: SingleLine
    registration: SingleLine
    zone: Annotated[SingleLine, AfterValidator(zone_name)]
    """IANA time zone in which times are shown and naive input is understood."""
    country: CountryCode
    languages: tuple[LetterLanguage, ...] = Field(min_length=1)
    """Languages in which letters are written, the one to fall back on first."""
    main_establishment: MainEstablishment | None = None
    """Without one in the EEA there is no lead authority: each authority of the countries where people live is told."""
    sectors: tuple[ChannelName, ...] = ()
    """What we are, in the words of the laws' `sectors` (`tocsin regimes show`): ``financial``, ``essential_entity``."""
    entity: tuple[ChannelName, ...] = ()
    """What kinds of entity we are, where laws tell kinds apart, one or a list: ``credit_institution``."""
    authority: OwnAuthority | None = None
    """Who is notified first; without a main establishment it may be left out."""
    representative: Representative | None = None
    """Needed without an establishment in the Union (Art. 27 GDPR); it makes no lead authority."""
    dpo: Contact
    contact_point: ContactPoint
    sender: Mailbox
    channels: dict[ChannelName, Annotated[str, AfterValidator(_channel)]] = Field(repr=False)
    """Name to Apprise address, or ``files`` for the outbox folder. The addresses hold secrets: never show them."""
    on_call: tuple[OnCall, ...] = Field(min_length=1)
    escalate_after_minutes: PositiveInt
    """How long an alert waits for an acknowledgement before the next person of the chain is called."""
    repeat_after_minutes: PositiveInt
    """How long until an unacknowledged alert is sent again."""
    targets: InternalTargets
    reminders: OwnReminders = OwnReminders()
    """Ladders of our own; a case that has a deadline already keeps the one it was recorded with."""
    public_url: WebAddress
    """Where our people will reach Tocsin's pages; no message links there before there are any."""
    regimes: tuple[SingleLine, ...] = DEFAULT_REGIMES
    """The laws that concern us: ids of files in ``config/regimes``."""

    @model_validator(mode="after")
    def _a_main_establishment_has_an_authority(self) -> Organisation:
        if self.main_establishment is not None and self.authority is None:
            message = "`main_establishment` settles a lead authority: say under `authority` which it is"
            raise ValueError(message)
        return self

    @field_validator("entity", mode="before")
    @classmethod
    def _one_kind_is_a_list_of_one(cls, value: object) -> object:
        # `or ()`: an ``entity:`` with nothing after it is null in YAML.
        return (value,) if isinstance(value, str) else value or ()

    @field_validator("languages", "entity")
    @classmethod
    def _written_once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        _refuse_twice(value)
        return value

    @field_validator("on_call")
    @classmethod
    def _unique_people(cls, value: tuple[OnCall, ...]) -> tuple[OnCall, ...]:
        # Whoever stands in the chain twice would be called twice, and it would end one call sooner.
        _refuse_twice(person.name.casefold() for person in value)
        _refuse_twice(person.email.casefold() for person in value)
        return value

    @field_validator("on_call")
    @classmethod
    def _channels_are_known(cls, value: tuple[OnCall, ...], info: ValidationInfo) -> tuple[OnCall, ...]:
        # `None` where the channels themselves were refused: one mistake is then not reported as two.
        channels = info.data.get("channels")
        for person in value:
            unknown = [name for name in person.channels if channels is not None and name not in channels]
            if unknown:
                message = f"`{person.name}` uses `{unknown[0]}`, which is not among `channels`"
                raise ValueError(message)
        return value

    @field_validator("regimes")
    @classmethod
    def _regimes_are_there(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        _refuse_twice(value)
        # The names of the files only; none of them is opened before a law is asked for.
        files = regime_files((info.context or {}).get("home"))
        if unknown := [regime for regime in value if regime not in files]:
            message = f"`{unknown[0]}` is no law there is a file of: `tocsin regimes list` shows those there are"
            raise ValueError(message)
        return value

    @property
    def time_zone(self) -> ZoneInfo:
        """The zone as an object."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, kw_only=True)
class FoundOrganisation:
    """The organisation that is in force, and where it was read."""

    organisation: Organisation
    path: Path
    own: Path
    """Where the installation's own file belongs."""
    problem: str | None = None
    """Why a file of its own could not be used, where the example is used instead."""

    @property
    def is_example(self) -> bool:
        """Whether nobody has written a file of their own yet."""
        return self.path == example_organisation()

    @property
    def notice(self) -> str | None:
        """What to tell the user about where it came from, if anything."""
        if self.problem is not None:
            first = self.problem.splitlines()[0]
            if not self.is_example:
                return f"YOUR FILE CANNOT BE USED, so this goes on with what it said when it last could: {first}"
            return f"YOUR FILE CANNOT BE USED, so the example's laws and people stand in for yours: {first}"
        if not self.is_example:
            return None
        return f"no organisation of your own yet, so the example is used: copy {self.path} to {self.own} and adapt it"


def read_organisation(text: str, name: str, home: Path | None = None) -> Organisation:
    """Read an organisation from YAML *text*, called *name* in messages; *home* may hold laws of its own.

    Raises:
        OrganisationError: not YAML, a key is unknown or missing, or a value is not what it must be.

    """
    return read_as(Organisation, text, name, OrganisationError, {"home": home})


def find_organisation(settings: Settings) -> FoundOrganisation:
    """Read the file TOCSIN_ORGANISATION names, else ``organisation.yaml`` in the home folder, else the example.

    Raises:
        OrganisationError: the file cannot be read or used.

    """
    own = settings.home / "organisation.yaml"
    # A file that is named and missing is an error; only an unnamed one falls back to the example.
    path = settings.organisation or (own if own.exists() else example_organisation())
    asked = " (named by TOCSIN_ORGANISATION)" if settings.organisation else ""
    text = read_text(path, OrganisationError, asked)
    return FoundOrganisation(
        organisation=read_organisation(text, str(path), settings.home), path=path, own=settings.organisation or own
    )


def find_organisation_or_example(settings: Settings) -> FoundOrganisation:
    """The same for what must not wait for a mended file: the example takes the place of one that cannot be used.

    Opening a case is such a thing; ``problem`` says what is wrong with the file.
    """
    try:
        return find_organisation(settings)
    except OrganisationError as error:
        path = example_organisation()
        example = read_organisation(read_text(path, OrganisationError, ""), str(path), settings.home)
        own = settings.organisation or settings.home / "organisation.yaml"
        return FoundOrganisation(organisation=example, path=path, own=own, problem=str(error))


def find_organisation_or_last_good(settings: Settings, last_good: Path) -> FoundOrganisation:
    """The same for the heartbeat: a typing error must neither silence alarms nor send them to the example's people.

    What the file said when it last could be used, kept in *last_good*, goes before the example.
    """
    found = find_organisation_or_example(settings)
    if found.problem is None:
        return found
    try:
        text = read_text(last_good, OrganisationError, "")
        kept = read_organisation(text, str(last_good), settings.home)
    except OrganisationError:
        return found
    return FoundOrganisation(organisation=kept, path=last_good, own=found.own, problem=found.problem)


def to_adapt(organisation: Organisation) -> tuple[str, ...]:
    """List the keys whose value is still the example's placeholder, in the order of the file."""
    return tuple(key for key, value in _leaves(organisation.model_dump(), "") if _PLACEHOLDER.search(str(value)))


def _leaves(value: Any, key: str) -> Iterator[tuple[str, Any]]:
    """Walk nested values as ``on_call.0.email``-like keys."""
    if isinstance(value, dict):
        parts = [(str(name), part) for name, part in value.items()]
    elif isinstance(value, (tuple, list)):
        parts = [(str(index), part) for index, part in enumerate(value)]
    else:
        yield key, value
        return
    for name, part in parts:
        yield from _leaves(part, f"{key}.{name}" if key else name)


def _refuse_twice(values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            message = f"`{value}` is there twice"
            raise ValueError(message)
        seen.add(value)
