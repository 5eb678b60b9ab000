"""Single entries of the audit log, for those who follow it or ask whether something was recorded; one SELECT each."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.kernel.timestamps import sortable
from incidents.storage.tables.case import AuditEntry


def entries_after(session: Session, seq: int) -> Sequence[AuditEntry]:
    """Give every entry that was written after number *seq*, in order."""
    return session.exec(select(AuditEntry).where(col(AuditEntry.seq) > seq).order_by(col(AuditEntry.seq))).all()


def was_recorded(session: Session, kind: str, reference: str, since: datetime) -> bool:
    """Whether an entry of this kind was written for a case at *since* or later."""
    entries = select(AuditEntry.seq).where(
        AuditEntry.kind == kind,
        AuditEntry.incident == reference,
        # Entries keep their time as text: `sortable` writes a moment so that texts compare as moments do.
        col(AuditEntry.at) >= sortable(since),
    )
    return session.exec(entries.limit(1)).first() is not None
