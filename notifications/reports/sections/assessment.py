"""The section on the assessment: the proposed verdict, its reasons and sources, the score, and what is still unknown.

It shows an assessment as it was recorded. What holds for several data sets appears once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from incidents.case.case_file import AssessmentLine, CaseFile
from incidents.facts.breach import Facts
from notifications.reports.blocks import Cell, ReportBlock, Section, cell, heading, heads, items, paragraph, table
from notifications.reports.texts import assessment as texts_assessment
from notifications.reports.words import ReportWords


def assessment(case: CaseFile, words: ReportWords) -> Section:
    """Show the newest judgement with its reasons and sources, its score step by step, and what is still unknown."""
    blocks = list(_assessment(case.assessments, case.facts, words))
    return {"id": "assessment", "heading": words.say("section.assessment"), "blocks": blocks}


def _assessment(lines: tuple[AssessmentLine, ...], facts: Facts | None, words: ReportWords) -> Iterator[ReportBlock]:
    if not lines:
        yield paragraph(words.say("note.not_assessed"), "note")
        return
    judgement = lines[-1].judgement
    # Also the names that the assessment itself holds: a data set may have been renamed in the facts since.
    named = (
        *(data_set.name for data_set in (facts.data_sets if facts else ())),
        *texts_assessment.data_sets(judgement),
    )
    risk = words.term("risk", str(judgement.get("risk", "unknown")))
    yield paragraph(words.say("note.verdict", risk=risk, version=lines[-1].facts_version, at=lines[-1].recorded_at))
    reasons = list(texts_assessment.reasons(judgement, words))
    if reasons:
        columns = heads(words, "factor", "effect", "because", "source")
        yield table(
            words.say("caption.reasons"), columns, (_reason(reason, words) for reason in _joined(reasons, named))
        )
    yield from _score(judgement.get("severity") or {}, words)
    yield heading(words.say("heading.unknowns"))
    unknowns = _questions(texts_assessment.questions(judgement, words), named)
    yield items(unknowns) if unknowns else paragraph(words.say("note.no_unknowns"))


def _reason(reason: Mapping[str, Any], words: ReportWords) -> list[Cell]:
    factor, effect = str(reason.get("factor", "")), str(reason.get("effect", ""))
    return [
        cell(texts_assessment.factor(factor, words)),
        cell(words.term("effect", effect)),
        cell(str(reason.get("because", ""))),
        cell(str(reason.get("source", ""))),
    ]


def _score(severity: dict[str, Any], words: ReportWords) -> Iterator[ReportBlock]:
    if not severity:
        return
    band = words.term("band", str(severity.get("band", "")))
    dpc, ei, cb, score = (words.number(float(severity[name])) for name in ("dpc", "ei", "cb", "score"))
    yield heading(words.say("heading.score"))
    yield paragraph(words.say("note.score", dpc=dpc, ei=ei, cb=cb, score=score, band=band))
    steps = texts_assessment.steps(severity, words)
    steps += [words.term("flag", str(flag)) for flag in severity.get("flags") or ()]
    if steps:
        yield items(steps)
    yield paragraph(words.say("note.informs"), "note")


def _joined(reasons: Iterable[Mapping[str, Any]], names: Sequence[str]) -> list[dict[str, str]]:
    """Say each reason once, with all data sets to which it applies."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for reason in reasons:
        data_set, because = _apart(str(reason.get("because", "")), names)
        key = (str(reason.get("factor", "")), str(reason.get("effect", "")), because, str(reason.get("source", "")))
        groups.setdefault(key, []).append(data_set)
    return [
        {"factor": factor, "effect": effect, "because": _about(because, sets), "source": source}
        for (factor, effect, because, source), sets in groups.items()
    ]


def _questions(unknowns: Iterable[str], names: Sequence[str]) -> list[str]:
    """Ask each question once, with all data sets of which it is asked."""
    groups: dict[str, list[str]] = {}
    for unknown in unknowns:
        data_set, question = _apart(unknown, names)
        groups.setdefault(question, []).append(data_set)
    return [_about(question, sets) for question, sets in groups.items()]


def _apart(text: str, names: Sequence[str]) -> tuple[str, str]:
    """Split ``data set: what is said of it``; the longest name that fits, as one name may begin another."""
    name = max((data_set for data_set in names if text.startswith(f"{data_set}: ")), key=len, default="")
    return (name, text[len(name) + 2 :]) if name else ("", text)


def _about(text: str, data_sets: Iterable[str]) -> str:
    names = ", ".join(dict.fromkeys(data_set for data_set in data_sets if data_set))
    return f"{names}: {text}" if names else text
