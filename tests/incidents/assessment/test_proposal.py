"""From facts to a proposed verdict: each factor alone, the whole, and the grounds of Art. 34(3) GDPR."""

from __future__ import annotations

import json
from typing import Any

import pytest

from incidents.assessment import exemptions, exposure, harms, sensitivity
from incidents.assessment.exposure import Exposure
from incidents.assessment.open_questions import open_questions
from incidents.assessment.proposal import ProposedAssessment, as_json, assess
from incidents.assessment.risk import Risk
from incidents.facts.breach import Facts
from incidents.facts.data_kinds import Sensitivity
from tests.builders.rows import over

ACCIDENT = {"nature": "misconfiguration", "actor": "none", "malicious": "no"}
ATTACK = {"nature": "hacking", "actor": "external", "malicious": "yes"}
INSIDER = {"nature": "copying", "actor": "insider", "malicious": "yes"}
PLAIN = {
    "name": "accounts",
    "role": "controller",
    "kinds": ["name", "address"],
    "breach": ["confidentiality"],
    "protection": {"encryption": "none"},
    "people": 5,
    "special_categories": "no",
    "vulnerable": "no",
}
COLLEAGUE = {"who": "a colleague", "count": 1, "trusted": "yes", "deletion": "attested"}
STRANGER = {"who": "a stranger", "count": 1, "trusted": "no"}
SAFE = {"encryption": "state_of_the_art", "key": "safe"}


def facts(cause: dict[str, Any] | None = None, top: dict[str, Any] | None = None, **data_set: Any) -> Facts:
    given_facts = {"summary": "a test", "cause": cause or ACCIDENT, "data_sets": [PLAIN | data_set]}
    return Facts.model_validate(given_facts | (top or {}))


def with_sets(*sets: dict[str, Any], **top: Any) -> Facts:
    several = [PLAIN | {"name": f"set {number}"} | each for number, each in enumerate(sets)]
    return Facts.model_validate({"summary": "a test", "cause": ACCIDENT, "data_sets": several} | top)


def names(judgement: ProposedAssessment) -> set[str]:
    return {reason.factor for reason in judgement.reasons}


# How grave the data are.


@pytest.mark.parametrize(
    ("factor", "change", "level"),
    [
        (sensitivity.special_categories, {"kinds": ["health"]}, Sensitivity.GRAVE),
        (sensitivity.special_categories, {"special_categories": "yes"}, Sensitivity.GRAVE),
        (sensitivity.protected_people, {"vulnerable": "yes"}, Sensitivity.GRAVE),
        (sensitivity.protected_people, {"subjects": ["children"]}, Sensitivity.GRAVE),
        (sensitivity.identity_theft, {"kinds": ["national_id"]}, Sensitivity.GRAVE),
        (sensitivity.ways_into_accounts, {"kinds": ["credentials"]}, Sensitivity.GRAVE),
        (sensitivity.ways_into_accounts, {"kinds": ["hashed_password"]}, Sensitivity.GRAVE),
        (sensitivity.money_and_whereabouts, {"kinds": ["bank_account"]}, Sensitivity.SERIOUS),
        (sensitivity.money_and_whereabouts, {"kinds": ["telecom_content"]}, Sensitivity.GRAVE),
        (sensitivity.telling_data, {"kinds": ["birth_date"]}, Sensitivity.TELLING),
        (sensitivity.unlisted_kinds, {"kinds": ["horoscope"]}, Sensitivity.SERIOUS),
        (sensitivity.own_context, {"data_processing_context": 4, "context_because": "helpline"}, Sensitivity.GRAVE),
        (sensitivity.everyday_data, {}, Sensitivity.ORDINARY),
    ],
)
def test_each_raising_factor_speaks_for_its_own_fact(factor, change, level):
    weight = factor(facts(**change).data_sets[0])
    assert weight.level is level
    assert weight.reason.source


@pytest.mark.parametrize("factor", sensitivity.RAISING[:-1])
def test_no_raising_factor_speaks_for_a_name_and_an_address(factor):
    assert factor(facts().data_sets[0]) is None


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({"kinds": ["pseudonym"]}, Sensitivity.HARMLESS),
        ({"kinds": ["pseudonym", "credentials"]}, Sensitivity.GRAVE),
        ({"public_before": "yes"}, Sensitivity.HARMLESS),
        ({"kinds": ["health"], "public_before": "yes"}, Sensitivity.GRAVE),
        ({"identifiability": "negligible"}, Sensitivity.HARMLESS),
        ({"kinds": ["health"], "identifiability": "negligible"}, Sensitivity.TELLING),
        ({"kinds": ["health"], "protection": {"encryption": "pseudonymised", "key": "safe"}}, Sensitivity.SERIOUS),
        ({"kinds": ["health"], "protection": {"encryption": "pseudonymised"}}, Sensitivity.GRAVE),
        (
            {"kinds": ["pseudonym", "hashed_password"], "protection": {"encryption": "hashed_salted", "key": "safe"}},
            Sensitivity.HARMLESS,
        ),
        (
            {"kinds": ["email", "hashed_password"], "protection": {"encryption": "hashed_salted", "key": "unknown"}},
            Sensitivity.GRAVE,
        ),
    ],
)
def test_what_lowers_sensitivity_does_so_only_while_it_holds(change, level):
    assert sensitivity.sensitivity(facts(**change).data_sets[0]).level is level


INTOLERANT: dict[str, Any] = {
    "special_harmless": "two of them cannot digest milk sugar",
    "kinds": ["name", "email", "health"],
}


@pytest.mark.parametrize(
    ("change", "level"),
    [
        ({}, Sensitivity.ORDINARY),
        ({"special_categories": "yes"}, Sensitivity.ORDINARY),
        ({"kinds": ["medical_data"]}, Sensitivity.ORDINARY),
        ({"people": 24}, Sensitivity.ORDINARY),
        ({"people": 25}, Sensitivity.GRAVE),
        ({"people": "unknown"}, Sensitivity.GRAVE),
        ({"kinds": ["name", "health", "religion"]}, Sensitivity.GRAVE),
        ({"kinds": ["name", "health", "criminal"]}, Sensitivity.GRAVE),
        ({"kinds": ["name", "health", "birth_date"]}, Sensitivity.TELLING),
        ({"vulnerable": "yes"}, Sensitivity.GRAVE),
    ],
)
def test_health_data_that_harm_nobody_weigh_little_for_a_few_people_only(change, level):
    weighed = sensitivity.sensitivity(facts(**INTOLERANT | change).data_sets[0])
    assert weighed.level is level


def test_harmless_health_data_are_named_with_the_reason_that_was_stated():
    reasons = assess(facts(**INTOLERANT)).reasons
    said = next(reason for reason in reasons if reason.factor == "harmless_health")
    assert (said.effect, "milk sugar" in said.because) == ("lowers", True)


def test_everyday_words_for_data_weigh_as_the_rows_they_stand_for():
    level = sensitivity.sensitivity(facts(kinds=["phone_numbers", "email_addresses"]).data_sets[0]).level
    assert level is Sensitivity.ORDINARY
    level = sensitivity.sensitivity(
        facts(kinds=["email", "password_hashes"], protection={"encryption": "hashed_salted", "key": "safe"}).data_sets[
            0
        ]
    ).level
    assert level is Sensitivity.ORDINARY


# How far the data went.


@pytest.mark.parametrize(
    ("rule", "cause", "change", "level"),
    [
        ("nothing_disclosed", ACCIDENT, {"breach": ["availability"]}, Exposure.NONE),
        ("unintelligible_to_outsiders", ATTACK, {"protection": SAFE}, Exposure.NONE),
        ("came_back_unopened", ACCIDENT, {"recipients": STRANGER | {"returned": "unopened"}}, Exposure.NONE),
        (
            "came_back_unopened", ACCIDENT, {"recipients": STRANGER | {"returned": "recalled", "read": "no"}},
            Exposure.NONE,
        ),
        (
            "few_known_recipients", ACCIDENT, {"recipients": STRANGER | {"returned": "recalled", "read": "unknown"}},
            Exposure.KNOWN,
        ),
        ("few_known_recipients", ACCIDENT, {"recipients": STRANGER | {"read": "no"}}, Exposure.KNOWN),
        (
            "taken_on_purpose", ATTACK, {"recipients": STRANGER | {"returned": "recalled", "read": "no"}},
            Exposure.ATTACKER,
        ),
        ("logs_show_no_outflow", ACCIDENT, {"exfiltration": "none_proven"}, Exposure.NONE),
        (
            "logs_show_no_outflow", ACCIDENT, {"exfiltration": "none_proven", "published": "yes"}, Exposure.UNTOUCHED,
        ),
        ("logs_show_no_outflow", ATTACK, {"exfiltration": "none_proven"}, Exposure.KNOWN),
        (
            "grave_data_lay_open", ACCIDENT, {"kinds": ["password"], "exfiltration": "none_proven"}, Exposure.UNTOUCHED,
        ),
        (
            "logs_show_no_outflow", ACCIDENT,
            {
                "kinds": ["hashed_password"], "exfiltration": "none_proven",
                "protection": {"encryption": "hashed_salted", "key": "safe"},
            },
            Exposure.NONE,
        ),
        (
            "nothing_disclosed", ACCIDENT,
            {"kinds": ["password"], "exfiltration": "none_proven", "breach": ["availability"]}, Exposure.NONE,
        ),
        ("logs_show_no_outflow", ATTACK, {"kinds": ["password"], "exfiltration": "none_proven"}, Exposure.KNOWN),
        ("taken_on_purpose", ATTACK, {}, Exposure.ATTACKER),
        ("taken_on_purpose", {"nature": "unknown"}, {}, Exposure.ATTACKER),
        ("taken_on_purpose", ATTACK, {"recipients": COLLEAGUE}, Exposure.ATTACKER),
        ("taken_on_purpose", INSIDER, {}, Exposure.INSIDER),
        ("taken_on_purpose", INSIDER, {"published": "yes"}, Exposure.ATTACKER),
        ("trusted_recipient", ACCIDENT, {"recipients": COLLEAGUE}, Exposure.CONTAINED),
        ("trusted_recipient", ACCIDENT, {"recipients": COLLEAGUE | {"deletion": "asked"}}, Exposure.ENTRUSTED),
        ("few_known_recipients", ACCIDENT, {"recipients": COLLEAGUE | {"deletion": "refused"}}, Exposure.KNOWN),
        ("few_known_recipients", ACCIDENT, {"recipients": COLLEAGUE | {"trusted": "partly"}}, Exposure.KNOWN),
        ("few_known_recipients", ACCIDENT, {"recipients": STRANGER | {"count": 24}}, Exposure.KNOWN),
        ("anybody", ACCIDENT, {"recipients": STRANGER | {"count": 25}}, Exposure.OPEN),
        ("anybody", ACCIDENT, {"recipients": STRANGER | {"count": "unknown"}}, Exposure.OPEN),
        ("anybody", ACCIDENT, {"recipients": COLLEAGUE, "published": "yes"}, Exposure.OPEN),
        ("anybody", {"nature": "loss"}, {}, Exposure.OPEN),
    ],
)  # fmt: skip
def test_the_first_rule_that_speaks_decides_the_exposure(rule, cause, change, level):
    whole = facts(cause, **change)
    found = exposure.exposure(whole, whole.data_sets[0])
    assert (found.reason.factor, found.level) == (rule, level)


def test_after_an_attack_not_knowing_whether_data_left_counts_as_possible():
    unknown = facts(ATTACK, breach=["availability"], backup="full_fast")
    shown = facts(ATTACK, breach=["availability"], backup="full_fast", exfiltration="none_proven")
    assert assess(unknown).notify_authority
    assert not assess(shown).notify_authority


# The tables.


@over(harms.DISCLOSURE.items())
def test_the_table_of_disclosure_never_falls_with_graver_data(exposed, row):
    ranks = [risk.rank for risk in row]
    assert len(row) == len(Sensitivity)
    assert ranks == sorted(ranks)


def test_every_exposure_has_a_row():
    assert set(harms.DISCLOSURE) == set(Exposure)


@over(harms.SCALE.items())
def test_numbers_only_ever_raise(place, scale):
    (exposed, level), (_, risk) = place, scale
    assert risk.rank > harms.DISCLOSURE[exposed][level].rank


@pytest.mark.parametrize(
    ("people", "risk"), [(24, Risk.UNLIKELY), (25, Risk.RISK), ({"min": 2}, Risk.RISK), ("unknown", Risk.RISK)]
)
def test_the_number_of_people_tips_the_scale(people, risk):
    assert assess(facts(recipients=STRANGER, people=people)).risk is risk


@pytest.mark.parametrize(
    ("people", "says"),
    [
        (25, "more than 24 people are affected, or may be"),
        ({"min": 2, "max": 25}, "more than 24 people are affected, or may be"),
        ({"min": 1200}, "at least 1,200 people are affected and no upper number is known"),
        ("unknown", "the number of people is unknown"),
    ],
)
def test_what_is_said_of_the_number_is_what_is_known_of_it(people, says):
    reasons = assess(facts(recipients=STRANGER, people=people)).reasons
    assert says in next(reason.because for reason in reasons if reason.factor == "many_people")


@pytest.mark.parametrize(("people", "risk"), [(24, Risk.RISK), (25, Risk.HIGH), ("unknown", Risk.HIGH)])
def test_grave_data_of_many_with_a_bound_recipient_who_has_not_deleted_them_are_a_high_risk(people, risk):
    keeps = COLLEAGUE | {"deletion": "asked"}
    assert assess(facts(kinds=["health"], recipients=keeps, people=people)).risk is risk


@pytest.mark.parametrize(
    ("change", "risk"),
    [
        ({"vulnerable": "yes", "unavailable_hours": 24}, Risk.UNLIKELY),
        ({"vulnerable": "yes", "unavailable_hours": 24.1}, Risk.HIGH),
        ({"kinds": ["health"], "unavailable_hours": 8}, Risk.RISK),
        ({"kinds": ["health"], "unavailable_hours": 8, "effect": "none"}, Risk.UNLIKELY),
        ({"vulnerable": "yes", "unavailable_hours": 8, "effect": "serious"}, Risk.HIGH),
    ],
)
def test_a_full_backup_within_a_day_is_enough_for_childrens_everyday_data_and_not_for_health(change, risk):
    assert assess(facts(breach=["availability"], backup="full_fast", **change)).risk is risk


@pytest.mark.parametrize(("days", "risk"), [(29, Risk.RISK), (30, Risk.HIGH), (None, Risk.RISK)])
def test_a_month_unnoticed_makes_an_attack_a_high_risk(days, risk):
    assert assess(facts(ATTACK, top={"undetected_days": days})).risk is risk


# Missing and wrong data.


@pytest.mark.parametrize(
    ("change", "factor", "risk"),
    [
        ({"effect": "serious"}, "people_feel_it", Risk.HIGH),
        ({"effect": "critical", "backup": "full_fast"}, "people_feel_it", Risk.HIGH),
        ({"kinds": ["health"], "unavailable_hours": 30}, "people_depend_on_it", Risk.HIGH),
        ({"kinds": ["health"], "unavailable_hours": 30, "effect": "none"}, "people_depend_on_it", Risk.RISK),
        ({"kinds": ["health"], "unavailable_hours": 0.5}, "people_depend_on_it", Risk.RISK),
        ({"vulnerable": "yes", "backup": "full_slow"}, "people_depend_on_it", Risk.HIGH),
        ({"vulnerable": "yes", "backup": "full_fast"}, "back_from_backup", Risk.UNLIKELY),
        ({"backup": "none"}, "lost_for_good", Risk.RISK),
        ({"kinds": ["financial"], "backup": "none"}, "lost_for_good", Risk.HIGH),
        ({"unavailable_hours": 1}, "over_in_a_moment", Risk.UNLIKELY),
        ({"unavailable_hours": 1.01}, "slow_to_return", Risk.RISK),
        ({"backup": "full_fast", "unavailable_hours": 24}, "back_from_backup", Risk.UNLIKELY),
        ({"backup": "full_fast", "unavailable_hours": 24.1}, "slow_to_return", Risk.RISK),
        ({"effect": "none", "unavailable_hours": 5}, "nobody_noticed", Risk.UNLIKELY),
        ({"effect": "minor", "backup": "partial"}, "slow_to_return", Risk.RISK),
        ({}, "slow_to_return", Risk.RISK),
    ],
)
def test_missing_data_are_judged_by_what_people_feel_and_what_comes_back(change, factor, risk):
    judgement = assess(facts(breach=["availability"], **change))
    assert judgement.risk is risk
    assert factor in names(judgement)


@pytest.mark.parametrize(
    ("change", "risk"),
    [
        ({"alteration": "restored"}, Risk.UNLIKELY),
        ({"alteration": "recoverable"}, Risk.RISK),
        ({"alteration": "unknown"}, Risk.RISK),
        ({"alteration": "unknown", "backup": "full_fast"}, Risk.RISK),
        ({"alteration": "unknown", "backup": "full_fast", "unavailable_hours": 24}, Risk.UNLIKELY),
        ({"alteration": "unknown", "backup": "full_fast", "unavailable_hours": 25}, Risk.RISK),
        ({"alteration": "unknown", "backup": "full_slow", "unavailable_hours": 1}, Risk.RISK),
        ({"kinds": ["financial"], "alteration": "unknown"}, Risk.HIGH),
        ({"alteration": "recoverable", "effect": "serious"}, Risk.HIGH),
        ({"alteration": "restored", "effect": "serious"}, Risk.HIGH),
    ],
)
def test_wrong_data_are_judged_by_whether_anybody_relied_on_them(change, risk):
    assert assess(facts(breach=["integrity"], **change)).risk is risk


@pytest.mark.parametrize(
    ("days", "risk"), [(None, Risk.UNLIKELY), (1, Risk.UNLIKELY), (1.01, Risk.HIGH), (30, Risk.HIGH)]
)
def test_a_backup_cures_what_nobody_could_use_and_not_what_stood_wrong_for_days(days, risk):
    altered = facts(
        top={"undetected_days": days}, breach=["integrity", "availability"], kinds=["financial"], backup="full_fast"
    )
    assert assess(altered).risk is risk


@pytest.mark.parametrize(
    "who",
    [
        "the former husband of the customer",
        "an ex-partner",
        "her violent partner",
        "the birth parents",
        "a stalker",
        "the accused",
        "the embassy of the country they fled",
    ],
)
def test_an_address_in_the_hands_of_whom_people_hide_from_is_grave(who):
    judgement = assess(facts(ACCIDENT, kinds=["name", "address"], people=1, recipients={"who": who, "count": 1}))
    assert judgement.risk is Risk.HIGH
    assert "feared_recipient" in names(judgement)


@pytest.mark.parametrize(
    "recipients",
    [
        {"who": "a former employee", "count": 1},
        {"who": "a former partner company", "count": 1},
        {"who": "another customer", "count": 1},
        {"who": "an ex-customer", "count": 1},
        {"who": "the former wife, who lives with them again", "count": 1, "feared": "no"},
        {"who": "a stalker", "count": 1, "returned": "unopened"},
    ],
)
def test_other_recipients_of_an_address_are_not_feared(recipients):
    judgement = assess(facts(ACCIDENT, kinds=["name", "address"], people=1, recipients=recipients))
    assert judgement.risk is Risk.UNLIKELY


def test_a_feared_recipient_is_not_contained_by_trust():
    recipients = {"who": "a colleague", "count": 1, "trusted": "yes", "deletion": "attested"}
    assert assess(facts(ACCIDENT, kinds=["address"], people=1, recipients=recipients)).risk is Risk.UNLIKELY
    feared = recipients | {"feared": "yes"}
    assert assess(facts(ACCIDENT, kinds=["address"], people=1, recipients=feared)).risk is Risk.HIGH


LISTED: dict[str, Any] = {
    "kinds": ["email"],
    "people": 50,
    "special_categories": "unknown",
    "vulnerable": "unknown",
    "recipients": {"who": "other members", "count": 50},
}


@pytest.mark.parametrize(
    ("sector", "subjects", "risk"),
    [
        ("HIV charity", ["members"], Risk.HIGH),
        ("dental practice", [], Risk.HIGH),
        ("local party", ["members"], Risk.HIGH),
        ("party", ["members"], Risk.HIGH),
        ("women's refuge", ["clients"], Risk.HIGH),
        ("child protection", ["clients"], Risk.HIGH),
        ("social services", ["clients"], Risk.HIGH),
        ("hospital", ["employees"], Risk.RISK),
        ("social services", ["employees"], Risk.RISK),
        ("accident insurance", ["customers"], Risk.RISK),
        ("student travel", ["customers"], Risk.RISK),
        ("party supplies", ["customers"], Risk.RISK),
        ("credit union", ["members"], Risk.RISK),
        ("Essex farm shop", ["customers"], Risk.RISK),
        ("children's clothing", ["customers"], Risk.RISK),
    ],
)
def test_a_list_tells_what_its_field_tells_of_those_it_serves(sector, subjects, risk):
    assert assess(facts(ACCIDENT, sector=sector, subjects=subjects, **LISTED)).risk is risk


def test_what_a_person_says_of_a_field_comes_before_its_word():
    told: dict[str, Any] = {"sector": "pharmacy supplies", "special_categories": "no", "vulnerable": "no"}
    assert assess(facts(ACCIDENT, **LISTED | told)).risk is Risk.RISK


@pytest.mark.parametrize(("published", "risk"), [("yes", Risk.HIGH), ("no", Risk.UNLIKELY)])
def test_who_serves_in_the_police_is_in_danger_once_everybody_can_read_it(published, risk):
    roster: dict[str, Any] = {"kinds": ["name"], "people": 20, "sector": "police", "subjects": ["employees"]}
    recipients = None if published == "yes" else {"who": "a wrong address", "count": 1}
    assert assess(facts(ACCIDENT, **roster, published=published, recipients=recipients)).risk is risk


def test_somebody_of_our_own_is_no_outsider_to_the_key():
    taken: dict[str, Any] = {"kinds": ["health"], "people": 10, "exfiltration": "confirmed", "protection": SAFE}
    assert assess(facts(ATTACK, **taken)).risk is Risk.UNLIKELY
    assert assess(facts(INSIDER, **taken)).risk is Risk.HIGH


def test_an_effect_that_people_feel_counts_whatever_was_breached():
    told: dict[str, Any] = {"kinds": ["name"], "people": 1, "recipients": {"who": "another customer", "count": 1}}
    assert assess(facts(ACCIDENT, **told)).risk is Risk.UNLIKELY
    assert assess(facts(ACCIDENT, **told, effect="serious")).risk is Risk.HIGH


@pytest.mark.parametrize(
    "change", [{"read": "yes"}, {"count": 25}], ids=["somebody read it all the same", "too many to follow up"]
)
def test_what_came_back_unopened_counts_for_a_few_who_did_not_read_it(change):
    back: dict[str, Any] = {"who": "another customer", "count": 1, "returned": "unopened"}
    told: dict[str, Any] = {"kinds": ["health"], "people": 1}
    assert assess(facts(ACCIDENT, **told, recipients=back)).risk is Risk.UNLIKELY
    assert assess(facts(ACCIDENT, **told, recipients=back | change)).risk is Risk.HIGH


@pytest.mark.parametrize(("count", "risk"), [(24, Risk.UNLIKELY), (25, Risk.RISK), ({"min": 25}, Risk.RISK)])
def test_trust_contains_what_a_few_have_deleted(count, risk):
    trusted: dict[str, Any] = {"who": "staff", "count": count, "trusted": "yes", "deletion": "stated"}
    assert assess(facts(ACCIDENT, kinds=["health"], people=5, recipients=trusted)).risk is risk


@pytest.mark.parametrize(("kind", "risk"), [("national_id", Risk.RISK), ("name", Risk.UNLIKELY)])
def test_grave_data_that_lay_open_are_not_cleared_by_a_log_of_outflow(kind, risk):
    assert assess(facts(ACCIDENT, kinds=[kind], people=9_000, exfiltration="none_proven")).risk is risk


@pytest.mark.parametrize(("people", "risk"), [(1_000, Risk.UNLIKELY), (1_001, Risk.RISK), ("unknown", Risk.RISK)])
@pytest.mark.parametrize(
    "where",
    [
        {"published": "yes", "exfiltration": "none_proven"},
        {"recipients": {"who": "a partner", "count": 1, "trusted": "yes", "deletion": "asked"}},
    ],
    ids=["untouched", "entrusted"],
)
def test_very_many_peoples_everyday_data_are_a_risk_even_where_nobody_is_seen_to_take_them(where, people, risk):
    assert assess(facts(ACCIDENT, kinds=["name"], people=people, **where)).risk is risk


@pytest.mark.parametrize(
    ("change", "cause", "risk"),
    [
        ({}, ACCIDENT, Risk.UNLIKELY),
        ({"unavailable_hours": 25}, ACCIDENT, Risk.RISK),
        ({"unavailable_hours": None}, ACCIDENT, Risk.RISK),
        ({"effect": "unknown"}, ACCIDENT, Risk.RISK),
        ({"kinds": ["order_history"]}, ACCIDENT, Risk.RISK),
        ({}, ATTACK, Risk.RISK),
    ],
)
def test_an_outage_of_hours_that_people_hardly_felt_is_no_risk(change, cause, risk):
    outage: dict[str, Any] = {"breach": ["availability"], "kinds": ["email"], "unavailable_hours": 5, "effect": "minor"}
    assert assess(facts(cause, **outage | {"exfiltration": "none_proven"} | change)).risk is risk


@pytest.mark.parametrize(
    ("kinds", "change", "risk"),
    [
        (["user_id", "hashed_password"], {}, Risk.UNLIKELY),
        (["username", "alias", "hashed_password"], {}, Risk.UNLIKELY),
        (["user_id", "email", "hashed_password"], {}, Risk.HIGH),
        (["user_id", "hashed_password"], {"vulnerable": "yes"}, Risk.HIGH),
        (["user_id", "hashed_password"], {"protection": {"encryption": "hashed_salted"}}, Risk.HIGH),
    ],
)
def test_chosen_names_beside_passwords_that_withstand_harm_nobody(kinds, change, risk):
    salted = {"encryption": "hashed_salted", "key": "safe"}
    stolen: dict[str, Any] = {"people": 1_200, "exfiltration": "confirmed", "protection": salted, "kinds": kinds}
    assert assess(facts(ATTACK, **stolen | change)).risk is risk


def test_what_people_have_already_met_with_needs_no_forecast():
    assert assess(facts(protection=SAFE, consequences_seen=["fraud"])).risk is Risk.HIGH
    assert assess(facts(protection=SAFE, consequences_seen=["spam"])).risk is Risk.RISK


# The proposal as a whole.


def test_every_breach_is_documented():
    assert assess(facts(protection=SAFE)).register


def test_for_data_held_only_for_controllers_they_decide():
    judgement = assess(facts(ATTACK, role="processor", kinds=["health"]))
    assert (judgement.risk, judgement.register) == (Risk.HIGH, True)
    assert (judgement.notify_authority, judgement.notify_people) == (False, False)
    decided = next(reason for reason in judgement.reasons if reason.factor == "controllers_decide")
    assert "Art. 33(2)" in decided.source


def test_the_worst_set_held_as_controller_decides_our_own_duties():
    own = {"recipients": STRANGER, "kinds": ["birth_date"]}
    others = {"role": "processor", "kinds": ["health"]}
    judgement = assess(with_sets(own, others))
    assert judgement.risk is Risk.HIGH
    assert (judgement.notify_authority, judgement.notify_people) == (True, False)
    assert "controllers_decide" in names(judgement)


def test_joint_control_counts_as_control():
    assert assess(facts(role="joint_controller", kinds=["health"])).notify_people


def test_reasons_name_the_data_set_they_speak_of():
    reasons = assess(facts(kinds=["health"])).reasons
    assert next(reason for reason in reasons if reason.factor == "special_categories").because.startswith("accounts: ")


def test_every_reason_has_a_plain_because_and_a_source():
    judgement = assess(facts(ATTACK, kinds=["credentials", "birth_date", "health"]))
    assert all(reason.because and reason.source for reason in judgement.reasons)
    assert {reason.effect for reason in judgement.reasons} <= {"raises", "lowers", "decides", "notes"}


def test_a_score_below_the_verdict_is_said_to_differ():
    judgement = assess(facts(kinds=["name", "national_id"], recipients=STRANGER))
    differs = next(reason for reason in judgement.reasons if reason.factor == "score_differs")
    assert judgement.risk is Risk.HIGH
    assert "goes further" in differs.because
    assert "(here: identity theft)" in differs.because


def test_a_score_above_the_verdict_is_said_to_differ():
    judgement = assess(facts(kinds=["financial", "health"], recipients=COLLEAGUE, people=1))
    differs = next(reason for reason in judgement.reasons if reason.factor == "score_differs")
    assert judgement.risk is Risk.UNLIKELY
    assert "stays below" in differs.because
    assert "here: trusted recipient" in differs.because


# Art. 34(3) GDPR.


def test_encryption_that_alone_keeps_the_risk_low_is_named_as_the_ground():
    judgement = assess(facts(ATTACK, kinds=["health"], protection=SAFE))
    assert (judgement.exception, judgement.notify_people) == (exemptions.UNINTELLIGIBLE, False)


def test_encryption_whose_key_is_gone_is_no_ground():
    lost = {"encryption": "state_of_the_art", "key": "compromised"}
    judgement = assess(facts(ATTACK, kinds=["health"], protection=lost))
    assert (judgement.exception, judgement.notify_people) == (None, True)


def test_encryption_is_no_ground_where_nothing_grave_was_protected():
    assert assess(facts(protection=SAFE)).exception is None


def test_later_measures_are_a_ground_and_leave_the_duty_visible():
    averted = {"high_risk_averted_by": "every session was ended before anybody used one"}
    judgement = assess(facts(ATTACK, kinds=["credentials"], top=averted))
    assert (judgement.exception, judgement.notify_people, judgement.notify_authority) == (
        exemptions.AVERTED,
        True,
        True,
    )


@pytest.mark.parametrize("change", [{"published": "yes"}, {"consequences_seen": ["fraud"]}])
def test_later_measures_cannot_undo_what_has_happened(change):
    averted = {"high_risk_averted_by": "passwords were reset"}
    judgement = assess(facts(ATTACK, kinds=["credentials"], top=averted, **change))
    assert judgement.exception is None
    assert "high_risk_not_averted" in names(judgement)


def test_disproportionate_effort_calls_for_a_public_communication():
    effort = {"direct_contact_disproportionate": "no contact data exist"}
    judgement = assess(facts(kinds=["health"], top=effort))
    assert judgement.exception == exemptions.DISPROPORTIONATE
    assert any("public communication" in reason.because for reason in judgement.reasons)


def test_no_ground_is_proposed_where_nobody_must_be_told():
    both = {"high_risk_averted_by": "x", "direct_contact_disproportionate": "y"}
    assert assess(facts(top=both)).exception is None


def test_a_ground_is_not_borrowed_from_data_held_for_others():
    judgement = assess(with_sets({"role": "processor", "kinds": ["health"]}, high_risk_averted_by="x"))
    assert judgement.exception is None


# What to find out, and the answer as JSON.


def test_unknown_facts_become_questions_once_each():
    found = open_questions(facts({"nature": "unknown"}, protection={}, people="unknown"))
    assert "accounts: How many people are affected, at least roughly?" in found
    assert "accounts: Were the data encrypted, and how?" in found
    assert "Did somebody cause it on purpose, and was it somebody outside?" in found
    assert len(found) == len(set(found))


def test_questions_about_recipients_and_absence_are_asked_where_they_matter():
    asked = " ".join(
        open_questions(facts(recipients={"who": "somebody"}, breach=["confidentiality", "integrity", "availability"]))
    )
    for word in (
        "How many wrong recipients",
        "bound by contract",
        "deleted",
        "seen",
        "altered",
        "backup",
        "missing",
        "feel",
    ):
        assert word in asked


def test_nothing_is_asked_about_recipients_where_there_are_none():
    assert not any("recipient" in question for question in open_questions(facts()))


def test_the_answer_is_plain_json_with_the_agreed_keys():
    answer = as_json(assess(facts(ATTACK)))
    assert json.loads(json.dumps(answer)) == answer
    assert set(answer) == {
        "severity", "risk", "register", "notify_authority", "notify_people", "exception", "reasons", "unknowns",
        "unknowns_said",
    }  # fmt: skip
    assert all(set(each) == {"factor", "effect", "because", "source", "about", "values"} for each in answer["reasons"])
    assert {"dpc", "ei", "cb", "score", "band"} <= set(answer["severity"])
    assert isinstance(answer["severity"]["score"], float)
