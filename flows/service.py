"""`tocsin serve`: heartbeat, web and flows in one process tree, started in the order of what must not be missed.

The heartbeat comes first, then the web, then Prefect's server as a child. On SIGTERM or SIGINT: no new flow, the one
under way is finished, the child is stopped, the last beat ends. Killed outright, nothing is lost: rows say what is to
be done, leases run out, and the child notices by itself.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from flows.runtime import scheduler
from flows.runtime.dispatcher import Dispatcher
from flows.web.health import application
from incidents.kernel.errors import UnavailableError

if TYPE_CHECKING:
    from types import FrameType

    from flows.bootstrap import App

log = logging.getLogger(__name__)

# Above what each part takes by itself: 15 s for a flow, 10 s for Prefect's server, 10 s for a busy database.
LEAVE_WITHIN = 60.0
"""Seconds in which everything must have ended; whoever sent SIGTERM waits no longer, and rows lose nothing."""


class AddressTakenError(UnavailableError):
    """Another process listens at the address already."""


def serve(app: App, *, ready: Callable[[str], None] | None = None) -> int:
    """Run everything until asked to stop; give the exit code.

    *ready* is called with the address once the heartbeat beats and the web answers.

    Raises:
        AddressTakenError: another process listens there.

    """
    _log_to_stderr()
    # The address is taken before anything runs: a second service by mistake must end here, not after it started a
    # second Prefect and a second dispatcher.
    listener = _listen(app.settings.listen_host, app.settings.listen_port)
    # A schema of another version ends the start with one sentence; found by the heartbeat it would be an error each
    # second.
    app.store.prepare()
    tidy(app.outbox_folder)
    beating = scheduler.start(app)
    dispatcher = Dispatcher(app)
    web = _Web(app, listener, dispatcher.is_running)
    stopping = threading.Event()
    # uvicorn sets none where it runs in a thread: without these, SIGTERM would end the process in the middle of a beat.
    _on_signal(stopping)
    try:
        web.start()
        dispatcher.start()
        if ready is not None:
            ready(f"http://{app.settings.listen}")
        # With a timeout, for the web server's sake: it ends in a thread, which raises nothing here.
        while not stopping.wait(0.5):
            if not web.is_alive:
                log.error("the web server ended; stopping")
                return 1
        return 0
    finally:
        # The reverse of the start: nothing new begins, then nobody asks any more, and alerts go out to the very last.
        leave_within(LEAVE_WITHIN)
        dispatcher.end()
        web.end()
        beating.shutdown(wait=True)
        app.store.close()


def leave_within(seconds: float) -> None:
    """Leave the process after so many seconds, even where a thread does not come back from the database."""

    def leave() -> None:
        log.error("not everything ended within %d s; leaving all the same: nothing is lost", seconds)
        # `sys.exit` would end this thread only, and a normal end waits for the very thread that hangs.
        os._exit(1)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


class _Web:
    """uvicorn in a thread, on a socket that was bound before anything else started."""

    def __init__(self, app: App, listener: socket.socket, flows_run: Callable[[], bool]) -> None:
        # No access log: a supervisor asks every few seconds. No lifespan: there are no hooks to wait for.
        config = uvicorn.Config(application(app, flows_run), log_level="warning", access_log=False, lifespan="off")
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([listener],), name="web")

    def start(self) -> None:
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def end(self) -> None:
        self._server.should_exit = True
        self._thread.join()


def _listen(host: str, port: int) -> socket.socket:
    # Settings took the brackets off an IPv6 address: a colon in it is the address's own.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # After a crash the port stays taken for a minute (TIME_WAIT); the service must be back before that.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        message = f"{host}:{port} cannot be used ({error.strerror}): stop what listens there, or set TOCSIN_LISTEN"
        raise AddressTakenError(message) from error
    return listener


def _on_signal(stopping: threading.Event) -> None:
    def stop(_number: int, _frame: FrameType | None) -> None:
        if stopping.is_set():
            # Asked twice: whoever stops us is in a hurry, and nothing can be lost.
            os._exit(1)
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)


def _log_to_stderr() -> None:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    # At INFO httpx writes a line for each call, and python_http_client at DEBUG writes key and recipients.
    for noisy in ("httpx", "httpcore", "python_http_client", "prefect", "uvicorn"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    # It warns each second that a beat still runs which sends many letters; that is as it should be.
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def tidy(folder: Path) -> None:
    """Remove half-written files that a killed process left in the outbox folder: they hold addresses."""
    # Only at the start and by the service alone: a sender at work has such a file for an instant, too.
    for left in folder.glob("*/.writing-*"):
        with suppress(FileNotFoundError):
            left.unlink()
