"""Marks by which a template or the example organisation asks to be replaced: no text with one may go out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from incidents.case.draft_kinds import CONTROLLERS
from incidents.facts.breach import SUMMARY_TO_REPLACE

MERGE_FIELDS: Final = ("name", "people", "records", "kinds")
"""The places of a notice to merchants that each merchant's own values fill (notifications/letters/compose.py)."""

_OURS = "our own details"
_TEXT = "the text"
_FACTS = "the facts"
_MARKS: Final = (
    # What the example organisation holds (RFC 2606 keeps its domains for nobody; its numbers end in zeros).
    (_OURS, re.compile(r"[^\n:,]*\(?\bto adapt\b\)?", re.IGNORECASE)),
    (_OURS, re.compile(r"[\w.+@/:-]*\bexample\.(?:org|com|net)\b[\w/-]*", re.IGNORECASE)),
    (_OURS, re.compile(r"\+49 30 000000\d")),
    (_FACTS, re.compile(re.escape(SUMMARY_TO_REPLACE))),
    (_TEXT, re.compile(r"\[\[[^\]\n]*\]\]")),
    (_TEXT, re.compile(r"\b(?:TODO|FIXME|TBD|XXX)\b")),
)


@dataclass(frozen=True, kw_only=True)
class Placeholder:
    """One mark that stands in a text."""

    mark: str
    belongs_to: str
    """``our own details``, ``the facts`` or ``the text``."""

    def mended_by(self, reference: str, draft: str) -> str:
        """Say where it is replaced."""
        if self.belongs_to == _OURS:
            return (
                "write your own details in organisation.yaml in the home folder (tocsin doctor lists what is still "
                f"the example's), then tocsin respond {reference}"
            )
        if self.belongs_to == _FACTS:
            return f"describe it in the facts: tocsin assess {reference} --file scope.yaml"
        return f"tocsin edit {reference} {draft} --file text.txt"


def placeholders_in(kind: str, *texts: str) -> tuple[Placeholder, ...]:
    """Find the marks in the subject and the text of a draft, each once, in the order of the kinds of mark."""
    whole = "\n".join(texts)
    found = {
        match.group().strip(): belongs_to
        for belongs_to, pattern in _MARKS
        for match in pattern.finditer(whole)
        if not (kind == CONTROLLERS and match.group() in merge_fields())
    }
    return tuple(Placeholder(mark=mark, belongs_to=belongs_to) for mark, belongs_to in found.items())


def merge_fields() -> tuple[str, ...]:
    """The places as they stand in a text: ``[[name]]``."""
    return tuple(f"[[{name}]]" for name in MERGE_FIELDS)
