"""The register: one row for each case, complete, and sealed by its hash."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from datetime import timedelta
from typing import Any

import pytest

from incidents.facts.breach import Facts
from incidents.facts.choices import Encryption, Key
from incidents.facts.data_set import DataSet
from incidents.facts.totals import people_of, records_of
from incidents.facts.values import Count
from incidents.register import protection_words
from incidents.register.row import COLUMNS, SCHEMA, RegisterRow, is_intact, register_row
from tests.builders.case_files import LATE_REASON, all_cases, dismissed, exposed_bucket, filed_late, just_opened


def a_set(name: str, people: object, *subjects: str) -> DataSet:
    values = {"name": name, "role": "controller", "kinds": ["name"], "people": people, "records": people}
    return DataSet.model_validate({**values, "subjects": subjects, "breach": ["confidentiality"]})


def one_set(**values: object) -> Facts:
    data_set = {"name": "accounts", "role": "controller", "kinds": ["name"], "breach": ["confidentiality"], **values}
    return Facts.model_validate({"summary": "Something happened.", "data_sets": [data_set]})


@pytest.mark.parametrize("name", all_cases())
def test_every_case_has_a_row_whatever_became_of_it(name):
    row = register_row(all_cases()[name])
    assert is_intact(row)
    assert len(row.row_sha256) == 64


def test_the_row_says_what_the_case_says():
    row = register_row(exposed_bucket())
    assert (row.reference, row.state, row.exercise) == ("INC-2026-0007", "closed", False)
    assert row.aware_at == "2026-11-22T01:47:00Z"
    assert row.due_at == "2026-11-25T01:47:00Z"
    assert row.filed_at == "2026-11-24T15:07:00Z"
    assert row.hours_used == 61.34
    assert row.in_time is True
    assert row.roles == ("controller", "processor")
    assert (row.people_least, row.people_most, row.people_estimate) == (49_204, 49_204, True)
    assert (row.records_least, row.records_most) == (91_204, 121_204)
    assert (row.authority_decision, row.people_decision, row.exception) == ("notify", "notify", None)
    assert (row.people_messages, row.people_accepted, row.people_delivered) == (1204, 1191, 1186)
    assert (row.merchants, row.merchants_told) == (57, 57)
    assert len(row.open_actions) == 2
    assert row.dpo_advice == ("Tell the people without waiting for the number of bank accounts.",)


def test_a_case_of_which_nothing_is_known_claims_nothing():
    row = register_row(just_opened())
    assert row.due_at is None, "a provisional clock is no legal one"
    assert [row.people_least, row.people_most, row.risk, row.hours_used, row.in_time] == [None] * 5
    assert row.authority_decision == row.people_decision == "undecided"
    assert row.special_categories == "unknown"
    assert (row.people_estimate, row.records_estimate) == (None, None), "no number is neither exact nor an estimate"


@pytest.mark.parametrize(
    ("people", "estimate"), [({"about": 10}, True), (10, False), ({"min": 5}, True), ("unknown", None)]
)
def test_only_a_number_that_is_known_can_be_an_estimate(people, estimate):
    facts = one_set(people=people, records=people)
    row = register_row(replace(just_opened(), facts=facts))
    assert (row.people_estimate, row.records_estimate) == (estimate, estimate)


@pytest.mark.parametrize(
    ("protection", "said"),
    [
        ({"encryption": "state_of_the_art", "key": "safe"}, "encrypted to the state of the art, key safe"),
        ({"encryption": "hashed_salted", "detail": "bcrypt"}, "hashed with salt, key not known to be safe (bcrypt)"),
        ({"encryption": "none"}, "not encrypted"),
        ({"encryption": "none", "key": "compromised"}, "not encrypted, key compromised"),
        ({}, "encryption not known"),
    ],
)
def test_the_measures_before_are_told_in_words(protection, said):
    row = register_row(replace(just_opened(), facts=one_set(protection=protection)))
    assert row.measures_before == (f"accounts: {said}",)


def test_every_way_of_protection_has_words():
    assert set(protection_words.ENCRYPTION) == set(Encryption)
    assert set(protection_words.KEY) == set(Key)


def test_a_late_filing_keeps_its_reasons():
    row = register_row(filed_late())
    assert row.in_time is False
    assert row.hours_used == 101.0
    assert row.late_because == LATE_REASON


def test_a_dismissed_case_stays_in_the_register_with_its_reasons():
    row = register_row(dismissed())
    assert row.state == "dismissed"
    assert "penetration test" in (row.dismissed_because or "")


@pytest.mark.parametrize(
    ("past_due", "in_time", "hours"),
    [(timedelta(microseconds=-1), True, 72.0), (timedelta(), True, 72.0), (timedelta(microseconds=1), False, 72.01)],
)
def test_hours_are_rounded_up_so_that_late_never_looks_in_time(past_due, in_time, hours):
    case = filed_late()
    (owed,) = case.obligations
    at = owed.due_at + past_due
    moved = replace(owed, filings=tuple(replace(filing, filed_at=at) for filing in owed.filings))
    row = register_row(replace(case, obligations=(moved,)))
    assert (row.in_time, row.hours_used) == (in_time, hours)


def test_the_hash_is_the_same_each_time_it_is_made():
    assert register_row(exposed_bucket()).row_sha256 == register_row(exposed_bucket()).row_sha256


def test_the_hash_does_not_change_with_the_hour_at_which_one_looks():
    case = exposed_bucket()
    later = replace(case, as_of=case.as_of + timedelta(days=30), version=99, audit_seq=500)
    assert register_row(later).row_sha256 == register_row(case).row_sha256


@pytest.mark.parametrize(
    "change", [{"title": "Another"}, {"exercise": True}, {"contained_at": None}, {"decisions": ()}]
)
def test_the_hash_changes_with_the_content(change):
    case = exposed_bucket()
    assert register_row(replace(case, **change)).row_sha256 != register_row(case).row_sha256


@pytest.mark.parametrize("column", [name for name in COLUMNS if name != "row_sha256"])
def test_a_row_that_was_tampered_with_is_found(column):
    change: dict[str, Any] = {column: "tampered"}
    tampered = replace(register_row(exposed_bucket()), **change)
    assert not is_intact(tampered)


def test_different_groups_of_people_add_up():
    assert people_of([a_set("a", 10, "merchants"), a_set("b", 5, "employees")]) == Count(least=15, most=15)


def test_people_who_may_stand_in_two_groups_give_a_range():
    total = people_of([a_set("a", 10, "merchants"), a_set("b", 5, "merchants")])
    assert (total.least, total.most, total.estimate) == (10, 15, True)


def test_groups_that_nobody_named_may_overlap():
    assert people_of([a_set("a", 10), a_set("b", 5, "employees")]).least == 10


def test_one_unknown_number_leaves_the_total_open():
    total = people_of([a_set("a", 10, "merchants"), a_set("b", "unknown", "employees")])
    assert (total.least, total.most) == (10, None)
    assert records_of([a_set("a", 10), a_set("b", "unknown")]).most is None


def test_a_single_number_is_taken_over_as_it_was_stated():
    assert people_of([a_set("a", {"about": 40})]) == Count(least=40, most=40, estimate=True)


COLUMNS_OF = {
    "tocsin-register/1": "1e4b825acea971d1bd3d9f2a1cc725be2b770ab952f9f1f39a08043da34fd33f",
    "tocsin-register/2": "d36643a0160e3b98c3337512bf0d5d8aa6c9e8fe5be9645a4757e231f6f119a5",
}
"""By version, the SHA-256 of the columns with their types in their order; a version that was released stays."""


def digest_of_columns(columns):
    written = "\n".join(f"{column.name}: {column.type}" for column in columns)
    return hashlib.sha256(written.encode()).hexdigest()


def test_other_columns_are_another_version_of_the_schema():
    digest = digest_of_columns(fields(RegisterRow))
    assert COLUMNS_OF.get(SCHEMA) == digest, (
        f"the columns of the register changed, and with them every row's hash: count SCHEMA in register/row.py "
        f'up, add `"{SCHEMA}, counted up": "{digest}"` to COLUMNS_OF here, and say in CHANGELOG.md what changed'
    )


@pytest.mark.parametrize(
    "change",
    [lambda columns: columns[1:], lambda columns: (*columns, columns[0]), lambda columns: columns[::-1]],
    ids=["left out", "added", "moved"],
)
def test_a_column_left_out_added_or_moved_is_seen(change):
    columns = fields(RegisterRow)
    assert digest_of_columns(change(columns)) != digest_of_columns(columns)
