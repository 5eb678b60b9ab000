"""The pack as Markdown: what is missing first, then the form in its order.

Every recorded text is escaped, so that nothing in it can pass for a heading or a list.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from notifications.filing_pack.answers import AnswerState
from notifications.filing_pack.gaps import completeness
from notifications.filing_pack.national_forms import own_questions
from notifications.filing_pack.pack import FilingPack, FilledField, Phase
from notifications.reports.markdown import escaped

_STATES = {
    AnswerState.MISSING: "**missing**",
    AnswerState.NOT_YET_KNOWN: "**not yet known**",
    AnswerState.FOR_A_PERSON: "*for a person*",
}


def to_markdown(pack: FilingPack) -> str:
    """Write the pack as CommonMark."""
    return "\n".join([*_head(pack), *_lacking(pack), *_sections(pack), *_form(pack), *_foot(pack)]).rstrip() + "\n"


def _head(pack: FilingPack) -> Iterator[str]:
    if pack.exercise:
        yield "**EXERCISE. This pack is part of a drill: file nothing.**\n"
    yield f"# Filing pack {escaped(pack.reference)}: {escaped(pack.title)}\n"
    kind = "" if pack.phase is Phase.WITHDRAWAL else " (complete)" if pack.complete else " (incomplete)"
    yield f"{pack.phase.value}{kind} · {escaped(pack.authority)} · made {pack.made_locally}\n"
    yield f"> {escaped(pack.template.notice)}\n"
    for warning in pack.warnings:
        yield f"- Check: {escaped(warning)}"


def _lacking(pack: FilingPack) -> Iterator[str]:
    lacks = completeness(pack)
    for fault in lacks.faults:
        yield f"- **{escaped(fault)}**"
    if pack.open_elements and not pack.complete:
        yield f"- Incomplete, because the record leaves open: {escaped(', '.join(pack.open_elements))}"
    for heading, fields in lacks.headed(pack.phase):
        yield f"\n## {heading}\n"
        yield from _listed(fields)


def _listed(fields: Iterable[FilledField]) -> Iterator[str]:
    lines = [f"- {field.id} {escaped(field.label)}: {escaped(field.from_where)}" for field in fields]
    yield from lines or ["Nothing."]


def _sections(pack: FilingPack) -> Iterator[str]:
    for number, heading in pack.template.sections.items():
        fields = [field for field in pack.fields if field.section == number and field.visible]
        if fields:
            yield f"\n## {number} {escaped(heading)}\n"
        for field in fields:
            yield from _field(field, pack)


def _field(field: FilledField, pack: FilingPack) -> Iterator[str]:
    insists = " *(mandatory)*" if field.mandatory else ""
    yield f"- {field.id} {escaped(field.label)}{insists}"
    for words in pack.readable(field):
        yield from (f"  - {escaped(line)}" for line in words.splitlines())
    if field.state is not AnswerState.ANSWERED:
        yield f"  - {_STATES[field.state]}: {escaped(field.from_where)}"


def _form(pack: FilingPack) -> Iterator[str]:
    if pack.form is None:
        return
    yield f"\n## {escaped(pack.form.name)}: this form also asks\n"
    yield from (f"- {escaped(note)}" for note in pack.form.notes)
    for question in own_questions(pack.form, pack.ctx):
        values = "; ".join(str(value) for value in question.answer.values)
        answer = values or f"{question.answer.state.value.replace('_', ' ')} ({question.answer.source})"
        verify = " (to verify)" if question.certainty == "to_verify" else ""
        yield f"- {escaped(question.asks)}{verify}: {escaped(answer)}"


def _foot(pack: FilingPack) -> Iterator[str]:
    yield "\n---\n"
    yield f"{escaped(pack.template.attribution)}"
