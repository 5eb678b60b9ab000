"""Rows of what is owed and when: obligations, recorded moves and reminders, alerts, filings, the heartbeat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, Column, UniqueConstraint
from sqlmodel import Field

from incidents.storage.columns import JsonDocument, Row, added_later, partial_index


class Obligation(Row, table=True):
    """A duty owed in one incident to one recipient, with a snapshot of the terms it was created under."""

    __tablename__ = "obligation"
    __table_args__ = (
        # Deriving what is owed may run any number of times, and twice at once: the same duty is never owed twice.
        UniqueConstraint("incident_id", "key"),
        partial_index("ix_obligation_next_alarm_at", "next_alarm_at", where="next_alarm_at IS NOT NULL"),
        # What was noted beyond now stands at its end, so that looking for it each second costs nothing.
        partial_index("ix_obligation_alarms_noted_to", "alarms_noted_to", where="next_alarm_at IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    key: str = Field(max_length=160)
    regime: str = Field(max_length=60)
    duty: str = Field(max_length=60)
    recipient_kind: str = Field(max_length=20)
    recipient_id: str = Field(max_length=80)
    recipient_name: str = Field(max_length=200)
    terms: JsonDocument = Field(sa_column=Column(JSON, nullable=False))
    provisional: bool
    clock_version: int = 1
    """Counts restarts of the clock, so that a corrected awareness fires its ladder anew."""
    started_at: datetime
    due_at: datetime
    alarms_noted_to: datetime
    """Up to this moment every reminder and move of time has been recorded."""
    next_alarm_at: datetime | None = None
    """When the heartbeat must look again: an indexed hint, never the truth."""
    met_at: datetime | None = None
    waived_at: datetime | None = None
    waived_because: str | None = None
    dismissed_at: datetime | None = None
    created_at: datetime
    rearmed: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How often reminders were forgotten and told anew, because the system's clock had been ahead."""


class TransitionRow(Row, table=True):
    """One recorded move of the deadline machine."""

    # Named as it was when the first proofs were made: they vouch for `move:12`.
    __tablename__ = "move"
    # Below the lock of the chain, a second hold: two heartbeats that notice the same move cannot both write it.
    __table_args__ = (UniqueConstraint("obligation_id", "clock_version", "seq"),)

    id: int | None = Field(default=None, primary_key=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    clock_version: int
    seq: int
    from_standing: str = Field(max_length=20)
    to_standing: str = Field(max_length=20)
    cause: str = Field(max_length=30)
    due_at: datetime
    noticed_at: datetime


class Alert(Row, table=True):
    """A reminder that came due, and the alert that tells of it; unique, so none is doubled."""

    __tablename__ = "alert"
    __table_args__ = (
        # None doubled, whoever sweeps: the promise of decision 3 rests on this line.
        UniqueConstraint("obligation_id", "clock_version", "rung"),
        partial_index("ix_alert_tell_at", "tell_at", where="tell_at IS NOT NULL"),
        partial_index("ix_alert_escalate_at", "escalate_at", where="escalate_at IS NOT NULL"),
        partial_index("ix_alert_thread_event", "thread_event", where="thread_event IS NOT NULL"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=240)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    # None for the page of the case itself. NULLs never equal each other in UNIQUE; that one is kept single by its key.
    obligation_id: int | None = Field(default=None, foreign_key="obligation.id", index=True)
    clock_version: int = 1
    rung: str = Field(max_length=40)
    says: str = Field(max_length=80)
    kind: str = Field(max_length=20)
    due_at: datetime
    noticed_at: datetime
    told_by: str | None = Field(default=None, max_length=240)
    level: int = 0
    """How often it went on: the first person of the on-call list hears level 0, the next one level 1 ..."""
    tell_at: datetime | None = None
    """When its messages are to be written; null once they are, or where another alert tells of it."""
    escalate_at: datetime | None = None
    """When it goes to the next person; null once acknowledged, told by another, or settled."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = Field(default=None, max_length=120)
    thread: str | None = Field(default=None, max_length=240, index=True)
    """What a pager that keeps alerts open calls the one this was told in; null where none keeps it."""
    thread_event: str | None = Field(default=None, max_length=20)
    """What is to be told to such a pager next, ``acknowledge`` or ``resolve``; null once it is written."""


class Filing(Row, table=True):
    """Proof that an authority was told; append-only, the first one freezes lateness."""

    __tablename__ = "filing"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    obligation_id: int = Field(foreign_key="obligation.id", index=True)
    phase: str = Field(max_length=20)
    complete: bool
    reference: str = Field(max_length=120)
    filed_at: datetime
    recorded_at: datetime
    recorded_by: str = Field(max_length=120)
    late_because: str | None = None
    receipt_id: int | None = Field(default=None, foreign_key="evidence.id")
    text_filed: JsonDocument | None = Field(default=None, sa_column=added_later("text_filed", JSON(none_as_null=True)))
    """The draft that was filed: name, version, hash; ``None`` where none of ours was."""
    confirmed: JsonDocument | None = Field(default=None, sa_column=added_later("confirmed", JSON(none_as_null=True)))
    """What spoke against this filing, and the reasons with which a person confirmed it all the same."""


class Beat(Row, table=True):
    """When something that must keep running last did: the heartbeat, the flow's dispatcher."""

    __tablename__ = "beat"

    name: str = Field(primary_key=True, max_length=40)
    at: datetime
    detail: str | None = Field(default=None, max_length=300)
