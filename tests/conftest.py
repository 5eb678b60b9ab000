"""What every test stands on: a scrubbed environment, a fixed moment, and an empty database of each kind.

The environment is scrubbed once, before anything of ours or of Prefect is imported, so that no test sees this person's
home folder, keys or servers, and session fixtures may set variables of their own.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from hypothesis import settings
from psycopg import sql

from tests.scheduling import place, scheduler

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.storage.database import Store
    from tests.builders.apps import SettableClock
    from tests.builders.mail import StandIn

_SERVER = os.environ.get("TOCSIN_TEST_POSTGRES_URL", "postgresql+psycopg://postgres@127.0.0.1:5432/test")
_IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}
_HOME = tempfile.mkdtemp(prefix="tocsin-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)


def _scrub(environment: os._Environ[str]) -> None:
    for name in list(environment):
        # What is meant for the tests themselves stays: their workers are started after this.
        if name.startswith(("TOCSIN_", "SENDGRID_", "PREFECT_", "XDG_")) and not name.startswith("TOCSIN_TEST_"):
            del environment[name]
    environment["HOME"] = _HOME
    environment["DO_NOT_TRACK"] = "1"
    environment["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"


_scrub(os.environ)

# The same examples everywhere, so that a run that is green here is green there; and a busy machine is no defect: no
# property fails by how long an example took.
settings.register_profile("tocsin", settings.get_profile("ci"), deadline=None)
# `make explore` alone looks for new ones; what it finds becomes an @example, or a mended rule.
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("explore" if os.environ.get("TOCSIN_TEST_EXPLORE") else "tocsin")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests first that take longest, all else in its order."""
    items.sort(key=lambda item: place(item.nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the tests that share a server on one worker."""
    return scheduler(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.fixture
def now() -> datetime:
    """Wednesday 18 November 2026, 02:13 UTC: 03:13 in Berlin, when things happen."""
    return datetime(2026, 11, 18, 2, 13, tzinfo=UTC)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """An SQLite database that does not exist yet."""
    return f"sqlite:///{tmp_path / 'tocsin.sqlite3'}"


@pytest.fixture
def postgres_url(_postgres_database: str) -> str:
    """An empty PostgreSQL database; whoever is still connected to it is cut off first."""
    with _connected(_postgres_database) as connection:
        _cut_off_others(connection)
        # Both or neither: a test that is stopped between the two must not take the schema from all that follow.
        with connection.transaction():
            connection.execute("DROP SCHEMA IF EXISTS public CASCADE")
            connection.execute("CREATE SCHEMA public")
    return _postgres_database


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database, once of each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def _sqlite_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    yield from _lasting(f"sqlite:///{tmp_path_factory.mktemp('lasting') / 'tocsin.sqlite3'}")


@pytest.fixture(scope="session")
def _postgres_store() -> Iterator[Store]:
    with _own_database("lasting") as url:
        yield from _lasting(url)


def _lasting(url: str) -> Iterator[Store]:
    """Give a store that serves all tests of a session: making tables and learning statements takes longer than most."""
    from incidents.storage.database import Store

    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def lasting_sqlite(_sqlite_store: Store) -> Store:
    """An SQLite database with its tables and no row."""
    from tests.builders.casework import emptied

    return emptied(_sqlite_store)


@pytest.fixture
def lasting_postgres(_postgres_store: Store) -> Store:
    """A PostgreSQL database with its tables and no row; its numbers begin again with 1."""
    from tests.builders.casework import emptied

    with _connected(_postgres_store.url) as connection:
        _cut_off_others(connection)
    return emptied(_postgres_store)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def lasting_store(request: pytest.FixtureRequest) -> Store:
    """A database with its tables and no row, once of each kind."""
    store: Store = request.getfixturevalue(f"lasting_{request.param}")
    return store


@pytest.fixture
def clock(now: datetime) -> SettableClock:
    """A clock that stands at `now` until a test moves it."""
    from tests.builders.apps import SettableClock

    return SettableClock(now)


@pytest.fixture
def app(tmp_path: Path, lasting_store: Store, clock: SettableClock) -> Iterator[App]:
    """The example organisation's app over an empty database, once of each kind."""
    from tests.builders.apps import app_on, close_all

    yield app_on(tmp_path / "home", lasting_store.url, clock, store=lasting_store)
    close_all()


@pytest.fixture
def small_app(tmp_path: Path, lasting_sqlite: Store, clock: SettableClock) -> Iterator[App]:
    """The same on SQLite only, where the kind of database makes no difference."""
    from tests.builders.apps import app_on, close_all

    yield app_on(tmp_path / "home", lasting_sqlite.url, clock, store=lasting_sqlite)
    close_all()


@pytest.fixture(scope="session")
def _sendgrid_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    from tests.builders.mail import running_standin

    with running_standin(tmp_path_factory.mktemp("sendgrid")) as standin:
        yield standin


@pytest.fixture
def sendgrid_standin(_sendgrid_process: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A SendGrid that has accepted nothing yet and behaves."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    _sendgrid_process.reset()
    return _sendgrid_process


@pytest.fixture(scope="session")
def prefect_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of Prefect's, to be copied: making its tables takes a server three times as long as all else."""
    from tests.builders.prefect import made_once

    # The folder above a worker's own is the whole run's.
    shared = "PYTEST_XDIST_WORKER" in os.environ
    base = tmp_path_factory.getbasetemp()
    return made_once(base.parent if shared else base)


@pytest.fixture(scope="session")
def _postgres_database() -> Iterator[str]:
    """Create a database of this worker's own on the test server, and drop it at the end."""
    with _own_database("test") as url:
        yield url


@contextmanager
def _own_database(purpose: str) -> Iterator[str]:
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = sql.Identifier(f"tocsin_{purpose}_{worker}_{os.getpid()}")
    try:
        with _connected(_SERVER) as connection:
            # From template0, which nobody can be connected to: template1 is refused while anybody is. And without
            # waiting for the disk at each commit: no test cuts the power.
            connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(name))
            connection.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit TO off").format(name))
    except psycopg.OperationalError as error:
        _no_server(error)
    yield f"{_SERVER.rpartition('/')[0]}/{name.as_string().strip(chr(34))}"
    with _connected(_SERVER) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def _cut_off_others(connection: psycopg.Connection) -> None:
    """End whoever is still connected to this database, as a process of a test before."""
    connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )


@contextmanager
def _connected(url: str) -> Iterator[psycopg.Connection]:
    """Connect without SQLAlchemy: these tests must not stand on what they prove."""
    with psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True, connect_timeout=5) as connection:
        yield connection


def _no_server(error: psycopg.OperationalError) -> None:
    reason = f"no PostgreSQL answers where TOCSIN_TEST_POSTGRES_URL points: {str(error).splitlines()[0]}"
    if _IN_CI:
        pytest.fail(f"{reason}; in CI these tests are never skipped")
    pytest.skip(reason)
