"""The shape of a plain text: its headings, paragraphs, lists and labelled lines, for the HTML body and for the check.

The text is the source of truth: the HTML body is made from these blocks and adds nothing.

    Heading          a line underlined with at least three ``-``
    *** banner ***   a paragraph that begins with three stars
    - item           a list; further lines of an item are indented
    1. step          a numbered list
    Label: value     lines of a paragraph in which all are like this
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import cycle
from typing import Any

LetterBlock = dict[str, Any]
"""Plain data for the sandbox: ``shape`` and what belongs to it."""

_UNDERLINE = re.compile(r"^-{3,}\s*$")
_ITEM = re.compile(r"^(?:[-•*])\s+(.+)$")
_STEP = re.compile(r"^\d{1,3}[.)]\s+(.+)$")
# ``Telephone: 030 1``, and ``Téléphone : ...`` as French sets it. A label is short: else a sentence with a colon would
# be taken for one.
_LABEL = re.compile(r"^([^:\s][^:]{0,60}?\s?:)\s+(\S.*)$")
# A web address ends before the punctuation of the sentence it stands in; an address for mail counts as a link, too.
_LINK = re.compile(r"https?://[^\s<>\"']*[^\s<>\"'.,;:!?)\]]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_RIGHT = r"\u0590-\u08ff\ufb1d-\ufdfd\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff"
# Words of such letters with what stands between them; neither blanks nor stops at their ends.
_FROM_RIGHT = re.compile(rf"([{_RIGHT}](?:[^\n.!?A-Za-z]*[{_RIGHT}])?)")
"""A run of Hebrew, Arabic and other letters that are read from right to left."""
_FULL_LINE = 66
"""A line at least this long was broken by an editor, not by intent: the next one continues it."""


def blocks(text: str) -> list[LetterBlock]:
    """Divide a text into blocks, in order."""
    return [block for group in _groups(text) for block in _block(group)]


def heading(words: str) -> str:
    """Write a heading as plain text."""
    return f"{words}\n{'-' * len(words)}"


def _groups(text: str) -> Iterator[list[str]]:
    """Divide at empty lines, and around headings and lists that stand without one."""
    group: list[str] = []
    for line in [*text.replace("\r\n", "\n").expandtabs(4).split("\n"), ""]:
        if not line.strip():
            if group:
                yield group
            group = []
        elif _UNDERLINE.match(line) and group:
            if group[:-1]:
                yield group[:-1]
            yield [group[-1], line]
            group = []
        else:
            group.append(line.rstrip())


def _block(group: list[str]) -> Iterator[LetterBlock]:
    if len(group) > 1 and _UNDERLINE.match(group[-1]):
        yield {"shape": "heading", "text": group[0].strip()}
        return
    if group[0].lstrip().startswith("***"):
        yield {"shape": "banner", "text": " ".join(line.strip() for line in group).strip("* ")}
        return
    # A list may follow its sentence without an empty line, as people write mail.
    start = next((at for at, line in enumerate(group) if _ITEM.match(line) or _STEP.match(line)), len(group))
    if start:
        yield _prose(group[:start])
    if start < len(group):
        pattern, shape = (_STEP, "steps") if _STEP.match(group[start]) else (_ITEM, "items")
        yield {"shape": shape, "entries": [[pieces(line) for line in item] for item in _items(group[start:], pattern)]}


def _prose(lines: list[str]) -> LetterBlock:
    labels = [_LABEL.match(line.strip()) for line in lines]
    # All lines or none: one line with a colon is a sentence.
    if len(lines) > 1 and all(labels):
        rows = [{"label": match[1], "value": pieces(match[2])} for match in labels if match]
        return {"shape": "labels", "rows": rows}
    return {"shape": "paragraph", "lines": [pieces(line) for line in _joined(lines)]}


def _joined(lines: list[str]) -> list[str]:
    joined: list[str] = []
    full = False
    for line in lines:
        if full:
            joined[-1] = f"{joined[-1]} {line.strip()}"
        else:
            joined.append(line.strip())
        full = len(line) >= _FULL_LINE
    return joined


def _items(lines: list[str], pattern: re.Pattern[str]) -> list[list[str]]:
    items: list[list[str]] = []
    for line in lines:
        match = pattern.match(line)
        if match or not items:
            items.append([match[1] if match else line.strip()])
        else:
            items[-1].append(line.strip())
    return items


def pieces(line: str) -> list[dict[str, str]]:
    """Divide a line into words and links; a link always shows the address that it leads to."""
    parts: list[dict[str, str]] = []
    at = 0
    for link in _LINK.finditer(line):
        if link.start() > at:
            parts += _words(line[at : link.start()])
        address = link[0]
        href = address if "://" in address else f"mailto:{address}"
        parts.append({"text": address, "href": href, "direction": ""})
        at = link.end()
    if at < len(line):
        parts += _words(line[at:])
    return parts


def _words(text: str) -> list[dict[str, str]]:
    """Divide words where their direction changes: a name in Hebrew must not turn the figures beside it round."""
    # The groups of `split` alternate: every second one runs from right to left.
    runs = zip(_FROM_RIGHT.split(text), cycle(("", "from right")))
    return [{"text": run, "href": "", "direction": direction} for run, direction in runs if run]
