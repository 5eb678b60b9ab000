"""Which period counts for a duty and why: the law's own, a contract's, or our own target where the law sets none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from incidents.deadlines.terms import NOT_LATER_THAN, DueKind, Terms
from incidents.law.model import AFTER, Duty, DutyRecipient, Regime, Threshold
from incidents.law.periods import Counting, Period, PeriodKind
from incidents.law.reminder_ladder import ReminderSchedule, in_words

_HOUR: Final = timedelta(hours=1)


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
            # Whole hours, because a target is counted as a Period, and that has no minutes.
            if target < _HOUR or target % _HOUR:
                message = f"the internal target `{name}` must be whole hours above zero, not {target}"
                raise ValueError(message)


def terms_for(regime: Regime, duty: Duty, targets: Targets, contract_hours: int | None = None) -> Terms:
    """Settle which period counts and say why: the law's own, else a contract's, else our own target."""
    kind, period, rule = _settled(duty, targets, contract_hours)
    statutory = kind is DueKind.STATUTORY
    return Terms(
        regime=regime.id,
        duty=duty.id,
        title=duty.title,
        period=period,
        due_kind=kind,
        ladder=fitting(duty.ladder, period),
        citation=duty.citation,
        late_needs_reasons=duty.late_needs_reasons,
        rule=rule,
        # Days off move what a law sets; a contract's hours and our own run through.
        counting=duty.counting if statutory else Counting.ELAPSED_HOURS,
        unverified=regime.unverified,
        threshold=duty.threshold,
        start=duty.start,
        start_detail=duty.start_detail,
        cap=duty.cap if statutory else None,
        zone=regime.zone,
        place=regime.place,
    )


def _settled(duty: Duty, targets: Targets, contract_hours: int | None) -> tuple[DueKind, Period, str]:
    """Choose the period: law, contract or target; with the words that say which and why."""
    event = AFTER[duty.start]
    if duty.period.kind is not PeriodKind.NONE:
        soft = f"{duty.soft}{NOT_LATER_THAN}" if duty.soft else ""
        cap = f", and not later than {duty.cap.period} {AFTER[duty.cap.start]}" if duty.cap else ""
        return DueKind.STATUTORY, duty.period, f"{soft}{duty.period} {event}{cap}"
    target = _target(duty, targets)
    # A contract is with a merchant: it bears on the notice to them and on nothing that is owed to others.
    contract = None if contract_hours is None or duty.to is not DutyRecipient.CONTROLLER else contract_hours * _HOUR
    no_figure = f"no fixed deadline in law ({duty.soft}):"
    if contract is None:
        return DueKind.INTERNAL, _hours(target), f"{no_figure} internal target {in_words(target)} {event}"
    # Our own target is what we aim at; late is what the contract calls late.
    both = f"contract {in_words(contract)} {event}; our own target is {in_words(target)}"
    return DueKind.CONTRACTUAL, _hours(contract), f"{no_figure} {both}"


def _target(duty: Duty, targets: Targets) -> timedelta:
    """Our own target: the people's also for others who are told of it, the authority's by whether it knows already."""
    if duty.to is DutyRecipient.CONTROLLER:
        return targets.controller
    if duty.to is not DutyRecipient.AUTHORITY:
        return targets.people
    knows = duty.threshold in {Threshold.INFORMATION_OUTSTANDING, Threshold.ON_REQUEST}
    return targets.follow_up if knows else targets.authority


def _hours(length: timedelta) -> Period:
    return Period(kind=PeriodKind.HOURS, value=length // _HOUR)


def fitting(ladder: ReminderSchedule, period: Period) -> ReminderSchedule:
    """Leave out what lies before the start: a clock of 24 hours never has "48 h left", nor is it due soon at once.

    Its warning then begins with the first reminder that is left, or half way where there is none.
    """
    if period.kind is not PeriodKind.HOURS or period.value is None:
        return ladder
    whole = period.value * _HOUR
    before = tuple(step for step in ladder.before if step < whole)
    # As long as the clock itself, it would be due soon from its first instant, and no reminder would say anything new.
    warn = ladder.warn_before if ladder.warn_before < whole else max(before, default=whole / 2)
    return replace(ladder, before=before, warn_before=warn)
