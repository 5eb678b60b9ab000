"""Writes a pack as a readable page, as Markdown and as JSON.

The page fetches nothing: it carries its style and its one small script, and its policy allows no other.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, Final

from babel import Locale

from incidents.kernel.errors import InvalidInputError
from incidents.kernel.hidden_signs import escaped_in_json, shown
from incidents.kernel.timestamps import rfc3339
from notifications.filing_pack.answers import AnswerState
from notifications.filing_pack.editions.to_json import to_json
from notifications.filing_pack.editions.to_markdown import to_markdown
from notifications.filing_pack.gaps import completeness
from notifications.filing_pack.national_forms import own_questions
from notifications.filing_pack.pack import FilingPack, FilledField
from notifications.letters.sandbox import PlainSandbox

PACK_FORMATS: Final = ("html", "json", "md")
PAGE: Final = "authority/filing_pack.html.j2"
SCRIPT: Final = "authority/filing_pack.js"
STATE_WORDS: Final = {
    AnswerState.ANSWERED: "answered",
    AnswerState.MISSING: "missing",
    AnswerState.NOT_YET_KNOWN: "not yet known",
    AnswerState.NOT_APPLICABLE: "not shown by the form",
    AnswerState.FOR_A_PERSON: "for a person",
}


class UnknownPackFormat(InvalidInputError):
    """There is no such format of a pack; the message names those there are."""


def write_pack(pack: FilingPack, folder: Path, formats: Collection[str]) -> dict[str, bytes]:
    """Write *pack* in each format, as UTF-8; *folder* is that of the templates.

    Raises:
        UnknownPackFormat: a format other than html, json and md.

    """
    writers: dict[str, Callable[[], str]] = {
        "html": lambda: shown(_html(pack, folder)),
        "json": lambda: escaped_in_json(json.dumps(to_json(pack), ensure_ascii=False, indent=2)) + "\n",
        "md": lambda: shown(to_markdown(pack)),
    }
    for form in formats:
        if form not in writers:
            message = f"`{form}` is no format of a filing pack: choose among {', '.join(PACK_FORMATS)}"
            raise UnknownPackFormat(message)
    return {form: writers[form]().encode() for form in dict.fromkeys(formats)}


def _html(pack: FilingPack, folder: Path) -> str:
    return PlainSandbox(folder).write(PAGE, context(pack, (folder / SCRIPT).read_text(encoding="utf-8")))


def context(pack: FilingPack, script: str) -> dict[str, Any]:
    """Everything the page may see, as plain values; the script is let in by its digest only."""
    lacks = completeness(pack)
    # For the page's Content-Security-Policy: `script-src 'sha256-...'` lets this script in and no other, not even one
    # that a recorded text smuggles in.
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return {
        "notice": pack.template.notice,
        "attribution": pack.template.attribution,
        "exercise": pack.exercise,
        "reference": pack.reference,
        "title": pack.title,
        "phase": pack.phase.value,
        "complete": pack.complete,
        "authority": pack.authority,
        "authority_id": pack.authority_id,
        "language": pack.language,
        "language_name": str(Locale("en").languages.get(pack.language, pack.language)),
        "made_at": pack.made_locally,
        "made_at_exact": rfc3339(pack.made_at),
        "script_sha256": digest,
        "faults": list(lacks.faults),
        "warnings": list(pack.warnings),
        "lacks": [
            {"heading": heading, "fields": [_shown(field, pack) for field in fields]}
            for heading, fields in lacks.headed(pack.phase)
        ],
        "tally": tally(pack),
        "sections": sections(pack),
        "deviations": [_deviation(deviation.fields, deviation.because) for deviation in pack.template.deviations],
        "form": _form(pack),
    }


def tally(pack: FilingPack) -> dict[str, str]:
    """Count the fields that the form shows, by state."""
    states = [field.state for field in pack.fields]
    return {state.value: str(states.count(state)) for state in AnswerState}


def sections(pack: FilingPack) -> list[dict[str, Any]]:
    """The form's sections in its order: what it shows, and the numbers of what it hides."""
    shown_sections = []
    for number, heading in pack.template.sections.items():
        fields = [field for field in pack.fields if field.section == number]
        hidden = [f"{field.id} {field.label} ({field.definition.visible})" for field in fields if not field.visible]
        shown = [_shown(field, pack) for field in fields if field.visible]
        shown_sections.append({"number": number, "heading": heading, "fields": shown, "hidden": hidden})
    return shown_sections


def _shown(field: FilledField, pack: FilingPack) -> dict[str, Any]:
    return {
        "id": str(field.id),
        "label": field.label,
        "need": field.definition.need.value,
        "mandatory": field.mandatory,
        "state": field.state.value,
        "state_words": STATE_WORDS[field.state],
        "from_where": field.from_where,
        "codes": ", ".join(str(value) for value in field.values) if field.definition.options else "",
        "lines": [line for words in pack.readable(field) for line in words.splitlines()],
        # Only free text is a person's own words and may run from right to left; codes and numbers follow the page.
        "by_person": field.definition.kind in {"text", "list"},
    }


def _deviation(fields: Iterable[int], because: str) -> str:
    return f"{', '.join(map(str, fields))}: {because}."


def _form(pack: FilingPack) -> dict[str, Any] | list[Any]:
    """What the authority's own form asks, in its order; an empty list where it is not described."""
    if pack.form is None:
        return []
    # Both go through the same questions in the same order, so the next one is always the one that belongs here.
    own = iter(own_questions(pack.form, pack.ctx))
    questions = []
    for ask in pack.form.asks:
        if ask.fields:
            visible = [pack.by_id[number] for number in ask.fields if pack.by_id[number].visible]
            entry: dict[str, Any] = {
                "fields": [{"id": str(field.id), "state": field.state.value, "words": STATE_WORDS[field.state]}
                           for field in visible],
                "state": "", "state_words": "", "answer": "", "from_where": "",
            }  # fmt: skip
        else:
            question = next(own)
            entry = {
                "fields": [],
                "state": question.answer.state.value,
                "state_words": STATE_WORDS[question.answer.state],
                "answer": "; ".join(str(value) for value in question.answer.values),
                "from_where": question.answer.source,
            }
        entry["nothing"] = bool(ask.fields) and not entry["fields"]
        questions.append({"asks": ask.asks, "to_verify": ask.certainty == "to_verify", **entry})
    form = pack.form
    return {"name": form.name, "form": form.form, "notes": list(form.notes), "asks": questions}
