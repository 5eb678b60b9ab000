"""One concept, one word: the glossary is in order, no class name is given twice, no retired word comes back."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.builders.rows import over

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs" / "glossary.md"
CODE = ("incidents", "notifications", "flows", "config")
SOURCES = [path for folder in CODE for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]
"""Migrations keep the words of their day."""

STORED = "a column of a table whose rows the audit chain vouches for by column name"
KEPT: dict[str, dict[str, str]] = {
    "names": {
        "from_standing": STORED,
        "to_standing": STORED,
        "rung": STORED,
        "said": STORED,
    },
    "whole names": {},
}
"""Names that stay although their word was retired, each with its reason."""

DEFINED_TWICE = {
    "Obligation": "the row; in flows/cli/commands/obligations.py the argument that names one",
    "Phase": "the phase of a filing pack; in flows/cli/commands/submit.py the option, with its hyphens",
}
"""Class names that stand in two modules, each with its reason."""


def rows(heading: str) -> list[list[str]]:
    """The rows of the first table under a heading of the glossary."""
    part = GLOSSARY.read_text(encoding="utf-8").partition(f"# {heading}\n")[2]
    table = re.search(r"(?m)^\|.*\n\|[-|]+\|\n((?:\|.*\n)+)", part)
    assert table, heading
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()]


def retired(where: str) -> list[str]:
    return [word.strip("`") for word, _, place in rows("Retired words") if place == where]


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def names_in(path: Path) -> Iterator[str]:
    """Every name that a module gives: its own, classes, functions, arguments, variables, attributes."""
    yield path.stem
    for node in ast.walk(tree(path)):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name


def parts(name: str) -> set[str]:
    """``RiskDecision`` is made of *risk* and *decision*, ``next_step`` of *next* and *step*."""
    return {part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)}


@cache
def every_name() -> dict[str, set[str]]:
    given: dict[str, set[str]] = defaultdict(set)
    for path in SOURCES:
        for name in names_in(path):
            given[name].add(str(path.relative_to(ROOT)))
    return given


def test_the_glossary_has_each_term_once_and_in_alphabetical_order() -> None:
    terms = [row[0].replace("-", " ") for row in rows("Glossary")]
    assert terms == sorted(set(terms))


@over(rows("Glossary"), lambda row: row[0])
def test_every_term_of_the_glossary_has_a_meaning_and_a_place_in_code(row: list[str]) -> None:
    _term, meaning, place, _source = row
    assert meaning
    assert re.search(r"`[\w/.]+`", place)


def test_every_retired_word_says_which_word_is_in_use_and_what_it_is_kept_out_of() -> None:
    table = rows("Retired words")
    assert len({word for word, _, _ in table}) == len(table)
    assert {place for _, _, place in table} == {"names", "whole names", "texts"}
    assert all(used for _, used, _ in table)


def test_no_public_class_is_called_like_one_of_another_module() -> None:
    defined: dict[str, list[str]] = defaultdict(list)
    for path in SOURCES:
        for name in public_types(path):
            defined[name].append(str(path.relative_to(ROOT)))
    twice = {name: paths for name, paths in defined.items() if len(paths) > 1}
    assert {name: paths for name, paths in twice.items() if name not in DEFINED_TWICE} == {}
    assert set(DEFINED_TWICE) <= set(twice), "take out what is not defined twice any more"


def public_types(path: Path) -> Iterator[str]:
    """Classes and type aliases of a module: what is called in CamelCase."""
    for node in tree(path).body:
        match node:
            case ast.ClassDef(name=name) if not name.startswith("_"):
                yield name
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]) if re.match(
                r"[A-Z][A-Za-z]*[a-z]", name
            ):
                yield name


@over(retired("names"))
def test_a_retired_word_is_part_of_no_name(word: str) -> None:
    found = {name: sorted(paths) for name, paths in every_name().items() if word in parts(name)}
    assert {name: paths for name, paths in found.items() if name not in KEPT["names"]} == {}


@over(retired("whole names"))
def test_a_retired_name_is_given_to_nothing(word: str) -> None:
    assert word in KEPT["whole names"] or sorted(every_name().get(word, ())) == []


def test_every_name_that_is_kept_is_still_there() -> None:
    assert [name for names in KEPT.values() for name in names if name not in every_name()] == []


def texts() -> Iterator[tuple[str, str]]:
    """What people read of the software itself: documents, help texts, docstrings of commands."""
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")):
        if path.name != "CHANGELOG.md":
            # Blocks and `code` may quote what is stored; the table of retired words has to name them.
            text = path.read_text(encoding="utf-8").partition("## Retired words")[0]
            yield str(path.relative_to(ROOT)), re.sub(r"`[^`\n]*`", "", re.sub(r"(?ms)^ *```.*?^ *```$", "", text))
    for path in (ROOT / "flows" / "cli").rglob("*.py"):
        for node in ast.walk(tree(path)):
            match node:
                case ast.FunctionDef() if path.parent.name == "commands":
                    yield str(path.relative_to(ROOT)), ast.get_docstring(node) or ""
                case ast.keyword(arg="help", value=ast.Constant(value=str(text))):
                    yield str(path.relative_to(ROOT)), text
    yield "flows/cli/command_table.py", ast.unparse(tree(ROOT / "flows" / "cli" / "command_table.py"))


@over(retired("texts"))
def test_retired_words_are_said_in_no_text(words: str) -> None:
    pattern = re.compile(rf"\b{words}s?\b".replace(" ", r"\s+"), re.IGNORECASE)
    assert sorted({name for name, text in texts() if pattern.search(text)}) == []


def test_every_module_that_a_docstring_names_is_there() -> None:
    modules = {path.name for folder in (*CODE, "tests") for path in (ROOT / folder).rglob("*.py")}
    named = {
        (name, path.relative_to(ROOT).as_posix())
        for folder in CODE
        for path in (ROOT / folder).rglob("*.py")
        for name in re.findall(r"(?<![\w/`])([a-z_]+\.py)\b", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 20
    assert {(name, path) for name, path in named if name not in modules} == set()
