"""Bulk letters of one case: found by what rows say, sent in chunks, and then looked at again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import col, update

from flows.bootstrap import App
from flows.workflows import (
    send_letters,
)
from incidents.storage.tables.communication import Message
from notifications.delivery.model import DeliveryResult, RetryPolicy
from tests.builders import apps
from tests.builders.apps import INSTANT, SettableClock
from tests.builders.statements import past_the_chain


def due(app: App) -> list[str]:
    with app.store.read() as session:
        return send_letters.with_letters_due(session, app.now())


def test_a_case_with_letters_to_send_is_found_until_they_are_sent(app: App) -> None:
    case = apps.letters_waiting(app)
    apps.open_case(app)
    assert due(app) == [case.reference]
    assert send_letters.communicate(app, case.reference) == DeliveryResult(accepted=4)
    assert due(app) == []
    assert len(list((app.outbox_folder / "people").glob("*.eml"))) == 4


def test_sending_again_sends_nothing(small_app: App) -> None:
    case = apps.letters_waiting(small_app)
    send_letters.communicate(small_app, case.reference)
    before = apps.everything(small_app)
    assert send_letters.communicate(small_app, case.reference) == DeliveryResult()
    assert apps.everything(small_app) == before


def test_letters_go_in_chunks(small_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    case = apps.letters_waiting(small_app, ["de"] * 12)
    small_app.channels.mail.batch_limit = 3  # type: ignore[misc]  # the real sender's own number, made small
    monkeypatch.setattr(send_letters, "CHUNK", 6)
    assert [send_letters.send_chunk(small_app, case.reference).accepted for _ in range(3)] == [6, 6, 0]


def test_letters_that_went_out_ask_for_a_response(small_app: App) -> None:
    case = apps.letters_waiting(small_app)
    before = case.incident().change_seq
    send_letters.communicate(small_app, case.reference)
    assert case.incident().change_seq == before + 1


def test_letters_of_another_case_stay_where_they_are(small_app: App) -> None:
    one, other = (apps.letters_waiting(small_app, ["de"]) for _ in range(2))
    send_letters.communicate(small_app, one.reference)
    assert due(small_app) == [other.reference]


def test_letters_whose_sender_died_are_found_when_the_lease_is_over(small_app: App, clock: SettableClock) -> None:
    case = apps.letters_waiting(small_app, ["de"])

    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apps.stopping_at(small_app, "after_lease", die).deliver(("people",))
    clock.forward(RetryPolicy().lease - INSTANT)
    assert due(small_app) == []
    clock.forward(INSTANT)
    assert due(small_app) == [case.reference]
    assert send_letters.communicate(small_app, case.reference).accepted == 1


def test_letters_that_wait_for_a_later_try_are_not_due(small_app: App, clock: SettableClock) -> None:
    apps.letters_waiting(small_app, ["de"])
    blocked = small_app.outbox_folder
    blocked.parent.mkdir(parents=True, exist_ok=True)
    blocked.write_text("in the way")
    done = small_app.outbox.deliver(("people",))
    assert done.waiting == 1
    assert "cannot be written" in done.problems[0]
    assert due(small_app) == []
    blocked.unlink()
    clock.forward(RetryPolicy().settings_wait)
    assert small_app.outbox.deliver(("people",)) == DeliveryResult(accepted=1)


def test_letters_whose_wait_was_written_while_the_clock_was_ahead_get_their_flow(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    case.approve("people").order("people")
    far = small_app.now() + timedelta(hours=9)
    with small_app.store.write() as session:
        past_the_chain(session, update(Message).where(col(Message.kind) == "people").values(next_try_at=far))
    with small_app.store.read() as session:
        assert send_letters.with_letters_due(session, small_app.now(), small_app.retry_policy) == [case.reference]
