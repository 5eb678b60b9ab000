"""What a moment means for the clocks: from when to when the law counts.

Knows how to ask the regimes; refuses to hold a figure of its own.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flows.cli import say

if TYPE_CHECKING:
    from flows.cli.visit import Visit


def of_awareness(visit: Visit, at: datetime, verb: str = "end") -> tuple[str, ...]:
    """Say when each period that counts from awareness would end; those without a figure in law are left out."""
    from incidents.deadlines import due_at
    from incidents.periods import PeriodKind
    from incidents.regimes import Start, in_force

    found: dict[str, list[str]] = {}
    for regime in in_force(visit.house.regimes, at):
        for duty in regime.duties:
            if duty.start is Start.AWARE and duty.period.kind is not PeriodKind.NONE:
                ends = say.both(due_at(duty.period, at, zone=visit.zone), visit.zone)
                found.setdefault(f"{duty.period} {verb} {ends}", []).append(regime.id)
    return tuple(f"{line} ({', '.join(dict.fromkeys(laws))})" for line, laws in found.items())
