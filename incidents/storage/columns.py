"""Kinds of column the tables share: enumerations as checked text, JSON documents, and one naming convention.

Times need nothing here: a plain ``datetime`` field of SQLModel rejects naive values and gives back aware UTC.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Final

from pydantic import ConfigDict
from sqlalchemy import Column, Connection, Enum, Index, MetaData, event, text
from sqlalchemy.types import TypeEngine
from sqlmodel import SQLModel

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Constraint names that are the same on every database, so that migrations can name what they change."""

METADATA = MetaData(naming_convention=NAMING)
WRITES: Final = "writes"
"""Mark of a session in which rows are changed as Tocsin changes them (``Store.write``)."""
_WHERE: Final = "where"
_LATER: Final = "added later"


class Row(SQLModel):
    """What every table shares: one metadata with one naming convention.

    Tables do not validate, so pydantic need not build their validators: that would cost every command a tenth of a
    second at its start.
    """

    model_config = ConfigDict(defer_build=True)  # type: ignore[assignment]  # SQLModel narrows the type to its own dict
    metadata = METADATA


def words_of(kind: type[StrEnum], length: int = 30) -> Enum:
    """Make a text column that the database itself holds to the words of an enumeration."""
    return Enum(
        kind,
        # By value: left to itself SQLAlchemy stores the names of the members, and a renamed member would change the
        # data.
        values_callable=lambda members: [member.value for member in members],
        # A CHECK on both databases; a type of PostgreSQL's own would be another thing to migrate, and SQLite has none.
        native_enum=False,
        create_constraint=True,
        name=kind.__name__.lower(),
        # Fixed: otherwise the column would be as long as today's longest word, and a longer one would need a migration.
        length=length,
    )


def added_later(name: str, kind: TypeEngine[Any]) -> Column[Any]:
    """Make a column that a migration added to a table the audit chain vouches for.

    While it is empty it does not count in the row's digest, so that rows written before it keep theirs.
    """
    # Nullable for ever: filling it for old rows would change rows that the chain vouches for.
    return Column(name, kind, nullable=True, info={_LATER: True})


def partial_index(name: str, column: str, *, where: str) -> Index:
    """Make an index over the rows that meet a condition, on whichever database it is created.

    SQLAlchemy's own arguments for it (``sqlite_where``, ``postgresql_where``) load both dialects and their drivers
    wherever the tables are imported, which cost every command a twentieth of a second.
    """
    return Index(name, column, info={_WHERE: where})


def is_part_of(column: Column[Any], value: object) -> bool:
    """Whether a column counts in the digest of a row in which it has this value."""
    return value is not None or _LATER not in column.info


@event.listens_for(METADATA, "before_create")
def _tell_the_dialect(metadata: MetaData, connection: Connection, **_: object) -> None:
    for index in (
        existing for table in metadata.tables.values() for existing in table.indexes if _WHERE in existing.info
    ):
        # By the dialect of the connection that creates the tables: here, and nowhere before, it is known and loaded.
        index.dialect_options[connection.dialect.name]["where"] = text(index.info[_WHERE])


JsonDocument = dict[str, Any]
