"""When what is owed is due: the terms an obligation was created under, and the arithmetic in plain lines.

Knows terms and how to explain a due time; counting is in periods.py, the ladder in ladder.py, the state machine in
standing.py, and all their public names can be had from here. Refuses to read a clock or to know whose duty it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from incidents.deadlines.dst import hours_said
from incidents.kernel.timestamps import rfc3339
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, CONTROLLER, PEOPLE
from incidents.law.model import Cap, Citation, Start, Threshold
from incidents.law.periods import Counting, Period, PeriodKind, due_at, latest_reg_1182_71, unmoved
from incidents.law.reminder_ladder import ReminderSchedule

_SECOND: Final = timedelta(seconds=1)
NOT_LATER_THAN: Final = ", not later than "
"""In a rule, between the law's own words (*without undue delay*) and its figure."""


class DueKind(StrEnum):
    """Where a due time comes from."""

    STATUTORY = "statutory"
    CONTRACTUAL = "contractual"
    SET = "set"
    """The authority itself set it, for an answer it asked for."""
    INTERNAL = "internal"
    """The law says "without undue delay" and no figure; this is our own target."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The snapshot of law, contract or target that an obligation was created under; never changed afterwards."""

    regime: str
    duty: str
    title: str
    period: Period
    due_kind: DueKind
    ladder: ReminderSchedule
    citation: Citation
    late_needs_reasons: bool
    rule: str = ""
    """The rule in words, with its event: ``72 hours after awareness, and without undue delay``."""
    counting: Counting = Counting.REG_1182_71
    """By which rule the end is found; terms stored before there was a choice are all of the GDPR."""
    unverified: bool = False
    """Our reading of this law must still be compared with its text."""
    threshold: Threshold = Threshold.UNLESS_UNLIKELY
    """From when on a breach triggers the duty: what a decision on risk can lift, and what it cannot."""
    start: Start = Start.AWARE
    """The event that starts the clock."""
    start_detail: str | None = None
    """The law's own words for the event, where they are narrower."""
    cap: Cap | None = None
    """A second limit that ends the period earlier."""
    zone: str | None = None
    """Where its days end at midnight; ``None``: in the organisation's zone."""
    place: str | None = None
    """Whose working days count; ``None``: those of the authority we notify."""

    @property
    def id(self) -> str:
        """The duty, for what counts duties (counting.py)."""
        return self.duty

    @property
    def is_outer_limit(self) -> bool:
        """Whether the law wants it sooner than the figure: undue delay is possible before the due time."""
        return NOT_LATER_THAN in self.rule

    @property
    def never_moved_for(self) -> tuple[str, ...]:
        """Terms are of one entity: what is never moved for it is settled in `counting`."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """Give plain values for storage; durations in whole seconds. :meth:`from_json` loses nothing."""
        return {
            "regime": self.regime,
            "duty": self.duty,
            "title": self.title,
            "period": {"kind": self.period.kind.value, "value": self.period.value},
            "due_kind": self.due_kind.value,
            "ladder": {
                "warn_before": self.ladder.warn_before // _SECOND,
                "before": [step // _SECOND for step in self.ladder.before],
                "after": [step // _SECOND for step in self.ladder.after],
                "then_every": self.ladder.then_every // _SECOND,
            },
            "citation": {"article": self.citation.article, "text": self.citation.text, "url": self.citation.url},
            "late_needs_reasons": self.late_needs_reasons,
            "rule": self.rule,
            "counting": self.counting.value,
            "unverified": self.unverified,
            "threshold": self.threshold.value,
            "start": self.start.value,
            "start_detail": self.start_detail,
            "cap": _cap_to_json(self.cap),
            "zone": self.zone,
            "place": self.place,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """Read what :meth:`to_json` gave."""
        period, ladder = stored["period"], stored["ladder"]
        return cls(
            regime=stored["regime"],
            duty=stored["duty"],
            title=stored["title"],
            period=Period(kind=PeriodKind(period["kind"]), value=period["value"]),
            due_kind=DueKind(stored["due_kind"]),
            ladder=ReminderSchedule(
                warn_before=ladder["warn_before"] * _SECOND,
                before=tuple(step * _SECOND for step in ladder["before"]),
                after=tuple(step * _SECOND for step in ladder["after"]),
                then_every=ladder["then_every"] * _SECOND,
            ),
            citation=Citation(**stored["citation"]),
            late_needs_reasons=stored["late_needs_reasons"],
            rule=stored["rule"],
            counting=Counting(stored.get("counting", Counting.REG_1182_71)),
            unverified=stored.get("unverified", False),
            # Terms that were stored before there was a choice are all of the GDPR, counted in our own zone.
            threshold=Threshold(stored.get("threshold", _THRESHOLDS.get(stored["duty"], Threshold.UNLESS_UNLIKELY))),
            start=Start(stored.get("start", _STARTS.get(stored["duty"], Start.AWARE))),
            start_detail=stored.get("start_detail"),
            cap=_cap_from_json(stored.get("cap")),
            zone=stored.get("zone"),
            place=stored.get("place"),
        )


_THRESHOLDS: Final = {
    PEOPLE: Threshold.HIGH_RISK,
    CONTROLLER: Threshold.ANY_BREACH,
    AUTHORITY_FOLLOW_UP: Threshold.INFORMATION_OUTSTANDING,
}
_STARTS: Final = {AUTHORITY_FOLLOW_UP: Start.INITIAL_SUBMITTED}


def _cap_to_json(cap: Cap | None) -> dict[str, Any] | None:
    return None if cap is None else {"start": cap.start.value, "hours": cap.period.value, "citation": cap.citation}


def _cap_from_json(stored: Mapping[str, Any] | None) -> Cap | None:
    if stored is None:
        return None
    period = Period(kind=PeriodKind.HOURS, value=stored["hours"])
    return Cap(start=Start(stored["start"]), period=period, citation=stored["citation"])


def latest_for(terms: Terms, start: datetime, zone: ZoneInfo) -> datetime | None:
    """The latest end per Reg. 1182/71, only for hours that a law of the EU sets; to be shown, never used as due."""
    by_eu_law = terms.due_kind is DueKind.STATUTORY and terms.counting is Counting.REG_1182_71
    return latest_reg_1182_71(terms.period, start, zone) if by_eu_law else None


_KINDS: Final = {
    DueKind.STATUTORY: "set by law",
    DueKind.CONTRACTUAL: "set by contract",
    DueKind.SET: "set by the authority",
    DueKind.INTERNAL: "internal target; the law sets no fixed deadline",
}


def explain(
    terms: Terms,
    start: datetime,
    zone: ZoneInfo,
    *,
    days_in: ZoneInfo | None = None,
    counted: Sequence[str] = (),
    assumed: Sequence[str] = (),
    due: datetime | None = None,
    latest: datetime | None = None,
    event: str = "",
    set_by: str = "",
) -> tuple[str, ...]:
    """Give the arithmetic of a due time line by line: event, rule, citation, due in UTC and local, latest.

    Where the law wants it sooner than its figure, a line says so.

    Times are shown in *zone*; days end in *days_in*, where that is another one. *counted* and *due* are given where
    more than one event or a calendar of working days decided (counting.py), *latest* where two working days make a
    later end of days. *assumed* names what is not on record and was put in its place; *event* names the event, and
    *set_by* says who set the period where it is no law in force.

    Raises:
        UnsupportedPeriod: the period cannot be counted here.

    """
    there = days_in or zone
    ends = due or due_at(terms.period, start, zone=there)
    of_hours = latest_for(terms, start, zone)
    latest = of_hours or latest
    shown = (f"latest: {_both(latest, zone)} {why_latest(terms)}",) if latest else ()
    doubt = ("! unverified: compare our reading of this law with its text before you rely on it",)
    return (
        f"duty:   {terms.title} ({terms.regime}/{terms.duty})",
        f"event:  {event}{': ' if event else ''}{_both(start, zone)}",
        *(f"assumed: {line}" for line in assumed),
        f"rule:   {terms.rule or terms.period} ({set_by or _KINDS[terms.due_kind]})",
        f"law:    {terms.citation.article}: {terms.citation.text} <{terms.citation.url}>",
        *(f"count:  {line}" for line in counted or (_counting(terms, start, ends, there),)),
        f"due:    {_both(ends, zone)}{_as_end_of_day(terms.period, ends, there, zone)}",
        *shown,
        *((_OUTER_LIMIT,) if terms.is_outer_limit else ()),
        *(doubt if terms.unverified else ()),
    )


_OUTER_LIMIT: Final = "sooner: the due time is the outer limit; a delay that nothing calls for is undue before it too"


def why_latest(terms: Terms) -> str:
    """Say why Reg. 1182/71 gives a later end than the due time: another rule for hours than for days."""
    return f"per Reg. 1182/71 {_LATEST[terms.period.kind is PeriodKind.HOURS]}; shown beside it, never used as due"


_LATEST: Final = {
    True: "Art. 3(1), (2)(a), which leaves out the hour of the event",
    False: "Art. 3(5), by which a period of two days or more includes at least two working days",
}


def _counting(terms: Terms, start: datetime, due: datetime, zone: ZoneInfo) -> str:
    period = terms.period
    if period.kind is PeriodKind.HOURS:
        return f"{rfc3339(start)} + {period} of elapsed time = {rfc3339(due)}; {hours_said(start, due, zone)}"
    by = " (Reg. 1182/71 Art. 3(2))" if terms.counting is Counting.REG_1182_71 else ""
    head = f"{period} after the day of the event, until 24:00 local{by}"
    if period.kind is PeriodKind.BUSINESS_DAYS:
        return f"{head}; days off are not counted"
    moved = due != unmoved(period, start, zone=zone)
    return f"{head}; {'the last day is a day off, so it is moved' if moved else 'not rolled over'}"


def _as_end_of_day(period: Period, due: datetime, there: ZoneInfo, shown_in: ZoneInfo) -> str:
    """Days and months end with the first instant of the day after: say which day it is that ends, and where."""
    if period.kind is PeriodKind.HOURS:
        return ""
    last = (due - timedelta(microseconds=1)).astimezone(there).date()
    ends_there = due.astimezone(there).date() != last
    where = "" if there.key == shown_in.key else f" in {there.key}"
    return f", the end of {last:%a %Y-%m-%d} (24:00{where})" if ends_there else ""


def _both(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M:%S} {local.tzname()} ({zone.key}) = {rfc3339(at)}"
