"""What must keep running says so in the record; here it is written, and judged whether it was lately enough.

One rule for `/readyz`, `tocsin doctor` and the commands that warn when nobody is paged. It lies below the workflows,
the web and the command line, all of which ask it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from incidents.storage import beats

if TYPE_CHECKING:
    from sqlmodel import Session

    from incidents.storage.database import Store
    from incidents.storage.tables.obligations import Beat

HEARTBEAT: Final = "heartbeat"
DISPATCHER: Final = "dispatcher"

MAX_AGE: Final[Mapping[str, timedelta]] = {
    HEARTBEAT: timedelta(minutes=3),  # cron may call it once a minute, and now and then late
    DISPATCHER: timedelta(seconds=10),  # the service says so every two seconds
}
"""How old a beat may be before what beat counts as dead."""
SERVICE_MAX_AGE: Final = timedelta(seconds=60)
"""The same within a service, where both beat every few seconds: what `/readyz` of that very service goes by."""
SKEW: Final = timedelta(seconds=5)
"""How far another machine's clock may be ahead of ours; a beat from further in the future says nothing about now."""


def record_beat(store: Store, name: str, now: datetime, detail: str | None = None) -> None:
    """Write down that something which must keep running just did."""
    with store.write() as session:
        beats.write_beat(session, name, now, detail)


def last_beat(session: Session, name: str) -> datetime | None:
    """When something last said that it is alive."""
    return beats.last_beat(session, name)


def beat_row(session: Session, name: str) -> Beat | None:
    """Give the last beat whole, with what was noted beside it."""
    return beats.beat_of(session, name)


def is_alive(beat: datetime | None, now: datetime, max_age: timedelta) -> bool:
    """Whether a beat is young enough; none at all, and one from the future, is not."""
    # Both edges count as alive: a beat that is exactly as old as allowed has missed nothing yet.
    return beat is not None and -SKEW <= now - beat <= max_age
