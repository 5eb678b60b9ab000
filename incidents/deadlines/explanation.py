"""How a due time came about, line by line: event, rule, citation, arithmetic, and the later end by Reg. 1182/71."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from incidents.deadlines.dst import hours_text
from incidents.deadlines.terms import DueKind, Terms
from incidents.kernel.timestamps import rfc3339
from incidents.law.periods import Counting, Period, PeriodKind, due_at, latest_reg_1182_71, unmoved


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
    more than one event or a calendar of working days decided (computation.py), *latest* where two working days make a
    later end of days. *assumed* names what is not on record and was put in its place; *event* names the event, and
    *set_by* says who set the period where it is no law in force.

    Raises:
        UnsupportedPeriod: the period cannot be counted here.

    """
    there = days_in or zone
    ends = due or due_at(terms.period, start, zone=there)
    # At most one of both: Art. 3(1) leaves out an hour of periods in hours, Art. 3(5) adds working days to those in
    # days.
    of_hours = latest_for(terms, start, zone)
    latest = of_hours or latest
    shown = (f"latest: {_both(latest, zone)} {why_latest(terms)}",) if latest else ()
    # Last of all lines, with a mark: what was said before it must not be read as certain.
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
        return f"{rfc3339(start)} + {period} of elapsed time = {rfc3339(due)}; {hours_text(start, due, zone)}"
    by = " (Reg. 1182/71 Art. 3(2))" if terms.counting is Counting.REG_1182_71 else ""
    head = f"{period} after the day of the event, until 24:00 local{by}"
    if period.kind is PeriodKind.BUSINESS_DAYS:
        return f"{head}; days off are not counted"
    # Told by the result: the stored due time may have been moved by a calendar that is not at hand here.
    moved = due != unmoved(period, start, zone=zone)
    return f"{head}; {'the last day is a day off, so it is moved' if moved else 'not rolled over'}"


def _as_end_of_day(period: Period, due: datetime, there: ZoneInfo, shown_in: ZoneInfo) -> str:
    """Days and months end with the first instant of the day after: say which day it is that ends, and where."""
    if period.kind is PeriodKind.HOURS:
        return ""
    # A period of days ends with the first instant of the next day; people know it as 24:00 of the day before.
    last = (due - timedelta(microseconds=1)).astimezone(there).date()
    ends_there = due.astimezone(there).date() != last
    where = "" if there.key == shown_in.key else f" in {there.key}"
    return f", the end of {last:%a %Y-%m-%d} (24:00{where})" if ends_there else ""


def _both(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a %Y-%m-%d %H:%M:%S} {local.tzname()} ({zone.key}) = {rfc3339(at)}"
