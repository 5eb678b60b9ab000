"""Is it alive, is it ready: what a supervisor asks, answered from rows, with nothing about any case."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from flows import liveness
from incidents.audit import chain
from incidents.kernel.timestamps import rfc3339
from incidents.queries.waiting_messages import waiting_since
from notifications.delivery.model import ALERTS

if TYPE_CHECKING:
    from flows.bootstrap import App

# Twenty times the first wait after a failed attempt (15 s): a provider that is busy for a moment rings no alarm.
LAG = timedelta(minutes=5)
"""An alert that waits longer than this is stuck."""


@dataclass(frozen=True, kw_only=True)
class Health:
    """What was found: for each check whether it holds, and in words why not."""

    checks: dict[str, str]
    facts: dict[str, Any]

    @property
    def is_ready(self) -> bool:
        """Whether alerts will go out."""
        return all(result == "ok" for result in self.checks.values())


def examine(app: App, flows_run: Callable[[], bool]) -> Health:
    """Look at the database, the heartbeat and the alerts that wait; *flows_run* tells whether this service's flows do.

    A beat of the dispatcher's is for other processes: it is as good as new for a while after its writer was killed, and
    may be that of another host.
    """
    try:
        # One transaction, so that the figures fit each other; the head is what an auditor notes to see a cut tail.
        with app.store.read() as session:
            beat = liveness.last_beat(session, liveness.HEARTBEAT)
            now = app.now_within(session)
            oldest = waiting_since(session, ALERTS, now)
            seq, head = chain.head(session)
    except Exception as error:  # noqa: BLE001 - any failure of the database means: not ready
        return Health(checks={"database": f"does not answer ({type(error).__name__})"}, facts={})
    # A drill's clock runs fast: a minute of it may be less than a second.
    max_age = liveness.SERVICE_MAX_AGE * app.speed
    checks = {
        "database": "ok",
        # Flows are a fact and no check: without Prefect alerts go out all the same, and a supervisor must not restart a
        # service that pages people.
        "heartbeat": "ok" if liveness.is_alive(beat, now, max_age) else "has not beaten for a minute",
        "alerts": "ok" if oldest is None or now - oldest <= LAG * app.speed else "an alert is stuck for five minutes",
    }
    facts = {
        "heartbeat_at": rfc3339(beat),
        "flows": "running" if flows_run() else "waiting for Prefect",
        "audit_entries": seq,
        "audit_head": head,
    }
    return Health(checks=checks, facts=facts)


def application(app: App, flows_run: Callable[[], bool]) -> FastAPI:
    """The web application of one app, within the service whose flows *flows_run* asks about."""
    # No pages about the interface: nobody has signed in, and there is nothing to document but two addresses.
    web = FastAPI(title="Tocsin", docs_url=None, redoc_url=None, openapi_url=None)

    @web.get("/livez")
    # Asks nothing: a supervisor restarts what is not alive, and a restart mends no database.
    def livez() -> Response:
        """The process is there and answers."""
        return Response("ok\n", media_type="text/plain")

    @web.get("/readyz")
    def readyz() -> JSONResponse:
        """Alerts will go out: database, heartbeat, no alert stuck."""
        health = examine(app, flows_run)
        body = {"ready": health.is_ready, "checks": health.checks, **health.facts}
        return JSONResponse(body, status_code=200 if health.is_ready else 503)

    return web
