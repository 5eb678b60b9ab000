"""What the environment says: where things are kept, whom to talk to, with which secrets.

Every command passes through here, so nothing heavier than pydantic is imported and nothing is opened.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from incidents.kernel.bounded_read import read_at_most
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.plain_problems import in_plain_words

_ROOT = Path(__file__).resolve().parent.parent
# As container platforms hand out secrets: in a file, so that they stand in no list of processes.
_MAY_COME_FROM_FILE = ("TOCSIN_DATABASE_URL", "TOCSIN_TOKEN", "TOCSIN_MASTER_KEY", "SENDGRID_API_KEY")
_LISTEN = re.compile(r"^(?P<host>\[[0-9a-fA-F:.]+\]|[^\s:/\[\]]+):(?P<port>[0-9]{1,5})$")
_HIGHEST_PORT = 65_535
_LONGEST_SECRET = 64 * 1024
"""Bytes; a name that leads to a device or to another file must not be read to its end."""
_LOOPBACK = ("127.0.0.1", "::1", "localhost")


class SettingsError(InvalidInputError):
    """A variable cannot be used; each line of the message names one and says what it takes. Values are never quoted."""


def templates_folder() -> Path:
    """Where the words lie: ``templates/``."""
    return _ROOT / "templates"


def regimes_folder() -> Path:
    """Where the laws lie: one YAML file for each regime."""
    return _ROOT / "config" / "regimes"


def regime_files(home: Path | None = None) -> dict[str, Path]:
    """Every law by its id: the files shipped, and those in ``regimes/`` of the home folder, which come before them.

    A law is added, corrected or (a proposal) switched on by such a file, without a change of the program.
    """
    folders = [regimes_folder(), *([home / "regimes"] if home else [])]
    # The home folder comes last, so that its file of the same name takes the shipped one's place.
    by_id = {path.stem: path for folder in folders for path in folder.glob("*.yaml")}
    return dict(sorted(by_id.items()))


def drills_folder() -> Path:
    """Where the material of the exercises lies: one folder for each scenario."""
    return _ROOT / "config" / "drills"


def authorities_file() -> Path:
    """Where the supervisory authorities are listed."""
    return _ROOT / "config" / "authorities.yaml"


def reminders_file() -> Path:
    """Where the reminder ladders stand that hold for every law."""
    return _ROOT / "config" / "reminders.yaml"


def example_organisation() -> Path:
    """The organisation to start from and to adapt."""
    return _ROOT / "config" / "organisation.example.yaml"


def example_inventory() -> Path:
    """The inventory of data that is shipped, to use or to adapt."""
    return _ROOT / "config" / "data_inventory.yaml"


def _web_address(value: str) -> str:
    if not re.match(r"^https?://[^\s/]+", value):
        message = "must start with https:// or http:// and name a host"
        raise ValueError(message)
    return value.rstrip("/")


def _encrypted(value: str) -> str:
    """The key travels with every request: plain http is for a stand-in on this machine."""
    host = urlsplit(value).hostname
    if not value.startswith("https://") and host not in _LOOPBACK:
        message = "must be an https address, for example https://api.sendgrid.com or https://api.eu.sendgrid.com"
        raise ValueError(message)
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
"""An http(s) address without a slash at its end."""


class Settings(BaseSettings):
    """The environment as one frozen value; a secret may also come from the file that ``<NAME>_FILE`` names."""

    model_config = SettingsConfigDict(
        frozen=True,
        case_sensitive=True,
        env_ignore_empty=True,
        extra="ignore",
        # A message of pydantic's quotes the value, and these may be keys.
        hide_input_in_errors=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    home: Path = Field(validation_alias="TOCSIN_HOME", default_factory=lambda: _default_home(os.environ))
    """The folder that holds everything of this installation; not created by reading it."""
    database_url: str = Field(validation_alias="TOCSIN_DATABASE_URL", default="", repr=False)
    """SQLAlchemy address of the database; SQLite in the home folder where none is given."""
    organisation: Path | None = Field(validation_alias="TOCSIN_ORGANISATION", default=None)
    """The organisation's file as asked for; `config.organisation.find_organisation` resolves the default."""
    listen: str = Field(validation_alias="TOCSIN_LISTEN", default="127.0.0.1:8300")
    """``host:port`` of the web pages and the HTTP API; an IPv6 host in brackets."""
    token: SecretStr | None = Field(validation_alias="TOCSIN_TOKEN", default=None)
    """The personal token that proves who is acting at the command line."""
    master_key: SecretStr | None = Field(validation_alias="TOCSIN_MASTER_KEY", default=None)
    """What wraps the keys of the affected people's addresses."""
    sendgrid_api_key: SecretStr | None = Field(validation_alias="SENDGRID_API_KEY", default=None)
    """With it mail goes through SendGrid; without, into the outbox folder."""
    sendgrid_host: Annotated[WebAddress, AfterValidator(_encrypted)] = Field(
        validation_alias="SENDGRID_HOST", default="https://api.sendgrid.com"
    )
    """SendGrid's address, or https://api.eu.sendgrid.com."""
    prefect_api_url: WebAddress | None = Field(validation_alias="PREFECT_API_URL", default=None)
    """An existing Prefect server; without, the service starts one of its own on loopback."""

    @field_validator("home", "organisation")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        # Not resolved: a home that is a link stays where the person put it.
        return value.expanduser().absolute() if value else None

    @field_validator("listen")
    @classmethod
    def _host_and_port(cls, value: str) -> str:
        match = _LISTEN.match(value)
        if match is None or not 0 < int(match["port"]) <= _HIGHEST_PORT:
            message = "must be host:port, for example 127.0.0.1:8300"
            raise ValueError(message)
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(("sqlite:", "postgresql")):
            message = "must be a SQLite or PostgreSQL address, for example postgresql+psycopg://tocsin@127.0.0.1/tocsin"
            raise ValueError(message)
        return value

    @model_validator(mode="before")
    @classmethod
    # Before the fields: the default hangs on the home folder, which is another field.
    def _database_in_home(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Place the database into the home folder where no address was given."""
        if given.get("TOCSIN_DATABASE_URL") or given.get("database_url"):
            return given
        home = given.get("TOCSIN_HOME") or given.get("home") or _default_home(os.environ)
        place = Path(home).expanduser().absolute() / "tocsin.sqlite3"
        return {**given, "TOCSIN_DATABASE_URL": f"sqlite:///{place}"}

    @property
    def listen_host(self) -> str:
        """The host part of *listen*, without brackets."""
        return self.listen.rpartition(":")[0].strip("[]")

    @property
    def listen_port(self) -> int:
        """The port part of *listen*."""
        return int(self.listen.rpartition(":")[2])

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings calls this by name
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - no .env file is read
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - replaced by the <NAME>_FILE variables
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what a caller passes, then the environment; nothing else."""
        return init_settings, env_settings


def read_settings() -> Settings:
    """Read the environment once.

    Raises:
        SettingsError: a variable cannot be used, or is given twice.

    """
    try:
        return Settings(**_from_files(os.environ))
    except ValidationError as error:
        lines = dict.fromkeys(_line(problem["loc"], in_plain_words(problem)) for problem in error.errors())
        # `from None`: the chained error would show the value again.
        raise SettingsError("\n".join(lines)) from None


def _line(place: tuple[int | str, ...], message: str) -> str:
    return f"{'.'.join(map(str, place))}: {message}"


def _default_home(environment: Mapping[str, str]) -> Path:
    """``$XDG_DATA_HOME/tocsin``, or what the XDG rules put in its place where it is empty or relative."""
    data_home = Path(environment.get("XDG_DATA_HOME", ""))
    # The XDG specification asks for relative paths to be ignored.
    return (data_home if data_home.is_absolute() else Path.home() / ".local" / "share") / "tocsin"


def _from_files(environment: Mapping[str, str]) -> dict[str, Any]:
    """Read the secrets that the environment names a file for; a newline at the end is not part of a secret."""
    secrets = {}
    for name in _MAY_COME_FROM_FILE:
        place = environment.get(f"{name}_FILE")
        if not place:
            continue
        # Which of two was meant is not for us to guess: the wrong database may be the result.
        if environment.get(name):
            message = f"{name}: given twice, as {name} and as {name}_FILE; keep one"
            raise SettingsError(message)
        secrets[name] = _secret_in(Path(place), name)
    return secrets


def _secret_in(place: Path, name: str) -> str:
    try:
        # Line breaks only: a blank may be a part of a secret.
        with place.open("rb") as file:
            secret = (read_at_most(file, _LONGEST_SECRET) or b"").decode("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{name}_FILE: cannot be read: {getattr(error, 'strerror', None) or 'not a text'}"
        raise SettingsError(message) from None
    if not secret:
        message = f"{name}_FILE: the file is empty, or longer than any secret"
        raise SettingsError(message)
    return secret
