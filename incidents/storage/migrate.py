"""Bringing a database to this version's schema, step by step, with the migrations that travel with the code."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from incidents.storage.database import SCHEMA_REVISION, SchemaMismatchError, Store, StoreUnreachableError

FOLDER = Path(__file__).parent / "migrations"


def upgrade(url: str, afterwards: Callable[[Session], object] = lambda _session: None) -> tuple[str | None, str]:
    """Run every migration that is missing, all in one transaction; give the revision before and after.

    ``None`` before means that the database was empty. *afterwards* belongs to the same transaction: what must have
    happened before anybody else may write.

    Raises:
        StoreUnreachableError: no database answers at the URL.
        SchemaMismatchError: the database was made by a newer Tocsin.
        BrokenReferenceError: a row refers to one that is not there (SQLite).

    """
    store = Store(url)
    try:
        before = store.revision()
        # Alembic would fail with a traceback about a revision it cannot find.
        _refuse_newer(before)
        with store.migrating() as connection:
            config = _config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            with Session(connection) as session:
                afterwards(session)
                session.flush()
    except DatabaseError as error:
        where = store.engine.url.render_as_string(hide_password=True)
        message = f"the database does not answer ({where}); nothing was changed"
        raise StoreUnreachableError(message) from error
    finally:
        store.close()
    return before, SCHEMA_REVISION


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        message = f"the database has schema {found}, which this Tocsin does not know: install the version that made it"
        raise SchemaMismatchError(message)


def _config() -> Config:
    config = Config()
    # The file format of the option takes `%` for a reference to another option; a folder may have one in its name.
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return config
