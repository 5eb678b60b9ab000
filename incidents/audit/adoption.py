"""Rows of a database that was made before the chain vouched for them are taken over as they are found, once.

It is done in the transaction of the migration (storage/migrate.py), so that no other process can change a row between.
What stood in them before nobody can prove; the entries ``rows.adopted`` say from when on somebody can.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from incidents.audit import chain
from incidents.audit.digests import name_of, values_sha256, vouched_columns
from incidents.audit.kinds import KEPT_CURRENT
from incidents.audit.tallies import LISTS, Tally, read_list, tally_name, tally_of
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import ListTally

KINDS = ("rows.recorded", "rows.adopted")
_AT_ONCE = 500


def adopt(session: Session, now: datetime) -> int:
    """Vouch for every row and list as it stands, unless the chain did so before; give how many rows and lists."""
    if session.exec(select(AuditEntry.seq).where(col(AuditEntry.kind).in_(KINDS)).limit(1)).first() is not None:
        return 0
    digests = dict(_digests(session))
    tallies = dict(_tallies(session))
    names = list(digests)
    for start in range(0, len(names), _AT_ONCE):
        part = {name: digests[name] for name in names[start : start + _AT_ONCE]}
        _entry(session, now, part, {})
    if tallies:
        _entry(session, now, {}, tallies)
    return len(digests) + len(tallies)


def _entry(session: Session, now: datetime, digests: dict[str, str], tallies: dict[str, str]) -> None:
    payload: dict[str, Any] = {"gone": [], "tallies": tallies}
    chain.append(session, kind="rows.adopted", actor=chain.CLOCK, now=now, payload=payload, digests=digests)


def _digests(session: Session) -> Iterator[tuple[str, str]]:
    for table, kind in KEPT_CURRENT.items():
        key = [column.key for column in kind.__table__.primary_key]  # type: ignore[attr-defined]  # SQLModel hides it
        for row in session.execute(select(*vouched_columns(kind))).mappings():
            yield name_of(table, [row[part] for part in key]), values_sha256(kind, row)


def _tallies(session: Session) -> Iterable[tuple[str, str]]:
    for table in LISTS:
        found: dict[int, Tally] = {}
        for incident_id, rows in read_list(session, table, None):
            found[incident_id] = found.get(incident_id, Tally()).plus(tally_of(table, rows))
        for incident_id, tally in found.items():
            session.add(ListTally(incident_id=incident_id, name=table, tally=tally.to_text()))
            yield tally_name(incident_id, table), tally.to_text()
