"""Prefect's server as a child process of the service: on loopback, without telemetry, gone when its parent is gone.

The child is ``python -m flows.runtime.prefect_server DESCRIPTOR``: it ends when its standard input does, which happens
however its parent ends, kill -9 included.

Loopback is open to every user of the machine, and a client sends the server's password with each call. So the parent
binds and listens, keeps that socket as long as it lives, and hands the child a copy: whatever answers on this port is
our child, also in the moments before it serves and after it died, and nobody else can ever be sent the password.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[2])
"""Where the child finds this package, whatever folder its parent was started in."""

STOP_WITHIN = 10.0
"""Seconds for a clean stop before the child is killed."""

_PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "LD_LIBRARY_PATH")
"""All that the child takes over from our environment: keys, tokens and our database are none of its affair."""

_WAITING = 128
"""Connections that wait in line while no child serves: the next one takes them."""

EVENTS_WITHIN = 3.0
"""Seconds that what Prefect still has to tell its server of finished flows may take when the service stops."""


def environment(home: Path, *, record_tasks: bool = True) -> dict[str, str]:
    """The settings under which both server and flows run: its own folder, no telemetry, nothing sent anywhere."""
    return {
        "PREFECT_HOME": str(home),
        "PREFECT_API_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{home / 'prefect.db'}",
        # Both are needed: the server asks the first, the client the second.
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        # What our steps log may name a case; Prefect would keep it in its own database, beyond any retention of ours.
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        # The recorder writes while the next run is created; on SQLite that made eight tasks take 2.0 to 2.6 s instead
        # of 0.2. People decide far enough apart to keep it on in the service; a drill turns it off.
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_ENABLED": str(record_tasks).lower(),
    }


class PrefectServer:
    """One server of our own; start it, wait for it, stop it."""

    def __init__(self, home: Path, *, record_tasks: bool = True) -> None:
        self.home = home
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=_WAITING, reuse_port=False)
        self.port = int(self._socket.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}/api"
        # Whoever reaches this server can start flows. Port and password are new at each start of the service, so that
        # nothing is kept; a child that died is followed by one on the same socket, for the client that waits for it.
        self.password = f"tocsin:{secrets.token_urlsafe(16)}"
        self._settings = environment(home, record_tasks=record_tasks)
        self._child: subprocess.Popen[bytes] | None = None

    def settings(self) -> dict[str, str]:
        """What a client in this process needs in its environment before Prefect is imported."""
        return {**self._settings, "PREFECT_API_URL": self.url, "PREFECT_API_AUTH_STRING": self.password}

    def start(self) -> None:
        """Start the child and return at once; :meth:`is_ready` tells when it answers."""
        self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(self.home / "server.log", "ab", opener=_for_owner) as log:
            self._child = subprocess.Popen(  # noqa: S603 - our own interpreter and module
                [sys.executable, "-m", "flows.runtime.prefect_server", str(self._socket.fileno())],
                env={
                    **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
                    **self._settings,
                    # Prefect's own start command says so, too: no other server will be made in this process.
                    "PREFECT__SERVER_FINAL": "1",
                    "PREFECT_SERVER_API_AUTH_STRING": self.password,
                    # Where Tocsin runs from a checkout it is not installed: the child must find what the parent found.
                    "PYTHONPATH": os.pathsep.join((_ROOT, *(path for path in sys.path if path))),
                },
                # Never written to: its end is the sign that the parent is gone.
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(self._socket.fileno(),),
                cwd=self.home,
                # Ctrl-C goes to the whole group: the child must outlive it until the flow under way has ended.
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        """Whether the child process is there."""
        return self._child is not None and self._child.poll() is None

    def is_ready(self) -> bool:
        """Whether the server answers."""
        return self.is_alive and answers(self.url)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait until the server answers; give up when it died, time is over, or *stop* is set."""
        ends = time.monotonic() + seconds
        while time.monotonic() < ends and self.is_alive and not stop.is_set():
            if self.is_ready():
                return True
            stop.wait(0.2)
        return False

    def close(self) -> None:
        """Stop, and give the port back: from now on it may be anybody's."""
        self.stop()
        self._socket.close()

    def stop(self) -> None:
        """Ask the child to end, then make it; the port stays ours for the next one."""
        child = self._child
        if child is None:
            return
        # Closed before the signal: both end it, and a child that misses one has the other.
        if child.stdin:
            child.stdin.close()
        child.terminate()
        try:
            child.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        self._child = None


def answers(url: str) -> bool:
    """Whether a Prefect API answers at *url* (a password is no hindrance to its health check)."""
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=2) as response:  # noqa: S310 - http(s) from our settings
            return bool(response.status == 200)  # noqa: PLR2004 - HTTP OK
    except urllib.error.HTTPError as error:
        return error.code == 401  # noqa: PLR2004 - it is there and asks for its password
    except OSError:
        return False


def end_event_threads() -> None:
    """End the threads in which Prefect tells its server what flows did, while the server is still there to be told.

    Left alone they outlive it, and look for it again and again. Does nothing where Prefect was never imported.
    """
    # Looked up and not imported: a service that never got as far as a flow must not load Prefect to end.
    worker = sys.modules.get("prefect.events.worker")
    if worker is not None:
        worker.EventsWorker.drain_all(timeout=EVENTS_WITHIN, at_exit=False)


def _for_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _end_with_parent() -> None:
    """End this process when the parent's end of the pipe closes."""

    def watch() -> None:
        # Blocks until the pipe's other end closes, which the kernel does however the parent ends.
        sys.stdin.buffer.read()
        os.kill(os.getpid(), signal.SIGTERM)
        # uvicorn answers SIGTERM by finishing what is under way; a database that hangs must not keep an orphan.
        time.sleep(STOP_WITHIN)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def main() -> None:
    """Be the child: serve Prefect's API on the socket that the parent bound."""
    _end_with_parent()
    import uvicorn

    serving = uvicorn.Config(
        "prefect.server.api.server:create_app", factory=True, log_level="warning", timeout_keep_alive=5
    )
    # By hand and not `fd=`: uvicorn would take the descriptor for a Unix socket.
    uvicorn.Server(serving).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
