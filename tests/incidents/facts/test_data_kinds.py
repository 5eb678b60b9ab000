"""The table of kinds of data."""

from __future__ import annotations

import pytest

from incidents.facts.data_kind_aliases import ALIASES
from incidents.facts.data_kinds import (
    KINDS,
    Category,
    IdentifyingPower,
    Sensitivity,
    kind_of,
    kinds_of,
)

OPEN_LIST = [
    "ordinary", "name", "identity", "pseudonym", "birth_date", "civil_status", "contact", "address", "email",
    "user_id", "national_id", "fiscal_code", "id_card_number", "id_document", "plate_number", "credentials",
    "hashed_password", "financial_access", "financial", "payment_card", "billing", "wage", "salary",
    "employment", "education", "purchases", "purchase_history", "booking", "item", "price", "insurance_rates",
    "mileage", "telecom_content", "health", "political_opinion", "criminal"
]  # fmt: skip
RABTA = [
    "name", "email", "phone", "company", "address", "order_history", "usage_data", "technical_data", "cookies",
    "ip_address", "payment_card"
]  # fmt: skip


@pytest.mark.parametrize("slug", OPEN_LIST + RABTA)
def test_the_kinds_in_use_are_known(slug):
    assert kind_of(slug).known


def test_the_basic_scores_are_those_of_enisa():
    assert [category.basic_score for category in Category] == [1, 2, 3, 4]


def test_every_context_lies_between_one_and_four():
    assert {kind.context for kind in KINDS.values()} <= {1, 2, 3, 4}


def test_everything_special_is_grave():
    assert {kind.sensitivity for kind in KINDS.values() if kind.special} == {Sensitivity.GRAVE}


def test_everything_that_opens_an_account_is_grave():
    assert {kind.sensitivity for kind in KINDS.values() if kind.credential} == {Sensitivity.GRAVE}


def test_an_unlisted_word_keeps_its_name_and_is_not_harmless():
    kind = kind_of("horoscope")
    assert (kind.slug, kind.known, kind.sensitivity) == ("horoscope", False, Sensitivity.SERIOUS)


def test_several_kinds_come_back_in_their_order():
    assert [kind.slug for kind in kinds_of(["email", "name"])] == ["email", "name"]


def test_no_kind_is_listed_twice():
    from incidents.facts import data_kinds

    assert len(data_kinds._TABLE) == len(KINDS)


@pytest.mark.parametrize(
    ("word", "row"),
    [
        ("phone_number", "phone"),
        ("email_addresses", "email"),
        ("health_data", "health"),
        ("medical_records", "health"),
        ("prescriptions", "health"),
        ("pesel", "national_id"),
        ("personnummer", "national_id"),
        ("cnp", "national_id"),
        ("bsn", "national_id"),
        ("dni", "national_id"),
        ("tckn", "national_id"),
        ("nif", "national_id"),
        ("codice_fiscale", "fiscal_code"),
        ("social_security", "social_security_number"),
        ("passport_copies", "id_document"),
        ("credit_card_numbers", "payment_card"),
        ("password_hashes", "hashed_password"),
        ("union_membership", "trade_union"),
        ("criminal_records", "criminal"),
        ("curriculum_vitae", "cv"),
        ("licence_plates", "plate_number"),
        ("gps_data", "location"),
        ("grades", "education"),
        ("ip", "ip_address"),
        ("customer_email", "email"),
        ("names_of_employees", "name"),
    ],
)
def test_a_common_word_stands_for_a_row_and_keeps_its_name(word, row):
    kind = kind_of(word)
    assert (kind.slug, kind.row, kind.known) == (word, row, True)


def test_every_alias_leads_to_a_row_and_hides_none():
    assert set(ALIASES.values()) <= set(KINDS)
    assert not set(ALIASES) & set(KINDS)


def test_no_word_is_written_for_two_rows():
    from incidents.facts import data_kind_aliases

    words = [word for words in data_kind_aliases._SAME.values() for word in words.split()]
    assert len(words) == len(set(words))


def test_words_joined_by_and_take_the_gravest_of_each():
    kind = kind_of("name_and_diagnosis")
    assert (kind.known, kind.special, kind.sensitivity) == (True, True, Sensitivity.GRAVE)
    assert kind_of("name_and_address").identifies is IdentifyingPower.FULLY


def test_one_unknown_word_makes_what_it_is_joined_with_unknown():
    assert not kind_of("name_and_horoscope").known


@pytest.mark.parametrize(
    "word", ["health_insurance_dossier", "email_and_password_vault", "scanned_passport_page", "patient_list"]
)
def test_a_grave_word_inside_an_unknown_one_makes_it_grave(word):
    kind = kind_of(word)
    assert (kind.known, kind.sensitivity) == (False, Sensitivity.GRAVE)


@pytest.mark.parametrize("word", ["name_of_the_star", "personal_data", "data", "of", "files", "users", "customer_data"])
def test_a_mild_word_inside_an_unknown_one_does_not_make_it_mild(word):
    assert kind_of(word).sensitivity >= Sensitivity.SERIOUS
