"""Lines that the software itself wrote on the timeline, in the words of the report's language.

A line without a code (a person's, or one of a case older than the codes) stays as it was recorded.
"""

from __future__ import annotations

from typing import Any, Final

from incidents.case.case_file import TimelineLine
from notifications.reports.words import ReportWords

_GROUP: Final = {
    "draft": "draft", "elements": "element", "exception": "exception", "language": "language", "phase": "phase",
    "risk": "risk",
}  # fmt: skip
"""The words for a value that is a code, by the value's name."""


def line_text(line: TimelineLine, words: ReportWords) -> str | None:
    """Put a line that the software wrote into the words of the report; ``None`` for any other."""
    if line.said is None:
        return None
    values = line.said["values"]
    in_words = {name: _in_words(name, value, words) for name, value in values.items()}
    return words.say(f"line.{line.said['about']}", count=in_words.pop("count", None), **in_words)


def _in_words(name: str, value: Any, words: ReportWords) -> Any:
    match value:
        case bool():
            return words.say(f"line.{name}_{'yes' if value else 'no'}")
        case list() if name in _GROUP:
            return ", ".join(words.term(_GROUP[name], item) for item in value)
        case list():
            return "; ".join(value)
        case str() if name == "exception":
            # With its own space and brackets, since the sentence has no place for them where there is no exemption.
            return f" ({words.term('exception', value)})" if value else ""
        case str() if name in _GROUP:
            return words.term(_GROUP[name], value)
        case _:
            return value
