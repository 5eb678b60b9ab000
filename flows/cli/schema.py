"""Bringing a database to this version's schema with the migrations that travel with Tocsin."""

from __future__ import annotations

from pathlib import Path

import incidents
from incidents.store import SCHEMA_REVISION, Store


def upgrade(database_url: str) -> tuple[str | None, str]:
    """Run the migrations that are missing; give the schema before and after.

    Raises:
        SchemaMismatchError: the database is newer than this Tocsin.

    """
    store = Store(database_url)
    try:
        before = store.revision()
        if before not in {None, SCHEMA_REVISION}:
            _run(database_url)
        store.prepare()
    finally:
        store.close()
    return before, SCHEMA_REVISION


def _run(database_url: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(incidents.__file__).parent / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    command.upgrade(config, "head")
