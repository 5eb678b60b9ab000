"""Published verdicts of authorities, put to the judgement: it misses no duty, and finds none where none was."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from incidents.assessment.proposal import assess
from incidents.facts.breach import read_facts
from incidents.kernel.yaml_documents import Document, read_yaml
from tests.law import case_vocabulary
from tests.law.case_vocabulary import cases_in

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def _value(path: Path) -> Any:
    return read_yaml(path.read_text(encoding="utf-8"), path.name).value


def _read(name: str) -> Any:
    return _value(HERE / name)


PUBLISHED = _read("published_cases.yaml")
SAMPLE = [case for group in _read("vocabulary_sample.yaml").values() for case in group]


def _agrees(proposed: bool, verdict: object) -> bool:
    return verdict in {None, "open", "conditional"} or proposed == (verdict in {True, "yes"})


def _put_to_the_script(file: Path) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "tests/law/case_vocabulary.py", str(file)]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return {answer["id"]: answer for answer in answers}


@pytest.fixture(scope="module")
def answers() -> dict[str, dict[str, Any]]:
    return _put_to_the_script(HERE / "vocabulary_sample.yaml")


@pytest.mark.parametrize("case", PUBLISHED, ids=lambda case: case["id"])
def test_the_verdict_of_a_published_case_is_met(case):
    judgement = assess(read_facts(Document(name=case["id"], value=case["scope"], lines={})))
    assert judgement.register
    assert _agrees(judgement.notify_authority, case["verdict"]["authority"]), judgement.reasons
    assert _agrees(judgement.notify_people, case["verdict"]["people"]), judgement.reasons


@pytest.mark.parametrize("case", SAMPLE, ids=lambda case: case["id"])
def test_a_case_in_the_vocabulary_meets_its_verdict(case, answers):
    answer = answers[case["id"]]
    assert answer["register"] is True
    assert _agrees(answer["notify_authority"], case["verdict"].get("notify_sa")), answer["reasons"]
    assert _agrees(answer["notify_people"], case["verdict"].get("communicate_ds")), answer["reasons"]


def test_no_duty_of_a_file_of_cases_from_outside_is_missed():
    """A file in the same vocabulary, named by TOCSIN_TEST_CASES: each published verdict that asks for a duty is met."""
    named = os.environ.get("TOCSIN_TEST_CASES")
    if not named:
        pytest.skip("TOCSIN_TEST_CASES names no file of cases")
    cases = {case["id"]: case for case in cases_in(_value(Path(named)))}
    answers = _put_to_the_script(Path(named))
    assert set(answers) == set(cases) != set()
    for case_id, case in cases.items():
        answer, verdict = answers[case_id], case["verdict"]
        assert answer["register"] is True
        assert _agrees(answer["notify_authority"], verdict.get("notify_sa")), (case_id, answer["reasons"])
        assert _agrees(answer["notify_people"], verdict.get("communicate_ds")), (case_id, answer["reasons"])


def test_a_line_has_exactly_the_agreed_keys(answers):
    expected = {"id", "risk", "register", "notify_authority", "notify_people", "reasons"}
    assert {frozenset(answer) for answer in answers.values()} == {frozenset(expected)}


def test_what_is_not_understood_is_carried_and_does_not_lower_the_risk(answers):
    answer = answers["words-nobody-knows"]
    carried = [each["because"] for each in answer["reasons"] if each["factor"] == "not_understood"]
    expected = [
        "key `colour`: blue",
        "`malicious: perhaps`",
        "`encrypted: rot13`",
        "`operational_impact: a strange mood`",
    ]
    assert carried == expected
    assert answer["risk"] == "high"


def test_a_breach_at_a_processor_is_answered_with_what_its_controllers_owe(tmp_path):
    facts = {"role": "processor", "data": ["health"], "breach": ["C"], "malicious": "external"}
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps([{"id": "theirs", "facts": facts}]), encoding="utf-8")
    answer = _put_to_the_script(file)["theirs"]
    assert (answer["notify_authority"], answer["notify_people"], answer["risk"]) == (True, True, "high")
    assert any(each["factor"] == "controllers_decide" for each in answer["reasons"])


@pytest.mark.parametrize(
    ("data", "people", "told"),
    [(["identity"], 100, (True, False)), (["name"], 100, (False, False)), (["name"], None, (True, False))],
)
def test_a_hole_that_nobody_is_known_to_have_used_lay_open_all_the_same(tmp_path, data, people, told):
    facts = {"data": data, "people": people, "breach": ["C"], "malicious": "none", "exploited": False}
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps([{"id": "hole", "facts": facts}]), encoding="utf-8")
    answer = _put_to_the_script(file)["hole"]
    assert (answer["notify_authority"], answer["notify_people"]) == told


def answer_to(tmp_path: Path, facts: dict[str, Any]) -> tuple[bool, bool]:
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps([{"id": "one", "facts": facts}]), encoding="utf-8")
    answer = _put_to_the_script(file)["one"]
    return answer["notify_authority"], answer["notify_people"]


SENT_ASTRAY = {"data": ["health"], "people": 1, "breach": ["C"], "recipient": "another clinic", "recipient_count": 1}


@pytest.mark.parametrize(
    "facts",
    [
        {
            "encrypted": "state_of_art_key_safe",
            "backup": "full_fast",
            "breach": ["C_unlikely", "A"],
            "data": ["health"],
        },
        {"breach": ["C_unlikely"], "data": ["identity"], "people": 10},
        SENT_ASTRAY | {"recipient_trusted": True, "deletion_confirmed": "written"},
    ],
    ids=["encrypted", "excluded", "sent to somebody"],
)
def test_that_nobody_used_it_is_no_hole_where_nothing_lay_open(tmp_path, facts):
    told = {"malicious": "none"} | facts
    assert answer_to(tmp_path, told) == answer_to(tmp_path, told | {"exploited": False}) == (False, False)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"retrieval": "returned_unopened"}, (False, False)),
        ({"recipient_trusted": True, "deletion_confirmed": "written"}, (False, False)),
        ({"recipient_trusted": True, "deletion_confirmed": "written", "fraud": "observed"}, (True, True)),
        ({"recipient_trusted": True, "deletion_confirmed": "written", "exfiltration": "confirmed"}, (True, True)),
        ({"recipient_trusted": True, "deletion_confirmed": "written", "recipient": "a former employee"}, (True, True)),
        ({"deletion_confirmed": "declaration"}, (True, True)),
    ],
)
def test_what_came_back_or_reached_somebody_trusted_was_sent_astray_where_nobody_says_who_meant_it(
    tmp_path, change, told
):
    assert answer_to(tmp_path, SENT_ASTRAY | change) == told


def test_a_key_that_became_known_undoes_encryption(tmp_path):
    facts = {
        "data": ["health"],
        "breach": ["C_unlikely"],
        "malicious": "external",
        "encrypted": "state_of_art_key_safe",
    }
    file = tmp_path / "cases.yaml"
    cases = [{"id": "safe", "facts": facts}, {"id": "lost", "facts": facts | {"key_compromised": True}}]
    file.write_text(json.dumps(cases), encoding="utf-8")
    found = _put_to_the_script(file)
    assert found["safe"]["risk"] == "unlikely"
    assert found["lost"]["risk"] == "high"


@pytest.mark.parametrize(
    ("words", "effect"),
    [
        ("none", "none"),
        ("none observed", "none"),
        ("no effect on pay or client requests", "none"),
        ("no consequences for customers", "none"),
        ("no effect on pay but treatment delayed", "critical"),
        ("no access to medical records", "critical"),
        ("cancelled operations", "critical"),
        ("treatments postponed", "critical"),
        ("salaries not paid", "serious"),
        ("minor operational delays", "minor"),
        ("delayed deliveries", "minor"),
        ("a strange mood", "unknown"),
    ],
)
def test_words_for_the_effect_on_people_are_read_the_grave_way_first(words, effect):
    assert case_vocabulary._effect(case_vocabulary.Translation({"operational_impact": words})) == effect


@pytest.mark.parametrize(
    ("facts", "harmless"),
    [
        ({"special_detail": "lactose intolerance of two guests"}, True),
        ({"special_detail": "food preferences"}, True),
        ({"special_detail": "halal and kosher meals"}, False),
        ({"special_detail": "diet because of diabetes"}, False),
        ({"special_detail": "sick leave"}, False),
        ({}, False),
    ],
)
def test_only_words_that_tell_of_nothing_worse_make_health_data_harmless(facts, harmless):
    assert (case_vocabulary._harmless(facts) is not None) is harmless


@pytest.mark.parametrize(
    ("facts", "special"),
    [
        ({"special_categories": "partly"}, "yes"),
        ({"special_detail": "sick leave"}, "yes"),
        ({"sector": "hospital"}, "unknown"),
        ({"sector": "hospital", "special_categories": False}, "no"),
    ],
)
def test_special_categories_are_read_as_stated(facts, special):
    assert case_vocabulary._special(case_vocabulary.Translation(facts)) == special


@pytest.mark.parametrize(
    ("facts", "told"),
    [
        ({"sector": "hospital"}, (True, True)),
        ({"sector": "hospital", "subjects": ["employees"]}, (True, False)),
        ({"sector": "hospital", "subjects": ["employees", "patients"]}, (True, True)),
        ({"sector": "retail"}, (True, False)),
        ({"sector": "hospital", "special_categories": False}, (True, False)),
    ],
)
def test_a_field_that_reveals_counts_for_those_it_serves_and_not_for_its_staff(tmp_path, facts, told):
    mailing = {"data": ["email"], "people": 50, "breach": ["C"], "malicious": "none", "recipient_count": 50}
    file = tmp_path / "cases.yaml"
    file.write_text(json.dumps([{"id": "mail", "facts": mailing | facts}]), encoding="utf-8")
    answer = _put_to_the_script(file)["mail"]
    assert (answer["notify_authority"], answer["notify_people"]) == told


@pytest.mark.parametrize(
    ("people", "read"),
    [
        ({"approx": "15"}, 15),
        ({"min": None, "max": None, "approx": "one person"}, 1),
        ({"approx": "Two customers"}, 2),
        ({"approx": "about 15"}, "unknown"),
        ({"approx": "more than 2"}, "unknown"),
        ({"approx": "a dozen"}, "unknown"),
        ({"approx": None}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_a_wording_that_is_a_number_and_no_more_is_read(people, read):
    assert case_vocabulary._people(case_vocabulary.Translation({}), people) == read


@pytest.mark.parametrize(
    ("detail", "harmless"),
    [
        ("2 lactose intolerant, no protected identity, no medical data", True),
        ("lactose intolerance; not a disease", True),
        ("lactose intolerance and diabetes", False),
        ("no allergies stated", False),
    ],
)
def test_what_is_denied_of_health_data_does_not_count_against_them(detail, harmless):
    assert bool(case_vocabulary._harmless({"special_detail": detail})) is harmless


def test_several_kinds_in_one_entry_are_several():
    assert case_vocabulary._kinds({"data": ["name, address", "e-mail / phone"]}) == [
        "name",
        "address",
        "e_mail",
        "phone",
    ]
    assert case_vocabulary._kinds({"data": "health"}) == ["health"]
    assert case_vocabulary._kinds({"data": [" , "]}) == ["not_stated"]


ODD = [
    {},
    {"people": {"min": 10, "max": 5}},
    {"people": -3},
    {"people": "about 300"},
    {"people": {"min": "ten"}},
    {"data": [1234, None, {"a": "b"}], "breach": "C", "subjects": "patients"},
    {"malicious": ["x"], "fraud": 3, "role": 7, "sector": ["a"], "special_detail": ["x"], "special_categories": [1]},
    {"recipient": " ", "recipient_count": -1, "operational_impact": 5, "restored_hours": "two"},
    {"recipient": {"a": 1}, "recipient_count": 3.5, "operational_impact": " ", "encrypted": True, "backup": True},
]


@pytest.mark.parametrize("odd", ODD)
def test_a_case_that_is_hard_to_read_is_answered_the_cautious_way(odd):
    facts = {"malicious": "external", "data": ["health"], "breach": ["C"]} | odd
    answer = case_vocabulary.answer({"id": 1, "summary": "", "facts": facts})
    assert (answer["notify_authority"], answer["notify_people"]) == (True, True)


def test_a_role_nobody_knows_leaves_the_duties_of_a_controller():
    case = {"id": "x", "facts": {"role": "bystander", "data": ["health"], "breach": ["C"], "malicious": "external"}}
    answer = case_vocabulary.answer(case)
    assert answer["notify_people"]
    assert "`role: bystander`" in [each["because"] for each in answer["reasons"]]


EACH_DUTY_STANDS = [case for case in SAMPLE if case["verdict"].get("notify_sa") in {True, "yes"}]
DECIDING = {
    "backup",
    "breach",
    "data",
    "key_compromised",
    "operational_impact",
    "restored_working_days",
    "sector",
    "subjects",
    "unavailable_hours",
    "vulnerable",
}
"""What a case may rest on: without it the facts are milder, not merely unknown."""


@pytest.mark.parametrize("case", EACH_DUTY_STANDS, ids=lambda case: case["id"])
def test_leaving_a_fact_unsaid_takes_no_duty_away(case):
    before = case_vocabulary.answer(case)
    keys = set(case["facts"]) - DECIDING
    assert keys
    for key in keys:
        rest = {other: value for other, value in case["facts"].items() if other != key}
        after = case_vocabulary.answer({"id": case["id"], "facts": rest})
        assert after["notify_authority"] >= before["notify_authority"], key
        assert after["notify_people"] >= before["notify_people"], key
