"""What once went wrong on the way in and out and must not again: damaged addresses, odd files, late answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlmodel import col, select, update

from flows.bootstrap import App
from flows.workflows import heartbeat
from incidents.case.message_machine import MessageEvent, target_of
from incidents.casework.case import close as close_case
from incidents.casework.communication import send as communication_send
from incidents.casework.communication.recipient_lists import (
    ImportResult,
    import_merchants,
    import_people,
    write_refused,
)
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.storage.encryption import Vault
from incidents.storage.message_moves import move_messages
from incidents.storage.tables.communication import AffectedPerson, Attempt, MerchantRow, Message
from notifications.delivery.channel import Accepted, Letter, TemporaryFailure
from notifications.delivery.model import ALERTS, LETTERS, LONGEST_ASKED, DeliveryResult, RetryPolicy
from notifications.reports.sections.clock_ledger import ledger, merchant_duties
from tests.standins import staged_apps as staged
from tests.standins.staged_apps import HOUR, INSTANT, SettableClock

if TYPE_CHECKING:
    from tests.notifications.conftest import StandIn

LEASE = RetryPolicy().lease


@pytest.fixture
def clock(now: datetime) -> SettableClock:
    return SettableClock(now)


@pytest.fixture
def app(tmp_path: Path, database_url: str, clock: SettableClock, sendgrid_standin: StandIn) -> Iterator[App]:
    """A house whose mail goes to the stand-in, once on each kind of database."""
    built = staged.app_on(tmp_path / "home", database_url, clock, key=sendgrid_standin.key, host=sendgrid_standin.url)
    yield built
    staged.close_apps()


@pytest.fixture
def small_app(tmp_path: Path, sqlite_url: str, clock: SettableClock, sendgrid_standin: StandIn) -> Iterator[App]:
    """The same on SQLite only."""
    built = staged.app_on(tmp_path / "home", sqlite_url, clock, key=sendgrid_standin.key, host=sendgrid_standin.url)
    yield built
    staged.close_apps()


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def mail_of(app: App) -> Message:
    (mail,) = [message for message in staged.messages(app) if message.channel == "mail"]
    return mail


def alter(app: App, message: Message, **values: Any) -> None:
    """Change a message behind the outbox's back."""
    with app.store.write() as session:
        session.exec(update(Message).where(col(Message.id) == message.id).values(**values))


# -- damaged addresses ------------------------------------------------------------------------------------------------


def damage(app: App, row: AffectedPerson) -> None:
    """Turn the last bit of a sealed address."""
    sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    with app.store.write() as session:
        session.exec(update(AffectedPerson).where(col(AffectedPerson.id) == row.id).values(sealed=sealed))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_one_damaged_address_does_not_hold_up_the_other_letters(
    app: App, sendgrid_standin: StandIn, place: int
) -> None:
    case = staged.letters_waiting(app, ["de"] * 3)
    damage(app, staged.rows(app, AffectedPerson)[place])
    assert replace(sent(app), problems=()) == DeliveryResult(accepted=2, rejected=1)
    letters = case.letters()
    assert [letter.state == "rejected" for letter in letters] == [each == place for each in range(3)]
    assert sendgrid_standin.accepted() == {letter.key: 1 for letter in letters if letter.state == "accepted"}


def test_under_another_master_key_nothing_is_sent_and_nothing_is_burned(app: App, sendgrid_standin: StandIn) -> None:
    staged.letters_waiting(app, ["de"] * 3)
    other = replace(app.outbox, book=replace(app.book, vault=Vault(b"x" * 32)))
    held = other.deliver(LETTERS)
    assert (held.waiting, held.rejected, held.accepted) == (3, 0, 0)
    assert "master key" in held.problems[0]
    assert sendgrid_standin.accepted() == {}
    assert isinstance(app.clock, SettableClock)
    app.clock.forward(RetryPolicy().settings_wait)
    assert sent(app) == DeliveryResult(accepted=3)


@pytest.mark.parametrize("damage", [b"broken-beyond-repair-by-anybody", b"short", b""])
def test_a_damaged_address_alone_in_its_language_holds_up_nobody(
    app: App, sendgrid_standin: StandIn, damage: bytes
) -> None:
    staged.letters_waiting(app, ["de", "en", "en"])
    with app.store.write() as session:
        session.exec(update(AffectedPerson).where(col(AffectedPerson.language) == "de").values(sealed=damage))
    done = sent(app)
    assert (done.accepted, done.rejected) == (2, 1)
    assert len(sendgrid_standin.accepted()) == 2


# -- lists ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def case(small_app: App) -> staged.Case:
    return staged.Case(small_app).open().aware()


def people(case: staged.Case, *lines: str) -> ImportResult:
    return import_people(*case.by(staged.RESPONDER), "\n".join(lines).encode())


def merchants(case: staged.Case, *lines: str) -> ImportResult:
    return import_merchants(*case.by(staged.RESPONDER), "\n".join(lines).encode())


def test_a_merchants_name_with_a_line_break_is_refused_with_line_and_reason(case: staged.Case) -> None:
    found = merchants(case, "merchant_id,name,email", '1,"Shop\nBcc: x",a@example.org', "2,Shop,b@example.org")
    (refused,) = found.refused
    assert (found.added, refused.line) == (1, 2), "the line where the row begins"
    assert "line break" in refused.reason


@pytest.mark.parametrize("figure", ["\u00b2", "\u0663", "1.5", "-1", "2147483648"])
def test_a_number_of_people_that_is_no_plain_whole_number_is_refused(case: staged.Case, figure: str) -> None:
    found = merchants(case, "merchant_id,name,email,people", f"1,Shop,a@example.org,{figure}", "2,Shop,b@example.org,2")
    assert [(row.line, row.reason) for row in found.refused] == [(2, "people is not a whole number from 0 on")]
    assert [row.people for row in staged.rows(case.app, MerchantRow)] == [2]


@pytest.mark.parametrize(
    ("row", "cells"), [("one@example.org", 1), ("one@example.org,de,DE", 3), ("one@example.org,de,", 3)]
)
def test_a_row_with_fewer_or_more_cells_than_columns_is_refused_and_the_good_ones_are_kept(
    case: staged.Case, row: str, cells: int
) -> None:
    found = people(case, "email,language", row, "two@example.org,de")
    assert found.added == 1
    assert [(bad.line, bad.reason) for bad in found.refused] == [
        (2, f"the row has {cells} cells, the first line names 2 columns")
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (("email,language,EMAIL", "one@example.org,de,two@example.org"), "names a column twice"),
        (("email,language", "one@example.org,de", f"{'x' * 140_000},de"), "line 3 is not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_leaves_nothing_written(
    case: staged.Case, lines: tuple[str, ...], complaint: str
) -> None:
    before = staged.everything(case.app)
    with pytest.raises(InvalidInputError, match=complaint):
        people(case, *lines)
    assert staged.everything(case.app) == before


def test_a_file_of_refused_rows_once_mended_is_imported_as_it_is(case: staged.Case) -> None:
    first = people(case, "email,language", "one@example.org,de", "two.example.org,de", "three@example.org,german")
    refused = write_refused(first)
    assert refused.startswith("line,reason,email,language")
    mended = refused.replace("two.example.org", "two@example.org").replace("german", "de")
    again = people(case, *mended.splitlines())
    assert (again.added, again.refused, again.total) == (2, (), 3)


# -- dismissed --------------------------------------------------------------------------------------------------------


def test_letters_ordered_and_not_sent_never_go_out_once_the_case_is_dismissed(
    app: App, clock: SettableClock, sendgrid_standin: StandIn
) -> None:
    case = staged.letters_ready(app)
    close_case.dismiss(*case.by(staged.DPO), "The bucket held test data only")
    for _ in range(2):
        assert sent(app) == DeliveryResult()
        clock.forward(timedelta(days=1))
    assert set(staged.states(app)) == {"cancelled"}
    assert staged.rows(app, Attempt) == []
    assert sendgrid_standin.accepted() == {}


def test_what_went_out_before_the_dismissal_stays_on_record_as_it_is(small_app: App) -> None:
    case = staged.letters_ready(small_app)
    sent(small_app)
    close_case.dismiss(*case.by(staged.DPO), "The bucket held test data only")
    assert set(staged.states(small_app)) == {"accepted"}


# -- a clock that was ahead -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("beyond", "state"), [(timedelta(), "pending"), (INSTANT, "accepted"), (9 * HOUR, "accepted")])
def test_a_letter_that_seems_to_wait_longer_than_any_does_is_sent_at_once(
    app: App, beyond: timedelta, state: str
) -> None:
    case = staged.letters_waiting(app, ["de"])
    alter(app, case.letters()[0], next_try_at=app.now() + LONGEST_ASKED + beyond)
    sent(app)
    assert staged.states(app) == [state]


@pytest.mark.parametrize(
    ("beyond", "state"), [(timedelta(), "in_flight"), (INSTANT, "accepted"), (9 * HOUR, "accepted")]
)
def test_an_alert_leased_for_longer_than_any_lease_is_sent_at_once(app: App, beyond: timedelta, state: str) -> None:
    staged.open_case(app)
    heartbeat.report(app, app.now())
    ends = app.now() + LEASE + beyond
    alter(app, mail_of(app), state="in_flight", next_try_at=None, lease_until=ends, leased_by="gone", attempts=1)
    app.outbox.deliver(ALERTS)
    assert mail_of(app).state == state


# -- a late answer ----------------------------------------------------------------------------------------------------


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
    staged.open_case(app)
    heartbeat.report(app, clock())

    def die() -> None:
        raise StoppedError

    class Slow(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            clock.forward(LEASE)
            with pytest.raises(StoppedError):
                staged.stopping_at(staged.neighbour(app), "after_lease", die).deliver(ALERTS)
            return super().send(letters)

    staged.with_channels(app, mail=Slow()).deliver(ALERTS, most=3)
    mail = mail_of(app)
    assert (mail.state, mail.leased_by) == ("in_flight", "neighbour")
    assert [(attempt.number, attempt.outcome) for attempt in staged.attempts(app, mail)] == [
        (1, "uncertain"),
        (2, None),
    ]


def test_a_late_answer_to_an_earlier_attempt_does_not_open_a_settled_message_again(
    app: App, clock: SettableClock
) -> None:
    staged.open_case(app)
    heartbeat.report(app, clock())

    class Slow(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            clock.forward(LEASE)
            staged.with_channels(app, mail=Taking()).deliver(ALERTS)
            message = "try again later"
            raise TemporaryFailure(message)

    staged.with_channels(app, mail=Slow()).deliver(ALERTS, most=3)
    mail = mail_of(app)
    assert (mail.state, mail.next_try_at, mail.problem) == ("accepted", None, None)
    assert [attempt.outcome for attempt in staged.attempts(app, mail)] == ["uncertain", "accepted"]


@pytest.mark.parametrize("receipt", [MessageEvent.DELIVERED, MessageEvent.BOUNCED, MessageEvent.DROPPED])
def test_a_receipt_that_comes_before_the_answer_is_not_overwritten_by_it(app: App, receipt: MessageEvent) -> None:
    case = staged.letters_waiting(app, ["de"])

    class Overtaken(Taking):
        def send(self, letters: Sequence[Letter]) -> Accepted:
            with app.store.write() as session:
                keys = [letter.key for letter in letters]
                session.execute(move_messages(receipt, col(Message.key).in_(keys), settled_at=app.now()))
            return super().send(letters)

    staged.with_channels(app, mail=Overtaken()).deliver(LETTERS)
    (letter,) = case.letters()
    assert letter.state is target_of(receipt)
    assert [attempt.outcome for attempt in staged.attempts(app, letter)] == ["accepted"]


# -- where answers go -------------------------------------------------------------------------------------------------


def test_letters_name_the_contact_point_for_answers_and_alerts_do_not(small_app: App) -> None:
    case = staged.Case(small_app).decided().approve("people").approve("controllers")
    case.order("people")
    case.order("controllers")
    heartbeat.report(small_app, case.now)
    channel = Taking()
    staged.with_channels(small_app, mail=channel).deliver(LETTERS | ALERTS)
    answers = {letter.kind: letter.reply_to for letter in channel.letters}
    contact = small_app.organisation.contact_point.email
    assert answers.pop("people") == answers.pop("controllers") == contact
    assert answers, "an alert went out by mail too"
    assert set(answers.values()) == {None}


# -- the report -------------------------------------------------------------------------------------------------------


def test_the_ledger_of_the_clock_counts_each_listed_merchant_once_and_nobody_else(small_app: App) -> None:
    case = staged.Case(small_app).open().aware().assess()
    assert len(merchant_duties(case.file())) == 1, "those not yet listed stand for all"
    case.list_merchants([(f"shop-{number}", "de", 5, 6) for number in range(12)])
    assert len(merchant_duties(case.file())) == 12
    counted = [row.number for row in ledger(case.file()) if row.duty == "eu-gdpr/controller"]
    assert counted == [12]


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
    case = staged.Case(small_app).decided()
    case.approve("people").order("people")
    down = RefusesForNow(lambda: dismissed(case))
    outbox = replace(small_app.outbox, channels=replace(small_app.channels, mail=down))
    outbox.deliver(LETTERS, most=1)
    assert isinstance(small_app.clock, SettableClock)
    small_app.clock.forward(24 * HOUR)
    assert sent(small_app) == DeliveryResult()
    assert {letter.state for letter in case.letters()} == {"cancelled"}


def dismissed(case: staged.Case) -> None:
    if case.file().stage != "dismissed":
        close_case.dismiss(*case.by(staged.DPO), "The bucket held test data only")


def test_people_held_back_by_a_dismissal_are_written_to_once_the_case_is_taken_up_again(small_app: App) -> None:
    case = staged.Case(small_app).decided()
    case.approve("people").order("people")
    listed = len(case.letters())
    dismissed(case)
    close_case.reopen(*case.by(staged.DPO), "It was real data after all")
    case.assess().decide().respond()
    case.approve("people").order("people")
    assert sent(small_app).accepted >= listed
    assert [letter.state for letter in case.letters()] == ["accepted"] * listed


def test_uncertain_letters_are_sent_again_only_by_a_persons_recorded_decision(small_app: App) -> None:
    case = staged.Case(small_app).decided()
    case.approve("people").order("people")
    with small_app.store.write() as session:
        uncertain = update(Message).where(col(Message.kind) == "people")
        session.exec(uncertain.values(state="uncertain", problem="uncertain", next_try_at=None))
    assert sent(small_app) == DeliveryResult()
    with pytest.raises(InvalidInputError, match="--because"):
        communication_send.resend_uncertain(*case.by(staged.DPO), "people", " ")
    communication_send.resend_uncertain(*case.by(staged.DPO), "people", "The provider confirmed that none arrived")
    assert sent(small_app).accepted == len(case.letters())
    with small_app.store.read() as session:
        assert all(attempt.repeats_uncertain for attempt in session.exec(select(Attempt)))
    with pytest.raises(RefusedError, match="no letter"):
        communication_send.resend_uncertain(*case.by(staged.DPO), "people", "once more")
