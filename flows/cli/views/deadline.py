"""One deadline as commands show it: its status in word and symbol, time left, due locally and in UTC."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from flows.cli import output
from incidents.case.outstanding import OutstandingElement, outstanding_elements
from incidents.deadlines.state_machine import OPEN, DeadlineStatus
from incidents.facts.totals import people_of
from incidents.kernel.timestamps import rfc3339
from incidents.obligations.recipients import RecipientKind

if TYPE_CHECKING:
    from incidents.case.case_file import CaseOverview, ObligationLine
    from incidents.facts.breach import Facts
    from incidents.queries.open_deadlines import OpenDeadline

SYMBOLS: Final = {
    DeadlineStatus.PROVISIONAL: ("◌", "provisional", "cyan"),
    DeadlineStatus.RUNNING: ("▶", "running", None),
    DeadlineStatus.DUE_SOON: ("▲", "DUE SOON", "yellow"),
    DeadlineStatus.OVERDUE: ("✘", "OVERDUE", "red"),
    DeadlineStatus.MET: ("✔", "met", "green"),
    DeadlineStatus.MET_LATE: ("✔", "met LATE", "yellow"),
    DeadlineStatus.WAIVED: ("–", "not required", None),
    DeadlineStatus.DISMISSED: ("–", "dismissed", None),
}
"""Sign, word and colour of each status; the word alone says it all."""

_BY_OWN_TARGET: Final = {
    DeadlineStatus.OVERDUE: "past our own target",
    DeadlineStatus.MET_LATE: "met after our own target",
}
# Art. 33(3)(a) and (c) GDPR; the ids are those of `content` in config/regimes.
_ELEMENTS: Final = {
    "people_categories": "groups of people",
    "people_number": "number of people",
    "records_categories": "kinds of data",
    "records_number": "number of records",
    "consequences": "likely consequences",
}
"""What an authority may be given in phases, in words; the others are said as they are called."""

_NAMED: Final = 3
"""How many of those who are owed something alike are named."""
_MANY: Final = 12
"""From one more on, deadlines that are alike are shown together."""


@dataclass(frozen=True, kw_only=True)
class DeadlineView:
    """One obligation of one case, as it stands now."""

    reference: str
    exercise: bool
    obligation: str
    regime: str
    duty: str
    title: str
    recipient: str
    recipient_name: str
    status: DeadlineStatus
    aware_at: datetime | None
    due_at: datetime
    due_kind: str
    acknowledged: bool
    letters: str = ""
    """Under a duty to tell people that letters alone did not fulfil: how many were written to, of how many."""
    outstanding: tuple[OutstandingElement, ...] = ()
    """Under the duty to give the rest: what the authority was not given yet, element by element."""

    @property
    def kind(self) -> tuple[object, ...]:
        """All that people read of it but to whom it is owed."""
        # The obligation's key is left out: it ends in the recipient, and would keep all apart.
        sort = (self.reference, self.regime, self.duty, self.title)
        return (*sort, self.status, self.due_at, self.due_kind, self.acknowledged, self.outstanding)

    @property
    def is_open(self) -> bool:
        """Whether something is still owed."""
        return self.status in OPEN

    @property
    def sign(self) -> tuple[str, str, str | None]:
        """Sign, word and colour of its status; by a target of our own nothing is late in law."""
        symbol, word, colour = SYMBOLS[self.status]
        if self.due_kind == "internal" and self.status in _BY_OWN_TARGET:
            return symbol, _BY_OWN_TARGET[self.status], "yellow"
        return symbol, word, colour

    def as_json(self, now: datetime) -> dict[str, Any]:
        """The keys of ``deadlines --json``."""
        return {
            "ref": self.reference,
            "obligation": self.obligation,
            "regime": self.regime,
            "duty": self.duty,
            "recipient": self.recipient,
            "recipient_name": self.recipient_name,
            "status": self.status.value,
            "aware_at": rfc3339(self.aware_at),
            "due_at": rfc3339(self.due_at),
            "due_kind": self.due_kind,
            "seconds_left": int((self.due_at - now).total_seconds()) if self.is_open else None,
            "provisional": self.status is DeadlineStatus.PROVISIONAL,
            "acknowledged": self.acknowledged,
            "exercise": self.exercise,
            "letters": self.letters or None,
            "outstanding": [{"element": element.element, "known": element.is_known} for element in self.outstanding],
        }

    def lines(self, now: datetime, zone: ZoneInfo, *, others: Sequence[DeadlineView] = ()) -> tuple[str, ...]:
        """Write it for people, in lines of fewer than 80 columns wherever the names allow it.

        Args:
            now: The time it is.
            zone: Whose local time stands beside UTC.
            others: More deadlines that are alike but for whom they are owed to: they are named with it.

        """
        symbol, word, colour = self.sign
        head = f"{symbol} {word}"
        left = f"  {output.time_left(self.due_at, now)}" if self.is_open else ""
        exercise = "  EXERCISE" if self.exercise else ""
        seen = "  acknowledged" if self.is_open and self.acknowledged else ""
        marked = output.coloured(f"{head:<14}", colour, bold=self.status is DeadlineStatus.OVERDUE)
        return (
            f"{marked}{left}  {self.reference}{exercise}{seen}",
            output.wrapped(f"{self.title} → {to_whom((self, *others))}", first="    "),
            f"    due {output.both(self.due_at, zone)}{self.kind_of_due()}",
            f"    {self.obligation}{f' and {len(others)} more of this kind: --json lists each' if others else ''}",
            *((output.wrapped(self.letters, first="    ", rest="      "),) if self.letters else ()),
            *(output.wrapped(line, first="    ", rest="      ") for line in self.open_lines()),
        )

    def open_lines(self) -> tuple[str, ...]:
        """Say what is still owed, the elements that can be told by now apart from those that cannot."""
        known = [named(element.element) for element in self.outstanding if element.is_known]
        unknown = [named(element.element) for element in self.outstanding if not element.is_known]
        headed = {"not given, but known by now": known, "not given and not known yet": unknown}
        return tuple(f"{head}: {', '.join(names)}" for head, names in headed.items() if names)

    def kind_of_due(self, margin: int = 4) -> str:
        """Say who set the time, where that is not plain; *margin* is the number of blanks before a further line."""
        if self.status is DeadlineStatus.PROVISIONAL:
            # On a line of its own: it is the one kind whose due time no law has set in motion yet.
            return f"\n{' ' * margin}worst case, counted from detection: `tocsin aware` starts the legal clock"
        return {
            "statutory": "  (by law)" if self.status is DeadlineStatus.OVERDUE else "",
            "internal": "  (internal target)",
            "contractual": "  (by contract)",
            "set": "  (set by the authority)",
        }.get(self.due_kind, "")


def named(element: str) -> str:
    """Write an element as people say it."""
    return _ELEMENTS.get(element, element.replace("_", " "))


def to_whom(deadlines: Sequence[DeadlineView]) -> str:
    """Name those who are owed something alike, the first few by name."""
    names = [deadline.recipient_name for deadline in deadlines]
    more = len(names) - _NAMED
    return f"{', '.join(names[:_NAMED])}{f' and {more} more' if more > 0 else ''}"


def alike(deadlines: Iterable[DeadlineView]) -> Iterator[tuple[DeadlineView, ...]]:
    """Put together what differs only by whom it is owed to, where those are many: 2,000 merchants, one notice each."""
    groups: dict[tuple[object, ...], list[DeadlineView]] = {}
    for deadline in deadlines:
        groups.setdefault(deadline.kind, []).append(deadline)
    for group in groups.values():
        if len(group) > _MANY:
            yield tuple(group)
        else:
            yield from ((view,) for view in group)


def of_open_case(deadline: OpenDeadline) -> DeadlineView:
    """Make ready to print what is still owed in an open case."""
    # A view has what the query gives, under the same names; only of letters it tells in words how far they went.
    shared = {field.name: getattr(deadline, field.name) for field in fields(DeadlineView) if field.name != "letters"}
    return DeadlineView(**shared, letters=how_far(deadline.reference, deadline.letters, deadline.facts))


def in_case(case: CaseOverview) -> tuple[DeadlineView, ...]:
    """Every deadline of one case, the soonest first; what is settled comes last."""
    return in_order(_of(case, row) for row in case.obligations)


def in_order(deadlines: Iterable[DeadlineView]) -> tuple[DeadlineView, ...]:
    """What is still owed by due time, then what is settled."""
    return tuple(
        sorted(
            deadlines,
            key=lambda deadline: (not deadline.is_open, deadline.due_at, deadline.reference, deadline.obligation),
        )
    )


def _of(case: CaseOverview, row: ObligationLine) -> DeadlineView:
    return DeadlineView(
        reference=case.reference,
        exercise=case.exercise,
        obligation=row.key,
        regime=row.terms.regime,
        duty=row.terms.duty,
        title=row.terms.title,
        recipient=row.recipient.id,
        recipient_name=row.recipient.name,
        status=row.status,
        aware_at=case.aware_at,
        due_at=row.due_at,
        due_kind=row.terms.due_kind.value,
        acknowledged=row.acknowledged,
        letters=_letters(case, row),
        outstanding=outstanding_elements(case, row),
    )


def _letters(case: CaseOverview, row: ObligationLine) -> str:
    """Say of an open duty to tell people how far the letters went."""
    if row.recipient.kind is not RecipientKind.PEOPLE or row.status not in OPEN:
        return ""
    return how_far(case.reference, sum(count.total for count in case.ledger if count.kind == "people"), case.facts)


def how_far(reference: str, written: int, facts: Facts | None) -> str:
    """Say how many letters there are of how many people: six do not tell four thousand. Nothing before the first."""
    if not written or facts is None:
        return ""
    # The people we are controller for are ours to tell (Art. 34); those of merchants are told by the merchants. The
    # least number: "at least" stays true when more are found.
    known = people_of(facts.as_controller or facts.data_sets).least
    of = f" of at least {known:,} people" if known and known > written else ""
    return f"{output.many(written, 'letter')}{of}; why it is still owed: tocsin people status {reference}"
