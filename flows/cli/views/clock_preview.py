"""What a moment means for the clocks: from when to when the law counts."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flows.cli import output

if TYPE_CHECKING:
    from flows.cli.context import CommandContext


def of_awareness(ctx: CommandContext, at: datetime, verb: str = "end") -> tuple[str, ...]:
    """Say when each clock would end that awareness at *at* starts for sure; those without a figure are left out.

    More may follow from where the affected people live; what the law of their country asks is not known yet.
    """
    from incidents.deadlines.terms import DueKind
    from incidents.law.model import Start
    from incidents.law.periods import due_at
    from incidents.obligations.derivation import obligations_from_awareness

    laws_by_end: dict[str, list[str]] = {}
    for obligation in obligations_from_awareness(ctx.app.frame(at)):
        terms = obligation.terms
        # A target of our own may be changed at any time: said here, it would read as the law's.
        if terms.start is Start.AWARE and terms.due_kind is DueKind.STATUTORY:
            ends = output.both(due_at(terms.period, at, zone=ctx.zone), ctx.zone)
            laws_by_end.setdefault(f"{terms.period} {verb} {ends}", []).append(terms.regime)
    return tuple(f"{line} ({', '.join(dict.fromkeys(laws))})" for line, laws in laws_by_end.items())
