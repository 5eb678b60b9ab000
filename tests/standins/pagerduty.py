"""A PagerDuty on this machine: takes events as its Events API v2 does, and keeps which alerts are open."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class PagerDutyStandIn:
    """Answers 202 to an event of the right shape and key, 400 to any other, or *status* where it is set."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.status: int | None = None
        self.events: list[dict[str, Any]] = []
        self.alerts: dict[str, str] = {}
        """Each alert by its name: triggered, acknowledged or resolved."""
        standin = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(standin.take(self.path, body))
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"pagerduty://{self.key}@127.0.0.1:{self._server.server_port}"

    def take(self, path: str, event: dict[str, Any]) -> int:
        if self.status is not None:
            return self.status
        if path != "/v2/enqueue" or event["routing_key"] != self.key or not 0 < len(event["dedup_key"]) <= 255:
            return 400
        action, name = event["event_action"], event["dedup_key"]
        if action == "trigger" and not {"summary", "source", "severity"} <= set(event.get("payload", {})):
            return 400
        self.events.append(event)
        if action == "trigger":
            # A new event leaves one that a person has acknowledged as it is.
            self.alerts[name] = self.alerts[name] if self.alerts.get(name) == "acknowledged" else "triggered"
        elif name in self.alerts:
            self.alerts[name] = f"{action}d" if action.endswith("e") else f"{action}ed"
        return 202

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
