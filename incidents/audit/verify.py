"""Checking the audit trail: every link, every row and list the entries vouch for, and rows that none vouches for."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from sqlmodel import Session, SQLModel, col, select

from incidents.audit.chain import GENESIS, seal
from incidents.audit.digests import read_digests
from incidents.audit.kinds import APPEND_ONLY, KEPT_CURRENT
from incidents.audit.tallies import Tally, read_tallies, tally_name
from incidents.storage.tables.case import AuditEntry, Incident
from incidents.storage.tables.communication import ListTally
from incidents.storage.tables.obligations import Obligation

_TABLES: Mapping[str, type[SQLModel]] = {**APPEND_ONLY, **KEPT_CURRENT}


@dataclass(frozen=True, kw_only=True)
class ChainBreak:
    """One place where the record does not hold; ``seq`` is the entry that says otherwise."""

    seq: int
    what: str


@dataclass(frozen=True, kw_only=True)
class VerificationResult:
    """What a verification found: how many entries, the head, and every break, in the order of the chain."""

    entries: int
    head: str
    breaks: tuple[ChainBreak, ...] = ()

    @property
    def broken(self) -> ChainBreak | None:
        """The first break, if there is one."""
        return self.breaks[0] if self.breaks else None

    @property
    def is_intact(self) -> bool:
        """Whether every link, every vouched row and every list holds."""
        return not self.breaks


@dataclass(frozen=True, kw_only=True)
class KeptHead:
    """A head of the chain that was kept elsewhere, as ``tocsin verify`` printed it then."""

    seq: int
    hash: str


@dataclass(kw_only=True)
class _Vouched:
    """What the chain says last about each row and each list."""

    rows: dict[str, tuple[str, int, str | None]] = field(default_factory=dict)
    """By the name of the row: its digest, the entry, and the case that the entry is about."""
    gone: dict[str, int] = field(default_factory=dict)
    tallies: dict[str, tuple[str, int]] = field(default_factory=dict)

    def take(self, entry: AuditEntry) -> None:
        """Take up what one entry vouches for."""
        # Most entries of a long log vouch for nothing: looking for the key saves reading the payload.
        if '"rows":' not in entry.payload and '"tallies":' not in entry.payload:
            return
        payload = json.loads(entry.payload)
        for name, digest in payload.get("rows", {}).items():
            self.gone.pop(name, None)
            # Of a row that is only ever added the first word counts: named again later it must still be the same.
            if name.partition(":")[0] in APPEND_ONLY:
                self.rows.setdefault(name, (digest, entry.seq, entry.incident))
            else:
                self.rows[name] = (digest, entry.seq, entry.incident)
        for name in payload.get("gone", ()):
            self.rows.pop(name, None)
            self.gone[name] = entry.seq
        for name, tally in payload.get("tallies", {}).items():
            self.tallies[name] = (tally, entry.seq)


def verify(session: Session, incident: str | None = None, *, head: KeptHead | None = None) -> VerificationResult:
    """Check every link, every row and every list the entries vouch for.

    A row that no entry vouches for was put there by somebody else; it is found too. With *incident*, the whole chain's
    links are still checked, but rows and lists only of that incident. With *head*, the chain must have that entry: a
    shorter log, or another one, is a break.
    """
    vouched, expected_prev, count, of_head = _Vouched(), GENESIS, 0, None
    with closing(_in_order(session)) as entries:
        for entry in entries:
            count += 1
            # The link before the rows: only a payload whose hash holds can be believed about what it vouches for.
            if broken := _link_problem(entry, count, expected_prev):
                breaks = (ChainBreak(seq=count, what=broken),)
                return VerificationResult(entries=count, head=entry.hash, breaks=breaks)
            expected_prev = entry.hash
            if head is not None and count == head.seq:
                of_head = entry.hash
            vouched.take(entry)
    number = _number_of(session, incident)
    found = [
        *(_head_problems(head, of_head, count) if head else ()),
        *_row_problems(session, vouched, incident, number, count),
        *_list_problems(session, vouched, number, count),
    ]
    breaks = tuple(sorted(found, key=lambda broken: broken.seq))
    return VerificationResult(entries=count, head=expected_prev, breaks=breaks)


def _number_of(session: Session, incident: str | None) -> int | None:
    if incident is None:
        return None
    return session.exec(select(Incident.id).where(Incident.reference == incident)).first()


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


def _head_problems(head: KeptHead, found: str | None, count: int) -> Iterator[ChainBreak]:
    if found is None:
        what = f"the end of the log is cut off: the head kept elsewhere is entry {head.seq}, the log ends at {count}"
        yield ChainBreak(seq=count, what=what)
    elif found != head.hash:
        what = f"entry {head.seq} is not the one whose head was kept elsewhere: the log was written anew"
        yield ChainBreak(seq=head.seq, what=what)


def _row_problems(
    session: Session, vouched: _Vouched, incident: str | None, number: int | None, count: int
) -> Iterator[ChainBreak]:
    expected = dict(vouched.rows)
    for kind in _TABLES.values():
        for name, digest in _rows_of(session, kind, incident, number):
            said = expected.pop(name, None)
            if said is None:
                removed = vouched.gone.get(name)
                what = (
                    f"the row {name} was removed in entry {removed} and is there again"
                    if removed
                    else (f"the row {name} is vouched for by no entry: it was not written by Tocsin")
                )
                yield ChainBreak(seq=removed or count, what=what)
            elif said[0] != digest:
                what = f"entry {said[1]}: the row {name} was changed after it was written"
                yield ChainBreak(seq=said[1], what=what)
    for name, (_, seq, of_case) in expected.items():
        # Of a row that is gone only its entry can say to which case it belonged.
        if incident is None or of_case == incident:
            yield ChainBreak(seq=seq, what=f"entry {seq}: the row {name} is gone")


def _rows_of(
    session: Session, kind: type[SQLModel], incident: str | None, number: int | None
) -> Iterable[tuple[str, str]]:
    """Read a table, or what it has of one incident: the name of each row and its digest."""
    if incident is None:
        return read_digests(session, kind)
    condition = _of_incident(kind, number)
    return read_digests(session, kind, condition) if condition is not None else ()


def _of_incident(kind: type[SQLModel], number: int | None) -> Any:
    """Give the condition by which a table's rows are those of one incident; ``None`` where they belong to no case."""
    model: Any = kind
    if kind is Incident:
        return model.id == number
    if hasattr(model, "incident_id"):
        return model.incident_id == number
    if hasattr(model, "obligation_id"):
        return model.obligation_id.in_(select(Obligation.id).where(Obligation.incident_id == number))
    return None


def _list_problems(session: Session, vouched: _Vouched, number: int | None, count: int) -> Iterator[ChainBreak]:
    found = {tally_name(*key): tally for key, tally in read_tallies(session, number).items()}
    said = {name: one for name, one in vouched.tallies.items() if number is None or name.endswith(f"/{number}")}
    references = dict(session.exec(select(Incident.id, Incident.reference)).all())
    query = select(ListTally) if number is None else select(ListTally).where(ListTally.incident_id == number)
    kept = {tally_name(row.incident_id, row.name): row.tally for row in session.exec(query)}
    for name in sorted(said.keys() | found.keys() | kept.keys()):
        tally, seq = said.get(name, (Tally().to_text(), count))
        if found.get(name, Tally()).to_text() != tally:
            table, _, of_case = name.partition("/")
            what = f"{_IN_WORDS[table]} of {references.get(int(of_case), f'incident {of_case}')}"
            yield ChainBreak(seq=seq, what=f"entry {seq}: {what}: a row was changed, removed or added past Tocsin")
        # Kept so that the next transaction need not look for it: it would build on a wrong figure.
        if kept.get(name) != said.get(name, (None, count))[0]:
            yield ChainBreak(seq=seq, what=f"entry {seq}: the row list_tally:{name} was changed after it was written")


_IN_WORDS: Final = {
    "affected_person": "the list of affected people",
    "merchant": "the list of merchants",
    "message": "the messages",
    "attempt": "the attempts to send",
}
