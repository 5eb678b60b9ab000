"""The three ways a breach harms people - disclosure, wrong data, missing data - and the risk each leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from incidents.assessment.exposure import Exposure, exposure
from incidents.assessment.predicates import is_hostile, is_more_than
from incidents.assessment.risk import Reason, Risk, reason_for, worst
from incidents.assessment.sensitivity import protected_people, sensitivity, special_categories
from incidents.facts.breach import Facts
from incidents.facts.choices import Alteration, Backup, BreachType, Effect
from incidents.facts.data_kinds import Sensitivity
from incidents.facts.data_set import DataSet
from incidents.facts.values import Count

_NO, _RISK, _HIGH = Risk.UNLIKELY, Risk.RISK, Risk.HIGH

DISCLOSURE: dict[Exposure, tuple[Risk, ...]] = {
    #                     harmless ordinary telling serious grave
    Exposure.NONE:       (_NO,     _NO,     _NO,    _NO,    _NO),
    Exposure.CONTAINED:  (_NO,     _NO,     _NO,    _NO,    _NO),
    Exposure.UNTOUCHED:  (_NO,     _NO,     _RISK,  _RISK,  _RISK),
    Exposure.ENTRUSTED:  (_NO,     _NO,     _RISK,  _RISK,  _RISK),
    Exposure.KNOWN:      (_NO,     _NO,     _RISK,  _RISK,  _HIGH),
    Exposure.OPEN:       (_NO,     _RISK,   _RISK,  _HIGH,  _HIGH),
    Exposure.INSIDER:    (_NO,     _RISK,   _HIGH,  _HIGH,  _HIGH),
    Exposure.ATTACKER:   (_NO,     _RISK,   _HIGH,  _HIGH,  _HIGH),
}  # fmt: skip
"""The risk of disclosure while few people are affected."""

SCALE: dict[tuple[Exposure, Sensitivity], tuple[int, Risk]] = {
    # Figures of ours, set so that the published cases of the guidelines and of authorities come out as they were
    # decided (tests/law/published_cases.yaml); no law names any of them. 24 is "a few" (Guidelines 01/2021 cases 09,
    # 15).
    (Exposure.CONTAINED, Sensitivity.GRAVE): (100, _RISK),
    (Exposure.UNTOUCHED, Sensitivity.ORDINARY): (1_000, _RISK),
    (Exposure.ENTRUSTED, Sensitivity.ORDINARY): (1_000, _RISK),
    (Exposure.ENTRUSTED, Sensitivity.GRAVE): (24, _HIGH),
    (Exposure.KNOWN, Sensitivity.ORDINARY): (24, _RISK),
    (Exposure.KNOWN, Sensitivity.TELLING): (1_000, _HIGH),
    (Exposure.KNOWN, Sensitivity.SERIOUS): (24, _HIGH),
    (Exposure.OPEN, Sensitivity.TELLING): (24, _HIGH),
    (Exposure.ATTACKER, Sensitivity.ORDINARY): (1_000, _HIGH),
}
"""Where the number of people tips the scale: above so many, or an unknown number, the risk is this."""

LONG_UNDETECTED_DAYS = 30
BRIEF_HOURS = 1
A_DAY = 24
FELT = (Effect.SERIOUS, Effect.CRITICAL)
LOST = (Backup.NONE, Backup.ENCRYPTED_TOO)


@dataclass(frozen=True, kw_only=True)
class HarmPathway:
    """The risk that one way of harm leads to, with its reasons."""

    risk: Risk
    reasons: tuple[Reason, ...]


def disclosure(facts: Facts, data_set: DataSet) -> HarmPathway:
    """Risk because somebody has, or may have, what they should not."""
    result = exposure(facts, data_set)
    # Sensitivity is not asked: what nobody has cannot harm, however grave.
    if result.level is Exposure.NONE:
        return HarmPathway(risk=_NO, reasons=(result.reason,))
    weighted = sensitivity(data_set)
    base = DISCLOSURE[result.level][weighted.level]
    steps = (
        many_people(data_set, result.level, weighted.level),
        long_undetected(facts, result.level, base),
    )
    pathways = [step for step in steps if step is not None]
    risk = worst([base, *(pathway.risk for pathway in pathways)])
    extra = [reason for pathway in pathways for reason in pathway.reasons]
    return HarmPathway(risk=risk, reasons=(result.reason, *weighted.reasons, *extra))


def many_people(data_set: DataSet, exposed: Exposure, level: Sensitivity) -> HarmPathway | None:
    """The number of people tips the scale, or is not known."""
    above, risk = SCALE.get((exposed, level), (0, _NO))
    # `is_more_than` is true of an unknown number: not having counted never keeps a risk down.
    if risk is _NO or not is_more_than(data_set.people, above):
        return None
    return HarmPathway(risk=risk, reasons=(_how_many(data_set.people, above),))


def _how_many(people: Count, above: int) -> Reason:
    if people.at_worst is not None:
        return reason_for("many_people", people=above)
    if people.is_known:
        return reason_for("many_people_least", people=people.least)
    return reason_for("many_people_unknown")


def long_undetected(facts: Facts, exposed: Exposure, base: Risk) -> HarmPathway | None:
    """An attacker had a month or more: time to take, combine and use."""
    # It only raises a middling risk: where there is none, time adds none, and a high one cannot rise.
    if exposed is not Exposure.ATTACKER or base is not _RISK or (facts.undetected_days or 0) < LONG_UNDETECTED_DAYS:
        return None
    return HarmPathway(risk=_HIGH, reasons=(reason_for("long_undetected", days=facts.undetected_days),))


def wrong_data(facts: Facts, data_set: DataSet) -> HarmPathway:
    """Risk because data were altered, and decisions may rest on what is wrong."""
    if BreachType.INTEGRITY not in data_set.breach:
        return HarmPathway(risk=_NO, reasons=())
    if _was_put_right(facts, data_set):
        return HarmPathway(risk=_NO, reasons=(reason_for("data_restored"),))
    weighted = sensitivity(data_set)
    risk = _HIGH if weighted.level >= Sensitivity.SERIOUS or data_set.effect in FELT else _RISK
    return HarmPathway(risk=risk, reasons=(reason_for("wrong_data"), *weighted.reasons))


def _was_put_right(facts: Facts, data_set: DataSet) -> bool:
    """Whether the original data were back before anybody relied on the altered ones.

    Where nobody says so, only a full backup can show it, and only for data that nobody could use meanwhile or that were
    wrong for no more than a day: a backup cures a loss, not what was decided on wrong data.
    """
    if data_set.alteration is Alteration.NONE:
        return True
    # Asked before any backup: people who went without pay were not helped by a fast one.
    if data_set.effect in FELT:
        return False
    if data_set.alteration is not Alteration.UNKNOWN:
        return data_set.alteration is Alteration.RESTORED
    return data_set.backup is Backup.FULL_FAST and not _may_have_been_relied_on(facts, data_set)


def _may_have_been_relied_on(facts: Facts, data_set: DataSet) -> bool:
    if (facts.undetected_days or 0) > 1:
        return True
    hours = data_set.unavailable_hours
    # Data that nobody could reach were not relied on while they were wrong.
    return BreachType.AVAILABILITY not in data_set.breach and (hours is None or hours > A_DAY)


def missing_data(facts: Facts, data_set: DataSet) -> HarmPathway:
    """Risk because data or a service were not there when people needed them, or because people feel it otherwise."""
    if BreachType.AVAILABILITY not in data_set.breach:
        # What people feel counts also where nobody has called it a loss of availability.
        return people_feel_it(facts, data_set) or HarmPathway(risk=_NO, reasons=())
    return next(pathway for rule in MISSING if (pathway := rule(facts, data_set)))


def people_feel_it(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """Care, money or access was missing: the harm is not a few inconveniences."""
    if data_set.effect not in FELT:
        return None
    detail = data_set.effect_detail
    reason = reason_for("people_feel_it", text=detail) if detail else reason_for(f"people_feel_it_{data_set.effect}")
    return HarmPathway(risk=_HIGH, reasons=(reason,))


def people_depend_on_it(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """Health data, or data of people in need of protection, were missing for longer than a moment."""
    # What children and others in need of protection share with everybody is back in good time from a full backup
    # (Guidelines 01/2021, case 10); health data may be needed at once.
    weights = (special_categories(data_set), None if _is_back_in_good_time(data_set) else protected_people(data_set))
    reasons = tuple(weight.reason for weight in weights if weight)
    # It decides only where waiting is a risk, else the rules after it may still find one.
    risk = _risk_of_waiting(data_set)
    if not reasons or risk is _NO:
        return None
    return HarmPathway(risk=risk, reasons=(_missing("people_depend_on_it", data_set), *reasons))


def _is_back_in_good_time(data_set: DataSet) -> bool:
    return data_set.backup is Backup.FULL_FAST and (data_set.unavailable_hours or 0) <= A_DAY


def _risk_of_waiting(data_set: DataSet) -> Risk:
    hours = data_set.unavailable_hours
    fast = data_set.backup is Backup.FULL_FAST
    unfelt = data_set.effect is Effect.NONE
    if hours is not None and hours > A_DAY:
        return _RISK if unfelt else _HIGH
    if fast or (hours is not None and hours <= BRIEF_HOURS):
        waited = (hours or 0) > BRIEF_HOURS or not fast
        return _RISK if waited and not unfelt else _NO
    return _RISK if unfelt else _HIGH


def lost_for_good(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """No backup, or the backup is gone too, and nothing says the data came back."""
    # A stated end means that the data came back, from wherever.
    if data_set.backup not in LOST or data_set.unavailable_hours is not None:
        return None
    weighted = sensitivity(data_set)
    risk = _HIGH if weighted.level >= Sensitivity.SERIOUS else _RISK
    reason = reason_for("lost_for_good")
    return HarmPathway(risk=risk, reasons=(reason, *weighted.reasons))


def over_in_a_moment(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """An interruption of minutes, without lasting effect."""
    hours = data_set.unavailable_hours
    if hours is None or hours > BRIEF_HOURS:
        return None
    return HarmPathway(risk=_NO, reasons=(reason_for("over_in_a_moment"),))


def back_from_backup(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """A full backup brought everything back in good time."""
    if not _is_back_in_good_time(data_set):
        return None
    return HarmPathway(risk=_NO, reasons=(reason_for("back_from_backup"),))


def nobody_noticed(_: Facts, data_set: DataSet) -> HarmPathway | None:
    """It is established that people felt nothing, and the data came back within a day."""
    hours = data_set.unavailable_hours
    if data_set.effect is not Effect.NONE or hours is None or hours > A_DAY:
        return None
    return HarmPathway(risk=_NO, reasons=(reason_for("nobody_noticed"),))


def hardly_felt(facts: Facts, data_set: DataSet) -> HarmPathway | None:
    """A fault of some hours, in everyday data, that people hardly felt: newsletters went out late."""
    hours = data_set.unavailable_hours
    # Not after an attack: who was inside may have done more than switch something off.
    if data_set.effect is not Effect.MINOR or hours is None or hours > A_DAY or is_hostile(facts.cause):
        return None
    if sensitivity(data_set).level > Sensitivity.ORDINARY:
        return None
    return HarmPathway(risk=_NO, reasons=(reason_for("hardly_felt", hours=float(hours)),))


def slow_to_return(_: Facts, data_set: DataSet) -> HarmPathway:
    """Data were missing for a time, or nobody knows for how long: small but real consequences."""
    return HarmPathway(risk=_RISK, reasons=(_missing("slow_to_return", data_set),))


MISSING: tuple[Callable[[Facts, DataSet], HarmPathway | None], ...] = (
    people_feel_it,
    people_depend_on_it,
    lost_for_good,
    over_in_a_moment,
    back_from_backup,
    nobody_noticed,
    hardly_felt,
    slow_to_return,
)
"""In this order the first rule that fits decides; the last always does."""


def _missing(about: str, data_set: DataSet) -> Reason:
    """Say it with how long the data were missing, where that is stated."""
    hours = data_set.unavailable_hours
    return reason_for(f"{about}_unknown") if hours is None else reason_for(about, hours=float(hours))


def harm_already_seen(_: Facts, data_set: DataSet) -> HarmPathway:
    """What has already happened to people needs no forecast."""
    if not data_set.consequences_seen:
        return HarmPathway(risk=_NO, reasons=())
    # A word we do not know is no nuisance: it counts as harm.
    risk = _RISK if set(data_set.consequences_seen) <= NUISANCE else _HIGH
    return HarmPathway(risk=risk, reasons=(reason_for("harm_already_seen", consequences=data_set.consequences_seen),))


NUISANCE = frozenset({"spam", "unwanted_marketing"})
"""Consequences that annoy and do no more."""

PATHWAYS: tuple[Callable[[Facts, DataSet], HarmPathway], ...] = (
    disclosure,
    wrong_data,
    missing_data,
    harm_already_seen,
)
"""The worst of them is the risk of a data set."""
