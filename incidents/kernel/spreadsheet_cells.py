"""Cells of CSV files for people with spreadsheets: none may be taken for a formula and run."""

from __future__ import annotations

import re
from typing import Final

_RUNNABLE: Final = re.compile(r"[\t\r\n]|[\s\x00-\x1f\u200b-\u200f\u2060\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]")
"""What makes a spreadsheet take a cell for a formula: full-width signs too, and after what it does not show."""


def without_formula(text: str) -> str:
    """Put an apostrophe before a text that a spreadsheet could run."""
    return f"'{text}" if _RUNNABLE.match(text) else text


def with_formula(text: str) -> str:
    """Undo :func:`without_formula`: a cell read back must not keep the sign that only the spreadsheet needed."""
    # Only where the rest would run: a name that begins with an apostrophe ('t Hart) keeps it.
    return text[1:] if text[:1] == "'" and _RUNNABLE.match(text[1:]) else text
