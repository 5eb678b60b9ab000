"""Law as frozen values: a regime, the duties it sets, their periods, thresholds, contents and citations."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from typing import Final

from incidents.facts.choices import BreachType
from incidents.kernel.errors import NotFoundError
from incidents.law.ladder_choice import LadderSource
from incidents.law.periods import Counting, Period
from incidents.law.reminder_ladder import ReminderSchedule


class DutyHolder(StrEnum):
    """Who owes a duty (Art. 4(7), 4(8) GDPR); an *entity* owes it whatever its role in handling data."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    BOTH = "both"
    ENTITY = "entity"


class DutyRecipient(StrEnum):
    """To whom a duty is owed."""

    AUTHORITY = "authority"
    PEOPLE = "people"
    CONTROLLER = "controller"
    MEDIA = "media"
    CLIENTS = "clients"
    CREDIT_AGENCIES = "credit_agencies"
    PUBLIC = "public"


class Start(StrEnum):
    """The event that starts a duty's clock."""

    SUSPECTED = "suspected"
    OCCURRED = "occurred"
    DETECTED = "detected"
    AWARE = "aware"
    DETERMINED = "determined"
    ASSESSED = "assessed"
    CLASSIFIED = "classified"
    MATERIALITY_DETERMINED = "materiality_determined"
    PAYMENT = "payment"
    INITIAL_SUBMITTED = "initial_submitted"
    INTERMEDIATE_SUBMITTED = "intermediate_submitted"
    AUTHORITY_NOTIFIED = "authority_notified"
    INDIVIDUALS_NOTIFIED = "individuals_notified"
    SUBJECTS_IDENTIFIED = "subjects_identified"
    STATEMENT_PREPARED = "statement_prepared"
    CORRECTIVE_MEASURE_AVAILABLE = "corrective_measure_available"
    INCIDENT_HANDLED = "incident_handled"
    ASKED = "asked"
    """The authority asked something (Arts. 31, 58(1) GDPR)."""
    END_OF_CALENDAR_YEAR_OF_DISCOVERY = "end_of_calendar_year_of_discovery"
    """The end of the year in which it was discovered (45 CFR 164.408(c)); computed from *detected*, never stated."""


# Written out, for a word of a law file may say less than the law: *assessed* is "assessed as notifiable".
AFTER: Final[Mapping[Start, str]] = {
    Start.SUSPECTED: "after reasonable grounds to suspect",
    Start.OCCURRED: "after it occurred",
    Start.DETECTED: "after detection",
    Start.AWARE: "after awareness",
    Start.DETERMINED: "after it was determined",
    Start.ASSESSED: "after it was assessed as notifiable",
    Start.CLASSIFIED: "after classification",
    Start.MATERIALITY_DETERMINED: "after it was determined to be material",
    Start.PAYMENT: "after the payment",
    Start.INITIAL_SUBMITTED: "after the initial filing",
    Start.INTERMEDIATE_SUBMITTED: "after the intermediate filing",
    Start.AUTHORITY_NOTIFIED: "after the authority was notified",
    Start.INDIVIDUALS_NOTIFIED: "after the affected people were notified",
    Start.SUBJECTS_IDENTIFIED: "after the affected people were identified",
    Start.STATEMENT_PREPARED: "after the statement to the authority was completed",
    Start.CORRECTIVE_MEASURE_AVAILABLE: "after a corrective measure is available",
    Start.INCIDENT_HANDLED: "after the incident was handled",
    Start.ASKED: "after the authority asked",
    Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY: "after the end of the calendar year of discovery",
}
"""Each event as the end of a sentence: ``72 hours`` *after awareness*."""


class Threshold(StrEnum):
    """From when on a breach triggers a duty; the law's own test is in the duty's ``trigger``."""

    UNLESS_UNLIKELY = "unless_unlikely"
    """Unless unlikely to result in a risk (Art. 33(1) GDPR)."""
    RISK = "risk"
    """When likely to result in a risk."""
    HIGH_RISK = "high_risk"
    """When likely to result in a high risk (Art. 34(1) GDPR)."""
    SERIOUS_HARM = "serious_harm"
    """When serious or significant harm, injury or damage is likely, in the words of each law."""
    ADVERSE_EFFECT = "adverse_effect"
    """When people are likely to be adversely affected (Art. 3 Reg. (EU) 611/2013)."""
    ANY_BREACH = "any_breach"
    """Every personal data breach, without weighing a risk (Art. 33(2) GDPR)."""
    LISTED_CONDITIONS = "listed_conditions"
    """When one of the conditions is met that the law lists: kinds of data, of harm, of attack."""
    SIGNIFICANT_INCIDENT = "significant_incident"
    """When the incident is significant, major, severe or material by the regime's own test (Art. 23(3) NIS2)."""
    RANSOM_PAYMENT = "ransom_payment"
    """When an extortion payment was made."""
    ON_REQUEST = "on_request"
    """When the authority asks."""
    DISPROPORTIONATE_EFFORT = "disproportionate_effort"
    """When a person decided that writing to everybody would take too much (Art. 34(3)(c) GDPR)."""
    INFORMATION_OUTSTANDING = "information_outstanding"
    """As long as information was not provided with the first filing (Art. 33(4) GDPR)."""


class Status(StrEnum):
    """Whether a regime binds at all; a proposal is data to look at, never a duty."""

    IN_FORCE = "in_force"
    PROPOSED = "proposed"
    """Switched off, whatever its dates: turned on by this word in its file, once the law is adopted."""
    NOT_YET_APPLICABLE = "not_yet_applicable"
    """Adopted; binds from ``valid_from`` on."""
    CHECK = "check"
    """Not known whether it is in force: switched off until somebody has checked."""


class UrlOf(StrEnum):
    """What an address leads to."""

    TEXT = "text"
    """The official text of the law."""
    PUBLISHER = "publisher"
    """The site of the law's publisher or of the authority: the text must be looked up there."""


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
class Cap:
    """A second limit that ends a period earlier: 4 h from classification, but at most 24 h from awareness.

    It binds only where the clock starts within it; a clock that starts later has its whole period
    (Art. 5(1)(a), 5(2) Delegated Regulation (EU) 2025/301).
    """

    start: Start
    period: Period
    """In hours."""
    citation: str
    """Where the law says so."""


@dataclass(frozen=True, kw_only=True)
class Variant:
    """Another period for one kind of entity."""

    entity: str
    period: Period


@dataclass(frozen=True, kw_only=True)
class Duty:
    """One clock that a law sets: who owes what to whom, from which event on, until when."""

    id: str
    title: str
    who: DutyHolder
    to: DutyRecipient
    start: Start
    threshold: Threshold
    period: Period
    soft: str | None
    """The law's own words beside or instead of a figure: ``without undue delay``."""
    ladder: ReminderSchedule
    ladder_source: LadderSource = LadderSource.DEFAULT
    citation: Citation
    late_needs_reasons: bool
    content: tuple[ContentElement, ...]
    counting: Counting = Counting.NONE
    cap: Cap | None = None
    variants: tuple[Variant, ...] = ()
    never_moved_for: tuple[str, ...] = ()
    """Kinds of entity whose limit stays on a weekend or holiday (Art. 5(5) Delegated Regulation (EU) 2025/301)."""
    start_detail: str | None = None
    """The law's own words for the event, where they are narrower: ``reasonable grounds to believe``."""
    trigger: str | None = None
    """The law's own test, in short words."""
    threshold_min: int | None = None
    """Number of people from which on it is owed: "more than 500" is 501."""
    threshold_max: int | None = None
    """Number of people up to which it is owed: "fewer than 500" is 499."""
    threshold_min_suffices: bool = False
    """The number alone triggers the duty, beside other conditions; otherwise it is needed for it."""
    breach_types: tuple[BreachType, ...] = ()
    """Only breaches of these types; empty: of every type."""
    notes: tuple[str, ...] = ()
    """What else the law adds: reasons when late, phases, permitted delay."""
    valid_from: date | None = None
    """The first day on which it applies, where it is younger than its law."""

    def applies_on(self, day: date) -> bool:
        """Whether it binds on *day* if its law does."""
        # No last day of its own: a duty that ends is a change of its law, and that is a file with a new `valid_from`.
        return self.valid_from is None or self.valid_from <= day

    def for_entity(self, entity: str | None) -> Duty:
        """Give the duty as it binds this kind of entity; unchanged where the law makes no difference or none is told.

        The period becomes that of its variant; a limit that is never moved for it ends where it ends.
        """
        period = next((variant.period for variant in self.variants if variant.entity == entity), self.period)
        # "Never moved" is counted as elapsed hours: that is the one rule under which nothing moves an end.
        stays = entity is not None and entity in self.never_moved_for
        return replace(self, period=period, counting=Counting.ELAPSED_HOURS if stays else self.counting)

    def for_strictest(self, kinds: Collection[str]) -> Duty:
        """Give the duty as it binds the strictest of these kinds of entity: the shortest period, moved for none."""
        # We may be of several kinds at once (a bank that is a trust service, too): the earliest end serves them all.
        variants = [self.for_entity(kind) for kind in kinds] or [self]
        shortest = min((variant.period for variant in variants), key=lambda period: period.about_in_hours)
        stays = any(variant.counting is Counting.ELAPSED_HOURS for variant in variants)
        return replace(self, period=shortest, counting=Counting.ELAPSED_HOURS if stays else self.counting)


class UnknownDuty(NotFoundError):
    """This regime has no such duty; the message lists those it has."""


@dataclass(frozen=True, kw_only=True)
class TerritorialScope:
    """Whom a law reaches. A place is a country, a country and its part (``US-CA``), or ``EU`` or ``EEA``."""

    established: tuple[str, ...] = ()
    """Who is established there falls under it."""
    residents: tuple[str, ...] = ()
    """Who holds data of people living there falls under it."""
    sectors: tuple[str, ...] = ()
    """Only organisations of these sectors; empty: of every sector."""


@dataclass(frozen=True, kw_only=True)
class Regime:
    """A law with the days between which it applies, and how sure we are of our reading."""

    id: str
    name: str
    jurisdiction: str
    valid_from: date | None
    """The first day on which it applies; ``None`` while none is set, as for a proposal."""
    valid_to: date | None
    """The last day on which it applies; ``None`` while no end is known."""
    status: Status
    certainty: str
    verified_on: date | None
    """The day on which our reading was last compared with a source; ``None`` where it still has to be."""
    url: str
    duties: tuple[Duty, ...]
    url_of: UrlOf = UrlOf.TEXT
    unverified: bool = False
    """Points of our reading must still be compared with the law before anybody relies on it."""
    verify: tuple[str, ...] = ()
    """Those points."""
    authority: str | None = None
    place: str | None = None
    """Whose public holidays count; ``None``: those of the authority we notify."""
    zone: str | None = None
    """Where its days end at midnight (IANA name); ``None``: in the organisation's zone."""
    entities: tuple[str, ...] = ()
    """The kinds of entity the law tells apart."""
    applies: TerritorialScope = TerritorialScope()
    one_stop_shop: bool = False
    """The authority of the main establishment is the only one (Art. 56 GDPR); otherwise the law has its own."""
    supersedes: tuple[str, ...] = ()
    """Duties of other laws that this one takes the place of while it is in force: ``eu-gdpr/authority-initial``."""
    notes: tuple[str, ...] = ()

    def duty(self, duty_id: str) -> Duty:
        """Give the duty called *duty_id*.

        Raises:
            UnknownDuty: there is none.

        """
        for duty in self.duties:
            # Ids are lower case in every file; people type what they read in a heading.
            if duty.id == duty_id.lower():
                return duty
        ids = [duty.id for duty in self.duties]
        # The nearest one only: a list of guesses would be longer than the list of duties that follows.
        near = get_close_matches(duty_id.lower(), ids, n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        message = f"`{self.id}` has no duty `{duty_id}`{meant}: it has {', '.join(ids)}"
        raise UnknownDuty(message)

    def kinds_among(self, ours: Collection[str]) -> tuple[str, ...]:
        """Those of our kinds of entity that this law tells apart; none: it is not known what we are for it."""
        return tuple(entity for entity in self.entities if entity in ours)

    def bound(self, duty: Duty, ours: Collection[str]) -> Duty:
        """Give a duty as it binds us: as the strictest of our kinds; by its general rule where none of them is ours."""
        return duty.for_strictest(self.kinds_among(ours))

    def applies_on(self, day: date) -> bool:
        """Whether it binds on *day*: never while it is only proposed or its status must be checked."""
        # By the words of the file and not by its dates: a proposal carries the dates that it would have.
        adopted = self.status in {Status.IN_FORCE, Status.NOT_YET_APPLICABLE}
        begun = self.valid_from is not None and self.valid_from <= day
        # Inclusive: `valid_to` is the last day of the law, not the day on which the next one takes over.
        ended = self.valid_to is not None and day > self.valid_to
        return adopted and begun and not ended
