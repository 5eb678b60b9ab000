"""Each test asserts something whatever happens, not only under an `if` or in a loop over what may be empty."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from textwrap import indent

import pytest

from tests.builders.rows import over

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "tests").rglob("test_*.py"))
Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = dict[str, ast.AST]
"""What names stand for: a definition, the first value that is assigned, or the import."""
CHECKS: dict[Function, bool] = {}
"""Whether a helper asserts, of those that were looked at."""


def vacuous(tree: ast.Module) -> list[str]:
    """The tests of a module that may pass without having asserted anything."""
    scope = names_of(tree.body)
    tests = [node for node in tree.body if isinstance(node, Function) and node.name.startswith("test_")]
    return [test.name for test in tests if not asserts(test.body, scope)]


def asserts(body: Sequence[ast.stmt], scope: Scope) -> bool:
    """Whether something is asserted on every way through the statements."""
    scope = scope | names_of(body)
    for node in body:
        if asserts_by_itself(node, scope):
            return True
        if may_leave(node):
            return False
    return False


def asserts_by_itself(node: ast.stmt, scope: Scope) -> bool:
    match node:
        case ast.If(body=body, orelse=orelse):
            found = asserts(body, scope) and asserts(orelse, scope)
        case ast.For(iter=rows, body=body):
            found = has_members(rows, scope) and asserts(body, scope)
        case ast.With(items=items, body=body):
            found = any(calls_a_check(item, scope) for item in items) or asserts(body, scope)
        case ast.Try(body=body, finalbody=last):
            found = asserts(body, scope) or asserts(last, scope)
        case ast.Assert(test=ast.Call(func=ast.Name(id="all"), args=[rows])):
            found = has_members(rows, scope)
        case ast.Assert():
            found = True
        case ast.Expr() | ast.Assign() | ast.AnnAssign() | ast.Return():
            found = calls_a_check(node, scope)
        case _:
            found = False
    return found


def may_leave(node: ast.AST) -> bool:
    """Whether what follows may never be reached."""
    branches = (ast.If, ast.Try, ast.ExceptHandler, ast.With, ast.Match, ast.match_case)
    return isinstance(node, ast.Return | ast.Continue | ast.Break) or (
        isinstance(node, branches) and any(may_leave(inner) for inner in ast.iter_child_nodes(node))
    )


def has_members(node: ast.AST | None, scope: Scope) -> bool:
    """Whether it is plain from the text that there is something to loop over."""
    match node:
        case ast.Name(id=name):
            found = has_members(*meaning(name, scope))
        case ast.Starred(value=rows):
            found = has_members(rows, scope)
        case ast.Tuple(elts=members) | ast.List(elts=members) | ast.Set(elts=members) | ast.Dict(keys=members):
            # Where a dictionary is unpacked into another, the place of its key is empty.
            found = any(has_members(it, scope) if isinstance(it, ast.Starred) else it is not None for it in members)
        case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
            found = all(has_members(part.iter, scope) and not part.ifs for part in node.generators)
        case ast.ClassDef(bases=bases):
            found = any(ast.unparse(base).endswith("Enum") for base in bases)
        case ast.Call(func=ast.Attribute(value=owner, attr="items" | "keys" | "values"), args=[]):
            found = has_members(owner, scope)
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(count))]):
            found = count > 0
        case ast.Call(func=ast.Name(id="enumerate" | "list" | "reversed" | "set" | "sorted" | "zip"), args=rows):
            found = all(has_members(row, scope) for row in rows)
        case _:
            found = False
    return found


def calls_a_check(node: ast.AST, scope: Scope) -> bool:
    """Whether `pytest.raises` or a helper that asserts is called."""
    for call in ast.walk(node):
        match call:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr="raises" | "warns" | "fail")):
                return True
            case ast.Call(func=ast.Name(id=name)) if name in scope and is_check(*meaning(name, scope)):
                return True
    return False


def is_check(found: ast.AST | None, scope: Scope) -> bool:
    if isinstance(found, Function) and found not in CHECKS:
        CHECKS[found] = asserts(found.body, scope)
    return isinstance(found, Function) and CHECKS[found]


def meaning(name: str, scope: Scope) -> tuple[ast.AST | None, Scope]:
    """What a name stands for, and what the other names stand for there."""
    found, others = scope.get(name), {other: value for other, value in scope.items() if other != name}
    if not isinstance(found, ast.ImportFrom):
        return found, others
    path = ROOT / f"{(found.module or '').replace('.', '/')}.py"
    return meaning(name, scope_of(path)) if path.exists() else (None, others)


@cache
def scope_of(path: Path) -> Scope:
    return names_of(ast.parse(path.read_text(encoding="utf-8")).body)


def names_of(body: Sequence[ast.stmt]) -> Scope:
    names: Scope = {}
    for node in body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.setdefault(name, node)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                names.setdefault(name, value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                names.setdefault(name, value)
            case ast.ImportFrom(names=imported):
                names |= {alias.name: node for alias in imported if alias.asname is None}
    return names


MODULE = """
from enum import Enum
from incidents.case.lifecycle import OPEN_STAGES, Stage

class Colour(Enum):
    RED = 1

NUMBERS = (1, 2)
NAMED = {"one": 1}
DOUBLED = [2 * number for number in NUMBERS]
GREAT = [number for number in NUMBERS if number > 2]

def is_small(number):
    assert number < 3

def are_small(numbers):
    for number in numbers:
        is_small(number)

def test_it(rows, case):
"""
CANNOT_FAIL = (
    "pass",
    "rows.sort()",
    "if rows: assert case",
    "if rows: assert case\nelif case: assert not rows",
    "for row in rows: assert row",
    "for row in rows.values(): assert row",
    "for row in sorted(rows): is_small(row)",
    "for row in (): assert row",
    "for row in [*rows]: assert row",
    "for row in {**rows}: assert row",
    "for row in range(0): assert row",
    "for row in range(len(rows)): assert row",
    "for row in GREAT: assert row",
    "for row, number in zip(rows, NUMBERS): assert row",
    "for number in NUMBERS:\n  if number in rows: assert number",
    "for number in NUMBERS:\n  if number in rows: continue\n  assert number",
    "while rows: assert rows.pop()",
    "assert all(rows)",
    "assert all(row > 2 for row in rows)",
    "assert all([number in rows for number in NUMBERS if number > 2])",
    "are_small(rows)",
    "try: case()\nexcept ValueError: assert rows",
    "try: case()\nexcept ValueError: return\nassert rows",
    "with case: assert all(rows)",
    "def inner(): assert rows",
    "class Fake:\n  def call(self): assert rows",
)
CAN_FAIL = (
    "assert rows",
    "assert not [row for row in rows if row > 3]",
    "assert {row > 3 for row in rows} == {True}",
    "for row in rows: assert row\nassert rows",
    "assert rows\nassert all(row > 2 for row in rows)",
    "if rows: assert case\nelse: assert not case",
    "for number in (1, 2): assert number",
    "for number in [*rows, 1]: assert number",
    "for number in [*NUMBERS]: assert number",
    "for number in NUMBERS: assert number",
    "for number in range(3): is_small(number)",
    "for name, number in NAMED.items(): assert name",
    "for number in sorted(set(NUMBERS)): assert number",
    "for number in DOUBLED: assert number",
    "for number, double in zip(NUMBERS, DOUBLED, strict=True): assert number",
    "for colour in Colour: assert colour",
    "for stage in Stage: assert stage",
    "for stage in OPEN_STAGES: assert stage",
    "names = ['one']\nfor name in names: assert name",
    "assert all(number in rows for number in NUMBERS)",
    "is_small(1)",
    "found = is_small(1)",
    "with pytest.raises(ValueError): case()",
    "with case, pytest.raises(ValueError): rows()",
    "with case: assert rows",
    "try: assert rows\nfinally: case()",
    "for row in rows:\n  if row: continue\nassert rows",
    "def inner(): return 1\nassert inner()",
    "def inner(): assert rows\ninner()",
)


@pytest.mark.parametrize("text", CANNOT_FAIL)
def test_a_test_that_cannot_fail_is_found(text: str) -> None:
    assert vacuous(ast.parse(MODULE + indent(text, "    "))) == ["test_it"]


@pytest.mark.parametrize("text", CAN_FAIL)
def test_a_test_that_can_fail_is_not_found(text: str) -> None:
    assert vacuous(ast.parse(MODULE + indent(text, "    "))) == []


@over(FILES, lambda path: path.relative_to(ROOT).as_posix())
def test_each_test_can_fail(path: Path) -> None:
    assert vacuous(ast.parse(path.read_text(encoding="utf-8"))) == []
