"""Composes every message that goes out: facts and a template in, subject, text and HTML body out.

The plain text is the source of truth; the HTML body is the same text, block for block. Recipients, approvals and
sending are decided elsewhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any, Final

from incidents.case.case_file import CaseFile, ObligationFile
from incidents.case.draft_kinds import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL, CONTROLLERS, DUTIES, PEOPLE, TO_AUTHORITY
from incidents.kernel.hidden_signs import without_hidden
from notifications.language.catalogue import FALLBACK, Catalogue, WordsError, read_catalogue
from notifications.language.formatting import spaced
from notifications.letters.context.case import describe_case, merchant_figures
from notifications.letters.context.people import describe_people
from notifications.letters.layout import blocks, heading
from notifications.letters.sandbox import MOST_OUTPUT, PlainSandbox, WordingError

TEMPLATES: Final[Mapping[str, str]] = {
    AUTHORITY_INITIAL: "authority/{language}/initial.txt.j2",
    AUTHORITY_FOLLOW_UP: "authority/{language}/follow-up.txt.j2",
    PEOPLE: "data_subjects/{language}/letter.txt.j2",
    CONTROLLERS: "controllers/{language}/notice.txt.j2",
    "page": "internal/{language}/page.txt.j2",
    "reminder": "internal/{language}/reminder.txt.j2",
    "overdue": "internal/{language}/overdue.txt.j2",
    "escalation": "internal/{language}/escalation.txt.j2",
    "several": "internal/{language}/several.txt.j2",
    "clock": "internal/{language}/clock.txt.j2",
    "stays_open": "internal/{language}/stays_open.txt.j2",
    "approved_alone": "internal/{language}/approved_alone.txt.j2",
}
"""The template of each kind of message; it begins with a line ``Subject: ...``."""

LETTER_KINDS: Final = frozenset(DUTIES)
ALERT_KINDS: Final = frozenset(TEMPLATES) - LETTER_KINDS

MOST_SUBJECT: Final = 250
# Square brackets, not Jinja's: the places outlive the template, because the approved text still has them.
_PLACE = re.compile(r"\[\[(name|people|records|kinds)\]\]")
_SUBJECT = re.compile(r"\s*Subject:[ \t]*([^\n]+)\n", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ComposedText:
    """A message in words, not yet addressed to anybody."""

    kind: str
    language: str
    """The language it is really in."""
    asked_language: str
    subject: str
    text: str
    html: str | None
    fell_back: bool
    """True where there are no words in the language that was asked for, and English was taken."""
    warnings: tuple[str, ...] = ()
    """What a person should look at before approving: codes without words, texts in another language ..."""
    words: Catalogue | None = field(default=None, repr=False, compare=False)
    """The catalogue it was made with; the check of completeness reads the text with it."""


class LetterComposer:
    """The templates and catalogues of one folder; everything is read at its first use and kept."""

    def __init__(self, folder: Path) -> None:
        """Use the templates in *folder* (``authority/``, ``words/`` ...)."""
        self._folder = folder
        self._catalogues: dict[str, Catalogue | None] = {}

    @cached_property
    def _sandbox(self) -> PlainSandbox:
        return PlainSandbox(self._folder)

    def words(self, language: str) -> Catalogue:
        """Give the catalogue of a language, or the English one where there is none in it."""
        catalogue = self._catalogue(language) or self._catalogue(FALLBACK)
        if catalogue is None:
            message = f"{self._folder / 'words'} holds no `{FALLBACK}.yaml`: check where the templates are"
            raise WordsError(message)
        return catalogue

    def letter(self, kind: str, language: str, context: Mapping[str, Any]) -> ComposedText:
        """Compose a message from plain data (`context_for_case`, `context_for_alert`).

        A notice to merchants keeps its places ``[[name]]``, ``[[people]]``, ``[[records]]`` and ``[[kinds]]`` until
        `for_merchant` fills them, or fills them at once where the context has ``merchant``.

        Raises:
            WordingError: an unknown kind, a name the template needs and the context lacks, or data that are not plain.

        """
        if kind not in TEMPLATES:
            message = f"there is no message of kind `{kind}`; kinds are: {', '.join(TEMPLATES)}"
            raise WordingError(message)
        words = self.words(language)
        data = {**_catalogue_context(words), **context, "language": words.language}
        if kind in ALERT_KINDS:
            data |= _alert_words(words, data)
        rendered = self._sandbox.write(TEMPLATES[kind].format(language=words.language), data)
        subject, text = _divide(rendered, kind)
        exercise = _is_exercise(data)
        warnings = [*data.get("warnings", ()), *(data.get("authority_warnings", ()) if kind in TO_AUTHORITY else ())]
        composed = self._finish(
            kind=kind, asked=language, subject=subject, text=text, exercise=exercise, warnings=tuple(warnings)
        )
        return self.for_merchant(composed, data["merchant"]) if data.get("merchant") else composed

    def from_text(
        self, subject: str, text: str, language: str, *, kind: str = "edited", exercise: bool = False
    ) -> ComposedText:
        """Take a text that a person wrote: the same layout around it, everything escaped, nothing of it a template.

        Raises:
            WordingError: an empty text, or more text than a message may have.

        """
        if not text.strip() or not subject.strip():
            message = "a message needs a subject and a text"
            raise WordingError(message)
        return self._finish(kind=kind, asked=language, subject=subject, text=text, exercise=exercise)

    def for_merchant(self, composed: ComposedText, merchant: Mapping[str, Any]) -> ComposedText:
        """Fill a notice's places with one merchant's own figures: ``name``, ``people``, ``records``, ``kinds``.

        The same words around them stay, byte for byte: what was approved is what is sent.
        """
        # The words of the language that the text is really in: "not yet known" in another one would stand out in it.
        figures = merchant_figures(merchant, self.words(composed.language))
        # The approved HTML is finished and passes no template again, so the figures are escaped here.
        escaped = {place: escape(figure) for place, figure in figures.items()}
        return replace(
            composed,
            subject=_filled(composed.subject, figures),
            text=_filled(composed.text, figures),
            html=None if composed.html is None else _filled(composed.html, escaped),
        )

    def _finish(
        self, *, kind: str, asked: str, subject: str, text: str, exercise: bool, warnings: tuple[str, ...] = ()
    ) -> ComposedText:
        """Stamp, tidy and lay out; the text decides, the HTML follows."""
        words = self.words(asked)
        # First: a sign that nobody sees must neither hide a blank line nor count towards a subject's length.
        subject, text = _clean(subject), _clean(text)
        subject, text = _tidy_subject(spaced(subject, words.language)), _tidy(spaced(text, words.language))
        # After tidying and before measuring: the stamp stands first whatever the text begins with, and counts towards
        # its length.
        if exercise:
            subject, text = _stamp(subject, text, words)
        if len(text) > MOST_OUTPUT:
            message = f"a message may have at most {MOST_OUTPUT:,} characters, not {len(text):,}"
            raise WordingError(message)
        fell_back = words.language != asked
        if fell_back:
            warnings = (*warnings, f"there are no words in `{asked}`: this message is in English")
        page = {"language": words.language, "subject": subject, "blocks": blocks(text)}
        return ComposedText(
            kind=kind,
            language=words.language,
            asked_language=asked,
            subject=subject,
            text=text,
            html=self._sandbox.write("mail/letter.html.j2", page),
            fell_back=fell_back,
            warnings=tuple(dict.fromkeys(warnings)),
            words=words,
        )

    def _catalogue(self, language: str) -> Catalogue | None:
        if language not in self._catalogues:
            self._catalogues[language] = read_catalogue(self._folder, language)
        return self._catalogues[language]


def context_for_case(
    case: CaseFile,
    organisation: Mapping[str, Any],
    language: str,
    wording: LetterComposer,
    now: datetime,
    *,
    merchant: Mapping[str, Any] | None = None,
    to: Sequence[ObligationFile] = (),
) -> dict[str, Any]:
    """Put a case into plain data for the letters to authorities, people and merchants.

    *organisation* has the attribute names of the organisation's file; *merchant* is one merchant's ``id``, ``name``,
    ``people``, ``records`` and ``kinds``; *to* is what a text to authorities fulfils. Addresses in free texts are taken
    out.
    """
    words = wording.words(language)
    data = describe_case(case, organisation, words, now, to=to)
    data |= describe_people(case, words, data)
    return data if merchant is None else {**data, "merchant": dict(merchant)}


def _catalogue_context(words: Catalogue) -> dict[str, Any]:
    """What every template may place besides its data: the headings, underlined."""
    return {"head": {name: heading(spaced(text, words.language)) for name, text in words.section("headings").items()}}


def _filled(text: str, figures: Mapping[str, str]) -> str:
    """Fill the places in one pass, so that a figure that looks like a place stays words."""
    return _PLACE.sub(lambda place: figures[place[1]], text)


def _alert_words(words: Catalogue, context: Mapping[str, Any]) -> dict[str, Any]:
    """Say duty and kind of deadline in the alert's language, where the catalogue knows them."""
    duty = words.coded("duties", str(context["duty_id"])) or context["duty_title"]
    outstanding = ", ".join(words.phrase("names", str(name)) for name in context.get("outstanding_ids", ()))
    due_kind = words.coded("due_kind", str(context["due_kind_id"])) or ""
    lines = [
        {
            **line,
            "duty": words.coded("duties", str(line["duty_id"])) or line["duty_title"],
            "due_kind": words.coded("due_kind", str(line["due_kind_id"])) or "",
        }
        for line in context.get("lines", ())
    ]
    return {"duty": duty, "due_kind": due_kind, "outstanding": outstanding, "lines": lines}


def _is_exercise(context: Mapping[str, Any]) -> bool:
    # Not `bool(...)`: a missing key would make a drill look like a breach, and the text "false" a breach like a drill.
    if type(context.get("exercise")) is not bool:
        message = "`exercise` must be stated as true or false: no message goes out without saying whether it is a drill"
        raise WordingError(message)
    return bool(context["exercise"])


def _divide(rendered: str, kind: str) -> tuple[str, str]:
    """Take the subject from the first line."""
    match = _SUBJECT.match(rendered)
    if match is None:
        message = f"template `{TEMPLATES[kind]}` must begin with a line `Subject: ...`"
        raise WordingError(message)
    return match[1], rendered[match.end() :]


def _stamp(subject: str, text: str, words: Catalogue) -> tuple[str, str]:
    """Mark an exercise in subject and text; a text that is stamped already stays as it is."""
    prefix, banner = words.phrase("exercise", "subject"), spaced(words.phrase("exercise", "banner"), words.language)
    subject = subject if subject.startswith(prefix) else f"{prefix}{subject}"
    return subject, text if text.startswith(banner) else f"{banner}\n\n{text}"


def _clean(text: str) -> str:
    """Leave out what steers or is not seen; a lone carriage return is a line end and stays for :func:`_tidy`."""
    return "\r".join(without_hidden(part) for part in text.split("\r"))


def _tidy_subject(subject: str) -> str:
    """One line, of a length that mail programmes show."""
    # A line break here would write a header of the sender's choice; preflight.py would refuse it, but only when it is
    # sent.
    line = re.sub(r"[\x00-\x20\x7f]+", " ", subject).strip()
    return line if len(line) <= MOST_SUBJECT else f"{line[: MOST_SUBJECT - 1].rstrip()}…"


def _tidy(text: str) -> str:
    """Unix line ends, no spaces at line ends, at most one empty line between blocks."""
    lines = (line.rstrip(" \t") for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip("\n") + "\n"
