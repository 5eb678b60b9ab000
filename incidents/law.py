"""Law as frozen values: a regime, the duties it sets, their periods, thresholds, contents and citations.

Knows the vocabulary in which any breach notification law is written down; refuses to know any particular law
(config/regimes) and how its file is read (regimes.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from incidents.ladder import Ladder
from incidents.periods import Period


class Who(StrEnum):
    """Who owes a duty (Art. 4(7), 4(8) GDPR)."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"


class To(StrEnum):
    """To whom a duty is owed."""

    AUTHORITY = "authority"
    PEOPLE = "people"
    CONTROLLER = "controller"


class Start(StrEnum):
    """The event that starts a duty's clock."""

    AWARE = "aware"
    DETECTED = "detected"
    INITIAL_FILED = "initial_filed"


class Threshold(StrEnum):
    """From when on a breach triggers a duty."""

    UNLESS_UNLIKELY = "unless_unlikely"
    """Unless unlikely to result in a risk (Art. 33(1) GDPR)."""
    HIGH_RISK = "high_risk"
    """When likely to result in a high risk (Art. 34(1) GDPR)."""
    ANY_BREACH = "any_breach"
    """Every personal data breach, without weighing a risk (Art. 33(2) GDPR)."""
    INFORMATION_OUTSTANDING = "information_outstanding"
    """As long as information was not provided with the first filing (Art. 33(4) GDPR)."""


class Status(StrEnum):
    """Whether a regime binds at all; a proposal is data to look at, never a duty."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"


@dataclass(frozen=True, kw_only=True)
class Citation:
    """The place in the law: article, its operative words, and the official address to read it at."""

    article: str
    text: str
    url: str


@dataclass(frozen=True, kw_only=True)
class ContentElement:
    """One thing a notification, communication or notice must contain."""

    id: str
    article: str
    asks: str
    may_follow: bool
    """It may be "not yet known, will follow" (Art. 33(4) GDPR)."""
    only_if_late: bool = False
    """Required only where the filing is late (Art. 33(1), second sentence, GDPR)."""


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One clock that a law sets: who owes what to whom, from which event on, until when."""

    id: str
    title: str
    who: Who
    to: To
    start: Start
    threshold: Threshold
    period: Period
    soft: str | None
    """The law's own words beside or instead of a figure: ``without undue delay``."""
    ladder: Ladder
    citation: Citation
    late_needs_reasons: bool
    content: tuple[ContentElement, ...]


class UnknownDuty(LookupError):
    """This regime has no such duty; the message lists those it has."""


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A law with the days between which it applies, and how sure we are of our reading."""

    id: str
    name: str
    jurisdiction: str
    valid_from: date
    valid_to: date | None
    """The last day on which it applies; ``None`` while no end is known."""
    status: Status
    certainty: str
    verified_on: date
    url: str
    duties: tuple[Duty, ...]

    def duty(self, duty_id: str) -> Duty:
        """Give the duty called *duty_id*.

        Raises:
            UnknownDuty: there is none.

        """
        for duty in self.duties:
            if duty.id == duty_id:
                return duty
        message = f"`{self.id}` has no duty `{duty_id}`: it has {', '.join(each.id for each in self.duties)}"
        raise UnknownDuty(message)

    def applies_on(self, day: date) -> bool:
        """Whether it binds on *day*."""
        ended = self.valid_to is not None and day > self.valid_to
        return self.status is Status.IN_FORCE and self.valid_from <= day and not ended
