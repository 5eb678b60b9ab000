"""The first page of a report: the case in brief, its particulars, and the event ledger.

Names of people stand only in the ledger's own column.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from incidents.case.case_file import CaseFile, DecisionLine
from incidents.case.first_notifications import first_duty, initial_filing, other_duties
from incidents.facts.breach import Facts
from incidents.facts.totals import people_of, records_of
from incidents.register.row import register_row
from notifications.reports.blocks import (
    Cell,
    ReportBlock,
    Section,
    cell,
    heads,
    moment,
    paragraph,
    particulars,
    sha,
    shas,
    table,
)
from notifications.reports.sections.abstract import tone
from notifications.reports.sections.clock_ledger import LedgerRow, ledger
from notifications.reports.words import ReportWords


def front(case: CaseFile, words: ReportWords, sentences: tuple[str, ...]) -> Section:
    """Make the first page."""
    summary = [paragraph(case.facts.summary, "recorded")] if case.facts else []
    first, *rest = sentences
    paragraphs = [paragraph(first, f"outcome {tone(case)}"), *summary, *(paragraph(sentence) for sentence in rest)]
    blocks = [*paragraphs, _particulars(case, words), *clock_ledger(case, words)]
    return {"id": "brief", "heading": words.say("section.brief"), "blocks": blocks}


def _particulars(case: CaseFile, words: ReportWords) -> ReportBlock:
    rows = [*_what(case, words), *_scale(case.facts, words), *_verdict(case, words), *_authority(case, words)]
    return particulars(words.say("caption.particulars"), ((words.say(f"fact.{name}"), value) for name, value in rows))


def _what(case: CaseFile, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    row = register_row(case)
    began = (case.facts.occurred_from if case.facts else None) or case.occurred_at
    yield "state", cell(words.term("stage", case.stage))
    yield "roles", cell(words.terms("role", row.roles))
    yield "system", cell(case.system or words.say("plain.not_stated"))
    yield "happened_from", moment(began, words, otherwise="plain.not_known")
    if case.facts and case.facts.occurred_to:
        yield "happened_to", moment(case.facts.occurred_to, words)
    yield "breach", cell(words.terms("breach", row.breach_types))


def _scale(facts: Facts | None, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    if facts is None:
        yield "people", cell(words.say("plain.not_known"))
        return
    for role, sets in (("controller", facts.as_controller), ("processor", facts.as_processor)):
        if sets:
            records = words.say("fact.records_note", number=words.count(records_of(sets)))
            yield f"people_{role}", cell(words.count(people_of(sets)), note=records, strong=True)


def _verdict(case: CaseFile, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    if case.judgement:
        yield "risk", cell(words.term("risk", str(case.judgement.get("risk", "unknown"))), strong=True)
    decision = case.decision
    if decision:
        yield "decision_authority", cell(authority_decision(decision, words))
        yield "decision_people", cell(people_decision(decision, words))
    else:
        none = words.say("decision.dismissed" if case.dismissed_because else "plain.undecided")
        yield "decision_authority", cell(none)
        yield "decision_people", cell(none)


def authority_decision(decision: DecisionLine, words: ReportWords) -> str:
    """Put the decision on notifying the authority into words."""
    return words.say("decision.notify_authority" if decision.notify_authority else "decision.not_required")


def people_decision(decision: DecisionLine, words: ReportWords) -> str:
    """Put the decision on telling people into words, with the ground of an exception."""
    text = words.say("decision.notify_people" if decision.notify_people else "decision.not_required")
    ground = f" \u2013 {words.term('exception', decision.exception)}" if decision.exception else ""
    return text + ground


def _authority(case: CaseFile, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    duty = first_duty(case)
    if duty is None:
        return
    yield "authority", cell(duty.recipient.name)
    # No status and no later rows: a worst case counted from detection is no deadline that could be met or missed.
    if duty.provisional:
        yield "due_provisional", moment(duty.due_at, words)
        return
    yield "due_target" if duty.is_own_target else "due", moment(duty.due_at, words)
    # Shown only where Reg. 1182/71 would lead to another time; it is never used as due.
    if duty.latest_reg_1182_71 and duty.latest_reg_1182_71 != duty.due_at:
        yield "latest_short", moment(duty.latest_reg_1182_71, words)
    filing = initial_filing(duty)
    yield "status", cell(words.status(duty.status, own_target=duty.is_own_target), strong=True)
    if filing:
        yield "reference", cell(filing.reference)
    for other in other_duties(case):
        status = words.status(other.status, own_target=other.is_own_target)
        yield "authority_other", cell(other.recipient.name, note=f"{other.terms.citation.article}: {status}")


def clock_ledger(case: CaseFile, words: ReportWords) -> list[ReportBlock]:
    """Lay out the event ledger, named by the hours its law sets."""
    duty = first_duty(case)
    has_hours = duty is not None and not duty.is_own_target and duty.terms.period.kind.value == "hours"
    hours = duty.terms.period.value if duty and has_hours else None
    caption = words.say("caption.ledger_hours", hours=hours) if hours else words.say("caption.ledger")
    columns = heads(words, "event", "planned", "actual", "elapsed", "margin", "by", "evidence")
    titles = {
        f"{obligation.terms.regime}/{obligation.terms.duty}": words.duty(obligation.terms)
        for obligation in case.obligations
    }
    rows = [_ledger_row(row, case.aware_at, titles, words) for row in ledger(case)]
    return [table(caption, columns, rows, name="ledger"), paragraph(words.say("note.ledger"), "note")]


def _ledger_row(row: LedgerRow, aware_at: datetime | None, titles: Mapping[str, str], words: ReportWords) -> list[Cell]:
    return [
        cell(_event(row, titles, words), note=_detail(row, words)),
        moment(row.planned_at, words),
        moment(row.actual_at, words, otherwise="plain.not_yet" if row.planned_at and _is_open(row) else "plain.none"),
        cell(_signed(row, aware_at, words)),
        cell(_margin(row, words), strong=_is_late(row)),
        cell(row.by or words.say("plain.none")),
        _evidence(row, words),
    ]


def _evidence(row: LedgerRow, words: ReportWords) -> Cell:
    """Show the file or text that proves an event and the audit entry that recorded it; or the entry alone."""
    entry = sha(row.audit_sha256, words)
    if row.audit_sha256 and not row.evidence_sha256:
        return {**entry, "note": words.say("plain.audit_entry")}
    note = words.say("plain.and_audit_entry", hash=entry["text"]) if row.audit_sha256 else None
    return {**shas((row.evidence_sha256, *row.more_sha256), words), "note": note}


def _event(row: LedgerRow, titles: Mapping[str, str], words: ReportWords) -> str:
    if row.event == "approved":
        return words.say("event.approved", what=words.term("draft", row.subject or ""), number=row.number)
    if row.event == "assessed":
        return words.say("event.assessed", version=row.number)
    if row.event == "owed":
        many = f" ({_how_many(row.number, words)})" if row.number is not None else ""
        title = titles.get(row.duty or "", row.subject or "")
        to = f" \u2013 {row.authority}" if row.authority else ""
        law = f" ({row.law})" if row.law else ""
        return f"{title}{to}{law}{many}"
    return words.say(f"event.{row.event}")


def _how_many(merchants: int, words: ReportWords) -> str:
    return words.say("plain.merchants", count=merchants) if merchants else words.say("plain.merchants_unlisted")


def _detail(row: LedgerRow, words: ReportWords) -> str | None:
    status = words.status(row.status, own_target=row.own_target) if row.status else None
    return " \u2013 ".join(part for part in (status, row.detail) if part) or None


def _is_open(row: LedgerRow) -> bool:
    return row.status not in {"waived", "dismissed"}


def _is_late(row: LedgerRow) -> bool:
    return row.margin is not None and row.margin.total_seconds() < 0 and not row.own_target


def _signed(row: LedgerRow, aware_at: datetime | None, words: ReportWords) -> str:
    if row.actual_at is None or aware_at is None:
        return words.say("plain.none")
    sign = "\u2212" if row.actual_at < aware_at else "+"
    return f"{sign}{words.apart(aware_at, row.actual_at)}"


def _margin(row: LedgerRow, words: ReportWords) -> str:
    if row.actual_at is None or row.planned_at is None:
        return words.say("plain.none")
    margin = words.apart(row.actual_at, row.planned_at)
    return words.margin(margin, after=row.actual_at > row.planned_at, own_target=row.own_target)
