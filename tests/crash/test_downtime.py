"""Down for hours or days, clocks that jump, processes that freeze: the record stays true and people are told once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.casework.case import timeline
from incidents.storage.tables.obligations import TransitionRow
from notifications.delivery.model import ALERTS, LETTERS, RetryPolicy
from tests.builders import apps
from tests.builders.apps import HOUR, MINUTE, SettableClock

if TYPE_CHECKING:
    from tests.builders.mail import StandIn

LEASE = RetryPolicy().lease


def running(app: App) -> tuple[apps.Case, datetime]:
    """A case whose legal clock starts now, its first page seen; and when the authority must be told."""
    case = apps.Case(app).open().aware(ago=timedelta())
    heartbeat.run_heartbeat(app)
    timeline.acknowledge(*case.by(apps.RESPONDER), None)
    return case, app.now() + 72 * HOUR


def fired(app: App) -> dict[str, datetime]:
    return {
        alert.rung: alert.due_at for alert in apps.alerts(app) if alert.rung != "opened" and alert.clock_version == 2
    }


def expected(due: datetime, until: datetime) -> dict[str, datetime]:
    """The ladder of the GDPR, computed here once more: before, due, after, and then daily."""
    steps = {f"before-{hours}h": due - hours * HOUR for hours in (48, 24, 12, 6, 3, 1)}
    steps |= {"due": due} | {f"after-{hours}h": due + hours * HOUR for hours in (1, 6, 12, 24, *range(48, 24 * 60, 24))}
    return {key: at for key, at in steps.items() if at <= until}


@pytest.mark.parametrize("away", [3 * 24 * HOUR + 2 * HOUR, 7 * 24 * HOUR, 30 * 24 * HOUR])
def test_after_a_downtime_one_alert_tells_the_latest_and_every_rung_is_on_record_with_its_true_time(
    app: App, clock: SettableClock, away: timedelta
) -> None:
    case, due = running(app)
    before = len(apps.messages(app))
    clock.forward(away)
    heartbeat.run_heartbeat(app)
    assert fired(app) == expected(due, clock())
    told = apps.messages(app)[before:]
    latest = max(fired(app), key=lambda rung: fired(app)[rung])
    prefix = f"{case.reference}/eu-gdpr/authority-initial/DE-BE/2/{latest}/L0/"
    assert sorted(message.key for message in told) == sorted(prefix + channel for channel in ("chat", "mail", "pager"))
    assert {message.state for message in told} == {"accepted"}
    assert all(alert.noticed_at >= alert.due_at for alert in apps.alerts(app))
    quiet = [alert for alert in apps.alerts(app) if alert.obligation_id and alert.rung != latest]
    assert all(alert.told_by and alert.escalate_at is None for alert in quiet)


def test_the_moves_of_the_deadline_are_recorded_with_the_time_at_which_they_were_due(
    small_app: App, clock: SettableClock
) -> None:
    _, due = running(small_app)
    clock.forward(7 * 24 * HOUR)
    heartbeat.run_heartbeat(small_app)
    moves = [move for move in apps.rows(small_app, TransitionRow) if move.clock_version == 2]
    assert [(move.to_standing, move.noticed_at == clock()) for move in moves[-2:]] == [
        ("due_soon", True),
        ("overdue", True),
    ]
    assert moves[-2].due_at == due - 24 * HOUR
    assert timedelta() <= moves[-1].due_at - due <= timedelta(microseconds=1)


def test_a_second_beat_after_a_downtime_adds_nothing(app: App, clock: SettableClock) -> None:
    running(app)
    clock.forward(7 * 24 * HOUR)
    heartbeat.run_heartbeat(app)
    before = apps.everything(app)
    heartbeat.run_heartbeat(apps.neighbour(app))
    assert apps.everything(app) == before


def test_what_nobody_answered_before_a_downtime_is_not_told_step_by_step_after_it(
    small_app: App, clock: SettableClock
) -> None:
    apps.open_case(small_app)
    heartbeat.run_heartbeat(small_app)
    clock.forward(10 * HOUR)
    heartbeat.run_heartbeat(small_app)
    assert [alert.level for alert in apps.alerts(small_app) if alert.rung == "opened"] == [1]


@pytest.mark.parametrize("jump", [timedelta(hours=3), timedelta(hours=-3)])
@pytest.mark.parametrize("comes_back", [True, False])
def test_a_clock_that_jumps_doubles_nothing_and_loses_nothing(
    app: App, clock: SettableClock, jump: timedelta, comes_back: bool
) -> None:
    _, due = running(app)
    for step in range(16):
        clock.forward(5 * HOUR)
        if step == 8:
            clock.forward(jump)
        if step == 9 and comes_back:
            clock.forward(-jump)
        heartbeat.run_heartbeat(app)
        heartbeat.run_heartbeat(app)
    clock.forward(6 * HOUR)
    heartbeat.run_heartbeat(app)
    assert fired(app) == expected(due, clock())
    counted = Counter((alert.clock_version, alert.rung) for alert in apps.alerts(app))
    assert set(counted.values()) == {1}
    assert all(alert.noticed_at >= alert.due_at for alert in apps.alerts(app))
    assert set(Counter(message.key for message in apps.messages(app)).values()) == {1}
    assert {message.state for message in apps.messages(app)} == {"accepted"}


def test_a_holder_that_wakes_up_after_another_took_over_doubles_no_file(app: App, clock: SettableClock) -> None:
    apps.letters_waiting(app, ["de"] * 4)

    def sleep() -> None:
        clock.forward(LEASE)
        assert apps.neighbour(app).outbox.deliver(LETTERS).accepted == 4

    apps.stopping_at(app, "after_lease", sleep).deliver(LETTERS)
    assert set(apps.states(app)) == {"accepted"}
    assert len(list((app.outbox_folder / "people").glob("*"))) == 4


SLEEPER = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from notifications.delivery.model import ALERTS
from tests.builders import apps

home, url, host, key, at, point = sys.argv[1:]
app = apps.app_on(Path(home), url, apps.SettableClock(datetime.fromisoformat(at)), key=key, host=host)
apps.stopping_at(app, point, lambda: os.kill(os.getpid(), signal.SIGSTOP)).deliver(ALERTS)
apps.close_all()
"""


@pytest.mark.parametrize("point", ["after_lease", "after_send"])
def test_a_process_frozen_past_its_lease_and_woken_again_repeats_only_what_is_flagged(
    small_app: App, clock: SettableClock, sendgrid_standin: StandIn, point: str
) -> None:
    mail_only = tuple(each.model_copy(update={"channels": ()}) for each in small_app.organisation.on_call)
    settings = (small_app.settings.home, small_app.settings.database_url)
    awake = apps.app_on(*settings, clock, key=sendgrid_standin.key, host=sendgrid_standin.url, on_call=mail_only)
    apps.open_case(awake)
    heartbeat.report(awake, clock())
    arguments = (*map(str, settings), sendgrid_standin.url, sendgrid_standin.key, clock().isoformat(), point)
    with subprocess.Popen([sys.executable, "-c", SLEEPER, *arguments]) as sleeper:
        _, status = os.waitpid(sleeper.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        clock.forward(LEASE + MINUTE)
        assert awake.outbox.deliver(ALERTS).accepted == 1
        os.kill(sleeper.pid, signal.SIGCONT)
        assert sleeper.wait(30) == 0
    (mail,) = apps.messages(awake)
    assert (mail.state, mail.attempts) == ("accepted", 2)
    assert [attempt.repeats_uncertain for attempt in apps.attempts(awake, mail)] == [False, True]
    assert sendgrid_standin.accepted() == {mail.key: 2}
