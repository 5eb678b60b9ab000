"""Each requirement of the breach duties is proven by tests that exist, or named as not software's to do.

`proofs()` answers the reverse question: which tests prove which requirement.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

from flows.reference.requirements import REQUIREMENTS, Requirement, RequirementsError, requirements_of
from tests.builders.rows import over

ROOT = Path(__file__).resolve().parents[2]
LISTED = """
R1 R2 R3 R4 R5 R6 R7
R10 R11 R12 R13 R14 R15 R16 R17
R20 R21 R22 R23
R30 R31 R32 R33 R34
R40 R41 R42 R43 R44 R45
R50 R51 R52 R53 R54 R55
R60 R61
A1 A2 A3 A4 A5 A6
C1 C2 C3 C4 C5 C6
"""
IDS = LISTED.split()
FOUND = requirements_of(REQUIREMENTS.read_text(encoding="utf-8"))


def proofs() -> dict[str, tuple[str, ...]]:
    """Which requirements each named test proves."""
    named = {test for each in FOUND for test in each.tests}
    return {test: tuple(each.id for each in FOUND if test in each.tests) for test in sorted(named)}


@cache
def defined_in(path: str) -> frozenset[str]:
    """The tests that a file defines at its top, by reading it; nothing is imported or run."""
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return frozenset(node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_"))


def test_every_requirement_is_there_once_in_order_and_no_other():
    assert [each.id for each in FOUND] == IDS


@over(FOUND, lambda requirement: requirement.id)
def test_a_requirement_is_proven_or_said_to_be_a_persons(requirement):
    assert requirement.tests or requirement.not_software
    assert requirement.asks.endswith(".")
    assert not requirement.not_software or requirement.not_software.endswith(".")
    assert len(set(requirement.tests)) == len(requirement.tests)


@over(proofs())
def test_a_test_that_proves_a_requirement_exists(node_id):
    path, _, name = node_id.partition("::")
    assert path.startswith("tests/")
    assert (ROOT / path).is_file(), f"{path} names {', '.join(proofs()[node_id])} and is not there"
    assert name in defined_in(path), f"{node_id} is named by {', '.join(proofs()[node_id])} and is not there"


def test_a_test_that_is_renamed_is_missed():
    assert "test_a_test_that_is_renamed_is_missed" in defined_in("tests/law/test_requirements.py")
    assert "defined_in" not in defined_in("tests/law/test_requirements.py"), "a helper is no test"
    assert "test_that_was_never_written" not in defined_in("tests/law/test_requirements.py")


def test_which_requirements_a_test_proves_can_be_asked():
    told = proofs()["tests/incidents/assessment/test_monotonicity.py::test_an_unknown_never_lowers_the_verdict"]
    assert told == ("R3", "R7")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("R1: {asks: A., tests: [], proven: yes}", "R1"),
        ("R1: {tests: [x]}", "R1"),
        ("R1: {asks: A., tests: x}", "R1"),
        ("[R1]", "a mapping"),
    ],
)
def test_a_table_that_cannot_be_read_names_its_requirement(text, why):
    with pytest.raises(RequirementsError, match=why):
        requirements_of(text)


def test_a_requirement_may_have_no_test_and_says_so():
    assert requirements_of("R1: {asks: A., not_software: B.}") == (
        Requirement(id="R1", asks="A.", tests=(), not_software="B."),
    )
