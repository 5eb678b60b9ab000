"""When something that must keep running last said so: one row for each, written anew at each beat."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col

from incidents.storage.tables.obligations import Beat


def write_beat(session: Session, name: str, at: datetime, detail: str | None = None) -> None:
    """Write down that *name* runs."""
    # Loaded here and not above: `tocsin open` asks for a beat and must not load both databases' drivers for it.
    from sqlalchemy.dialects import postgresql, sqlite  # noqa: PLC0415 - for that reason

    values = {"at": at, "detail": detail}
    # One statement, as two may say their first word at once: neither finds a row, and only one may add it.
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(Beat).values(name=name, **values)
    session.execute(insert.on_conflict_do_update(index_elements=[col(Beat.name)], set_=values))


def last_beat(session: Session, name: str) -> datetime | None:
    """When *name* last said that it runs; ``None`` where it never did."""
    beat = beat_of(session, name)
    return beat.at if beat else None


def beat_of(session: Session, name: str) -> Beat | None:
    """Give the last word of *name* whole."""
    return session.get(Beat, name)
