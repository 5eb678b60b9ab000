"""A sentence of the judgement is plain English and remembers its code and its values."""

from __future__ import annotations

import copy
import json
import pickle
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from incidents.assessment.enisa_tables import CELLS
from incidents.assessment.factors import FACTORS
from incidents.assessment.proposal import as_json, assess
from incidents.assessment.risk import reason_for
from incidents.facts.breach import Facts
from incidents.texts.assessment_texts import FACTOR_OF, REASONS, SENTENCES
from incidents.texts.coded_text import CodedText, coded_text

AT = datetime(2026, 11, 22, 1, 47, tzinfo=UTC)


def test_every_factor_has_its_sentences_and_no_sentence_speaks_for_two():
    assert set(REASONS) == set(FACTORS)
    assert all(reason for reason in REASONS.values())
    assert sum(len(reason) for reason in REASONS.values()) == len(FACTOR_OF)
    assert not set(SENTENCES) & set(CELLS)


@pytest.mark.parametrize(
    ("about", "values", "english"),
    [
        ("identity_theft", {"kinds": ("tax_id", "pesel")}, "spend in their name (tax id, pesel)"),
        ("many_people", {"people": 1_000}, "more than 1,000 people"),
        ("long_undetected", {"days": 45.0}, "inside for 45 days"),
        ("slow_to_return", {"hours": 1.5}, "missing for 1.5 hours"),
        ("told_at", {"at": AT}, "told us at 2026-11-22T01:47Z"),
        ("people_feel_it", {"text": "no_pay {for} all"}, "people feel it: no_pay {for} all"),
        (
            "adjusted_by",
            {"category": "simple", "basic": 1, "step": 2, "cell": coded_text("not_touched")},
            "adjusted by +2",
        ),
        ("high_risk_not_averted", {"sets": ("a_b", "c")}, "already happened: a_b, c"),
    ],
)
def test_a_sentence_is_filled_in_english(about, values, english):
    assert english in coded_text(about, **values)


def test_a_sentence_of_a_data_set_names_it_and_remembers_it_apart():
    told = coded_text("slow_to_return", hours=30.0).of("orders")
    assert told.startswith("orders: the data were missing for 30 hours")
    assert told.to_json() == {"about": "slow_to_return", "values": {"data_set": "orders", "hours": 30.0}}


def test_values_are_written_for_a_program():
    told = coded_text("here", factors=("anybody",))
    found = CodedText("x", "y", {"at": AT, "points": Decimal("0.25"), "here": told, "rows": (told,)}).to_json()[
        "values"
    ]
    inner = {"about": "here", "values": {"factors": ["anybody"]}}
    assert found == {"at": "2026-11-22T01:47:00Z", "points": 0.25, "here": inner, "rows": [inner]}
    assert json.loads(json.dumps(found)) == found


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda each: pickle.loads(pickle.dumps(each))])  # noqa: S301 - our own bytes
def test_a_copy_remembers_too(again):
    told = coded_text("slow_to_return", hours=30.0)
    assert (again(told), again(told).to_json()) == (told, told.to_json())


def test_effect_and_source_of_a_reason_are_those_of_its_factor():
    reason = reason_for("came_back_unseen")
    assert (reason.factor, reason.effect) == ("came_back_unopened", "lowers")
    assert reason.source == FACTORS["came_back_unopened"].source


def test_the_answer_keeps_its_sentences_and_adds_their_codes_beside_them():
    data_set = {"name": "accounts", "role": "controller", "kinds": ["health"], "breach": ["availability"]}
    answer = as_json(assess(Facts.model_validate({"summary": "x", "data_sets": [data_set]})))
    (found,) = [each for each in answer["reasons"] if each["factor"] == "people_depend_on_it"]
    assert found["because"].startswith("accounts: people depend on these data")
    assert (found["about"], found["values"]) == ("people_depend_on_it_unknown", {"data_set": "accounts"})
    assert len(answer["unknowns_said"]) == len(answer["unknowns"])
    assert len(answer["severity"]["steps_said"]) == len(answer["severity"]["steps"])
    assert {type(each) for each in answer["unknowns"] + answer["severity"]["steps"]} == {str}
