"""Signs that nobody sees and that change what is seen: they must not steer a terminal, a letter or a paper.

A case's words come from alerts, lists and strangers. U+202E turns the rest of a line round, U+200B hides a word from a
search, an escape sequence hides a line (Unicode Technical Report 36, "Bidirectional Text Spoofing"; CVE-2021-42574).
Signs that names are written with stay: no-break blanks, ZWNJ and ZWJ (U+200C, U+200D), LRM, RLM and ALM, which only
bear on their neighbours.
"""

from __future__ import annotations

import re
from typing import Final

_CONTROLS: Final = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
"""The controls of ASCII and those above it (U+009B begins a sequence on some terminals), but tab and line feed."""
_STEERING: Final = r"\u202a-\u202e\u2066-\u2069\u206a-\u206f"
"""What embeds, overrides or isolates a direction, up to an end that may never come; and what is long deprecated."""
_UNSEEN: Final = r"\u180e\u200b\u2028\u2029\u2060-\u2065\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"
"""Blanks of no width, line ends that only some programmes heed, notes between lines, and tags."""
HIDDEN: Final = re.compile(f"[{_CONTROLS}{_STEERING}{_UNSEEN}]")
_HIDDEN_IN_JSON: Final = re.compile(f"[{_STEERING}{_UNSEEN}\\x7f-\\x9f]")


def shown(text: str) -> str:
    """Put U+FFFD in the place of each sign that would not be seen: for terminals and papers, which must not hide it."""
    return HIDDEN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))


def without_hidden(text: str) -> str:
    """Leave such signs out: for letters, in which a replacement would puzzle who reads it."""
    return HIDDEN.sub("", text)


def escaped_in_json(document: str) -> str:
    """Escape them in a JSON document, which then holds the same values: they can only stand within its texts."""
    return _HIDDEN_IN_JSON.sub(lambda sign: _escape(sign[0]), document)


def _escape(sign: str) -> str:
    units = sign.encode("utf-16-be")
    return "".join(f"\\u{int.from_bytes(units[at : at + 2]):04x}" for at in range(0, len(units), 2))
