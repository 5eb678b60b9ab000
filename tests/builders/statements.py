"""Counts the SELECTs that this process asks of its databases, as they go out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event
from sqlmodel import Session

from incidents.audit.tallies import VOUCHED


@contextmanager
def selects() -> Iterator[list[str]]:
    """Collect the SELECTs on our tables, whichever engine they go through; a driver's own questions are left out."""
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH")) and "pg_catalog" not in statement:
            asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def past_the_chain(session: Session, statement: Any) -> Any:
    """Run a statement that changes rows past the audit chain, as a situation that is hard to come by is made here."""
    return session.execute(statement.execution_options(**VOUCHED))
