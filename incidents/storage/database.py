"""The database: one engine, short sessions, and the few settings on which durability rests."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, text
from sqlalchemy.exc import ArgumentError, DatabaseError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import Session

import incidents.storage.tables  # noqa: F401 - its import fills the metadata
from incidents.kernel import clock as system_clock
from incidents.kernel.clock import Clock
from incidents.kernel.errors import ConflictError, UnavailableError
from incidents.storage.columns import METADATA, WRITES

SCHEMA_REVISION = "0010"
"""The newest migration; `tocsin migrate` brings an older database here."""

# Milliseconds. Long enough for an import of a hundred thousand people to finish (5.6 s, docs/performance.md).
_BUSY_TIMEOUT_MS = 10_000
_EXAMPLE = "postgresql+psycopg://tocsin@127.0.0.1/tocsin"


class StoreUnreachableError(UnavailableError):
    """The database does not answer; nothing was written."""


class SchemaMismatchError(UnavailableError):
    """The database was made by another version of Tocsin; run `tocsin migrate`."""


class BrokenReferenceError(UnavailableError):
    """A row refers to one that is not there: the file was changed past Tocsin. Nothing was migrated."""


class Store:
    """The way to the rows: ``with store.write() as session`` for changes, ``store.read()`` for looking."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._writing = self.engine.execution_options(tocsin_writes=True)
        # A transaction of SQLite reads one state anyway; PostgreSQL has to be asked for it.
        one_state = {} if url.startswith("sqlite") else {"isolation_level": "REPEATABLE READ"}
        self._reading = self.engine.execution_options(**one_state)

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Open one transaction that writes: all of it or nothing.

        On SQLite it takes the write lock at once (``BEGIN IMMEDIATE``): a transaction that starts by reading and then
        writes fails under a second writer however long it waits.

        Raises:
            ConflictError: somebody else changed the same incident first.

        """
        # Not expired: what was written is shown after the commit, and must not be read again without a transaction.
        with Session(self._writing, expire_on_commit=False, info={WRITES: True}) as session:
            try:
                yield session
                session.commit()
            except StaleDataError as error:
                # By the row's `version`: two people who both read and then write do not overwrite each other.
                message = "somebody else changed this incident meanwhile; nothing was written"
                raise ConflictError(message) from error
            except OperationalError as error:  # a full disk, a lock held too long, a server that went away
                raise self._unreachable(error) from error

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open one transaction that only looks, at one consistent state."""
        with Session(self._reading, expire_on_commit=False) as session:
            try:
                yield session
            except OperationalError as error:
                raise self._unreachable(error) from error

    def now(self, session: Session, clock: Clock) -> datetime:
        """Tell the time for what is written in this transaction: ask after its lock was won, never before.

        Machines that share a PostgreSQL share its clock, whatever their own say. A clock that is not the system's (an
        exercise's) counts as it is.
        """
        if clock is system_clock.now and self.engine.dialect.name == "postgresql":
            # Not `now()`, which is when the transaction began: before it waited for the lock.
            at: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
            return at.astimezone(UTC)
        return clock()

    def _unreachable(self, error: DatabaseError) -> StoreUnreachableError:
        """Say that the database failed, in the driver's own first line: it quotes no value that was to be written."""
        message = f"the database does not answer ({_without_password(self.engine)}): {_first_line(error.orig)}"
        return StoreUnreachableError(message)

    @contextmanager
    def migrating(self) -> Iterator[Connection]:
        """Open the one transaction of all migrations, in which a table may be copied and take the old one's place.

        SQLite would take the drop of the old table for the end of every row that refers to it, so there references are
        looked at only once, when everything is in its place.

        Raises:
            BrokenReferenceError: a row refers to one that is not there; nothing was changed.

        """
        is_sqlite = self.engine.dialect.name == "sqlite"
        with self._writing.connect() as connection:
            if is_sqlite:
                _run_outside(connection, "PRAGMA foreign_keys=OFF")
            try:
                with connection.begin():
                    yield connection
                    if is_sqlite and (dangling := connection.exec_driver_sql("PRAGMA foreign_key_check").first()):
                        message = f"a row of {dangling[0]} refers to a row of {dangling[2]} that is not there"
                        raise BrokenReferenceError(message)
            finally:
                # Nobody else may be given a connection that heeds no references.
                connection.invalidate()

    def prepare(self) -> None:
        """Create the tables in an empty database, or refuse one of another version.

        Raises:
            StoreUnreachableError: no database answers at the URL.
            SchemaMismatchError: the tables are of another version.

        """
        try:
            revision = self.revision()
            if revision is None:
                self._create()
                # Read again: another process may have created them, perhaps of another version.
                revision = self.revision()
        except DatabaseError as error:  # also a file that is no database
            raise self._unreachable(error) from error
        if revision != SCHEMA_REVISION:
            message = f"the database has schema {revision}, this Tocsin needs {SCHEMA_REVISION}: run `tocsin migrate`"
            raise SchemaMismatchError(message)

    def revision(self) -> str | None:
        """Tell which migration the database is at; ``None`` for an empty one."""
        with self.engine.connect() as connection:
            if not inspect(connection).has_table("alembic_version"):
                return None
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()

    def asked_revision(self) -> str | None:
        """Tell the same to whoever cannot know whether this is a database at all.

        Raises:
            StoreUnreachableError: no database answers at the URL.

        """
        try:
            return self.revision()
        except DatabaseError as error:
            raise self._unreachable(error) from error

    def _create(self) -> None:
        """Create everything at once; a test holds the migrations to giving the same tables."""
        try:
            with self._writing.begin() as connection:
                METADATA.create_all(connection)
                # Alembic's own table, written by hand: loading Alembic would slow down the first command of every
                # installation.
                connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL PRIMARY KEY)"))
                connection.execute(
                    text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": SCHEMA_REVISION}
                )
        except (IntegrityError, OperationalError, ProgrammingError):
            # Another process created them in the same instant; what counts is that they are there.
            if self.revision() is None:
                raise

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    if not url.startswith("sqlite"):
        try:
            # Asked before use: a connection that a restarted server has closed would fail the next command.
            return create_engine(url, pool_pre_ping=True, hide_parameters=True)
        except (ArgumentError, ImportError) as error:
            # Not quoted: it may hold a password.
            message = "TOCSIN_DATABASE_URL is no address of a database; write for example " + _EXAMPLE
            raise StoreUnreachableError(message) from error
    path = url.partition(":///")[2]
    if path:
        _make_private(Path(path))
    # What a statement was given may be an address: no error, and so no log, quotes it.
    # No transaction is begun by the driver: its own would be deferred, and `_begin` could not choose (BEGIN IMMEDIATE).
    connected = {"isolation_level": None, "timeout": 10}
    engine = create_engine(url, module=_sqlite(), connect_args=connected, hide_parameters=True)
    event.listen(engine, "connect", _set_up_connection)
    event.listen(engine, "begin", _begin)
    return engine


def _make_private(path: Path) -> None:
    """Make the folder and an empty file for their owner alone; SQLite gives its side files the same mode."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with suppress(FileExistsError):
            # Made before SQLite does, which would make it readable by the mask of whoever started; an existing one
            # keeps its mode.
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        message = f"the database cannot be kept in {path.parent}: {error.strerror}. TOCSIN_HOME names another folder"
        raise StoreUnreachableError(message) from error


def _sqlite() -> Any:
    """Prefer the bundled SQLite: 3.7.0 to 3.51.2 can lose a WAL reset under several writers."""
    try:
        from pysqlite3 import dbapi2  # noqa: PLC0415 - not installed on every platform
    except ImportError:
        import sqlite3 as dbapi2  # noqa: PLC0415 - the same interface
    return dbapi2


def sqlite_version() -> tuple[int, int, int]:
    """Tell which SQLite is in use."""
    first, second, third = (int(part) for part in _sqlite().sqlite_version.split("."))
    return first, second, third


def _set_up_connection(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for setting in (
        f"busy_timeout={_BUSY_TIMEOUT_MS}",
        # NORMAL may lose the last commits when the power fails, and by then a person was told that they are recorded.
        "synchronous=FULL",
        # Off by default in SQLite, and for each connection anew.
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {setting}")
    _write_ahead(cursor)
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Switch the file to write-ahead logging, once for all connections.

    The switch takes the whole file, and where two processes open a new database in the same instant SQLite refuses one
    of them at once instead of letting it wait: so the waiting is done here.
    """
    ends = time.monotonic() + _BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except _sqlite().OperationalError:
            if time.monotonic() > ends:
                raise
            time.sleep(0.02)
        else:
            return


def _run_outside(connection: Connection, statement: str) -> None:
    """Run a statement outside any transaction, where alone SQLite heeds some settings."""
    cursor = connection.connection.cursor()
    cursor.execute(statement)
    cursor.close()


def _begin(connection: Any) -> None:
    writes = connection.get_execution_options().get("tocsin_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _without_password(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)


def _first_line(error: object) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
