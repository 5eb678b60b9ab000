"""The one place that reads the system clock; everything else takes `now` as an argument (decision 4)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Something that tells the time, aware and in UTC: the system's clock, or an exercise's fast one."""


def now() -> datetime:
    """Tell the time, aware and in UTC."""
    return datetime.now(UTC)
