"""pydantic's words never reach a person: each problem of a file is said in plain words, in one place."""

from __future__ import annotations

import re
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Literal

import pytest
from pydantic import AwareDatetime, Field, ValidationError

from incidents.facts.breach import ScopeFileError, read_facts
from incidents.kernel.plain_problems import in_plain_words
from incidents.kernel.strict_model import PrintableText, StrictModel
from incidents.kernel.yaml_documents import read_yaml

ROOT = Path(__file__).parents[3]
PYDANTIC = re.compile(r"[Ii]nput|should|valid |[Tt]uple|[Dd]ictionary|[Ss]tring|[Ii]nteger|boolean|validation|parse")


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Everything(StrictModel):
    """A model with a field of each sort that files of ours have."""

    texts: tuple[PrintableText, ...] = Field(default=("x",), min_length=1, max_length=2)
    mapping: dict[str, int] = Field(default_factory=dict)
    whole: int = Field(default=1, ge=0, lt=10)
    share: float = Field(default=1.0, gt=0, le=1)
    truth: bool = True
    day: date = date(2026, 1, 1)
    at: datetime | None = None
    aware: AwareDatetime | None = None
    colour: Colour = Colour.RED
    word: Literal["a", "b"] = "a"
    either: int | tuple[int, ...] = 1
    short: str = Field(default="abc", min_length=2, max_length=5, pattern="^[a-z]+$")


@pytest.mark.parametrize(
    "line",
    [
        *("texts: []", "texts: [a, b, c]", "texts: x", "texts: [1]", "texts: ['']", "mapping: x", "mapping: {a: b}"),
        *("whole: x", "whole: -1", "whole: 10", "whole: 1.5", "share: x", "share: 0", "share: 2", "truth: perhaps"),
        *("day: x", "day: 12", "at: x", "aware: 2026-11-18T03:12:00", "colour: green", "word: c", "either: x"),
        *("either: [x]", "short: a", "short: abcdefg", "short: '12'", "short: [a]", "unknown: 1", "share: .nan"),
        "whole: 99999999999999999999999999999999999999999",
    ],
)
def test_no_problem_is_said_in_pydantics_words(line: str) -> None:
    document = read_yaml(f"# a comment\n{line}\n", "mine.yaml")
    with pytest.raises(ValidationError) as refused:
        Everything.model_validate(document.value)
    said = document.problems(list(refused.value.errors()))
    assert said
    for problem in said:
        assert problem.startswith("mine.yaml line 2: ")
        assert not PYDANTIC.search(problem), problem
        # Only what stands in the file is named, and no type that pydantic tried.
        keys = re.findall(r"`([^`]*)`", problem)[0].split(".")
        assert keys[0] == line.partition(":")[0]
        assert all(key.isdigit() or key in line for key in keys)


def test_our_own_words_stay_and_unknown_kinds_say_nothing_wrong() -> None:
    assert in_plain_words({"type": "value_error", "msg": "Value error, `a` is there twice"}) == "`a` is there twice"
    assert in_plain_words({"type": "callable_type", "msg": "Input should be callable"}) == "this cannot be used here"


def test_an_empty_list_in_a_scope_is_refused_in_plain_words() -> None:
    text = (ROOT / "config/drills/exposed-bucket/scope.yaml").read_text(encoding="utf-8")
    empty = re.sub(r"kinds: \[[^\]]*\]", "kinds: []", text, count=1)
    assert empty != text
    with pytest.raises(ScopeFileError) as refused:
        read_facts(read_yaml(empty, "scope.yaml"))
    assert "must stand here" in str(refused.value)
    assert not PYDANTIC.search(str(refused.value))
