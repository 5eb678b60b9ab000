"""A desk on an empty database of each kind, for the tests of the book-keeping.

Making the tables takes longer than most of these tests: they are made once, then copied (SQLite) or emptied (PostgreSQL).
"""

from collections.abc import Iterator
from pathlib import Path
from shutil import copyfile

import pytest
from sqlalchemy import text

from incidents.casework.desk import Desk
from incidents.columns import METADATA
from incidents.store import SCHEMA_REVISION, Store
from tests.standins.case_desk import desk_on

_UNHURRIED = "?options=-csynchronous_commit%3Doff"
"""These tests kill nobody: PostgreSQL need not wait for its disk."""


@pytest.fixture(scope="session")
def _prepared_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("prepared") / "tocsin.sqlite3"
    store = Store(f"sqlite:///{path}")
    store.prepare()
    store.close()
    return path


@pytest.fixture
def sqlite_desk(_prepared_sqlite: Path, tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty SQLite database."""
    copyfile(_prepared_sqlite, tmp_path / "tocsin.sqlite3")
    yield from _closing(desk_on(f"sqlite:///{tmp_path / 'tocsin.sqlite3'}", tmp_path))


@pytest.fixture
def postgres_desk(_postgres_database: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty PostgreSQL database, where two writers really are under way at once."""
    url = _postgres_database + _UNHURRIED
    if not _emptied(url):
        request.getfixturevalue("postgres_url")
    yield from _closing(desk_on(url, tmp_path))


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def desk(request: pytest.FixtureRequest) -> Desk:
    """A desk on an empty database, once of each kind."""
    made: Desk = request.getfixturevalue(f"{request.param}_desk")
    return made


def _emptied(url: str) -> bool:
    """Take every row out, where the tables are there and of this version."""
    store = Store(url)
    try:
        if store.revision() != SCHEMA_REVISION:
            return False
        with store.engine.begin() as connection:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(text(f'DELETE FROM "{table.name}"'))  # noqa: S608 - our own tables' names
    finally:
        store.close()
    return True


def _closing(desk: Desk) -> Iterator[Desk]:
    yield desk
    desk.store.close()
