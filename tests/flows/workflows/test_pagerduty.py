"""PagerDuty keeps one alert for one of ours: repeated it is updated, acknowledged and ended with it."""

from __future__ import annotations

import logging
from collections.abc import Iterator

import pytest

from flows.bootstrap import App
from flows.channel_factory import open_channels
from flows.workflows import heartbeat
from incidents.casework.case import close, timeline
from incidents.storage.tables.obligations import Obligation
from notifications.delivery.channel import PageMessage, PermanentFailure, TemporaryFailure
from notifications.delivery.channels.pagerduty import PagerDutySender
from tests.builders import apps
from tests.builders.apps import HOUR, MINUTE, SettableClock
from tests.standins.pagerduty import PagerDutyStandIn

KEY = "R0ut1ngK3yR0ut1ngK3yR0ut1ngK3y00"
PAGE = PageMessage(key="INC-1/opened/L0/pager", title="a page", body="its text", thread="INC-1/opened")


@pytest.fixture
def pagerduty() -> Iterator[PagerDutyStandIn]:
    standin = PagerDutyStandIn(KEY)
    yield standin
    standin.close()


def paged(app: App, pagerduty: PagerDutyStandIn) -> App:
    """The app, with PagerDuty as its pager."""
    organisation = app.organisation.model_copy(update={"channels": {"pager": pagerduty.address, "chat": "files"}})
    app.__dict__["channels"] = open_channels(app.settings, organisation, app.outbox_folder)
    return app


def test_one_alert_is_one_there_from_the_first_call_to_its_end(
    app: App, clock: SettableClock, pagerduty: PagerDutyStandIn
) -> None:
    paged(app, pagerduty)
    case = apps.open_case(app)
    name = f"{case.reference}/opened"
    heartbeat.run_heartbeat(app)
    for _ in range(3):
        clock.forward(15 * MINUTE)
        heartbeat.run_heartbeat(app)
    assert [(event["event_action"], event["dedup_key"]) for event in pagerduty.events] == [("trigger", name)] * 4
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    heartbeat.run_heartbeat(app)
    assert pagerduty.alerts == {name: "acknowledged"}
    heartbeat.run_heartbeat(app)
    assert len(pagerduty.events) == 5
    close.dismiss(*case.by(apps.DPO), "no personal data")
    heartbeat.run_heartbeat(app)
    assert pagerduty.alerts == {name: "resolved"}
    assert {message.state for message in apps.messages(app)} == {"accepted"}


def test_the_next_reminder_rings_anew_and_ends_the_one_before(
    app: App, clock: SettableClock, pagerduty: PagerDutyStandIn
) -> None:
    case = apps.Case(paged(app, pagerduty)).open().aware(ago=0 * HOUR)
    heartbeat.run_heartbeat(app)
    for hours in (24, 24, 12):
        clock.forward(hours * HOUR)
        heartbeat.run_heartbeat(app)
        timeline.acknowledge(*case.by(apps.RESPONDER), None)
        heartbeat.run_heartbeat(app)
    told = {name.rpartition("/")[2]: state for name, state in pagerduty.alerts.items() if "authority-initial" in name}
    assert (told["before-48h"], told["before-24h"], told["before-12h"]) == ("resolved", "resolved", "acknowledged")


def test_an_alert_told_for_several_is_acknowledged_once_all_of_them_are(
    app: App, clock: SettableClock, pagerduty: PagerDutyStandIn
) -> None:
    case = apps.Case(paged(app, pagerduty)).open().aware(ago=0 * HOUR).assess().list_merchants()
    heartbeat.run_heartbeat(app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.forward(25 * HOUR)
    heartbeat.run_heartbeat(app)
    (name,) = {str(alert.thread) for alert in apps.alerts(app) if alert.escalate_at}
    first, *others = [row.key for row in apps.rows(app, Obligation) if any(
        alert.obligation_id == row.id and alert.escalate_at for alert in apps.alerts(app)
    )]  # fmt: skip
    assert others
    timeline.acknowledge(*case.by(apps.RESPONDER), first)
    heartbeat.run_heartbeat(app)
    assert pagerduty.alerts[name] == "triggered"
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    heartbeat.run_heartbeat(app)
    assert pagerduty.alerts[name] == "acknowledged"


@pytest.mark.parametrize(("status", "failure"), [(429, TemporaryFailure), (500, TemporaryFailure),
                                                 (400, PermanentFailure), (404, PermanentFailure)])  # fmt: skip
def test_what_pagerduty_refuses_names_the_channel_and_never_the_key(
    pagerduty: PagerDutyStandIn, status: int, failure: type[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    pagerduty.status = status
    sender = PagerDutySender("pager", pagerduty.address)
    with pytest.raises(failure, match=f"pager.*{status}") as refused:
        sender.page(PAGE)
    assert KEY not in f"{refused.value!r} {sender!r} {caplog.text}"
    if isinstance(refused.value, PermanentFailure):
        assert refused.value.whose == "configuration"


def test_a_pagerduty_that_is_away_is_tried_again(pagerduty: PagerDutyStandIn) -> None:
    pagerduty.close()
    with pytest.raises(TemporaryFailure, match="gave no answer") as refused:
        PagerDutySender("pager", pagerduty.address).page(PAGE)
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("address", ["pagerduty://short", f"pagerduty://{KEY}@integration", "pagerduty://",
                                     f"pagerduty://{KEY}@host:port"])  # fmt: skip
def test_an_address_of_another_shape_is_refused_with_the_right_one(address: str) -> None:
    with pytest.raises(PermanentFailure, match="pagerduty://ROUTING_KEY") as refused:
        PagerDutySender("pager", address).check()
    assert KEY not in str(refused.value)
