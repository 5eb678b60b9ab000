"""What is wrong with a value that a person wrote, in their words: the one place that knows pydantic's.

pydantic speaks to programmers ("Tuple should have at least 1 item after validation, not 0"). Every reader of files and
settings asks here; what our own validators say is ours already and stays.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

_OURS: Final = frozenset({"value_error", "assertion_error"})
_Words = Callable[[Mapping[str, Any]], str]


def _just(words: str) -> _Words:
    return lambda _: words


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number:,} {what}s"


_LIST: Final = "a list is expected: [one, two], or a line with `- ` for each"
_MAPPING: Final = "keys with values below it are expected"
_WORDS: Final[Mapping[str, _Words]] = {
    **dict.fromkeys(("list_type", "tuple_type", "set_type", "frozen_set_type", "iterable_type"), _just(_LIST)),
    **dict.fromkeys(("dict_type", "mapping_type", "model_type", "model_attributes_type"), _just(_MAPPING)),
    **dict.fromkeys(("dataclass_type", "dataclass_exact_type"), _just(_MAPPING)),
    **dict.fromkeys(("int_type", "int_parsing", "int_from_float"), _just("a whole number is expected")),
    **dict.fromkeys(("float_type", "float_parsing", "decimal_type", "decimal_parsing"), _just("a number is expected")),
    **dict.fromkeys(("bool_type", "bool_parsing"), _just("true or false is expected")),
    **dict.fromkeys(("string_type", "string_unicode"), _just("a text is expected; put it in quotes")),
    **dict.fromkeys(("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
                    _just("a day is expected: 2026-11-18")),
    **dict.fromkeys(("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
                    _just('a time is expected: "2026-11-18T03:12:00+01:00"')),
    **dict.fromkeys(("time_type", "time_parsing"), _just('a time of day is expected: "03:12"')),
    **dict.fromkeys(("time_delta_type", "time_delta_parsing"), _just("a length of time is expected")),
    **dict.fromkeys(("enum", "literal_error"), lambda limits: f"expected is {limits['expected']}"),
    "timezone_aware": _just('a time with its zone is expected: "2026-11-18T03:12:00+01:00"'),
    "missing": _just("it is missing"),
    "extra_forbidden": _just("this key is not known here"),
    "invalid_key": _just("a key is a text; put it in quotes"),
    "none_required": _just("nothing may stand here"),
    "finite_number": _just("a number that ends is expected"),
    "int_parsing_size": _just("this number is too large"),
    "greater_than": lambda limits: f"must be more than {limits['gt']}",
    "greater_than_equal": lambda limits: f"must be at least {limits['ge']}",
    "less_than": lambda limits: f"must be less than {limits['lt']}",
    "less_than_equal": lambda limits: f"must be at most {limits['le']}",
    "too_short": lambda limits: f"at least {_many(limits['min_length'], 'value')} must stand here",
    "too_long": lambda limits: f"at most {_many(limits['max_length'], 'value')} may stand here",
    "string_too_short": lambda limits: f"must have at least {_many(limits['min_length'], 'character')}",
    "string_too_long": lambda limits: f"may have at most {_many(limits['max_length'], 'character')}",
    "string_pattern_mismatch": _just("it is not written as it must be"),
    "union_tag_invalid": lambda limits: f"expected is one of {limits['expected_tags']}",
}  # fmt: skip


def in_plain_words(problem: Mapping[str, Any]) -> str:
    """Say one of pydantic's errors (``ValidationError.errors()``) in plain words, without the place it stands at."""
    kind = str(problem["type"])
    if kind in _OURS:
        return str(problem["msg"]).removeprefix("Value error, ").removeprefix("Assertion failed, ")
    # A kind that no model of ours has today says little, and nothing wrong.
    words = _WORDS.get(kind)
    return words(problem.get("ctx", {})) if words else "this cannot be used here"
