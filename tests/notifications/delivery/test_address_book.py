"""Addresses: opened for the moment of sending, of one case only, shown to nobody."""

from collections.abc import Iterator

import pytest

from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find
from incidents.casework.communication.recipient_lists import import_merchants
from incidents.storage.tables.communication import AffectedPerson, MerchantRow
from notifications.delivery.address_book import Address, AddressBook, OnCallPerson
from tests.builders.casework import RESPONDER, aware, listed, new_ctx, rows_of

FIRST, LAST = (
    OnCallPerson(name="On-call engineer", email="on-call@example.org", channels=("pager", "chat")),
    OnCallPerson(name="Officer on duty", email="duty@example.org", channels=("pager",)),
)


@pytest.fixture
def ctx(sqlite_url, tmp_path) -> Iterator[UseCaseContext]:
    made = new_ctx(sqlite_url, tmp_path)
    yield made
    made.store.close()


@pytest.fixture
def book(ctx):
    return AddressBook(vault=ctx.vault, on_call=(FIRST, LAST))


def opened_for(ctx, book, reference, *wanted):
    with ctx.store.read() as session:
        return book.open(session, find(session, reference), wanted)


def test_an_affected_person_is_found_by_a_reference_that_says_nothing(ctx, book, now):
    reference = aware(ctx, now)
    listed(ctx, now, reference, "en", "de")
    first, second = rows_of(ctx, AffectedPerson)
    found = opened_for(ctx, book, reference, f"affected:{first.id}", f"affected:{second.id}")
    assert [address.email for address in found.values()] == ["person0@example.org", "person1@example.org"]


def test_a_merchant_is_found_with_its_own_figures(ctx, book, now):
    reference = aware(ctx, now)
    content = b"merchant_id,name,email,people,kinds\nm-1,A shop,shop@example.org,500,email name\n"
    import_merchants(ctx, RESPONDER, now, reference, content)
    (row,) = rows_of(ctx, MerchantRow)
    (found,) = opened_for(ctx, book, reference, f"merchant:{row.id}").values()
    assert (found.email, found.name) == ("shop@example.org", "A shop")
    assert found.figures == {"id": "m-1", "name": "A shop", "people": 500, "records": None, "kinds": ["email", "name"]}


def test_an_address_of_another_case_does_not_open(ctx, book, now):
    reference, other = aware(ctx, now), aware(ctx, now)
    listed(ctx, now, reference, "en")
    (row,) = rows_of(ctx, AffectedPerson)
    assert opened_for(ctx, book, other, f"affected:{row.id}") == {}


@pytest.mark.parametrize(
    "unknown", ["affected:404", "merchant:404", "on-call:2", "on-call:-1", "on-call:x", "", "x", "affected:"]
)
def test_an_unknown_reference_is_left_out(ctx, book, now, unknown):
    assert opened_for(ctx, book, aware(ctx, now), unknown) == {}


def test_an_alert_goes_along_the_list_and_then_to_its_last_person_again(ctx, book, now):
    assert [book.person_at(level) for level in (0, 1, 2, 9)] == [(0, FIRST), (1, LAST), (1, LAST), (1, LAST)]
    found = opened_for(ctx, book, aware(ctx, now), "on-call:0", "on-call:1")
    assert [address.email for address in found.values()] == ["on-call@example.org", "duty@example.org"]


def test_nothing_that_is_printed_shows_an_address():
    shown = f"{FIRST} {Address(email='canary@example.org', name='canary', figures={'name': 'canary'})}"
    assert "canary" not in shown
    assert "@" not in shown
