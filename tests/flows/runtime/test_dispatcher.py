"""Starting flows: with failures apart for each case, and with a Prefect server that comes and goes."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from flows import liveness
from flows.bootstrap import App
from flows.runtime import dispatcher as runtime_dispatcher
from flows.runtime import prefect_server
from flows.runtime.dispatcher import Dispatcher
from flows.web import health
from flows.workflows import respond, send_letters
from tests.builders import apps


class FakeServer:
    """Prefect's server as the dispatcher sees it."""

    def __init__(self) -> None:
        self.is_alive = True
        self.answers = True
        self.calls: list[str] = []
        self.started = asyncio.Event()

    def start(self) -> None:
        self.calls.append("start")
        self.is_alive = True
        self.started.set()

    def stop(self) -> None:
        self.calls.append("stop")

    def close(self) -> None:
        self.calls.append("close")

    def wait(self, _seconds: float, _stop: object) -> bool:
        return self.answers


@pytest.fixture
def dispatcher(small_app: App, monkeypatch: pytest.MonkeyPatch) -> Dispatcher:
    monkeypatch.setattr(runtime_dispatcher, "FIRST_WAIT", 0.0)
    made = Dispatcher(small_app)
    made.ready.set()
    return made


@pytest.fixture(autouse=True)
def _same_environment() -> Iterator[None]:
    before = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(before)


async def works(reference: str) -> int:
    return len(reference)


async def fails(reference: str) -> int:
    raise RuntimeError(reference)


def test_a_flow_that_fails_is_tried_again_later_and_later(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_dispatcher, "FIRST_WAIT", 2.0)
    waits = []
    for _ in range(8):
        dispatcher._run("INC-2026-0001", fails)
        again_at, waited = dispatcher._waits["INC-2026-0001"]
        waits.append(waited)
        dispatcher._waits["INC-2026-0001"] = (0.0, waited)
        assert again_at > time.monotonic()
    assert waits == [2, 4, 8, 16, 32, 60, 60, 60]
    assert not dispatcher.ready.is_set()


def test_a_case_that_waits_is_not_tried_and_holds_up_no_other(dispatcher: Dispatcher) -> None:
    ran: list[str] = []

    async def noted(reference: str) -> int:
        ran.append(reference)
        return 0

    dispatcher._waits["INC-2026-0001"] = (time.monotonic() + 60, 60.0)
    dispatcher._run("INC-2026-0001", noted)
    dispatcher._run("INC-2026-0002", noted)
    assert ran == ["INC-2026-0002"]


def test_success_ends_the_waiting(dispatcher: Dispatcher) -> None:
    dispatcher._waits["INC-2026-0001"] = (0.0, 60.0)
    dispatcher._run("INC-2026-0001", works)
    assert dispatcher._waits == {}


def test_no_flow_starts_while_stopping(dispatcher: Dispatcher) -> None:
    dispatcher.stop.set()
    dispatcher._run("INC-2026-0001", fails)
    assert dispatcher._waits == {}


def test_what_a_failure_says_is_not_logged_only_its_kind(
    dispatcher: Dispatcher, caplog: pytest.LogCaptureFixture
) -> None:
    async def leaks(_reference: str) -> int:
        message = "canary-0001@example.org"
        raise ValueError(message)

    dispatcher._run("INC-2026-0001", leaks)
    assert "ValueError" in caplog.text
    assert "canary" not in caplog.text


def test_a_server_of_our_own_that_died_is_started_again(dispatcher: Dispatcher) -> None:
    server = FakeServer()
    server.is_alive = False
    dispatcher._server = server  # type: ignore[assignment]  # a fake
    assert dispatcher._is_there()
    assert server.calls == ["stop", "start"]
    assert dispatcher.ready.is_set()


def test_a_server_that_dies_under_a_flow_is_started_again_while_the_flow_waits_for_it(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_dispatcher, "LOOK_EVERY", 0.01)
    server = FakeServer()
    dispatcher._server = server  # type: ignore[assignment]  # a fake

    async def needs_the_server(_reference: str) -> int:
        server.is_alive = False
        await server.started.wait()
        return 0

    dispatcher._run("INC-2026-0001", needs_the_server)
    assert server.calls == ["stop", "start"]
    assert dispatcher._waits == {}
    assert not dispatcher.ready.is_set(), "nothing new starts before the server answers again"


def test_a_flow_that_only_waits_does_not_hold_up_the_end(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runtime_dispatcher, "STOP_WITHIN", 0.05)
    server, over = FakeServer(), threading.Event()
    dispatcher._server = server  # type: ignore[assignment]  # a fake
    dispatcher._thread = threading.Thread(target=over.wait, daemon=True)
    dispatcher._thread.start()
    dispatcher.end()
    over.set()
    assert server.calls == ["close"]
    assert "the next start goes on" in caplog.text


def test_a_server_that_does_not_answer_leaves_the_cases_waiting(dispatcher: Dispatcher) -> None:
    server = FakeServer()
    server.answers = False
    dispatcher._server = server  # type: ignore[assignment]  # a fake
    dispatcher.ready.clear()
    assert not dispatcher._is_there()
    assert not dispatcher.ready.is_set()
    server.answers = True
    assert dispatcher._is_there()


def test_a_prefect_that_is_configured_is_used_and_none_is_started(small_app: App) -> None:
    url = "http://127.0.0.1:1/api"
    app = small_app.__class__(
        settings=small_app.settings.model_copy(update={"prefect_api_url": url}), found=small_app.found
    )
    dispatcher = Dispatcher(app)
    assert dispatcher._settle_on_server() == url
    assert dispatcher._server is None
    assert os.environ["PREFECT_API_URL"] == url
    assert os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_nothing_answers_where_nobody_listens() -> None:
    assert not prefect_server.answers("http://127.0.0.1:1/api")


def test_prefect_lives_in_a_folder_of_its_own_and_tells_nobody(tmp_path: Path) -> None:
    settings = prefect_server.environment(tmp_path)
    assert settings["PREFECT_HOME"] == str(tmp_path)
    assert settings["DO_NOT_TRACK"] == "1"
    assert settings["PREFECT_LOGGING_TO_API_ENABLED"] == "false"
    assert settings["PREFECT_RESULTS_PERSIST_BY_DEFAULT"] == "false"


def test_stopping_a_server_that_never_started_does_no_harm(tmp_path: Path) -> None:
    server = prefect_server.PrefectServer(tmp_path)
    server.close()
    assert not server.is_alive
    assert not server.is_ready()
    assert server.url.startswith("http://127.0.0.1:")


def test_each_server_has_a_port_and_a_password_of_its_own(tmp_path: Path) -> None:
    servers = [prefect_server.PrefectServer(tmp_path) for _ in range(2)]
    assert len({server.port for server in servers}) == len({server.password for server in servers}) == 2
    for server in servers:
        server.close()


def test_nobody_else_gets_the_port_before_between_or_after_the_child_serves_and_it_is_told_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TOCSIN_TOKEN", "TOCSIN_MASTER_KEY", "TOCSIN_DATABASE_URL", "SENDGRID_API_KEY", "ANYTHING_ELSE"):
        monkeypatch.setenv(name, "canary-0001")
    server = prefect_server.PrefectServer(tmp_path / "prefect")
    try:
        refuses_others(server.port)
        # Not Prefect, which takes seconds to start: what is held here is the socket, and what the child is given.
        monkeypatch.setattr(sys, "executable", str(stand_in(tmp_path)))
        server.start()
        first = prefect_server_answer(server.url)
        assert "canary-0001" not in first
        assert f"PREFECT_SERVER_API_AUTH_STRING={server.password}" in first
        server._child.kill()  # type: ignore[union-attr]  # it was started
        server._child.wait()  # type: ignore[union-attr]
        refuses_others(server.port)
        server.stop()
        refuses_others(server.port)
        server.start()
        assert prefect_server_answer(server.url) != "", "the next child answers on the same socket"
    finally:
        server.close()
    with socket.create_server(("127.0.0.1", server.port)) as other:
        assert other.getsockname()[1] == server.port, "what is over is given back"


def refuses_others(port: int) -> None:
    """Another program cannot take the port, whichever way it tries."""
    for address in ("127.0.0.1", "0.0.0.0"):
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):
            with socket.socket() as other:
                other.setsockopt(socket.SOL_SOCKET, option, 1)
                with pytest.raises(OSError, match="in use"):
                    _take(other, address, port)


def _take(other: socket.socket, address: str, port: int) -> None:
    other.bind((address, port))
    other.listen()


def stand_in(folder: Path) -> Path:
    """A program in Python's place that answers each request on the descriptor it is given with its environment."""
    program = folder / "stand-in"
    program.write_text(
        f"#!{sys.executable}\n"
        "import os, socket, sys\n"
        "serving = socket.socket(fileno=int(sys.argv[3]))\n"
        "said = '\\n'.join(f'{name}={value}' for name, value in os.environ.items()).encode()\n"
        "while True:\n"
        "    caller = serving.accept()[0]\n"
        "    caller.recv(65536)\n"
        "    caller.sendall(b'HTTP/1.0 200 OK\\r\\n\\r\\n' + said)\n"
        "    caller.close()\n",
        encoding="utf-8",
    )
    program.chmod(0o700)
    return program


def prefect_server_answer(url: str) -> str:
    with urllib.request.urlopen(url, timeout=30) as answer:  # noqa: S310 - our own loopback address
        return str(answer.read().decode())


def test_a_server_that_dies_again_and_again_is_not_started_without_pause(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = FakeServer()
    dispatcher._server = server  # type: ignore[assignment]  # a fake
    for _ in range(3):
        server.is_alive = False
        dispatcher._revive()
    assert server.calls == ["stop", "start"]
    monkeypatch.setattr(runtime_dispatcher, "REVIVE_EVERY", 0.0)
    dispatcher._revive()
    assert server.calls == ["stop", "start", "stop", "start"]


def test_a_stumble_does_not_end_the_dispatcher(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runtime_dispatcher, "LOOK_EVERY", 0.01)
    monkeypatch.setattr(runtime_dispatcher, "FIRST_WAIT", 0.01)
    stumbles = iter([OSError("no process can be started"), OSError("still none")])
    looked = threading.Event()

    def is_there() -> bool:
        for error in stumbles:
            raise error
        return True

    monkeypatch.setattr(dispatcher, "_settle_on_server", lambda: "http://127.0.0.1:1/api")
    monkeypatch.setattr(dispatcher, "_is_there", is_there)
    monkeypatch.setattr(dispatcher, "_look", looked.set)
    dispatcher.start()
    try:
        assert looked.wait(10), "it looks again after it stumbled"
    finally:
        dispatcher.end()
    assert caplog.text.count("the dispatcher stumbled") == 2


@dataclass
class FakeFlows:
    """Prefect's flows as the dispatcher sees them: letters that take as long as the test says."""

    app: App
    ran: list[str] = field(default_factory=list)
    until: Callable[[], bool] = lambda: True

    def use_app(self, _app: App) -> None:
        """Nothing to do: the app is known."""

    async def respond_flow(self, reference: str) -> int:
        self.ran.append(f"respond {reference}")
        return len((await asyncio.to_thread(respond.respond, self.app, reference)).did)

    async def communicate_flow(self, reference: str) -> int:
        self.ran.append(f"send {reference}")
        while not self.until():  # noqa: ASYNC110 - the rows are asked, and they signal nothing
            await asyncio.sleep(0.01)
        return (await asyncio.to_thread(send_letters.send_chunk, self.app, reference)).handled


@pytest.fixture
def flows(app: App, monkeypatch: pytest.MonkeyPatch) -> FakeFlows:
    monkeypatch.setattr(runtime_dispatcher, "LOOK_EVERY", 0.01)
    made = FakeFlows(app)
    monkeypatch.setitem(sys.modules, "flows.runtime.prefect_flows", made)
    monkeypatch.setattr("flows.runtime.prefect_flows", made, raising=False)
    return made


def looking(app: App) -> Dispatcher:
    made = Dispatcher(app)
    made.ready.set()
    return made


@pytest.mark.timeout(60)
def test_a_change_is_answered_while_the_letters_of_another_case_go_out(app: App, flows: FakeFlows) -> None:
    bulk = apps.letters_waiting(app)
    bulk.respond()
    other = apps.Case(app).open().aware().assess()
    other.respond()

    decided: list[apps.Case] = []

    def decided_and_drafted() -> bool:
        if not decided:
            decided.append(other.decide())
        return other.incident().answered_seq == other.incident().change_seq

    flows.until = decided_and_drafted
    looking(app)._look()
    assert flows.ran == [f"send {bulk.reference}", f"respond {other.reference}"]
    assert {message.state for message in bulk.letters()} == {"accepted"}


def test_changes_come_first_and_each_case_with_letters_has_a_turn(
    app: App, flows: FakeFlows, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_letters, "TURN", 0.0)
    app.channels.mail.batch_limit = 2  # type: ignore[misc]  # the real sender's own number, made small
    bulk, small = apps.letters_waiting(app, ["de"] * 6), apps.letters_waiting(app, ["de"] * 2)
    dispatcher = looking(app)
    dispatcher._look()
    changes = [f"respond {case.reference}" for case in (bulk, small)]
    sends = [f"send {case.reference}" for case in (bulk, small)]
    assert flows.ran[:3] == [*changes, sends[0]]
    assert [line for line in flows.ran if line.startswith("send")] == sends
    waiting = [letter.key for letter in bulk.letters() if letter.state == "pending"]
    assert [key.startswith(bulk.reference) for key in waiting] == [True] * 4, (
        "the long send had one batch, and then the other case had its turn"
    )
    for _ in range(2):
        dispatcher._look()
    assert {letter.state for letter in bulk.letters()} == {"accepted"}


@pytest.mark.timeout(60)
def test_a_failure_beside_letters_stops_neither_them_nor_what_comes_after(
    app: App, flows: FakeFlows, monkeypatch: pytest.MonkeyPatch
) -> None:
    bulk = apps.letters_waiting(app)
    bulk.respond()
    other, dispatcher = apps.Case(app).open(), looking(app)

    async def broken(reference: str) -> int:
        flows.ran.append(f"broken {reference}")
        raise RuntimeError

    monkeypatch.setattr(flows, "respond_flow", broken)
    other.respond()

    def failed_once() -> bool:
        if other.incident().aware_at is None:
            other.aware()
        return other.reference in dispatcher._waits

    flows.until = failed_once
    dispatcher._look()
    assert flows.ran == [f"send {bulk.reference}", f"broken {other.reference}"]
    assert {message.state for message in bulk.letters()} == {"accepted"}
    assert not dispatcher.ready.is_set(), "Prefect is asked first whether it is there"


@pytest.mark.parametrize(
    ("server_lives", "is_ready", "prefect_answers", "came_round", "runs"),
    [
        (True, True, True, 0.0, True),
        (True, True, True, 9.0, True),
        (True, True, True, 11.0, False),
        (True, True, False, 0.0, False),
        (True, False, True, 0.0, False),
        (False, True, True, 0.0, False),
    ],
)
def test_flows_run_only_where_every_part_of_this_very_service_does_whatever_was_noted(
    dispatcher: Dispatcher,
    monkeypatch: pytest.MonkeyPatch,
    *,
    server_lives: bool,
    is_ready: bool,
    prefect_answers: bool,
    came_round: float,
    runs: bool,
) -> None:
    app, server = dispatcher.app, FakeServer()
    liveness.record_beat(app.store, liveness.DISPATCHER, app.now())
    server.is_alive = server_lives
    dispatcher._server = server  # type: ignore[assignment]  # a fake
    dispatcher._moved_at = time.monotonic() - came_round
    monkeypatch.setattr(prefect_server, "answers", lambda _url: prefect_answers)
    if not is_ready:
        dispatcher.ready.clear()
    assert dispatcher.is_running() is runs
    assert health.examine(app, dispatcher.is_running).facts["flows"] == ("running" if runs else "waiting for Prefect")


def test_a_dispatcher_that_never_came_round_runs_no_flow(
    dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prefect_server, "answers", lambda _url: True)
    assert not dispatcher.is_running()
    dispatcher._changed()
    assert dispatcher.is_running()
