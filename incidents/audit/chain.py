"""The append-only, hash-chained log: every change, in the transaction of the change, nothing personal in it.

Steps of the chain, as a court may ask for them:

1. The payload is written as canonical JSON (RFC 8785 for the subset used: ASCII keys, integers, strings, true,
   false, null).
2. ``hash = SHA-256(seq ‖ at ‖ actor ‖ kind ‖ incident ‖ payload ‖ prev)``, each part with its length before it.
3. ``prev`` is the hash of the entry before; the first entry's is 64 zeros. ``UNIQUE(seq)`` and ``UNIQUE(prev)`` make a
   second branch impossible.
4. The payload carries the SHA-256 of rows: of those that are only ever added in the entry of their event, of those
   that change in one entry at the end of each transaction, with the tallies of the long lists (vouching.py). What was
   written last about a row counts, so a change past Tocsin is found wherever it was made.

What a chain alone cannot see is its own tail being cut: keep the head (`tocsin verify` prints it) somewhere else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import inspect, text
from sqlmodel import Session, SQLModel, col, select

from incidents.audit.digests import plain, row_name, row_sha256
from incidents.audit.kinds import KINDS
from incidents.kernel.canonical_json import canonical_json
from incidents.kernel.errors import DefectError
from incidents.kernel.timestamps import sortable
from incidents.storage.tables.case import AuditEntry

GENESIS = "0" * 64
CLOCK = "tocsin"
"""Who acts where no person does."""
# What a writing session keeps between two entries; a session is one transaction (Store.write).
_HEAD = "audit head"
_LOCKED = "audit lock"
_LAST = "audit actor"


class UnknownEntryError(DefectError):
    """An entry's kind or payload is not as KINDS has it; mend the caller, not the table."""


def append(
    session: Session,
    *,
    kind: str,
    actor: str,
    now: datetime,
    incident: str | None = None,
    payload: Mapping[str, Any] | None = None,
    rows: Iterable[SQLModel] = (),
    digests: Mapping[str, str] | None = None,
) -> AuditEntry:
    """Add one entry to the chain, in the caller's transaction.

    ``rows`` are rows this entry vouches for; those not yet written are flushed first, to have their ids. ``digests``
    are digests of rows, by name, that were computed already.

    Raises:
        UnknownEntryError: the kind or the payload's keys are not in KINDS.

    """
    body = dict(payload or {})
    # Exactly the keys: a proof that lacks one, or has one under another name, is noticed only when somebody needs it.
    if kind not in KINDS or set(body) != KINDS[kind]:
        message = f"audit entry {kind!r} must have exactly the keys {sorted(KINDS.get(kind, ()))}, got {sorted(body)}"
        raise UnknownEntryError(message)
    vouched = list(rows)
    if vouched:
        # Flushed once for all of them, and not at all where they have their ids: one flush for each row is far slower.
        if not all(inspect(row).persistent for row in vouched):
            session.flush()
        body["rows"] = {row_name(row): row_sha256(row) for row in vouched}
    if digests:
        body["rows"] = dict(digests)
    if _HEAD not in session.info:  # whoever appended before holds the lock until the end of the transaction
        lock_chain(session)
    number, prev = _head_of(session)
    entry = AuditEntry(
        seq=number + 1,
        # As text with all six places: what was hashed must read the same, whichever database gives it back.
        at=sortable(now),
        actor=actor,
        kind=kind,
        incident=incident,
        payload=canonical_json({key: plain(value) for key, value in body.items()}),
        prev=prev,
        hash="",
    )
    entry.hash = seal(entry)
    # It goes to the database with the next flush, at the latest at commit: thousands in few statements.
    session.add(entry)
    session.info[_HEAD] = (entry.seq, entry.hash)
    session.info[_LAST] = (actor, now)
    return entry


def last_actor(session: Session) -> tuple[str, datetime] | None:
    """Give who the newest entry of this transaction names, and its time; ``None`` where it has none."""
    known: tuple[str, datetime] | None = session.info.get(_LAST)
    return known


def seal(entry: AuditEntry) -> str:
    """Compute the hash of an entry from its parts (step 2)."""
    digest = hashlib.sha256()
    for part in (str(entry.seq), entry.at, entry.actor, entry.kind, entry.incident or "", entry.payload, entry.prev):
        encoded = part.encode()
        # Without the length a character could move from one part to its neighbour and leave the hash as it is.
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.hexdigest()


def head(session: Session) -> tuple[int, str]:
    """Give number and hash of the newest entry; ``(0, GENESIS)`` before the first."""
    last = _last(session)
    return (last.seq, last.hash) if last else (0, GENESIS)


def _last(session: Session) -> AuditEntry | None:
    return session.exec(select(AuditEntry).order_by(col(AuditEntry.seq).desc()).limit(1)).first()


def _head_of(session: Session) -> tuple[int, str]:
    """Give the head as this transaction left it: while it holds the lock nobody else can extend the chain."""
    known: tuple[int, str] | None = session.info.get(_HEAD)
    return known if known is not None else head(session)


def lock_chain(session: Session) -> None:
    """Let one writer at a time extend the chain; SQLite has a single writer anyway (BEGIN IMMEDIATE).

    Whoever will append takes it before locking any row: two who each hold what the other waits for never end.
    """
    if session.info.get(_LOCKED):
        return
    session.info[_LOCKED] = True
    if session.get_bind().dialect.name == "postgresql":
        # Held until the transaction ends. The number means nothing; it must be the same in every process and used for
        # nothing else in this database.
        session.execute(text("SELECT pg_advisory_xact_lock(7205759403792)"))
