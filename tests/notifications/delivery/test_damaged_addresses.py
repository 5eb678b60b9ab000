"""An address that cannot be read stops its own letter and no other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from sqlmodel import col, update

from flows.bootstrap import App
from incidents.storage.encryption import Vault
from incidents.storage.tables.communication import AffectedPerson
from notifications.delivery.model import LETTERS, DeliveryResult, RetryPolicy
from tests.builders import apps
from tests.builders.apps import SettableClock
from tests.builders.statements import past_the_chain

if TYPE_CHECKING:
    from tests.builders.mail import StandIn


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def damage(app: App, row: AffectedPerson) -> None:
    """Turn the last bit of a sealed address."""
    sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with app.store.write() as session:
        past_the_chain(session, update(AffectedPerson).where(col(AffectedPerson.id) == row.id).values(sealed=sealed))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_damaged_address_does_not_hold_up_the_other_letters(
    app: App, sendgrid_standin: StandIn, place: int
) -> None:
    case = apps.letters_waiting(app, ["de"] * 3)
    damage(app, apps.rows(app, AffectedPerson)[place])
    assert replace(sent(app), problems=()) == DeliveryResult(accepted=2, rejected=1)
    letters = case.letters()
    assert [letter.state == "rejected" for letter in letters] == [each == place for each in range(3)]
    assert sendgrid_standin.accepted() == {letter.key: 1 for letter in letters if letter.state == "accepted"}


def test_under_another_master_key_nothing_is_sent_and_nothing_is_burned(app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(app, ["de"] * 3)
    other = replace(app.outbox, book=replace(app.book, vault=Vault(b"x" * 32)))
    held = other.deliver(LETTERS)
    assert (held.waiting, held.rejected, held.accepted) == (3, 0, 0)
    assert "master key" in held.problems[0]
    assert sendgrid_standin.accepted() == {}
    assert isinstance(app.clock, SettableClock)
    app.clock.forward(RetryPolicy().settings_wait)
    assert sent(app) == DeliveryResult(accepted=3)


@pytest.mark.parametrize("damage", [b"broken-beyond-repair-by-anybody", b"short", b""])
def test_a_damaged_address_alone_in_its_language_holds_up_nobody(
    app: App, sendgrid_standin: StandIn, damage: bytes
) -> None:
    apps.letters_waiting(app, ["de", "en", "en"])
    with app.store.write() as session:
        past_the_chain(
            session, update(AffectedPerson).where(col(AffectedPerson.language) == "de").values(sealed=damage)
        )
    done = sent(app)
    assert (done.accepted, done.rejected) == (2, 1)
    assert len(sendgrid_standin.accepted()) == 2
