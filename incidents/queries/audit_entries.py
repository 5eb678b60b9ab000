"""Single entries of the audit log, for those who read it or ask whether something was recorded; one SELECT each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from incidents.kernel.timestamps import sortable
from incidents.storage.tables.case import AuditEntry


def entries_after(session: Session, seq: int) -> Sequence[AuditEntry]:
    """Give every entry that was written after number *seq*, in order."""
    return session.exec(select(AuditEntry).where(col(AuditEntry.seq) > seq).order_by(col(AuditEntry.seq))).all()


@dataclass(frozen=True, kw_only=True)
class ListedEntries:
    """Entries in the order of the chain, and how many more there are of their kind."""

    entries: Sequence[AuditEntry]
    left_out: int


def listed_entries(session: Session, *, incident: str | None, kind: str | None, after: int, most: int) -> ListedEntries:
    """Give entries about a case (``None``: all), of a kind or of a group of kinds such as ``draft``; two SELECTs.

    The first *most* behind number *after*; the newest where that is 0.
    """
    where: list[ColumnElement[bool]] = [col(AuditEntry.seq) > after]
    if incident is not None:
        where.append(col(AuditEntry.incident) == incident)
    if kind is not None:
        # By what stands before the dot: `draft` are `draft.written` and `draft.approved`.
        where.append((col(AuditEntry.kind) == kind) | col(AuditEntry.kind).startswith(f"{kind}.", autoescape=True))
    order = col(AuditEntry.seq) if after else col(AuditEntry.seq).desc()
    entries = session.exec(select(AuditEntry).where(*where).order_by(order).limit(most)).all()
    there = session.exec(select(func.count()).select_from(AuditEntry).where(*where)).one()
    return ListedEntries(entries=sorted(entries, key=lambda entry: entry.seq), left_out=there - len(entries))


def was_recorded(session: Session, kind: str, reference: str, since: datetime, *, by: str) -> bool:
    """Whether *by* wrote an entry of this kind for a case at *since* or later."""
    entries = select(AuditEntry.seq).where(
        AuditEntry.kind == kind,
        AuditEntry.actor == by,
        AuditEntry.incident == reference,
        # Entries keep their time as text: `sortable` writes a moment so that texts compare as moments do.
        col(AuditEntry.at) >= sortable(since),
    )
    return session.exec(entries.limit(1)).first() is not None
