"""A kind of data may be written in many ways: letters, advice and packs understand each as the table of kinds does."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from incidents.facts.data_kind_aliases import ALIASES
from incidents.facts.data_kinds import KINDS, rows_of
from notifications.filing_pack import codes
from notifications.language.formatting import Formatter
from notifications.letters.default_advice import advice_for
from notifications.reports.words import read_words
from tests.builders.letters import LANGUAGES, TEMPLATES, wording

BERLIN = ZoneInfo("Europe/Berlin")


def said(language: str, kind: str) -> tuple[str, list[str]]:
    voice = Formatter(wording().words(language), BERLIN)
    return voice.coded("kinds", kind), voice.notes


@pytest.mark.parametrize(
    ("kind", "stands_for"),
    [
        ("phone", ("phone",)),
        ("phone_number", ("phone",)),
        ("pesel", ("national_id",)),
        ("emails", ("email",)),
        ("name_and_phone_number", ("name", "phone")),
        ("name_and_full_name", ("name",)),
        ("name_and_something_new", ()),
        ("something_new", ()),
    ],
)
def test_a_word_stands_for_its_rows_and_for_none_where_a_part_is_unknown(kind, stands_for):
    assert rows_of(kind) == stands_for


@pytest.mark.parametrize(
    ("language", "phone", "pesel", "both"),
    [
        ("en", "telephone number", "national identification number", "name, telephone number"),
        ("de", "Telefonnummer", "nationale Identifikationsnummer", "Name, Telefonnummer"),
        ("fr", "numéro de téléphone", "numéro national d'identification", "nom, numéro de téléphone"),
    ],
)
def test_other_words_for_a_kind_are_said_in_the_readers_language(language, phone, pesel, both):
    assert said(language, "phone_number") == (phone, [])
    assert said(language, "pesel") == (pesel, [])
    assert said(language, "name_and_phone_number") == (both, [])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_other_word_of_the_table_has_words(language):
    assert [word for word in ALIASES if said(language, word)[1]] == []


@pytest.mark.parametrize(("language", "age", "sex"), [("en", "age", "sex"), ("fr", "âge", "sexe")])
def test_a_word_that_means_less_than_its_row_is_said_by_its_own_words(language, age, sex):
    assert rows_of("age") == rows_of("sex") == ("sex",)
    assert (said(language, "age")[0], said(language, "ages")[0], said(language, "sex")[0]) == (age, age, sex)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_word_that_nobody_knows_is_still_shown_as_it_is_with_a_warning(language):
    shown, notes = said(language, "name_and_shoe_size")
    assert shown == "name and shoe size"
    assert len(notes) == 1


@pytest.mark.parametrize(("language", "shown"), [("en", "telephone number"), ("de", "Telefonnummer")])
def test_papers_say_it_as_letters_do(language, shown):
    words = read_words(TEMPLATES, language, BERLIN, "Rabta")
    assert words.terms("data", ["phone_number"]) == shown


@pytest.mark.parametrize("alias", ["plaintext_password", "credit_card", "passport_scan", "telephone", "pesel", "iban"])
def test_advice_for_another_word_is_that_for_the_kind(alias):
    order = tuple(wording().words("en").section("advice"))
    (row,) = rows_of(alias)
    assert advice_for([alias], order) == advice_for([row], order)


def test_advice_for_two_kinds_in_one_word_is_that_for_both():
    order = tuple(wording().words("en").section("advice"))
    together = advice_for(["phone_number_and_credit_card"], order)
    assert together == advice_for(["phone", "payment_card"], order)
    assert "watch_for_identity_theft" not in together
    assert "watch_for_identity_theft" in advice_for(["credit_card_and_ssn"], order)


def test_the_packs_codes_understand_other_words_and_keep_other_for_what_nobody_knows():
    assert codes.translate_kinds(["phone_number", "pesel", "orders", "shoe_size"]) == ["b", "n", "l", "u"]
    assert codes.translate_kinds(["name_and_phone_number"]) == ["a", "b"]


def test_every_other_word_gets_the_packs_code_of_its_row():
    differing = {
        word: (row, codes.translate_kinds([word]), codes.translate_kinds([row]))
        for word, row in ALIASES.items()
        if word not in codes.KINDS and codes.translate_kinds([word]) != codes.translate_kinds([row])
    }
    assert differing == {}
    assert set(ALIASES.values()) <= set(KINDS)
