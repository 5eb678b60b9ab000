"""The vocabulary of a scope file: short forms, descriptions for editors, and at which party it happened."""

from __future__ import annotations

from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from incidents.assessment.open_questions import open_questions
from incidents.assessment.proposal import assess
from incidents.facts.breach import Facts, ScopeFileError, read_facts
from incidents.facts.choices import SourceKind
from incidents.kernel.yaml_documents import Document

PLAIN: dict[str, Any] = {"name": "accounts", "role": "controller", "kinds": ["name"], "breach": ["confidentiality"]}


def facts(top: dict[str, Any] | None = None, **data_set: Any) -> Facts:
    return Facts.model_validate({"summary": "a test", "data_sets": [PLAIN | data_set]} | (top or {}))


SCHEMA = Facts.model_json_schema()
EDITOR = Draft202012Validator(SCHEMA)


def parts() -> list[tuple[str, dict[str, Any]]]:
    return [("Facts", SCHEMA), *SCHEMA["$defs"].items()]


@pytest.mark.parametrize(
    ("part", "key"), [(name, key) for name, schema in parts() for key in schema.get("properties", {})]
)
def test_every_key_of_a_scope_file_is_described_to_editors(part, key):
    assert dict(parts())[part]["properties"][key].get("description")


@pytest.mark.parametrize(
    "change",
    [
        {"people": 1200},
        {"people": "unknown"},
        {"people": None},
        {"people": {"about": 1200}},
        {"people": {"min": 24, "max": 60}},
        {"people": {"min": 24}},
        {"people": {"least": 1, "most": None, "estimate": True}},
        {"countries": ["DE", "FR"]},
        {"countries": ["DE", "US-CA"]},
        {"countries": {"DE": 5, "FR": None}},
        {"countries": "unknown"},
        {"published": True},
        {"published": "unknown"},
    ],
)
def test_the_schema_offers_what_the_reader_understands(change):
    facts(**change)
    assert not list(EDITOR.iter_errors({"summary": "a test", "data_sets": [PLAIN | change]}))


@pytest.mark.parametrize(
    "change",
    [
        {"people": -1},
        {"people": "many"},
        {"people": {"about": 1, "min": 2}},
        {"countries": ["Germany"]},
        {"published": "perhaps"},
        {"colour": "blue"},
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(change):
    with pytest.raises(ValidationError):
        facts(**change)
    assert list(EDITOR.iter_errors({"summary": "a test", "data_sets": [PLAIN | change]}))


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_time_without_a_date_in_utc_is_refused(moment):
    with pytest.raises(ValidationError, match="no date in UTC"):
        Facts.model_validate({"summary": "a test", "data_sets": [PLAIN], "occurred_from": moment})


@pytest.mark.parametrize("hours", [float("inf"), float("nan")])
def test_a_time_without_end_is_no_number_of_hours(hours):
    with pytest.raises(ValidationError, match="finite number"):
        facts(unavailable_hours=hours)


# At which party it happened.


@pytest.mark.parametrize("people", [-1, {"about": -1}])
def test_a_negative_number_is_refused_once_and_not_for_each_of_its_ends(people):
    document = Document(name="s.yaml", value={"summary": "x", "data_sets": [PLAIN | {"people": people}]}, lines={})
    with pytest.raises(ScopeFileError) as refused:
        read_facts(document)
    assert refused.value.problems == (
        "s.yaml line 1: `data_sets.0.people`: a number of people or records is 0 or more, not -1",
    )


KNEW, TOLD = "2026-11-17T08:00:00Z", "2026-11-18T09:00:00Z"


@pytest.mark.parametrize("kind", SourceKind)
def test_a_supplier_or_affiliate_may_be_named_as_the_place(kind):
    party = facts({"source_party": {"kind": kind}}).source_party
    assert party is not None
    assert party.kind is kind


def test_nobody_tells_before_they_know():
    assert facts({"source_party": {"kind": "hosting", "became_aware_at": TOLD, "told_us_at": TOLD}})
    with pytest.raises(ValidationError, match="became_aware_at is after told_us_at"):
        facts({"source_party": {"kind": "hosting", "became_aware_at": TOLD, "told_us_at": KNEW}})


def _chain(**party: Any) -> str:
    reasons = assess(facts({"source_party": {"kind": "hosting"} | party})).reasons
    return next(reason.because for reason in reasons if reason.factor == "awareness_through_others")


def test_awareness_follows_from_being_told():
    said = _chain(became_aware_at=KNEW, told_us_at=TOLD)
    assert "2026-11-18T09:00Z" in said
    assert "2026-11-17T08:00Z" in said
    assert "hosting" in said


def test_a_supplier_that_has_not_told_us_is_said_so():
    assert "when they told us is not stated" in _chain(became_aware_at=KNEW)


def test_in_an_affiliate_knowledge_may_be_our_own():
    assert "own group" in _chain(kind="affiliate", told_us_at=TOLD)


def test_the_house_moves_no_verdict():
    without, within = assess(facts()), assess(facts({"source_party": {"kind": "payment", "told_us_at": TOLD}}))
    assert (without.risk, without.notify_authority, without.notify_people) == (
        within.risk,
        within.notify_authority,
        within.notify_people,
    )


def test_the_missing_times_of_the_chain_are_asked_for():
    asked = open_questions(facts({"source_party": {"kind": "carrier"}}))
    assert "When did the third party know, and when did it tell us?" in asked
    assert not any("third party" in question for question in open_questions(facts()))
    both = {"kind": "carrier", "became_aware_at": KNEW, "told_us_at": TOLD}
    assert not any("third party" in question for question in open_questions(facts({"source_party": both})))


def test_other_joint_controllers_are_named_only_where_control_is_joint():
    one = {"name": "prize draw", "kinds": ["email"], "breach": ["confidentiality"], "joint_with": ["a partner"]}
    given = {"summary": "Seen.", "data_sets": [{**one, "role": "joint_controller"}]}
    assert Facts.model_validate(given).data_sets[0].joint_with == ("a partner",)
    with pytest.raises(ValidationError, match="it goes with role: joint_controller"):
        Facts.model_validate({"summary": "Seen.", "data_sets": [{**one, "role": "controller"}]})
