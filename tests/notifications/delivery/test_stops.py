"""What keeps letters from going out: a person's hold, a dismissal, a channel that is paused; and an answered alert."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from flows.bootstrap import App
from flows.workflows import heartbeat, send_letters
from incidents.casework.case import close as close_case
from incidents.casework.case import timeline
from incidents.casework.communication import hold, send
from incidents.kernel.errors import InvalidInputError, PermissionDeniedError, RefusedError
from incidents.storage.tables.communication import Attempt
from incidents.storage.tables.obligations import Alert
from incidents.storage.tables.stops import ChannelPause
from notifications.delivery.model import ALERTS, LEASE, LETTERS, DeliveryResult
from tests.builders import apps
from tests.builders.apps import INSTANT, SettableClock

if TYPE_CHECKING:
    from tests.builders.mail import StandIn


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def due(app: App) -> list[str]:
    with app.store.read() as session:
        return send_letters.with_letters_due(session, app.now(), app.retry_policy)


def killed(app: App, point: str) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        apps.stopping_at(app, point, die).deliver(LETTERS)


# -- a person's hold --------------------------------------------------------------------------------------------------


def test_a_held_case_sends_nothing_until_a_second_person_lets_it_go_on(
    app: App, sendgrid_standin: StandIn, clock: SettableClock
) -> None:
    case, other = (apps.letters_waiting(app, ["de", "fr"]) for _ in range(2))
    hold.hold(*case.by(apps.LEAD), "The letter names the wrong day")
    assert due(app) == [other.reference]
    assert sent(app).accepted == 2
    clock.forward(timedelta(days=3))
    assert sent(app) == DeliveryResult()
    with pytest.raises(PermissionDeniedError, match="a second person"):
        hold.release(*case.by(apps.LEAD), "The day is right")
    hold.release(*case.by(apps.COUNSEL), "The day is right")
    assert due(app) == [case.reference]
    assert sent(app).accepted == 2
    assert set(sendgrid_standin.accepted().values()) == {1}


def test_what_was_leased_when_the_case_was_held_is_not_handed_over_either(
    small_app: App, sendgrid_standin: StandIn
) -> None:
    case = apps.letters_waiting(small_app, ["de", "fr"])

    def stop() -> None:
        if not [line for line in case.file().timeline if line.kind == "held"]:
            hold.hold(*case.by(apps.LEAD), "Stop")

    done = apps.stopping_at(small_app, "after_lease", stop).deliver(LETTERS)
    assert (done.accepted, sendgrid_standin.accepted()) == (0, {})
    assert {letter.state for letter in case.letters()} == {"pending"}
    assert {attempt.outcome for attempt in apps.rows(small_app, Attempt)} == {"paused"}
    hold.release(*case.by(apps.DPO), "Go on")
    assert sent(small_app).accepted == 2


def test_a_hold_says_how_many_letters_cannot_be_called_back_and_is_for_everybody_on_the_case(small_app: App) -> None:
    case = apps.letters_waiting(small_app, ["de"] * 3)
    killed(small_app, "after_lease")
    with pytest.raises(InvalidInputError, match="--because"):
        hold.hold(*case.by(apps.RESPONDER), " ")
    done = hold.hold(*case.by(apps.RESPONDER), "Stop")
    assert "3 letters had been handed over already" in done.warnings[0]
    with pytest.raises(RefusedError, match="stopped already, by responder: Stop"):
        hold.hold(*case.by(apps.DPO), "Stop")
    with pytest.raises(PermissionDeniedError):
        hold.release(*case.by(apps.RESPONDER), "Go on")
    hold.release(*case.by(apps.DPO), "Go on")
    with pytest.raises(RefusedError, match="not stopped"):
        hold.release(*case.by(apps.DPO), "Go on")


# -- a dismissal ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("repeats_safely", [True, False])
@pytest.mark.parametrize("point", ["after_lease", "after_send"])
def test_nothing_of_a_dismissed_case_goes_out_after_a_crash(
    app: App, sendgrid_standin: StandIn, clock: SettableClock, repeats_safely: bool, point: str
) -> None:
    case = apps.letters_waiting(app, ["de"] * 3)
    killed(app, point)
    before = sendgrid_standin.requests()
    close_case.dismiss(*case.by(apps.DPO), "Test data only")
    clock.forward(LEASE)
    channels = replace(app.channels, mail_repeats_safely=repeats_safely)
    assert replace(app.outbox, channels=channels).deliver(LETTERS) == DeliveryResult()
    assert {letter.state for letter in case.letters()} == {"uncertain"}, "nobody knows, and nothing more is sent"
    assert sendgrid_standin.requests() == before


# -- a paused channel -------------------------------------------------------------------------------------------------


def test_a_provider_that_asks_us_to_wait_is_left_alone_by_every_process_and_costs_no_attempt(
    app: App, sendgrid_standin: StandIn, clock: SettableClock
) -> None:
    one, other = (apps.letters_waiting(app, ["de", "fr", "en"]) for _ in range(2))
    sendgrid_standin.behave({"do": "rate_limit", "seconds": 90, "times": 3})
    for wait in (90, 90, 90):
        assert sent(app).accepted == 0
        asked = sendgrid_standin.requests()
        assert (sent(app), sent(apps.neighbour(app)), due(app)) == (DeliveryResult(), DeliveryResult(), [])
        clock.forward(timedelta(seconds=wait) - INSTANT)
        assert sent(apps.neighbour(app)) == DeliveryResult()
        assert sendgrid_standin.requests() == asked
        clock.forward(INSTANT)
    assert due(app) == [one.reference, other.reference]
    assert sent(app).accepted == 6, "waits did not double: no letter had failed"
    assert apps.rows(app, ChannelPause) == []
    assert set(sendgrid_standin.accepted().values()) == {1}


def test_a_refused_key_is_told_to_a_person_at_once_and_once_by_another_channel_and_letters_wait(
    small_app: App, sendgrid_standin: StandIn, clock: SettableClock
) -> None:
    case = apps.letters_waiting(small_app, ["de", "fr", "en"])
    sendgrid_standin.behave({"do": "unauthorized", "times": 3})
    for _ in range(3):
        assert sent(small_app).rejected == 0
        clock.forward(timedelta(minutes=1))
    assert {letter.state for letter in case.letters()} == {"pending"}
    (alert,) = [row for row in apps.rows(small_app, Alert) if row.rung == "mail_refused"]
    heartbeat.run_heartbeat(small_app)
    told = [message for message in apps.messages(small_app) if message.key.startswith(alert.key)]
    assert {message.channel for message in told} > {"mail"}
    assert all("refuses our key" in (message.subject or "") for message in told)
    assert {message.state for message in told if message.channel != "mail"} == {"accepted"}
    assert sent(small_app).accepted == 3


@pytest.mark.parametrize("behaviour", [{"do": "error", "status": 500}, {"do": "drop"}])
def test_an_outage_leaves_one_batch_in_doubt_and_not_all_of_them(
    small_app: App, sendgrid_standin: StandIn, clock: SettableClock, behaviour: dict[str, Any]
) -> None:
    apps.letters_waiting(small_app, ["de", "fr", "en"])
    sendgrid_standin.behave(behaviour)
    assert sent(small_app) == replace(DeliveryResult(uncertain=1), problems=sent_problems(small_app))
    clock.forward(timedelta(seconds=15))
    assert sent(small_app).accepted == 2


def sent_problems(app: App) -> tuple[str, ...]:
    return tuple(row.detail for row in apps.rows(app, Attempt) if row.outcome == "uncertain")


def test_a_repeat_is_flagged_though_a_pause_came_between(
    small_app: App, sendgrid_standin: StandIn, clock: SettableClock
) -> None:
    case = apps.letters_ready(small_app, ["de"])
    sendgrid_standin.behave({"do": "accept_then_error", "status": 502}, {"do": "rate_limit", "seconds": 60})
    assert sent(small_app).uncertain == 1
    clock.forward(timedelta(seconds=15))
    send.resend_uncertain(*case.by(apps.DPO), "people", "The provider has no record of it")
    assert sent(small_app).waiting == 1
    clock.forward(timedelta(seconds=60))
    assert sent(small_app).accepted == 1
    assert [attempt.repeats_uncertain for attempt in apps.rows(small_app, Attempt)] == [False, True, True]
    assert set(sendgrid_standin.accepted().values()) == {2}


# -- an answered alert ------------------------------------------------------------------------------------------------


def test_an_alert_written_before_it_was_acknowledged_is_not_sent_after_it(app: App) -> None:
    case = apps.open_case(app)
    heartbeat.report(app, app.now())
    waiting = len(apps.messages(app))
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    assert app.outbox.deliver(ALERTS) == DeliveryResult()
    assert [message.state for message in apps.messages(app)] == ["cancelled"] * waiting
