"""Writes the reports: one case as HTML, Markdown and JSON, and the register as CSV and JSON.

Templates get plain values only, in a sandbox, and a name they use that is not there is an error.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from incidents.case.case_file import CaseFile, CaseOverview
from incidents.case.first_notifications import first_duty, initial_filing
from incidents.kernel.errors import FailedError, InvalidInputError
from incidents.kernel.hidden_signs import escaped_in_json, shown
from notifications.reports import register_export
from notifications.reports.blocks import Section
from notifications.reports.chart.axis import Span
from notifications.reports.chart.events import marks
from notifications.reports.chart.geometry import draw
from notifications.reports.json_report import organisation_in_print, record
from notifications.reports.json_values import plain
from notifications.reports.markdown import escaped
from notifications.reports.sections import accounts, assessment, deadlines, findings
from notifications.reports.sections.abstract import abstract
from notifications.reports.sections.summary import front
from notifications.reports.words import ReportWords, read_words

REPORT_FORMATS: Final = ("html", "md", "json")
REGISTER_FORMATS: Final = ("csv", "json")


class UnknownFormat(InvalidInputError):
    """There is no such format; the message names those there are."""


class PdfNotWritten(FailedError):
    """This build writes no PDF; the HTML edition has a print layout."""


@dataclass(frozen=True, kw_only=True)
class _Edition:
    """One report before it is laid out: the case in words."""

    case: CaseFile
    organisation: dict[str, Any]
    words: ReportWords
    sentences: tuple[str, ...]
    now: datetime

    def sections(self) -> list[Section]:
        case, words = self.case, self.words
        makers = (
            findings.timeline,
            findings.impact,
            findings.detection,
            assessment.assessment,
            findings.decisions,
            accounts.notifications,
            deadlines.deadlines,
            accounts.approvals,
            accounts.review,
            accounts.proof,
        )
        return [front(case, words, self.sentences), *(make(case, words) for make in makers)]

    def context(self) -> dict[str, Any]:
        """Everything a template may see, as plain values."""
        case, words = self.case, self.words
        return {
            "language": words.language,
            "asked": words.asked,
            "exercise": case.exercise,
            "reference": case.reference,
            "codename": case.codename,
            "title": case.title,
            "title_key": "title" if case.closed_at else "title_open",
            "organisation": self.organisation,
            "as_of": words.when(case.as_of),
            "written_at": words.when(self.now),
            "sections": self.sections(),
            "picture": plain(self._picture()),
        }

    def _picture(self) -> Any:
        case, words = self.case, self.words
        duty = first_duty(case)
        filing = initial_filing(duty)
        filed = filing.filed_at if filing else None
        # No bar for a target of our own: it would be read as the clock of the law.
        clock = Span(start=duty.started_at, due=duty.due_at, filed=filed) if duty and not duty.is_own_target else None
        events = marks(case, words)
        year = words.in_several_years([event.at for event in events])
        description = " ".join(f"{words.day_time(event.at, year=year)} {event.label}." for event in events)
        title = words.say("picture.title", reference=case.reference)
        return draw(events, clock, words, title=title, description=description)


class ReportWriter:
    """Writes reports and registers with the templates and words of one folder (``templates``)."""

    def __init__(self, folder: Path) -> None:
        """Remember the folder that holds ``reports/`` and ``words/``."""
        self._folder = folder

    def language_of(self, language: str) -> str:
        """Say in which language a report comes that is asked for in *language*: English where there are no words."""
        return read_words(self._folder, language, ZoneInfo("UTC"), "").language

    def report(
        self,
        case: CaseFile,
        organisation: Mapping[str, Any],
        *,
        formats: Collection[str],
        language: str,
        now: datetime,
    ) -> dict[str, bytes]:
        """Write the post-incident report in the formats asked for: ``html``, ``md``, ``json``; all as UTF-8.

        *organisation* has the keys of the organisation's settings; only names, place and zone are used. A language
        without words falls back to English, and the report says so. *now* is when it is written.

        Raises:
            UnknownFormat: a format other than these; for ``pdf`` it says how to get one.
            MissingWords: the folder lacks words that the report needs.

        """
        names = _known_formats(formats, REPORT_FORMATS)
        printed = organisation_in_print(organisation)
        zone = ZoneInfo(printed["zone"] or "UTC")
        words = read_words(self._folder, language, zone, printed["product"] or printed["name"] or "")
        sentences = abstract(case, words, str(printed["legal_name"] or printed["name"] or words.say("plain.we")))
        edition = _Edition(case=case, organisation=printed, words=words, sentences=sentences, now=now.astimezone(UTC))
        return {form: self._write(form, edition) for form in names}

    def _write(self, form: str, edition: _Edition) -> bytes:
        if form == "json":
            language = edition.words.language
            return _json(record(edition.case, edition.organisation, edition.sentences, language, edition.now))
        template = _environment(self._folder, edition.words, form).get_template(f"report.{form}.j2")
        return shown(template.render(edition.context())).encode()

    def register(
        self,
        cases: Sequence[CaseOverview],
        *,
        format: str,  # noqa: A002 - the word of the command line
        now: datetime,
    ) -> bytes:
        """Write the register (Art. 33(5) GDPR) of these cases as ``csv`` or ``json``, in the order they are given.

        Raises:
            UnknownFormat: another format.

        """
        (edition,) = _known_formats((format,), REGISTER_FORMATS)
        return register_export.as_csv(cases) if edition == "csv" else register_export.as_json(cases, now)


def _known_formats(formats: Collection[str], known: tuple[str, ...]) -> list[str]:
    """Check the formats asked for; each once, in the order asked.

    Raises:
        UnknownFormat: one of them is not known.

    """
    # All are checked before one is written: half a set of files would look complete.
    for form in formats:
        # An answer of its own: people ask for a PDF by name, and there is a way to get one.
        if form == "pdf":
            message = "this build does not write PDF yet: write html, open it in a browser and print it to a PDF file"
            raise PdfNotWritten(message)
        if form not in known:
            message = f"`{form}` is no format here: choose among {', '.join(known)}"
            raise UnknownFormat(message)
    return list(dict.fromkeys(formats))


def _environment(folder: Path, words: ReportWords, form: str) -> ImmutableSandboxedEnvironment:
    """Make the sandbox: autoescaped for HTML; for Markdown, every value is escaped by Markdown's own rules."""
    environment = ImmutableSandboxedEnvironment(
        loader=FileSystemLoader(folder / "reports"),
        # For Markdown, too: `finalize` makes each value Markup by Markdown's rules, and what is Markup is not escaped
        # again.
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=_markdown if form == "md" else None,
    )
    # Not the PlainSandbox of the letters: there a template may call nothing, and these fetch their own words with
    # `say`.
    environment.globals["say"] = words.say
    return environment


def _markdown(value: object) -> object:
    return value if isinstance(value, Markup) else escaped(str(value))


def _json(value: Any) -> bytes:
    return (escaped_in_json(json.dumps(value, ensure_ascii=False, indent=2)) + "\n").encode()
