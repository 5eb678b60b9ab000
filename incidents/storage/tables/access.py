"""Rows of the people who work with Tocsin, with their roles and tokens, and of the keys that addresses need."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field

from incidents.storage.columns import Row


class Person(Row, table=True):
    """Somebody who may act; named by what colleagues call them, never deleted, only disabled."""

    __tablename__ = "person"

    id: int | None = Field(default=None, primary_key=True)
    # Unique also among the disabled: a name in the record must mean one person for ever.
    name: str = Field(unique=True, max_length=120)
    # Words in one column: they are few, always read together, and never asked for by role in SQL.
    roles: str = Field(max_length=200)
    """Role words separated by blanks, sorted."""
    created_at: datetime
    disabled_at: datetime | None = None


class Token(Row, table=True):
    """A personal token, stored as its SHA-256; the secret itself is shown once and kept nowhere."""

    __tablename__ = "token"

    id: int | None = Field(default=None, primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True)
    # In the clear: by it the row is found, so that one digest is compared and not all.
    prefix: str = Field(unique=True, max_length=20)
    sha256: str = Field(max_length=64)
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None


class MasterKeyRow(Row, table=True):
    """A master key that this database has or had, by its fingerprint; the key itself is never in the database."""

    __tablename__ = "master_key"

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True, max_length=64)
    """Keyed digest of a constant (encryption.py): another key is known by it, and nothing of the key is told."""
    wrapped: bytes | None = None
    """The data key under this master key; ``None`` where the master key itself is the data key (databases begun before
    there were data keys), and once the key was retired."""
    created_at: datetime
    retired_at: datetime | None = None
