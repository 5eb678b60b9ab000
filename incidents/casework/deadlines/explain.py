"""How each clock of a case was counted: the arithmetic by the events on record, and what was assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlmodel import Session

from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines.events import RECORDED, CaseEvents, event_book
from incidents.casework.deadlines.rows import obligations_in, recipient_of, terms_of
from incidents.deadlines.computation import DueDate, MissingEvent, needed
from incidents.deadlines.terms import Terms
from incidents.law.model import AFTER, Start
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Obligation

_KIND_OF: Final = {event: kind for kind, event in RECORDED.items()}


@dataclass(frozen=True, kw_only=True)
class Assumption:
    """An event that is not on record, and whose time stands for it."""

    event: Start
    stands_for_it: Start
    kind: str | None
    """The kind of line that records it on the timeline, where there is one."""

    def __str__(self) -> str:
        """Say it in words, with the way to record what really was."""
        record = f'; record it: `tocsin log REF "..." --kind {self.kind} --at TIME`' if self.kind else ""
        what, other = _since(self.event), _since(self.stands_for_it)
        return f"when {what} is not on record; the time when {other} stands for it, the earlier reading{record}"


@dataclass(frozen=True, kw_only=True)
class ClockExplanation:
    """One clock, counted once more."""

    counted: DueDate
    event: Start
    """The event from whose time it runs."""
    assumption: Assumption | None


def explained(session: Session, ctx: UseCaseContext, incident: Incident) -> Mapping[str, ClockExplanation]:
    """Count every clock of a case once more, by its key; without those whose stored times the record does not give."""
    rows = obligations_in(session, number(incident.id))
    book = event_book(session, incident, rows)
    explanations = {row.key: _explained(ctx, row, terms_of(row), book) for row in rows}
    return {key: explanation for key, explanation in explanations.items() if explanation is not None}


def _explained(ctx: UseCaseContext, row: Obligation, terms: Terms, book: CaseEvents) -> ClockExplanation | None:
    if terms.start is Start.ASKED:
        return None
    try:
        counted = bookkeeping.counted(ctx, terms, recipient_of(row), book)
    # The clock was counted when the event was on record; without it there is nothing to explain, and no error either.
    except MissingEvent:
        return None
    # A fulfilled duty keeps its due time when awareness is corrected to later. An arithmetic that ends elsewhere than
    # the clock would be worse than none.
    if (counted.started_at, counted.due_at) != (row.started_at, row.due_at):
        return None
    event = terms.cap.start if terms.cap and counted.by_cap_alone else needed(terms)[0]
    other = book.assumed.get(event)
    # What stands for awareness is only provisional, and said as such.
    assumption = Assumption(event=event, stands_for_it=other, kind=_KIND_OF.get(event)) if other else None
    return ClockExplanation(counted=counted, event=other or event, assumption=assumption)


def _since(event: Start) -> str:
    """Say an event as the beginning of a clause: ``it was determined``."""
    return _CLAUSES.get(event) or AFTER[event].removeprefix("after ")


_CLAUSES: Final = {
    Start.SUSPECTED: "there were reasonable grounds to suspect it",
    Start.DETECTED: "it was detected",
    Start.AWARE: "we became aware",
    Start.CLASSIFIED: "it was classified",
}
