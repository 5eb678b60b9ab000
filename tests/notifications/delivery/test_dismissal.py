"""A case that is dismissed while letters wait, and taken up again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from flows.bootstrap import App
from incidents.casework.case import close as close_case
from incidents.storage.tables.communication import Attempt
from notifications.delivery.channel import Accepted, Letter, TemporaryFailure
from notifications.delivery.model import LETTERS, DeliveryResult
from tests.builders import apps
from tests.builders.apps import HOUR, SettableClock

if TYPE_CHECKING:
    from tests.builders.mail import StandIn


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def test_letters_ordered_and_not_sent_never_go_out_once_the_case_is_dismissed(
    app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    case = apps.letters_ready(app)
    close_case.dismiss(*case.by(apps.DPO), "The bucket held test data only")
    for _ in range(2):
        assert sent(app) == DeliveryResult()
        clock.forward(timedelta(days=1))
    assert set(apps.states(app)) == {"cancelled"}
    assert apps.rows(app, Attempt) == []
    assert sendgrid_standin.accepted() == {}


def test_what_went_out_before_the_dismissal_stays_on_record_as_it_is(small_app: App) -> None:
    case = apps.letters_ready(small_app)
    sent(small_app)
    close_case.dismiss(*case.by(apps.DPO), "The bucket held test data only")
    assert set(apps.states(small_app)) == {"accepted"}


class RefusesForNow:
    """A channel that is down; somebody dismisses the case while it is asked."""

    name = "down"
    batch_limit = 100

    def __init__(self, meanwhile: Callable[[], object]) -> None:
        self.meanwhile = meanwhile

    def send(self, letters: Sequence[Letter]) -> Accepted:
        self.meanwhile()
        message = f"{len(letters)} not taken now"
        raise TemporaryFailure(message)


def test_a_letter_under_way_when_the_case_is_dismissed_is_not_tried_again(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    case.approve("people").order("people")
    down = RefusesForNow(lambda: dismissed(case))
    outbox = replace(small_app.outbox, channels=replace(small_app.channels, mail=down))
    outbox.deliver(LETTERS, most=1)
    assert isinstance(small_app.clock, SettableClock)
    small_app.clock.forward(24 * HOUR)
    assert sent(small_app) == DeliveryResult()
    assert {letter.state for letter in case.letters()} == {"cancelled"}


def dismissed(case: apps.Case) -> None:
    if case.file().stage != "dismissed":
        close_case.dismiss(*case.by(apps.DPO), "The bucket held test data only")


def test_people_held_back_by_a_dismissal_are_written_to_once_the_case_is_taken_up_again(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    case.approve("people").order("people")
    listed = len(case.letters())
    dismissed(case)
    close_case.reopen(*case.by(apps.DPO), "It was real data after all")
    case.assess().decide().respond()
    case.approve("people").order("people")
    assert sent(small_app).accepted >= listed
    assert [letter.state for letter in case.letters()] == ["accepted"] * listed
