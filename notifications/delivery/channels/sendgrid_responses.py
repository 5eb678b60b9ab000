"""What SendGrid's answers mean: status, headers and body in, Accepted or a named failure out.

Whatever SendGrid quotes back, no address and no key gets into the failure's text.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Final

from notifications.delivery.channel import (
    Accepted,
    AmbiguousFailure,
    FailureCause,
    Letter,
    PermanentFailure,
    SendError,
    TemporaryFailure,
)
from notifications.redaction import Secret, remove_addresses

# `errors[].field` of SendGrid, such as ``personalizations.17.to.0.email``: the number is the letter's place in the
# request.
_RECIPIENT_FIELD: Final = re.compile(r"personalizations\.(\d+)\.")
_OUR_FIELDS: Final = ("from", "reply_to", "mail_settings", "tracking_settings")
# Nothing of the letters is at fault here: whatever is sent with these settings gets the same answer.
_REFUSED_SETUP: Final = {
    HTTPStatus.UNAUTHORIZED: "SendGrid refused the key; set SENDGRID_API_KEY to a valid key with the scope mail.send",
    HTTPStatus.FORBIDDEN: (
        "SendGrid refused the key or the sender; set SENDGRID_API_KEY to a key with the scope mail.send"
        " and verify the sender address at SendGrid"
    ),
    HTTPStatus.NOT_FOUND: "there is no SendGrid at this host; correct the host in the settings",
    HTTPStatus.METHOD_NOT_ALLOWED: "there is no SendGrid at this host; correct the host in the settings",
    HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS: "SendGrid refused the region; set the host of the region of the account",
}
_LATER: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_SHORTEST_PAUSE: Final = timedelta(seconds=1)  # a reset already past must not turn into a tight loop
_LONGEST_PAUSE: Final = timedelta(hours=1)  # a nonsense header must not hold a legal deadline for a year
_QUOTE_LIMIT: Final = 300
_EPOCH_FROM: Final = 1_000_000_000  # a reset header below this is a number of seconds, not a moment


@dataclass(frozen=True, kw_only=True, slots=True)
class ProviderResponse:
    """One HTTP answer, whole; the body stays out of the repr because SendGrid may quote an address in it."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def read_answer(answer: ProviderResponse, letters: Sequence[Letter], key: Secret) -> Accepted:
    """Say what became of the request; raise the failure the answer stands for."""
    if answer.status == HTTPStatus.ACCEPTED:
        return Accepted(provider_id=answer.headers.get("X-Message-Id", ""))
    raise failure(answer, letters, key)


def failure(answer: ProviderResponse, letters: Sequence[Letter], key: Secret) -> SendError:
    """Name the failure of any answer but 202."""
    status, quoted = answer.status, _quote(answer, key)
    if status in _REFUSED_SETUP:
        return PermanentFailure(f"{_REFUSED_SETUP[HTTPStatus(status)]}{quoted}", whose="configuration", refused=True)
    # 200 instead of 202 comes from a proxy's login page or a captive portal: urllib follows their redirect by itself.
    if status < HTTPStatus.BAD_REQUEST:
        message = f"the answer ({status}) is none of SendGrid's; check the host and any proxy in between"
        return PermanentFailure(message, whose="configuration")
    # Every 5xx: SendGrid had the whole request, and one that fails afterwards may have taken the letters before.
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return AmbiguousFailure(f"SendGrid failed ({status}); the request may have been accepted before{quoted}")
    if status in _LATER:
        message = f"SendGrid cannot take the request now ({status}); the same request may succeed later{quoted}"
        # 429 is about our account and not about this request: nothing else is asked before the time that it names.
        limited = status == HTTPStatus.TOO_MANY_REQUESTS
        return TemporaryFailure(message, retry_after=pause_asked(answer.headers), pauses=limited)
    return _refused(answer, letters, quoted)


def pause_asked(headers: Mapping[str, str]) -> timedelta | None:
    """Read how long to wait from X-RateLimit-Reset or Retry-After; None when the answer does not say.

    Never under a second nor over an hour. Moments are measured from the answer's own Date header, so that a wrong
    clock on this machine changes nothing.
    """
    sent = _moment(headers.get("Date"))
    # SendGrid's own header first: it says when its limit ends, and Retry-After may come from anybody in between.
    for name in ("X-RateLimit-Reset", "Retry-After"):
        value = (headers.get(name) or "").strip()
        # Retry-After is seconds or a date (RFC 9110), X-RateLimit-Reset a moment in seconds since 1970 (SendGrid), so
        # the size of a number decides what it is.
        if value.isascii() and value.isdigit() and len(value) < len(str(_EPOCH_FROM)):
            return min(max(timedelta(seconds=int(value)), _SHORTEST_PAUSE), _LONGEST_PAUSE)
        until = _moment(value)
        if until is not None and sent is not None:
            return min(max(until - sent, _SHORTEST_PAUSE), _LONGEST_PAUSE)
    return None


def _moment(value: str | None) -> datetime | None:
    """Read an HTTP date or a number of seconds since 1970; None for anything else."""
    try:
        if value and value.isascii() and value.isdigit():
            return datetime.fromtimestamp(int(value), UTC)
        moment = parsedate_to_datetime(value or "")
    # A header that is no time says nothing; the wait is then ours (RetryPolicy).
    except (ValueError, OverflowError, OSError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _refused(answer: ProviderResponse, letters: Sequence[Letter], quoted: str) -> PermanentFailure:
    if answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        message = "SendGrid found the request too large (413); send fewer letters at once or a shorter text"
        return PermanentFailure(message)
    fields = [name for name, _ in _complaints(answer.body)]
    whose, at_fault = _blame(fields, letters)
    return PermanentFailure(f"SendGrid refused the request ({answer.status}){quoted}", whose=whose, keys=at_fault)


def _blame(fields: Sequence[str], letters: Sequence[Letter]) -> tuple[FailureCause, list[str]]:
    """Tell whose fault a refusal is from the fields SendGrid complains about, and which letters they are."""
    numbers = {int(match[1]) for name in fields if (match := _RECIPIENT_FIELD.match(name))}
    at_fault = [letters[number].key for number in sorted(numbers) if number < len(letters)]
    # All of them: with one complaint about the text beside it, giving up the address would be the wrong cure.
    if fields and all(_RECIPIENT_FIELD.match(name) for name in fields):
        return "recipient", at_fault
    if any(name.split(".")[0] in _OUR_FIELDS for name in fields):
        return "configuration", []
    return "message", at_fault


def _complaints(body: bytes) -> list[tuple[str, str]]:
    """Read ``errors[].field`` and ``errors[].message``; an empty list when the body is none of SendGrid's."""
    try:
        errors = json.loads(body)["errors"]
        return [(str(error.get("field") or ""), str(error.get("message") or "")) for error in errors]
    # A body that is no JSON, or JSON of another shape, is a proxy's page: its status alone says what to do.
    except (ValueError, KeyError, TypeError, AttributeError):
        return []


def _quote(answer: ProviderResponse, key: Secret) -> str:
    """Quote SendGrid's own words without addresses, key or line breaks, and never at length."""
    complaints = "; ".join(f"{name}: {message}" if name else message for name, message in _complaints(answer.body))
    harmless = remove_addresses(key.remove_from(" ".join(complaints.split())))
    return f": {harmless[:_QUOTE_LIMIT]}" if harmless else ""
