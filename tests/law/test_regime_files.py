"""The law files that are shipped: each is read, cited, dated and honest about how sure its reading is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.organisation import DEFAULT_REGIMES
from config.settings import regimes_folder
from flows.reference import regime_files
from flows.reference.public_holidays import UnknownPlaceError, calendar_of
from flows.reference.reminder_ladders import shipped_ladders
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import Duty, Regime, Start, Status, UrlOf
from incidents.law.periods import Counting, PeriodKind
from incidents.law.reading import RegimeError, in_force, read_regime
from tests.builders.rows import over

PATHS = sorted(regimes_folder().glob("*.yaml"))
REGIMES = regime_files.read_all()
DUTIES = [(regime, duty) for regime in REGIMES for duty in regime.duties]


def regime_id(regime: Regime) -> str:
    return regime.id


def duty_id(regime: Regime, duty: Duty) -> str:
    return f"{regime.id}/{duty.id}"


NOW = datetime(2026, 11, 22, tzinfo=UTC)
DORA = (regimes_folder() / "eu-dora.yaml").read_text(encoding="utf-8")
EGYPT = (regimes_folder() / "eg-pdpl.yaml").read_text(encoding="utf-8")


@over(PATHS)
def test_every_file_passes_the_check(path):
    assert regime_files.check(path).problems == ()


def test_the_laws_of_four_continents_are_there():
    assert len(REGIMES) == 56
    assert {regime.id for regime in REGIMES} >= {
        *DEFAULT_REGIMES, "eu-nis2", "eu-dora", "eu-cra", "br-lgpd", "us-hipaa", "us-sec-8k", "us-ca", "au-ndb",
        "sg-pdpa", "jp-appi", "kr-pipa", "in-dpdp", "cn-pipl", "za-popia", "ng-ndpa",
    }  # fmt: skip


@over(REGIMES, regime_id)
def test_what_is_not_sure_says_so(regime):
    assert regime.certainty == "high" or regime.unverified
    assert regime.unverified == bool(regime.verify) == (regime.verified_on is None)
    assert regime.verified_on in {None, date(2026, 11, 1)}


def test_only_what_was_compared_is_not_marked_and_says_what_was_left_out():
    compared = {regime.id for regime in REGIMES if not regime.unverified}
    assert compared == {
        "eu-gdpr", "eu-dora", "eu-cer", "uk-pecr", "ch-isa", "tr-kvkk", "ae-difc", "jo-pdpl", "us-ftc-safeguards",
        "us-ca", "us-ny-dfs", "au-apra-cps234", "in-dpdp",
    }  # fmt: skip
    for each in compared - {"eu-gdpr"}:
        assert any("were not compared with the law" in note for note in regime_files.read(each).notes)


@over(REGIMES, regime_id)
def test_every_law_has_an_official_address_and_says_what_it_leads_to(regime):
    assert regime.url.startswith("https://")
    assert regime.url_of is UrlOf.TEXT or regime.url.count("/") <= 4


@over(DUTIES, duty_id)
def test_every_duty_cites_its_place_in_the_law(regime, duty):
    assert any(letter.isdigit() for letter in duty.citation.article) or regime.id == "cn-incident-measures"
    assert len(duty.citation.text) > 20
    assert duty.citation.url.startswith("https://")


@over(DUTIES, duty_id)
def test_only_the_gdpr_quotes(regime, duty):
    # The other texts are our own words: an invented quotation would be worse than none.
    assert regime.id == "eu-gdpr" or '"' not in duty.citation.text


@over(DUTIES, duty_id)
def test_eu_law_counts_by_the_eu_regulation_and_no_other_law_does(regime, duty):
    by_eu_rule = duty.counting in {Counting.REG_1182_71, Counting.NOON_NEXT_WORKING_DAY}
    assert by_eu_rule == regime.id.startswith("eu-")


IN_DAYS_OUTSIDE_THE_EU = [
    (regime, duty)
    for regime, duty in DUTIES
    if duty.period.kind not in {PeriodKind.HOURS, PeriodKind.NONE} and not regime.id.startswith("eu-")
]


def test_some_laws_outside_the_eu_count_in_days():
    assert len(IN_DAYS_OUTSIDE_THE_EU) > 10


@over(IN_DAYS_OUTSIDE_THE_EU, duty_id)
def test_days_need_a_zone_of_their_own_outside_the_eu(regime, duty):
    assert regime.zone
    assert regime.place


def test_a_proposal_and_what_must_be_checked_are_switched_off_whatever_the_day():
    off = {regime.id for regime in REGIMES if regime.status in {Status.PROPOSED, Status.CHECK}}
    assert off == {"eu-gdpr-omnibus-proposal", "us-circia"}
    binding = {regime.id for regime in in_force(REGIMES, NOW)}
    assert not off & binding
    assert {"eu-gdpr", "eu-dora", "br-lgpd"} <= binding


def test_a_law_that_is_adopted_binds_from_its_day_on_without_anybody_doing_anything():
    india = regime_files.read("in-dpdp")
    assert india.status is Status.NOT_YET_APPLICABLE
    assert not india.applies_on(date(2027, 5, 13))
    assert india.applies_on(date(2027, 5, 14))


def test_turning_the_proposal_on_needs_no_code():
    text = (regimes_folder() / "eu-gdpr-omnibus-proposal.yaml").read_text(encoding="utf-8")
    adopted = text.replace("status: proposed", "status: in_force").replace("valid_from: null", "valid_from: 2028-01-01")
    law = read_regime(read_yaml(adopted, "adopted.yaml"), shipped_ladders())
    assert law.applies_on(date(2028, 1, 1))
    assert law.duty("authority-initial").period.value == 96


def test_the_traps_of_the_field_are_in_the_files():
    read = {regime.id: regime for regime in REGIMES}
    assert read["ae-federal"].duty("authority-initial").period.value is None
    assert read["us-ca"].duty("authority-initial").start is Start.INDIVIDUALS_NOTIFIED
    assert read["us-ca"].duty("authority-initial").threshold_min == 501
    assert read["us-hipaa"].duty("authority-annual").start is Start.END_OF_CALENDAR_YEAR_OF_DISCOVERY
    assert read["eu-dora"].duty("authority-intermediate").start is Start.INITIAL_SUBMITTED
    assert read["eu-nis2"].duty("authority-intermediate").start is Start.AWARE
    assert read["sg-pdpa"].duty("authority-initial").start is Start.ASSESSED
    assert read["eu-telecom-611"].duty("authority-initial").period.value == 24
    assert read["uk-pecr"].duty("authority-initial").period.value == 72
    assert [read["jo-pdpl"].duty(each).period.value for each in ("people", "authority-initial")] == [24, 72]


BROKEN = [
    (EGYPT, "certainty: medium\nverified_on: null\nunverified: true", "certainty: medium\nverified_on: 2026-11-01",
     "mark it `unverified: true`"),
    (EGYPT, "verified_on: null", "verified_on: 2026-11-01", "goes with points under `verify`"),
    (EGYPT, "valid_from: 2025-11-01", "valid_from: null", "needs `valid_from`"),
    (EGYPT, "period: {kind: business_days, value: 3}",
     "period: {kind: business_days, value: 3}\n    counting: elapsed_hours", "are not counted in `elapsed_hours`"),
    (DORA, "period: {kind: hours, value: 72}", "period: {kind: hours, value: 72}\n    counting: next_business_day",
     "hours do not move"),
    (DORA, "  - credit_institution\n", "", "`credit_institution` is not among `entities`"),
    (DORA, "cap: {start: aware", "cap: {start: someday", "`duties.0.cap.start`"),
    (DORA, "established: [EU]", "established: [Europe]", "`applies.established.0`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "right", "wrong", "says"), BROKEN)
def test_a_broken_law_is_refused_with_file_line_and_what_is_wrong(text, right, wrong, says):
    assert right in text
    with pytest.raises(RegimeError) as refused:
        read_regime(read_yaml(text.replace(right, wrong, 1), "broken.yaml"), shipped_ladders())
    assert says in str(refused.value)
    assert "broken.yaml line " in str(refused.value)


def test_the_check_finds_a_wrong_zone_and_names_its_line(tmp_path):
    path = tmp_path / "eg-pdpl.yaml"
    path.write_text(EGYPT.replace("Africa/Cairo", "Africa/Nowhere"), encoding="utf-8")
    (problem,) = regime_files.check(path).problems
    line = next(number for number, text in enumerate(EGYPT.splitlines(), 1) if text.startswith("zone:"))
    assert problem.startswith(f"eg-pdpl.yaml line {line}: `zone`: 'Africa/Nowhere' is no time zone")


def test_the_check_finds_a_wrong_name_and_place(tmp_path):
    path = tmp_path / "egypt.yaml"
    path.write_text(EGYPT.replace("place: EG", "place: ZZ"), encoding="utf-8")
    problems = " ".join(regime_files.check(path).problems)
    assert "a file is named after its law" in problems
    assert "no public holidays are known for 'ZZ'" in problems


@pytest.mark.parametrize("text", [None, "id: [", "- a list"])
def test_the_check_says_what_is_wrong_with_what_is_no_law(tmp_path, text):
    path = tmp_path / "odd.yaml"
    if text is not None:
        path.write_text(text, encoding="utf-8")
    assert len(regime_files.check(path).problems) == 1


@pytest.mark.parametrize(("path", "problem"), [("/dev/zero", "larger than 4 MiB"), ("/", "cannot be read")])
def test_what_is_no_file_or_never_ends_fails_the_check(path, problem):
    (found,) = regime_files.check(Path(path)).problems
    assert problem in found


def test_an_unknown_law_is_refused_with_those_there_are():
    with pytest.raises(regime_files.UnknownRegimeError, match="eu-gdpr"):
        regime_files.read("../../pyproject")


def test_weekends_and_holidays_are_those_of_the_place():
    friday, christmas, womens_day = date(2026, 9, 11), date(2026, 12, 25), date(2027, 3, 8)
    assert calendar_of("DE").is_working(friday)
    assert not calendar_of("EG").is_working(friday)
    assert calendar_of("DE").day_off(christmas) == "public holiday: Christmas Day"
    assert [calendar_of(place).is_working(womens_day) for place in ("DE", "DE-BE", "DE-BY")] == [True, False, True]


@pytest.mark.parametrize(
    ("place", "day", "off"),
    [
        # Exchanged for Saturday 8 August: no public holiday, and the Saturday stays a Saturday (Art. 2 Reg. 1182/71).
        ("HU", date(2026, 8, 20), "public holiday: State Foundation Day"),
        ("HU", date(2026, 8, 21), None),
        ("HU", date(2026, 8, 8), "weekend"),
        ("LV", date(2026, 6, 22), None),
        ("LV", date(2026, 6, 23), "public holiday: Midsummer Eve"),
        ("LV", date(2026, 6, 27), "weekend"),
        # Set off by law where the holiday is on a Sunday.
        ("GR", date(2027, 5, 4), "public holiday: Labor Day (observed)"),
        # Not by law of the EU: people do work on that Saturday.
        ("CN", date(2026, 10, 10), None),
    ],
)  # fmt: skip
def test_a_day_that_is_only_exchanged_is_no_public_holiday_in_the_union(place, day, off):
    assert calendar_of(place).day_off(day) == off


@pytest.mark.parametrize(
    ("place", "meant"),
    [("de", "DE"), ("Germany", "DE"), ("DEU", "DE"), ("de-be", "DE-BE"), ("DE-Bayern", "DE-BY"), ("UK", "GB")],
)
def test_a_place_is_named_by_its_code(place, meant):
    with pytest.raises(UnknownPlaceError, match=rf"did you mean {meant}\?"):
        calendar_of(place)


@pytest.mark.parametrize("place", ["HolidayBase", "NYSE", "XECB", "ZZ", "DE-ZZ", "", "-"])
def test_what_is_no_country_is_no_place(place):
    with pytest.raises(UnknownPlaceError, match=r"write a country \(DE\)"):
        calendar_of(place)


@pytest.mark.parametrize(("day", "owed"), [("2025-05-29T13:59:59Z", False), ("2025-05-29T14:00:00Z", True)])
def test_a_duty_that_is_younger_than_its_law_binds_from_its_own_day(day, owed):
    # 30 May 2025 begins at 14:00 UTC in Sydney.
    (soci,) = in_force([regime_files.read("au-soci")], datetime.fromisoformat(day))
    assert ("ransom-payment" in {duty.id for duty in soci.duties}) is owed
    assert soci.duty("authority-initial")
