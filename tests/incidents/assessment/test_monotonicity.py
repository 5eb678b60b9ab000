"""Laws of the judgement that hold for every situation: graver facts, unknown facts and more data never lower it."""

from __future__ import annotations

from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from incidents.assessment.proposal import ProposedAssessment, assess
from incidents.facts.breach import Facts
from incidents.facts.data_kinds import KINDS, Sensitivity

REASSURING: dict[str, tuple[object, ...]] = {
    "special_categories": ("no",),
    "vulnerable": ("no",),
    "exfiltration": ("none_proven", "not_applicable"),
    "published": ("no",),
    "public_before": ("yes",),
    "alteration": ("none", "restored"),
    "backup": ("full_fast", "full_slow", "partial", "not_applicable"),
    "effect": ("none", "minor"),
    "identifiability": ("negligible", "limited"),
}
WORDS = ["horoscope", "pesel", "phone_numbers", "name_and_address", "health_insurance_dossier", "password_hashes"]
"""Words for data beside the rows of the table: unknown ones, other words, joined words."""
ANSWERS = ["yes", "no", "unknown"]
COUNTS = st.one_of(st.just("unknown"), st.integers(0, 2_000), st.builds(lambda n: {"min": n}, st.integers(0, 50)))
PROTECTIONS = st.fixed_dictionaries(
    {
        "encryption": st.sampled_from(
            ["none", "state_of_the_art", "hashed_salted", "device", "pseudonymised", "unknown"]
        ),
        "key": st.sampled_from(["safe", "compromised", "unknown"]),
    }
)
RECIPIENTS = st.fixed_dictionaries(
    {
        "who": st.just("somebody"),
        "count": COUNTS,
        "trusted": st.sampled_from(["yes", "partly", "no", "unknown"]),
        "deletion": st.sampled_from(["attested", "stated", "asked", "refused", "unknown"]),
        "returned": st.sampled_from(["unopened", "opened", "recalled", "no", "unknown"]),
        "read": st.sampled_from(ANSWERS),
        "feared": st.sampled_from(ANSWERS),
    }
)
SETS = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["controller", "processor"]),
        "kinds": st.lists(st.sampled_from([*KINDS, *WORDS]), min_size=1, max_size=4),
        "people": COUNTS,
        "sector": st.sampled_from([None, "retail", "pharmacy", "women's refuge", "police"]),
        "breach": st.lists(st.sampled_from(["confidentiality", "integrity", "availability"]), min_size=1, unique=True),
        "special_categories": st.sampled_from(ANSWERS),
        "special_harmless": st.sampled_from([None, "a food intolerance"]),
        "vulnerable": st.sampled_from(ANSWERS),
        "protection": PROTECTIONS,
        "exfiltration": st.sampled_from(["none_proven", "possible", "confirmed", "not_applicable", "unknown"]),
        "published": st.sampled_from(ANSWERS),
        "public_before": st.sampled_from(ANSWERS),
        "recipients": st.none() | RECIPIENTS,
        "alteration": st.sampled_from(["none", "restored", "recoverable", "unrecoverable", "unknown"]),
        "backup": st.sampled_from(
            ["full_fast", "full_slow", "partial", "none", "encrypted_too", "not_applicable", "unknown"]
        ),
        "unavailable_hours": st.none() | st.sampled_from([0, 0.5, 1, 5, 24, 30]),
        "effect": st.sampled_from(["none", "minor", "serious", "critical", "unknown"]),
        "identifiability": st.sampled_from(["negligible", "limited", "significant", "maximum", "unknown"]),
        "consequences_seen": st.lists(st.sampled_from(["fraud", "spam"]), max_size=1),
    }
)
SITUATIONS = st.fixed_dictionaries(
    {
        "summary": st.just("a situation"),
        "cause": st.fixed_dictionaries(
            {
                "nature": st.sampled_from(["unknown", "misconfiguration", "loss", "hacking"]),
                "actor": st.sampled_from(["external", "insider", "none", "unknown"]),
                "malicious": st.sampled_from(ANSWERS),
            }
        ),
        "undetected_days": st.none() | st.sampled_from([1, 30, 90]),
        "measures_taken": st.lists(st.just("remote_wipe"), max_size=1),
        "data_sets": st.lists(SETS, min_size=1, max_size=2).map(
            lambda sets: [each | {"name": f"set {number}"} for number, each in enumerate(sets)]
        ),
    }
)


NAMES_ASTRAY: dict[str, Any] = {
    "summary": "a situation",
    "cause": {"nature": "unknown", "actor": "none", "malicious": "no"},
    "data_sets": [{"name": "set 0", "role": "controller", "kinds": ["name"], "breach": ["confidentiality"]}],
}
READ_YET_UNOPENED = {
    "who": "somebody",
    "count": 1,
    "trusted": "yes",
    "deletion": "attested",
    "returned": "unopened",
} | {
    "read": "yes",
    "feared": "no",
}
"""Statements that contradict each other: the graver one must count."""


def _judged(situation: dict[str, Any]) -> ProposedAssessment:
    return assess(Facts.model_validate(situation))


def _changed(situation: dict[str, Any], **change: Any) -> dict[str, Any]:
    first, *others = situation["data_sets"]
    return situation | {"data_sets": [first | change, *others]}


def _not_lower(before: ProposedAssessment, after: ProposedAssessment) -> bool:
    return (
        after.risk.rank >= before.risk.rank
        and after.notify_authority >= before.notify_authority
        and after.notify_people >= before.notify_people
    )


@settings(max_examples=300)
@given(situation=SITUATIONS, key=st.sampled_from(sorted(REASSURING)), data=st.data())
def test_an_unknown_never_lowers_the_verdict(situation, key, data):
    reassuring = data.draw(st.sampled_from(REASSURING[key]))
    before = _judged(_changed(situation, **{key: reassuring}))
    after = _judged(_changed(situation, **{key: "unknown"}))
    assert _not_lower(before, after)


@settings(max_examples=300)
@given(situation=SITUATIONS)
def test_not_knowing_protection_people_or_duration_never_lowers_the_verdict(situation):
    before = _judged(_changed(situation, unavailable_hours=0.5))
    assert _not_lower(before, _judged(_changed(situation, unavailable_hours=None)))
    plain = _judged(situation)
    assert _not_lower(plain, _judged(_changed(situation, people="unknown")))
    assert _not_lower(plain, _judged(_changed(situation, protection={})))


@settings(max_examples=300)
@given(
    situation=SITUATIONS,
    recipients=RECIPIENTS,
    key=st.sampled_from(["count", "trusted", "deletion", "returned", "read"]),
)
@example(situation=NAMES_ASTRAY, recipients=READ_YET_UNOPENED | {"count": 25}, key="count")
@example(situation=NAMES_ASTRAY, recipients=READ_YET_UNOPENED | {"count": 1, "trusted": "no"}, key="read")
def test_not_knowing_the_recipient_never_lowers_the_verdict(situation, recipients, key):
    refused = recipients["deletion"] == "refused"
    before = _judged(_changed(situation, recipients=recipients))
    after = _judged(_changed(situation, recipients=recipients | {key: "unknown"}))
    assert _not_lower(before, after) or (refused and key == "deletion")


@settings(max_examples=300)
@given(situation=SITUATIONS, key=st.sampled_from(["nature", "actor", "malicious"]))
def test_not_knowing_the_cause_never_lowers_what_an_accident_would_be(situation, key):
    accident = situation | {"cause": situation["cause"] | {"malicious": "no"}}
    calm = accident | {"cause": {"nature": "misconfiguration", "actor": "none", "malicious": "unknown"}}
    assert _not_lower(_judged(accident), _judged(accident | {"cause": accident["cause"] | {"malicious": "unknown"}}))
    assert _not_lower(_judged(calm), _judged(calm | {"cause": calm["cause"] | {key: "unknown"}}))


WORSE: tuple[dict[str, Any], ...] = (
    {"special_categories": "yes"},
    {"vulnerable": "yes"},
    {"published": "yes"},
    {"people": {"min": 1_000_000}},
    {"effect": "critical"},
    {"consequences_seen": ["fraud"]},
    {"breach": ["confidentiality", "integrity", "availability"]},
    {"public_before": "no"},
    {"protection": {"encryption": "none"}},
    {"data_processing_context": 4, "context_because": "a helpline"},
    {"special_harmless": None},
    {"subjects": ["foster_children"]},
)


@settings(max_examples=300)
@given(situation=SITUATIONS, worse=st.sampled_from(WORSE))
def test_a_graver_fact_never_lowers_the_verdict(situation, worse):
    assert _not_lower(_judged(situation), _judged(_changed(situation, **worse)))


NOT_GRAVE = {slug for slug in KINDS if KINDS[slug].sensitivity <= Sensitivity.SERIOUS}
LESS_TRUST: tuple[dict[str, Any], ...] = (
    {"trusted": "no"},
    {"trusted": "partly"},
    {"deletion": "refused"},
    {"returned": "no"},
    {"returned": "opened"},
    {"read": "yes"},
    {"feared": "yes"},
    {"who": "the former husband", "feared": "unknown"},
    {"count": {"min": 5_000}},
)


@settings(max_examples=300)
@given(situation=SITUATIONS, recipients=RECIPIENTS, less=st.sampled_from(LESS_TRUST))
def test_less_trust_and_less_deletion_never_lower_the_verdict(situation, recipients, less):
    before = _judged(_changed(situation, recipients=recipients))
    assert _not_lower(before, _judged(_changed(situation, recipients=recipients | less)))


@settings(max_examples=300)
@given(situation=SITUATIONS, few=st.integers(0, 2_000), more=st.integers(0, 200_000))
def test_more_people_never_lower_the_verdict(situation, few, more):
    before = _judged(_changed(situation, people=few))
    assert _not_lower(before, _judged(_changed(situation, people=few + more)))


@settings(max_examples=300)
@given(situation=SITUATIONS, kind=st.sampled_from(sorted(NOT_GRAVE)))
def test_a_word_nobody_knows_is_never_milder_than_a_kind_that_is_not_grave(situation, kind):
    known, unknown = (_judged(_changed(situation, kinds=["name", each])) for each in (kind, "horoscope"))
    assert _not_lower(known, unknown)


@settings(max_examples=300)
@given(
    situation=SITUATIONS,
    kind=st.sampled_from([*(slug for slug in KINDS if KINDS[slug].sensitivity > Sensitivity.HARMLESS), *WORDS]),
)
def test_one_more_kind_of_data_never_lowers_the_verdict(situation, kind):
    kinds = [*situation["data_sets"][0]["kinds"], kind]
    assert _not_lower(_judged(situation), _judged(_changed(situation, kinds=kinds)))


@settings(max_examples=300)
@given(situation=SITUATIONS, another=SETS)
def test_one_more_data_set_never_lowers_the_verdict(situation, another):
    more = situation | {"data_sets": [*situation["data_sets"], another | {"name": "one more"}]}
    assert _not_lower(_judged(situation), _judged(more))


@settings(max_examples=200)
@given(situation=SITUATIONS)
def test_a_judgement_is_consistent_with_itself(situation):
    judgement = _judged(situation)
    assert judgement.register
    assert judgement.notify_authority or not judgement.notify_people
    assert judgement.reasons
