"""The table of factors: every one speaks somewhere, says what it does, and names where that is written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incidents import exposure, factors, routes, sensitivity
from incidents.factors import FACTORS, GROUPS

ROOM = Path(factors.__file__).parent
SPOKEN = {
    name for path in ROOM.glob("*.py") for name in re.findall(r'speak\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
}


def test_every_factor_of_the_table_speaks_somewhere_and_no_other_does():
    assert set(FACTORS) == SPOKEN


def test_no_factor_answers_two_questions():
    assert sum(map(len, GROUPS.values())) == len(FACTORS)


@pytest.mark.parametrize("name", FACTORS)
def test_a_factor_has_effect_words_and_source(name):
    factor = FACTORS[name]
    assert factor.effect in {"raises", "lowers", "decides", "notes"}
    assert factor.speaks_of.endswith(".")
    assert re.search(r"GDPR|Guidelines|WP250|ENISA|DPC|UODO", factor.source)


@pytest.mark.parametrize("rule", [*sensitivity.RAISING, *sensitivity.LOWERING, *exposure.RULES, *routes.MISSING])
def test_a_rule_bears_the_name_of_its_factor(rule):
    assert rule.__name__ in FACTORS


@pytest.mark.parametrize("factor", sensitivity.RAISING[:-1])
def test_what_is_asked_first_to_raise_raises(factor):
    assert FACTORS[factor.__name__].effect == "raises"


@pytest.mark.parametrize("factor", sensitivity.LOWERING)
def test_what_is_asked_to_lower_lowers(factor):
    assert FACTORS[factor.__name__].effect == "lowers"
