"""Whatever is changed, removed or slipped in past Tocsin is found, in every column of every table; nothing else is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Connection, Enum, Integer, Table, UniqueConstraint, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.access import people
from incidents.audit.kinds import APPEND_ONLY, HINTS, KEPT_CURRENT
from incidents.audit.tallies import LISTS, TRIES
from incidents.audit.verify import VerificationResult, verify
from incidents.case.lifecycle import PersonRole
from incidents.casework.case import timeline
from incidents.casework.communication import hold
from incidents.casework.filing import submit
from incidents.casework.filing.submission import Submission
from incidents.evidence.files import EvidenceFile
from incidents.storage.columns import METADATA
from incidents.storage.tables.case import SignalRow
from incidents.storage.tables.communication import DraftSource
from notifications.delivery.model import LETTERS
from tests.builders import apps

APART = {
    "audit_entry": "the chain itself: its links are checked (tests/incidents/audit/test_chain.py)",
    "channel_pause": "says until when a channel is left alone; longer than the longest pause counts for nothing",
    "beat": "says what runs now; no paper and no decision rests on it",
}
"""Tables that no entry vouches for, each with the reason."""
FREE = {**HINTS, "message": frozenset(TRIES), "attempt": frozenset({"id"})}
"""Columns that change without an entry."""
SIGNAL: dict[str, Any] = {"source": "alertmanager", "fingerprint": "a" * 64, "alerts": 1}
LENIENT = {"postgresql": "SET LOCAL session_replication_role = replica", "sqlite": "PRAGMA defer_foreign_keys = ON"}
"""Whoever falsifies rows past Tocsin is not held up by references."""
TABLES = {name: table for name, table in METADATA.tables.items() if name not in APART}


def test_every_table_is_vouched_for_or_has_a_reason():
    assert {*APPEND_ONLY, *KEPT_CURRENT, *LISTS, "list_tally"} == set(TABLES)


@pytest.fixture
def full(app: App) -> App:
    """A case in which every table has a row: facts, letters and alerts sent, a filing with its receipt, people."""
    case = apps.Case(app).decided()
    case.approve("people").order("people")
    heartbeat.run_heartbeat(app)
    app.outbox.deliver(LETTERS)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    receipt = EvidenceFile(name="receipt", content=b"x")
    submission = Submission(reference="DE-1", at=app.now(), complete=True, receipt=receipt, despite="By telephone.")
    submit.submit(*case.by(apps.DPO), submission)
    hold.hold(*case.by(apps.DPO), "a wrong list")
    with app.store.write() as session:
        people.add_person(session, people.os_actor("root"), app.now(), name="Dana", roles=frozenset(PersonRole))
        session.add(SignalRow(**SIGNAL, incident_id=case.incident_id(session), first_at=app.now(), last_at=app.now()))
        session.add(DraftSource(draft_id=case.drafts()[0].id or 0, sha256="a" * 64))
    return app


@contextmanager
def tampered(app: App) -> Iterator[tuple[Connection, Any]]:
    """Give a connection, and what a verification finds over it; all of it is taken back at the end."""
    with app.store.engine.connect() as connection:
        transaction = connection.begin()
        connection.execute(text(LENIENT[connection.dialect.name]))
        with Session(connection, join_transaction_mode="create_savepoint") as session:
            yield connection, lambda: verify(session)
        transaction.rollback()


def another(column: Column[Any], value: Any) -> list[Any]:  # noqa: PLR0911 - one line for each type
    """Give values that the column may have instead; the first one that the database takes is tried."""
    match column.type, value:
        case Enum() as words, _:
            return [word for word in words.enums if word != value]
        case Boolean(), _:
            return [not value]
        case Integer(), _:
            return [(value or 0) + 1_000, None]
        case JSON(), _:
            return [[*value, "x"] if isinstance(value, list) else {**(value or {}), "x": "y"}]
        case _, datetime():
            return [value - timedelta(microseconds=1)]
        case _, bytes():
            return [value[:-1] + bytes([value[-1] ^ 1])]
        case _, str():
            return [f"y{value[1:]}" if value.startswith("x") else f"x{value[1:]}", "y"]
    return [datetime(2020, 1, 1, tzinfo=UTC)] if "DATETIME" in str(column.type).upper() else ["x"]


def first_row(connection: Connection, table: Table) -> dict[str, Any]:
    row = connection.execute(table.select().order_by(*table.primary_key).limit(1)).mappings().first()
    assert row is not None, f"{table.name} has no row: the case above must give it one"
    return dict(row)


def of_row(table: Table, row: dict[str, Any]) -> Any:
    return [column == row[column.key] for column in table.primary_key]


def change_somehow(connection: Connection, table: Table, column: Column[Any], row: dict[str, Any]) -> bool:
    """Change one column of a row; whether the database let it be changed."""
    for value in another(column, row[column.key]):
        try:
            with connection.begin_nested():
                connection.execute(table.update().where(*of_row(table, row)).values({column.key: value}))
        except DBAPIError:  # a CHECK, a trigger or a reference holds: the next value
            continue
        return True
    return False


def test_nothing_is_wrong_with_a_whole_case(full):
    with tampered(full) as (_, verified):
        found: VerificationResult = verified()
        assert found.breaks == ()
        assert found.entries > 0


def test_every_changed_column_is_found(full):
    missed: dict[str, set[str]] = {}
    refused: dict[str, set[str]] = {}
    for name, table in TABLES.items():
        for column in table.columns:
            with tampered(full) as (connection, verified):
                if not change_somehow(connection, table, column, first_row(connection, table)):
                    refused.setdefault(name, set()).add(column.key)
                elif verified().is_intact:
                    missed.setdefault(name, set()).add(column.key)
    assert missed == FREE
    # What the database itself refuses cannot be falsified so; it must not be most of a table.
    assert all(len(refused.get(name, ())) < len(table.columns) / 2 for name, table in TABLES.items()), refused


def test_a_removed_row_is_found(full):
    assert TABLES
    for name, table in TABLES.items():
        with tampered(full) as (connection, verified):
            connection.execute(table.delete().where(*of_row(table, first_row(connection, table))))
            assert not verified().is_intact, name


def test_a_row_slipped_in_is_found(full):
    assert TABLES
    for name, table in TABLES.items():
        with tampered(full) as (connection, verified):
            row = first_row(connection, table)
            unique = {column.key for column in table.columns if column.unique or column.primary_key}
            for constraint in table.constraints:
                if isinstance(constraint, UniqueConstraint):
                    unique |= {column.key for column in constraint.columns}
            forged = {key: another(table.columns[key], value)[0] for key, value in row.items() if key in unique}
            connection.execute(table.insert().values(**(row | forged)))
            assert not verified().is_intact, name
