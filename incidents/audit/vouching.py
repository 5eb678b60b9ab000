"""What a transaction leaves behind is vouched for when it ends, whoever wrote it: no use case can forget to.

Rows of ``KEPT_CURRENT`` are noticed when the session writes them, lists when they count (tallies.py). Before the commit
one entry, ``rows.recorded``, has the digest of each row as it is left, the names of those that are gone and the new
tally of each list. What was written last about a row counts; a verification compares it with the database.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState
from sqlmodel import Session, SQLModel, col, select

from incidents.audit import chain
from incidents.audit.digests import row_name
from incidents.audit.kinds import APPEND_ONLY, HINTS, KEPT_CURRENT
from incidents.audit.tallies import LISTS, Tally, note, take_changes, tally_name, tally_of
from incidents.kernel.clock import now as system_clock
from incidents.kernel.errors import DefectError
from incidents.storage.columns import WRITES
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Attempt, ListTally, Message

_LEFT = "rows left behind"
_GONE = "rows gone"


class UnvouchedChangeError(DefectError):
    """A statement changes rows that the chain vouches for, past everything that would notice; mend the caller."""


@event.listens_for(Session, "after_flush")
def _notice(session: Session, _context: object) -> None:
    if not session.info.get(WRITES):
        return
    for row in session.new:
        _written(session, row, is_new=True)
    for row in session.dirty:
        _written(session, row, is_new=False)
    for row in session.deleted:
        _deleted(session, row)


def _written(session: Session, row: Any, *, is_new: bool) -> None:
    table = row.__tablename__
    if table in KEPT_CURRENT:
        if is_new or _changed(row) - HINTS.get(table, frozenset()):
            session.info.setdefault(_LEFT, {})[row_name(row)] = row
    elif table in LISTS and (is_new or _changed(row)):
        now = _values(row)
        before = {} if is_new else {**now, **_before(row)}
        change = tally_of(table, [now]).minus(tally_of(table, [before]) if before else Tally())
        note(session, _incident_of(session, row), table, change)


def _deleted(session: Session, row: Any) -> None:
    table = row.__tablename__
    if table in KEPT_CURRENT or table in APPEND_ONLY:
        session.info.setdefault(_GONE, set()).add(row_name(row))
        session.info.get(_LEFT, {}).pop(row_name(row), None)
    elif table in LISTS:
        gone = tally_of(table, [{**_values(row), **_before(row)}])
        note(session, _incident_of(session, row), table, Tally().minus(gone))


def _changed(row: SQLModel) -> set[str]:
    return {attribute.key for attribute in inspect(row).attrs if attribute.history.has_changes()}


def _values(row: SQLModel) -> dict[str, Any]:
    columns: Any = type(row).__table__.columns  # type: ignore[attr-defined]  # SQLModel hides SQLAlchemy's attribute
    return {column.key: getattr(row, column.key) for column in columns}


def _before(row: SQLModel) -> dict[str, Any]:
    """Give what the database had in the columns that are being changed."""
    before = {}
    for attribute in inspect(row).attrs:
        history = attribute.history
        if not history.has_changes():
            continue
        if not history.deleted:
            # Set without having been read: what it was nobody knows any more, and the sum would be wrong for ever.
            message = f"{row_name(row)}.{attribute.key} was set before it was read"
            raise UnvouchedChangeError(message)
        before[attribute.key] = history.deleted[0]
    return before


def _incident_of(session: Session, row: Any) -> int:
    if isinstance(row, Attempt):
        with session.no_autoflush:
            return session.get_one(Message, row.message_id).incident_id
    return int(row.incident_id)


@event.listens_for(Session, "do_orm_execute")
def _refuse_unvouched(state: ORMExecuteState) -> None:
    """Refuse a bulk statement on vouched rows unless it says that it has seen to their proof, or only sets hints."""
    if not (state.is_update or state.is_delete or state.is_insert) or state.execution_options.get("vouched"):
        return
    statement: Any = state.statement
    table = statement.table.name
    if table not in {*APPEND_ONLY, *KEPT_CURRENT, *LISTS}:
        return
    changed = {getattr(column, "key", column) for column in (getattr(statement, "_values", None) or {})}
    if state.is_update and changed and changed <= HINTS.get(table, frozenset()):
        return
    message = f"a statement changes {table} past the audit chain: change its rows one by one, or use audit/tallies.py"
    raise UnvouchedChangeError(message)


@event.listens_for(Session, "before_commit")
def _vouch(session: Session) -> None:
    if not session.info.get(WRITES):
        return
    session.flush()
    left: dict[str, SQLModel] = session.info.pop(_LEFT, {})
    gone: set[str] = session.info.pop(_GONE, set())
    changes = take_changes(session)
    if not (left or gone or changes):
        return
    chain.lock_chain(session)
    actor, at = chain.last_actor(session) or (chain.CLOCK, system_clock())
    rows = [left[name] for name in sorted(left)]
    chain.append(
        session,
        kind="rows.recorded",
        actor=actor,
        now=at,
        incident=_only_incident(session, rows, {number for number, _ in changes}),
        payload={"gone": sorted(gone), "tallies": _new_tallies(session, changes)},
        rows=rows,
    )


def _only_incident(session: Session, rows: list[SQLModel], numbers: set[int]) -> str | None:
    """Give the reference of the case that all of it belongs to, if it is one."""
    for row in rows:
        number = row.id if isinstance(row, Incident) else getattr(row, "incident_id", None)
        numbers = {*numbers, number or 0}
    if len(numbers) != 1 or 0 in numbers:
        return None
    return session.exec(select(Incident.reference).where(col(Incident.id) == numbers.pop())).first()


def _new_tallies(session: Session, changes: dict[tuple[int, str], Tally]) -> dict[str, str]:
    texts = {}
    for (incident_id, name), change in sorted(changes.items()):
        row = session.get(ListTally, (incident_id, name))
        if row is None:
            row = ListTally(incident_id=incident_id, name=name, tally=Tally().to_text())
        row.tally = Tally.from_text(row.tally).plus(change).to_text()
        session.add(row)
        texts[tally_name(incident_id, name)] = row.tally
    return texts
