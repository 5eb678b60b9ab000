"""Writes down every letter and alert: each template in all its variants, and the letters of two cases as they are sent.

`make snapshots` writes tests/notifications/letters/snapshots anew.

Read the difference as its reader would before it is committed. In the files of templates a value is its own name
(«contact.email»); a variant is told by its lines that are not there (-) and those that are there instead (+).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from difflib import unified_diff
from functools import partial
from pathlib import Path

from incidents.case.case_file import LATE_REASONS
from tests.builders.case_files import line
from tests.builders.letters import (
    AWARE,
    LANGUAGES,
    LETTERS,
    MINIMAL_FACTS,
    TEMPLATES,
    case,
    filing,
    full_case,
    letter_context,
    obligation,
    told,
    wording,
)
from tests.builders.template_variants import BASES, PARTS, variants

SNAPSHOTS = Path(__file__).with_name("snapshots")
COMMAND = "make snapshots"
LATE = "The logs could be read only after two days."
NAMES = sorted(
    path.relative_to(TEMPLATES).as_posix()
    for folder in ("authority", "controllers", "data_subjects", "internal", "mail")
    for path in (TEMPLATES / folder).rglob("*.j2")
    # A line of an HTML body is a part of the body.
    if path.name not in PARTS
)
"""The templates of letters, of alerts, of the HTML body and of the filing pack."""


def of_template(name: str) -> str:
    """Give the template in full with all there is and with nothing, and how its other variants differ."""
    texts = variants(name).texts()
    parts = []
    for title, text in texts.items():
        base = title.partition(" but ")[0]
        shown = text if title in BASES else difference(texts[base], text)
        parts.append(f"=== {title} ===\n{shown}")
    return "\n".join(parts)


def difference(base: str, text: str) -> str:
    lines = unified_diff(base.splitlines(), text.splitlines(), n=0, lineterm="")
    return "".join(f"{line}\n" for line in lines if not line.startswith(("---", "+++", "@@")))


def as_sent(kind: str, language: str) -> str:
    """Give the letter in its own words: of a case about which all is known, and of one about which little is."""
    overdue = obligation(due_at=AWARE + timedelta(hours=1), filings=(filing(),))
    known = full_case(obligations=(overdue,), ledger=(told(),))
    late = replace(
        line("2026-11-19T10:00:00Z", LATE_REASONS, LATE),
        said={"about": "late_reasons", "values": {"key": overdue.key, "because": LATE}},
    )
    known = replace(known, timeline=(*known.timeline, late))
    little = case(MINIMAL_FACTS, exercise=True)
    parts = []
    for title, given in (("all is known", known), ("little is known, an exercise", little)):
        composed = wording().letter(kind, language, letter_context(given, language))
        parts.append(f"=== {title} ===\nSubject: {composed.subject}\n\n{composed.text}")
    return "\n".join(parts)


def files() -> Iterator[tuple[str, Callable[[], str]]]:
    """Each file of the snapshot with what writes its text."""
    for name in NAMES:
        yield f"{name.removesuffix('.j2').replace('/', '.')}", partial(of_template, name)
    for kind in LETTERS:
        for language in LANGUAGES:
            yield f"as-sent.{kind}.{language}.txt", partial(as_sent, kind, language)


def write() -> None:
    """Write the snapshots anew, and take away those of templates that are there no more."""
    SNAPSHOTS.mkdir(exist_ok=True)
    texts = {name: text() for name, text in files()}
    for path in SNAPSHOTS.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (SNAPSHOTS / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
