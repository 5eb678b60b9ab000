"""Waits and leases that a wrong clock or a late answer left behind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, update

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.audit.tallies import move_messages
from incidents.case.message_machine import MessageEvent, target_of
from incidents.kernel.clock import SKEW
from incidents.storage.tables.communication import Message
from notifications.delivery.channel import Accepted, Letter, TemporaryFailure
from notifications.delivery.model import ALERTS, LETTERS, LONGEST_ASKED, DeliveryResult, RetryPolicy
from tests.builders import apps
from tests.builders.apps import HOUR, INSTANT, SettableClock
from tests.builders.statements import past_the_chain

LEASE = RetryPolicy().lease


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def mail_of(app: App) -> Message:
    (mail,) = [message for message in apps.messages(app) if message.channel == "mail"]
    return mail


def alter(app: App, message: Message, **values: Any) -> None:
    """Change a message behind the outbox's back."""
    with app.store.write() as session:
        past_the_chain(session, update(Message).where(col(Message.id) == message.id).values(**values))


@pytest.mark.parametrize(("beyond", "state"), [(timedelta(), "pending"), (INSTANT, "accepted"), (9 * HOUR, "accepted")])
def test_a_letter_that_seems_to_wait_longer_than_any_does_is_sent_at_once(
    app: App, beyond: timedelta, state: str
) -> None:
    case = apps.letters_waiting(app, ["de"])
    alter(app, case.letters()[0], next_try_at=app.now() + LONGEST_ASKED + SKEW + beyond)
    sent(app)
    assert apps.states(app) == [state]


@pytest.mark.parametrize(
    ("beyond", "state"), [(timedelta(), "in_flight"), (INSTANT, "accepted"), (9 * HOUR, "accepted")]
)
def test_an_alert_leased_for_longer_than_any_lease_is_sent_at_once(app: App, beyond: timedelta, state: str) -> None:
    apps.open_case(app)
    heartbeat.report(app, app.now())
    ends = app.now() + LEASE + SKEW + beyond
    alter(app, mail_of(app), state="in_flight", next_try_at=None, lease_until=ends, leased_by="gone", attempts=1)
    app.outbox.deliver(ALERTS)
    assert mail_of(app).state == state


class StoppedError(BaseException):
    """The process was killed here."""


class Taking:
    """A channel for mail that takes everything and keeps what it took."""

    name = "taking"
    batch_limit = 1_000

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letters: Sequence[Letter]) -> Accepted:
        self.letters.extend(letters)
        return Accepted(provider_id="taken")


def test_a_late_answer_closes_its_own_attempt_and_not_the_one_that_came_after_it(
    app: App, clock: SettableClock
) -> None:
    apps.open_case(app)
    heartbeat.report(app, clock())

    def die() -> None:
        raise StoppedError

    class Slow(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            clock.forward(LEASE)
            with pytest.raises(StoppedError):
                apps.stopping_at(apps.neighbour(app), "after_lease", die).deliver(ALERTS)
            return super().send(letters)

    apps.with_channels(app, mail=Slow()).deliver(ALERTS, most=3)
    mail = mail_of(app)
    assert (mail.state, mail.leased_by) == ("in_flight", "neighbour")
    assert [(attempt.number, attempt.outcome) for attempt in apps.attempts(app, mail)] == [
        (1, "uncertain"),
        (2, None),
    ]


def test_a_late_answer_to_an_earlier_attempt_does_not_open_a_settled_message_again(
    app: App, clock: SettableClock
) -> None:
    apps.open_case(app)
    heartbeat.report(app, clock())

    class Slow(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            clock.forward(LEASE)
            apps.with_channels(app, mail=Taking()).deliver(ALERTS)
            message = "try again later"
            raise TemporaryFailure(message)

    apps.with_channels(app, mail=Slow()).deliver(ALERTS, most=3)
    mail = mail_of(app)
    assert (mail.state, mail.next_try_at, mail.problem) == ("accepted", None, None)
    assert [attempt.outcome for attempt in apps.attempts(app, mail)] == ["uncertain", "accepted"]


@pytest.mark.parametrize("receipt", [MessageEvent.DELIVERED, MessageEvent.BOUNCED, MessageEvent.DROPPED])
def test_a_receipt_that_comes_before_the_answer_is_not_overwritten_by_it(app: App, receipt: MessageEvent) -> None:
    case = apps.letters_waiting(app, ["de"])

    class Overtaken(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            with app.store.write() as session:
                keys = [letter.key for letter in letters]
                move_messages(session, receipt, col(Message.key).in_(keys), settled_at=app.now())
            return super().send(letters)

    apps.with_channels(app, mail=Overtaken()).deliver(LETTERS)
    (letter,) = case.letters()
    assert letter.state is target_of(receipt)
    assert [attempt.outcome for attempt in apps.attempts(app, letter)] == ["accepted"]
