"""The heartbeat: who is told, through what, how often; and that a second beat adds nothing."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import delete
from sqlmodel import col, update

from flows import liveness
from flows.bootstrap import App
from flows.workflows import (
    heartbeat,
)
from incidents.casework.case import timeline
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Beat, Obligation
from notifications.delivery.model import DeliveryResult
from tests.builders import apps
from tests.builders.apps import HOUR, INSTANT, MINUTE, SettableClock
from tests.builders.statements import past_the_chain

CANARY = "canary-in-an-error@example.org"


def told(app: App) -> list[tuple[str, str]]:
    """Which place of the on-call list was told through what, in the order of writing."""
    return [(message.recipient, message.channel) for message in apps.messages(app)]


def test_opening_a_case_pages_the_first_person_through_each_channel_and_by_mail(app: App) -> None:
    case = apps.open_case(app)
    pulse = heartbeat.run_heartbeat(app)
    assert (pulse.messages, pulse.delivered.accepted) == (3, 3)
    assert told(app) == [("on-call:0", "pager"), ("on-call:0", "chat"), ("on-call:0", "mail")]
    assert [message.key for message in apps.messages(app)] == [
        f"{case.reference}/opened/L0/{channel}" for channel in ("pager", "chat", "mail")
    ]


def test_a_second_beat_writes_nothing_new(app: App) -> None:
    apps.Case(app).decided()
    heartbeat.run_heartbeat(app)
    before = apps.everything(app)
    assert heartbeat.run_heartbeat(app) == heartbeat.HeartbeatResult(
        noticed=0, escalated=0, messages=0, delivered=DeliveryResult()
    )
    heartbeat.run_heartbeat(apps.neighbour(app))
    assert apps.everything(app) == before


def test_a_beat_says_that_the_heart_beat(small_app: App, clock: SettableClock) -> None:
    assert apps.last_beat(small_app) is None
    heartbeat.run_heartbeat(small_app)
    clock.forward(MINUTE)
    heartbeat.run_heartbeat(small_app)
    assert apps.last_beat(small_app) == clock()


@pytest.mark.parametrize(("later", "level"), [(-INSTANT, 0), (timedelta(), 1), (INSTANT, 1)])
def test_a_page_goes_on_exactly_when_nobody_answered_in_time(
    small_app: App, clock: SettableClock, later: timedelta, level: int
) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    clock.forward(15 * MINUTE + later)
    assert heartbeat.run_heartbeat(small_app).escalated == level
    assert [alert.level for alert in apps.alerts(small_app) if alert.rung == "opened"] == [level]


def test_an_alert_goes_along_the_list_and_then_rings_at_its_last_person_again_and_again(
    small_app: App, clock: SettableClock
) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    for wait in (15, 15, 15, 30, 30):
        clock.forward(wait * MINUTE - INSTANT)
        assert heartbeat.run_heartbeat(small_app).escalated == 0
        clock.forward(INSTANT)
        assert heartbeat.run_heartbeat(small_app).escalated == 1
    pages = [message.recipient for message in apps.messages(small_app) if message.channel == "pager"]
    assert pages == [f"on-call:{place}" for place in (0, 1, 2, 2, 2, 2)]


def test_messages_of_an_escalation_are_unique_for_each_level_and_channel(app: App, clock: SettableClock) -> None:
    case = apps.open_case(app)
    for _ in range(4):
        heartbeat.run_heartbeat(app)
        heartbeat.run_heartbeat(apps.neighbour(app))
        clock.forward(30 * MINUTE)
    found = Counter(message.key for message in apps.messages(app))
    assert set(found.values()) == {1}
    assert {key for key in found if key.startswith(f"{case.reference}/opened/L1/")} == {
        f"{case.reference}/opened/L1/{channel}" for channel in ("pager", "chat", "mail")
    }


def test_an_acknowledged_alert_is_silent(small_app: App, clock: SettableClock) -> None:
    case = apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    before = apps.count(small_app, Message)
    clock.forward(6 * HOUR)
    assert heartbeat.run_heartbeat(small_app).escalated == 0
    assert apps.count(small_app, Message) == before


def test_an_alert_acknowledged_before_it_was_told_is_not_told(small_app: App) -> None:
    case = apps.open_case(small_app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    assert heartbeat.run_heartbeat(small_app).messages == 0


def test_a_rung_is_told_when_it_comes_due_and_not_before(small_app: App, clock: SettableClock) -> None:
    case = apps.Case(small_app).open().aware(ago=timedelta())
    heartbeat.run_heartbeat(small_app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    clock.forward(24 * HOUR - INSTANT)
    assert heartbeat.run_heartbeat(small_app).messages == 0
    clock.forward(INSTANT)
    assert heartbeat.run_heartbeat(small_app).messages == 3
    rung = next(alert for alert in apps.alerts(small_app) if alert.rung == "before-48h")
    assert (rung.due_at, rung.kind, rung.says) == (clock(), "reminder", "48 h left")


def test_every_alert_that_goes_on_says_so_by_its_kind(small_app: App, clock: SettableClock) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    clock.forward(15 * MINUTE)
    heartbeat.run_heartbeat(small_app)
    assert Counter(message.kind for message in apps.messages(small_app)) == {"page": 3, "escalation": 3}


def test_an_alert_never_shows_the_title_that_a_person_wrote(small_app: App) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    assert not any("Exports readable" in f"{message.subject}{message.text}" for message in apps.messages(small_app))


def test_a_person_with_fewer_channels_is_told_through_those(small_app: App, clock: SettableClock) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    for _ in range(2):
        clock.forward(15 * MINUTE)
        heartbeat.run_heartbeat(small_app)
    assert [channel for place, channel in told(small_app) if place == "on-call:2"] == ["pager", "mail"]


def test_alerts_of_an_exercise_are_stamped(small_app: App) -> None:
    apps.Case(small_app).open(exercise=True)
    heartbeat.run_heartbeat(small_app)
    found = apps.messages(small_app)
    assert {(message.exercise, (message.subject or "").startswith("EXERCISE")) for message in found} == {(True, True)}


def test_two_may_say_their_first_word_at_once(app: App) -> None:
    neighbour = apps.neighbour(app)
    said = threading.Thread(target=liveness.record_beat, args=(neighbour.store, "first", app.clock()))
    with app.store.write() as session:
        session.add(Beat(name="first", at=app.clock() - HOUR, detail="before"))
        session.flush()
        said.start()
        # It waits for this transaction, having found no row of its own: the row comes in between.
        said.join(0.3)
        assert said.is_alive()
    said.join(60)
    with app.store.read() as session:
        assert liveness.last_beat(session, "first") == app.clock()


def test_two_heartbeats_at_once_tell_everybody_once(app: App) -> None:
    for _ in range(8):
        apps.open_case(app)
    processes = [apps.neighbour(app, holder=f"heart-{number}") for number in range(3)]
    together = threading.Barrier(len(processes))
    failures: list[BaseException] = []

    def live(each: App) -> None:
        together.wait()
        try:
            for _ in range(3):
                heartbeat.run_heartbeat(each)
        except BaseException as failure:  # noqa: BLE001 - the assertion below shows it
            failures.append(failure)

    threads = [threading.Thread(target=live, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    found = apps.messages(app)
    assert Counter(message.key for message in found).most_common(1)[0][1] == 1
    assert len(found) == 24
    assert {(message.state, message.attempts) for message in found} == {("accepted", 1)}
    assert len(list((app.outbox_folder / "pages").glob("*.txt"))) == 16


def test_an_alert_that_cannot_be_worded_is_told_in_plain_words_and_holds_up_no_other(
    small_app: App, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, sound = apps.open_case(small_app), apps.open_case(small_app)
    real = small_app.wording.letter

    def letter(kind: str, language: str, context: dict[str, object]) -> object:
        if context["reference"] == broken.reference:
            raise ValueError(CANARY)
        return real(kind, language, context)

    monkeypatch.setattr(small_app.wording, "letter", letter)
    pulse = heartbeat.run_heartbeat(small_app)
    assert pulse.delivered.accepted == pulse.messages == len(apps.messages(small_app))
    plain, worded = (
        {message.text for message in apps.messages(small_app) if message.incident_id == case.incident().id}
        for case in (broken, sound)
    )
    assert all(text and f"tocsin ack {broken.reference}" in text for text in plain)
    assert all(text and "tocsin show" not in text.splitlines()[0] for text in worded)
    assert apps.last_beat(small_app) is not None
    assert "ValueError" in caplog.text
    assert CANARY not in caplog.text


def test_a_case_in_which_nothing_is_owed_is_paged_and_does_not_stop_the_heart(small_app: App) -> None:
    case = apps.open_case(small_app)
    with small_app.store.write() as session:
        past_the_chain(session, delete(Obligation))
    pulse = heartbeat.run_heartbeat(small_app)
    assert pulse.delivered.accepted == len(apps.messages(small_app)) > 0
    assert all(case.reference in (message.subject or "") for message in apps.messages(small_app))
    assert apps.last_beat(small_app) is not None


def test_the_plain_words_of_an_exercise_say_that_it_is_one(small_app: App) -> None:
    apps.Case(small_app).open(exercise=True)
    with small_app.store.write() as session:
        past_the_chain(session, delete(Obligation))
    heartbeat.run_heartbeat(small_app)
    found = apps.messages(small_app)
    assert {(message.subject or "").startswith("EXERCISE ") for message in found} == {True}


def test_an_alert_that_seems_to_be_told_only_later_is_told_at_once(app: App) -> None:
    apps.open_case(app)
    with app.store.write() as session:
        later = app.now() + 9 * HOUR
        past_the_chain(session, update(Alert).where(col(Alert.rung) == "opened").values(tell_at=later))
    assert heartbeat.run_heartbeat(app).messages == 3
    assert apps.alerts(app)[0].tell_at is None
    assert heartbeat.run_heartbeat(app).messages == 0
