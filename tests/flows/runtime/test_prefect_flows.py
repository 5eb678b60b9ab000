"""The real flow on a real Prefect server: what it does, and that Prefect is told nothing it must not know."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows import liveness
from flows.bootstrap import App
from flows.liveness import DISPATCHER
from flows.runtime.dispatcher import Dispatcher
from flows.workflows import respond
from incidents.casework.communication import settle
from incidents.kernel import clock as system_clock
from tests.builders import apps, prefect

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(600)]

CANARY = "canary-in-an-error@example.org"


@dataclass(frozen=True, kw_only=True)
class Running:
    """An app in which the dispatcher runs, with a Prefect server of its own."""

    app: App
    dispatcher: Dispatcher

    def answered(self, case: apps.Case, *, within: float = 120.0) -> None:
        """Wait until every change of the case was answered by a flow."""
        self.until(lambda: case.incident().answered_seq == case.incident().change_seq, within=within)

    def until(self, is_so: Callable[[], bool], *, within: float = 120.0) -> None:
        ends = time.monotonic() + within
        while not is_so():
            assert time.monotonic() < ends, "the flow did not come in time"
            time.sleep(0.05)

    def prefects_bytes(self) -> bytes:
        """Everything that Prefect wrote: its database with the log beside it, and its server's log."""
        folder = self.app.settings.home / "prefect"
        return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@contextmanager
def unchanged_environment() -> Iterator[None]:
    before = dict(os.environ)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, prefect_database: Path) -> Iterator[Running]:
    """Start once: it takes six seconds, with the tables made already."""
    home: Path = tmp_path_factory.mktemp("prefect")
    prefect.place(prefect_database, home / "prefect")
    app = apps.app_on(home, f"sqlite:///{home / 'tocsin.sqlite3'}", system_clock.now)
    with unchanged_environment():
        dispatcher = Dispatcher(app)
        dispatcher.start()
        try:
            assert dispatcher.ready.wait(90), (home / "prefect" / "server.log").read_text(encoding="utf-8")
            yield Running(app=app, dispatcher=dispatcher)
        finally:
            dispatcher.end()
    app.store.close()
    left = [thread.name for thread in threading.enumerate() if thread.name in {"dispatcher", "EventsWorkerThread"}]
    assert not left, f"threads that outlive the dispatcher: {left}"


def decided(running: Running) -> apps.Case:
    return apps.Case(running.app).open().aware().assess().list_people().list_merchants().decide()


def test_a_decision_is_followed_by_drafts_without_anybody_asking(running: Running) -> None:
    case = decided(running)
    running.answered(case)
    assert len(case.drafts()) == 6
    assert case.respond().did == ()


def test_drafts_are_ready_soon_after_the_decision(running: Running) -> None:
    case = apps.Case(running.app).open().aware().assess().list_people().list_merchants()
    running.answered(case)
    case.decide()
    begun = time.monotonic()
    running.until(lambda: len(case.drafts()) == 6)
    assert time.monotonic() - begun < 45, (
        "it came with the minute that catches up; the goal is two seconds on a machine of its own"
    )


def test_ordered_letters_go_out_and_their_duties_are_met(running: Running) -> None:
    case = decided(running)
    running.answered(case)
    case.approve("people").approve("controllers").order("people")
    case.order("controllers")

    def is_met(duty: str) -> bool:
        return all(row.met_at or row.waived_at for row in case.file().obligations if row.terms.duty == duty)

    running.until(lambda: is_met("controller"))
    running.answered(case)
    assert not is_met("people"), "the facts name 1,200 people, the list a few"
    settle.fulfil_from_coverage(*case.by(apps.DPO), "The others closed their accounts and left no address")
    assert is_met("people")
    assert {message.state for message in case.letters() if message.key.startswith(case.reference)} == {"accepted"}
    files = list((running.app.outbox_folder / "people").glob(f"{case.reference}-people-*"))
    assert len(files) == len(apps.PEOPLE)


def test_a_step_that_fails_is_tried_again_and_prefect_learns_only_the_kind_of_error(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = apps.Case(running.app).open()
    running.answered(case)
    real = respond.respond

    def broken(app: App, reference: str) -> respond.RespondOutcome:
        raise ValueError(CANARY)

    monkeypatch.setattr(respond, "respond", broken)
    case.aware()
    running.until(lambda: case.reference in running.dispatcher._waits)
    monkeypatch.setattr(respond, "respond", real)
    running.answered(case)
    assert CANARY.encode() not in running.prefects_bytes()


def test_prefect_knows_the_reference_and_nothing_personal(running: Running) -> None:
    case = decided(running)
    running.answered(case)
    written = running.prefects_bytes()
    assert case.reference.encode() in written
    for canary in (b"canary-0001", b"privacy-shop", b"Exports readable", b"access log", b"Shop shop-1"):
        assert canary not in written


def test_the_dispatcher_says_that_it_lives(running: Running) -> None:

    with running.app.store.read() as session:
        at = liveness.last_beat(session, DISPATCHER)
    assert at is not None
    assert (running.app.now() - at).total_seconds() < 20


def test_prefects_folder_is_for_its_owner_only(running: Running) -> None:
    assert (running.app.settings.home / "prefect").stat().st_mode & 0o077 == 0


def test_a_server_that_is_killed_is_started_again_and_the_flow_catches_up(running: Running) -> None:
    server = running.dispatcher._server
    assert server is not None
    assert server._child is not None
    server._child.kill()
    server._child.wait(10)
    case = apps.Case(running.app).open().aware().assess()
    running.answered(case, within=150)
    assert len(case.drafts()) == 1


def test_a_server_that_is_killed_under_a_flow_is_started_again_while_the_flow_waits(
    running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = respond.respond

    def in_the_middle(app: App, reference: str) -> respond.RespondOutcome:
        server = running.dispatcher._server
        assert server is not None
        assert server._child is not None
        monkeypatch.setattr(respond, "respond", real)
        server._child.kill()
        server._child.wait(10)
        return real(app, reference)

    case = apps.Case(running.app).open()
    running.answered(case, within=150)
    monkeypatch.setattr(respond, "respond", in_the_middle)
    case.aware().assess()
    begun = time.monotonic()
    running.answered(case, within=150)
    assert len(case.drafts()) == 1
    # The rows were answered under the flow; the next case is, only once that flow has come back.
    running.answered(apps.Case(running.app).open(), within=150)
    assert time.monotonic() - begun < 120, "it did not wait for the flow to give up"
