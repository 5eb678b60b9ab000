"""Fills the template for one case and one phase: every field with what the record answers, and the answer's source.

"To be determined" belongs into an incomplete filing only, and a field whose condition does not hold stays hidden.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from incidents.case.case_file import CaseFile
from incidents.case.completeness import record_of, still_open
from notifications.filing_pack.answers import HIDDEN, Answers, AnswerState, FieldValue, FormAnswer, answered, missing
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.form_template import FieldDefinition, Obligatoriness, Template
from notifications.filing_pack.national_forms import NationalForm
from notifications.filing_pack.pack import FilingPack, FilledField, Phase
from notifications.filing_pack.sections import (
    communication,
    consequences,
    course_and_nature,
    filing_and_controller,
    people_and_data,
)
from notifications.language.catalogue import FALLBACK, Catalogue
from notifications.letters.context.quotations import quoted_in
from notifications.reports.words import ReportWords

_SECTIONS = (
    filing_and_controller.answer_filing,
    filing_and_controller.answer_controller,
    filing_and_controller.answer_people_to_ask,
    filing_and_controller.answer_others,
    course_and_nature.answer_timeline,
    course_and_nature.answer_nature,
    people_and_data.answer_people,
    people_and_data.answer_data,
    people_and_data.answer_before,
    consequences.answer_consequences,
    consequences.answer_risk,
    consequences.answer_measures,
    communication.answer_communication,
    communication.answer_other_bodies,
    communication.answer_borders,
    communication.answer_attachments,
)


def fill(
    case: CaseFile,
    organisation: Mapping[str, Any],
    template: Template,
    words: Catalogue,
    *,
    phase: Phase,
    now: datetime,
    complete: bool | None = None,
    authority: str | None = None,
    authority_name: str | None = None,
    form: NationalForm | None = None,
    withdrawn_because: str | None = None,
    reasoning: ReportWords | None = None,
    notes: Sequence[str] = (),
) -> FilingPack:
    """Fill the form for *case*; *now* decides whether a filing that is not on record yet would be late.

    *organisation* has the keys of the organisation's settings, *words* gives the language of the values. Unless
    *complete* is given, a filing is complete where the record leaves nothing open (incidents/case/completeness.py) and
    no mandatory field is empty. *authority* is an id such as ``DE-BE``; without one, the organisation's own;
    *authority_name* is what it is called. *reasoning* are the words of the report in the same language, in which the
    reasons of the assessment and the states of letters are given; without them they stay in English. *notes* come
    before the warnings.
    """
    ours = organisation.get("authority") or {}
    ctx = PackContext(
        case=case,
        organisation=organisation,
        authority_id=authority or str(ours.get("id") or ""),
        words=words,
        now=now,
        withdrawn_because=withdrawn_because,
        reasoning=reasoning,
    )
    filled = _Filling(ctx=ctx, template=template, phase=phase, form=form)
    open_elements = still_open(record_of(case, has_lead=ctx.has_lead), now)
    fields, settled = filled.settle(complete=complete, is_open=bool(open_elements))
    return FilingPack(
        reference=case.reference,
        title=ctx.line(case.title),
        exercise=case.exercise,
        phase=phase,
        complete=settled,
        authority_id=ctx.authority_id,
        authority=authority_name or _name_of(ctx, form),
        language=words.language,
        zone=str(ctx.formatter.zone),
        made_at=now,
        fields=fields,
        open_elements=tuple(words.phrase("names", name) for name in open_elements),
        warnings=(*notes, *_quoted(case, words.language), *ctx.formatter.notes),
        template=template,
        form=form,
        ctx=ctx,
    )


def _quoted(case: CaseFile, language: str) -> tuple[str, ...]:
    """Say which passages stand in the form as they were recorded, where that may be another language."""
    quoted = quoted_in(case, language) if language != FALLBACK else ()
    return (f"quoted as recorded, in whatever language that is: {', '.join(quoted)}",) if quoted else ()


def _name_of(ctx: PackContext, form: NationalForm | None) -> str:
    addressee = next((obligation.recipient.name for obligation in ctx.obligations), "")
    own = ctx.authority_id == ctx.ours("authority", "id")
    return addressee or (form.name if form else "") or (ctx.ours("authority", "name") if own else ctx.authority_id)


@dataclass(frozen=True, kw_only=True)
class _Filling:
    """A form being filled, from its first field to its last: a field's conditions look back only."""

    ctx: PackContext
    template: Template
    phase: Phase
    form: NationalForm | None

    def settle(self, *, complete: bool | None, is_open: bool) -> tuple[tuple[FilledField, ...], bool]:
        """Fill it as a complete filing, and as an incomplete one where the record or a mandatory field is open."""
        if self.phase is Phase.WITHDRAWAL:
            return tuple(self._fill(complete=True)), True
        # A person says so: what speaks against it becomes a fault (gaps.py), not a refusal.
        if complete is not None:
            return tuple(self._fill(complete=complete)), complete
        # Tried as complete first: in an incomplete filing "to be determined" is a value, and what other fields show
        # hangs on values.
        as_complete = tuple(self._fill(complete=True))
        if not is_open and not any(field.mandatory and field.is_open for field in as_complete):
            return as_complete, True
        return tuple(self._fill(complete=False)), False

    @cached_property
    def _answers(self) -> Answers:
        return {id_: answer for section in _SECTIONS for id_, answer in section(self.ctx).items()}

    def _fill(self, *, complete: bool) -> Iterator[FilledField]:
        chosen: dict[int, frozenset[FieldValue]] = {}
        kind = "c" if self.phase is Phase.WITHDRAWAL else "a" if complete else "b"
        answers = {
            **self._answers,
            # After the sections' answers and over them: field 3 (new or follow-up) and 4 (complete, incomplete,
            # withdraw) steer what all others show.
            3: answered("phase", "a" if self.phase is Phase.INITIAL else "b"),
            4: answered("phase; what is left open", kind),
        }
        for definition in self.template.definitions:
            visible = self._is_visible(definition, chosen)
            answer = _as_filed(answers[definition.id], definition, complete=complete) if visible else HIDDEN
            # A hidden field counts as chosen nothing, so what hangs on it is hidden, too.
            chosen[definition.id] = frozenset(answer.values)
            yield _filled(definition, answer, visible=visible)

    def _is_visible(self, definition: FieldDefinition, chosen: Mapping[int, frozenset[FieldValue]]) -> bool:
        def has(id_: int, codes: tuple[str, ...]) -> bool:
            return not chosen[id_].isdisjoint(codes)

        holds = all(has(id_, codes) for id_, codes in definition.when.items())
        one_of = not definition.when_any or any(has(id_, codes) for id_, codes in definition.when_any.items())
        hidden = any(has(id_, codes) for id_, codes in definition.unless.items())
        return holds and one_of and not hidden and self._holds(definition)

    def _holds(self, definition: FieldDefinition) -> bool:
        """The conditions that no field answers."""
        match definition.only:
            case "late":
                return self.ctx.is_late
            case "in_eea":
                return self.ctx.in_eea
            case "outside_eea":
                return not self.ctx.in_eea
            case "national":
                return self.form is not None and definition.id in self.form.opens
        return True


def _as_filed(answer: FormAnswer, definition: FieldDefinition, *, complete: bool) -> FormAnswer:
    """Give "to be determined" where the form has it and the filing is incomplete; a complete one lacks the answer."""
    if answer.state is not AnswerState.NOT_YET_KNOWN:
        return answer
    if complete:
        return missing(answer.source)
    values: tuple[FieldValue, ...] = (definition.only_incomplete,) if definition.only_incomplete else ()
    return FormAnswer(state=AnswerState.NOT_YET_KNOWN, values=values, source=answer.source)


def _filled(definition: FieldDefinition, answer: FormAnswer, *, visible: bool) -> FilledField:
    is_needed = definition.need is Obligatoriness.MANDATORY or (
        definition.need is Obligatoriness.CONDITIONAL and not definition.may_stay_empty
    )
    return FilledField(
        definition=definition,
        id=definition.id,
        section=definition.section,
        label=definition.label,
        mandatory=is_needed and visible,
        visible=visible,
        state=answer.state,
        values=answer.values,
        from_where=answer.source,
    )
