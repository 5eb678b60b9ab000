"""How Alembic reaches the database: through the store's own engine, with its settings and its naming convention."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

import incidents.storage.tables  # noqa: F401 - its import fills the metadata
from incidents.storage.columns import METADATA
from incidents.storage.database import Store


def _run(connection: Connection) -> None:
    # SQLite cannot change a table in place: a batch copies it. One transaction holds all of it, or nothing happened.
    context.configure(connection=connection, target_metadata=METADATA, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


def _run_at_url() -> None:
    store = Store(context.config.get_main_option("sqlalchemy.url") or "")
    try:
        with store.migrating() as connection:
            _run(connection)
    finally:
        store.close()


# From `tocsin migrate` comes its own connection; from Alembic's command line, as when a migration is written, none.
if isinstance(connection_of_caller := context.config.attributes.get("connection"), Connection):
    _run(connection_of_caller)
else:
    _run_at_url()
