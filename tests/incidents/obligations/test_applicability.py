"""Whom a law reaches: by establishment, by residence, by sector, by role, by number; never a silent no."""

from __future__ import annotations

import pytest

from flows.reference.regime_files import read as law
from flows.reference.regime_files import read_all
from incidents.facts.breach import Facts
from incidents.facts.choices import YesNoUnknown
from incidents.obligations.applicability import applicable, reaches_threshold, residents_among


def facts(countries: object = None, people: object = "unknown", role: str = "controller") -> Facts:
    data_set = {
        "name": "orders", "role": role, "kinds": ["email"], "breach": ["confidentiality"], "people": people,
        "countries": countries or {},
    }  # fmt: skip
    return Facts.model_validate({"summary": "A breach.", "data_sets": [data_set]})


@pytest.mark.parametrize(
    ("regime", "countries", "establishment", "sector", "answer"),
    [
        # the GDPR: established in the EEA, or people there
        ("eu-gdpr", ["US"], "DE", None, YesNoUnknown.YES),
        ("eu-gdpr", ["US"], "DE-BE", None, YesNoUnknown.YES),
        ("eu-gdpr", ["FR"], "US", None, YesNoUnknown.YES),
        ("eu-gdpr", ["NO"], "US", None, YesNoUnknown.YES),
        ("eu-gdpr", ["US"], "US", None, YesNoUnknown.NO),
        ("eu-gdpr", ["GB", "CH"], "US", None, YesNoUnknown.NO),
        ("eu-gdpr", None, "US", None, YesNoUnknown.UNKNOWN),
        ("eu-gdpr", ["US"], None, None, YesNoUnknown.UNKNOWN),
        # markets
        ("uk-gdpr", ["GB", "DE"], "DE", None, YesNoUnknown.YES),
        ("uk-gdpr", ["DE"], "DE", None, YesNoUnknown.NO),
        ("uk-gdpr", None, "DE", None, YesNoUnknown.UNKNOWN),
        ("eg-pdpl", ["EG"], "DE", None, YesNoUnknown.YES),
        # a sector
        ("eu-dora", ["DE"], "DE", "retail", YesNoUnknown.NO),
        ("eu-dora", ["DE"], "DE", "financial", YesNoUnknown.YES),
        ("eu-dora", ["DE"], "DE", None, YesNoUnknown.UNKNOWN),
        ("eu-dora", ["DE"], "NO", "financial", YesNoUnknown.NO),
        ("us-hipaa", ["US"], "DE", "retail", YesNoUnknown.NO),
        # a part of a country: facts know countries only
        ("us-ca", ["US"], "DE", None, YesNoUnknown.UNKNOWN),
        ("us-ca", ["DE"], "DE", None, YesNoUnknown.NO),
        ("us-ca", ["DE"], "US-CA", None, YesNoUnknown.YES),
        ("us-ca", ["DE"], "US-NY", None, YesNoUnknown.NO),
        ("us-ca", ["DE"], "US", None, YesNoUnknown.UNKNOWN),
    ],
)
def test_a_law_applies_by_what_the_facts_say(regime, countries, establishment, sector, answer):
    found = applicable(law(regime), facts(countries), establishment, (sector,) if sector else ())
    assert found.answer is answer
    assert found.because


def test_the_reason_that_settles_it_comes_first():
    found = applicable(law("eu-dora"), facts(["DE"]), "DE", ["retail"])
    assert found.because[0] == "it is only for financial, not for retail"


def test_an_unknown_says_what_to_find_out():
    found = applicable(law("uk-gdpr"), facts(None), "DE")
    assert found.because[0] == "where the people of `orders` live is not known: some may live in GB"


def test_a_law_for_controllers_does_not_reach_a_mere_processor():
    assert applicable(law("sa-pdpl"), facts(["SA"], role="processor"), "DE").answer is YesNoUnknown.NO
    assert applicable(law("eu-gdpr"), facts(["DE"], role="processor"), "DE").answer is YesNoUnknown.YES
    assert applicable(law("eg-pdpl"), facts(["EG"], role="processor"), "DE").answer is YesNoUnknown.YES


@pytest.mark.parametrize(
    ("countries", "people", "answer"),
    [
        ({"US": 500}, 500, YesNoUnknown.NO),
        ({"US": 501}, 501, YesNoUnknown.UNKNOWN),  # Americans, but Californians?
        ({"US": None}, {"about": 400}, YesNoUnknown.NO),
        ({"US": None}, "unknown", YesNoUnknown.UNKNOWN),
        ({"DE": 9000, "US": 500}, 9500, YesNoUnknown.NO),
        ({"DE": 9000}, 9000, YesNoUnknown.NO),
        (None, 500, YesNoUnknown.NO),
        (None, 501, YesNoUnknown.UNKNOWN),
    ],
)
def test_more_than_500_californians_are_501(countries, people, answer):
    regime = law("us-ca")
    assert reaches_threshold(regime.duty("authority-initial"), regime, facts(countries, people)).answer is answer


@pytest.mark.parametrize(
    ("people", "at_once", "yearly"),
    [
        (499, YesNoUnknown.NO, YesNoUnknown.YES),
        (500, YesNoUnknown.YES, YesNoUnknown.NO),
        ({"min": 400, "max": 600}, YesNoUnknown.UNKNOWN, YesNoUnknown.UNKNOWN),
    ],
)
def test_500_patients_decide_between_at_once_and_once_a_year(people, at_once, yearly):
    regime, known = law("us-hipaa"), facts(["US"], people)
    assert reaches_threshold(regime.duty("authority-initial"), regime, known).answer is at_once
    assert reaches_threshold(regime.duty("authority-annual"), regime, known).answer is yearly


def test_a_number_that_alone_suffices_never_says_no():
    regime = law("sg-pdpa")
    duty = regime.duty("authority-initial")
    assert reaches_threshold(duty, regime, facts(["SG"], 500)).answer is YesNoUnknown.YES
    assert reaches_threshold(duty, regime, facts(["SG"], 499)).answer is YesNoUnknown.UNKNOWN


def test_without_a_number_in_the_law_every_number_passes():
    regime = law("eu-gdpr")
    assert reaches_threshold(regime.duty("people"), regime, facts()).answer is YesNoUnknown.YES


def test_adding_a_country_never_takes_a_law_away():
    rank = {YesNoUnknown.NO: 0, YesNoUnknown.UNKNOWN: 1, YesNoUnknown.YES: 2}
    regimes = read_all()
    assert len(regimes) > 50
    for regime in regimes:
        for more in ("DE", "US", "GB", "BR", "EG"):
            before = applicable(regime, facts(["JP"]), "CL").answer
            after = applicable(regime, facts(["JP", more]), "CL").answer
            assert rank[after] >= rank[before]


@pytest.mark.parametrize(
    ("sets", "sure", "possible"),
    [
        # The same people may stand in both sets: the larger is sure, the sum is possible.
        ([({"SG": None}, 300), ({"SG": None}, 600)], 600, 900),
        ([({"SG": None}, 600), ({"SG": None}, 300)], 600, 900),
        ([({"SG": None}, 600), ({"DE": None}, 900)], 600, 600),
        ([({"SG": 200, "DE": 900}, 1100), ({"SG": 100, "DE": 10}, 110)], 200, 300),
        ([({"SG": None, "DE": 900}, {"min": 0, "max": 1000})], 0, 1000),
        ([({"SG": None}, {"min": 40, "max": 70}), ({}, 500)], 40, 570),
        ([({"SG": None}, 600), ({"SG": None}, "unknown")], 600, None),
    ],
)
def test_of_sets_that_may_overlap_the_largest_is_sure_and_the_sum_possible(sets, sure, possible):
    data_sets = [
        facts(countries, people).data_sets[0].model_copy(update={"name": f"set {number}"})
        for number, (countries, people) in enumerate(sets)
    ]
    known = facts().model_copy(update={"data_sets": tuple(data_sets)})
    assert residents_among(law("sg-pdpa"), known) == (sure, possible)
