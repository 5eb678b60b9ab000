"""Where answers to letters go."""

from __future__ import annotations

from collections.abc import Sequence

from flows.bootstrap import App
from flows.workflows import heartbeat
from notifications.delivery.channel import Accepted, Letter
from notifications.delivery.model import ALERTS, LETTERS
from tests.builders import apps


class Taking:
    """A channel for mail that takes everything and keeps what it took."""

    name = "taking"
    batch_limit = 1_000

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letters: Sequence[Letter]) -> Accepted:
        self.letters.extend(letters)
        return Accepted(provider_id="taken")


def test_letters_name_the_contact_point_for_answers_and_alerts_do_not(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("people").approve("controllers")
    case.order("people")
    case.order("controllers")
    heartbeat.report(small_app, case.now)
    channel = Taking()
    apps.with_channels(small_app, mail=channel).deliver(LETTERS | ALERTS)
    answers = {letter.kind: letter.reply_to for letter in channel.letters}
    contact = small_app.organisation.contact_point.email
    assert answers.pop("people") == answers.pop("controllers") == contact
    assert answers, "an alert went out by mail too"
    assert set(answers.values()) == {None}
