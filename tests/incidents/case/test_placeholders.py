"""Marks that ask to be replaced are found in every text, and nothing else is taken for one."""

from __future__ import annotations

import pytest

from config.organisation import read_organisation, to_adapt
from config.settings import example_organisation
from flows.cli.commands.scope import HEAD
from incidents.case.placeholders import MERGE_FIELDS, placeholders_in
from incidents.facts.breach import SUMMARY_TO_REPLACE
from notifications.letters import compose
from tests.builders import apps


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("Trego Tech (to adapt)", "Trego Tech (to adapt)"),
        ("Write to privacy@rabta.example.org now", "privacy@rabta.example.org"),
        ("Phone: +49 30 0000001", "+49 30 0000001"),
        ("What happened: Describe what happened.", SUMMARY_TO_REPLACE),
        ("Dear [[first name]]", "[[first name]]"),
        ("TODO: ask legal", "TODO"),
    ],
)
def test_a_mark_is_found_and_said_where_it_is_replaced(text, mark):
    (found, *_) = placeholders_in("people", "Subject", text)
    assert found.mark == mark
    assert found.mended_by("INC-1", "people.de")


def test_a_merchants_own_figures_are_no_placeholder_in_a_notice_and_one_anywhere_else():
    fields = " ".join(f"[[{name}]]" for name in MERGE_FIELDS)
    assert all(compose._PLACE.fullmatch(field) for field in fields.split())
    assert placeholders_in("controllers", fields) == ()
    assert len(placeholders_in("people", fields)) == len(MERGE_FIELDS)
    assert [found.mark for found in placeholders_in("controllers", "[[phone]]")] == ["[[phone]]"]


@pytest.mark.parametrize("text", ["We adapt our rules.", "anna@examples.org", "+49 30 1234567", "[1] and [2]"])
def test_plain_words_are_none(text):
    assert placeholders_in("people", text) == ()


def test_everything_that_the_doctor_calls_the_examples_is_found_in_a_text():
    raw = example_organisation().read_text(encoding="utf-8")
    example = read_organisation(raw, "example")
    values = [str(example.legal_name), str(example.address), str(example.dpo.email), str(example.contact_point.url)]
    assert to_adapt(example)
    assert all(placeholders_in("people", value) for value in values)
    assert to_adapt(apps.example()) == ()
    assert SUMMARY_TO_REPLACE in HEAD
