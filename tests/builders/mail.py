"""Asks and instructs the stand-in for SendGrid, which runs as a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import ProxyHandler, Request, build_opener

STANDIN: Final = Path(__file__).parents[1] / "standins" / "sendgrid.py"


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """The judge: what it says was accepted is what was accepted."""

    url: str
    key: str
    journal: Path

    def behave(self, *behaviours: dict[str, Any]) -> None:
        self._ask("/_behave", list(behaviours))

    def reset(self) -> None:
        self._ask("/_reset", {})

    def accepted(self) -> dict[str, int]:
        accepted: dict[str, int] = self._ask("/_accepted")["accepted"]
        return accepted

    def requests(self) -> int:
        return int(self._ask("/_accepted")["requests"])

    def last_request(self) -> Any:
        return self._ask("/_last")

    def _ask(self, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        opener = build_opener(ProxyHandler({}))
        with opener.open(Request(self.url + path, data=data), timeout=30) as answer:  # noqa: S310 - our own loopback
            return json.load(answer)


@contextmanager
def running_standin(folder: Path) -> Iterator[StandIn]:
    """Start the stand-in, with its journal in *folder*, and end it."""
    journal = folder / "journal.jsonl"
    command = [sys.executable, str(STANDIN), "--key", "SG.test-key", "--journal", str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield StandIn(url=f"http://127.0.0.1:{int(process.stdout.readline())}", key="SG.test-key", journal=journal)
        process.stdin.close()
        process.wait(timeout=30)
