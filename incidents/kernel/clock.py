"""The one place that reads the system's clocks; everything else takes `now` as an argument (decision 4).

Where several machines share a database its clock counts for all of them (``Store.now``): theirs differ.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

Clock = Callable[[], datetime]
"""Something that tells the time, aware and in UTC: the system's clock, or an exercise's fast one."""

# As far as a watch, a mail server or another host is ahead or behind without anybody noticing. Below it nobody can say
# whose clock is wrong, and two machines that took each other's rows for mistakes would undo them for ever.
SKEW: Final = timedelta(minutes=5)
"""How far two honest clocks may be apart; a row from further ahead was written while a clock was wrong."""

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)


def uptime() -> str | None:
    """Say how long this machine has been up, as a mark to compare later; ``None`` where it cannot be told.

    Nobody can set it, and it goes on while the machine sleeps: what the wall clock gained beside it is a jump.
    """
    with suppress(OSError, AttributeError):
        boot = _BOOT_ID.read_text(encoding="ascii").strip()
        return f"{boot} {time.clock_gettime(time.CLOCK_BOOTTIME):.3f}"
    return None


def passed_between(earlier: str | None, later: str | None) -> timedelta | None:
    """Give the true time between two marks of `uptime`; ``None`` where the machine started anew in between."""
    if not earlier or not later:
        return None
    boot, _, before = earlier.partition(" ")
    same, _, after = later.partition(" ")
    if boot != same:
        return None
    with suppress(ValueError):
        return timedelta(seconds=float(after) - float(before))
    return None
