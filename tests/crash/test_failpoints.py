"""Killed between any two side effects and started again: nothing lost, nothing silently doubled.

A killed process does nothing more: after the failpoint every further transaction of it fails too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import Session

from flows.bootstrap import App
from flows.workflows import heartbeat, respond, send_letters
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import Draft
from notifications.delivery.model import ALERTS, LETTERS, RetryPolicy
from tests.builders import apps
from tests.builders.apps import SettableClock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.builders.mail import StandIn

POINTS = ("after_lease", "after_send", "after_answer")
LEASE = RetryPolicy().lease


class KilledError(BaseException):
    """The process ended here; no `except Exception` may catch it."""


def killed_at(app: App, point: str, kinds: frozenset[str], *, turn: int = 1) -> None:
    """Deliver, and die when *point* is reached for the *turn*-th time."""
    left = [turn]

    def die() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise KilledError

    with pytest.raises(KilledError):
        apps.stopping_at(app, point, die).deliver(kinds)


def through(app: App, standin: StandIn, holder: str) -> App:
    """The same app with mail through the stand-in, as a process of its own."""
    fresh = apps.app_on(app.settings.home, app.settings.database_url, app.clock, key=standin.key, host=standin.url)
    return apps.neighbour(fresh, holder)


# -- alerts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("turn", [1, 3])
@pytest.mark.parametrize("point", POINTS)
def test_alerts_are_told_in_the_end_once_except_for_flagged_repeats(
    app: App, clock: SettableClock, sendgrid_standin: StandIn, point: str, turn: int
) -> None:
    first, second = (through(app, sendgrid_standin, holder) for holder in ("first", "second"))
    apps.open_case(first)
    heartbeat.report(first, clock())
    killed_at(first, point, ALERTS, turn=turn)
    clock.forward(LEASE)
    heartbeat.run_heartbeat(second)
    found = apps.messages(second)
    assert {message.state for message in found} == {"accepted"}
    for message in found:
        tries = apps.attempts(second, message)
        assert [attempt.repeats_uncertain for attempt in tries] == [False, True][: len(tries)]
        assert all(attempt.outcome for attempt in tries)
        if message.channel == "mail":
            assert sendgrid_standin.accepted()[message.key] == 1 + _went_out_before(point, turn, tries)
    repeated = [message for message in found if message.attempts == 2]
    assert len(repeated) == (0 if point == "after_answer" else 1)


def _went_out_before(point: str, turn: int, tries: list[Any]) -> int:
    """Whether the killed process had sent this very mail (the third message) before it died."""
    return int(point == "after_send" and turn == 3 and len(tries) == 2)


# -- letters ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("point", ["after_lease", "after_send"])
def test_letters_through_sendgrid_become_uncertain_and_are_never_sent_blindly_again(
    app: App, clock: SettableClock, sendgrid_standin: StandIn, point: str
) -> None:
    first, second = (through(app, sendgrid_standin, holder) for holder in ("first", "second"))
    case = apps.letters_waiting(first, ["de"] * 5 + ["fr"] * 3)
    killed_at(first, point, LETTERS)
    assert Counter(apps.states(second)) == {"in_flight": 5, "pending": 3}
    clock.forward(LEASE)
    send_letters.communicate(second, case.reference)
    assert Counter(apps.states(second)) == {"uncertain": 5, "accepted": 3}
    went_out = {message.key for message in case.letters() if message.state == "accepted" or point == "after_send"}
    assert sendgrid_standin.accepted() == dict.fromkeys(went_out, 1)


@pytest.mark.parametrize("turn", [1, 2])
def test_letters_killed_after_their_answer_are_settled(
    app: App, clock: SettableClock, sendgrid_standin: StandIn, turn: int
) -> None:
    first, second = (through(app, sendgrid_standin, holder) for holder in ("first", "second"))
    case = apps.letters_waiting(first, ["de"] * 5 + ["fr"] * 3)
    killed_at(first, "after_answer", LETTERS, turn=turn)
    send_letters.communicate(second, case.reference)
    assert set(apps.states(second)) == {"accepted"}
    assert sendgrid_standin.accepted() == dict.fromkeys((message.key for message in case.letters()), 1)


@pytest.mark.parametrize("point", POINTS)
def test_letters_into_the_folder_are_repeated_safely_and_flagged(app: App, clock: SettableClock, point: str) -> None:
    case = apps.letters_waiting(app, ["de"] * 5 + ["fr"] * 3)
    killed_at(app, point, LETTERS)
    clock.forward(LEASE)
    send_letters.communicate(apps.neighbour(app), case.reference)
    assert set(apps.states(app)) == {"accepted"}
    assert len(list((app.outbox_folder / "people").glob("*"))) == 8
    repeats = [message for message in case.letters() if message.attempts == 2]
    assert len(repeats) == (0 if point == "after_answer" else 5)
    assert all(apps.attempts(app, message)[1].repeats_uncertain for message in repeats)


def test_killed_again_and_again_every_letter_lies_in_the_folder_once(small_app: App, clock: SettableClock) -> None:
    case = apps.letters_waiting(small_app, ["de"] * 3 + ["fr"] * 3 + ["en"] * 3)
    for point in (*POINTS, *POINTS):
        with pytest.raises(KilledError):
            apps.stopping_at(small_app, point, _die).deliver(LETTERS)
        clock.forward(LEASE)
        if set(apps.states(small_app)) == {"accepted"}:
            break
    send_letters.communicate(apps.neighbour(small_app), case.reference)
    assert set(apps.states(small_app)) == {"accepted"}
    assert len(list((small_app.outbox_folder / "people").glob("*"))) == 9


def _die() -> None:
    raise KilledError


# -- between any two transactions -------------------------------------------------------------------------------------


def dying_before_commit(app: App, number: int) -> App:
    """A neighbour whose *number*-th writing transaction is lost, and every one after it."""
    dying = apps.neighbour(app, "dying")
    real = dying.store.write
    begun = [0]

    @contextmanager
    def write() -> Iterator[Session]:
        begun[0] += 1
        if begun[0] < number:
            with real() as session:
                yield session
            return
        with real() as session:
            yield session
            raise KilledError

    dying.store.write = write  # type: ignore[method-assign]  # the failpoint
    return dying


def transactions(app: App, work: Callable[[App], object]) -> int:
    """How many writing transactions *work* makes when nothing disturbs it."""
    counted = apps.neighbour(app, "counted")
    real, begun = counted.store.write, [0]

    @contextmanager
    def write() -> Iterator[Session]:
        begun[0] += 1
        with real() as session:
            yield session

    counted.store.write = write  # type: ignore[method-assign]  # counts
    work(counted)
    return begun[0]


def to_be_answered(app: App) -> apps.Case:
    """A case in which a run has everything to do: duties to settle, drafts of each kind to write."""
    case = apps.Case(app).open().aware().assess().list_people(["de"]).decide()
    case.respond()
    case.approve("people").order("people")
    send_letters.communicate(app, case.reference)
    return case.assess(likely_consequences=["spam"]).decide()


def test_a_response_killed_between_any_two_transactions_and_run_again_leaves_the_same_rows(
    small_app: App, clock: SettableClock
) -> None:
    undisturbed = to_be_answered(small_app)
    steps = transactions(small_app, lambda app: respond.respond(app, undisturbed.reference))
    assert steps >= 5
    _check_every_kill(small_app, clock, steps, undisturbed)


def _check_every_kill(app: App, clock: SettableClock, steps: int, undisturbed: apps.Case) -> None:
    wanted = _picture(undisturbed)
    for number in range(1, steps + 1):
        case = to_be_answered(app)
        with pytest.raises(KilledError):
            respond.respond(dying_before_commit(app, number), case.reference)
        clock.forward(respond.LEASE)
        respond.respond(apps.neighbour(app), case.reference)
        assert _picture(case) == wanted, f"killed in transaction {number}"
        assert case.respond().did == ()


def _picture(case: apps.Case) -> dict[str, Any]:
    """What one case came to, without the times at which it happened and without its own name."""
    found = case.file()
    with case.app.store.read() as session:
        key = case.incident_id(session)
    return {
        "drafts": sorted(
            (draft.kind, draft.language, draft.version, draft.recipients, tuple(draft.missing), tuple(draft.warnings))
            for draft in apps.rows(case.app, Draft)
            if draft.incident_id == key
        ),
        "obligations": sorted((row.key, row.status.value) for row in found.obligations),
        "ledger": [(row.kind, row.language, row.states) for row in found.ledger],
        "audit": Counter(entry.kind for entry in apps.rows(case.app, AuditEntry) if entry.incident == case.reference),
        "answered": case.incident().change_seq - case.incident().answered_seq,
    }


@pytest.mark.postgres
def test_the_same_on_the_other_database(postgres_url: str, tmp_path: Path, clock: SettableClock) -> None:
    app = apps.app_on(tmp_path, postgres_url, clock)
    undisturbed = to_be_answered(app)
    steps = transactions(app, lambda each: respond.respond(each, undisturbed.reference))
    assert steps >= 5
    wanted = _picture(undisturbed)
    case = to_be_answered(app)
    for number in range(1, steps + 1):
        # One case, killed one transaction further each time: every restart goes on from what the last one left.
        with pytest.raises(KilledError):
            respond.respond(dying_before_commit(app, number), case.reference)
        clock.forward(respond.LEASE)
        if case.incident().answered_seq == case.incident().change_seq:
            break
    case.respond()
    assert _picture(case) == wanted
    apps.close_all()


def test_a_heartbeat_killed_between_any_two_transactions_and_run_again_tells_everybody_once(
    small_app: App, clock: SettableClock
) -> None:
    # The very first beat has nothing to compare the clock with: counted is one like those that are killed.
    heartbeat.run_heartbeat(small_app)
    apps.open_case(small_app)
    steps = transactions(small_app, heartbeat.run_heartbeat)
    assert steps >= 8
    for number in range(1, steps + 1):
        case = apps.open_case(small_app)
        with pytest.raises(KilledError):
            heartbeat.run_heartbeat(dying_before_commit(small_app, number))
        clock.forward(LEASE)
        heartbeat.run_heartbeat(apps.neighbour(small_app))
        found = [message for message in apps.messages(small_app) if message.key.startswith(case.reference)]
        assert len(found) == 3, f"killed in transaction {number}"
        assert {message.state for message in found} == {"accepted"}
