"""Alerts of one case are one message for each person and channel; a jumped clock and a forgotten case are told, too."""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from config.settings import templates_folder
from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.casework.case import close as close_case
from incidents.casework.case import timeline
from incidents.casework.deadlines import clock_alarm
from incidents.kernel.clock import SKEW, passed_between
from incidents.storage.tables.obligations import Beat, Obligation
from notifications.letters.compose import LetterComposer
from notifications.letters.context.alert import AlertItem, context_for_several
from tests.builders import apps
from tests.builders.apps import HOUR, INSTANT, MINUTE, SettableClock

MANY = tuple((f"shop-{number}", "en", 3, 3) for number in range(1, 41))


def test_a_storm_is_one_message_for_each_person_and_channel_and_each_alert_its_own_row(
    app: App, clock: SettableClock
) -> None:
    case = apps.Case(app).open().aware(ago=timedelta()).assess().list_merchants(MANY)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.forward(25 * HOUR)
    heartbeat.run_heartbeat(app)
    told = apps.messages(app)
    assert Counter((message.recipient, message.channel) for message in told) == {
        ("on-call:0", channel): 1 for channel in ("pager", "chat", "mail")
    }
    ringing = [alert for alert in apps.alerts(app) if alert.escalate_at]
    assert len(ringing) > len(MANY)
    text = told[0].text or ""
    assert re.search(r"40 times: shop-\d+, shop-\d+, shop-\d+ and 37 more\.", text)
    assert "due by law" in text
    assert "internal target" in text
    clock.forward(15 * MINUTE)
    heartbeat.run_heartbeat(app)
    assert Counter(message.recipient for message in apps.messages(app)) == {"on-call:0": 3, "on-call:1": 3}
    one = next(row.key for row in apps.rows(app, Obligation) if row.recipient_id == "shop-7")
    timeline.acknowledge(*case.by(apps.RESPONDER), one)
    assert len([alert for alert in apps.alerts(app) if alert.escalate_at]) == len(ringing) - 1
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.forward(HOUR)
    heartbeat.run_heartbeat(app)
    assert len(apps.messages(app)) == 6


def test_two_cases_are_told_apart(small_app: App) -> None:
    cases = [apps.open_case(small_app) for _ in range(2)]
    heartbeat.run_heartbeat(small_app)
    told = [message.subject or "" for message in apps.messages(small_app) if message.channel == "mail"]
    assert sorted(subject.split()[0] for subject in told) == sorted(case.reference for case in cases)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ("OVERDUE by 3 h", "due by law", "due by contract", "a, b, c and 1 more", "Only one of them: ack 1 x")),
        ("de", ("ÜBERFÄLLIG seit 3", "gesetzliche Frist", "vertragliche Frist", "a, b, c und 1 weitere", "ack 1 x")),
        ("fr", ("EN RETARD de 3", "délai légal", "délai contractuel", "a, b, c et 1 autres", "ack 1 x")),
    ],
)
def test_the_message_says_who_sets_each_time_and_to_how_many(language: str, said: tuple[str, ...]) -> None:
    now = datetime(2026, 11, 20, 9, tzinfo=UTC)
    items = [AlertItem(duty="authority-initial", duty_title="x", recipient="CNIL", due_at=now - 3 * HOUR,
                       due_kind="statutory", provisional=False)]  # fmt: skip
    items += [AlertItem(duty="controllers", duty_title="y", recipient=name, due_at=now + HOUR, due_kind="contractual",
                        provisional=False) for name in "abcd"]  # fmt: skip
    context = context_for_several(
        reference="INC-2026-0001", codename="quiet-forge", exercise=False, items=items, opened=True, says="", since=now,
        acknowledge="ack 1", acknowledge_one="ack 1 x", look="deadlines 1",
        zone="Europe/Paris", language=language, now=now, level=0,
    )  # fmt: skip
    text = LetterComposer(templates_folder()).letter("several", language, context).text.replace("\u00a0", " ")
    assert [words for words in said if words not in text.replace("\u202f", " ")] == []


def test_a_clock_that_went_back_alarms_people_once(app: App, clock: SettableClock) -> None:
    case = apps.Case(app).open().aware(ago=timedelta())
    heartbeat.run_heartbeat(app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.forward(74 * HOUR)
    heartbeat.run_heartbeat(app)
    clock.forward(-74 * HOUR)
    heartbeat.run_heartbeat(app)
    heartbeat.run_heartbeat(apps.neighbour(app))
    alarms = [message for message in apps.messages(app) if message.key.startswith("clock/")]
    assert {message.channel for message in alarms} == {"pager", "chat", "mail"}
    assert len(alarms) == 3
    assert "went back by 3 d 2 h" in (alarms[0].subject or "") or "went back by 74 h" in (alarms[0].subject or "")
    assert [entry.kind for entry in apps.entries(app, "clock.jumped")] == ["clock.jumped"]


@pytest.mark.parametrize(("by", "jump"), [(-SKEW, False), (-SKEW - INSTANT, True), (9 * HOUR, False)])
def test_without_an_uptime_only_a_step_back_is_a_jump(clock: SettableClock, by: timedelta, jump: bool) -> None:
    beat = Beat(name="heartbeat", at=clock())
    assert bool(clock_alarm.jump_since(beat, clock() + by, None)) is jump


@pytest.mark.parametrize(
    ("passed", "by", "jump"),
    [("3600.0", HOUR, timedelta()), ("10.0", HOUR, HOUR - timedelta(seconds=10)), ("3600.0", -HOUR, -2 * HOUR)],
)
def test_beside_the_uptime_a_clock_that_goes_ahead_is_seen(
    clock: SettableClock, passed: str, by: timedelta, jump: timedelta
) -> None:
    beat = Beat(name="heartbeat", at=clock(), detail="boot 0.0")
    assert clock_alarm.jump_since(beat, clock() + by, f"boot {passed}") == jump
    assert passed_between("boot 0.0", f"other {passed}") is None


def test_a_decided_case_with_nothing_owed_reminds_until_it_is_closed(app: App, clock: SettableClock) -> None:
    case = apps.Case(app).open().aware().assess(data_sets=[apps.SWISS]).decide(authority=False, people=False)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    week = app.use_cases.close_within
    decided = clock()

    def reminders() -> list[str]:
        return [alert.rung for alert in apps.alerts(app) if alert.rung.startswith("stays-open")]

    clock.at = decided + week - INSTANT
    heartbeat.run_heartbeat(app)
    assert reminders() == []
    clock.forward(MINUTE)
    heartbeat.run_heartbeat(app)
    heartbeat.run_heartbeat(apps.neighbour(app))
    assert reminders() == ["stays-open/1"]
    told = [message for message in apps.messages(app) if "stays-open" in message.key]
    assert {message.channel for message in told} == {"pager", "chat", "mail"}
    assert "no law sets it" in (told[0].text or "")
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.at = decided + 2 * week + MINUTE
    heartbeat.run_heartbeat(app)
    assert reminders() == ["stays-open/1", "stays-open/2"]
    close_case.dismiss(*case.by(apps.DPO), "no personal data")
    clock.forward(3 * week)
    heartbeat.run_heartbeat(app)
    assert reminders() == ["stays-open/1", "stays-open/2"]
    assert [alert for alert in apps.alerts(app) if alert.escalate_at] == []
