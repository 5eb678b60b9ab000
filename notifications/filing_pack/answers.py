"""The answer to one field of the form: answered, missing, not yet known, not applicable, or for a person to give.

A value is a code, a text, a number, a yes or no, or a country with its number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

FieldValue = str | int | bool | tuple[str, int]
"""One value; several make a list. Times are RFC 3339 in UTC, dates ISO 8601."""


class AnswerState(StrEnum):
    """Where the answer to a field stands."""

    ANSWERED = "answered"
    MISSING = "missing"
    """Tocsin would keep it, but nobody has recorded it."""
    NOT_YET_KNOWN = "not_yet_known"
    """The record says that it is not known yet."""
    NOT_APPLICABLE = "not_applicable"
    """The form does not show the field, given the other answers."""
    FOR_A_PERSON = "for_a_person"
    """Tocsin does not keep this: the person who files gives it."""


@dataclass(frozen=True, kw_only=True)
class FormAnswer:
    """What the record says to one field."""

    state: AnswerState
    values: tuple[FieldValue, ...] = ()
    source: str = ""
    """Where the value is from, or what to do to have one."""


Answers = Mapping[int, FormAnswer]
"""By the number of the field."""

HIDDEN = FormAnswer(state=AnswerState.NOT_APPLICABLE)


def answered(source: str, *values: FieldValue) -> FormAnswer:
    """Answer a field; texts that are empty make it unanswered, so that no blank passes for an answer."""
    # Not `if value`: False and 0 are answers.
    chosen = tuple(value for value in values if value != "")
    return FormAnswer(state=AnswerState.ANSWERED, values=chosen, source=source) if chosen else missing(source)


def missing(how: str) -> FormAnswer:
    """Say that nobody has recorded it, and how to."""
    return FormAnswer(state=AnswerState.MISSING, source=how)


def not_yet_known(how: str) -> FormAnswer:
    """Say that it is not known yet; where the form has words for that, an incomplete filing gives them."""
    return FormAnswer(state=AnswerState.NOT_YET_KNOWN, source=how)


def for_a_person(hint: str) -> FormAnswer:
    """Say that the person who files must give it, with a hint."""
    return FormAnswer(state=AnswerState.FOR_A_PERSON, source=hint)


def coded(source: str, codes: Iterable[str], otherwise: str) -> FormAnswer:
    """Answer with the codes found, each once in the order of the form; none found means not yet known."""
    # The codes are letters in the order of the form, so sorting gives that order.
    in_order = sorted(set(codes))
    return answered(source, *in_order) if in_order else not_yet_known(otherwise)


def written(source: str, text: str, otherwise: str) -> FormAnswer:
    """Answer with a text; an empty one is missing, and *otherwise* says how to record it."""
    return answered(source, text) if text else missing(otherwise)
