"""The table of factors: every one speaks somewhere, says what it does, and names where that is written."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from incidents.assessment import exposure, factors, harms, sensitivity
from incidents.assessment.factors import FACTORS, GROUPS
from incidents.texts.assessment_texts import FACTOR_OF

PACKAGE = Path(factors.__file__).parent
TABLES = {"factors.py", "sentences.py"}


def _calls() -> Iterator[tuple[ast.AST, ast.expr]]:
    """Every call of ``reason_for`` outside the tables: the module it stands in and what it is given to say."""
    for path in sorted(PACKAGE.glob("*.py")):
        if path.name in TABLES:
            continue
        module = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(module):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "reason_for"
                and node.args
            ):
                yield module, node.args[0]


def _codes(module: ast.AST, said: ast.expr) -> set[str]:
    """The sentences a call can say: the one it names, those its f-string fits, or those its module names for it."""
    if isinstance(said, ast.JoinedStr):
        parts = (re.escape(str(value.value)) if isinstance(value, ast.Constant) else r"\w+" for value in said.values)
        pattern = re.compile("".join(parts))
        return {code for code in FACTOR_OF if pattern.fullmatch(code)}
    within: ast.AST = module if isinstance(said, ast.Name) else said
    named = {each.value for each in ast.walk(within) if isinstance(each, ast.Constant) and isinstance(each.value, str)}
    return named if within is said else named & set(FACTOR_OF)


SPOKEN = set().union(*(_codes(module, said) for module, said in _calls()))


def test_every_factor_of_the_table_speaks_somewhere_and_no_other_does():
    assert set(FACTOR_OF) >= SPOKEN
    assert {FACTOR_OF[code] for code in SPOKEN} == set(FACTORS)


def test_every_sentence_of_a_factor_is_said_somewhere():
    assert set(FACTOR_OF) - SPOKEN == set()


def test_no_factor_answers_two_questions():
    assert sum(map(len, GROUPS.values())) == len(FACTORS)


@pytest.mark.parametrize("name", FACTORS)
def test_a_factor_has_effect_words_and_source(name):
    factor = FACTORS[name]
    assert factor.effect in {"raises", "lowers", "decides", "notes"}
    assert factor.speaks_of.endswith(".")
    assert re.search(r"GDPR|Guidelines|WP250|ENISA|DPC|UODO", factor.source)


@pytest.mark.parametrize("rule", [*sensitivity.RAISING, *sensitivity.LOWERING, *exposure.RULES, *harms.MISSING])
def test_a_rule_bears_the_name_of_its_factor(rule):
    assert rule.__name__ in FACTORS


@pytest.mark.parametrize("factor", sensitivity.RAISING[:-1])
def test_what_is_asked_first_to_raise_raises(factor):
    assert FACTORS[factor.__name__].effect == "raises"


@pytest.mark.parametrize("factor", sensitivity.LOWERING)
def test_what_is_asked_to_lower_lowers(factor):
    assert FACTORS[factor.__name__].effect == "lowers"
