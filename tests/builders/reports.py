"""Builds the report of a case, and a page that can be asked for its text and its tags."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path

from incidents.case.case_file import CaseFile
from notifications.reports.writer import ReportWriter
from tests.builders.case_files import ORGANISATION, utc

TEMPLATES = Path(__file__).parents[2] / "templates"
LANGUAGES = ("en", "de", "fr")
NOW = utc("2026-12-15 09:00")
VOID = {"meta", "link", "br", "img", "input", "hr"}


def report(case: CaseFile, form: str = "html", language: str = "en") -> str:
    papers = ReportWriter(TEMPLATES)
    return papers.report(case, ORGANISATION, formats=(form,), language=language, now=NOW)[form].decode()


class Page(HTMLParser):
    """A page read as text, tags and ids; closing tags must fit."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]
