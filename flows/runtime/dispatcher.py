"""Starting flows: every incident in which something changed, and every letter that is due, gets its Prefect flow."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flows import liveness
from flows.runtime import prefect_server
from flows.runtime.prefect_server import PrefectServer
from flows.workflows import respond, send_letters
from incidents.queries.waiting_cases import changed_cases

if TYPE_CHECKING:
    from flows.bootstrap import App

log = logging.getLogger(__name__)

Flow = Callable[[str], Coroutine[Any, Any, int]]

LOOK_EVERY = 0.5
"""Seconds between two looks: a decision's drafts must be ready within two."""

# Seconds. liveness.MAX_AGE calls the dispatcher dead after ten: four of these may fail before anybody is told.
ALIVE_EVERY = 2.0
# Seconds. Prefect's server takes 9 to 12 on two idle cores; after a restart the whole machine starts beside it.
START_WITHIN = 120.0
STOP_WITHIN = 15.0
"""Seconds that a flow under way is given when the service stops. One that waits for a Prefect that is away (its client
tries for a minute at each call) is left: nothing is lost, its lease runs out and the next start goes on."""

REVIVE_EVERY = 5.0
"""Seconds between two starts of a server that keeps dying: starting it takes a processor for two of them."""

# Seconds. Doubled after each failure; a minute at most, so that a case goes on soon after what failed is mended.
FIRST_WAIT, LONGEST_WAIT = 2.0, 60.0


@dataclass
class Dispatcher:
    """One thread that owns Prefect's server (unless there is one already) and starts the flows."""

    app: App
    record_tasks: bool = True
    stop: threading.Event = field(default_factory=threading.Event)
    ready: threading.Event = field(default_factory=threading.Event)
    """Set while Prefect answers."""
    _server: PrefectServer | None = None
    _thread: threading.Thread | None = None
    _waits: dict[str, tuple[float, float]] = field(default_factory=dict)
    """After a failed flow: when to try this incident again, and how long it waited last."""
    # Monotonic seconds, like all times here: this thread measures waits, and a clock that is set must not stretch one.
    _told_at: float = float("-inf")
    _revived_at: float = float("-inf")
    _moved_at: float = float("-inf")
    """When this thread last came round: one that hangs runs no flow, whatever Prefect says."""
    _url: str = ""

    def start(self) -> None:
        """Begin in a thread of its own; the heartbeat does not wait for it."""
        # A daemon, because a flow that waits for Prefect cannot be interrupted and must not keep the process.
        self._thread = threading.Thread(target=self._live, name="dispatcher", daemon=True)
        self._thread.start()

    def is_running(self) -> bool:
        """Whether flows run at this moment: asked of this thread and of Prefect, never of what was noted earlier."""
        moves = time.monotonic() - self._moved_at <= liveness.MAX_AGE[liveness.DISPATCHER].total_seconds()
        there = self._server is None or self._server.is_alive
        return moves and there and self.ready.is_set() and prefect_server.answers(self._url)

    def end(self) -> None:
        """Finish the flow under way (or leave it, if it only waits), stop the server, and come back."""
        self.stop.set()
        if self._thread is not None:
            self._thread.join(STOP_WITHIN)
            if self._thread.is_alive():
                log.warning("a flow still waits for Prefect; it is left, and the next start goes on where it was")
        # Before the server stops: these threads deliver to it, and would look for it for ever afterwards.
        prefect_server.end_event_threads()
        if self._server is not None:
            self._server.close()

    def _live(self) -> None:
        while not self.stop.is_set():
            try:
                # Within the loop and kept once it worked: a port or a folder that is not to be had now may be in two
                # seconds.
                self._url = self._url or self._settle_on_server()
                if self._is_there():
                    self._look()
            except Exception:
                # A full disk, a process that cannot be started: this thread must outlive it, or no flow runs again.
                log.exception("the dispatcher stumbled; it tries again")
                self.stop.wait(FIRST_WAIT)
            self.stop.wait(LOOK_EVERY)

    def _settle_on_server(self) -> str:
        """Use the Prefect server that is configured, or own one; set the environment before Prefect is imported."""
        configured = self.app.settings.prefect_api_url
        home = self.app.settings.home / "prefect"
        if configured is not None:
            # Prefect reads its settings when it is imported: whatever is set later is set for nobody.
            os.environ.update(prefect_server.environment(home) | {"PREFECT_API_URL": configured})
            return configured
        # Kept when starting it fails: a second one would have another port than the environment that Prefect has read.
        self._server = self._server or PrefectServer(home, record_tasks=self.record_tasks)
        os.environ.update(self._server.settings())
        self._server.start()
        return self._server.url

    def _is_there(self) -> bool:
        """Whether Prefect answers; a server of our own that died is started again."""
        # Not asked over HTTP each time: a flow that fails clears `ready`, and this runs twice a second.
        if self.ready.is_set() and (self._server is None or self._server.is_alive):
            return True
        self.ready.clear()
        self._revive()
        up = (
            self._server.wait(START_WITHIN, self.stop)
            if self._server is not None
            else prefect_server.answers(self._url)
        )
        if not up:
            log.warning("Prefect does not answer yet; cases wait, the heartbeat and its alerts do not")
            self.stop.wait(FIRST_WAIT)
            return False
        log.info("Prefect answers: flows run")
        self.ready.set()
        return True

    def _revive(self) -> None:
        """Start a server of our own again that died, at the same address."""
        if self._server is None or self._server.is_alive or self.stop.is_set():
            return
        self.ready.clear()
        if time.monotonic() - self._revived_at < REVIVE_EVERY:
            return
        self._revived_at = time.monotonic()
        log.warning("Prefect's server is not running; it is started again")
        # Stopped although it is dead: that closes our end of its pipe.
        self._server.stop()
        self._server.start()

    def _look(self) -> None:
        """Start what the rows ask for: changes first, then each case with letters for one turn."""
        # Here and not above: importing it imports Prefect, which must find the environment set.
        from flows.runtime import prefect_flows

        prefect_flows.use_app(self.app)
        try:
            with self.app.store.read() as session:
                letters = send_letters.with_letters_due(session, self.app.now_within(session), self.app.retry_policy)
            changed = self._changed()
        except Exception:
            log.exception("the dispatcher could not read the record; it tries again")
            self.stop.wait(FIRST_WAIT)
            return
        # One flow after the other, because Prefect on SQLite answers 503 to flows side by side and its client then
        # backs off for seconds. Only changes run beside letters, whose flow asks Prefect for nothing while it sends.
        for reference in changed:
            self._run(reference, prefect_flows.respond_flow)
        for reference in letters:
            self._run(reference, prefect_flows.communicate_flow, beside=prefect_flows.respond_flow)

    def _changed(self) -> list[str]:
        """Read which cases wait for an answer to a change; say that this thread lives."""
        with self.app.store.read() as session:
            now = self.app.now_within(session)
            changed = changed_cases(session, now, lease=respond.LEASE * self.app.speed)
        self._moved_at = time.monotonic()
        self._say_alive(now)
        return changed

    def _say_alive(self, now: datetime) -> None:
        if time.monotonic() - self._told_at >= ALIVE_EVERY:
            liveness.record_beat(self.app.store, liveness.DISPATCHER, now)
            self._told_at = time.monotonic()

    def _run(self, reference: str, flow: Flow, *, beside: Flow | None = None) -> None:
        """Run one flow; meanwhile start *beside*, if given, for every case in which something changes."""
        if self._may_try(reference):
            asyncio.run(self._accompanied(flow, reference, beside))

    def _may_try(self, reference: str) -> bool:
        # Waiting is per case: one that always fails must not hold up the others.
        return not self.stop.is_set() and time.monotonic() >= self._waits.get(reference, (0.0, 0.0))[0]

    async def _tried(self, flow: Flow, reference: str) -> None:
        """Run one flow; after a failure wait longer each time before this incident is tried again."""
        _again_at, waited = self._waits.get(reference, (0.0, 0.0))
        try:
            await flow(reference)
        except Exception as error:  # noqa: BLE001 - whatever Prefect or the step raised: rows still ask, try again
            wait = min(max(waited * 2, FIRST_WAIT), LONGEST_WAIT)
            self._waits[reference] = (time.monotonic() + wait, wait)
            # The failure may have been Prefect's: ask whether it is there before the next flow.
            self.ready.clear()
            # The kind only: the text of a failure may quote a row, and this line is written at every try.
            log.warning("the flow of %s failed (%s); tried again in %d s", reference, type(error).__name__, wait)
        else:
            self._waits.pop(reference, None)

    async def _accompanied(self, flow: Flow, reference: str, beside: Flow | None) -> None:
        """Run one flow, keep the server alive meanwhile, and answer the changes of other cases.

        Prefect's client tries for a minute at each call to a server that is away: long enough for one that is started
        again at once, and a minute wasted if the start waited for the flow to give up.
        """
        running = asyncio.ensure_future(self._tried(flow, reference))
        while not running.done():
            await asyncio.wait((running,), timeout=LOOK_EVERY)
            self._revive()
            self._moved_at = time.monotonic()
            if beside is not None and not running.done():
                await self._answer_changes(beside, but=reference)
        await running

    async def _answer_changes(self, flow: Flow, *, but: str) -> None:
        """Answer what changed while letters go out; *but* is the case whose letters they are.

        Its own response follows its turn: each chunk is a change of it, and would ask for one.
        """
        try:
            # In a thread: the letters' flow lives in this loop, and a database that is busy must not stop it.
            changed = await asyncio.to_thread(self._changed)
        except Exception as error:  # noqa: BLE001 - the next look asks again, in half a second
            log.warning("the dispatcher could not read the record (%s); it tries again", type(error).__name__)
            return
        for reference in changed:
            # Not while Prefect is away: its client would wait for it, and nobody would start it meanwhile.
            if reference != but and self.ready.is_set() and self._may_try(reference):
                await self._tried(flow, reference)
