"""The migrations, run from an empty database, make the very tables the models describe; on both databases."""

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from incidents.columns import METADATA
from incidents.migrating import _config, upgrade
from incidents.store import SCHEMA_REVISION, SchemaMismatchError, Store, StoreUnreachableError
from tests.standins.case_desk import desk_on, nothing_written, opened


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    made = Store(database_url)
    yield made
    made.close()


def differences(store: Store) -> list[object]:
    """What Alembic would still change to come from the database to the models."""
    with store.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "target_metadata": METADATA})
        return list(compare_metadata(context, METADATA))


def shape(store: Store) -> dict[str, object]:
    """Every table as the database itself describes it; Alembic looks past some of this (checks, sizes)."""
    found = inspect(store.engine)
    return {
        name: {
            "columns": [{**column, "type": str(column["type"])} for column in found.get_columns(name)],
            "primary key": found.get_pk_constraint(name),
            "foreign keys": by_name(found.get_foreign_keys(name)),
            "unique": by_name(found.get_unique_constraints(name)),
            "checks": by_name(found.get_check_constraints(name)),
            "indexes": [{**each, "dialect_options": told(each)} for each in by_name(found.get_indexes(name))],
        }
        for name in found.get_table_names()
        if name != "alembic_version"
    }


def told(index):
    """The condition of a partial index and the like, as text: an SQL expression equals nothing but itself."""
    return {name: str(value) for name, value in index.get("dialect_options", {}).items()}


def by_name(described):
    return sorted(described, key=lambda each: str(each["name"]))


def test_the_migrations_leave_nothing_that_the_models_want_otherwise(store):
    assert upgrade(store.url) == (None, SCHEMA_REVISION)
    assert differences(store) == []


def test_preparing_leaves_nothing_that_the_models_want_otherwise(store):
    store.prepare()
    assert differences(store) == []


def test_migrated_and_prepared_databases_have_the_same_tables_to_the_last_constraint(store):
    store.prepare()
    prepared = shape(store)
    with store.engine.begin() as connection:
        METADATA.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    upgrade(store.url)
    assert shape(store) == prepared
    assert set(prepared) == set(METADATA.tables)


def test_a_prepared_database_is_at_the_newest_migration_and_needs_no_other(store):
    store.prepare()
    assert upgrade(store.url) == (SCHEMA_REVISION, SCHEMA_REVISION)
    assert ScriptDirectory.from_config(_config()).get_current_head() == SCHEMA_REVISION


def test_a_migrated_database_is_ready_for_work(database_url, tmp_path, now):
    upgrade(database_url)
    desk = desk_on(database_url, tmp_path)
    opened(desk, now)
    with nothing_written(desk):
        assert upgrade(database_url) == (SCHEMA_REVISION, SCHEMA_REVISION)
    desk.store.close()


def test_a_database_of_a_newer_tocsin_is_refused_and_left_as_it_is(store):
    store.prepare()
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaMismatchError, match="schema 9999"):
        upgrade(store.url)
    with pytest.raises(SchemaMismatchError, match="tocsin migrate"):
        store.prepare()
    assert store.revision() == "9999"


def test_a_migration_that_breaks_off_leaves_nothing_half_made(store, monkeypatch):
    monkeypatch.setattr("alembic.operations.Operations.create_index", lambda *_args, **_kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        upgrade(store.url)
    assert inspect(store.engine).get_table_names() == []
    assert store.revision() is None


@pytest.mark.parametrize("url", ["postgresql+psycopg://nobody@127.0.0.1:1/none", "sqlite:////proc/none/tocsin.sqlite3"])
def test_a_database_that_does_not_answer_is_named_without_its_password(url):
    with pytest.raises((StoreUnreachableError, OSError)):
        upgrade(url)
