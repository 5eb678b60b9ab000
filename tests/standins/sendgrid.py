"""A stand-in for SendGrid's v3 API, in a process of its own: it judges by what reached it.

It knows the wire format and how SendGrid fails; it imports nothing but the standard library, and nothing of Tocsin.

    python tests/standins/sendgrid.py --port 0 --key TEST --journal FILE [--behaviour JSON]

The first line printed is its port. It ends with its parent, or when the pipe on its standard input closes.

    POST /v3/mail/send, GET /v3/scopes        as SendGrid answers them
    GET  /_accepted                           {"accepted": {tocsin_id: times}, "messages": n, "requests": n}
    GET  /_last                               the body of the last request that was understood
    POST /_behave                             one behaviour or a list of them, taken in order; replaces what was left
    POST /_reset                              forget everything but the journal

A behaviour is {"do": WHAT, "times": n or null for ever (default 1), ...}:
    ok; unauthorized; forbidden; too_large; no_credits
    reject           {"address": A}           400 for requests to that address only; others pass
    rate_limit       {"seconds": s}           429 with X-RateLimit-Reset s seconds from now
    error            {"status": 500, "message": M, "field": F}    any other status
    scopes           {"scopes": [...]}        what GET /v3/scopes shows
    accept_then_error {"status": 500}         take the letters, and answer with a failure all the same
    accept_then_drop                          take the letters, close the connection without a word
    drop                                      close the connection without taking them
    hang             {"seconds": s, "accept": true}   take the letters (or not) and keep silent
"""

import argparse
import ctypes
import json
import os
import re
import signal
import stat
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, TextIO
from uuid import uuid4

Json = dict[str, Any]
_ADDRESS: Final = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+")
_PERSONALIZATIONS: Final = 1_000
_REQUEST_BYTES: Final = 30 * 1024 * 1024
_ARGUMENT_BYTES: Final = 10_000
_CATEGORIES: Final = 10
_CATEGORY_LENGTH: Final = 255
_PARTING: Final = re.compile(r"[,;]")
_BREAK: Final = re.compile(r"[\r\n]")
# Those that SendGrid writes itself, from its page on errors of v3 Mail Send.
_RESERVED_HEADERS: Final = {
    "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from",
    "subject", "reply-to", "cc", "bcc",
}  # fmt: skip
_PARENT_DEATH: Final = 1  # PR_SET_PDEATHSIG


class Refusal(Exception):
    """The request is answered with this status and these complaints."""

    def __init__(self, status: int, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.errors = [{"message": message, "field": field, "help": None}]


class Book:
    """What was accepted, counted by id, and how to behave next; shared by all threads under one lock."""

    def __init__(self, journal: TextIO, behaviours: Sequence[Json]) -> None:
        self.lock = threading.Lock()
        self.ending = threading.Event()
        self.journal = journal
        self.behaviours = list(behaviours)
        self.forget()

    def forget(self) -> None:
        self.accepted: Counter[str] = Counter()
        self.requests = 0
        self.last: Json | None = None

    def next_behaviour(self, body: Json) -> Json:
        """Take the next behaviour; one that waits for an address stays where it is until that address comes."""
        with self.lock:
            if not self.behaviours:
                return {"do": "ok"}
            behaviour = self.behaviours[0]
            if behaviour["do"] == "reject" and behaviour["address"] not in _recipients(body):
                return {"do": "ok"}
            if behaviour.get("times", 1) is not None:
                behaviour["times"] = behaviour.get("times", 1) - 1
                if behaviour["times"] <= 0:
                    self.behaviours.pop(0)
            return behaviour

    def saw(self, body: Json) -> None:
        with self.lock:
            self.requests += 1
            self.last = body

    def accept(self, body: Json) -> str:
        """Count the letters and write them to the journal, before anybody is told."""
        message_id = uuid4().hex
        categories = body.get("categories", [])
        entries = [_entry(one, message_id, categories) for one in body["personalizations"]]
        with self.lock:
            self.accepted.update(entry["tocsin_id"] for entry in entries)
            self.journal.write("".join(f"{json.dumps(entry)}\n" for entry in entries))
            self.journal.flush()
        return message_id


def _entry(personalization: Json, message_id: str, categories: Sequence[str]) -> Json:
    return {
        "tocsin_id": personalization.get("custom_args", {}).get("tocsin_id", ""),
        "to": [one["email"] for one in personalization["to"]],
        "message_id": message_id,
        "categories": categories,
    }


def _recipients(body: Json) -> list[str]:
    return [
        one["email"] for part in body["personalizations"] for kind in ("to", "cc", "bcc") for one in part.get(kind, [])
    ]


def check_request(body: Json) -> None:
    """Refuse what SendGrid refuses, naming the field as it does."""
    parts = body.get("personalizations")
    if not isinstance(parts, list) or not parts:
        raise Refusal(400, "You must have at least one personalization.", "personalizations")
    if len(parts) > _PERSONALIZATIONS:
        raise Refusal(400, f"There is a limit of 1000 personalizations; here are {len(parts)}.", "personalizations")
    for number, part in enumerate(parts):
        _check_personalization(number, part, body)
    if len(_recipients(body)) > _PERSONALIZATIONS:
        raise Refusal(400, "There is a limit of 1000 total recipients (to + cc + bcc) per request.", "personalizations")
    repeated = [address for address, times in Counter(map(str.lower, _recipients(body))).items() if times > 1]
    if repeated:
        raise Refusal(
            400, f"Each address should be unique; the first duplicate is [{repeated[0]}].", "personalizations"
        )
    _check_words(body)


def _check_personalization(number: int, part: Json, body: Json) -> None:
    place = f"personalizations.{number}"
    if not part.get("to"):
        raise Refusal(400, "The to array is required and must have at least one valid address.", f"{place}.to")
    for index, one in enumerate(part["to"]):
        if not _ADDRESS.fullmatch(str(one.get("email", ""))):
            raise Refusal(400, f"Does not contain a valid address: {one.get('email')}.", f"{place}.to.{index}.email")
        _check_name(one, f"{place}.to.{index}.name")
    arguments = {**body.get("custom_args", {}), **part.get("custom_args", {})}
    if not all(isinstance(value, str) for value in arguments.values()):
        raise Refusal(400, "The custom_args values have to be strings.", f"{place}.custom_args")
    # In bytes as they stand in the body, and less than the limit.
    if len(json.dumps(arguments).encode()) >= _ARGUMENT_BYTES:
        raise Refusal(400, "The custom_args are over 10000 bytes.", f"{place}.custom_args")
    subject = part.get("subject") or body.get("subject")
    if not subject:
        raise Refusal(400, "The subject is required.", "subject")
    if _BREAK.search(subject):
        raise Refusal(400, "The subject must not contain line breaks.", "subject")
    _check_headers({**body.get("headers", {}), **part.get("headers", {})}, f"{place}.headers")


def _check_name(party: Json, field: str) -> None:
    """A comma or a semicolon parts addresses in a header; unquoted, SendGrid cuts the name there."""
    name = party.get("name")
    if name is not None and (not isinstance(name, str) or _PARTING.search(name) or _BREAK.search(name)):
        raise Refusal(400, "The name must not contain comma, semicolon or line breaks.", field)


def _check_headers(headers: Json, field: str) -> None:
    for name, value in headers.items():
        if name.lower() in _RESERVED_HEADERS:
            raise Refusal(400, f"The header {name} is reserved and cannot be set.", f"{field}.{name}")
        if not name.isascii() or not isinstance(value, str) or _BREAK.search(f"{name}{value}"):
            raise Refusal(400, "Headers have to be strings without line breaks.", f"{field}.{name}")


def _check_words(body: Json) -> None:
    if not _ADDRESS.fullmatch(str(body.get("from", {}).get("email", ""))):
        raise Refusal(400, "The from object must be provided for every email send.", "from.email")
    _check_name(body["from"], "from.name")
    if "reply_to" in body and "reply_to_list" in body:
        raise Refusal(400, "Use reply_to or reply_to_list, not both.", "reply_to")
    if "reply_to" in body:
        if not _ADDRESS.fullmatch(str(body["reply_to"].get("email", ""))):
            raise Refusal(400, "The reply_to address is not valid.", "reply_to.email")
        _check_name(body["reply_to"], "reply_to.name")
    categories = body.get("categories", [])
    if len(set(categories)) != len(categories) or len(categories) > _CATEGORIES:
        raise Refusal(400, "There are at most 10 categories, each once.", "categories")
    if any(len(category) > _CATEGORY_LENGTH for category in categories):
        raise Refusal(400, "A category has at most 255 characters.", "categories")
    kinds = [part.get("type") for part in body.get("content", []) if part.get("value")]
    if kinds not in (["text/plain"], ["text/html"], ["text/plain", "text/html"]):
        raise Refusal(400, "If present, text/plain and text/html may only be provided once, in this order.", "content")


class Handler(BaseHTTPRequestHandler):
    """One request; `book` and `key` are set on the class when the process starts."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    book: Book
    key: str

    def do_GET(self) -> None:
        book = self.book
        if self.path == "/_accepted":
            with book.lock:
                found = {"accepted": dict(book.accepted), "messages": book.accepted.total(), "requests": book.requests}
            self.answer(200, found)
        elif self.path == "/_last":
            self.answer(200, book.last or {})
        elif self.path == "/v3/scopes":
            self.guarded(self.scopes)
        else:
            self.answer(404, {"errors": [{"message": "not found", "field": None}]})

    def do_POST(self) -> None:
        if self.path == "/v3/mail/send":
            self.guarded(self.mail)
        elif self.path == "/_behave":
            given = json.loads(self.content())
            with self.book.lock:
                self.book.behaviours = given if isinstance(given, list) else [given]
            self.answer(200, {})
        elif self.path == "/_reset":
            self.content()
            with self.book.lock:
                self.book.behaviours = []
                self.book.forget()
            self.answer(200, {})
        else:
            self.answer(404, {"errors": [{"message": "not found", "field": None}]})

    def guarded(self, work: Callable[[bytes], None]) -> None:
        try:
            content = self.content()
            if self.headers.get("Authorization") != f"Bearer {self.key}":
                raise Refusal(401, "The provided authorization grant is invalid, expired, or revoked")  # noqa: TRY301 - one way out
            work(content)
        except Refusal as refusal:
            self.answer(refusal.status, {"errors": refusal.errors})

    def scopes(self, _content: bytes) -> None:
        behaviour = self.book.next_behaviour({"personalizations": []})
        if behaviour["do"] == "ok":
            self.answer(200, {"scopes": ["mail.send", "2fa_required"]})
        elif behaviour["do"] == "scopes":
            self.answer(200, {"scopes": behaviour["scopes"]})
        else:
            self.misbehave(behaviour, {"personalizations": []})

    def mail(self, content: bytes) -> None:
        if not (self.headers.get("Content-Type") or "").startswith("application/json"):
            raise Refusal(415, "The content type has to be application/json")
        if len(content) > _REQUEST_BYTES:
            raise Refusal(413, "The request is over 30 MB")
        try:
            body = json.loads(content)
            self.book.saw(body)
            check_request(body)
        except (ValueError, AttributeError, TypeError, KeyError) as fault:
            raise Refusal(400, f"Bad Request: {type(fault).__name__}") from fault
        behaviour = self.book.next_behaviour(body)
        if behaviour["do"] != "ok":
            self.misbehave(behaviour, body)
        elif body.get("mail_settings", {}).get("sandbox_mode", {}).get("enable"):
            self.answer(200, {})
        else:
            self.answer(202, None, {"X-Message-Id": self.book.accept(body)})

    def misbehave(self, behaviour: Json, body: Json) -> None:
        what = behaviour["do"]
        if what in {"accept_then_drop", "drop", "hang"}:
            if what == "accept_then_drop" or (what == "hang" and behaviour.get("accept", True)):
                self.book.accept(body)
            if what == "hang":
                self.book.ending.wait(behaviour.get("seconds", 30))
            self.close_connection = True
        elif what == "rate_limit":
            # The answer's own Date is its clock, so the reset is given in whole seconds from that.
            seconds = int(behaviour.get("seconds", 60))
            reset = {"X-RateLimit-Limit": "500", "X-RateLimit-Remaining": "0"}
            self.answer(429, _error("too many requests"), reset, reset_in=seconds)
        else:
            if what == "accept_then_error":
                self.book.accept(body)
            raise _refusal(behaviour, body)

    def content(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: Json | None, headers: Json | None = None, reset_in: int | None = None) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        date = self.date_time_string()
        self.send_response_only(status)
        self.send_header("Date", date)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if reset_in is not None:
            reset = int(parsedate_to_datetime(date).timestamp()) + reset_in
            self.send_header("X-RateLimit-Reset", str(reset))
        if content:
            self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing: standard error belongs to the tests."""


def _error(message: str, field: str | None = None) -> Json:
    return {"errors": [{"message": message, "field": field, "help": None}]}


def _refusal(behaviour: Json, body: Json) -> Refusal:
    what = behaviour["do"]
    if what == "reject":
        number = _recipients(body).index(behaviour["address"])
        return Refusal(
            400, f"{behaviour['address']} does not contain a valid address.", f"personalizations.{number}.to"
        )
    known = {
        "unauthorized": (401, "The provided authorization grant is invalid, expired, or revoked"),
        "no_credits": (401, "Maximum credits exceeded"),
        "forbidden": (403, "The from address does not match a verified Sender Identity."),
        "too_large": (413, "The request is over 30 MB"),
        "error": (behaviour.get("status", 500), behaviour.get("message", "Internal Server Error")),
        "accept_then_error": (behaviour.get("status", 500), "Internal Server Error"),
    }
    return Refusal(*known[what], behaviour.get("field"))


def end_with_parent(parent: int) -> None:
    """Leave no process behind: end when the pipe on standard input closes, or else when the parent dies."""
    if stat.S_ISFIFO(os.fstat(0).st_mode):
        threading.Thread(target=_end_when_input_closes, daemon=True).start()
    elif sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PARENT_DEATH, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            sys.exit(0)


def _end_when_input_closes() -> None:
    while os.read(0, 4096):
        pass
    os._exit(0)


class Server(ThreadingHTTPServer):
    """Threads that die with the process, and room for a burst of connections."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that gives up while the stand-in hangs is the point of hanging."""


def main(arguments: Sequence[str] | None = None) -> None:
    parent = os.getppid()
    parser = argparse.ArgumentParser(description="a stand-in for SendGrid's v3 API")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--key", default="TEST")
    parser.add_argument("--journal", type=Path, required=True)
    parser.add_argument("--behaviour", default="[]", help="JSON: one behaviour or a list")
    chosen = parser.parse_args(arguments)
    end_with_parent(parent)
    behaviours = json.loads(chosen.behaviour)
    with chosen.journal.open("a", encoding="utf-8") as journal:
        Handler.book = Book(journal, behaviours if isinstance(behaviours, list) else [behaviours])
        Handler.key = chosen.key
        with Server(("127.0.0.1", chosen.port), Handler) as server:
            sys.stdout.write(f"{server.server_address[1]}\n")
            sys.stdout.flush()
            server.serve_forever()


if __name__ == "__main__":
    main()
