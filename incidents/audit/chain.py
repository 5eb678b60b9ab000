"""The append-only, hash-chained log: every change, in the transaction of the change, nothing personal in it.

Knows how an entry is sealed to the one before it and to the rows it vouches for; refuses to know what the entries
mean. Steps of the chain, as a court may ask for them:

1. The payload is written as canonical JSON (RFC 8785 for the subset used: ASCII keys, integers, strings, true,
   false, null).
2. ``hash = SHA-256(seq ‖ at ‖ actor ‖ kind ‖ incident ‖ payload ‖ prev)``, each part with its length before it.
3. ``prev`` is the hash of the entry before; the first entry's is 64 zeros. ``UNIQUE(seq)`` and ``UNIQUE(prev)`` make a
   second branch impossible.
4. For rows that are only ever added, the payload carries the SHA-256 of the row itself: a later change of such a row
   is found too.

What a chain alone cannot see is its own tail being cut: keep the head (`tocsin verify` prints it) somewhere else.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import inspect, text
from sqlmodel import Session, SQLModel, col, select

from incidents.kernel.errors import DefectError
from incidents.storage.columns import is_part_of
from incidents.storage.tables.case import (
    Assessment,
    AuditEntry,
    Awareness,
    Decision,
    Evidence,
    FactsVersion,
    TimelineEntry,
)
from incidents.storage.tables.communication import Approval, Draft
from incidents.storage.tables.obligations import Filing, TransitionRow

GENESIS = "0" * 64
_HEAD = "audit head"
"""Where a writing session keeps the head between two entries; a session is one transaction (Store.write)."""

APPEND_ONLY: dict[str, type[SQLModel]] = {
    str(kind.__tablename__): kind
    for kind in (
        Approval,
        Assessment,
        Awareness,
        Decision,
        Draft,
        Evidence,
        FactsVersion,
        Filing,
        TransitionRow,
        TimelineEntry,
    )
}
"""Tables whose rows are never changed once written; the chain vouches for their content."""

KINDS: dict[str, frozenset[str]] = {
    "incident.opened": frozenset({"codename", "detected_at", "exercise", "source"}),
    "incident.contained": frozenset({"contained_at"}),
    "incident.handed_over": frozenset({"to"}),
    "incident.moved": frozenset({"from", "to", "verb"}),
    "timeline.added": frozenset({"kind"}),
    "awareness.stated": frozenset({"aware_at", "correction"}),
    "facts.recorded": frozenset({"version", "risk"}),
    "decision.made": frozenset({"facts_version", "authority", "people", "exception"}),
    "obligation.created": frozenset({"obligation", "due_at", "provisional"}),
    "obligation.restarted": frozenset({"obligation", "due_at", "clock_version"}),
    "obligation.reevaluated": frozenset({"obligation", "due_before", "due_at"}),
    "obligation.met": frozenset({"obligation", "met_at", "standing"}),
    "obligation.waived": frozenset({"obligation"}),
    "obligation.reopened": frozenset({"obligation"}),
    "obligation.dismissed": frozenset({"obligation"}),
    "clock.noticed": frozenset({"obligation", "rungs", "moves", "told_by"}),
    "alert.escalated": frozenset({"alert", "level"}),
    "alert.acknowledged": frozenset({"alert"}),
    "draft.written": frozenset({"draft", "version", "sha256", "edited", "recipients"}),
    "draft.approved": frozenset({"draft", "version", "sha256", "override"}),
    "people.imported": frozenset({"added", "known", "refused", "file_sha256", "total"}),
    "merchants.imported": frozenset({"added", "known", "refused", "file_sha256", "total"}),
    "send.ordered": frozenset({"draft", "sha256", "messages"}),
    "send.repeated": frozenset({"kind", "messages"}),
    "send.list_completed": frozenset({"listed", "known"}),
    "send.settled": frozenset({"kind", "accepted", "rejected"}),
    "filing.recorded": frozenset({"obligation", "phase", "filed_at", "late"}),
    "report.written": frozenset({"formats", "sha256"}),
    "person.added": frozenset({"person", "roles"}),
    "person.disabled": frozenset({"person"}),
    "token.created": frozenset({"person", "prefix", "expires_at"}),
    "token.revoked": frozenset({"person", "prefix"}),
}
"""Each kind of entry and exactly the keys its payload has: an audit trail is lost where shapes drift."""


class UnknownEntryError(DefectError):
    """An entry's kind or payload is not as KINDS has it; mend the caller, not the table."""


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


def canonical(value: Mapping[str, Any]) -> str:
    """Write a payload as canonical JSON: sorted keys, no blanks, ASCII only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def rfc3339(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC with microseconds, so that equal moments are equal text."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def append(
    session: Session,
    *,
    kind: str,
    actor: str,
    now: datetime,
    incident: str | None = None,
    payload: Mapping[str, Any] | None = None,
    rows: Iterable[SQLModel] = (),
) -> AuditEntry:
    """Add one entry to the chain, in the caller's transaction.

    ``rows`` are append-only rows this entry vouches for; those not yet written are flushed first, to have their ids.

    Raises:
        UnknownEntryError: the kind or the payload's keys are not in KINDS.

    """
    body = dict(payload or {})
    if kind not in KINDS or set(body) != KINDS[kind]:
        message = f"audit entry {kind!r} must have exactly the keys {sorted(KINDS.get(kind, ()))}, got {sorted(body)}"
        raise UnknownEntryError(message)
    vouched = list(rows)
    if vouched:
        if not all(inspect(row).persistent for row in vouched):
            session.flush()
        body["rows"] = {row_name(row): row_sha256(row) for row in vouched}
    lock_chain(session)
    number, prev = _head_of(session)
    entry = AuditEntry(
        seq=number + 1,
        at=rfc3339(now),
        actor=actor,
        kind=kind,
        incident=incident,
        payload=canonical({key: _plain(value) for key, value in body.items()}),
        prev=prev,
        hash="",
    )
    entry.hash = seal(entry)
    # It goes to the database with the next flush, at the latest at commit: thousands in few statements.
    session.add(entry)
    session.info[_HEAD] = (entry.seq, entry.hash)
    return entry


def seal(entry: AuditEntry) -> str:
    """Compute the hash of an entry from its parts (step 2)."""
    digest = hashlib.sha256()
    for part in (str(entry.seq), entry.at, entry.actor, entry.kind, entry.incident or "", entry.payload, entry.prev):
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def row_name(row: SQLModel) -> str:
    """Name a row as the chain does: ``decision:12``."""
    return f"{row.__tablename__}:{getattr(row, 'id')}"  # noqa: B009 - every append-only table has `id`; SQLModel has not


def row_sha256(row: SQLModel) -> str:
    """Digest all columns of a row."""
    columns = type(row).__table__.columns  # type: ignore[attr-defined]  # SQLModel hides SQLAlchemy's attribute
    values = ((column, getattr(row, column.key)) for column in columns)
    content = {column.key: _plain(value) for column, value in values if is_part_of(column, value)}
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def head(session: Session) -> tuple[int, str]:
    """Give number and hash of the newest entry; ``(0, GENESIS)`` before the first."""
    last = _last(session)
    return (last.seq, last.hash) if last else (0, GENESIS)


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
            broken = _link_problem(entry, count, expected_prev)
            if broken is None and incident in {None, entry.incident}:
                broken = _row_problem(session, entry)
            if broken is not None:
                return VerificationResult(entries=count, head=entry.hash, broken=ChainBreak(seq=count, what=broken))
            expected_prev = entry.hash
            vouched.update(json.loads(entry.payload).get("rows", ()))
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
    found = session.exec(select(AuditEntry).order_by(col(AuditEntry.seq)).execution_options(yield_per=1000))
    try:
        yield from found
    finally:
        # PostgreSQL keeps a cursor open until it is told that nobody reads on.
        found.close()


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


def _last(session: Session) -> AuditEntry | None:
    return session.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc()).limit(1)).first()


def _head_of(session: Session) -> tuple[int, str]:
    """Give the head as this transaction left it: from its turn on nobody else can extend the chain."""
    known: tuple[int, str] | None = session.info.get(_HEAD)
    return known if known is not None else head(session)


def lock_chain(session: Session) -> None:
    """Let one writer at a time extend the chain; SQLite has a single writer anyway (BEGIN IMMEDIATE).

    Whoever will append takes the turn before locking any row: two who each hold what the other waits for never end.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(7205759403792)"))


def _plain(value: Any) -> Any:
    """Bring a column's value into canonical JSON's few types."""
    match value:
        case datetime():
            return rfc3339(value)
        case bytes():
            return value.hex()
        case float():
            return repr(value)
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
