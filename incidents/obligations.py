"""What is owed in one case, to whom, from which clock: facts and a verdict held against the regimes in force.

Knows thresholds, recipients and where a due time comes from (law, contract, internal target); refuses to know how
a risk is judged and what was done about it. The regimes given here are those in force at the awareness time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final, Protocol

from incidents.deadlines import DueKind, Terms, in_words
from incidents.facts import Facts
from incidents.periods import Period, PeriodKind
from incidents.regimes import AFTER, Counting, Duty, Ladder, Regime, Start, Threshold, To

_HOUR: Final = timedelta(hours=1)


class RecipientKind(StrEnum):
    """What kind of recipient something is owed to."""

    AUTHORITY = "authority"
    PEOPLE = "people"
    MERCHANT = "merchant"


@dataclass(frozen=True, kw_only=True)
class Recipient:
    """To whom something is owed; the affected people are one recipient here, however many they are."""

    kind: RecipientKind
    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Merchant:
    """A controller on whose behalf data are processed, with the hours its contract gives, if any."""

    id: str
    name: str
    contract_hours: int | None


@dataclass(frozen=True, kw_only=True)
class Owed:
    """One thing owed to one recipient, with the terms it is owed under."""

    duty_key: str
    """``eu-gdpr/authority-initial/DE-BE``: unique within one incident."""
    recipient: Recipient
    terms: Terms
    start: Start


@dataclass(frozen=True, kw_only=True)
class Targets:
    """Our own targets where the law says "without undue delay" and no figure; whole hours.

    Raises:
        ValueError: a target that is not a whole number of hours above zero.

    """

    people: timedelta
    follow_up: timedelta
    controller: timedelta
    authority: timedelta = 24 * _HOUR
    """For a first notification to an authority that the law wants "as soon as possible" (not so in the GDPR)."""

    def __post_init__(self) -> None:
        for name in ("people", "follow_up", "controller", "authority"):
            target: timedelta = getattr(self, name)
            if target < _HOUR or target % _HOUR:
                message = f"the internal target `{name}` must be whole hours above zero, not {target}"
                raise ValueError(message)


class Verdict(Protocol):
    """What obligations ask of a judgement: both answers are about our own duties as controller."""

    @property
    def notify_authority(self) -> bool:
        """Whether the authority must be told (Art. 33(1) GDPR)."""

    @property
    def notify_people(self) -> bool:
        """Whether the risk is high, before exceptions (Art. 34(1) GDPR)."""


AFFECTED_PEOPLE: Final = Recipient(kind=RecipientKind.PEOPLE, id="affected-people", name="The affected people")
UNLISTED_MERCHANTS: Final = Recipient(
    kind=RecipientKind.MERCHANT, id="unlisted-merchants", name="Merchants not yet listed"
)


def owed_from_awareness(regimes: Iterable[Regime], authority: Recipient, targets: Targets) -> tuple[Owed, ...]:
    """What is owed from awareness on, before anything is assessed: the duties that only an unlikely risk lifts."""
    return tuple(
        _owed(regime, duty, authority, targets)
        for regime, duty in _duties(regimes)
        if duty.start is not Start.INITIAL_SUBMITTED and duty.threshold is Threshold.UNLESS_UNLIKELY
    )


def owed_from_facts(
    facts: Facts,
    judgement: Verdict,
    regimes: Iterable[Regime],
    authority: Recipient,
    merchants: Sequence[Merchant],
    targets: Targets,
) -> tuple[Owed, ...]:
    """All that these facts and this verdict make owed, except what a first filing starts.

    The people are owed a communication whenever the risk is high: an exception of Art. 34(3) GDPR lifts the duty
    by a named person's decision, not by itself.
    """
    return tuple(
        owed
        for regime, duty in _duties(regimes)
        if duty.start is not Start.INITIAL_SUBMITTED and _is_triggered(duty, facts, judgement)
        for owed in _to_all(regime, duty, authority, merchants, targets)
    )


def owed_after_initial_filing(regimes: Iterable[Regime], authority: Recipient, targets: Targets) -> tuple[Owed, ...]:
    """What the first filing starts: information that was not there yet, without undue further delay (Art. 33(4))."""
    return tuple(
        _owed(regime, duty, authority, targets)
        for regime, duty in _duties(regimes)
        if duty.start is Start.INITIAL_SUBMITTED and duty.to is To.AUTHORITY
    )


def terms_for(regime: Regime, duty: Duty, targets: Targets, contract_hours: int | None = None) -> Terms:
    """Settle which period counts and say why: the law's own, else the shorter of contract and internal target."""
    kind, period, rule = _settled(duty, targets, contract_hours)
    return Terms(
        regime=regime.id,
        duty=duty.id,
        title=duty.title,
        period=period,
        due_kind=kind,
        ladder=_fitting(duty.ladder, period),
        citation=duty.citation,
        late_needs_reasons=duty.late_needs_reasons,
        rule=rule,
        counting=duty.counting if kind is DueKind.STATUTORY else Counting.ELAPSED_HOURS,
        unverified=regime.unverified,
    )


def _settled(duty: Duty, targets: Targets, contract_hours: int | None) -> tuple[DueKind, Period, str]:
    """Choose the period: law, contract or target; with the words that say which and why."""
    event = AFTER[duty.start]
    if duty.period.kind is not PeriodKind.NONE:
        soft = f"{duty.soft}, not later than " if duty.soft else ""
        cap = f", and not later than {duty.cap.period} {AFTER[duty.cap.start]}" if duty.cap else ""
        return DueKind.STATUTORY, duty.period, f"{soft}{duty.period} {event}{cap}"
    target = _target(duty, targets)
    contract = None if contract_hours is None or duty.to is not To.CONTROLLER else contract_hours * _HOUR
    no_figure = f"no fixed deadline in law ({duty.soft}):"
    if contract is None:
        return DueKind.INTERNAL, _hours(target), f"{no_figure} internal target {in_words(target)} {event}"
    both = f"contract {in_words(contract)}, internal target {in_words(target)}; the shorter counts, {event}"
    kind = DueKind.CONTRACTUAL if contract <= target else DueKind.INTERNAL
    return kind, _hours(min(contract, target)), f"{no_figure} {both}"


def _target(duty: Duty, targets: Targets) -> timedelta:
    """Our own target: the people's also for others who are told of it, the authority's by whether it knows already."""
    if duty.to is To.CONTROLLER:
        return targets.controller
    if duty.to is not To.AUTHORITY:
        return targets.people
    knows = duty.threshold in {Threshold.INFORMATION_OUTSTANDING, Threshold.ON_REQUEST}
    return targets.follow_up if knows else targets.authority


def _hours(length: timedelta) -> Period:
    return Period(kind=PeriodKind.HOURS, value=length // _HOUR)


def _fitting(ladder: Ladder, period: Period) -> Ladder:
    """Leave out what lies before the start: a clock of 24 hours never has "48 h left", nor is it due soon at once.

    Its warning then begins with the first rung that is left, or half way where there is none.
    """
    if period.kind is not PeriodKind.HOURS or period.value is None:
        return ladder
    whole = period.value * _HOUR
    before = tuple(step for step in ladder.before if step < whole)
    warn = ladder.warn_before if ladder.warn_before < whole else max(before, default=whole / 2)
    return replace(ladder, before=before, warn_before=warn)


_LATER: Final = frozenset(
    {Threshold.INFORMATION_OUTSTANDING, Threshold.ON_REQUEST, Threshold.RANSOM_PAYMENT},
)
"""What no facts of a breach trigger: a filing, a question or a payment does."""


def _is_triggered(duty: Duty, facts: Facts, judgement: Verdict) -> bool:
    """Whether these facts pass the duty's threshold; a test that facts cannot answer counts as passed."""
    if duty.threshold in _LATER:
        return False
    if duty.threshold in {Threshold.UNLESS_UNLIKELY, Threshold.RISK}:
        return judgement.notify_authority
    if duty.threshold is Threshold.HIGH_RISK:
        return judgement.notify_people
    return bool(facts.as_processor if duty.to is To.CONTROLLER else facts.as_controller)


def _duties(regimes: Iterable[Regime]) -> Iterator[tuple[Regime, Duty]]:
    return ((regime, duty) for regime in regimes for duty in regime.duties)


def _to_all(
    regime: Regime, duty: Duty, authority: Recipient, merchants: Sequence[Merchant], targets: Targets
) -> Iterator[Owed]:
    """One obligation for each recipient of this duty."""
    if duty.to is To.AUTHORITY:
        yield _owed(regime, duty, authority, targets)
    elif duty.to is To.PEOPLE:
        yield _owed(regime, duty, AFFECTED_PEOPLE, targets)
    elif not merchants:
        yield _owed(regime, duty, UNLISTED_MERCHANTS, targets)
    for merchant in merchants if duty.to is To.CONTROLLER else ():
        to = Recipient(kind=RecipientKind.MERCHANT, id=merchant.id, name=merchant.name)
        yield _owed(regime, duty, to, targets, merchant.contract_hours)


def _owed(
    regime: Regime, duty: Duty, recipient: Recipient, targets: Targets, contract_hours: int | None = None
) -> Owed:
    return Owed(
        duty_key=f"{regime.id}/{duty.id}/{recipient.id}",
        recipient=recipient,
        terms=terms_for(regime, duty, targets, contract_hours),
        start=duty.start,
    )
