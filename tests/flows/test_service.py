"""`tocsin serve` as a process: it answers, stops cleanly, survives kill -9, and works while Prefect does not."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, func, select

from flows import service
from flows.bootstrap import App
from flows.runtime.prefect_server import PrefectServer
from incidents.kernel import clock as system_clock
from incidents.storage.tables.communication import Attempt, Message
from tests.builders import apps, prefect

pytestmark = [pytest.mark.serve, pytest.mark.timeout(600)]

ROOT = Path(__file__).resolve().parent.parent.parent
SERVE = ("-m", "flows.cli", "serve")


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(is_so: Callable[[], Any], what: str, *, within: float = 180.0) -> None:
    ends = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < ends, f"waited in vain for: {what}"
        time.sleep(0.1)


def is_there(pid: int) -> bool:
    """Whether a process runs; one that ended and waits to be collected does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@dataclass
class Serving:
    """One service process over a home of the test's own."""

    home: Path
    port: int
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except OSError:
            return 0, b""

    def readiness(self) -> dict[str, Any]:
        return json.loads(self.get("/readyz")[1] or b"{}")

    def is_ready(self) -> bool:
        assert self.process.poll() is None, self.log()
        return self.get("/readyz")[0] == 200

    def prefect(self) -> int | None:
        """The process that is Prefect's server, once there is one."""
        children = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        found = [int(pid) for file in children for pid in file.read_text(encoding="utf-8").split()]
        return next((pid for pid in found if b"flows.runtime.prefect_server" in _command(pid)), None)

    def log(self) -> str:
        return (self.home / "service.log").read_text(encoding="utf-8")

    def flows_run(self) -> bool:
        return self.readiness().get("flows") == "running"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(10)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


@contextmanager
def serving(home: Path, *command: str, **environment: str) -> Iterator[Serving]:
    """Start the service; whatever happens, it and its child are gone afterwards."""
    port = a_free_port()
    surroundings = {**os.environ, "TOCSIN_HOME": str(home), "TOCSIN_LISTEN": f"127.0.0.1:{port}", **environment}
    home.mkdir(parents=True, exist_ok=True)
    with (home / "service.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, *(command or SERVE)], env=surroundings, stdout=log, stderr=log, cwd=ROOT
        )
    running = Serving(home=home, port=port, process=process)
    child: int | None = None
    try:
        until(running.is_ready, "the service is ready")
        yield running
        child = running.prefect()
    finally:
        if process.poll() is None:
            running.kill()
        if child is not None:
            until(lambda: not is_there(child), "the child is gone")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The app in which the service lives, as the test looks into it from outside."""
    home = tmp_path / "home"
    yield apps.app_on(home, f"sqlite:///{home / 'tocsin.sqlite3'}", system_clock.now)
    apps.close_all()


def all_accepted(app: App, count: int) -> bool:
    # Counted by the database: it is asked many times a second, beside the service that it waits for.
    by_state = select(col(Message.state), func.count()).group_by(col(Message.state))
    with app.store.read() as session:
        states = dict(session.exec(by_state).all())
    return set(states) == {"accepted"} and sum(states.values()) >= count


def test_it_answers_works_and_ends_cleanly_when_asked(app: App, prefect_database: Path) -> None:
    prefect.place(prefect_database, app.settings.home / "prefect")
    with serving(app.settings.home) as running:
        assert running.get("/livez") == (200, b"ok\n")
        assert running.readiness()["checks"] == {"database": "ok", "heartbeat": "ok", "alerts": "ok"}
        case = apps.Case(app).open().aware().assess().list_people().decide()
        until(lambda: all_accepted(app, 3), "the page goes out")
        until(lambda: len(case.drafts()) >= 4, "the flow drafts")
        until(running.flows_run, "the flows say that they run")
        child = running.prefect()
        assert child is not None
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(90) == 0, running.log()
        assert not is_there(child)
        assert running.get("/livez")[0] == 0
    assert "canary" not in running.log()
    assert "Traceback" not in running.log()


def test_it_ends_cleanly_while_prefect_still_starts(app: App) -> None:
    with serving(app.settings.home, *SERVE, "--json") as running:
        assert f'"listens": "http://127.0.0.1:{running.port}"' in running.log(), "a program is told where"
        until(running.prefect, "the child is started")
        child = running.prefect()
        running.process.send_signal(signal.SIGINT)
        assert running.process.wait(90) == 0, running.log()
        assert child is None or not is_there(child)


def test_killed_in_the_middle_it_loses_nothing_and_doubles_nothing(app: App, prefect_database: Path) -> None:
    prefect.place(prefect_database, app.settings.home / "prefect")
    case = apps.letters_waiting(app, ["de"] * 1_500 + ["fr"] * 1_500)
    everybody = {message.key for message in apps.messages(app)}
    with serving(app.settings.home) as running:
        until((app.outbox_folder / "people").exists, "the first letters are written")
        child = running.prefect()
        running.kill()
        assert child is not None
        until(lambda: not is_there(child), "the child notices by itself")
    with serving(app.settings.home, "-m", "tests.standins.service_later", "180") as again:
        until(lambda: all_accepted(app, 3_003), "everything is sent after the restart")
        until(again.flows_run, "the flows run again")
        until(lambda: case.incident().answered_seq == case.incident().change_seq, "every change is answered")
        again.process.send_signal(signal.SIGTERM)
        assert again.process.wait(90) == 0
    letters = [path.name for path in (app.outbox_folder / "people").iterdir()]
    assert len(letters) == len(everybody) == 3_000
    found = [message.key for message in apps.messages(app)]
    assert len(found) == len(set(found))
    repeated = {message.id for message in apps.messages(app) if message.attempts > 1}
    flagged = {attempt.message_id for attempt in apps.rows(app, Attempt) if attempt.repeats_uncertain}
    assert repeated == flagged


def test_while_prefect_is_away_cases_open_clocks_run_people_are_paged_and_later_the_flow_catches_up(
    app: App, tmp_path: Path, prefect_database: Path
) -> None:
    prefect.place(prefect_database, tmp_path / "elsewhere")
    # The same organisation for the service as for this test: another one would give other texts.
    app.settings.home.mkdir(parents=True, exist_ok=True)
    (app.settings.home / "organisation.yaml").write_text(apps.adapted(), encoding="utf-8")
    server = PrefectServer(tmp_path / "elsewhere")
    where = {"PREFECT_API_URL": server.url, "PREFECT_API_AUTH_STRING": server.password}
    with serving(app.settings.home, **where) as running:
        case = apps.Case(app).open().aware().assess()
        until(lambda: all_accepted(app, 3), "the page goes out")
        before = apps.last_beat(app)
        until(lambda: apps.last_beat(app) != before, "the heart beats on")
        assert running.is_ready()
        assert running.readiness()["flows"] == "waiting for Prefect"
        assert case.drafts() == []
        assert running.prefect() is None
        server.start()
        try:
            until(lambda: len(case.drafts()) == 1, "the flow catches up")
            assert case.respond().did == ()
            running.process.send_signal(signal.SIGTERM)
            assert running.process.wait(90) == 0, running.log()
            assert server.is_alive, "a server that is not ours is left alone"
        finally:
            server.close()


def test_a_taken_address_is_said_and_nothing_is_started(app: App) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = int(taken.getsockname()[1])
        environment = {
            **os.environ,
            "TOCSIN_HOME": str(app.settings.home),
            "TOCSIN_LISTEN": f"127.0.0.1:{port}",
        }
        done = subprocess.run(
            [sys.executable, *SERVE],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=180,
            cwd=ROOT,
        )
    assert done.returncode != 0
    assert f"127.0.0.1:{port} cannot be used" in done.stderr
    assert "TOCSIN_LISTEN" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (app.settings.home / "prefect").exists()


def test_half_written_letters_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    folder = tmp_path / "people"
    folder.mkdir()
    (folder / ".writing-abc").write_text("somebody's letter")
    (folder / "whole.eml").write_text("somebody's letter")
    service.tidy(tmp_path)
    assert [path.name for path in folder.iterdir()] == ["whole.eml"]


def test_it_leaves_also_where_something_never_ends() -> None:
    stuck = "import time; from flows.service import leave_within; leave_within(0.3); time.sleep(600)"
    done = subprocess.run([sys.executable, "-c", stuck], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 1
    assert "leaving all the same: nothing is lost" in done.stderr
