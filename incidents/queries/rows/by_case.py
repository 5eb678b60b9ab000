"""What every reader of rows uses: lines filled from columns, and rows grouped by the case they belong to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from sqlmodel import Session, SQLModel, select

from incidents.audit import digests

RowType = TypeVar("RowType", bound=SQLModel)
LineType = TypeVar("LineType")
Owner = TypeVar("Owner")
Owned = TypeVar("Owned")


def grouped(owned: Iterable[tuple[Owner, Owned]]) -> dict[Owner, list[Owned]]:
    """Put together what belongs to each owner, in the order given."""
    groups: dict[Owner, list[Owned]] = {}
    for owner, part in owned:
        groups.setdefault(owner, []).append(part)
    return groups


def filled(line: type[LineType], row: SQLModel, **more: Any) -> LineType:
    """Fill a line from the columns of the same names; *more* holds what no column of the row has."""
    # By the line's fields and not by the row's columns: a new column appears nowhere until a line asks for it.
    names = [name for name in line.__dataclass_fields__ if name not in more]  # type: ignore[attr-defined]  # lines are dataclasses
    return line(**{name: getattr(row, name) for name in names}, **more)


def rows_of(session: Session, kind: type[RowType], incident_ids: Collection[int]) -> dict[int, list[RowType]]:
    """Read the rows of one table that belong to these cases, in the order they were written."""
    # SQLModel's types know no `incident_id` of a row in general; every table read here has one.
    table: Any = kind
    rows: Iterable[Any] = session.exec(select(kind).where(table.incident_id.in_(incident_ids)).order_by(table.id)).all()
    return grouped((row.incident_id, row) for row in rows)


def recorded(
    session: Session,
    line: type[LineType],
    kind: type[SQLModel],
    incident_ids: Collection[int],
    entries: Mapping[int, Mapping[str, str]],
) -> dict[int, tuple[LineType, ...]]:
    """Read the rows of one kind, each with the hash of the audit entry that vouches for it."""
    return {
        incident_id: tuple(
            # None where no entry vouches for it: the line then shows no proof, and `verify` says why.
            filled(line, row, audit_sha256=entries.get(incident_id, {}).get(digests.row_name(row)))
            for row in rows
        )
        for incident_id, rows in rows_of(session, kind, incident_ids).items()
    }
