"""Rows that keep letters from going out: a person's hold on one case, and a pause of a whole channel."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from incidents.storage.columns import Row


class CaseHold(Row, table=True):
    """A person stopped or released every letter of one case; append-only, the newest row counts."""

    __tablename__ = "case_hold"

    id: int | None = Field(default=None, primary_key=True)
    incident_id: int = Field(foreign_key="incident.id", index=True)
    holds: bool
    """True: nothing goes out from now on. False: a second person let it go on."""
    person: str = Field(max_length=120)
    because: str
    at: datetime


class ChannelPause(Row, table=True):
    """Until when a channel is left alone, by every process: its provider asked for it, or it refused our key."""

    __tablename__ = "channel_pause"

    channel: str = Field(primary_key=True, max_length=40)
    since: datetime
    """Since when it has been paused without a letter accepted in between."""
    until: datetime
    refused: bool
    """True where the provider refused our key or settings: only a person can mend that."""
    because: str = Field(max_length=300)
