"""What one authority's own form asks, in its order: fields of the template, and questions of its own.

The forms are read from templates/authority/forms. Each question says how sure we are that the form asks it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict

from incidents.kernel.errors import FailedError, NotFoundError
from notifications.filing_pack.answers import FormAnswer, answered, for_a_person, missing
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.form_template import Template, read_checked

FOLDER: Final = "authority/forms"
# ``DE``, ``DE-BE``: the id becomes a file name, so nothing else may get there.
_ID: Final = re.compile(r"^[A-Z]{2}(?:-[A-Z]{2})?$")
_BACK: Final = ("data_recovered", "deletion_confirmed")


class FormError(FailedError):
    """An authority's form cannot be used; the message names file, line and key."""


class UnknownForm(NotFoundError):
    """There is neither a form of this authority nor an obligation towards it; the message lists the known ones."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NationalField(_Read):
    """One thing the form asks."""

    asks: str
    fields: tuple[int, ...] = ()
    """The template's fields that answer it; none for a question of the form's own."""
    certainty: Literal["confirmed", "to_verify"]
    reads: Literal["severity", "risk", "recovered"] | None = None
    """What of the record answers a question of its own; else a person does."""
    answers: Mapping[str, str] = {}
    """Our word: the form's word."""


class NationalForm(_Read):
    """One authority's form."""

    id: str
    name: str
    form: str
    notes: tuple[str, ...] = ()
    opens: tuple[int, ...] = ()
    """Fields of the template that are shown only where an authority asks for them."""
    asks: tuple[NationalField, ...]


@dataclass(frozen=True, kw_only=True)
class OwnQuestion:
    """A question that only this form asks, and what the record says to it."""

    asks: str
    certainty: str
    answer: FormAnswer


def known_forms(folder: Path) -> tuple[str, ...]:
    """List the authorities whose forms are described."""
    return tuple(sorted(path.stem for path in (folder / FOLDER).glob("*.yaml")))


def read_form(folder: Path, authority: str, template: Template) -> NationalForm | None:
    """Read what an authority's form asks; ``None`` where it is not described.

    Raises:
        FormError: it cannot be read, or names a field that the template does not have.

    """
    path = folder / FOLDER / f"{authority}.yaml"
    if not _ID.match(authority) or not path.is_file():
        return None
    form = read_checked(path, NationalForm, FormError)
    unknown_fields = {field for question in form.asks for field in question.fields} - set(template.by_id)
    if unknown_fields or form.id != authority:
        message = f"{path.name}: names fields that the template lacks ({sorted(unknown_fields)}), or another authority"
        raise FormError(message)
    return form


def own_questions(form: NationalForm, ctx: PackContext) -> tuple[OwnQuestion, ...]:
    """Answer the questions of the form's own."""
    return tuple(
        OwnQuestion(asks=ask.asks, certainty=ask.certainty, answer=_answer(ask, ctx))
        for ask in form.asks
        if not ask.fields
    )


def _answer(question: NationalField, ctx: PackContext) -> FormAnswer:
    judgement = ctx.case.judgement
    match question.reads:
        case None:
            return for_a_person("the record does not keep this")
        case "recovered":
            return _recovered(ctx)
        case _ if judgement is None:
            return missing("assess the case: tocsin assess")
        case "severity":
            ours = str(judgement["severity"]["band"])
            return answered("severity band (ENISA), in the form's words", question.answers.get(ours, ours))
        case "risk":
            ours = str(judgement["risk"])
            return answered("assessment, in the form's words", question.answers.get(ours, ours))


def _recovered(ctx: PackContext) -> FormAnswer:
    """Whether data came back or were deleted; a record that is silent proves neither."""
    measures = [measure for measure in (ctx.facts.measures_taken if ctx.facts else ()) if measure in _BACK]
    if not measures:
        return for_a_person("the record does not say that data came back or were deleted")
    return answered("facts: measures_taken", " ".join(ctx.coded("measures", measures, "done")))
