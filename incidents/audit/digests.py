"""The digest of one row: what an entry of the chain vouches for, and what a verification computes anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import RowMapping
from sqlmodel import Session, SQLModel, select

from incidents.audit.kinds import HINTS
from incidents.kernel.canonical_json import sha256_of
from incidents.kernel.timestamps import sortable
from incidents.storage.columns import is_part_of

_AT_ONCE = 5_000
"""Rows read at once: a table of a million is not held in memory."""


def row_name(row: SQLModel) -> str:
    """Name a row as the chain does: ``decision:12``; ``draft_source:3/ab12…`` where two columns make the key."""
    key = type(row).__table__.primary_key  # type: ignore[attr-defined]  # SQLModel hides SQLAlchemy's attribute
    return name_of(str(row.__tablename__), [getattr(row, column.key) for column in key])


def name_of(table: str, key: list[Any]) -> str:
    """Name a row by its table and the values of its primary key."""
    return f"{table}:{'/'.join(str(part) for part in key)}"


@cache
def vouched_columns(kind: type[SQLModel]) -> tuple[Any, ...]:
    """The columns of a table that count in the digest of its rows."""
    # Kept: asked twice for each row that a transaction leaves behind.
    table: Any = kind.__table__  # type: ignore[attr-defined]  # as above
    return tuple(column for column in table.columns if column.key not in HINTS.get(table.name, ()))


def read_digests(session: Session, kind: type[SQLModel], *where: Any) -> Iterator[tuple[str, str]]:
    """Read the rows of a table in the order of its key: the name of each and its digest."""
    table: Any = kind.__table__  # type: ignore[attr-defined]  # as above
    key = [column.key for column in table.primary_key]
    query: Any = select(*vouched_columns(kind)).where(*where).order_by(*table.primary_key)
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)).mappings():
        yield name_of(table.name, [row[part] for part in key]), values_sha256(kind, row)


def row_sha256(row: SQLModel) -> str:
    """Digest a row: every column but the hints."""
    return values_sha256(type(row), {column.key: getattr(row, column.key) for column in vouched_columns(type(row))})


def values_sha256(kind: type[SQLModel], values: Mapping[str, Any] | RowMapping) -> str:
    """Digest the same row from its values by column name, as a query that builds no objects gives them."""
    # By column name: that is why columns of these tables are never renamed, whatever the code calls them.
    content = {
        column.key: plain(values[column.key])
        for column in vouched_columns(kind)
        if is_part_of(column, values[column.key])
    }
    return sha256_of(content)


def plain(value: Any) -> Any:
    """Bring a column's value into canonical JSON's few types."""
    match value:
        case datetime():
            return sortable(value)
        case bytes():
            return value.hex()
        case float():
            # Canonical JSON has no fractions: two languages may write the same one differently, a text stays as it is.
            return repr(value)
        case dict():
            return {str(key): plain(part) for key, part in value.items()}
        case list() | tuple():
            return [plain(part) for part in value]
        case _:
            return value
