"""The app as elsewhere, with its mail sent to the stand-in for SendGrid."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flows.bootstrap import App
from tests.builders import apps
from tests.builders.apps import SettableClock

if TYPE_CHECKING:
    from tests.builders.mail import StandIn


@pytest.fixture
def app(tmp_path: Path, database_url: str, clock: SettableClock, sendgrid_standin: StandIn) -> Iterator[App]:
    """An app whose mail goes to the stand-in, once on each kind of database."""
    built = apps.app_on(tmp_path / "home", database_url, clock, key=sendgrid_standin.key, host=sendgrid_standin.url)
    yield built
    apps.close_all()


@pytest.fixture
def small_app(tmp_path: Path, sqlite_url: str, clock: SettableClock, sendgrid_standin: StandIn) -> Iterator[App]:
    """The same on SQLite only."""
    built = apps.app_on(tmp_path / "home", sqlite_url, clock, key=sendgrid_standin.key, host=sendgrid_standin.url)
    yield built
    apps.close_all()
