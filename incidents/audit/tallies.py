"""Long lists are vouched for by a sum: a million recipients cost one entry for each batch, and no row can be touched.

The tally of a list is how many rows it has and the sum, modulo 2^256, of the SHA-256 of each. Adding a row adds its
digest, changing one takes the old digest away and adds the new one, in whatever order; so each transaction writes a
single figure for each list that it changed, and the chain vouches for the figure (vouching.py). A row that is changed,
removed or slipped in past Tocsin leaves a sum that no entry has.

A message's and an attempt's row counts in two parts: what was ordered or begun, from the start; and what became of it
once that is known. *pending* and *in flight* are not known yet: a lease therefore changes no sum.

Which row it was a sum cannot tell. A chain without a key cannot withstand whoever may rewrite all of it, and neither
can its sums; for that a head is kept elsewhere (``tocsin verify --head``).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import insert, update
from sqlmodel import Session, SQLModel, col, func, select

from incidents.audit.chain import lock_chain
from incidents.case.message_machine import MessageEvent, MessageState, origins_of, target_of
from incidents.kernel.timestamps import sortable
from incidents.storage.columns import is_part_of
from incidents.storage.tables.communication import AffectedPerson, Attempt, MerchantRow, Message

VOUCHED = {"vouched": True}
"""Option of a statement that changes rows past the ORM: whoever gives it has seen to their tally."""
_MODULUS = 1 << 256
_AT_ONCE = 5_000
_DELTAS = "tally deltas"
_OPEN = frozenset({MessageState.PENDING, MessageState.IN_FLIGHT})

Values = Mapping[str, Any]
TallyKey = tuple[int, str]
"""Row number of the incident, and name of the table."""


def _columns(kind: type[SQLModel], *, without: Iterable[str] = ()) -> tuple[str, ...]:
    table: Any = kind.__table__  # type: ignore[attr-defined]  # SQLModel hides SQLAlchemy's attribute
    return tuple(column.key for column in table.columns if column.key not in without and is_part_of(column, None))


def _later(kind: type[SQLModel]) -> tuple[str, ...]:
    """Name the columns that migrations added: empty, they do not count, so that older rows keep their digest."""
    table: Any = kind.__table__  # type: ignore[attr-defined]  # as above
    return tuple(column.key for column in table.columns if not is_part_of(column, None))


_BECAME = ("state", "provider_id", "problem", "settled_at")
# How often and when to try next: wrong, they cost time, and a letter that waits for ever shows as one that waits.
TRIES = ("attempts", "next_try_at", "lease_until", "leased_by")
_ANSWER = ("finished_at", "outcome", "detail")


@dataclass(frozen=True, kw_only=True)
class Part:
    """Columns of a list's row that count together; where *tells* names one, only once it says something."""

    columns: tuple[str, ...]
    later: tuple[str, ...] = ()
    tells: str | None = None

    def texts(self, rows: Iterable[Values]) -> Iterator[tuple[object, ...]]:
        """Give the values of each row that counts, in the order of the columns."""
        pick = itemgetter(*self.columns)
        if self.tells is not None:
            # Neither without an answer nor on the way is anything that became of it.
            rows = (row for row in rows if row[self.tells] is not None and row[self.tells] not in _OPEN)
        if not self.later:
            return map(pick, rows)
        return ((*pick(row), *((key, row[key]) for key in self.later if row[key] is not None)) for row in rows)


LISTS: dict[str, tuple[Part, ...]] = {
    "affected_person": (Part(columns=_columns(AffectedPerson), later=_later(AffectedPerson)),),
    "merchant": (Part(columns=_columns(MerchantRow), later=_later(MerchantRow)),),
    "message": (
        Part(columns=_columns(Message, without=(*_BECAME, *TRIES)), later=_later(Message)),
        Part(columns=("id", "incident_id", *_BECAME), tells="state"),
    ),
    # Without its number: it is never referred to, and an attempt is found by its message and count.
    "attempt": (
        Part(columns=_columns(Attempt, without=("id", *_ANSWER))),
        Part(columns=("message_id", "number", *_ANSWER), tells="finished_at"),
    ),
}
"""The lists that are vouched for by a sum, each with the parts in which its rows count."""

MODELS: dict[str, type[SQLModel]] = {
    "affected_person": AffectedPerson,
    "merchant": MerchantRow,
    "message": Message,
    "attempt": Attempt,
}


@dataclass(frozen=True, kw_only=True)
class Tally:
    """How many parts of rows a list has, and the sum of their digests."""

    parts: int = 0
    total: int = 0

    def plus(self, other: Tally) -> Tally:
        """Add another tally, or what changes this one."""
        return Tally(parts=self.parts + other.parts, total=(self.total + other.total) % _MODULUS)

    def minus(self, other: Tally) -> Tally:
        """Take another tally away."""
        return Tally(parts=self.parts - other.parts, total=(self.total - other.total) % _MODULUS)

    @classmethod
    def from_text(cls, text: str) -> Tally:
        """Read a tally as the chain has it."""
        parts, _, total = text.partition(":")
        return cls(parts=int(parts), total=int(total, 16))

    def to_text(self) -> str:
        """Write the tally as the chain has it."""
        return f"{self.parts}:{self.total:064x}"


def tally_of(name: str, rows: Sequence[Values]) -> Tally:
    """Compute the tally of rows of the list *name*, each given by column name."""
    tally = Tally()
    for part in LISTS[name]:
        tally = tally.plus(_tally_of_part(name, part, rows))
    return tally


def _tally_of_part(name: str, part: Part, rows: Iterable[Values]) -> Tally:
    parts, total = 0, 0
    for values in part.texts(rows):
        # JSON keeps apart what stands beside each other; written in C, for this is done three times for each letter.
        text = orjson.dumps((name, *values), default=_plain, option=orjson.OPT_PASSTHROUGH_DATETIME)
        total += int.from_bytes(hashlib.sha256(text).digest())
        parts += 1
    return Tally(parts=parts, total=total % _MODULUS)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return _at(value)
    if isinstance(value, bytes):
        return value.hex()
    raise TypeError(type(value).__name__)


# Rows of a batch share their times.
_at = lru_cache(maxsize=256)(sortable)


def tally_name(incident_id: int, name: str) -> str:
    """Name a list as the chain does: ``message/12`` are the messages of the incident with row number 12."""
    return f"{name}/{incident_id}"


def note(session: Session, incident_id: int, name: str, change: Tally) -> None:
    """Remember by how much this transaction changes a list; the figure is written when it ends (vouching.py)."""
    deltas: dict[TallyKey, Tally] = session.info.setdefault(_DELTAS, {})
    key = (incident_id, name)
    deltas[key] = deltas.get(key, Tally()).plus(change)


def take_changes(session: Session) -> dict[TallyKey, Tally]:
    """Give by how much each list was changed since the last call; what changed nothing is left out."""
    deltas: dict[TallyKey, Tally] = session.info.pop(_DELTAS, {})
    return {key: change for key, change in deltas.items() if change != Tally()}


def insert_many(session: Session, kind: type[SQLModel], incident_id: int, rows: Sequence[dict[str, Any]]) -> None:
    """Add many rows to a list of one incident, past the ORM, and count them in its tally.

    The lock of the chain is taken first: while it is held nobody else adds to a list, and what was added is what lies
    behind the last row number there was.
    """
    if not rows:
        return
    lock_chain(session)
    model: Any = kind
    name = str(model.__tablename__)
    last = session.exec(select(func.max(model.id))).one() or 0
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(insert(model).execution_options(**VOUCHED), rows[start : start + _AT_ONCE])
    # Read back rather than taken from what was given: the digest is of the row as the database has it.
    query = select(model.__table__).where(model.id > last)
    added: list[Values] = [dict(row) for row in session.execute(query).mappings()]
    note(session, incident_id, name, tally_of(name, added))


def move_messages(session: Session, event: MessageEvent, *where: Any, **values: Any) -> int:
    """Move by *event* every message of *where* that the table of moves lets move so; give how many.

    A message that has moved on meanwhile is not among them. One row alone moves by ``Message.move``.
    """
    lock_chain(session)
    state, origins = target_of(event), origins_of(event)
    if state in _OPEN and _OPEN.issuperset(origins):
        return _move(session, (*where, col(Message.state).in_(origins)), state, values)
    query: Any = select(Message.id, Message.incident_id, *(getattr(Message, column) for column in _BECAME))
    query = query.where(*where, col(Message.state).in_(origins)).with_for_update(of=Message)
    before = [dict(row) for row in session.execute(query).mappings()]
    rows = [row["id"] for row in before]
    for start in range(0, len(rows), _AT_ONCE):
        _move(session, (col(Message.id).in_(rows[start : start + _AT_ONCE]),), state, values)
    became = {key: value for key, value in values.items() if key in _BECAME}
    _note_second(session, "message", before, {**became, "state": state})
    return len(rows)


def _move(session: Session, where: Iterable[Any], state: MessageState, values: Values) -> int:
    moved: Any = session.execute(
        update(Message)
        .where(*where)
        .values(state=state, **values)
        # Rows that the session holds are not looked through; callers read anew what they go on with.
        .execution_options(synchronize_session=False, **VOUCHED)
    )
    return int(moved.rowcount)


def finish_attempts(session: Session, *where: Any, **values: Any) -> None:
    """Write what became of attempts that are still open: ``finished_at``, ``outcome`` and ``detail``."""
    lock_chain(session)
    query = (
        select(Attempt.id, Attempt.message_id, Attempt.number, Message.incident_id)
        .join(Message, col(Message.id) == col(Attempt.message_id))
        .where(*where, col(Attempt.finished_at).is_(None))
    )
    before = [{**row, "finished_at": None} for row in session.execute(query).mappings()]
    rows = [row["id"] for row in before]
    for start in range(0, len(rows), _AT_ONCE):
        session.execute(
            update(Attempt)
            .where(col(Attempt.id).in_(rows[start : start + _AT_ONCE]))
            .values(**values)
            .execution_options(synchronize_session=False, **VOUCHED)
        )
    _note_second(session, "attempt", before, values)


def begin_attempts(session: Session, incident_id: int, attempts: Sequence[dict[str, Any]]) -> None:
    """Write attempts before anything is sent; their digest needs nothing that the database adds."""
    lock_chain(session)
    session.execute(insert(Attempt).execution_options(**VOUCHED), list(attempts))
    note(session, incident_id, "attempt", tally_of("attempt", [{**row, "finished_at": None} for row in attempts]))


def _note_second(session: Session, name: str, before: Sequence[Values], values: Values) -> None:
    """Count by how much the second parts of rows change: all of *before* take the same new *values*."""
    second = LISTS[name][1]
    by_case: dict[int, list[Values]] = {}
    for row in before:
        by_case.setdefault(row["incident_id"], []).append(row)
    for incident_id, rows in by_case.items():
        old = _tally_of_part(name, second, rows)
        new = _tally_of_part(name, second, [{**row, **values} for row in rows])
        note(session, incident_id, name, new.minus(old))


def read_tallies(session: Session, incident_id: int | None) -> dict[TallyKey, Tally]:
    """Compute the tally of each list as the database has it; of one incident, or of all."""
    found: dict[TallyKey, Tally] = {}
    for name in LISTS:
        for number, rows in _read_list(session, name, incident_id):
            found[number, name] = found.get((number, name), Tally()).plus(tally_of(name, rows))
    return found


def _read_list(session: Session, name: str, incident_id: int | None) -> Iterator[tuple[int, list[Values]]]:
    """Read a list, or that of one incident, in parts: each part with the row number of its incident."""
    model: Any = MODELS[name]
    query: Any = select(model.__table__)
    owner: Any = Message.incident_id if name == "attempt" else model.incident_id
    if name == "attempt":
        # Outer: one of a message that is not there counts, too, as a row of no incident.
        query = select(model.__table__, owner).join(Message, col(Message.id) == model.message_id, isouter=True)
    if incident_id is not None:
        query = query.where(owner == incident_id)
    # Streamed, and by incident: a million rows are not held in memory.
    result = session.execute(query.order_by(owner).execution_options(yield_per=_AT_ONCE))
    names = tuple(result.keys())
    for partition in result.partitions():
        as_values = [dict(zip(names, row, strict=True)) for row in partition]
        for number, rows in groupby(as_values, key=itemgetter("incident_id")):
            yield number or 0, list(rows)
