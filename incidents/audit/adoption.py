"""Rows of a database that was made before the chain vouched for them are taken over as they are found, once.

It is done in the transaction of the migration (storage/migrate.py), so that no other process can change a row between.
What stood in them before nobody can prove; the entries ``rows.adopted`` say from when on somebody can.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from incidents.audit import chain
from incidents.audit.digests import read_digests
from incidents.audit.kinds import KEPT_CURRENT
from incidents.audit.tallies import read_tallies, tally_name
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import ListTally

KINDS = ("rows.recorded", "rows.adopted")
_AT_ONCE = 500


def adopt(session: Session, now: datetime) -> int:
    """Vouch for every row and list as it stands, unless the chain did so before; give how many rows and lists."""
    if session.exec(select(AuditEntry.seq).where(col(AuditEntry.kind).in_(KINDS)).limit(1)).first() is not None:
        return 0
    digests = {name: digest for kind in KEPT_CURRENT.values() for name, digest in read_digests(session, kind)}
    tallies = {key: tally.to_text() for key, tally in read_tallies(session, None).items()}
    session.add_all(ListTally(incident_id=of, name=name, tally=text) for (of, name), text in tallies.items())
    names = list(digests)
    for start in range(0, len(names), _AT_ONCE):
        part = {name: digests[name] for name in names[start : start + _AT_ONCE]}
        _entry(session, now, part, {})
    if tallies:
        _entry(session, now, {}, {tally_name(*key): text for key, text in tallies.items()})
    return len(digests) + len(tallies)


def _entry(session: Session, now: datetime, digests: dict[str, str], tallies: dict[str, str]) -> None:
    payload: dict[str, Any] = {"gone": [], "tallies": tallies}
    chain.append(session, kind="rows.adopted", actor=chain.CLOCK, now=now, payload=payload, digests=digests)
