"""Whether a text speaks to the people concerned ("your orders"), as a letter does, or about them.

A word that may be either (German *Sie*, *Ihre* at the beginning of a sentence) counts as address: a person looks.
"""

from __future__ import annotations

import re
from typing import Final

# Case matters in German (*sie* is "they", *Sie* is "you"), and does not in English and French.
_ADDRESS: Final = re.compile(
    r"\b(?:[Yy]ou|[Yy]ours?|[Yy]ourself|[Yy]ourselves|Sie|Ihnen|Ihre?[mnrs]?|[Vv]ous|[Vv]otre|[Vv]os)\b"
)


def address_in(text: str) -> str | None:
    """Give the first word with which *text* addresses its reader, if there is one."""
    match = _ADDRESS.search(text)
    return match.group() if match else None
