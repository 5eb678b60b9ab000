"""What the chart of a case shows: its marks on four lanes, each with a time and a short label."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from incidents.case.case_file import AlertLine, CaseFile, DraftLine
from incidents.case.first_notifications import first_duty
from incidents.obligations.recipients import RecipientKind
from notifications.reports.words import ReportWords

LANES: Final = ("case", "assessed", "notified", "alerts")
"""The lanes from top to bottom."""
_LENGTH: Final = re.compile(r"(\d+)(h|min|s)")
"""The length in a reminder's key: ``48h``, ``90min``."""
_MANY_DAYS: Final = 7
"""From here on, days say more than hours."""
_TOGETHER: Final = timedelta(hours=1)
"""Approvals of one kind within this time are one mark."""


@dataclass(frozen=True, kw_only=True)
class ChartEvent:
    """One event on one lane; with ``until``, a stretch of time."""

    lane: str
    at: datetime
    label: str
    until: datetime | None = None


def marks(case: CaseFile, words: ReportWords) -> tuple[ChartEvent, ...]:
    """List the marks of a case in time order."""
    events = (*_course(case, words), *_assessments(case, words), *_notifications(case, words), *_alerts(case, words))
    # At the same moment by lane, from top to bottom: else the order of labels would depend on how the case was read.
    return tuple(sorted(events, key=lambda event: (event.at, LANES.index(event.lane))))


def _course(case: CaseFile, words: ReportWords) -> Iterator[ChartEvent]:
    began = case.facts.occurred_from if case.facts else None
    times = {
        "occurred": began or case.occurred_at,
        "first_signal": case.first_signal_at,
        "detected": case.detected_at,
        "opened": case.opened_at,
        "aware": case.aware_at,
        "contained": case.contained_at,
        "dismissed" if case.dismissed_because else "closed": case.closed_at,
    }
    for event, at in times.items():
        if at is not None:
            yield ChartEvent(lane="case", at=at, label=words.say(f"mark.{event}"))


def _assessments(case: CaseFile, words: ReportWords) -> Iterator[ChartEvent]:
    for line in case.assessments:
        risk = words.term("risk", str(line.judgement.get("risk", "unknown")))
        yield ChartEvent(lane="assessed", at=line.recorded_at, label=words.say("mark.assessed", risk=risk))
    for decision in case.decisions:
        yield ChartEvent(lane="assessed", at=decision.decided_at, label=words.say("mark.decided"))
    for kind in dict.fromkeys(draft.kind for draft in case.drafts):
        yield from _approvals(kind, [draft for draft in case.drafts if draft.kind == kind], words)


def _approvals(kind: str, drafts: list[DraftLine], words: ReportWords) -> Iterator[ChartEvent]:
    # One person approves the languages of one text in a row: one mark for each of them would cover the lane.
    waiting = sorted((draft.approved_at, draft.language) for draft in drafts if draft.approved_at)
    while waiting:
        first = waiting[0][0]
        together = [language for at, language in waiting if at - first <= _TOGETHER]
        waiting = waiting[len(together) :]
        label = words.say("mark.approved", what=words.term("draft", kind), languages=", ".join(together))
        yield ChartEvent(lane="assessed", at=first, label=label)


def _notifications(case: CaseFile, words: ReportWords) -> Iterator[ChartEvent]:
    for obligation in case.obligations:
        for filing in obligation.filings:
            phase = words.term("phase", filing.phase)
            label = words.say("mark.filed", phase=phase, authority=obligation.recipient.id)
            yield ChartEvent(lane="notified", at=filing.filed_at, label=label)
    for kind in ("people", "controllers"):
        counts = [count for count in case.ledger if count.kind == kind]
        starts = [count.first_sent_at for count in counts if count.first_sent_at]
        ended = [count.last_sent_at for count in counts if count.last_sent_at]
        if starts:
            total = sum(count.total for count in counts)
            label = words.say(f"mark.letters_{kind}", count=total)
            yield ChartEvent(lane="notified", at=min(starts), until=max(ended, default=None), label=label)


def _alerts(case: CaseFile, words: ReportWords) -> Iterator[ChartEvent]:
    # A thousand merchants have a thousand reminders at the same moment; the section on deadlines counts them.
    shown = [obligation for obligation in case.obligations if obligation.recipient.kind is not RecipientKind.MERCHANT]
    main = first_duty(case)
    # By the time at which it was noticed, not at which it was due: a picture of what people heard.
    for line in _reported_alone(case.alerts):
        yield ChartEvent(lane="alerts", at=line.noticed_at, label=reminder_text(line, words))
    for obligation in shown:
        about = "" if obligation is main else f" ({words.term('recipient', obligation.recipient.kind.value)})"
        for line in _reported_alone(obligation.alerts):
            yield ChartEvent(
                lane="alerts",
                at=line.noticed_at,
                label=reminder_text(line, words, own_target=obligation.is_own_target) + about,
            )
    acknowledged = _acknowledged(line for group in (case.alerts, *(o.alerts for o in shown)) for line in group)
    yield from (ChartEvent(lane="alerts", at=at, label=words.say("mark.acknowledged")) for at in acknowledged)


def _reported_alone(lines: tuple[AlertLine, ...]) -> Iterator[AlertLine]:
    """Leave out reminders that nobody received when they came due, because nothing ran or nothing was recorded yet."""
    return (line for line in lines if not is_reported_later(line, lines))


def is_reported_later(line: AlertLine, lines: Iterable[AlertLine]) -> bool:
    """Whether this alert was never sent by itself, only with a later one.

    ``told_by`` also ends an alert that was sent long before; the two were sent together only when both were noticed in
    the same instant.
    """
    return any(alert.key == line.told_by and alert.noticed_at == line.noticed_at for alert in lines)


def _acknowledged(lines: Iterable[AlertLine]) -> list[datetime]:
    return sorted({line.acknowledged_at for line in lines if line.acknowledged_at})


def reminder_text(line: AlertLine, words: ReportWords, *, own_target: bool = False) -> str:
    """Word a reminder: ``24 h left``, ``overdue by 6 h``, ``due``, or the kind of an alert that is no reminder.

    By a target of our own nothing is due or overdue: its reminders name the target.
    """
    way, _, length = line.rung.partition("-")
    target = "_target" if own_target else ""
    measured = _LENGTH.fullmatch(length)
    if way in {"before", "after"} and measured:
        key = f"reminder.{way}{target if way == 'after' else ''}"
        return words.say(key, length=words.length(*_readable(int(measured[1]), measured[2])))
    if way == "due":
        return words.say(f"reminder.due{target}")
    # Two speak of the case itself: that the clock jumped, and that nothing is owed in it and it is still open.
    own = {"clock": "clock", "stays": "stays_open"}
    return words.term("alert", own.get(way, line.kind))


def _readable(number: int, unit: str) -> tuple[int, str]:
    """Give a long length in days where it is whole days: ``792 h`` is ``33 d``."""
    days, rest = divmod(timedelta(hours=number if unit == "h" else 0), timedelta(days=1))
    return (days, "d") if days >= _MANY_DAYS and not rest else (number, unit)
