"""Checking the audit trail: every link, every row that the entries vouch for, and rows that none vouches for."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session, col, select

from incidents.audit.chain import GENESIS, row_sha256, seal
from incidents.audit.kinds import APPEND_ONLY
from incidents.storage.tables.case import AuditEntry


@dataclass(frozen=True, kw_only=True)
class ChainBreak:
    """The first place where the chain does not hold."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True)
class VerificationResult:
    """What a verification found: how many entries, the head, and the first break if there is one."""

    entries: int
    head: str
    broken: ChainBreak | None

    @property
    def is_intact(self) -> bool:
        """Whether every link and every vouched row holds."""
        return self.broken is None


def verify(session: Session, incident: str | None = None) -> VerificationResult:
    """Check every link, and every row the entries vouch for; name the first break.

    A row of an append-only table that no entry vouches for was put there by somebody else; it is found too. With
    *incident*, the whole chain's links are still checked, but rows only of that incident.
    """
    expected_prev, count = GENESIS, 0
    vouched: set[str] = set()
    with closing(_in_order(session)) as entries:
        for entry in entries:
            count += 1
            # The link before the rows: only a payload whose hash holds can be believed about which rows it vouches for.
            broken = _link_problem(entry, count, expected_prev)
            if broken is None and incident in {None, entry.incident}:
                broken = _row_problem(session, entry)
            if broken is not None:
                return VerificationResult(entries=count, head=entry.hash, broken=ChainBreak(seq=count, what=broken))
            expected_prev = entry.hash
            vouched.update(json.loads(entry.payload).get("rows", ()))
    # Not for one case alone: who vouches for a row is known once all entries were read, and a forged row may name any
    # case.
    forged = _forged_row(session, vouched) if incident is None else None
    broken_at_end = ChainBreak(seq=count, what=forged) if forged else None
    return VerificationResult(entries=count, head=expected_prev, broken=broken_at_end)


def _forged_row(session: Session, vouched: set[str]) -> str | None:
    """Find a row that no entry vouches for."""
    for name, table in APPEND_ONLY.items():
        kind: Any = table
        for number in session.exec(select(kind.id).order_by(kind.id)):
            if f"{name}:{number}" not in vouched:
                return f"the row {name}:{number} is vouched for by no entry: it was not written by Tocsin"
    return None


def _in_order(session: Session) -> Generator[AuditEntry, None, None]:
    # A thousand at a time: a log of a million entries is not held in memory.
    entries = session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)).execution_options(yield_per=1000))
    try:
        yield from entries
    finally:
        # PostgreSQL keeps a cursor open until it is told that nobody reads on.
        entries.close()


def _link_problem(entry: AuditEntry, expected_seq: int, expected_prev: str) -> str | None:
    if entry.seq != expected_seq:
        return f"entry {expected_seq} is missing (the next one found is {entry.seq})"
    if entry.prev != expected_prev:
        return f"entry {entry.seq} ({entry.kind}) does not follow from entry {entry.seq - 1}"
    if entry.hash != seal(entry):
        return f"entry {entry.seq} ({entry.kind}) was changed after it was written"
    return None


def _row_problem(session: Session, entry: AuditEntry) -> str | None:
    for name, digest in json.loads(entry.payload).get("rows", {}).items():
        table, _, number = name.partition(":")
        row = session.get(APPEND_ONLY[table], int(number))
        if row is None:
            return f"entry {entry.seq} ({entry.kind}): the row {name} is gone"
        if row_sha256(row) != digest:
            return f"entry {entry.seq} ({entry.kind}): the row {name} was changed after it was written"
    return None
