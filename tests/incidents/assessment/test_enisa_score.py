"""ENISA's severity score: the arithmetic, the bands and how facts become its inputs."""

from __future__ import annotations

from decimal import Decimal

import pytest

from incidents.assessment.enisa_score import Band, band_of, data_processing_context, score, severity
from incidents.assessment.enisa_tables import (
    AVAILABILITY,
    CONFIDENTIALITY,
    CONSEQUENCES,
    CONTEXT,
    EASE,
    IDENTIFIER_OF,
    IDENTIFIERS,
    INTEGRITY,
    INTENT,
)
from incidents.facts.breach import Facts
from incidents.facts.choices import Identifiability
from incidents.facts.data_kinds import KINDS, Category

D = Decimal

VECTORS = [
    ("t01", 1, "0.25", "0", "0", "0", "0", "0.25", Band.LOW),
    ("t03", 1, "1", "0.5", "0", "0", "0.5", "2.00", Band.MEDIUM),
    ("t07", 3, "1", "0.25", "0", "0", "0", "3.25", Band.HIGH),
    ("t09", 4, "0.75", "0.5", "0", "0", "0.5", "4.00", Band.VERY_HIGH),
    ("t11", 4, "1", "0.5", "0.5", "0.5", "0.5", "6.00", Band.VERY_HIGH),
]


@pytest.mark.parametrize(("operands", "expected", "band"), [(row[1:-2], *row[-2:]) for row in VECTORS])
def test_the_published_arithmetic_holds(operands, expected, band):
    dpc, *others = operands
    number = score(dpc, *map(D, others))
    assert number == D(expected)
    assert band_of(number) is band


@pytest.mark.parametrize(
    ("number", "band"),
    [("1.99", "low"), ("2", "medium"), ("2.99", "medium"), ("3", "high"), ("3.99", "high"), ("4", "very_high")],
)
def test_an_edge_belongs_to_the_band_above(number, band):
    assert band_of(D(number)) == band


def test_a_context_outside_one_to_four_is_brought_back():
    none = D(0)
    assert score(9, D(1), none, none, none, none) == 4
    assert score(0, D(1), none, none, none, none) == 1


def facts(cause=None, measures=(), **data_set) -> Facts:
    base = {
        "name": "accounts",
        "role": "controller",
        "kinds": ["name", "email"],
        "breach": ["confidentiality"],
        "protection": {"encryption": "none"},
        "people": 10,
    }
    accident = {"nature": "misconfiguration", "actor": "none", "malicious": "no"}
    return Facts.model_validate(
        {"summary": "a test", "cause": cause or accident, "measures_taken": measures, "data_sets": [base | data_set]}
    )


CHOSEN = [
    ("supermarket customers", 1),
    ("luxury-car customers", 2),
    ("online-pharmacy customers", 3),
    ("undercover officers", 4),
    ("calls to a helpdesk", 1),
    ("a week of calls", 2),
    ("a year of calls", 3),
    ("calls to psychological support", 4),
]


@pytest.mark.parametrize(("context", "expected"), CHOSEN)
def test_a_persons_own_context_wins_and_its_reason_is_told(context, expected):
    found = severity(facts(data_processing_context=expected, context_because=context))
    assert found.dpc == expected
    assert context in found.steps[0]


EXAMPLES = [
    ("e01", {"kinds": ["name", "address"]}, 1, "Category simple, basic score 1, not adjusted"),
    ("e02", {"data_processing_context": 2, "context_because": "buyers of luxury cars"}, 2, "adjusted by +1"),
    ("e03", {"data_processing_context": 3, "context_because": "customers of a pharmacy"}, 3, "adjusted by +2"),
    ("e04", {"subjects": ["undercover_officers"]}, 4, "Category simple, basic score 1, adjusted by +3"),
    (
        "e05",
        {"kinds": ["call_data"], "data_processing_context": 1, "context_because": "calls to a helpdesk"},
        1,
        "Category behavioural, basic score 2, adjusted by -1",
    ),
    ("e06", {"kinds": ["call_history"]}, 2, "Category behavioural, basic score 2, not adjusted"),
    (
        "e07",
        {"kinds": ["call_history"], "data_processing_context": 3, "context_because": "calls of a whole year"},
        3,
        "Category behavioural, basic score 2, adjusted by +1",
    ),
    (
        "e08",
        {"kinds": ["call_data"], "data_processing_context": 4, "context_because": "calls to psychological support"},
        4,
        "Category behavioural, basic score 2, adjusted by +2",
    ),
]


@pytest.mark.parametrize(
    ("change", "expected", "step"), [row[1:] for row in EXAMPLES], ids=[row[0] for row in EXAMPLES]
)
def test_the_examples_of_the_methodology_are_met_step_by_step(change, expected, step):
    dpc, said = data_processing_context(facts(**change).data_sets[0])
    assert dpc == expected
    assert step in said
    assert said.rstrip(".").endswith(
        CONTEXT[Category.BEHAVIOURAL if "behavioural" in said else Category.SIMPLE][expected]
    )


@pytest.mark.parametrize("category", Category)
def test_every_context_of_every_category_has_its_words(category):
    assert list(CONTEXT[category]) == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"kinds": ["financial"]}, "Category financial, basic score 3, not adjusted"),
        ({"kinds": ["iban"]}, "Category financial, basic score 3, adjusted by -1"),
        ({"kinds": ["payment_card"]}, "Category financial, basic score 3, adjusted by +1"),
        ({"kinds": ["health"]}, "Category sensitive, basic score 4, not adjusted"),
        ({"special_categories": "yes"}, "Category sensitive, basic score 4, not adjusted"),
        (
            {"kinds": ["health"], "special_harmless": "an intolerance"},
            "Category sensitive, basic score 4, adjusted by -2",
        ),
        ({"kinds": ["horoscope"]}, "taken for financial with caution"),
        ({"kinds": ["credentials"]}, "Credentials are no category"),
        ({"kinds": ["ip_address"]}, "Category behavioural, basic score 2, adjusted by -1"),
    ],
)
def test_the_step_from_the_basic_score_is_told(change, says):
    assert says in data_processing_context(facts(**change).data_sets[0])[1]


@pytest.mark.parametrize(
    ("kinds", "level", "cell"),
    [
        (["name"], "negligible", "full name: many people in the country share it"),
        (["name"], "limited", "full name: few people in the country share it"),
        (["name"], "significant", "full name: few or none share it in a small city"),
        (["name"], "maximum", "full name: with date of birth and e-mail address"),
        (["pesel"], "negligible", "the number alone, without a reference database"),
        (["passport_copy"], "maximum", "with name or picture, or a reference database is at hand"),
        (["phone_number"], "limited", "in no public register, but in a small city"),
        (["address"], "maximum", "in a public register"),
        (["email"], "significant", "it can be searched for"),
        (["photo"], "significant", "clear, with nothing beside it"),
        (["photo"], "limited", "unclear, but with the place"),
        (["alias"], "negligible", "no link without a reference table"),
        (["user_id"], "significant", "the alias shows a first name or an e-mail address"),
    ],
)
def test_the_cell_of_the_identification_table_is_told(kinds, level, cell):
    found = severity(facts(kinds=kinds, identifiability=level))
    assert found.ei == EASE[Identifiability(level)]
    assert cell in found.steps[1]


def test_an_empty_cell_of_the_identification_table_says_nothing():
    said = severity(facts(kinds=["email"], identifiability="limited")).steps[1]
    assert said == "Ease of identification 0.5 (limited): stated in the facts."


def test_every_identifier_of_the_table_belongs_to_a_kind():
    assert set(IDENTIFIER_OF) <= set(KINDS)
    assert set(IDENTIFIER_OF.values()) == set(IDENTIFIERS)


def test_the_levels_of_identification_are_evenly_spaced():
    assert list(EASE.values()) == [D("0.25"), D("0.5"), D("0.75"), D(1)]


ALL_TOUCHED = {"breach": ["confidentiality", "integrity", "availability"]}


@pytest.mark.parametrize(
    ("change", "step", "says"),
    [
        ({"exfiltration": "none_proven"}, 2, f"Confidentiality adds 0: {CONFIDENTIALITY[D(0)]}."),
        ({"recipients": {"who": "x", "count": 1}}, 2, f"Confidentiality adds 0.25: {CONFIDENTIALITY[D('0.25')]}."),
        ({"published": "yes"}, 2, f"Confidentiality adds 0.5: {CONFIDENTIALITY[D('0.5')]}."),
        ({"alteration": "restored"}, 3, f"Integrity adds 0: {INTEGRITY[D(0)]}."),
        ({"alteration": "recoverable"}, 3, f"Integrity adds 0.25: {INTEGRITY[D('0.25')]}."),
        ({"alteration": "unrecoverable"}, 3, f"Integrity adds 0.5: {INTEGRITY[D('0.5')]}."),
        ({"backup": "full_fast"}, 4, f"Availability adds 0: {AVAILABILITY[D(0)]}."),
        ({"backup": "partial"}, 4, f"Availability adds 0.25: {AVAILABILITY[D('0.25')]}."),
        ({"backup": "none"}, 4, f"Availability adds 0.5: {AVAILABILITY[D('0.5')]}."),
        ({}, 5, f"Malicious intent adds 0: {INTENT[D(0)]}."),
        ({"cause": {"malicious": "yes"}}, 5, f"Malicious intent adds 0.5: {INTENT[D('0.5')]}."),
        ({"breach": ["availability"]}, 2, "Confidentiality adds 0: not touched by the breach."),
    ],
)
def test_each_circumstance_is_told_in_the_words_of_its_row(change, step, says):
    assert severity(facts(**(ALL_TOUCHED | change))).steps[step] == says


def test_what_the_band_means_for_people_is_told():
    assert severity(facts()).meaning == CONSEQUENCES["low"]
    assert set(CONSEQUENCES) == set(Band)


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["name", "address"], 1),
        (["purchase_history"], 2),
        (["financial"], 3),
        (["bank_account"], 2),
        (["payment_card"], 4),
        (["name", "health"], 4),
        (["horoscope"], 3),
        (["credentials"], 3),
        (["credentials", "purchase_history"], 2),
        (["credentials", "financial"], 3),
    ],
)
def test_the_context_is_that_of_the_highest_kind(kinds, expected):
    assert severity(facts(kinds=kinds)).dpc == expected


def test_people_in_need_of_protection_make_simple_data_critical():
    assert severity(facts(vulnerable="yes")).dpc == 4
    assert severity(facts(subjects=["children"])).dpc == 4


def test_data_public_before_count_one_less():
    assert severity(facts(kinds=["purchase_history"], public_before="yes")).dpc == 1


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (["pseudonym"], "0.25"),
        (["pseudonym", "health"], "0.5"),
        (["phone"], "0.5"),
        (["email"], "0.75"),
        (["name", "birth_date"], "1"),
        (["health"], "1"),
        (["horoscope"], "1"),
    ],
)
def test_identification_is_read_from_the_kinds(kinds, expected):
    assert severity(facts(kinds=kinds)).ei == D(expected)


def test_a_stated_identifiability_wins():
    assert severity(facts(identifiability="limited")).ei == D("0.5")


@pytest.mark.parametrize(
    ("encryption", "key", "expected"),
    [
        ("state_of_the_art", "safe", "0.25"),
        ("state_of_the_art", "unknown", "1"),
        ("state_of_the_art", "compromised", "1"),
        ("pseudonymised", "safe", "0.25"),
        ("pseudonymised", "compromised", "1"),
        ("weak", "safe", "1"),
    ],
)
def test_protection_that_holds_makes_identification_negligible(encryption, key, expected):
    assert severity(facts(protection={"encryption": encryption, "key": key})).ei == D(expected)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"published": "yes"}, "0.5"),
        ({}, "0.5"),
        ({"recipients": {"who": "a customer", "count": 1}}, "0.25"),
        ({"recipients": {"who": "a list"}}, "0.5"),
        ({"exfiltration": "none_proven"}, "0"),
        ({"cause": {"nature": "loss", "malicious": "no"}}, "0"),
        ({"cause": {"nature": "disposal", "malicious": "no"}, "exfiltration": "possible"}, "0"),
        ({"cause": {"nature": "loss", "malicious": "no"}, "exfiltration": "confirmed"}, "0.5"),
        ({"cause": {"nature": "disposal", "malicious": "no"}, "exfiltration": "confirmed"}, "0.5"),
        ({"breach": ["availability"], "backup": "full_fast"}, "0"),
        ({"breach": ["availability"], "backup": "full_slow"}, "0.25"),
        ({"breach": ["availability"], "backup": "none"}, "0.5"),
        ({"breach": ["availability"]}, "0.5"),
        ({"breach": ["integrity"], "alteration": "restored"}, "0"),
        ({"breach": ["integrity"], "alteration": "recoverable"}, "0.25"),
        ({"breach": ["integrity"]}, "0.5"),
        ({"cause": {"actor": "external", "malicious": "yes"}}, "1.0"),
        ({"cause": {"nature": "unknown"}}, "1.0"),
    ],
)
def test_circumstances_are_added(change, expected):
    assert severity(facts(**change)).cb == D(expected)


@pytest.mark.parametrize(("people", "flagged"), [(100, False), (101, True), ({"min": 24}, True), ("unknown", False)])
def test_more_than_a_hundred_people_set_a_flag_and_leave_the_score(people, flagged):
    found = severity(facts(people=people))
    assert ("individuals_over_100" in found.flags) is flagged
    assert found.score == severity(facts()).score


def test_unintelligible_data_set_a_flag():
    assert severity(facts(protection={"encryption": "state_of_the_art", "key": "safe"})).flags == (
        "data_unintelligible",
    )


def test_a_wiped_device_is_unintelligible_and_one_whose_key_is_known_is_not():
    wiped = facts(measures=["remote_wipe"], protection={"encryption": "device"})
    opened = facts(measures=["remote_wipe"], protection={"encryption": "device", "key": "compromised"})
    assert severity(wiped).flags == ("data_unintelligible",)
    assert severity(opened).flags == ()


def test_the_worst_data_set_is_answered():
    mild = facts().data_sets[0]
    grave = mild.model_copy(update={"name": "patients", "kinds": ("health",)})
    both = facts().model_copy(update={"data_sets": (mild, grave)})
    assert severity(both).data_set == "patients"


def test_the_steps_tell_the_whole_sum():
    found = severity(facts())
    assert found.steps[-1] == "1 x 1 + 0.5 = 1.5: band low."
    assert len(found.steps) == 7


def test_every_combination_stays_between_a_quarter_and_six_and_in_its_band():
    points = (D(0), D("0.25"), D("0.5"))
    numbers = {
        score(dpc, ei, c, i, a, malicious)
        for dpc in (1, 2, 3, 4)
        for ei in EASE.values()
        for c in points
        for i in points
        for a in points
        for malicious in (D(0), D("0.5"))
    }
    assert (min(numbers), max(numbers)) == (D("0.25"), D(6))
    ranks = [band_of(number).rank for number in sorted(numbers)]
    assert ranks == sorted(ranks)
    assert {band_of(number) for number in numbers} == set(Band)
