"""The files of config/regimes: which there are, reading one or all, and checking them."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from config.documents import read_text
from config.settings import regime_files
from flows.reference.reminder_ladders import shipped_ladders
from incidents.kernel.errors import NotFoundError
from incidents.kernel.yaml_documents import DocumentError, read_yaml
from incidents.law.ladder_choice import Ladders
from incidents.law.model import Regime
from incidents.law.reading import RegimeError, read_regime


class UnknownRegimeError(NotFoundError):
    """There is no law of this id; the message lists those there are."""


@dataclass(frozen=True, kw_only=True)
class FileCheck:
    """What became of checking one file: the law, or the problems, one line each."""

    path: Path
    regime: Regime | None
    problems: tuple[str, ...]


def ids(home: Path | None = None) -> tuple[str, ...]:
    """The ids of all laws there is a file of; a file is named after its law."""
    return tuple(regime_files(home))


def read(regime_id: str, home: Path | None = None, ladders: Ladders | None = None) -> Regime:
    """Read one law: the file of the home folder where it has one, else the file shipped; its id in any letters.

    *ladders* are the reminder ladders that do not stand in the file; the shipped ones where none are given.

    Raises:
        UnknownRegimeError: there is no file of it.
        RegimeError, DocumentError: the file cannot be used.

    """
    files = regime_files(home)
    # As typed first: a file of one's own may have capitals in its name.
    required = regime_id if regime_id in files else regime_id.lower()
    if required not in files:
        near = get_close_matches(required, files, n=3)
        meant = f"Did you mean {' or '.join(near)}? " if near else ""
        message = f"{regime_id!r} is no law there is a file of. {meant}There are: {', '.join(files)}"
        raise UnknownRegimeError(message)
    return _read(files[required], ladders)


def read_all(home: Path | None = None, ladders: Ladders | None = None) -> tuple[Regime, ...]:
    """Read every law, by id; raises as :func:`read` does."""
    return tuple(_read(path, ladders) for path in regime_files(home).values())


def check(path: Path, ladders: Ladders | None = None) -> FileCheck:
    """Check one file: its schema, its name and its calendar; nothing is raised for what is wrong."""
    try:
        regime = _read(path, ladders)
    except RegimeError as error:
        return FileCheck(path=path, regime=None, problems=error.problems)
    except DocumentError as error:
        return FileCheck(path=path, regime=None, problems=(str(error),))
    return FileCheck(path=path, regime=regime, problems=tuple(_wrong_with(regime, path)))


def _read(path: Path, ladders: Ladders | None) -> Regime:
    # The name and not the path: problems are shown to people, and a path of this machine says nothing to them.
    document = read_yaml(read_text(path, DocumentError), path.name)
    return read_regime(document, shipped_ladders() if ladders is None else ladders)


def _wrong_with(regime: Regime, path: Path) -> list[str]:
    from flows.reference.public_holidays import UnknownPlaceError, calendar_of

    problems = []
    if regime.id != path.stem:
        problems.append(f"{path.name}: `id` is `{regime.id}`: a file is named after its law")
    if regime.place is not None:
        try:
            calendar_of(regime.place)
        except UnknownPlaceError as error:
            problems.append(f"{path.name}: `place`: {error}")
    return problems
