"""Letters through SendGrid's v3 API: one request per batch, one personalization per person.

This is the only module that imports sendgrid; key and addresses never get into an error or a log. SendGrid has no
idempotency key: a request whose answer never came is an AmbiguousFailure, never a silent repeat.
"""

import http.client
import json
import logging
import re
import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final
from urllib.error import URLError
from urllib.parse import urlsplit

from python_http_client.exceptions import HTTPError
from sendgrid import SendGridAPIClient

from notifications.delivery.channel import Accepted, AmbiguousFailure, Letter, PermanentFailure, TemporaryFailure
from notifications.delivery.channels.sendgrid_responses import ProviderResponse, failure, read_answer
from notifications.delivery.preflight import is_address, is_one_line, refuse_unsendable, wire_address
from notifications.redaction import Secret

logging.getLogger("python_http_client").setLevel(logging.WARNING)  # at DEBUG it writes the key and every address
_log = logging.getLogger(__name__)

WORLD: Final = "https://api.sendgrid.com"
EUROPE: Final = "https://api.eu.sendgrid.com"
# SendGrid's own limits (v3 Mail Send).
BATCH_LIMIT: Final = 1_000  # personalizations and recipients of one request
REQUEST_LIMIT: Final = 30 * 1024 * 1024  # bytes
_PARTING: Final = re.compile(r"[,;]+")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
# All four are stated because an account may have them on by default. Tracking rewrites the links of a letter about a
# breach to a foreign host, which is what a phishing mail looks like.
_NO_TRACKING: Final = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
    "ganalytics": {"enable": False},
}


class SendGridSender:
    """A Sender over SendGrid; safe to share between threads, each gets a client of its own."""

    def __init__(
        self,
        api_key: str | Secret,
        sender_email: str,
        sender_name: str,
        host: str = WORLD,
        *,
        timeout: float = 20.0,
        sandbox: bool = False,
    ) -> None:
        """Keep the key hidden and check the settings; `timeout` is in seconds, for each wait on the network.

        `sandbox` lets SendGrid check each request and send nothing.
        Raises PermanentFailure (configuration) for settings that could never work or would leak the key.
        """
        self.name = "sendgrid"
        self.batch_limit = BATCH_LIMIT
        self._key = _usable_key(api_key)
        self._host = _safe_host(host)
        self._sender = _sender(sender_email, sender_name)
        self._timeout = timeout
        self._sandbox = sandbox
        self._of_this_thread = threading.local()

    def __repr__(self) -> str:
        """Show the host; the key stays hidden."""
        return f"SendGridSender(host={self._host!r}, sandbox={self._sandbox})"

    def send(self, letters: Sequence[Letter]) -> Accepted:
        """Send letters with the same words, each person in a personalization of their own.

        Raises PermanentFailure (refused before or by SendGrid), TemporaryFailure (nothing was sent, try later)
        or AmbiguousFailure (the request left and its answer never came).
        """
        body = self.body(letters)
        answer = self._ask(lambda client: client.mail.send.post(request_body=body))
        # In sandbox mode SendGrid answers 200, never 202: without the flag a 200 comes from something that is not
        # SendGrid.
        if self._sandbox and answer.status == HTTPStatus.OK:
            return Accepted(provider_id="sandbox")
        accepted = read_answer(answer, letters, self._key)
        bypass = "bypassed" if bypasses_unsubscribes(letters[0]) else "respected"
        _log.info("SendGrid accepted %d letters (%s), unsubscribes %s", len(letters), letters[0].kind, bypass)
        return accepted

    def body(self, letters: Sequence[Letter]) -> dict[str, Any]:
        """Build the request, the same for the same letters; raise PermanentFailure for what cannot be sent."""
        refuse_unsendable(letters, self.batch_limit)
        body = _shared(letters[0]) | {"from": self._sender}
        _refuse_oversize(body, letters)
        if self._sandbox:
            body["mail_settings"]["sandbox_mode"] = {"enable": True}
        body["personalizations"] = [_personalization(letter) for letter in letters]
        return body

    def check(self) -> str:
        """Ask SendGrid whether the key may send and say so in words; raise the SendError that says what to mend."""
        answer = self._ask(lambda client: client.scopes.get())
        if answer.status != HTTPStatus.OK:
            raise failure(answer, (), self._key)
        if b'"mail.send"' not in answer.body:
            message = "SendGrid accepts the key, but it may not send; give SENDGRID_API_KEY the scope mail.send"
            raise PermanentFailure(message, whose="configuration")
        mode = "; sandbox mode: nothing is really sent" if self._sandbox else ""
        return f"SendGrid at {self._host} accepts the key, and it may send mail{mode}"

    def _ask(self, call: Callable[[Any], Any]) -> ProviderResponse:
        """Make one call, and tell apart what never left, what was answered, and what nobody knows."""
        try:
            response = call(self._client())
        # Any status but 2xx arrives as an exception of the library; here it is an answer like any other.
        except HTTPError as refusal:
            return ProviderResponse(status=refusal.status_code, headers=refusal.headers, body=refusal.body)
        except URLError as unreached:
            # urllib wraps only what fails up to the last byte of the request: SendGrid never held the whole of it.
            message = f"SendGrid at {self._host} could not be reached ({_reason(unreached)}); nothing was sent"
            raise TemporaryFailure(message) from None
        # After URLError, which is an OSError itself: the order tells "never left" from "nobody knows".
        except (OSError, http.client.HTTPException) as broken:
            message = f"SendGrid's answer never came ({type(broken).__name__}); the request may have been accepted"
            raise AmbiguousFailure(message) from None
        return ProviderResponse(status=response.status_code, headers=response.headers, body=response.body)

    def _client(self) -> Any:
        """Give this thread's client: the library's clients share a dictionary of headers and are not thread-safe."""
        client = getattr(self._of_this_thread, "client", None)
        if client is None:
            client = SendGridAPIClient(self._key.reveal(), host=self._host).client
            client.timeout = self._timeout  # the library waits for ever by default
            self._of_this_thread.client = client
        return client


def bypasses_unsubscribes(letter: Letter) -> bool:
    """Say whether a letter goes to people who unsubscribed: only what the law requires, and never an exercise.

    Art. 33 and 34 GDPR leave the recipient no choice of being told; record the answer with the attempt.
    """
    required = letter.kind in {"people", "controllers"} or letter.kind.startswith("authority-")
    return required and not letter.exercise


def _shared(letter: Letter) -> dict[str, Any]:
    """Give the part of a request that all its recipients share."""
    contents = [("text/plain", letter.text), ("text/html", letter.html)]  # SendGrid insists on this order
    body: dict[str, Any] = {
        "subject": letter.subject,
        "content": [{"type": kind, "value": value} for kind, value in contents if value],
        "categories": ["tocsin", letter.kind, *(["exercise"] if letter.exercise else [])],
        "tracking_settings": _NO_TRACKING,
        "mail_settings": {},
    }
    if letter.exercise:
        body["headers"] = {"X-Tocsin-Exercise": "yes"}
    if letter.reply_to is not None:
        body["reply_to"] = {"email": wire_address(letter.reply_to)}
    if bypasses_unsubscribes(letter):
        body["mail_settings"] = {"bypass_list_management": {"enable": True}}
    return body


def _personalization(letter: Letter) -> dict[str, Any]:
    """Give one person's part: one address, one opaque id for the delivery events, nothing else."""
    to = {"email": wire_address(letter.to)}
    if name := _display_name(letter.to_name or ""):
        to["name"] = name
    return {"to": [to], "custom_args": {"tocsin_id": letter.key}}


def _display_name(name: str) -> str:
    """Write a name as SendGrid takes it: without comma and semicolon, which part addresses there."""
    return " ".join(_PARTING.sub(" ", name).split())


def _refuse_oversize(shared: dict[str, Any], letters: Sequence[Letter]) -> None:
    """Refuse what SendGrid would: the shared part is measured, the personal parts are bounded from above.

    The bound takes 12 bytes for each character (JSON's worst case) and is far cheaper than a second serialisation.
    """
    # ASCII JSON writes a character beyond U+FFFF as two escapes of 6 bytes. A key is ASCII and needs none; 100 is more
    # than the braces and names around it.
    personal = sum(12 * len(letter.to + (letter.to_name or "")) + len(letter.key) + 100 for letter in letters)
    if len(json.dumps(shared)) + personal > REQUEST_LIMIT:
        message = "the request is over SendGrid's 30 MB; shorten the text or send fewer letters at once"
        raise PermanentFailure(message)


def _usable_key(value: str | Secret) -> Secret:
    # Stripped: a key read from a file often ends with a line break, and http.client refuses a header that has one.
    key = (value.reveal() if isinstance(value, Secret) else value).strip()
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        message = "the SendGrid key is empty or has characters no key has; set SENDGRID_API_KEY"
        raise PermanentFailure(message, whose="configuration")
    return Secret(key)


def _safe_host(host: str) -> str:
    """Take only an address that keeps the key encrypted on its way; plain http is for a stand-in on this machine."""
    parts = urlsplit(host)
    plain_at_home = parts.scheme == "http" and parts.hostname in _LOOPBACK
    # A user name before the host is the classic way to make a foreign host look like SendGrid's:
    # https://api.sendgrid.com@example.org.
    if not parts.hostname or parts.username or not (parts.scheme == "https" or plain_at_home):
        message = f"the SendGrid host has to be an https address such as {WORLD} or {EUROPE}"
        raise PermanentFailure(message, whose="configuration")
    return host.rstrip("/")


def _sender(email: str, name: str) -> dict[str, str]:
    if not is_address(email) or not is_one_line(name):
        message = "the sender's address or name is not one plain line; correct senders in the settings"
        raise PermanentFailure(message, whose="configuration")
    shown = _display_name(name)
    return {"email": wire_address(email), "name": shown} if shown else {"email": wire_address(email)}


def _reason(unreached: URLError) -> str:
    """Say why in the system's words: connection refused, name unknown, certificate not trusted."""
    reason = unreached.reason
    # The reason may also be a text of urllib's own; of the system's words alone it is known that they hold no secret.
    if not isinstance(reason, OSError):
        return "no connection"
    return reason.strerror or type(reason).__name__
