"""A house on each kind of database, with a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from flows.bootstrap import App
from tests.standins.staged_apps import SettableClock, app_on, close_apps


@pytest.fixture
def clock(now: datetime) -> SettableClock:
    return SettableClock(now)


@pytest.fixture
def app(tmp_path: Path, database_url: str, clock: SettableClock) -> Iterator[App]:
    """The example organisation's house over an empty database, once of each kind."""
    built = app_on(tmp_path / "home", database_url, clock)
    yield built
    close_apps()


@pytest.fixture
def small_app(tmp_path: Path, sqlite_url: str, clock: SettableClock) -> Iterator[App]:
    """The same on SQLite only, where the kind of database makes no difference."""
    built = app_on(tmp_path / "home", sqlite_url, clock)
    yield built
    close_apps()
