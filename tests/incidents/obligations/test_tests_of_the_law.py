"""Each test that a law has is asked by itself: the number of people, the kind of breach, the risk, a question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest

from flows.reference.regime_files import read
from incidents.deadlines.targets import Targets
from incidents.deadlines.terms import DueKind
from incidents.facts.breach import Facts
from incidents.law.model import DutyHolder, Start, Threshold
from incidents.obligations.derivation import (
    LegalContext,
    obligations_after,
    obligations_from_awareness,
    obligations_from_facts,
)
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient, Recipient, RecipientKind

TARGETS = Targets(people=timedelta(hours=72), follow_up=timedelta(hours=168), controller=timedelta(hours=24))
BERLIN = Recipient(kind=RecipientKind.AUTHORITY, id="DE-BE", name="The authority of Berlin")


@dataclass(frozen=True, kw_only=True)
class Verdict:
    notify_authority: bool
    notify_people: bool = False
    is_high: bool = False
    public_notice: bool = False


UNLIKELY, RISK = Verdict(notify_authority=False), Verdict(notify_authority=True)
HIGH = Verdict(notify_authority=True, notify_people=True, is_high=True)


def frame(*regimes: Any, merchants: tuple[MerchantRecipient, ...] = ()) -> LegalContext:
    profile = ControllerProfile(establishment="DE-BE", lead=BERLIN)
    return LegalContext(regimes=regimes, profile=profile, targets=TARGETS, merchants=merchants)


def facts(place: str, role: str = "controller", **more: Any) -> Facts:
    base = {"name": "all", "role": role, "kinds": ["email"], "breach": ["confidentiality"], "countries": [place]}
    return Facts.model_validate({"summary": "A bucket was open.", "data_sets": [base | more]})


def ids(context: LegalContext, known: Facts, verdict: Verdict = HIGH) -> set[str]:
    return {owed.terms.duty for owed in obligations_from_facts(context, known, verdict)}


@pytest.mark.parametrize(
    ("people", "owed"),
    [
        (499, False),
        (500, True),
        ("unknown", True),
        ({"min": 2}, True),
        ({"min": 2, "max": 499}, False),
        ({"min": 2, "max": 500}, True),
    ],
)
def test_nobody_is_spared_a_duty_because_nobody_has_counted(people, owed):
    found = ids(frame(read("us-fl")), facts("US-FL", people=people))
    assert ("authority-initial" in found) is owed


@pytest.mark.parametrize(
    ("change", "owed"),
    [
        ({}, False),
        ({"exfiltration": "none_proven"}, False),
        ({"exfiltration": "possible"}, True),
        ({"exfiltration": "confirmed"}, True),
        ({"published": "yes"}, True),
        ({"published": "yes", "exfiltration": "none_proven"}, True),
        ({"published": "no"}, False),
        ({"published": "unknown"}, False),
    ],
)
def test_data_that_were_published_or_may_have_left_were_open_to_others(change, owed):
    found = ids(frame(read("tr-kvkk")), facts("TR", breach=["availability"], **change))
    assert ("authority-initial" in found) is owed


def asks(threshold: Threshold, who: DutyHolder) -> LegalContext:
    """A law of one duty to an authority, with this test, that falls on these."""
    gdpr = read("eu-gdpr")
    duty = replace(gdpr.duty("authority-initial"), threshold=threshold, who=who)
    return frame(replace(gdpr, duties=(duty,)))


ASKS_FOR_A_RISK = {
    Threshold.UNLESS_UNLIKELY, Threshold.RISK, Threshold.SERIOUS_HARM, Threshold.ADVERSE_EFFECT, Threshold.HIGH_RISK,
    Threshold.DISPROPORTIONATE_EFFORT,
}  # fmt: skip
NEVER_BY_A_BREACH = {Threshold.ON_REQUEST, Threshold.INFORMATION_OUTSTANDING}


@pytest.mark.parametrize("threshold", Threshold)
@pytest.mark.parametrize("who", DutyHolder)
def test_a_verdict_on_our_own_data_lifts_no_duty_of_another_role(threshold, who):
    # The verdict is the controller's: a processor is not lifted by it here because its facts have no data of its own.
    role = "processor" if who is DutyHolder.PROCESSOR else "controller"
    by_role = who in {DutyHolder.ENTITY, DutyHolder.BOTH}
    expected = threshold not in NEVER_BY_A_BREACH and (by_role or threshold not in ASKS_FOR_A_RISK)
    assert bool(ids(asks(threshold, who), facts("DE", role=role), UNLIKELY)) is expected


@pytest.mark.parametrize("event", Start)
@pytest.mark.parametrize("known", [None, facts("DE")])
def test_what_is_owed_on_request_is_owed_by_the_request_alone(event, known):
    # The question of an authority makes an obligation of its own (`tocsin question`), with the time that it sets.
    context = frame(read("eu-gdpr"))
    after = obligations_after(context, event, "eu-gdpr", known, HIGH, outstanding=True)
    owed = [*after, *obligations_from_awareness(context), *obligations_from_facts(context, facts("DE"), HIGH)]
    assert owed
    assert "authority-question" not in {each.terms.duty for each in owed}


@pytest.mark.parametrize(
    ("hours", "kind"), [(12, DueKind.CONTRACTUAL), (48, DueKind.CONTRACTUAL), (None, DueKind.INTERNAL)]
)
def test_the_hours_of_its_contract_count_for_each_merchant(hours, kind):
    merchants = (
        MerchantRecipient(id="m-1", name="A shop", contract_hours=hours),
        MerchantRecipient(id="m-2", name="Another shop", contract_hours=7),
    )
    context = frame(read("eu-gdpr"), merchants=merchants)
    first, second = obligations_from_facts(context, facts("DE", role="processor"), RISK)
    assert (first.terms.period.value, first.terms.due_kind) == (hours or 24, kind)
    assert (second.terms.period.value, second.terms.due_kind) == (7, DueKind.CONTRACTUAL)
