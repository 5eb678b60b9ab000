"""What an exercise left behind, as rows and counts: the material of the checks that judge it; nine SELECTs.

Nothing is taken from the views of a case: a mistake in one of them must not confirm itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from incidents.case.message_machine import MessageState
from incidents.queries.rows.by_case import grouped
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import AffectedPerson, MerchantRow, Message
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow


@dataclass(frozen=True, kw_only=True)
class ExerciseRecords:
    """The record of a home folder in which nothing but one exercise was played."""

    obligations: Sequence[Obligation]
    moves: Mapping[int, Sequence[TransitionRow]]
    """The moves of each obligation by its row number, in the order in which they were written."""
    reminders: Sequence[Alert]
    """The alerts of obligations; that of the opening belongs to none."""
    early_alerts: int
    """How many alerts were noticed before they were due."""
    listed: int
    """People and merchants on the lists."""
    letters: Mapping[str, int]
    """How many letters stand in each state."""
    accepted_messages: int
    """Letters and alerts that a channel took."""
    entries: Sequence[AuditEntry]
    """The whole audit log, in order."""


def exercise_records(session: Session) -> ExerciseRecords:
    """Read all of it at one moment."""
    moves = session.exec(select(TransitionRow).order_by(col(TransitionRow.id))).all()
    accepted = select(func.count()).select_from(Message).where(Message.state == MessageState.ACCEPTED)
    # `noticed_at` is when the sweep found it: never before the time for which it was set.
    early = select(func.count()).select_from(Alert).where(col(Alert.noticed_at) < col(Alert.due_at))
    letters = select(Message.state, func.count()).where(col(Message.draft_id).is_not(None)).group_by(Message.state)
    return ExerciseRecords(
        obligations=session.exec(select(Obligation)).all(),
        moves=grouped((move.obligation_id, move) for move in moves),
        reminders=session.exec(select(Alert).where(col(Alert.obligation_id).is_not(None))).all(),
        early_alerts=session.exec(early).one(),
        listed=sum(
            session.exec(select(func.count()).select_from(table)).one() for table in (AffectedPerson, MerchantRow)
        ),
        letters=dict(session.exec(letters).all()),
        accepted_messages=session.exec(accepted).one(),
        entries=session.exec(select(AuditEntry).order_by(col(AuditEntry.seq))).all(),
    )
