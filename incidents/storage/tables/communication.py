"""Rows of what is said: drafts and approvals, affected people and merchants, messages and their attempts.

No address stands in the clear: it is encrypted (encryption.py), and equality is found by a keyed digest.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Column, Connection, Index, Table, UniqueConstraint, event
from sqlmodel import Field

from incidents.case.message_machine import MessageEvent, MessageState, check_change, next_state, pairs
from incidents.storage.columns import JsonDocument, Row, added_later, partial_index, words_of
from incidents.storage.message_guard import set_guard


class Draft(Row, table=True):
    """One version of a text in one language; the newest version counts, older ones stay."""

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("incident_id", "kind", "language", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    kind: str = Field(max_length=30)
    language: str = Field(max_length=5)
    version: int
    subject: str = Field(max_length=400)
    text: str
    html: str | None = None
    edited: bool = False
    """True where a person wrote it; the flow does not overwrite such a text."""
    source_sha256: str = Field(max_length=64)
    """Digest of what the flow composed it from: when that changes, a fresh draft is due."""
    recipients: int = 0
    recipients_sha256: str = Field(max_length=64)
    """Digest of the frozen recipient list (for merchants: of each merchant's own rendered text)."""
    sha256: str = Field(max_length=64)
    """SHA-256 over subject, body and recipient list: what an approval binds to."""
    missing: list[str] = Field(sa_column=Column(JSON, nullable=False))
    will_follow: list[str] = Field(sa_column=Column(JSON, nullable=False))
    warnings: list[str] = Field(sa_column=Column(JSON, nullable=False))
    author: str = Field(max_length=120)
    created_at: datetime
    speaks_of: JsonDocument | None = Field(default=None, sa_column=added_later("speaks_of", JSON(none_as_null=True)))
    """Of what record it speaks (incidents/case/spoken_of.py); ``None`` in drafts older than this column."""
    edit_of: JsonDocument | None = Field(default=None, sa_column=added_later("edit_of", JSON(none_as_null=True)))
    """Of a text that a person wrote: the composed text that they changed, and where the two cannot be merged."""


class DraftSource(Row, table=True):
    """A later source that was found to give exactly a draft's text: the draft stands, nothing is written anew."""

    __tablename__ = "draft_source"

    draft_id: int = Field(foreign_key="draft.id", primary_key=True)
    sha256: str = Field(primary_key=True, max_length=64)
    speaks_of: JsonDocument | None = Field(default=None, sa_column=Column(JSON(none_as_null=True), nullable=True))
    """The record that this source is of: the text speaks of it too, in the same words."""


class Approval(Row, table=True):
    """A second person's approval of exactly these bytes."""

    __tablename__ = "approval"
    __table_args__ = (
        # In the database too, so that no use case to come can forget it; the override is the one way past it, and is on
        # record.
        CheckConstraint("author <> approver OR override_because IS NOT NULL", name="four_eyes"),
        # The same bytes are approved once; whoever approves them again is told that it is done.
        UniqueConstraint("draft_id", "sha256"),
    )

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    draft_id: int = Field(foreign_key="draft.id", index=True)
    sha256: str = Field(max_length=64)
    author: str = Field(max_length=120)
    approver: str = Field(max_length=120)
    approved_at: datetime
    override_because: str | None = None


class AffectedPerson(Row, table=True):
    """One affected person of one incident: a sealed address, a language, a country."""

    __tablename__ = "affected_person"
    # By the keyed digest: a person stands once on the list of an incident, though no address can be compared.
    __table_args__ = (UniqueConstraint("incident_id", "blind_index"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    blind_index: str = Field(max_length=64)
    sealed: bytes
    language: str = Field(max_length=5)
    country: str | None = Field(default=None, max_length=2)
    imported_at: datetime


class MerchantRow(Row, table=True):
    """A merchant that must be noticed, with the figures of its own customers."""

    __tablename__ = "merchant"
    __table_args__ = (UniqueConstraint("incident_id", "merchant_id"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    merchant_id: str = Field(max_length=80)
    name: str = Field(max_length=200)
    sealed: bytes
    language: str = Field(max_length=5)
    people: int | None = None
    records: int | None = None
    kinds: list[str] = Field(sa_column=Column(JSON, nullable=False))
    contract_hours: int | None = None
    imported_at: datetime


class Message(Row, table=True):
    """One message to one recipient: the outbox and the ledger are the same row, unique by key."""

    __tablename__ = "message"
    __table_args__ = (
        # Partial: of a hundred thousand letters that are out none is in them, and the heartbeat looks each second.
        partial_index("ix_message_next_try_at", "next_try_at", where="next_try_at IS NOT NULL"),
        partial_index("ix_message_lease_until", "lease_until", where="lease_until IS NOT NULL"),
        # Serves also what asks for the incident alone, which therefore has no index of its own.
        Index("ix_message_incident_kind_state", "incident_id", "kind", "state"),
    )

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True, max_length=240)
    incident_id: int = Field(foreign_key="incident.id")
    kind: str = Field(max_length=30)
    channel: str = Field(max_length=40)
    language: str = Field(max_length=5)
    recipient: str = Field(max_length=80)
    """A reference, never an address: ``on-call:0``, ``affected:123``, ``merchant:45``."""
    draft_id: int | None = Field(default=None, foreign_key="draft.id", index=True)
    subject: str | None = Field(default=None, max_length=400)
    text: str | None = None
    html: str | None = None
    exercise: bool = False
    state: MessageState = Field(sa_column=Column(words_of(MessageState, 20), nullable=False))
    attempts: int = 0
    next_try_at: datetime | None = None
    lease_until: datetime | None = None
    leased_by: str | None = Field(default=None, max_length=60)
    provider_id: str | None = Field(default=None, max_length=200)
    problem: str | None = Field(default=None, max_length=300)
    created_at: datetime
    settled_at: datetime | None = None

    def move(self, cause: MessageEvent) -> None:
        """Take the state that *cause* leads to.

        Raises:
            IllegalMoveError: the table of moves has no such move.

        """
        self.state = next_state(self.state, cause)


@event.listens_for(Message.state, "set", retval=True, active_history=True)
def _hold_to_the_moves(_message: Message, state: str, before: object, _event: object) -> MessageState:
    """Refuse an assignment that no event could have caused; a new row may begin anywhere."""
    after = MessageState(state)
    # On a new row the value before is no state but SQLAlchemy's mark for none.
    if isinstance(before, MessageState):
        check_change(before, after)
    return after


# A new database gets the guard with the table; one that is migrated gets it from the migration.
@event.listens_for(Message.__table__, "after_create")  # type: ignore[attr-defined]  # SQLModel does not declare it
def _guard(_table: Table, connection: Connection, **_: Any) -> None:
    set_guard(connection, pairs())


class Attempt(Row, table=True):
    """One attempt to send: written before, answered after."""

    __tablename__ = "attempt"
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    id: int | None = Field(default=None, primary_key=True)
    message_id: int = Field(foreign_key="message.id", index=True)
    number: int
    started_at: datetime
    body_sha256: str = Field(max_length=64)
    repeats_uncertain: bool = False
    """True where an earlier attempt's answer never came: the recipient may get it twice."""
    finished_at: datetime | None = None
    outcome: str | None = Field(default=None, max_length=20)
    detail: str | None = Field(default=None, max_length=300)


class ListTally(Row, table=True):
    """How many rows a long list of one incident has and the sum of their digests (audit/tallies.py).

    The audit chain has the same figure: this row only saves looking for it there.
    """

    __tablename__ = "list_tally"

    incident_id: int = Field(foreign_key="incident.id", primary_key=True)
    name: str = Field(primary_key=True, max_length=30)
    """The table of the list."""
    tally: str = Field(max_length=90)
