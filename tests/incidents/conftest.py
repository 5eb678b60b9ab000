"""A desk on an empty database of each kind, for the tests of the book-keeping."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.casework.desk import Desk
from tests.standins.case_desk import desk_on


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on an empty database, once of each kind."""
    made = desk_on(database_url, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def postgres_desk(postgres_url: str, tmp_path: Path) -> Iterator[Desk]:
    """A desk on PostgreSQL, where two writers really are under way at once."""
    made = desk_on(postgres_url, tmp_path)
    yield made
    made.store.close()
