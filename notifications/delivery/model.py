"""The values of a delivery: the channels that are set up, how long things may take, and what a round of sending did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Final

from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Draft, Message
from notifications.delivery.address_book import Address
from notifications.delivery.channel import PageAction, Pager, PermanentFailure, Sender

# The kinds part what may be sent twice (our own people's alerts) from what may not (letters under Art. 33(2) and 34).
# What ends an alert at a pager that keeps it open travels with them.
ENDS: Final[Mapping[str, PageAction]] = MappingProxyType({"acknowledged": "acknowledge", "ended": "resolve"})
ALERTS = frozenset({"page", "reminder", "overdue", "escalation", *ENDS})
LETTERS = frozenset({"people", "controllers"})
MAIL = "mail"

# A lease must outlast the slowest call of a channel: SendGrid's timeout is 20 s for each wait on the network. One that
# ends earlier makes a letter uncertain that is just being sent.
LEASE = timedelta(minutes=2)
# A quarter of an hour at most: so long after a provider's outage everything is on its way again.
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=15), timedelta(minutes=15)
# Twice the hour to which sendgrid_responses.py bounds a provider's wish, so that an honest wait never looks like one
# that a wrong clock wrote.
LONGEST_ASKED = timedelta(hours=2)
SETTINGS_WAIT = timedelta(minutes=1)
"""How long a message waits after our own settings were at fault (a wrong key): nothing is burned by them."""


@dataclass(frozen=True, kw_only=True)
class Channels:
    """The channels that are set up: one for mail, and pagers by name."""

    mail: Sender
    pagers: dict[str, Pager]
    mail_repeats_safely: bool = False
    """True where sending the same letter twice leaves one (the outbox folder)."""

    def keeps_open(self, name: str) -> bool:
        """Whether a channel keeps an alert open until it is told that it was acknowledged, or has ended."""
        return getattr(self.pagers.get(name), "keeps_open", False)


@dataclass(frozen=True, kw_only=True)
class RetryPolicy:
    """How long things may take, on the incident's clock; an exercise's fast clock stretches all of them."""

    lease: timedelta = LEASE
    first_wait: timedelta = FIRST_WAIT
    longest_wait: timedelta = LONGEST_WAIT
    settings_wait: timedelta = SETTINGS_WAIT

    def scaled(self, speed: float) -> RetryPolicy:
        """The same policy in real time when the clock runs *speed* times as fast."""
        return RetryPolicy(
            lease=self.lease * speed,
            first_wait=self.first_wait * speed,
            longest_wait=self.longest_wait * speed,
            settings_wait=self.settings_wait * speed,
        )

    @property
    def longest(self) -> timedelta:
        """Longer than any wait that is ever set: a provider may ask for up to an hour."""
        return max(self.longest_wait, self.settings_wait, LONGEST_ASKED)

    def wait_after(self, attempts: int) -> timedelta:
        """Twice as long after each attempt, up to the longest wait."""
        # The bound keeps the product a timedelta: after days of failing, 2 ** attempts would overflow it.
        doublings: int = 2 ** min(attempts - 1, 16)
        return min(self.first_wait * doublings, self.longest_wait)


@dataclass(frozen=True, kw_only=True)
class DeliveryResult:
    """What one round of deliveries did."""

    accepted: int = 0
    waiting: int = 0
    rejected: int = 0
    uncertain: int = 0
    problems: tuple[str, ...] = ()

    def plus(self, other: DeliveryResult) -> DeliveryResult:
        """Add two rounds."""
        return DeliveryResult(
            accepted=self.accepted + other.accepted,
            waiting=self.waiting + other.waiting,
            rejected=self.rejected + other.rejected,
            uncertain=self.uncertain + other.uncertain,
            # The same fault in 500 batches is one line for whoever reads the result.
            problems=tuple(dict.fromkeys((*self.problems, *other.problems))),
        )

    @property
    def handled(self) -> int:
        """How many messages were touched."""
        return self.accepted + self.waiting + self.rejected + self.uncertain


@dataclass(frozen=True, kw_only=True)
class LeasedMessage:
    """Messages of one incident that share their words, leased for one call of a channel."""

    incident: Incident
    draft: Draft | None
    messages: tuple[Message, ...]
    thread: str | None = None
    """Under which name a pager keeps open what this alert tells of."""
    failure: PermanentFailure | None = None
    """Why the batch cannot be sent at all, where our own settings are at fault (another master key)."""
    addresses: dict[str, Address] = field(repr=False)


def ways_to(channels: Iterable[str]) -> tuple[str, ...]:
    """Give how somebody on call is told: by each channel of theirs, and by mail, for one way alone may fail."""
    # `dict.fromkeys` and not `set`: the order that the person chose stays, and mail named among them comes once.
    return tuple(dict.fromkeys((*channels, MAIL)))
