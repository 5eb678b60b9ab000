"""The migrations make the very tables the models describe, and leave what an older Tocsin wrote; on both databases."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from incidents.audit import chain
from incidents.audit.verify import verify
from incidents.case.lifecycle import Stage
from incidents.casework.base.find import find
from incidents.casework.case import close as close_case
from incidents.kernel.canonical_json import canonical_json
from incidents.kernel.timestamps import sortable
from incidents.queries.case_file import case_file
from incidents.storage.columns import METADATA
from incidents.storage.database import (
    SCHEMA_REVISION,
    BrokenReferenceError,
    SchemaMismatchError,
    Store,
    StoreUnreachableError,
)
from incidents.storage.migrate import _config, upgrade
from incidents.storage.tables.case import AuditEntry
from tests.builders.casework import BERLIN, DPO, HOUR, new_ctx, nothing_written, opened


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
    } | {"triggers": triggers(store)}


def triggers(store: Store) -> list[tuple[object, ...]]:
    """What the database does by itself at a change; neither Alembic nor SQLAlchemy looks at it."""
    asked = {
        "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name",
        "postgresql": "SELECT tgname, pg_get_triggerdef(oid), pg_get_functiondef(tgfoid) FROM pg_trigger"
        " WHERE NOT tgisinternal ORDER BY tgname",
    }
    with store.engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(asked[store.engine.dialect.name]))]


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
    assert set(prepared) == {*METADATA.tables, "triggers"}
    assert len(triggers(store)) == 1


def test_a_prepared_database_is_at_the_newest_migration_and_needs_no_other(store):
    store.prepare()
    assert upgrade(store.url) == (SCHEMA_REVISION, SCHEMA_REVISION)
    assert ScriptDirectory.from_config(_config()).get_current_head() == SCHEMA_REVISION


def test_a_migrated_database_is_ready_for_work(database_url, tmp_path, now):
    upgrade(database_url)
    ctx = new_ctx(database_url, tmp_path)
    opened(ctx, now)
    with nothing_written(ctx):
        assert upgrade(database_url) == (SCHEMA_REVISION, SCHEMA_REVISION)
    ctx.store.close()


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


def lower_to(revision: str, store: Store) -> None:
    """Make an empty database as an older Tocsin left it."""
    with store.engine.execution_options(tocsin_writes=True).begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


OPENED_AT = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)
LINE_OF_0001: dict[str, Any] = {
    "id": 7,
    "incident_id": 7,
    "at": OPENED_AT,
    "recorded_at": OPENED_AT,
    "author": "alex",
    "kind": "opened",
    "text": "Opened: a case of 0001",
    "evidence_id": None,
}


def digest_in_0001() -> str:
    """The digest as 0001 wrote it: over all of the columns there were."""
    content = {name: sortable(value) if name.endswith("at") else value for name, value in LINE_OF_0001.items()}
    return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def test_a_case_of_an_older_tocsin_keeps_its_proof_and_goes_on(store, tmp_path):
    lower_to("0001", store)
    with store.engine.execution_options(tocsin_writes=True).begin() as connection:
        entry = AuditEntry(
            seq=1, at=sortable(OPENED_AT), actor="alex", kind="timeline.added", incident="INC-2026-0001",
            payload=canonical_json({"kind": "opened", "rows": {"timeline_entry:7": digest_in_0001()}}),
            prev=chain.GENESIS, hash="",
        )  # fmt: skip
        incident = {
            "id": 7, "reference": "INC-2026-0001", "codename": "quiet-heron", "title": "a case of 0001",
            "stage": Stage.SUSPECTED, "exercise": False, "opened_at": OPENED_AT, "opened_by": "alex",
            "detected_at": OPENED_AT, "change_seq": 1, "answered_seq": 1, "version": 1,
        }  # fmt: skip
        tables = METADATA.tables
        connection.execute(tables["incident"].insert().values(**incident))
        connection.execute(tables["timeline_entry"].insert().values(**LINE_OF_0001))
        connection.execute(tables["audit_entry"].insert().values(**entry.model_dump() | {"hash": chain.seal(entry)}))
    assert upgrade(store.url) == ("0001", SCHEMA_REVISION)
    with store.read() as session:
        assert verify(session).broken is None
    ctx = new_ctx(store.url, tmp_path)
    close_case.dismiss(ctx, DPO, OPENED_AT + HOUR, "INC-2026-0001", "It was a test of 0001.")
    with ctx.store.read() as session:
        assert verify(session).broken is None
        old, new = case_file(session, find(session, "INC-2026-0001"), BERLIN, OPENED_AT).timeline
    assert old.said is None
    assert new.said == {"about": "dismissed", "values": {"because": "It was a test of 0001."}}
    with store.engine.execution_options(tocsin_writes=True).begin() as connection:
        lines = METADATA.tables["timeline_entry"]
        connection.execute(lines.update().where(lines.c.id == 7).values(said={"about": "closed", "values": {}}))
    with ctx.store.read() as session:
        assert "timeline_entry:7" in str(verify(session).broken)
    ctx.store.close()


STATES_OF_0002 = ("pending", "in_flight", "uncertain", "accepted", "delivered", "bounced", "rejected", "cancelled")
MESSAGE_OF_0002 = (
    "INSERT INTO message (id, key, incident_id, kind, channel, language, recipient, exercise, state, attempts,"
    " created_at, next_try_at) VALUES (:id, :key, 7, 'people', 'mail', 'en', 'affected:1', :exercise, :state, 1,"
    " :at, :at)"
)
ATTEMPT_OF_0002 = (
    "INSERT INTO attempt (id, message_id, number, started_at, body_sha256, repeats_uncertain)"
    " VALUES (:id, :id, 1, :at, 'ab', :repeats)"
)
INCIDENT_OF_0002 = (
    "INSERT INTO incident (id, reference, codename, title, stage, exercise, opened_at, opened_by, detected_at,"
    " change_seq, answered_seq, version) VALUES (7, 'INC-2026-0007', 'quiet-heron', 't', 'suspected',  :exercise, :at,"
    " 'alex', :at, 1, 1, 1)"
)


def letters_of_0002(store: Store) -> list[tuple[object, ...]]:
    """Fill a database of 0002 with a letter in each state and an attempt of each; give the rows."""
    lower_to("0002", store)
    given: dict[str, Any] = {"at": "2026-11-18 02:13:00.000000+00:00", "exercise": False, "repeats": False}
    with store.engine.execution_options(tocsin_writes=True).begin() as connection:
        connection.execute(text(INCIDENT_OF_0002), given)
        for place, state in enumerate(STATES_OF_0002, start=1):
            connection.execute(text(MESSAGE_OF_0002), given | {"id": place, "key": f"k{place}", "state": state})
            connection.execute(text(ATTEMPT_OF_0002), given | {"id": place})
    return rows_of_letters(store)


def rows_of_letters(store: Store) -> list[tuple[object, ...]]:
    with store.engine.connect() as connection:
        asked = "SELECT * FROM message JOIN attempt ON attempt.message_id = message.id ORDER BY message.id"
        return [tuple(row) for row in connection.execute(text(asked))]


def test_letters_of_an_older_tocsin_keep_their_state_and_attempts_and_are_guarded_from_then_on(store):
    before = letters_of_0002(store)
    with pytest.raises(SchemaMismatchError, match=r"schema 0002, this Tocsin needs 0009: run `tocsin migrate`"):
        store.prepare()
    assert upgrade(store.url) == ("0002", SCHEMA_REVISION)
    assert len(before) == len(STATES_OF_0002)
    assert rows_of_letters(store) == before
    assert differences(store) == []
    store.prepare()
    for refused in (
        "UPDATE message SET state = 'lost' WHERE state = 'pending'",
        "UPDATE message SET state = 'pending' WHERE state = 'bounced'",
        "DELETE FROM message WHERE id = 1",
    ):
        with (
            pytest.raises(IntegrityError),
            store.engine.execution_options(tocsin_writes=True).begin() as connection,
        ):
            connection.execute(text(refused))
    with store.engine.execution_options(tocsin_writes=True).begin() as connection:
        moved = connection.execute(text("UPDATE message SET state = 'in_flight' WHERE state = 'pending'"))
        assert moved.rowcount == 1


def test_a_reference_that_leads_nowhere_stops_the_migration_and_nothing_is_changed(sqlite_url):
    store = Store(sqlite_url)
    letters_of_0002(store)
    with sqlite3.connect(sqlite_url.partition(":///")[2]) as connection:
        connection.execute("UPDATE attempt SET message_id = 999 WHERE id = 1")
    connection.close()
    with pytest.raises(BrokenReferenceError, match="a row of attempt refers to a row of message that is not there"):
        upgrade(sqlite_url)
    assert store.revision() == "0002"
    assert triggers(store) == []
    store.close()
