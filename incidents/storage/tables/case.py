"""Rows of one case: the incident itself and its append-only records."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Integer, UniqueConstraint
from sqlmodel import Field

from incidents.case.lifecycle import Stage
from incidents.storage.columns import JsonDocument, Row, added_later, partial_index, words_of

_VERSION: Column[int] = Column("version", Integer, nullable=False)


class Incident(Row, table=True):
    """The case file's cover: its names, times and stage. ``version`` makes two writers collide instead of overwrite."""

    __tablename__ = "incident"
    # The dispatcher asks twice a second which cases wait: the index holds those alone, however many cases there are.
    __table_args__ = (partial_index("ix_incident_waiting", "id", where="change_seq > answered_seq"),)
    __mapper_args__: ClassVar[dict[str, Any]] = {"version_id_col": _VERSION}

    id: int | None = Field(default=None, primary_key=True)
    reference: str = Field(unique=True, max_length=20)
    codename: str = Field(unique=True, max_length=60)
    title: str = Field(max_length=300)
    system: str | None = Field(default=None, max_length=200)
    stage: Stage = Field(sa_column=Column(words_of(Stage), nullable=False, index=True))
    exercise: bool = False
    opened_at: datetime
    opened_by: str = Field(max_length=120)
    detected_at: datetime
    first_signal_at: datetime | None = None
    # Four different times (occurred, detected, aware, contained); none is ever taken from another.
    occurred_at: datetime | None = None
    aware_at: datetime | None = None
    contained_at: datetime | None = None
    closed_at: datetime | None = None
    dismissed_because: str | None = None
    lead: str | None = Field(default=None, max_length=120)
    # From 1, ahead of `answered_seq`: a case that was just opened waits for its first answer.
    change_seq: int = 1
    """Counts what a person or the clock changed; the flow answers up to it."""
    answered_seq: int = 0
    """The change up to which the flow has done all that can be done."""
    held_until: datetime | None = None
    """Until when one run of the flow holds this incident (our own lease, not Prefect's)."""
    held_by: str | None = Field(default=None, max_length=60)
    version: int | None = Field(default=None, sa_column=_VERSION)


class TimelineEntry(Row, table=True):
    """One line of the append-only timeline."""

    __tablename__ = "timeline_entry"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    at: datetime
    recorded_at: datetime
    author: str = Field(max_length=120)
    kind: str = Field(max_length=40)
    text: str
    evidence_id: int | None = Field(default=None, foreign_key="evidence.id")
    said: JsonDocument | None = Field(default=None, sa_column=added_later("said", JSON(none_as_null=True)))
    """Code and values of a line that the software wrote (timeline_texts.py); empty for a person's words."""


class Evidence(Row, table=True):
    """A file kept as proof, with its SHA-256; the bytes lie in the evidence folder under that name."""

    __tablename__ = "evidence"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    name: str = Field(max_length=200)
    sha256: str = Field(max_length=64)
    size: int
    added_at: datetime
    added_by: str = Field(max_length=120)


class SignalRow(Row, table=True):
    """What other systems reported about a case: one row for each thing reported, however often it was."""

    __tablename__ = "signal"
    __table_args__ = (UniqueConstraint("incident_id", "fingerprint"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    source: str = Field(max_length=40)
    # By it a repeated alert is found among all cases.
    fingerprint: str = Field(max_length=64, index=True)
    first_at: datetime
    last_at: datetime
    alerts: int
    """How many alerts said so, those within one message counted singly."""


class Awareness(Row, table=True):
    """One statement of when we became aware; a correction is a further row with its reason."""

    __tablename__ = "awareness"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    aware_at: datetime
    basis: str
    reason: str | None = None
    author: str = Field(max_length=120)
    recorded_at: datetime


class FactsVersion(Row, table=True):
    """One version of the facts."""

    __tablename__ = "facts_version"
    __table_args__ = (UniqueConstraint("incident_id", "version"),)

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    version: int
    body: JsonDocument = Field(sa_column=Column(JSON, nullable=False))
    author: str = Field(max_length=120)
    recorded_at: datetime


class Assessment(Row, table=True):
    """The judgement proposed for one version of the facts."""

    __tablename__ = "assessment"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    facts_version: int
    judgement: JsonDocument = Field(sa_column=Column(JSON, nullable=False))
    author: str = Field(max_length=120)
    recorded_at: datetime


class Decision(Row, table=True):
    """What a named person decided, with reasons."""

    __tablename__ = "decision"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    facts_version: int
    notify_authority: bool
    notify_people: bool
    # The ground of Art. 34(3) GDPR that is claimed, as `34-3-a`.
    exception: str | None = Field(default=None, max_length=10)
    because: str
    author: str = Field(max_length=120)
    decided_at: datetime


class AuditEntry(Row, table=True):
    """One link of the hash chain (audit/chain.py)."""

    __tablename__ = "audit_entry"

    # Numbered by the chain and not by the database, whose numbers have gaps where a transaction was taken back.
    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    # Text, not a time: it is hashed, and must come back letter by letter.
    at: str = Field(max_length=32)
    actor: str = Field(max_length=120)
    kind: str = Field(max_length=60)
    incident: str | None = Field(default=None, max_length=20, index=True)
    payload: str
    """Canonical JSON."""
    # Unique: two entries cannot follow the same one, so no second branch can be written.
    prev: str = Field(unique=True, max_length=64)
    hash: str = Field(unique=True, max_length=64)
