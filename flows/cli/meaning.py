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
    """Say when each clock would end that awareness at *at* starts for sure; those without a figure are left out.

    More may follow from where the affected people live; what the law of their country asks is not known yet.
    """
    from incidents.deadlines import DueKind, due_at
    from incidents.obligations import owed_from_awareness
    from incidents.regimes import Start

    terms = {
        each.terms
        for each in owed_from_awareness(visit.house.frame(at))
        if each.terms.start is Start.AWARE and each.terms.due_kind is DueKind.STATUTORY
    }
    return tuple(
        f"{each.period} {verb} {say.both(due_at(each.period, at, zone=visit.zone), visit.zone)} ({each.title})"
        for each in sorted(terms, key=lambda each: (each.period.value or 0, each.regime, each.duty))
    )
