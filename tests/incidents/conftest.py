"""The context of use cases on an empty database of each kind.

Making the tables, and getting to know each statement anew, takes longer than most of these tests: one store of each
kind serves them all and is emptied before each test.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.casework.base.context import UseCaseContext
from incidents.storage.database import Store
from tests.builders.casework import ctx_over, emptied

_UNHURRIED = "?options=-csynchronous_commit%3Doff"
"""These tests kill nobody: PostgreSQL need not wait for its disk."""


@pytest.fixture(scope="session")
def _sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from _closing(Store(f"sqlite:///{tmp_path_factory.mktemp('shared') / 'tocsin.sqlite3'}"))


@pytest.fixture(scope="session")
def _postgres_store(_postgres_database: str) -> Iterator[Store]:
    yield from _closing(Store(_postgres_database + _UNHURRIED))


@pytest.fixture(scope="session")
def memory_store() -> Iterator[Store]:
    """A store in memory, for tests that go through many cases one after the other."""
    yield from _closing(Store("sqlite://"))


def _closing(store: Store) -> Iterator[Store]:
    yield store
    store.close()


@pytest.fixture
def sqlite_ctx(_sqlite_store: Store, tmp_path: Path) -> UseCaseContext:
    """A context on an empty SQLite database."""
    return ctx_over(emptied(_sqlite_store), tmp_path)


@pytest.fixture
def postgres_ctx(_postgres_store: Store, tmp_path: Path) -> UseCaseContext:
    """A context on an empty PostgreSQL database, where two writers really are under way at once."""
    return ctx_over(emptied(_postgres_store), tmp_path)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ctx(request: pytest.FixtureRequest) -> UseCaseContext:
    """A context on an empty database, once of each kind."""
    made: UseCaseContext = request.getfixturevalue(f"{request.param}_ctx")
    return made
