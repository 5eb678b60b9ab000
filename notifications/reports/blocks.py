"""The parts of a report: sections of paragraphs, tables and lists, as plain values that any format can lay out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from notifications.reports.json_values import plain
from notifications.reports.words import ReportWords

Cell = dict[str, Any]
"""``text`` and perhaps ``note`` below it; ``at`` makes it a time, ``code`` a hash, ``strong`` weighty."""
ReportBlock = dict[str, Any]
Section = dict[str, Any]

_SHORT = 12


def cell(text: str, *, note: str | None = None, strong: bool = False) -> Cell:
    """Make a cell of words."""
    return {"text": text, "note": note, "strong": strong}


def moment(at: datetime | None, words: ReportWords, *, otherwise: str = "plain.none") -> Cell:
    """Make a cell of a time: local with its zone, and UTC below; *otherwise* where there is none."""
    if at is None:
        return cell(words.say(otherwise))
    return {**cell(words.local(at), note=f"({words.utc(at)})"), "at": plain(at)}


def sha(digest: str | None, words: ReportWords, *, whole: bool = False) -> Cell:
    """Make a cell of a SHA-256, shortened unless *whole*."""
    if not digest:
        return cell(words.say("plain.none"))
    return {**cell(digest if whole else f"{digest[:_SHORT]}\u2026"), "code": digest}


def shas(digests: Iterable[str | None], words: ReportWords) -> Cell:
    """Make a cell of the first of several SHA-256, shortened, and how many more there are."""
    known = [digest for digest in digests if digest]
    first = sha(known[0] if known else None, words)
    # The JSON edition has all of them.
    return {**first, "text": f"{first['text']} +{len(known) - 1}"} if known[1:] else first


def paragraph(text: str, tone: str = "plain") -> ReportBlock:
    """Make a paragraph; *tone* is ``plain``, ``recorded`` (words from the record), ``note`` or ``warning``."""
    return {"kind": "paragraph", "text": text, "tone": tone}


def verbatim(text: str) -> ReportBlock:
    """Make a text that stands as it was sent, line for line."""
    return {"kind": "verbatim", "text": text, "lines": text.rstrip("\n").split("\n")}


def heading(text: str) -> ReportBlock:
    """Make a heading within a section."""
    return {"kind": "heading", "text": text}


def items(texts: Iterable[str]) -> ReportBlock:
    """Make a list."""
    return {"kind": "list", "items": list(texts)}


def table(caption: str, columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, name: str = "") -> ReportBlock:
    """Make a table whose first column heads its rows."""
    filled = [list(row) for row in rows]
    return {"kind": "table", "caption": caption, "heads": list(columns), "rows": filled, "name": name}


def particulars(caption: str, rows: Iterable[tuple[str, Cell]]) -> ReportBlock:
    """Make a table of two columns: what, and what it is."""
    return {"kind": "particulars", "caption": caption, "rows": [list(row) for row in rows]}


def heads(words: ReportWords, *names: str) -> list[str]:
    """Give the words over columns."""
    return [words.say(f"column.{name}") for name in names]
