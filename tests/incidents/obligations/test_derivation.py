"""What is owed: thresholds, recipients, and whether law, contract or our own target sets the due time."""

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from flows.reference.reminder_ladders import shipped_ladders
from incidents.deadlines.targets import Targets, terms_for
from incidents.deadlines.terms import DueKind
from incidents.facts.breach import Facts
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import Start
from incidents.law.periods import Period, PeriodKind
from incidents.law.reading import read_regime
from incidents.obligations.derivation import (
    DerivedObligation,
    LegalContext,
    obligations_after,
    obligations_from_awareness,
    obligations_from_facts,
)
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient, Recipient, RecipientKind

HOUR = timedelta(hours=1)
_FILE = Path(__file__).parents[3] / "config" / "regimes" / "eu-gdpr.yaml"
GDPR = read_regime(read_yaml(_FILE.read_text(encoding="utf-8"), _FILE.name), shipped_ladders())
BERLIN_DPA = Recipient(kind=RecipientKind.AUTHORITY, id="DE-BE", name="The authority of Berlin")
TARGETS = Targets(people=48 * HOUR, follow_up=336 * HOUR, controller=24 * HOUR)
MERCHANTS = (
    MerchantRecipient(id="m-1", name="A shop", contract_hours=12),
    MerchantRecipient(id="m-2", name="Another shop", contract_hours=48),
    MerchantRecipient(id="m-3", name="A third shop", contract_hours=None),
    MerchantRecipient(id="m-4", name="A fourth shop", contract_hours=24),
)


FRAME = LegalContext(
    regimes=(GDPR,), profile=ControllerProfile(establishment="DE-BE", lead=BERLIN_DPA), targets=TARGETS
)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    notify_authority: bool
    notify_people: bool

    @property
    def is_high(self) -> bool:
        return self.notify_people

    @property
    def public_notice(self) -> bool:
        return False


UNLIKELY = Verdict(notify_authority=False, notify_people=False)
RISK = Verdict(notify_authority=True, notify_people=False)
HIGH = Verdict(notify_authority=True, notify_people=True)


def facts(*roles: str) -> Facts:
    return Facts.model_validate(
        {
            "summary": "A bucket was open.",
            "data_sets": [
                {"name": f"set {number}", "role": role, "kinds": ["email"], "breach": ["confidentiality"]}
                for number, role in enumerate(roles)
            ],
        }
    )


def keys(known: Facts, verdict: Verdict, merchants: tuple[MerchantRecipient, ...] = ()) -> list[str]:
    return [fact.duty_key for fact in obligations_from_facts(replace(FRAME, merchants=merchants), known, verdict)]


def after_filing(*, outstanding: bool) -> tuple[DerivedObligation, ...]:
    return obligations_after(
        FRAME, Start.INITIAL_SUBMITTED, "eu-gdpr", facts("controller"), RISK, outstanding=outstanding
    )


def controller_terms(hours: int | None):
    return terms_for(GDPR, GDPR.duty("controller"), TARGETS, hours)


def test_from_awareness_on_the_notification_to_the_authority_is_owed():
    (owed,) = obligations_from_awareness(FRAME)
    assert owed.duty_key == "eu-gdpr/authority-initial/DE-BE"
    assert owed.terms.due_kind is DueKind.STATUTORY
    assert owed.terms.period == Period(kind=PeriodKind.HOURS, value=72)
    assert owed.terms.rule == "without undue delay and, where feasible, not later than 72 hours after awareness"
    assert owed.terms.late_needs_reasons
    assert owed.start is Start.AWARE


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        (UNLIKELY, []),
        (RISK, ["eu-gdpr/authority-initial/DE-BE"]),
        (HIGH, ["eu-gdpr/authority-initial/DE-BE", "eu-gdpr/people/affected-people"]),
    ],
)
def test_as_controller_the_risk_decides_who_is_told(verdict, expected):
    assert keys(facts("controller"), verdict) == expected


def test_as_processor_every_merchant_is_told_whatever_the_risk():
    assert keys(facts("processor"), UNLIKELY, MERCHANTS) == [
        f"eu-gdpr/controller/{merchant.id}" for merchant in MERCHANTS
    ]


def test_merchants_not_listed_yet_are_owed_a_notice_all_the_same():
    assert keys(facts("processor"), UNLIKELY) == ["eu-gdpr/controller/unlisted-merchants"]


def test_no_merchant_is_told_of_a_breach_of_our_own_data():
    assert keys(facts("controller", "joint_controller"), RISK, MERCHANTS) == ["eu-gdpr/authority-initial/DE-BE"]


def test_one_incident_may_owe_all_of_it():
    owed = obligations_from_facts(replace(FRAME, merchants=MERCHANTS[:1]), facts("controller", "processor"), HIGH)
    assert [obligation.recipient.kind for obligation in owed] == ["authority", "people", "merchant"]
    assert len({obligation.duty_key for obligation in owed}) == 3


def test_without_a_regime_in_force_nothing_is_owed():
    lawless = replace(FRAME, regimes=(), merchants=MERCHANTS)
    assert obligations_from_facts(lawless, facts("controller", "processor"), HIGH) == ()
    assert obligations_from_awareness(lawless) == ()


def test_the_first_filing_starts_the_follow_up_with_an_internal_target():
    (owed,) = after_filing(outstanding=True)
    assert owed.duty_key == "eu-gdpr/authority-follow-up/DE-BE"
    assert owed.start is Start.INITIAL_SUBMITTED
    assert owed.terms.due_kind is DueKind.INTERNAL
    assert owed.terms.period.value == 336
    assert "no fixed deadline in law (without undue further delay)" in owed.terms.rule


def test_the_follow_up_is_not_owed_before_the_first_filing():
    assert not any("follow-up" in key for key in keys(facts("controller"), HIGH))


def test_people_have_an_internal_target_because_the_law_sets_no_figure():
    terms = terms_for(GDPR, GDPR.duty("people"), TARGETS)
    assert (terms.due_kind, terms.period.value) == (DueKind.INTERNAL, 48)
    assert terms.rule == "no fixed deadline in law (without undue delay): internal target 48 h after awareness"
    assert terms.citation.article == "Art. 34(1) GDPR"


@pytest.mark.parametrize(
    ("contract", "kind", "hours"),
    [
        (12, DueKind.CONTRACTUAL, 12),
        (23, DueKind.CONTRACTUAL, 23),
        (24, DueKind.CONTRACTUAL, 24),
        (25, DueKind.CONTRACTUAL, 25),
        (48, DueKind.CONTRACTUAL, 48),
        (None, DueKind.INTERNAL, 24),
    ],
)
def test_a_contract_is_the_measure_where_there_is_one_and_else_our_own_target(contract, kind, hours):
    terms = controller_terms(contract)
    assert (terms.due_kind, terms.period.value) == (kind, hours)


def test_the_rule_names_contract_and_target():
    words = "contract 12 h after awareness; our own target is 24 h"
    assert controller_terms(12).rule.endswith(words)


def test_contract_hours_are_a_matter_of_processors_only():
    assert terms_for(GDPR, GDPR.duty("people"), TARGETS, 2).due_kind is DueKind.INTERNAL


@pytest.mark.parametrize(
    ("contract", "steps", "warning"),
    [(None, [12, 6, 3, 1], 12 * HOUR), (2, [1], HOUR), (1, [], HOUR / 2)],
)
def test_a_short_clock_has_no_rungs_before_its_start_and_is_not_due_soon_at_once(contract, steps, warning):
    ladder = controller_terms(contract).ladder
    assert [step // HOUR for step in ladder.before] == steps
    assert ladder.warn_before == warning


def test_a_long_clock_has_the_ladder_of_the_law():
    assert terms_for(GDPR, GDPR.duty("people"), TARGETS).ladder.warn_before == 24 * HOUR
    assert terms_for(GDPR, GDPR.duty("authority-initial"), TARGETS).ladder == GDPR.duty("authority-initial").ladder


@pytest.mark.parametrize("wrong", [timedelta(), -HOUR, timedelta(minutes=90)])
def test_targets_are_whole_hours(wrong):
    with pytest.raises(ValueError, match="`people` must be whole hours"):
        Targets(people=wrong, follow_up=HOUR, controller=HOUR)
