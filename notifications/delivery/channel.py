"""What a delivery channel promises: one call, one answer, and a named error for each way of failing.

Who gets which letter is decided elsewhere; a channel has no database and no clock.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, Protocol

from incidents.kernel.errors import FailedError

FailureCause = Literal["recipient", "configuration", "message"]
"""Whose fault a permanent failure is: one address, our settings, or the text itself."""

Urgency = Literal["low", "normal", "high"]

PageAction = Literal["trigger", "acknowledge", "resolve"]
"""What a page says: that something rings, that a person has seen it, that it has ended."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Letter:
    """One message to one person. The address and the words are kept out of every repr.

    `key` is the opaque message id that travels with the letter and comes back in delivery events;
    it is the only thing about a letter that may be logged.
    """

    key: str
    to: str = field(repr=False)
    to_name: str | None = field(default=None, repr=False)
    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str | None = field(default=None, repr=False)
    language: str
    kind: str
    exercise: bool
    reply_to: str | None = field(default=None, repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class PageMessage:
    """A short alert to our own people: codename, reference, due time, link; nothing personal."""

    key: str
    title: str
    body: str
    urgency: Urgency = "high"
    thread: str | None = None
    """Under which name a service that keeps alerts open knows this one; the same name again updates it."""
    action: PageAction = "trigger"


@dataclass(frozen=True, kw_only=True, slots=True)
class Accepted:
    """The provider took the message into its care. Accepted is not delivered."""

    provider_id: str


class SendError(FailedError):
    """A message was not accepted, or nobody can say whether it was; catch one of the three below."""


class TemporaryFailure(SendError):
    """Nothing was sent, and the same request may succeed later; `retry_after` is what the provider asked for.

    `pauses` says that the provider means everything we send and not this request: the channel is left alone until then,
    and the letters of the request have lost no attempt.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None, pauses: bool = False) -> None:
        """Keep the sentence, the wait the provider asked for, if it did, and whether it means the whole channel."""
        super().__init__(message)
        self.retry_after = retry_after
        self.pauses = pauses


class NotHandedOver(TemporaryFailure):
    """The channel was not asked at all: it is paused, or a person stopped the letters of the case meanwhile."""


class PermanentFailure(SendError):
    """Nothing was sent, and repeating the same request is useless.

    `whose` tells the outbox what to give up: "recipient" burns one address, "message" stops the text,
    "configuration" burns nothing: hold the queue until a person has mended the settings; with `refused` the provider
    itself refuses our key or settings, so that every other request would fare the same.
    `keys` names the letters at fault where they are known; where it is empty, halve the batch to find them.
    """

    def __init__(
        self, message: str, *, whose: FailureCause = "message", keys: Iterable[str] = (), refused: bool = False
    ) -> None:
        """Keep the sentence, whose fault it is, and the keys of the letters at fault."""
        super().__init__(message)
        self.whose: FailureCause = whose
        self.keys = tuple(keys)
        self.refused = refused


class AmbiguousFailure(SendError):
    """The request left and the answer never came: it may have been sent.

    Settle it by delivery events or by a recorded decision to resend; never take it for unsent.
    """


class Sender(Protocol):
    """A channel for letters; a call carries up to `batch_limit` with the same words, each to its own person."""

    @property
    def name(self) -> str:
        """Name the channel for logs and records."""
        ...

    @property
    def batch_limit(self) -> int:
        """Say how many letters one call may carry."""
        ...

    def send(self, letters: Sequence[Letter]) -> Accepted:
        """Send letters that share subject, text and html; raise a SendError when they were not accepted."""
        ...


class Pager(Protocol):
    """A channel for alerts to our own people: chat, pager, SMS."""

    @property
    def name(self) -> str:
        """Name the channel for logs and records."""
        ...

    def page(self, page: PageMessage) -> Accepted:
        """Deliver one alert; raise a SendError when it was not accepted."""
        ...
