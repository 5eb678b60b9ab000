"""The edges of the proposal's rules: the last hour of a day, each level of a context, people against a log."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.assessment import exposure, sensitivity
from incidents.assessment.harms import A_DAY, BRIEF_HOURS
from incidents.assessment.proposal import assess
from incidents.assessment.risk import Risk
from incidents.facts.breach import Facts
from incidents.facts.data_kinds import Sensitivity


def facts(**data_set: Any) -> Facts:
    base = {
        "name": "accounts", "role": "controller", "kinds": ["name", "address"], "breach": ["confidentiality"],
        "protection": {"encryption": "none"}, "people": 5, "special_categories": "no", "vulnerable": "no",
    }  # fmt: skip
    cause = {"nature": "misconfiguration", "actor": "none", "malicious": "no"}
    return Facts.model_validate({"summary": "a test", "cause": cause, "data_sets": [base | data_set]})


HEALTH = {"kinds": ["health"], "breach": ["availability"]}


@pytest.mark.parametrize(
    ("change", "hours", "risk"),
    [
        # A full backup, and people felt nothing or hardly anything: a day is still in time, a little more is not.
        ({"backup": "full_fast", "effect": "none"}, A_DAY, Risk.UNLIKELY),
        ({"backup": "full_fast", "effect": "none"}, A_DAY + 0.1, Risk.RISK),
        ({"backup": "full_fast", "effect": "minor"}, A_DAY, Risk.RISK),
        ({"backup": "full_fast", "effect": "minor"}, A_DAY + 0.1, Risk.HIGH),
        ({"backup": "full_fast", "effect": "minor"}, BRIEF_HOURS, Risk.UNLIKELY),
        ({"backup": "full_fast", "effect": "minor"}, BRIEF_HOURS + 0.1, Risk.RISK),
        ({"backup": "full_slow", "effect": "none"}, A_DAY, Risk.RISK),
        ({"backup": "full_slow", "effect": "minor"}, A_DAY, Risk.HIGH),
        ({"backup": "full_slow", "effect": "minor"}, BRIEF_HOURS, Risk.RISK),
        ({"backup": "full_slow", "effect": "minor"}, BRIEF_HOURS + 0.1, Risk.HIGH),
        ({"backup": "full_slow", "effect": "none"}, BRIEF_HOURS, Risk.UNLIKELY),
    ],
)
def test_how_long_health_data_may_be_missed(change, hours, risk):
    assert assess(facts(**HEALTH, **change, unavailable_hours=hours)).risk is risk


@pytest.mark.parametrize(
    ("change", "hours", "risk"),
    [
        ({"effect": "none"}, A_DAY, Risk.UNLIKELY),
        ({"effect": "none"}, A_DAY + 0.1, Risk.RISK),
        ({"effect": "minor"}, A_DAY, Risk.UNLIKELY),
        ({"effect": "minor"}, A_DAY + 0.1, Risk.RISK),
        ({"backup": "full_fast"}, A_DAY, Risk.UNLIKELY),
        ({"backup": "full_fast"}, A_DAY + 0.1, Risk.RISK),
        ({}, BRIEF_HOURS, Risk.UNLIKELY),
        ({}, BRIEF_HOURS + 0.1, Risk.RISK),
    ],
)
def test_how_long_everyday_data_may_be_missed(change, hours, risk):
    assert assess(facts(breach=["availability"], **change, unavailable_hours=hours)).risk is risk


@pytest.mark.parametrize(
    ("context", "level"), [(2, Sensitivity.TELLING), (3, Sensitivity.SERIOUS), (4, Sensitivity.GRAVE)]
)
def test_each_level_of_a_context_raises_to_its_own(context, level):
    (data_set,) = facts(data_processing_context=context, context_because="helpline").data_sets
    weight = sensitivity.own_context(data_set)
    assert weight is not None
    assert weight.level is level


def test_a_context_of_one_raises_nothing():
    (data_set,) = facts(data_processing_context=1, context_because="a supermarket").data_sets
    assert sensitivity.own_context(data_set) is None


@pytest.mark.parametrize(
    ("level", "lowered"),
    [
        (Sensitivity.HARMLESS, None),
        (Sensitivity.ORDINARY, Sensitivity.HARMLESS),
        (Sensitivity.TELLING, Sensitivity.ORDINARY),
        (Sensitivity.SERIOUS, None),
        (Sensitivity.GRAVE, None),
    ],
)
def test_what_everybody_could_read_before_lowers_light_data_only(level, lowered):
    (data_set,) = facts(public_before="yes").data_sets
    weight = sensitivity.public_already(data_set, level)
    assert (weight.level if weight else None) is lowered


@pytest.mark.parametrize(("seen", "believed"), [([], True), (["identity_fraud"], False)])
def test_people_who_felt_it_are_believed_against_a_log_that_shows_nothing(seen, believed):
    known = facts(exfiltration="none_proven", consequences_seen=seen)
    assert (exposure.logs_show_no_outflow(known, known.data_sets[0]) is not None) is believed


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"published": "yes"}, "the data were reachable by the public"),
        ({"recipients": {"who": "a list", "count": 25}}, "too many or too uncertain to be followed up"),
        ({"recipients": {"who": "a list"}}, "how many recipients there are is not stated"),
        ({}, "nobody can say who has the data (cause: misconfiguration)"),
    ],
)
def test_why_nobody_can_say_who_has_the_data_is_told(change, says):
    known = facts(**change)
    assert says in exposure.anybody(known, known.data_sets[0]).reason.because


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"alteration": "restored"}, {"data_restored"}),
        ({"alteration": "restored", "effect": "minor"}, {"data_restored"}),
        ({"alteration": "restored", "effect": "serious"}, {"wrong_data", "people_feel_it"}),
        ({"alteration": "none", "effect": "serious"}, {"data_restored", "people_feel_it"}),
        ({"alteration": "recoverable"}, {"wrong_data"}),
    ],
)
def test_data_put_back_after_people_felt_it_are_not_called_restored_in_time(change, says):
    found = {reason.factor for reason in assess(facts(breach=["integrity"], **change)).reasons}
    assert found & {"data_restored", "wrong_data", "people_feel_it"} == says
