"""How much harm the data of one set can do in wrong hands: named factors that raise it, then some that lower it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from incidents.assessment.predicates import (
    are_protected_people,
    ease_of_identification,
    field_reveals,
    is_harmless_health,
    is_recipient_feared,
    is_special,
    only_handles,
    passwords_withstand,
    pseudonyms_hold,
    weighing_kinds,
)
from incidents.assessment.risk import Reason, reason_for
from incidents.facts.choices import Identifiability, YesNoUnknown
from incidents.facts.data_kinds import Sensitivity, kinds_of
from incidents.facts.data_set import DataSet


@dataclass(frozen=True, kw_only=True)
class Weight:
    """A level of sensitivity and the factor it comes from."""

    level: Sensitivity
    reason: Reason


@dataclass(frozen=True, kw_only=True)
class WeightedSensitivity:
    """The sensitivity of one data set, with every factor that applies."""

    level: Sensitivity
    reasons: tuple[Reason, ...]


def special_categories(data_set: DataSet) -> Weight | None:
    """Health, beliefs, convictions: damage should be considered likely (Arts. 9, 10 GDPR)."""
    # Named in the facts, stated by a person, or told by the field: three grounds, and the first is the most exact to
    # give.
    named = [kind.slug for kind in weighing_kinds(data_set) if kind.special]
    stated = is_special(data_set) and not is_harmless_health(data_set)
    if not named and not stated:
        return None
    if named:
        reason = reason_for("special_categories_named", kinds=tuple(named))
    elif field_reveals(data_set):
        reason = reason_for("special_categories_field", sector=data_set.sector)
    else:
        reason = reason_for("special_categories")
    return Weight(level=Sensitivity.GRAVE, reason=reason)


def protected_people(data_set: DataSet) -> Weight | None:
    """Children, patients, people in need of protection: even a name and an address can endanger them."""
    if not are_protected_people(data_set):
        return None
    return Weight(level=Sensitivity.GRAVE, reason=reason_for("protected_people"))


def feared_recipient(data_set: DataSet) -> Weight | None:
    """A name and an address in the hands of whom the people hide from: little said, and a life at stake."""
    recipients = data_set.recipients
    # The first half is implied by the second; it tells the type checker so.
    if recipients is None or not is_recipient_feared(data_set):
        return None
    return Weight(level=Sensitivity.GRAVE, reason=reason_for("feared_recipient", text=recipients.who))


def identity_theft(data_set: DataSet) -> Weight | None:
    """State identifiers, identity papers, full card data: somebody can pose as the person."""
    named = [kind.slug for kind in weighing_kinds(data_set) if kind.identity_theft]
    if not named:
        return None
    return Weight(level=Sensitivity.GRAVE, reason=reason_for("identity_theft", kinds=tuple(named)))


def ways_into_accounts(data_set: DataSet) -> Weight | None:
    """Passwords, keys and tokens open more than one service."""
    named = [kind.slug for kind in weighing_kinds(data_set) if kind.credential]
    if not named:
        return None
    return Weight(level=Sensitivity.GRAVE, reason=reason_for("ways_into_accounts", kinds=tuple(named)))


def money_and_whereabouts(data_set: DataSet) -> Weight | None:
    """Accounts, bills, debts, communications, location."""
    kinds = weighing_kinds(data_set)
    # Unknown kinds are serious by caution and have a factor of their own, which says so.
    serious = [kind for kind in kinds if kind.known and kind.sensitivity >= Sensitivity.SERIOUS]
    # Those have factors of their own: each kind is named once.
    plain = [kind for kind in serious if not (kind.special or kind.identity_theft or kind.credential)]
    if not plain:
        return None
    level = max(kind.sensitivity for kind in plain)
    return Weight(level=level, reason=reason_for("money_and_whereabouts", kinds=tuple(kind.slug for kind in plain)))


def telling_data(data_set: DataSet) -> Weight | None:
    """Birth date, employment, habits: enough to deceive somebody credibly."""
    named = [kind.slug for kind in weighing_kinds(data_set) if kind.sensitivity is Sensitivity.TELLING]
    if not named:
        return None
    return Weight(level=Sensitivity.TELLING, reason=reason_for("telling_data", kinds=tuple(named)))


def unlisted_kinds(data_set: DataSet) -> Weight | None:
    """A kind nobody has described is not taken for harmless."""
    unlisted = [kind.slug for kind in weighing_kinds(data_set) if not kind.known]
    if not unlisted:
        return None
    return Weight(level=Sensitivity.SERIOUS, reason=reason_for("unlisted_kinds", kinds=tuple(unlisted)))


def own_context(data_set: DataSet) -> Weight | None:
    """A person found the context graver than the kinds show: customers of a pharmacy, calls to a helpline."""
    # Context 1 raises nothing: a person may lower the score by it, never the weight of the data.
    levels = {2: Sensitivity.TELLING, 3: Sensitivity.SERIOUS, 4: Sensitivity.GRAVE}
    level = levels.get(data_set.data_processing_context or 1)
    if level is None:
        return None
    return Weight(level=level, reason=reason_for("own_context", text=data_set.context_because))


def everyday_data(data_set: DataSet) -> Weight | None:
    """Name, address, one order: the least that points to a person."""
    if all(kind.sensitivity is Sensitivity.HARMLESS for kind in weighing_kinds(data_set)):
        return None
    return Weight(level=Sensitivity.ORDINARY, reason=reason_for("everyday_data"))


RAISING: tuple[Callable[[DataSet], Weight | None], ...] = (
    special_categories,
    protected_people,
    feared_recipient,
    identity_theft,
    ways_into_accounts,
    money_and_whereabouts,
    telling_data,
    unlisted_kinds,
    own_context,
    everyday_data,
)
"""Every factor that can raise sensitivity; the highest counts."""


def unreadable_passwords(data_set: DataSet, level: Sensitivity) -> Weight | None:
    """Salted hashes whose salt is safe do not open accounts; beside chosen names alone they harm nobody (case 06)."""
    if not (passwords_withstand(data_set) and any(kind.row == "hashed_password" for kind in kinds_of(data_set.kinds))):
        return None
    if level is Sensitivity.ORDINARY and only_handles(data_set):
        return Weight(level=Sensitivity.HARMLESS, reason=reason_for("unreadable_passwords_handles"))
    return Weight(level=level, reason=reason_for("unreadable_passwords"))


def harmless_health(data_set: DataSet, level: Sensitivity) -> Weight | None:
    """A few people's health data that nobody can turn against them: an intolerance on a list of guests."""
    if not is_harmless_health(data_set):
        return None
    reason = reason_for("harmless_health", text=data_set.special_harmless)
    return Weight(level=max(level, Sensitivity.ORDINARY), reason=reason)


def hard_to_identify(data_set: DataSet, level: Sensitivity) -> Weight | None:
    """Nobody outside can tell whose data these are; the gravest data keep some weight all the same."""
    ease, why = ease_of_identification(data_set)
    if ease is not Identifiability.NEGLIGIBLE:
        return None
    # Two steps: grave data stay telling, for those who can tell whose they are exist somewhere.
    lowered = Sensitivity(max(0, level - 2))
    return Weight(level=lowered, reason=reason_for("hard_to_identify", why=why))


def pseudonymised(data_set: DataSet, level: Sensitivity) -> Weight | None:
    """Pseudonyms whose table is safe lower the weight one step, never below everyday data."""
    # Behind a safe table people are not out of reach, as they are behind encryption (Art. 4(5) GDPR).
    if not pseudonyms_hold(data_set) or level <= Sensitivity.ORDINARY:
        return None
    return Weight(level=Sensitivity(level - 1), reason=reason_for("pseudonymised"))


def public_already(data_set: DataSet, level: Sensitivity) -> Weight | None:
    """What everybody could read before gains little from the breach; graver data are not lowered."""
    if data_set.public_before is not YesNoUnknown.YES or level not in (Sensitivity.ORDINARY, Sensitivity.TELLING):
        return None
    return Weight(level=Sensitivity(level - 1), reason=reason_for("public_already"))


LOWERING: tuple[Callable[[DataSet, Sensitivity], Weight | None], ...] = (
    unreadable_passwords,
    harmless_health,
    hard_to_identify,
    pseudonymised,
    public_already,
)
"""Every factor that can lower sensitivity, applied in this order."""


def sensitivity(data_set: DataSet) -> WeightedSensitivity:
    """Weigh the data of one set (Guidelines 9/2022, section IV.B: nature, sensitivity, identification, people)."""
    weights = [weight for factor in RAISING if (weight := factor(data_set))]
    level = max((weight.level for weight in weights), default=Sensitivity.HARMLESS)
    # "Everyday data" is said only where nothing graver is: beside health data it would read as a contradiction.
    reasons = [weight.reason for weight in weights if weight.level is not Sensitivity.ORDINARY or level is weight.level]
    for factor in LOWERING:
        if weight := factor(data_set, level):
            level = weight.level
            reasons.append(weight.reason)
    return WeightedSensitivity(level=level, reasons=tuple(reasons))
