"""Which entry of the audit chain recorded an event of a case: the proof of what has no file and no text of its own."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlmodel import Session, col, select

from incidents.storage.tables.case import AuditEntry

OPENED: Final = "opened"
CONTAINED: Final = "contained"
ENDED: Final = "ended"
"""Closed or dismissed, whichever came last."""
REPORT: Final = "report"
"""The closing report: under this name stands the hash of its files, and not that of the entry."""
_WRITTEN: Final = "report.written"
_EVENTS: Final = {"incident.opened": OPENED, "incident.contained": CONTAINED}
_VOUCHING: Final = ("awareness.stated", "decision.made", "facts.recorded")
_MOVED: Final = "incident.moved"
_ENDS: Final = frozenset({"closed", "dismissed"})


def recording_entries(session: Session, reference: str) -> dict[str, str]:
    """Give the hash of the entry that recorded each event, by ``opened``, ``contained``, ``ended`` or the row's name.

    ``decision:12`` is the row whose content the entry vouches for. Of an event that was recorded again the last entry
    counts, because the case holds what that one says. One query, however many events there are.
    """
    return entries_by_case(session, [reference]).get(reference, {})


def entries_by_case(session: Session, references: Collection[str]) -> dict[str, dict[str, str]]:
    """Give the same of several cases, by reference; one query too."""
    entries = session.exec(
        select(AuditEntry)
        .where(
            col(AuditEntry.incident).in_(references), col(AuditEntry.kind).in_((*_EVENTS, *_VOUCHING, _MOVED, _WRITTEN))
        )
        .order_by(col(AuditEntry.seq))
    )
    hashes: dict[str, dict[str, str]] = {}
    for entry in entries:
        # In order of the chain, so that of what was recorded twice the later entry stays.
        payload = json.loads(entry.payload)
        of_case = hashes.setdefault(entry.incident or "", {})
        of_case.update(dict.fromkeys(_recorded(entry.kind, payload), entry.hash))
        if entry.kind == _WRITTEN:
            of_case[REPORT] = payload["sha256"]
    return hashes


def _recorded(kind: str, payload: dict[str, Any]) -> Iterator[str]:
    if kind in _EVENTS:
        yield _EVENTS[kind]
    elif kind == _MOVED and payload["to"] in _ENDS:
        yield ENDED
    yield from payload.get("rows", ())
