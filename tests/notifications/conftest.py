"""A SendGrid of our own for the tests of this folder, and letters to send through it."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from notifications.delivery.channel import Letter

STANDIN = Path(__file__).parent.parent / "standins" / "sendgrid_standin.py"


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


@pytest.fixture(scope="session")
def _sendgrid_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StandIn]:
    journal = tmp_path_factory.mktemp("sendgrid") / "journal.jsonl"
    command = [sys.executable, str(STANDIN), "--key", "SG.test-key", "--journal", str(journal)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield StandIn(url=f"http://127.0.0.1:{int(process.stdout.readline())}", key="SG.test-key", journal=journal)
        process.stdin.close()
        process.wait(timeout=30)


@pytest.fixture
def sendgrid_standin(_sendgrid_process: StandIn, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """A SendGrid that has accepted nothing yet and behaves."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    _sendgrid_process.reset()
    return _sendgrid_process


@pytest.fixture
def a_letter() -> Callable[..., Letter]:
    """Make a letter; what a test does not say is plain and harmless."""
    plain = Letter(
        key="letter-1",
        to="reader@example.org",
        to_name=None,
        subject="Your data: what happened",
        text="What happened, which of your data, what to do now.",
        html="<p>What happened</p>",
        language="en",
        kind="people",
        exercise=False,
        reply_to="privacy@example.org",
    )
    return lambda **changes: replace(plain, **changes)
