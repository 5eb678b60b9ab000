"""The table of kinds of data."""

from __future__ import annotations

import pytest

from incidents.kinds import KINDS, Category, Sensitivity, kind_of, kinds_of

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
    assert all(kind.sensitivity is Sensitivity.GRAVE for kind in KINDS.values() if kind.special)


def test_everything_that_opens_an_account_is_grave():
    assert all(kind.sensitivity is Sensitivity.GRAVE for kind in KINDS.values() if kind.credential)


def test_an_unlisted_word_keeps_its_name_and_is_not_harmless():
    kind = kind_of("horoscope")
    assert (kind.slug, kind.known, kind.sensitivity) == ("horoscope", False, Sensitivity.SERIOUS)


def test_several_kinds_come_back_in_their_order():
    assert [kind.slug for kind in kinds_of(["email", "name"])] == ["email", "name"]


def test_no_kind_is_listed_twice():
    from incidents import kinds

    assert len(kinds._TABLE) == len(KINDS)
