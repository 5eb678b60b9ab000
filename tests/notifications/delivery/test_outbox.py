"""Messages on their way out: nothing lost, nothing doubled, one bad address harms nobody else.

What a SendGrid stand-in accepted, in a process of its own, is the judge; Tocsin's own rows are held to it.
"""

from __future__ import annotations

import socket
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, update

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.storage.tables.communication import Message
from notifications.delivery.channel import (
    Accepted,
    AmbiguousFailure,
    Letter,
    PermanentFailure,
    SendError,
    TemporaryFailure,
)
from notifications.delivery.model import ALERTS, LETTERS, DeliveryResult, RetryPolicy
from tests.builders import apps
from tests.builders.apps import INSTANT, SettableClock
from tests.builders.statements import past_the_chain

if TYPE_CHECKING:
    from tests.builders.mail import StandIn

LEASE = RetryPolicy().lease


class Refusing:
    """A channel that fails as it is told, and counts what it took."""

    name = "refusing"
    batch_limit = 1_000

    def __init__(self, *failures: SendError, bad: Sequence[str] = (), whose: Any = "recipient") -> None:
        self.failures = list(failures)
        self.bad = set(bad)
        self.whose = whose
        self.calls = 0
        self.taken: Counter[str] = Counter()

    def send(self, letters: Sequence[Letter]) -> Accepted:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        if self.bad.intersection(letter.key for letter in letters):
            message = "one of these is refused, and nobody says which"
            raise PermanentFailure(message, whose=self.whose)
        self.taken.update(letter.key for letter in letters)
        return Accepted(provider_id="taken")


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def keys(app: App, kind: str = "people") -> list[str]:
    return [message.key for message in apps.messages(app) if message.kind == kind]


def a_dead_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# -- what normally happens --------------------------------------------------------------------------------------------


def test_every_person_gets_one_letter_and_it_is_on_record_as_accepted(app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(app, ["de"] * 3 + ["fr"] * 2 + ["en"])
    assert sent(app) == DeliveryResult(accepted=6)
    assert sendgrid_standin.accepted() == dict.fromkeys(keys(app), 1)
    assert set(apps.states(app)) == {"accepted"}
    assert all(message.settled_at == app.now() and message.provider_id for message in apps.messages(app))


def test_letters_that_share_every_byte_travel_in_one_request_for_each_language(
    small_app: App, sendgrid_standin: StandIn
) -> None:
    apps.letters_waiting(small_app, ["de"] * 30 + ["fr"] * 20)
    sent(small_app)
    assert sendgrid_standin.requests() == 2


def test_no_personalization_ever_has_two_recipients(small_app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(small_app, ["de"] * 40)
    sent(small_app)
    parts = sendgrid_standin.last_request()["personalizations"]
    assert len(parts) == 40
    assert all(len(part["to"]) == 1 and not part.keys() & {"cc", "bcc"} for part in parts)


def test_what_goes_out_is_the_approved_text_byte_for_byte(small_app: App, sendgrid_standin: StandIn) -> None:
    case = apps.letters_ready(small_app, ["fr"])
    sent(small_app)
    body, draft = sendgrid_standin.last_request(), case.draft("people.fr")
    assert body["subject"] == draft.subject
    assert [part["value"] for part in body["content"]] == [draft.text, draft.html]


def test_an_attempt_is_written_before_and_answered_after(small_app: App) -> None:
    case = apps.letters_waiting(small_app, ["de"])
    seen: list[Any] = []
    apps.stopping_at(
        small_app, "after_lease", lambda: seen.extend(apps.attempts(small_app, case.letters()[0]))
    ).deliver(LETTERS)
    assert [(attempt.number, attempt.finished_at, attempt.outcome) for attempt in seen] == [(1, None, None)]
    (attempt,) = apps.attempts(small_app, case.letters()[0])
    assert (attempt.finished_at, attempt.outcome) == (small_app.now(), "accepted")


def test_delivering_again_sends_nothing_again(small_app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(small_app)
    sent(small_app)
    assert sent(small_app) == DeliveryResult()
    assert sent(apps.neighbour(small_app)) == DeliveryResult()
    assert sendgrid_standin.requests() == 3


def test_a_call_sends_no_more_than_it_was_asked_to_plus_one_batch(small_app: App) -> None:
    apps.letters_waiting(small_app, ["de"] * 20)
    channel = Refusing()
    channel.batch_limit = 4
    assert apps.with_channels(small_app, mail=channel).deliver(LETTERS, most=10).accepted == 12


def test_only_the_kinds_and_the_incident_asked_for_are_sent(small_app: App, sendgrid_standin: StandIn) -> None:
    one, other = (apps.letters_waiting(small_app, ["de"]) for _ in range(2))
    heartbeat.report(small_app, small_app.now())
    with small_app.store.read() as session:
        key = one.incident_id(session)
    assert small_app.outbox.deliver(LETTERS, incident_id=key).accepted == 1
    assert list(sendgrid_standin.accepted()) == [one.letters()[0].key]
    assert other.letters()[1].state == "pending"
    assert set(apps.states(small_app, "page")) == {"pending"}


# -- failures of the provider -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("behaviour", "problem", "waits"),
    [
        ({"do": "rate_limit", "seconds": 90}, "429", timedelta(seconds=90)),
        ({"do": "error", "status": 408}, "408", timedelta(seconds=15)),
        ({"do": "unauthorized"}, "SENDGRID_API_KEY", timedelta(minutes=1)),
        ({"do": "no_credits"}, "Maximum credits exceeded", timedelta(minutes=1)),
        ({"do": "forbidden"}, "verify the sender address", timedelta(minutes=1)),
    ],
)
def test_a_failure_says_what_it_is_waits_and_loses_nothing(
    small_app: App,
    clock: SettableClock,
    sendgrid_standin: StandIn,
    behaviour: dict[str, Any],
    problem: str,
    waits: timedelta,
) -> None:
    apps.letters_waiting(small_app, ["de"] * 5)
    sendgrid_standin.behave(behaviour)
    failed = sent(small_app)
    assert (failed.waiting, failed.accepted, failed.rejected) == (5, 0, 0)
    assert problem in failed.problems[0]
    assert all(problem in (message.problem or "") for message in apps.messages(small_app))
    clock.forward(waits - INSTANT)
    assert sent(small_app) == DeliveryResult()
    clock.forward(INSTANT)
    assert sent(small_app) == DeliveryResult(accepted=5)
    assert sendgrid_standin.accepted() == dict.fromkeys(keys(small_app), 1)


def test_a_wrong_key_burns_no_message_and_the_right_one_sends_them_all(
    small_app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    apps.letters_waiting(small_app, ["de"] * 3)
    wrong = apps.app_on(
        small_app.settings.home, small_app.settings.database_url, clock, key="SG.wrong", host=sendgrid_standin.url
    )
    for _ in range(5):
        failed = sent(wrong)
        assert "SENDGRID_API_KEY" in failed.problems[0]
        assert "SG.wrong" not in str(failed)
        clock.forward(timedelta(minutes=1))
    assert sent(small_app) == DeliveryResult(accepted=3)


def test_an_unreachable_provider_is_named_and_tried_again(
    small_app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    apps.letters_waiting(small_app, ["de"])
    host = f"http://127.0.0.1:{a_dead_port()}"
    cut_off = apps.app_on(
        small_app.settings.home, small_app.settings.database_url, clock, key=sendgrid_standin.key, host=host
    )
    failed = sent(cut_off)
    assert failed.waiting == 1
    assert "could not be reached" in failed.problems[0]
    clock.forward(timedelta(seconds=15))
    assert sent(small_app) == DeliveryResult(accepted=1)


def test_the_wait_doubles_with_each_attempt_up_to_a_quarter_of_an_hour() -> None:
    waits = [RetryPolicy().wait_after(attempts).total_seconds() for attempts in (1, 2, 3, 4, 6, 7, 100, 10_000)]
    assert waits == [15, 30, 60, 120, 480, 900, 900, 900]


def test_the_providers_own_pause_counts_when_it_is_longer(small_app: App, clock: SettableClock) -> None:
    apps.letters_waiting(small_app, ["de"])
    slow = TemporaryFailure("later", retry_after=timedelta(minutes=40))
    apps.with_channels(small_app, mail=Refusing(slow)).deliver(LETTERS)
    assert apps.messages(small_app)[0].next_try_at == clock() + timedelta(minutes=40)


def test_the_problem_kept_on_record_holds_no_address(small_app: App, sendgrid_standin: StandIn) -> None:
    case = apps.letters_waiting(small_app, ["de"])
    sendgrid_standin.behave({"do": "reject", "address": "canary-0001@example.org"})
    failed = sent(small_app)
    (attempt,) = apps.attempts(small_app, case.letters()[0])
    assert failed.rejected == 1
    assert "canary" not in f"{failed}{case.letters()[0].problem}{attempt.detail}"


# -- one bad recipient ------------------------------------------------------------------------------------------------


def test_one_bad_address_that_the_provider_names_is_given_up_and_the_other_49_go_out(
    app: App, sendgrid_standin: StandIn
) -> None:
    apps.letters_waiting(app, ["de"] * 50)
    sendgrid_standin.behave({"do": "reject", "address": "canary-0017@example.org", "times": None})
    done = sent(app)
    bad = keys(app)[16]
    assert (done.accepted, done.rejected) == (49, 1)
    assert sendgrid_standin.accepted() == {key: 1 for key in keys(app) if key != bad}
    assert [message.key for message in apps.messages(app) if message.state == "rejected"] == [bad]


@pytest.mark.parametrize("places", [{0}, {49}, {24, 25}, {0, 13, 49}, set(range(50))])
def test_bad_letters_that_nobody_names_are_found_by_halving(small_app: App, places: set[int]) -> None:
    apps.letters_waiting(small_app, ["de"] * 50)
    known = keys(small_app)
    bad = [known[place] for place in places]
    channel = Refusing(bad=bad)
    done = apps.with_channels(small_app, mail=channel).deliver(LETTERS)
    assert (done.accepted, done.rejected) == (50 - len(bad), len(bad))
    assert channel.taken == Counter(key for key in known if key not in bad)
    assert {message.key for message in apps.messages(small_app) if message.state == "rejected"} == set(bad)


def test_a_text_that_is_refused_stops_in_the_end_and_is_not_tried_for_ever(small_app: App) -> None:
    apps.letters_waiting(small_app, ["de"] * 3)
    channel = Refusing(bad=keys(small_app), whose="message")
    outbox = apps.with_channels(small_app, mail=channel)
    assert outbox.deliver(LETTERS).rejected == 3
    assert outbox.deliver(LETTERS) == DeliveryResult()


def test_a_configuration_failure_is_never_halved(small_app: App) -> None:
    apps.letters_waiting(small_app, ["de"] * 50)
    channel = Refusing(PermanentFailure("the key is wrong", whose="configuration"))
    assert apps.with_channels(small_app, mail=channel).deliver(LETTERS).waiting == 50
    assert channel.calls == 1


def test_a_reference_that_leads_to_nobody_is_given_up_alone(small_app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(small_app, ["de"] * 3)
    lost = keys(small_app)[1]
    with small_app.store.write() as session:
        past_the_chain(session, update(Message).where(col(Message.key) == lost).values(recipient="affected:999999"))
    done = sent(small_app)
    assert (done.accepted, done.rejected) == (2, 1)
    assert "no longer on its list" in done.problems[0]
    assert lost not in sendgrid_standin.accepted()


# -- the answer that never came ---------------------------------------------------------------------------------------


def test_a_letter_whose_answer_never_came_is_uncertain_and_is_not_sent_again(
    app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    apps.letters_waiting(app, ["de"] * 3)
    sendgrid_standin.behave({"do": "accept_then_drop"})
    assert sent(app).uncertain == 3
    assert set(apps.states(app)) == {"uncertain"}
    clock.forward(timedelta(days=7))
    assert sent(app) == DeliveryResult()
    assert sendgrid_standin.accepted() == dict.fromkeys(keys(app), 1)


def test_an_alert_whose_answer_never_came_rings_again_and_says_that_it_may_be_a_repeat(
    app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    apps.open_case(app)
    sendgrid_standin.behave({"do": "accept_then_drop"})
    heartbeat.run_heartbeat(app)
    clock.forward(timedelta(seconds=15))
    heartbeat.run_heartbeat(app)
    (mail,) = [message for message in apps.messages(app) if message.channel == "mail"]
    first, second = apps.attempts(app, mail)
    assert mail.state == "accepted"
    assert (first.outcome, first.repeats_uncertain) == ("pending", False)
    assert (second.outcome, second.repeats_uncertain) == ("accepted", True)
    assert sendgrid_standin.accepted() == {mail.key: 2}


# -- the lease --------------------------------------------------------------------------------------------------------


class StoppedError(BaseException):
    """The process was killed here."""


def killed(app: App, point: str) -> None:
    """Deliver, and die at *point*."""

    def die() -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        apps.stopping_at(app, point, die).deliver(LETTERS | ALERTS)


@pytest.mark.parametrize(
    ("later", "state"), [(-INSTANT, "in_flight"), (timedelta(), "uncertain"), (INSTANT, "uncertain")]
)
def test_a_lease_ends_exactly_when_it_ends(app: App, clock: SettableClock, later: timedelta, state: str) -> None:
    apps.letters_waiting(app, ["de"])
    killed(app, "after_lease")
    clock.forward(LEASE + later)
    assert sent(apps.neighbour(app)) == DeliveryResult()
    assert apps.states(app) == [state]


def test_a_running_lease_keeps_another_holder_away(app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(app, ["de"] * 3)
    rounds: list[DeliveryResult] = []
    outbox = apps.stopping_at(app, "after_lease", lambda: rounds.append(sent(apps.neighbour(app))))
    assert outbox.deliver(LETTERS) == DeliveryResult(accepted=3)
    assert rounds == [DeliveryResult()]
    assert sendgrid_standin.requests() == 1


def test_a_lost_letter_leaves_its_attempt_with_an_outcome(small_app: App, clock: SettableClock) -> None:
    case = apps.letters_waiting(small_app, ["de"])
    killed(small_app, "after_lease")
    clock.forward(LEASE)
    sent(apps.neighbour(small_app))
    (attempt,) = apps.attempts(small_app, case.letters()[0])
    assert (attempt.outcome, attempt.finished_at) == ("uncertain", small_app.now())
    assert "the answer never came" in (attempt.detail or "")


def test_an_answer_that_comes_after_the_lease_settles_an_uncertain_letter(small_app: App, clock: SettableClock) -> None:
    apps.letters_waiting(small_app, ["de"])

    def hang() -> None:
        clock.forward(LEASE)
        sent(apps.neighbour(small_app))
        assert apps.states(small_app) == ["uncertain"]

    apps.stopping_at(small_app, "after_send", hang).deliver(LETTERS)
    assert apps.states(small_app) == ["accepted"]


@pytest.mark.parametrize("late", [TemporaryFailure("later"), AmbiguousFailure("no answer"), PermanentFailure("never")])
def test_a_late_failure_takes_nothing_back_from_the_holder_who_took_over(
    small_app: App, clock: SettableClock, sendgrid_standin: StandIn, late: SendError
) -> None:
    apps.open_case(small_app)
    heartbeat.report(small_app, clock())

    class Slow(Refusing):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            clock.forward(LEASE)
            apps.neighbour(small_app).outbox.deliver(ALERTS)
            raise late

    apps.with_channels(small_app, mail=Slow()).deliver(ALERTS)
    (mail,) = [message for message in apps.messages(small_app) if message.channel == "mail"]
    assert mail.state == "accepted"
    assert sendgrid_standin.accepted() == {mail.key: 1}


# -- several at once --------------------------------------------------------------------------------------------------


def test_two_deliverers_at_once_never_double(app: App, sendgrid_standin: StandIn) -> None:
    apps.letters_waiting(app, ["de"] * 120)
    processes = [apps.neighbour(app, holder=f"holder-{number}") for number in range(3)]
    for process in processes:
        process.channels.mail.batch_limit = 5  # type: ignore[misc]  # the real sender's own number, made small
    together = threading.Barrier(len(processes))
    rounds: list[DeliveryResult] = []

    def deliver(each: App) -> None:
        together.wait()
        rounds.append(sent(each))

    threads = [threading.Thread(target=deliver, args=(process,)) for process in processes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sum(each.accepted for each in rounds) == 120
    assert sendgrid_standin.accepted() == dict.fromkeys(keys(app), 1)
    assert set(apps.states(app)) == {"accepted"}


def test_ordering_the_same_letters_twice_adds_nothing(app: App, sendgrid_standin: StandIn) -> None:
    case = apps.letters_ready(app)
    before = keys(app)
    with pytest.raises(RuntimeError, match="nothing is sent twice"):
        case.order("people")
    sent(app)
    with pytest.raises(RuntimeError, match="nothing is sent twice"):
        case.order("people")
    sent(app)
    assert keys(app) == before
    assert sendgrid_standin.accepted() == dict.fromkeys(before, 1)


# -- alerts -----------------------------------------------------------------------------------------------------------


def test_a_provider_that_is_down_does_not_hold_up_the_pages(small_app: App, sendgrid_standin: StandIn) -> None:
    apps.open_case(small_app)
    sendgrid_standin.behave({"do": "error", "status": 500, "times": None})
    pulse = heartbeat.run_heartbeat(small_app)
    assert (pulse.delivered.accepted, pulse.delivered.waiting) == (2, 1)
    assert {message.channel for message in apps.messages(small_app) if message.state == "accepted"} == {
        "pager",
        "chat",
    }


def test_a_channel_that_is_not_set_up_is_named_and_its_page_waits(small_app: App) -> None:
    apps.open_case(small_app)
    heartbeat.report(small_app, small_app.now())
    done = apps.with_channels(small_app, pagers={}).deliver(ALERTS)
    assert done.waiting == 2
    assert "organisation.yaml" in " ".join(done.problems)
    assert done.accepted == 1


def test_rounds_add_up_and_name_each_problem_once() -> None:
    one = DeliveryResult(accepted=1, waiting=2, problems=("a", "b"))
    both = one.plus(DeliveryResult(rejected=3, uncertain=4, problems=("b",)))
    assert both == DeliveryResult(accepted=1, waiting=2, rejected=3, uncertain=4, problems=("a", "b"))
    assert both.handled == 10


def test_an_exercise_waits_as_long_in_real_time_as_an_emergency() -> None:
    fast = RetryPolicy().scaled(3600)
    assert (fast.lease, fast.first_wait) == (timedelta(hours=120), timedelta(hours=15))
    assert replace(fast, longest_wait=timedelta(hours=20)).wait_after(5) == timedelta(hours=20)
