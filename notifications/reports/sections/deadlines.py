"""The section on the deadlines: the terms of each, its recorded transitions and alerts, and who acknowledged them.

Statuses and due times are shown as they were recorded and never computed anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from incidents.case.case_file import AlertLine, CaseFile, MoveLine, ObligationFile
from incidents.obligations.recipients import UNLISTED_MERCHANTS, RecipientKind
from notifications.reports.blocks import (
    Cell,
    ReportBlock,
    Section,
    cell,
    heading,
    heads,
    moment,
    paragraph,
    particulars,
    table,
)
from notifications.reports.chart.events import is_reported_later, reminder_text
from notifications.reports.sections.clock_ledger import merchant_duties
from notifications.reports.words import ReportWords


def deadlines(case: CaseFile, words: ReportWords) -> Section:
    """Show the recorded history of every deadline; those of many merchants are counted, not listed."""
    blocks: list[ReportBlock] = []
    if case.alerts:
        rows = (_alert(alert, case.alerts, words) for alert in case.alerts)
        blocks.append(table(words.say("caption.case_alerts"), _history_heads(words), rows))
    for obligation in case.obligations:
        if obligation.recipient.kind is not RecipientKind.MERCHANT:
            blocks += _history(obligation, words)
    blocks += _merchant_deadlines(case, words)
    blocks = blocks or [paragraph(words.say("note.no_deadlines"), "note")]
    return {"id": "deadlines", "heading": words.say("section.deadlines"), "blocks": blocks}


def _history_heads(words: ReportWords) -> list[str]:
    return heads(words, "step", "true_time", "noticed", "delay", "reported", "acknowledged")


def _history(obligation: ObligationFile, words: ReportWords) -> Iterator[ReportBlock]:
    named = obligation.recipient.kind is RecipientKind.AUTHORITY
    title = (
        f"{words.duty(obligation.terms)} \u2013 {obligation.recipient.name}" if named else words.duty(obligation.terms)
    )
    yield heading(f"{title} ({obligation.terms.citation.article})")
    yield particulars(words.say("caption.terms"), _terms(obligation, words))
    steps: list[tuple[datetime, list[Cell]]] = [
        (move.due_at, _move(move, obligation, words)) for move in obligation.moves
    ]
    steps += [
        (alert.due_at, _alert(alert, obligation.alerts, words, own_target=obligation.is_own_target))
        for alert in obligation.alerts
    ]
    # By due time alone: cells are dicts and cannot be compared where two times are equal.
    rows = [row for _, row in sorted(steps, key=lambda step: step[0])]
    if rows:
        yield table(words.say("caption.history", title=words.duty(obligation.terms)), _history_heads(words), rows)
    else:
        yield paragraph(words.say("note.no_history"), "note")


def _terms(obligation: ObligationFile, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    terms = obligation.terms
    period = terms.period
    length = words.say("plain.none")
    if period.value is not None:
        length = words.say(f"period.{period.kind.value}", count=period.value)
    yield words.say("fact.law"), cell(terms.citation.article, note=terms.citation.text)
    yield words.say("fact.period"), cell(length, note=words.term("due_kind", terms.due_kind.value))
    yield (
        words.say("fact.started_provisional" if obligation.provisional else "fact.started"),
        moment(obligation.started_at, words),
    )
    yield words.say("fact.due_target" if obligation.is_own_target else "fact.due"), moment(obligation.due_at, words)
    if obligation.latest_reg_1182_71:
        yield words.say("fact.latest"), moment(obligation.latest_reg_1182_71, words)
    yield (
        words.say("fact.status"),
        cell(words.status(obligation.status, own_target=obligation.is_own_target), strong=True),
    )
    if obligation.waived_because:
        yield words.say("fact.waived_because"), cell(obligation.waived_because)


def _move(line: MoveLine, obligation: ObligationFile, words: ReportWords) -> list[Cell]:
    before, after = (
        words.status(status, own_target=obligation.is_own_target) for status in (line.from_standing, line.to_standing)
    )
    change = f"{before} \u2192 {after}"
    return [
        cell(change, note=words.term("move_cause", line.cause)),
        moment(line.due_at, words),
        moment(line.noticed_at, words),
        cell(words.apart(line.due_at, line.noticed_at)),
        cell(words.say("plain.none")),
        cell(words.say("plain.none")),
    ]


def _alert(
    line: AlertLine, alerts: tuple[AlertLine, ...], words: ReportWords, *, own_target: bool = False
) -> list[Cell]:
    step = reminder_text(line, words, own_target=own_target)
    kind = step if own_target and line.kind == "overdue" else words.term("alert", line.kind)
    acknowledged = moment(line.acknowledged_at, words)
    if line.acknowledged_by:
        acknowledged["note"] = f"{acknowledged['note']} {line.acknowledged_by}"
    return [
        cell(step, note=None if step == kind else kind),
        moment(line.due_at, words),
        moment(line.noticed_at, words),
        cell(words.apart(line.due_at, line.noticed_at)),
        cell(_told_whom(line, alerts, words)),
        acknowledged,
    ]


def _told_whom(line: AlertLine, alerts: tuple[AlertLine, ...], words: ReportWords) -> str:
    """Say who got the alert and how often it was passed on; at the end of the list it goes on until one answers."""
    if is_reported_later(line, alerts):
        return words.say("plain.reported_later")
    return words.say("plain.passed_on", count=line.level) if line.level else words.say("plain.on_call")


def _merchant_deadlines(case: CaseFile, words: ReportWords) -> Iterator[ReportBlock]:
    groups: Counter[tuple[datetime, str, str]] = Counter()
    for duty in merchant_duties(case):
        status = words.status(duty.status, own_target=duty.is_own_target)
        # Adds 0 for the stand-in of merchants not yet listed: its row is shown, and nobody is counted.
        groups[duty.due_at, words.duty(duty.terms), status] += duty.recipient.id != UNLISTED_MERCHANTS.id
    if not groups:
        return
    yield heading(words.say("heading.merchant_deadlines"))
    columns = heads(words, "due", "duty", "status", "merchants")
    rows = [
        [moment(due_at, words), cell(title), cell(status), _number(number, words)]
        for (due_at, title, status), number in sorted(groups.items())
    ]
    yield table(words.say("caption.merchant_deadlines"), columns, rows)


def _number(merchants: int, words: ReportWords) -> Cell:
    return cell(words.number(merchants) if merchants else words.say("plain.merchants_unlisted"))
