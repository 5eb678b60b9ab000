"""Makes recorded text safe for Markdown: nothing in it can become a heading, a link, a table cell or HTML.

No more is escaped than CommonMark and its tables need, so that the text stays readable as it is.
"""

from __future__ import annotations

import re
from typing import Final

from markupsafe import Markup

# ``]`` and ``[`` for links, ``<`` for HTML, ``|`` for table cells, ``~`` for strikethrough of GitHub's dialect.
_ALWAYS: Final = re.compile(r"([\\`*\[\]<>|~])")
# ``&amp;`` and ``&#35;`` would be shown as another character; a lone ``&`` stays as it is.
_ENTITY: Final = re.compile(r"&(?=#?\w+;)")
# Not within a word: CommonMark takes ``facts_version`` as it is, and a backslash there only makes it harder to read.
_UNDERSCORE: Final = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
# ``# x``, ``- x``, ``1. x``, ``2) x``, ``===`` and ``---``: what begins a heading, a list, a rule or an underline.
_AT_START: Final = re.compile(r"^([#+=\-]|\d+[.)])(?=\s|[=\-]|$)")


def escaped(text: str) -> Markup:
    """Escape *text* for one line of Markdown; line breaks become blanks, for a line break could begin a block."""
    line = " ".join(text.split())
    line = _ALWAYS.sub(r"\\\1", line)
    line = _ENTITY.sub(r"\\&", line)
    line = _UNDERSCORE.sub(r"\\_", line)
    return Markup(_AT_START.sub(_guarded, line))  # noqa: S704 - this is the escaping itself


def _guarded(match: re.Match[str]) -> str:
    """A backslash before what begins a list or heading; for numbers, before the mark that follows them."""
    start = match[1]
    return f"\\{start}" if len(start) == 1 else f"{start[:-1]}\\{start[-1]}"
