"""What is owed under several laws at once: which reach us, to which authority, and what a later event starts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flows.reference import regime_files
from incidents.assessment.proposal import assess
from incidents.casework.deadlines.events import FILED_AS
from incidents.deadlines.targets import Targets
from incidents.facts.breach import Facts
from incidents.law.model import Regime, Start, Status
from incidents.law.periods import Counting
from incidents.law.reading import in_force
from incidents.obligations.derivation import (
    DerivedObligation,
    LegalContext,
    obligations_after,
    obligations_from_awareness,
    obligations_from_facts,
    possible,
)
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient, Recipient, RecipientKind
from tests.builders.rows import over

HOUR = timedelta(hours=1)
OURS = ("eu-gdpr", "uk-gdpr", "ch-fadp", "eg-pdpl", "sa-pdpl", "ae-federal", "ae-difc", "ae-adgm", "tr-kvkk")
BERLIN = Recipient(kind=RecipientKind.AUTHORITY, id="DE-BE", name="The authority of Berlin")
TARGETS = Targets(people=72 * HOUR, follow_up=168 * HOUR, controller=24 * HOUR)


LAWS = {regime.id: regime for regime in regime_files.read_all()}
LISTED = {"FR": "CNIL", "AT": "The authority of Austria", "IE": "The authority of Ireland"}


def listed(country: str) -> Recipient | None:
    name = LISTED.get(country)
    return Recipient(kind=RecipientKind.AUTHORITY, id=country, name=name) if name else None


LED = ControllerProfile(establishment="DE-BE", lead=BERLIN, authority_of=listed)
OUTSIDE = ControllerProfile(establishment="EG", lead=None, authority_of=listed)


def frame(*names: str, profile: ControllerProfile = LED, merchants: tuple[MerchantRecipient, ...] = ()) -> LegalContext:
    regimes = tuple(LAWS[name] for name in names or OURS)
    return LegalContext(regimes=regimes, profile=profile, targets=TARGETS, merchants=merchants)


@dataclass(frozen=True, kw_only=True)
class Verdict:
    notify_authority: bool = True
    notify_people: bool = True
    is_high: bool = True
    public_notice: bool = False


HIGH = Verdict()
RISK = Verdict(notify_people=False, is_high=False)
UNLIKELY = Verdict(notify_authority=False, notify_people=False, is_high=False)


def facts(*places: str, role: str = "controller", breach: str = "confidentiality", **more: Any) -> Facts:
    return facts_of(_set("all", places, role, breach, more))


def facts_of(*sets: dict[str, Any]) -> Facts:
    return Facts.model_validate({"summary": "A bucket was open.", "data_sets": sets})


def _set(name: str, places: tuple[str, ...], role: str, breach: str, more: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "role": role, "kinds": ["email"], "breach": [breach], "countries": list(places), **more}


def keys(known: Facts, verdict: Verdict = HIGH, where: LegalContext | None = None) -> list[str]:
    return [fact.duty_key for fact in obligations_from_facts(where or frame(), known, verdict)]


def test_a_law_asks_only_where_people_of_its_country_are_affected():
    assert keys(facts("DE", "FR"), RISK) == ["eu-gdpr/authority-initial/DE-BE"]
    assert keys(facts("DE", "GB"), RISK) == ["eu-gdpr/authority-initial/DE-BE", "uk-gdpr/authority-initial/GB"]


def test_each_authority_of_each_law_is_owed_its_own_filing_in_one_incident():
    found = keys(facts("DE", "GB", "CH", "SA", "TR"))
    assert [key for key in found if "/authority-initial/" in key] == [
        "eu-gdpr/authority-initial/DE-BE",
        "uk-gdpr/authority-initial/GB",
        "ch-fadp/authority-initial/CH",
        "sa-pdpl/authority-initial/SA",
        "tr-kvkk/authority-initial/TR",
    ]


def test_a_law_with_a_higher_threshold_is_not_owed_for_a_mere_risk():
    assert "ch-fadp/authority-initial/CH" not in keys(facts("CH"), RISK)
    assert "ch-fadp/authority-initial/CH" in keys(facts("CH"), HIGH)
    lifted_for_people = Verdict(notify_people=False)
    assert "ch-fadp/authority-initial/CH" in keys(facts("CH"), lifted_for_people), "no exception lifts the authority"


def test_a_law_without_a_threshold_of_risk_is_owed_for_an_unlikely_one_too():
    assert "tr-kvkk/authority-initial/TR" in keys(facts("TR"), UNLIKELY)
    assert keys(facts("GB"), UNLIKELY) == []


def test_a_law_of_disclosure_alone_asks_nothing_after_an_outage():
    assert not any(key.startswith("tr-kvkk/") for key in keys(facts("TR", breach="availability")))


@pytest.mark.parametrize(
    ("name", "place"),
    [("us-ca", "US-CA"), ("us-tx", "US-TX"), ("us-ny", "US-NY"), ("us-fl", "US-FL"), ("us-co", "US-CO"),
     ("za-popia", "ZA"), ("ph-dpa", "PH")],
)  # fmt: skip
def test_a_law_of_unauthorised_acquisition_asks_nothing_after_a_pure_loss(name, place):
    where = frame("eu-gdpr", name)
    assert not any(key.startswith(name) for key in keys(facts(place, breach="availability"), where=where))
    assert any(key.startswith(name) for key in keys(facts(place), where=where))
    taken = facts(place, breach="availability", exfiltration="possible")
    assert any(key.startswith(name) for key in keys(taken, where=where)), "data that may have left are no pure loss"


def test_a_law_counts_only_the_people_whose_data_were_breached_as_it_asks():
    lost, seen = _set("lost", ("US-CA",), "controller", "availability", {}), _set("seen", ("DE",), "controller",
                                                                                   "confidentiality", {})  # fmt: skip
    assert not any(key.startswith("us-ca") for key in keys(facts_of(lost, seen), where=frame("eu-gdpr", "us-ca")))


def test_where_nobody_lives_no_law_asks():
    known = facts_of(_set("all", (), "controller", "confidentiality", {"countries": {"DE": 3, "CH": 0, "GB": 0}}))
    assert keys(known) == ["eu-gdpr/authority-initial/DE-BE", "eu-gdpr/people/affected-people"]
    nobody = facts_of(_set("all", (), "controller", "confidentiality", {"countries": {"CH": 0}}))
    assert keys(nobody, where=frame("ch-fadp")) == []
    assert possible(frame("ch-fadp"), nobody) == ()
    abroad = frame("eu-gdpr", profile=OUTSIDE)
    assert [key for key in keys(known, where=abroad) if "authority-initial" in key] == ["eu-gdpr/authority-initial/DE"]


def test_data_held_for_merchants_make_us_notify_merchants_and_only_laws_that_bind_processors_too():
    found = keys(facts("DE", "GB", "SA", "EG", role="processor"))
    assert "eu-gdpr/controller/unlisted-merchants" in found
    assert "eg-pdpl/authority-initial/EG" in found, "Egypt binds controller and processor"
    assert not any(key.startswith(("sa-pdpl/", "uk-gdpr/authority", "eu-gdpr/authority")) for key in found)


def test_one_notice_to_a_merchant_serves_every_law_and_is_owed_under_the_one_that_wants_it_first():
    merchants = (MerchantRecipient(id="m-1", name="A shop", contract_hours=None),)
    where = frame("eu-gdpr", "ke-dpa", "uk-gdpr", merchants=merchants)
    owed = obligations_from_facts(where, facts("DE", "GB", "KE", role="processor"), HIGH)
    (notice,) = [obligation for obligation in owed if obligation.recipient.kind is RecipientKind.MERCHANT]
    assert notice.duty_key == "eu-gdpr/controller/m-1"
    assert "the same notice serves ke-dpa/controller, uk-gdpr/controller" in notice.terms.rule
    slow = replace(where, targets=replace(TARGETS, controller=96 * HOUR))
    owed = obligations_from_facts(slow, facts("DE", "KE", role="processor"), HIGH)
    assert [obligation.duty_key for obligation in owed if obligation.recipient.kind is RecipientKind.MERCHANT] == [
        "ke-dpa/controller/m-1"
    ]


def test_people_who_live_nobody_knows_where_are_a_question_not_a_list_of_every_law():
    known = facts()
    assert {key.partition("/")[0] for key in keys(known)} == {"eu-gdpr"}
    found = possible(frame(), known)
    assert {each.regime.id for each in found} == {"uk-gdpr", "ch-fadp", "eg-pdpl", "sa-pdpl", "ae-federal", "tr-kvkk"}
    assert all("not known" in each.because[0] for each in found)
    assert possible(frame(), facts("DE")) == ()


def test_of_a_country_of_which_a_law_binds_a_part_it_is_owed_in_doubt():
    assert any(key.startswith("us-ca/") for key in keys(facts("US"), where=frame("us-ca")))
    assert keys(facts("DE"), where=frame("us-ca")) == []


@pytest.mark.parametrize(("residents", "told"), [(499, False), (500, False), (501, True)])
def test_more_than_five_hundred_residents_is_five_hundred_and_one(residents, told):
    known = facts(countries={"US-CA": residents}, people=residents)
    after = obligations_after(frame("us-ca"), Start.INDIVIDUALS_NOTIFIED, "us-ca", known, HIGH, outstanding=False)
    assert bool(after) is told


# Who is told without a main establishment in the EEA (Guidelines 9/2022 para 73).


def test_with_a_main_establishment_the_lead_authority_alone_is_told_wherever_people_live():
    assert keys(facts("FR", "AT", "IE"), RISK, frame("eu-gdpr")) == ["eu-gdpr/authority-initial/DE-BE"]


def test_without_one_each_authority_of_a_country_where_people_live_is_owed_its_own_filing():
    found = obligations_from_facts(frame("eu-gdpr", profile=OUTSIDE), facts("FR", "AT", "US", "DE"), RISK)
    assert [each.duty_key for each in found] == [f"eu-gdpr/authority-initial/{place}" for place in ("AT", "DE", "FR")]
    assert [each.recipient.name for each in found][::2] == ["The authority of Austria", "CNIL"]
    assert "to be chosen" in found[1].recipient.name, "Germany has one for each of its states"


def test_without_one_and_without_countries_one_obligation_stands_for_them_all():
    where = frame("eu-gdpr", profile=OUTSIDE)
    (owed,) = obligations_from_awareness(where)
    assert owed.recipient.id == "authorities-not-yet-known"
    assert owed.terms.period.value == 72


def test_only_the_countries_of_our_own_data_count_for_our_own_authorities():
    sets = [
        _set("ours", ("FR",), "controller", "confidentiality", {}),
        _set("theirs", ("AT",), "processor", "confidentiality", {}),
    ]
    known = Facts.model_validate({"summary": "Both.", "data_sets": sets})
    found = keys(known, RISK, frame("eu-gdpr", profile=OUTSIDE))
    assert found == ["eu-gdpr/authority-initial/FR", "eu-gdpr/controller/unlisted-merchants"]


# From awareness on, before anything is assessed.


def test_from_awareness_on_only_laws_of_our_own_place_and_sector_and_the_gdpr_run():
    assert [each.duty_key for each in obligations_from_awareness(frame())] == ["eu-gdpr/authority-initial/DE-BE"]
    essential = replace(LED, sectors=("essential_entity",))
    found = [each.duty_key for each in obligations_from_awareness(frame("eu-gdpr", "eu-nis2", profile=essential))]
    assert found == [
        "eu-gdpr/authority-initial/DE-BE",
        "eu-nis2/authority-initial/eu-nis2",
        "eu-nis2/authority-intermediate/eu-nis2",
    ]
    assert not any("nis2" in each.duty_key for each in obligations_from_awareness(frame("eu-gdpr", "eu-nis2")))


def test_the_kind_of_entity_we_are_settles_its_own_period():
    trust = replace(LED, sectors=("essential_entity",), entities=("trust_service_provider",))
    by_duty = {
        each.terms.duty: each.terms.period.value for each in obligations_from_awareness(frame("eu-nis2", profile=trust))
    }
    assert by_duty == {"authority-initial": 24, "authority-intermediate": 24}


@pytest.mark.parametrize(
    ("kinds", "moves"),
    [
        ({"entities": ("credit_institution",)}, False),
        ({"entities": ("investment_firm",)}, True),
        ({"entities": ("investment_firm", "important_entity")}, False),
        ({"sectors": ("financial", "essential_entity")}, False),
        ({}, True),
    ],
)
def test_of_several_kinds_of_entity_the_strictest_counts_and_of_none_the_general_rule(kinds, moves):
    where = replace(LED, **{"sectors": ("financial",), **kinds})
    terms = {each.terms.duty: each.terms for each in obligations_from_awareness(frame("eu-dora", profile=where))}
    assert (terms["authority-initial"].counting is Counting.NOON_NEXT_WORKING_DAY) is moves


# What a filing starts.


def test_the_people_of_egypt_are_owed_three_working_days_after_the_authority_was_told():
    assert not any(key.startswith("eg-pdpl/people") for key in keys(facts("EG")))
    (after,) = obligations_after(frame(), Start.AUTHORITY_NOTIFIED, "eg-pdpl", facts("EG"), HIGH, outstanding=False)
    assert (after.duty_key, str(after.terms.period), after.terms.place) == (
        "eg-pdpl/people/affected-people", "3 business days", "EG",
    )  # fmt: skip


def test_a_filing_starts_nothing_under_another_law():
    known = facts("EG", "DE")
    assert obligations_after(frame(), Start.AUTHORITY_NOTIFIED, "eu-gdpr", known, HIGH, outstanding=True) == ()


def test_the_final_report_is_owed_after_the_incident_notification_not_after_the_early_warning():
    essential = replace(LED, sectors=("essential_entity",))
    where = frame("eu-nis2", profile=essential)
    started = {
        event: [
            each.terms.duty for each in obligations_after(where, event, "eu-nis2", facts("DE"), HIGH, outstanding=False)
        ]
        for event in (Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED)
    }
    assert started == {Start.INITIAL_SUBMITTED: [], Start.INTERMEDIATE_SUBMITTED: ["authority-final"]}


FILINGS = {Start.INITIAL_SUBMITTED, Start.INTERMEDIATE_SUBMITTED, Start.AUTHORITY_NOTIFIED}
FROM_A_FILING = [(regime, duty) for regime in LAWS.values() for duty in regime.duties if duty.start in FILINGS]


def test_some_duty_counts_from_each_kind_of_filing():
    assert {duty.start for _, duty in FROM_A_FILING} == FILINGS


@over(FROM_A_FILING, lambda regime, duty: f"{regime.id}/{duty.id}")
def test_whatever_counts_from_a_filing_has_the_duty_that_is_filed(regime, duty):
    assert duty.start in {event for other in regime.duties for event in FILED_AS.get(other.id, ())}


# A proposal becomes law by data alone.


def adopted_omnibus() -> Regime:
    return replace(LAWS["eu-gdpr-omnibus-proposal"], status=Status.IN_FORCE, valid_from=date(2027, 1, 1))


def test_a_proposal_changes_nothing_until_its_file_says_that_it_is_law():
    both = frame("eu-gdpr", "eu-gdpr-omnibus-proposal")
    ruling = in_force(both.regimes, datetime(2027, 6, 1, tzinfo=UTC))
    assert keys(facts("DE"), RISK, replace(both, regimes=ruling)) == ["eu-gdpr/authority-initial/DE-BE"]


@pytest.mark.parametrize(
    ("aware", "verdict", "expected"),
    [
        (datetime(2026, 12, 31, tzinfo=UTC), RISK, ["eu-gdpr/authority-initial/DE-BE"]),
        (datetime(2027, 1, 1, tzinfo=UTC), RISK, []),
        (
            datetime(2027, 1, 1, tzinfo=UTC),
            HIGH,
            ["eu-gdpr/people/affected-people", "eu-gdpr-omnibus-proposal/authority-initial/DE-BE"],
        ),
    ],
)
def test_once_in_force_it_takes_the_place_of_the_old_duty_for_awareness_from_that_day_on(aware, verdict, expected):
    ruling = in_force((LAWS["eu-gdpr"], adopted_omnibus()), aware)
    found = obligations_from_facts(replace(frame(), regimes=ruling), facts("DE"), verdict)
    assert [each.duty_key for each in found] == expected
    hours = {each.terms.period.value for each in found if each.recipient.kind is RecipientKind.AUTHORITY}
    assert hours <= ({72} if aware.year == 2026 else {96})


# Laws of the whole, for any facts.

PLACES = st.lists(st.sampled_from(["DE", "FR", "GB", "CH", "EG", "SA", "AE", "TR", "US", "US-CA", "JP"]), unique=True)
ROLES = st.sampled_from(["controller", "processor", "joint_controller"])
ALL = tuple(name for name, each in LAWS.items() if each.status is Status.IN_FORCE)


def duties(owed: tuple[DerivedObligation, ...]) -> set[tuple[str, str]]:
    """Which duties of which laws; a notice to a merchant is one, whichever law wants it first."""
    return {
        ("any", "notice")
        if obligation.recipient.kind is RecipientKind.MERCHANT
        else (obligation.terms.regime, obligation.terms.duty)
        for obligation in owed
    }


def hours_to_notice(owed: tuple[DerivedObligation, ...]) -> int:
    return min(
        (
            obligation.terms.period.about_in_hours
            for obligation in owed
            if obligation.recipient.kind is RecipientKind.MERCHANT
        ),
        default=0,
    )


@settings(max_examples=60)
@given(places=PLACES, more=st.sampled_from(["IE", "GB", "CH", "EG", "US-NY", "BR"]), role=ROLES, outside=st.booleans())
def test_adding_a_country_never_removes_an_obligation_and_never_gives_a_merchants_notice_more_time(
    places, more, role, outside
):
    where = frame(*ALL, profile=OUTSIDE if outside else LED)
    judged = assess(facts("DE"))
    before, after = (
        obligations_from_facts(where, facts(*each, role=role), judged) for each in (places, (*places, more))
    )
    assert duties(before) <= duties(after)
    assert not hours_to_notice(before) or hours_to_notice(after) <= hours_to_notice(before)


@settings(max_examples=60)
@given(places=PLACES, role=ROLES)
def test_a_graver_verdict_never_removes_an_obligation_and_planning_twice_gives_the_same(places, role):
    where, known = frame(*ALL), facts(*places, role=role)
    lenient, graver, gravest = (set(keys(known, each, where)) for each in (UNLIKELY, RISK, HIGH))
    assert lenient <= graver <= gravest
    assert keys(known, HIGH, where) == keys(known, HIGH, where)


@pytest.mark.parametrize("name", ALL)
def test_every_law_in_force_comes_to_owe_something_where_it_reaches_us(name):
    reach = LAWS[name].applies
    home = next(iter((*reach.residents, *reach.established)), "DE").replace("EEA", "DE").replace("EU", "DE")
    place = next(iter(reach.established), "DE").replace("EEA", "DE").replace("EU", "DE")
    where = frame(name, profile=ControllerProfile(establishment=place, lead=BERLIN, sectors=reach.sectors))
    sets = [
        _set(role, (), role, breach, {"countries": {home: 2_000_000}, "people": 2_000_000})
        for role, breach in (("controller", "confidentiality"), ("processor", "availability"))
    ]
    assert obligations_from_facts(where, facts_of(*sets), HIGH)
