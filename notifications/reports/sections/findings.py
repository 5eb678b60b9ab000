"""The sections on what happened and how it was assessed: timeline, impact, detection, decisions.

Recorded texts stay as they were recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from incidents.case.case_file import AwarenessLine, CaseFile, TimelineLine
from incidents.facts.breach import Facts
from incidents.facts.data_set import DataSet
from incidents.facts.totals import people_of, records_of
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
    table,
)
from notifications.reports.sections.summary import authority_decision, people_decision
from notifications.reports.texts.timeline import line_text
from notifications.reports.words import ReportWords

REVIEW = ("well", "badly", "lucky", "cause", "action")
"""Kinds of timeline entries that look back; they have a section of their own."""


def timeline(case: CaseFile, words: ReportWords) -> Section:
    """Show the picture and the recorded lines, in the order in which things happened."""
    lines = sorted((entry for entry in case.timeline if entry.kind not in REVIEW), key=lambda line: line.at)
    blocks: list[ReportBlock] = [{"kind": "picture"}]
    if lines:
        columns = heads(words, "when", "what", "recorded", "evidence")
        blocks.append(
            table(words.say("caption.timeline"), columns, (_line(line, words) for line in lines), name="lines")
        )
    else:
        blocks.append(paragraph(words.say("note.no_timeline"), "note"))
    return {"id": "timeline", "heading": words.say("section.timeline"), "blocks": blocks}


def _line(line: TimelineLine, words: ReportWords) -> list[Cell]:
    text = line_text(line, words)
    return [
        moment(line.at, words),
        cell(text or line.text, note=None if text else words.term("entry", line.kind)),
        moment(line.recorded_at, words),
        {**sha(line.evidence_sha256, words), "note": line.evidence_name},
    ]


def impact(case: CaseFile, words: ReportWords) -> Section:
    """Show how many people and records, of which kinds, where, and what it means for them."""
    facts = case.facts
    blocks = list(_impact(facts, words)) if facts else [paragraph(words.say("note.no_facts"), "note")]
    return {"id": "impact", "heading": words.say("section.impact"), "blocks": blocks}


def _impact(facts: Facts, words: ReportWords) -> Iterator[ReportBlock]:
    columns = heads(words, "data_set", "role", "people", "records", "data", "breach", "protection", "left")
    rows = [_data_set(data_set, words) for data_set in facts.data_sets]
    yield table(words.say("caption.impact"), columns, rows)
    if len(facts.data_sets) > 1:
        people, records = people_of(facts.data_sets), records_of(facts.data_sets)
        total = words.say("note.total", people=words.count(people), records=words.count(records))
        is_range = people.least != people.most or records.least != records.most
        yield paragraph(f"{total} {words.say('note.total_range')}" if is_range else total)
    yield particulars(words.say("caption.people"), _people(facts, words))


def _data_set(data_set: DataSet, words: ReportWords) -> list[Cell]:
    protection = (
        f"{words.term('encryption', data_set.protection.encryption)}, {words.term('key', data_set.protection.key)}"
    )
    return [
        cell(data_set.name, note=words.terms("subject", data_set.subjects)),
        cell(words.term("role", data_set.role)),
        cell(words.count(data_set.people), strong=True),
        cell(words.count(data_set.records), strong=True),
        cell(words.terms("data", data_set.kinds), note=_special(data_set, words)),
        cell(words.terms("breach", data_set.breach)),
        cell(protection, note=data_set.protection.detail),
        cell(words.term("exfiltration", data_set.exfiltration), note=data_set.exfiltration_known_from),
    ]


def _special(data_set: DataSet, words: ReportWords) -> str:
    special, vulnerable = words.term("known", data_set.special_categories), words.term("known", data_set.vulnerable)
    return words.say("note.special", special=special, vulnerable=vulnerable)


def _people(facts: Facts, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    where: dict[str, list[str]] = {}
    for data_set in facts.data_sets:
        # Keyed by the words: data sets of people in the same places share a row.
        where.setdefault(_places(data_set.countries, words), []).append(data_set.name)
    for places, names in where.items():
        yield words.say("fact.countries", name=", ".join(names)), cell(places)
    seen = tuple(dict.fromkeys(code for data_set in facts.data_sets for code in data_set.consequences_seen))
    yield words.say("fact.consequences_likely"), cell(_listed("consequence", facts.likely_consequences, words))
    yield words.say("fact.consequences_seen"), cell(_listed("consequence", seen, words))
    yield words.say("fact.measures_taken"), cell(_listed("measure_taken", facts.measures_taken, words))
    yield words.say("fact.measures_proposed"), cell(_listed("measure_planned", facts.measures_proposed, words))
    yield words.say("fact.advice"), cell(_listed("advice", facts.advice, words))


def _listed(group: str, codes: Sequence[str], words: ReportWords) -> str:
    """Put a list of codes into words; an empty list says that nothing was recorded, not that something is unknown."""
    return words.terms(group, codes) if codes else words.say("plain.none_recorded")


def _places(countries: Mapping[str, int | None], words: ReportWords) -> str:
    """Name countries with their numbers; those whose numbers nobody knows are named together at the end."""
    counted = sorted(f"{words.country(code)} {words.number(n)}" for code, n in countries.items() if n is not None)
    uncounted = sorted(words.country(code) for code, number in countries.items() if number is None)
    parts = [", ".join(counted)] if counted else []
    if uncounted:
        parts.append(words.say("plain.without_numbers", places=", ".join(uncounted)))
    return "; ".join(parts) or words.say("plain.not_known")


def detection(case: CaseFile, words: ReportWords) -> Section:
    """Show how it came to light and how long each step took."""
    rows = [(words.say(f"fact.{name}"), value) for name, value in _detection(case, words)]
    blocks: list[ReportBlock] = [particulars(words.say("caption.detection"), rows)]
    if case.awareness:
        columns = heads(words, "aware", "basis", "reason", "recorded")
        statements = (_awareness(statement, words) for statement in case.awareness)
        blocks.append(table(words.say("caption.awareness"), columns, statements))
    return {"id": "detection", "heading": words.say("section.detection"), "blocks": blocks}


def _awareness(line: AwarenessLine, words: ReportWords) -> list[Cell]:
    reason = cell(line.reason or words.say("plain.none"))
    return [moment(line.aware_at, words), cell(line.basis), reason, moment(line.recorded_at, words)]


def _detection(case: CaseFile, words: ReportWords) -> Iterator[tuple[str, Cell]]:
    facts = case.facts
    began = (facts.occurred_from if facts else None) or case.occurred_at
    yield "discovery", cell(words.term("discovery", facts.discovery if facts else "unknown"))
    yield "first_signal", moment(case.first_signal_at, words)
    yield "detected", moment(case.detected_at, words)
    if facts and facts.undetected_days is not None:
        yield "undetected", cell(words.say("plain.days", count=facts.undetected_days))
    steps = (
        ("began_to_detected", began, case.detected_at),
        ("detected_to_opened", case.detected_at, case.opened_at),
        ("detected_to_aware", case.detected_at, case.aware_at),
        ("detected_to_contained", case.detected_at, case.contained_at),
    )
    for name, start, end in steps:
        # A time stated afterwards may lie before the one that should precede it; "-3 h" would explain nothing, the
        # times stand above.
        if start and end and end >= start:
            yield name, cell(words.apart(start, end))


def decisions(case: CaseFile, words: ReportWords) -> Section:
    """Show every decision with its reasons and who took it; the last one counts."""
    columns = heads(words, "decided", "authority", "people_told", "because", "by", "facts")
    rows = [
        [
            moment(decision.decided_at, words),
            cell(authority_decision(decision, words)),
            cell(people_decision(decision, words)),
            cell(decision.because),
            cell(decision.author),
            cell(words.say("plain.version", version=decision.facts_version)),
        ]
        for decision in case.decisions
    ]
    note = [] if case.dismissed_because else [paragraph(words.say("note.no_decision"), "note")]
    blocks = [table(words.say("caption.decisions"), columns, rows)] if rows else note
    if case.dismissed_because:
        blocks.append(paragraph(words.say("note.dismissed", because=case.dismissed_because), "recorded"))
    return {"id": "decisions", "heading": words.say("section.decisions"), "blocks": blocks}
