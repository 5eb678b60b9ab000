"""Obligations as they are stored: found, and read as what the pure deadline machine needs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

from sqlmodel import Session, col, func, select

from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.deadlines.state_machine import ClockState, DeadlineStatus, TransitionCause, deadline_status, is_allowed
from incidents.deadlines.terms import Terms
from incidents.kernel.errors import DefectError, NotFoundError
from incidents.law.reminder_ladder import next_reminder
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.storage.tables.obligations import Obligation, TransitionRow

INSTANT: Final = timedelta(microseconds=1)
_NAMED: Final = 12
"""Obligations that a refusal names one by one."""
AT_ONCE: Final = 200
"""Obligations written together: few statements for thousands, and a person's command waits under a second."""


TransitionCounts = Mapping[tuple[int, int], int]
"""How many moves are recorded, by the row number of the obligation and the version of its clock."""


class IllegalTransitionError(DefectError):
    """The table of the deadline machine has no such move; nothing was recorded."""


def clock_of(row: Obligation) -> ClockState:
    """Take from the row what the deadline machine needs."""
    return ClockState(
        started_at=row.started_at,
        due_at=row.due_at,
        warn_before=terms_of(row).ladder.warn_before,
        provisional=row.provisional,
        met_at=row.met_at,
        waived_at=row.waived_at,
        dismissed_at=row.dismissed_at,
    )


def keep_clock(row: Obligation, clock: ClockState) -> None:
    """Put back on the row what the deadline machine made of its clock."""
    row.started_at, row.due_at, row.provisional = clock.started_at, clock.due_at, clock.provisional
    row.met_at, row.waived_at, row.dismissed_at = clock.met_at, clock.waived_at, clock.dismissed_at


def terms_of(row: Obligation) -> Terms:
    """Read the terms the obligation was created under."""
    # As text, for a dict cannot be the key of a cache.
    return _read_terms(json.dumps(row.terms))


@lru_cache(maxsize=256)
def _read_terms(stored: str) -> Terms:
    """Read them once for the thousands of obligations that may share them; the values are frozen."""
    return Terms.from_json(json.loads(stored))


def recipient_of(row: Obligation) -> Recipient:
    """Say to whom the obligation is owed."""
    return Recipient(kind=RecipientKind(row.recipient_kind), id=row.recipient_id, name=row.recipient_name)


def status_of(row: Obligation, now: datetime) -> DeadlineStatus:
    """Say where an obligation stands at *now*."""
    return deadline_status(clock_of(row), now)


def is_settled(row: Obligation) -> bool:
    """Whether nothing more is owed under it."""
    return bool(row.met_at or row.waived_at or row.dismissed_at)


def obligations_in(session: Session, incident_id: int) -> list[Obligation]:
    """All obligations of one incident, in the order they arose."""
    rows = session.exec(select(Obligation).where(Obligation.incident_id == incident_id).order_by(col(Obligation.id)))
    return list(rows)


def in_short(words: Sequence[str], reference: str) -> list[str]:
    """Give the first dozen of what is said of each obligation and count the others: a case may have thousands."""
    more = len(words) - _NAMED
    return [*words[:_NAMED], *([f"and {more} more (tocsin deadlines {reference})"] if more > 0 else [])]


def named(uow: UnitOfWork, asked: str) -> Obligation:
    """Find one obligation of the case by its key, by its duty, or by its recipient.

    Raises:
        NotFoundError: none, or several; the message lists those there are.

    """
    rows = obligations_in(uow.session, uow.incident_id)
    # The whole key before its parts: as a part alone the same word may fit several.
    for fits in (lambda row: row.key == asked, lambda row: asked in {row.duty, row.recipient_id}):
        fitting = [row for row in rows if fits(row)]
        if len(fitting) == 1:
            return fitting[0]
    keys = ", ".join(in_short([row.key for row in rows], uow.incident.reference)) or "nothing is owed yet"
    message = f"{asked!r} is not one obligation of {uow.incident.reference}; there are: {keys}"
    raise NotFoundError(message)


def next_alarm(row: Obligation) -> datetime:
    """When the heartbeat must look again: the next reminder or the next move of time, whichever is first."""
    clock, after = clock_of(row), row.alarms_noted_to
    # The edges of the status: due soon begins at the first, overdue an instant after the due time. A provisional clock
    # has reminders but no edges, for time alone does not move it.
    edges = [clock.due_at - clock.warn_before, clock.due_at + INSTANT]
    reminder = next_reminder(terms_of(row).ladder, row.due_at, max(after, row.started_at - INSTANT))
    return min([reminder.at, *(edge for edge in edges if edge > after and not row.provisional)])


def move_of(
    row: Obligation,
    before: DeadlineStatus,
    after: DeadlineStatus,
    cause: TransitionCause,
    *,
    at: datetime,
    now: datetime,
    seq: int,
) -> TransitionRow:
    """Make the record of a move, the *seq*-th under the obligation's present version of the clock.

    Raises:
        IllegalTransitionError: the table of moves does not have it.

    """
    # The table is the specification, also of what is written down: a move that it lacks is a mistake of ours, and one
    # that nobody could explain later.
    if not is_allowed(before, cause, after):
        message = f"{row.key} cannot go from {before.value} to {after.value} by: {cause.value}"
        raise IllegalTransitionError(message)
    return TransitionRow(
        obligation_id=number(row.id),
        clock_version=row.clock_version,
        seq=seq,
        from_standing=before.value,
        to_standing=after.value,
        cause=cause.value,
        due_at=at,
        noticed_at=now,
    )


def moves_taken(session: Session, rows: Iterable[Obligation]) -> TransitionCounts:
    """Count the moves of each obligation under each version of its clock."""
    counts = session.exec(
        select(TransitionRow.obligation_id, TransitionRow.clock_version, func.count())
        .where(col(TransitionRow.obligation_id).in_([row.id for row in rows]))
        .group_by(col(TransitionRow.obligation_id), col(TransitionRow.clock_version))
    )
    return {(obligation_id, version): count for obligation_id, version, count in counts}
