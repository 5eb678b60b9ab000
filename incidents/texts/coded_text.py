"""A sentence of the judgement that remembers how it was said: its stable code, and what fills it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Self

from incidents.kernel.timestamps import rfc3339
from incidents.texts.assessment_texts import SENTENCES

_CODED: Final = frozenset({"kinds", "consequences", "factors", "nature", "band"})
"""Values that are codes; English writes them without the underscores."""
# Parts are whole clauses that bring their own punctuation; rows have commas of their own.
_BETWEEN: Final = {"parts": "", "rows": "; "}
"""What stands between several values of this name; a comma between all others."""


class CodedText(str):
    """The English sentence, with ``about`` (its code) and ``values``.

    A value is a text, a number, a time, a code, another sentence, or several of them; its name says which.
    """

    # A str subclass, so that code and values travel through everything that only knows texts.
    __slots__ = ("about", "values")

    about: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, about: str = "", values: Mapping[str, Any] | None = None) -> Self:
        """Make a sentence of its English text."""
        # In __new__ and not in __init__: a str is finished once it is made.
        sentence = super().__new__(cls, text)
        sentence.about = about
        sentence.values = dict(values or {})
        return sentence

    def of(self, data_set: str) -> CodedText:
        """Say it of one data set."""
        # The set is a value like another: a paper in another language puts it where its own grammar wants it.
        return CodedText(f"{data_set}: {self}", self.about, {"data_set": data_set, **self.values})

    def to_json(self) -> dict[str, Any]:
        """Give code and values for a program: times as RFC 3339 in UTC, sentences within as the same two keys."""
        return {"about": self.about, "values": {name: _plain(value) for name, value in self.values.items()}}


def coded_text(about: str, **values: Any) -> CodedText:
    """Write a sentence of the table (assessment_texts.py)."""
    filled = {name: _in_english(name, value) for name, value in values.items()}
    return CodedText(SENTENCES[about].format(**filled), about, values)


def _in_english(name: str, value: Any) -> str:
    match value:
        case tuple():
            return _BETWEEN.get(name, ", ").join(_in_english(name, part) for part in value)
        case Enum():
            # Before str and int: a StrEnum is a str, an IntEnum an int, and both are written by their value.
            return _in_english(name, value.value)
        case datetime():
            return f"{value.astimezone(UTC):%Y-%m-%dT%H:%MZ}"
        case float():
            return f"{value:g}"
        case int():
            return f"{value:+d}" if name == "step" else f"{value:,}"
        case _:
            return str(value).replace("_", " ") if name in _CODED else str(value)


def _plain(value: Any) -> Any:
    match value:
        # Before everything else, for it is a str, too, and would lose its code.
        case CodedText():
            return value.to_json()
        case tuple():
            return [_plain(part) for part in value]
        case Enum():
            return value.value
        case datetime():
            return rfc3339(value)
        case Decimal():
            # The score's quarters are exact as floats.
            return float(value)
        case _:
            return value
