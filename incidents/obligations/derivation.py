"""What is owed in one case, to whom, from which clock: facts and a verdict held against the regimes in force.

The regimes given here are those in force at the awareness time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from incidents.deadlines.targets import Targets, terms_for
from incidents.deadlines.terms import Terms
from incidents.facts.choices import BreachType, Exfiltration, YesNoUnknown
from incidents.law.model import Duty, DutyHolder, DutyRecipient, Regime, Start, Threshold
from incidents.obligations.applicability import (
    applicable,
    binds_where_established,
    lies_partly_within,
    reaches_threshold,
)
from incidents.obligations.establishment import ControllerProfile, authorities
from incidents.obligations.recipients import (
    AFFECTED_PEOPLE,
    UNLISTED_MERCHANTS,
    MerchantRecipient,
    Recipient,
    RecipientKind,
)

if TYPE_CHECKING:
    from incidents.facts.breach import Facts
    from incidents.facts.data_set import DataSet


@dataclass(frozen=True, kw_only=True)
class DerivedObligation:
    """One thing owed to one recipient, with the terms it is owed under."""

    duty_key: str
    """``eu-gdpr/authority-initial/DE-BE``: unique within one incident."""
    recipient: Recipient
    terms: Terms

    @property
    def start(self) -> Start:
        """The event that starts its clock."""
        return self.terms.start


@dataclass(frozen=True, kw_only=True)
class PossibleLaw:
    """A law of which it cannot be said yet whether it reaches us."""

    regime: Regime
    because: tuple[str, ...]
    """What to find out."""


class RiskVerdict(Protocol):
    """What obligations ask of a judgement: the answers are about our own duties as controller."""

    @property
    def notify_authority(self) -> bool:
        """Whether a risk is not unlikely: the authority must be told (Art. 33(1) GDPR)."""

    @property
    def notify_people(self) -> bool:
        """Whether the people are told (Art. 34(1) GDPR)."""

    @property
    def is_high(self) -> bool:
        """Whether the risk is high, whatever exception lifts the duty to tell people."""

    @property
    def public_notice(self) -> bool:
        """Whether a person decided that a public communication reaches who is not written to (Art. 34(3)(c) GDPR)."""


@dataclass(frozen=True, kw_only=True)
class LegalContext:
    """What the duties of a case depend on beside its facts: laws in force, from where they see us, lists, targets."""

    regimes: tuple[Regime, ...]
    profile: ControllerProfile
    targets: Targets
    merchants: Sequence[MerchantRecipient] = ()


LATER_EVENTS: Final = frozenset(
    {
        Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED, Start.AUTHORITY_NOTIFIED, Start.INDIVIDUALS_NOTIFIED,
        Start.STATEMENT_PREPARED, Start.PAYMENT, Start.CORRECTIVE_MEASURE_AVAILABLE, Start.INCIDENT_HANDLED,
        Start.ASKED,
    }
)  # fmt: skip
"""Events that facts of a breach do not bring about: what they start is owed once they happened."""

_NOT_BY_A_BREACH: Final = frozenset({Threshold.INFORMATION_OUTSTANDING, Threshold.ON_REQUEST})
"""Tests that no breach passes: an incomplete filing or a question of the authority does."""

_RISK_TESTS: Final = frozenset(
    {Threshold.UNLESS_UNLIKELY, Threshold.RISK, Threshold.SERIOUS_HARM, Threshold.ADVERSE_EFFECT}
)
"""Tests that ask for some risk. Serious harm is more than that; in doubt it is owed."""


def obligations_from_awareness(context: LegalContext) -> tuple[DerivedObligation, ...]:
    """What is owed to authorities from awareness on, before anything is assessed: assessment and decision lift it.

    Only laws that reach us by where we are established, for where the people live is not known yet; and the GDPR in any
    case, as the worst case for whoever has people in the EEA.
    """
    return tuple(
        _obligation(context, regime, duty, recipient)
        for regime, duty in _duties(context.regimes)
        if duty.to is DutyRecipient.AUTHORITY
        and duty.start not in LATER_EVENTS
        and duty.threshold not in _NOT_BY_A_BREACH
        and (regime.one_stop_shop or binds_where_established(regime, *_place_and_sectors(context)))
        for recipient in authorities(regime, (), context.profile)
    )


def obligations_from_facts(context: LegalContext, facts: Facts, verdict: RiskVerdict) -> tuple[DerivedObligation, ...]:
    """All that these facts and this verdict make owed, except what a later event starts.

    The people are owed a communication whenever the risk is high: an exception of Art. 34(3) GDPR lifts the duty
    by a named person's decision, not by itself.
    """
    obligations = [
        obligation
        for regime, duty in _duties(context.regimes)
        if duty.start not in LATER_EVENTS
        for obligation in _triggered(context, regime, duty, facts, verdict)
    ]
    return tuple(_one_notice_per_merchant(obligations))


def obligations_after(
    context: LegalContext, event: Start, regime_id: str, facts: Facts | None, verdict: RiskVerdict, *, outstanding: bool
) -> tuple[DerivedObligation, ...]:
    """What an event of one law starts: the rest of the information, the next report, the people after the authority.

    *outstanding*: the filing left something open, so that the duty to give the rest arises (Art. 33(4) GDPR). Before
    any facts are recorded, what is owed to authorities is owed all the same: a filing may come first.
    """
    started = [(regime, duty) for regime, duty in _duties(context.regimes) if duty.start is event]
    laws = kin(context.regimes, regime_id)
    own = [(regime, duty) for regime, duty in started if regime.id in laws]
    # No facts, so no role, no place and no number to hold a duty against: in doubt it is owed.
    if facts is None:
        return tuple(
            _obligation(context, regime, duty, recipient)
            for regime, duty in own
            if duty.to is DutyRecipient.AUTHORITY and _passes(duty, verdict, outstanding=outstanding)
            for recipient in authorities(regime, (), context.profile)
        )
    return tuple(
        obligation
        for regime, duty in own
        for obligation in _triggered(context, regime, duty, facts, verdict, outstanding=outstanding)
    )


def kin(regimes: Iterable[Regime], regime_id: str) -> frozenset[str]:
    """The laws that count as one with this law: a law that takes the place of one of its duties, and the reverse.

    A notification under a duty that another law replaced is still the first one in the sense of Art. 33(4) GDPR.
    """
    # In both directions: whichever of the two a filing names, what counts from a filing must follow it.
    pairs = {(regime.id, named.partition("/")[0]) for regime in regimes for named in regime.supersedes}
    return frozenset({regime_id, *(other for pair in pairs if regime_id in pair for other in pair)})


def obligations_under(
    context: LegalContext, regime_id: str, duty_id: str, *, merchant: str | None = None
) -> Terms | None:
    """The terms that a duty has by the laws in force, for a merchant with its contract; ``None`` if there is none."""
    contracts = {merchant.id: merchant.contract_hours for merchant in context.merchants}
    for regime, duty in _duties(context.regimes):
        if (regime.id, duty.id) == (regime_id, duty_id):
            bound = regime.bound(duty, context.profile.kinds)
            return terms_for(regime, bound, context.targets, contracts.get(merchant or ""))
    return None


def possible(context: LegalContext, facts: Facts) -> tuple[PossibleLaw, ...]:
    """The laws of which the facts do not say yet whether they reach us, with what to find out."""
    laws = []
    for regime in context.regimes:
        ours = [held for duty in regime.duties if (held := _of_our_role(duty, facts))]
        answers = [applicable(regime, held, *_place_and_sectors(context)) for held in ours]
        # What surely reaches us is owed and no longer a question.
        if any(_reaches(context, regime, held) for held in ours):
            continue
        because = dict.fromkeys(
            line for answer in answers if answer.answer is YesNoUnknown.UNKNOWN for line in answer.because
        )
        if because:
            laws.append(PossibleLaw(regime=regime, because=tuple(because)))
    return tuple(laws)


def is_lifted_by(duty_threshold: Threshold, to: RecipientKind, verdict: RiskVerdict) -> bool | None:
    """Whether a person's decision on risk lifts a duty; ``None`` where the duty does not ask for a risk.

    A law without a threshold of risk is not lifted by "a risk is unlikely": that takes a reason of its own.
    """
    if duty_threshold is Threshold.HIGH_RISK:
        # Some laws ask for a high risk for the authority, too (Art. 24(1) of the Swiss FADP): an exception that spares
        # people their letters does not spare the authority its notification.
        return not (verdict.notify_people if to is RecipientKind.PEOPLE else verdict.is_high)
    if duty_threshold is Threshold.DISPROPORTIONATE_EFFORT:
        return not verdict.public_notice
    if duty_threshold in _RISK_TESTS | {Threshold.INFORMATION_OUTSTANDING}:
        return not verdict.notify_authority
    return None


def _triggered(
    context: LegalContext, regime: Regime, duty: Duty, facts: Facts, verdict: RiskVerdict, *, outstanding: bool = False
) -> Iterator[DerivedObligation]:
    """One obligation for each recipient, where the law reaches us and its test is passed."""
    ours = _of_our_role(duty, facts)
    # From the cheapest question to the dearest, for this is asked for every duty of every law at each change of a case.
    if ours is None or not _passes(duty, verdict, outstanding=outstanding):
        return
    if not _reaches(context, regime, ours):
        return
    # A number that is not known passes: nobody is spared a duty because nobody has counted.
    if reaches_threshold(duty, regime, ours).answer is YesNoUnknown.NO:
        return
    if duty.to is DutyRecipient.CONTROLLER:
        yield from _to_merchants(context, regime, duty)
        return
    for recipient in _recipients(regime, duty, ours, context.profile):
        yield _obligation(context, regime, duty, recipient)


def _of_our_role(duty: Duty, facts: Facts) -> Facts | None:
    """The facts of those data sets for which we have the role the duty falls on and that were breached as it asks.

    ``None`` where there are none.
    """
    held = {DutyHolder.CONTROLLER: facts.as_controller, DutyHolder.PROCESSOR: facts.as_processor}.get(
        duty.who, facts.data_sets
    )
    # A duty about confidentiality alone is held against the sets that were read by others, not against the whole
    # breach.
    sets = tuple(data_set for data_set in held if not duty.breach_types or _types(data_set) & set(duty.breach_types))
    return facts.model_copy(update={"data_sets": sets}) if sets else None


def _types(data_set: DataSet) -> set[BreachType]:
    """How a data set was breached; data that may have left or were published were open to others."""
    left = data_set.exfiltration in {Exfiltration.POSSIBLE, Exfiltration.CONFIRMED}
    seen = left or data_set.published is YesNoUnknown.YES
    return {*data_set.breach, *({BreachType.CONFIDENTIALITY} if seen else ())}


def _passes(duty: Duty, verdict: RiskVerdict, *, outstanding: bool) -> bool:
    """Whether the breach passes the law's own test; a test that facts cannot answer counts as passed."""
    if duty.threshold is Threshold.INFORMATION_OUTSTANDING:
        return outstanding
    if duty.threshold is Threshold.ON_REQUEST:
        return False
    # The verdict is on our own data as controller: it says nothing of a duty that falls on us in any role.
    if duty.who in {DutyHolder.ENTITY, DutyHolder.BOTH}:
        return True
    # `is not True`, for None means that the test asks for no risk: such a duty passes whatever the verdict is.
    to = RecipientKind.PEOPLE if duty.to is DutyRecipient.PEOPLE else RecipientKind.AUTHORITY
    return is_lifted_by(duty.threshold, to, verdict) is not True


def _reaches(context: LegalContext, regime: Regime, facts: Facts) -> bool:
    """Whether the law reaches us; of a country of which it binds only a part, in doubt yes."""
    answer = applicable(regime, facts, *_place_and_sectors(context)).answer
    return answer is YesNoUnknown.YES or (answer is YesNoUnknown.UNKNOWN and lies_partly_within(regime, facts))


def _place_and_sectors(context: LegalContext) -> tuple[str | None, tuple[str, ...]]:
    return context.profile.establishment, context.profile.sectors


def _recipients(regime: Regime, duty: Duty, facts: Facts, profile: ControllerProfile) -> tuple[Recipient, ...]:
    if duty.to is DutyRecipient.AUTHORITY:
        return authorities(regime, facts.data_sets, profile)
    if duty.to is DutyRecipient.PEOPLE:
        return (AFFECTED_PEOPLE,)
    word = duty.to.value.replace("_", " ")
    return (Recipient(kind=RecipientKind.OTHER, id=duty.to.value.replace("_", "-"), name=f"The {word}"),)


def _to_merchants(context: LegalContext, regime: Regime, duty: Duty) -> Iterator[DerivedObligation]:
    """One notice for each controller (Art. 33(2) GDPR); one that stands for all while none is listed."""
    # Without a list the clock runs all the same; the placeholder is replaced once merchants are listed.
    if not context.merchants:
        yield _obligation(context, regime, duty, UNLISTED_MERCHANTS)
    for merchant in context.merchants:
        recipient = Recipient(kind=RecipientKind.MERCHANT, id=merchant.id, name=merchant.name)
        yield _obligation(context, regime, duty, recipient, merchant.contract_hours)


def _one_notice_per_merchant(obligations: Iterable[DerivedObligation]) -> Iterator[DerivedObligation]:
    """Keep one notice for each merchant: where several laws ask for it, the one that wants it first.

    It is one message, which serves them all; its rule names the others.
    """
    notices: dict[str, list[DerivedObligation]] = {}
    for obligation in obligations:
        if obligation.recipient.kind is RecipientKind.MERCHANT:
            notices.setdefault(obligation.recipient.id, []).append(obligation)
        else:
            yield obligation
    for same in notices.values():
        # The shortest: a notice in time for that one is in time for all. On a tie the first law in our order.
        first = min(same, key=lambda obligation: obligation.terms.period.about_in_hours)
        others = ", ".join(
            f"{obligation.terms.regime}/{obligation.terms.duty}" for obligation in same if obligation is not first
        )
        rule = f"{first.terms.rule}; the same notice serves {others}" if others else first.terms.rule
        yield replace(first, terms=replace(first.terms, rule=rule))


def _duties(regimes: Iterable[Regime]) -> Iterator[tuple[Regime, Duty]]:
    """Every duty of the laws in force, without those that another of them takes the place of."""
    laws = tuple(regimes)
    # Only laws that are in force here: one that is switched off takes no duty away.
    superseded = {key for regime in laws for key in regime.supersedes}
    return ((regime, duty) for regime in laws for duty in regime.duties if f"{regime.id}/{duty.id}" not in superseded)


def _obligation(
    context: LegalContext, regime: Regime, duty: Duty, recipient: Recipient, contract_hours: int | None = None
) -> DerivedObligation:  # fmt: skip
    bound = regime.bound(duty, context.profile.kinds)
    return DerivedObligation(
        duty_key=f"{regime.id}/{duty.id}/{recipient.id}",
        recipient=recipient,
        terms=terms_for(regime, bound, context.targets, contract_hours),
    )
