"""A merchant's own figures in its notice: what was approved around them stays, byte for byte."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from flows.bootstrap import App
from flows.workflows import send_letters
from incidents.casework.communication.list_digest import merchants_sha256
from incidents.storage.tables.communication import Draft, MerchantRow
from notifications.delivery.address_book import Address, figures_of
from notifications.letters.merchant_notice import merchant_renderer
from tests.builders import apps
from tests.builders.apps import SettableClock

FIGURES = {"id": "shop-1", "name": "Shop one", "people": 4711, "records": 9322, "kinds": ["name", "email"]}


@pytest.fixture
def app(tmp_path: Path, sqlite_url: str, now: datetime) -> Iterator[App]:
    yield apps.app_on(tmp_path / "home", sqlite_url, SettableClock(now))
    apps.close_all()


@pytest.fixture
def case(app: App) -> apps.Case:
    """A case whose notices to merchants are drafted."""
    case = apps.Case(app).open().aware().assess().list_merchants().decide(people=False)
    case.respond()
    return case


def a_merchant(**changes: Any) -> MerchantRow:
    plain: dict[str, Any] = {
        "id": 7, "incident_id": 1, "merchant_id": "shop-1", "name": "Shop one", "sealed": b"sealed", "language": "de",
        "people": 4711, "records": 9322, "kinds": ["name", "email"],
    }  # fmt: skip
    return MerchantRow(**{**plain, **changes})


def filled(app: App, draft: Draft, **changes: Any) -> tuple[str, str, str | None]:
    figures = {**FIGURES, **changes}
    return merchant_renderer(app.wording)(draft, Address(email="privacy@example.net", name=None, figures=figures))


def around(text: str, places: dict[str, str]) -> str:
    """Put figures where the approved text has places; everything else as it stands."""
    for place, figure in places.items():
        text = text.replace(f"[[{place}]]", figure)
    return text


def test_every_byte_around_the_figures_is_the_approved_one(app: App, case: apps.Case) -> None:
    draft = case.draft("controllers.en")
    figures = {"name": "Shop one", "people": "4,711", "records": "9,322"}
    subject, text, _ = filled(app, draft)
    approved = around(draft.text, figures)
    before, _, after = approved.partition("[[kinds]]")
    assert text.startswith(before)
    assert text.endswith(after)
    assert subject == around(draft.subject, figures)
    assert "4,711" in text
    assert "[[" not in text


def test_what_each_merchant_gets_is_the_approved_text_with_its_own_figures_and_nobody_elses(
    app: App, case: apps.Case
) -> None:
    case.approve("controllers").order("controllers")
    assert send_letters.communicate(app, case.reference).accepted == 2
    letters = {}
    for path in (app.outbox_folder / "controllers").glob("*.eml"):
        letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        part = letter.get_body(("plain",))
        assert part is not None
        letters[str(letter["To"])] = part.get_content().replace("\r\n", "\n")
    one = next(text for to, text in letters.items() if "privacy-shop-1@" in to)
    two = next(text for to, text in letters.items() if "privacy-shop-2@" in to)
    assert "310" in one
    assert "420" in one
    assert "310" not in two
    assert "75" in two
    sent = filled(app, case.draft("controllers.de"), name="Shop shop-1", people=310, records=420)[1]
    assert one == sent


def test_filling_twice_gives_the_same_bytes(app: App, case: apps.Case) -> None:
    draft = case.draft("controllers.de")
    assert filled(app, draft) == filled(app, draft)


def test_a_figure_that_is_not_known_is_said_to_be_not_known(app: App, case: apps.Case) -> None:
    _, text, _ = filled(app, case.draft("controllers.en"), people=None, records=None)
    assert "not yet known" in text
    assert "None" not in text


def test_a_merchants_name_is_never_taken_for_a_place_or_for_markup(app: App, case: apps.Case) -> None:
    draft = case.draft("controllers.en")
    _, text, html = filled(app, draft, name="[[people]] <script>x</script> {{ 7 * 7 }}")
    assert "<script>" not in (html or "")
    assert "{{ 7 * 7 }}" in text or "[[name]]" not in draft.text
    assert text.count("4,711") == draft.text.count("[[people]]")


@pytest.mark.parametrize(
    "change",
    [
        {"merchant_id": "shop-2"}, {"name": "Shop two"}, {"language": "fr"}, {"sealed": b"another"}, {"people": 4712},
        {"people": None}, {"records": 9323}, {"kinds": ["name"]}, {"kinds": ["email", "name"]},
    ],
)  # fmt: skip
def test_any_changed_value_changes_the_list_that_the_approval_binds_to(change: dict[str, Any]) -> None:
    assert merchants_sha256([a_merchant(**change)]) != merchants_sha256([a_merchant()])


def test_the_order_of_the_list_does_not_matter() -> None:
    one, two = a_merchant(), a_merchant(merchant_id="shop-2")
    assert merchants_sha256([one, two]) == merchants_sha256([two, one])
    assert merchants_sha256([one]) != merchants_sha256([one, two])


def test_the_figures_are_the_merchants_own() -> None:
    assert figures_of(a_merchant()) == FIGURES
