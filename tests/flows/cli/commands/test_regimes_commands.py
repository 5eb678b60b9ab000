"""`tocsin regimes` list, show and check, and `clock due` for every duty of every law."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from config.organisation import DEFAULT_REGIMES
from config.settings import example_organisation, regimes_folder
from flows.error_codes import Exit
from flows.reference import regime_files
from flows.reference.time_zones import shows_other_time
from incidents.deadlines.computation import count
from incidents.law.model import Start
from incidents.law.working_days import WorkCalendar

DORA = ("clock", "due", "--regime", "eu-dora", "--duty")


def test_the_list_shows_every_law_and_from_which_obligations_arise(tocsin):
    said = tocsin("regimes", "list").out
    assert all(each in said for each in regime_files.ids())
    assert "Obligations arise from those that are `on`, where they reach us" in " ".join(said.split())
    answer = tocsin("regimes", "list", "--json").json
    assert answer["obligations_arise_from"] == list(DEFAULT_REGIMES)
    by_id = {each["id"]: each for each in answer["regimes"]}
    assert by_id["eu-gdpr"]["switched_on"]
    assert not by_id["us-ca"]["switched_on"]
    assert (by_id["eu-gdpr-omnibus-proposal"]["status"], by_id["eu-gdpr-omnibus-proposal"]["in_force"]) == (
        "proposed",
        False,
    )
    assert by_id["bh-pdpl"]["unverified"]


def test_a_law_is_shown_with_citations_and_what_is_not_sure(tocsin):
    said = " ".join(tocsin("regimes", "show", "eg-pdpl").out.split())
    assert "UNVERIFIED; to compare: the 3 working days for individuals" in said
    assert "for us: on" in said
    assert "3 business days after the authority was notified" in said
    answer = tocsin("regimes", "show", "eu-dora", "--json").json
    initial = answer["duties"][0]
    assert initial["events_needed"] == ["classified", "aware"]
    assert initial["cap"] == {"start": "aware", "hours": 24}
    assert "credit_institution" in initial["never_moved_for"]


def test_a_law_that_is_not_there_is_not_found(tocsin):
    assert tocsin("regimes", "show", "atlantis").code == Exit.NOT_FOUND


def test_the_files_that_are_shipped_pass_the_check(tocsin):
    ran = tocsin("regimes", "check")
    assert (ran.code, f"{len(regime_files.ids())} files checked, 0 problems" in ran.out) == (Exit.OK, True)


def test_a_law_is_shown_with_its_reminders_and_where_they_are_written(tocsin, home):
    said = " ".join(tocsin("regimes", "show", "eu-gdpr").out.split())
    assert (
        "reminders: 48 h, 24 h, 12 h, 6 h, 3 h, 1 h before, when due, 1 h, 6 h, 12 h, 24 h after, then every 24 h"
        in said
    )
    assert said.count("(config/reminders.yaml)") == len(regime_files.read("eu-gdpr").duties)
    own = "reminders:\n  standard: {warn_before: 10, before: [10], after: [], then_every: 12}\n"
    text = example_organisation().read_text(encoding="utf-8")
    (home / "home").mkdir(exist_ok=True)
    (home / "home" / "organisation.yaml").write_text(f"{text}\n{own}", encoding="utf-8")
    assert "10 h before, when due, then every 12 h (organisation.yaml)" in tocsin("regimes", "show", "eu-gdpr").out
    first = tocsin("regimes", "show", "eu-gdpr", "--json").json["duties"][0]
    assert first["reminders"] == {
        "source": "organisation", "warn_before": "10 h", "before": ["10 h"], "after": [], "then_every": "12 h",
    }  # fmt: skip


def test_the_check_says_where_the_reminders_of_each_law_come_from(tocsin, home):
    assert "0 by organisation.yaml, 0 by their law file" in " ".join(tocsin("regimes", "check").out.split())
    text = (regimes_folder() / "uk-gdpr.yaml").read_text(encoding="utf-8")
    own = "ladder_hours: {warn_before: 36, before: [36, 2], after: [3], then_every: 8}\n\nduties:\n"
    (home / "home" / "regimes").mkdir(parents=True)
    (home / "home" / "regimes" / "uk-gdpr.yaml").write_text(text.replace("duties:\n", own, 1), encoding="utf-8")
    assert "by their law file (uk-gdpr)" in " ".join(tocsin("regimes", "check").out.split())
    checked = {one["id"]: one["reminders_from"] for one in tocsin("regimes", "check", "--json").json["files"]}
    assert (checked["uk-gdpr"], checked["eu-gdpr"]) == (["law_file"], ["default"])


def test_a_broken_file_fails_the_check_with_its_line(tocsin, home):
    text = (regimes_folder() / "eg-pdpl.yaml").read_text(encoding="utf-8")
    (home / "eg-pdpl.yaml").write_text(text.replace("start: aware", "start: someday"), encoding="utf-8")
    line = 1 + text[: text.index("start: aware")].count("\n")
    ran = tocsin("regimes", "check", "eg-pdpl.yaml")
    assert (ran.code, f"eg-pdpl.yaml line {line}: `duties.0.start`" in ran.out) == (Exit.FAILED, True)
    answer = tocsin("regimes", "check", "eg-pdpl.yaml", "--json")
    assert (answer.code, answer.json["ok"]) == (Exit.FAILED, False)


@pytest.mark.parametrize(
    ("entity", "due"), [("investment_firm", "2026-09-14T10:00:00Z"), ("credit_institution", "2026-09-12T12:00:00Z")]
)
def test_other_events_kinds_of_entity_and_holidays_are_asked_by_option(tocsin, entity, due):
    events = ("--aware", "2026-09-11 20:00", "--event", "classified=2026-09-12 10:00", "--place", "DE")
    answer = tocsin(*DORA, "authority-initial", *events, "--entity", entity, "--json").json
    assert answer["due_at"] == due
    assert (answer["aware_at"], answer["started_at"]) == ("2026-09-11T18:00:00Z", "2026-09-12T08:00:00Z")
    assert answer["counting"]


def test_without_a_place_the_holidays_of_our_member_state_count_and_not_those_of_our_region(tocsin):
    # Our authority is Berlin's; Monday 8 March 2027 is a public holiday there and not in Germany.
    found = tocsin(*DORA, "authority-final", "--start", "2027-02-08 10:00", "--json").json
    assert (found["place"], found["due_at"]) == ("DE", "2027-03-08T23:00:00Z")
    found = tocsin(*DORA, "authority-final", "--start", "2027-02-08 10:00", "--place", "DE-BE", "--json").json
    assert (found["place"], found["due_at"]) == ("DE-BE", "2027-03-09T11:00:00Z")


def test_the_arithmetic_is_said_step_by_step(tocsin):
    events = ("--aware", "2026-09-11 20:00", "--event", "classified=2026-09-12 10:00", "--place", "DE")
    said = tocsin(*DORA, "authority-initial", *events, "--entity", "investment_firm").out
    assert "Saturday 2026-09-12 is a day off in DE (weekend): moved to noon of the next working day" in said
    assert "it is not moved for credit_institution" in said


@pytest.mark.parametrize("entity", ["credit_institution", "[crypto_asset_service_provider, important_entity]", ""])
def test_the_kind_of_entity_comes_from_the_organisation_and_where_it_is_not_known_the_general_rule_counts(
    tocsin, home, entity
):
    example = example_organisation().read_text(encoding="utf-8")
    (home / "home").mkdir()
    (home / "home" / "organisation.yaml").write_text(f"{example}\nentity: {entity}\n", encoding="utf-8")
    events = ("--aware", "2026-09-11 20:00", "--event", "classified=2026-09-12 10:00", "--place", "DE")
    found = tocsin(*DORA, "authority-initial", *events, "--json").json
    assert found["due_at"] == ("2026-09-12T12:00:00Z" if entity else "2026-09-14T10:00:00Z")
    sooner = [(each["due_at"], "credit_institution" in each["entities"]) for each in found["otherwise"]]
    assert sooner == ([] if entity else [("2026-09-12T12:00:00Z", True)])
    assert any("it is due SOONER for some" in each for each in found["notices"]) is not bool(entity)


def test_a_duty_that_is_younger_than_its_law_says_from_when_it_binds(tocsin):
    due = ("clock", "due", "--regime", "au-soci", "--duty", "ransom-payment", "--start")
    found = tocsin(*due, "2025-05-29T13:59:59Z", "--json").json
    assert (found["in_force"], found["valid_from"]) == (False, "2025-05-30")
    assert any("it applies from 2025-05-30" in each for each in found["notices"])
    assert tocsin(*due, "2025-05-29T14:00:00Z", "--json").json["in_force"]


def test_the_days_left_out_are_listed_and_an_estimated_holiday_is_marked(tocsin):
    egypt = ("clock", "due", "--regime", "eg-pdpl", "--duty", "people", "--start", "2028-02-24T08:00:00Z")
    found = tocsin(*egypt, "--json").json
    assert "nor are days off in EG (2 days of weekends; Sun 2028-02-27 (public holiday: " in found["counting"][0]
    assert [each[:14] for each in found["estimated"]] == ["Sun 2028-02-27"]
    assert any("is only an estimate: Sun 2028-02-27" in each for each in found["notices"])
    brazil = ("clock", "due", "--regime", "br-lgpd", "--duty", "authority-initial", "--entity", "other", "--aware")
    found = tocsin(*brazil, "2026-12-23T13:00:00Z", "--json").json
    assert "BR (2 days of weekends; Fri 2026-12-25 (public holiday: Christmas Day))" in found["counting"][0]
    assert found["estimated"] == []
    assert "BR (none lies between)" in tocsin(*brazil, "2026-11-09T13:00:00Z", "--json").json["counting"][0]


def test_a_limit_that_moves_over_an_estimated_holiday_is_marked_too():
    days = {date(2027, 3, 10): "public holiday: Eid al-Fitr (estimated)"}
    duty = regime_files.read("eu-nis2").duty("authority-final")
    found = count(
        duty, duty.period, {Start.INTERMEDIATE_SUBMITTED: datetime(2027, 2, 10, 9, tzinfo=UTC)}, zone=ZoneInfo("UTC"),
        calendar=WorkCalendar(place="XX", day_off=days.get),
    )  # fmt: skip
    assert (found.due_at, len(found.estimated)) == (datetime(2027, 3, 12, tzinfo=UTC), 1)


@pytest.mark.parametrize(
    ("place", "zone", "said"),
    [
        ("GR", None, "--zone Europe/Athens"),
        ("PT", None, "give one of PT with --zone"),
        ("GR", "Europe/Athens", None),
        ("GR", "Europe/Helsinki", None),
        ("FR", None, None),
        ("PT", "Atlantic/Azores", None),
    ],
)
def test_a_place_and_a_zone_that_do_not_fit_are_named(tocsin, place, zone, said):
    asked = (*DORA, "authority-final", "--start", "2026-09-14T10:00:00Z", "--place", place)
    notices = tocsin(*asked, *(("--zone", zone) if zone else ()), "--json").json["notices"]
    found = [notice for notice in notices if f"days off are those of {place}" in notice]
    assert [said in each for each in found] == ([True] if said else [])


def test_every_law_with_a_place_has_a_zone_of_it():
    now = datetime(2026, 11, 22, tzinfo=UTC)
    where = {each.id: (each.place, each.zone) for each in regime_files.read_all() if each.place and each.zone}
    assert not [law for law, (place, zone) in where.items() if shows_other_time(str(place), ZoneInfo(zone), now)]


def test_ids_are_taken_in_any_letters(tocsin):
    due = ("clock", "due", "--regime", "EU-GDPR", "--duty", "Authority-Initial", "--aware", "now")
    found = tocsin(*due, "--json").json
    assert (found["regime"], found["duty"]) == ("eu-gdpr", "authority-initial")


def test_two_working_days_within_a_period_of_days_are_shown_and_never_used_as_due(tocsin):
    due = ("clock", "due", "--regime", "eu-telecom-611", "--duty", "authority-follow-up", "--start")
    found = tocsin(*due, "2026-10-09 10:00", "--place", "DE", "--json").json
    assert (found["due_at"], found["latest_reg_1182_71"]) == ("2026-10-12T22:00:00Z", "2026-10-13T22:00:00Z")
    assert "Art. 3(5)" in found["latest_because"]
    said = tocsin(*due, "2026-10-09 10:00", "--place", "DE").out
    assert (
        "per Reg. 1182/71 Art. 3(5), by which a period of two days or more includes at least two working days" in said
    )
    found = tocsin(*due, "2026-09-07 08:00", "--place", "DE", "--json").json
    assert (found["latest_reg_1182_71"], found["latest_because"]) == (None, None)


def test_a_kind_of_entity_that_has_less_time_gets_it_once_it_is_named(tocsin):
    due = ("clock", "due", "--regime", "eu-nis2", "--duty", "authority-intermediate", "--aware", "2026-09-07T10:00:00Z")
    found = tocsin(*due, "--json").json
    assert found["due_at"] == "2026-09-10T10:00:00Z"
    assert [(each["due_at"], each["entities"]) for each in found["otherwise"]] == [
        ("2026-09-08T10:00:00Z", ["trust_service_provider"])
    ]
    assert tocsin(*due, "--entity", "trust_service_provider", "--json").json["due_at"] == "2026-09-08T10:00:00Z"


def test_the_doctor_names_a_kind_of_entity_that_no_law_knows_and_a_law_for_which_none_is_named(tocsin, home):
    example = example_organisation().read_text(encoding="utf-8").replace("regimes: [", "regimes: [eu-dora, eu-nis2, ")
    (home / "home").mkdir()
    for said, entity in {
        "knows the kind of entity `nis2_essential`": "nis2_essential",
        "eu-dora tells kinds of entity apart and ours is not named: the general rule counts": "trust_service_provider",
    }.items():
        text = f"{example}\nsectors: [financial]\nentity: {entity}\n"
        (home / "home" / "organisation.yaml").write_text(text, encoding="utf-8")
        assert said in " ".join(tocsin("doctor").out.split())
    text = f"{example}\nsectors: [financial]\nentity: [other, trust_service_provider]\n"
    (home / "home" / "organisation.yaml").write_text(text, encoding="utf-8")
    assert "of entity" not in tocsin("doctor").out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*DORA, "authority-initial", "--aware", "2026-09-11 20:00"), "`classified`"),
        ((*DORA, "authority-initial", "--start", "2026-09-11 20:00"), "`aware`"),
        ((*DORA, "authority-initial", "--event", "classified=2026-09-11 20:00"),
         "counts from `classified` and `aware`; `aware` is not given: say when that was, with `--aware TIME`"),
        (("clock", "due", "--regime", "us-hipaa", "--duty", "authority-annual", "--aware", "now"),
         "counts from the end of the calendar year of `detected`: say when that was, with `--event detected=TIME`"),
        (("clock", "due", "--regime", "us-hipaa", "--duty", "authority-annual", "--event",
          "end_of_calendar_year_of_discovery=now"), "write detected=TIME"),
        ((*DORA, "authority-initial", "--event", "someday=2026-09-11 20:00"), "START one of"),
        ((*DORA, "authority-initial", "--event", "classified"), "START=TIME"),
        ((*DORA, "authority-initial", "--aware", "now", "--event", "aware=now"), "given twice"),
        ((*DORA, "authority-initial", "--aware", "now", "--entity", "bank"), "knows no kind of entity 'bank'"),
        ((*DORA, "authority-final", "--start", "2026-09-11 20:00", "--place", "XX"), "no public holidays"),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "people", "--aware", "now", "--entity", "bank"),
         "tells no kinds apart"),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-follow-up", "--aware", "now"),
         "`initial_submitted`"),
        ((*DORA, "authority-initial"), "`--event classified=TIME --aware TIME`"),
        ((*DORA, "authority-initial", "--aware", "now", "--entity", "investment-firm"), "mean investment_firm?"),
        ((*DORA, "authority-initial", "--event", "clasified=now"), "did you mean classified?"),
        ((*DORA, "authority-initial", "--aware", "2026-02-29 10:00"), "no day of the calendar"),
        ((*DORA, "authority-final", "--start", "9999-12-31 23:00"), "between the years 1970 and 2100"),
        ((*DORA, "authority-final", "--start", "1969-12-31 23:00"), "between the years 1970 and 2100"),
        ((*DORA, "authority-final", "--start", "0001-01-01 00:00"), "between the years 1970 and 2100"),
        ((*DORA, "authority-final", "--start", "2026-10-25 02:30"), "for example 2026-10-25 00:30Z"),
        ((*DORA, "authority-initial", "--aware", "now", "--zone", "Europe/Bonn"), "no time zone"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(tocsin, arguments, says):
    ran = tocsin(*arguments, "--json")
    assert ran.code == Exit.USAGE
    assert says in json.loads(ran.err)["error"]["message"]


@pytest.mark.parametrize(
    ("regime", "duty", "says"),
    [
        ("dora", "authority-initial", "Did you mean eu-dora?"),
        ("eu-gdp", "authority-initial", "no law there is a file of. Did you mean eu-gdpr or"),
        ("eu-gdpr", "authority", "did you mean authority-initial?"),
    ],
)
def test_a_wrong_name_is_answered_with_the_nearest(tocsin, regime, duty, says):
    ran = tocsin("clock", "due", "--regime", regime, "--duty", duty, "--aware", "now")
    assert (ran.code, says in ran.err) == (Exit.NOT_FOUND, True)


@pytest.mark.parametrize(
    ("aware", "in_force"), [("2026-09-10T21:59:59.999999Z", False), ("2026-09-10T22:00:00Z", True)]
)
def test_before_a_law_applies_the_date_is_computed_and_says_from_when_it_does(tocsin, aware, in_force):
    due = ("clock", "due", "--regime", "eu-cra", "--duty", "authority-initial", "--aware", aware)
    answer = tocsin(*due, "--json").json
    assert (answer["in_force"], answer["valid_from"]) == (in_force, "2026-09-11")
    ran = tocsin(*due)
    said = " ".join((ran.out + ran.err).split())
    assert ("status: not in force on 2026-09-10: it applies from 2026-09-11" in said) is not in_force
    assert ("! not in force on 2026-09-10" in said) is not in_force
    assert ("(set by law)" in said) is in_force


def test_a_day_before_the_gdpr_is_answered_and_says_that_it_was_none_of_its_days(tocsin):
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware", "2017-01-01 10:00")
    ran = tocsin(*due)
    assert ran.code == Exit.OK
    assert "not in force on 2017-01-01: it applies from 2018-05-25" in " ".join(ran.err.split())
    assert tocsin(*due, "--json").json["in_force"] is False


def test_the_change_of_clocks_between_is_named(tocsin):
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial")
    said = tocsin(*due, "--aware", "2026-10-23 15:20").out
    assert "go back 1 h on Sun 2026-10-25 (03:00 CEST becomes 02:00 CET), so it ends 1 h earlier" in said
    answer = tocsin(*due, "--aware", "2026-10-23 15:20", "--json").json
    assert [each["at"] for each in answer["clock_changes"]] == ["2026-10-25T01:00:00Z"]
    assert "no clock change lies between" in tocsin(*due, "--aware", "2026-10-26 15:20").out


def test_a_time_without_zone_says_in_which_it_was_read_where_the_law_has_its_own(tocsin):
    due = ("clock", "due", "--regime", "in-certin", "--duty", "authority-initial", "--event")
    ran = tocsin(*due, "detected=2026-05-04 22:10")
    assert "read in Europe/Berlin" in " ".join(ran.err.split())
    assert "2026-05-05T02:10:00Z" in ran.out
    for time in (("detected=2026-05-04T20:10:00Z",), ("detected=2026-05-05 01:40", "--zone", "Asia/Kolkata")):
        ran = tocsin(*due, *time)
        assert "read in" not in ran.err
        assert "2026-05-05T02:10:00Z" in ran.out


def test_a_classification_before_awareness_is_counted_and_questioned(tocsin):
    ran = tocsin(*DORA, "authority-initial", "--aware", "2026-09-12 20:00", "--event", "classified=2026-09-11 10:00")
    assert ran.code == Exit.OK
    assert "`classified` lies before `aware`: check the times" in ran.err
    ran = tocsin(*DORA, "authority-initial", "--aware", "2026-09-11 10:00", "--event", "classified=2026-09-11 10:00")
    assert "lies before" not in ran.err


@pytest.mark.parametrize("written", ["2026-10-25 00:30Z", "2026-10-25 02:30 CEST", "2026-10-25 02:30+02:00"])
def test_the_hour_that_happens_twice_can_be_written_as_the_refusal_says(tocsin, written):
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware")
    assert "for example 2026-10-25 00:30Z" in tocsin(*due, "2026-10-25 02:30").err
    assert tocsin(*due, written, "--json").json["due_at"] == "2026-10-28T00:30:00Z"


def test_what_lies_ahead_is_computed_and_says_so(tocsin):
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware")
    assert "lies in the future" in tocsin(*due, "2090-02-28 10:00").err
    assert tocsin(*due, "2090-02-28 10:00", "--json").json["due_at"] == "2090-03-03T09:00:00Z"
    assert tocsin(*due, "now").err == ""


def test_an_unverified_law_says_so_wherever_it_speaks(tocsin):
    due = ("clock", "due", "--regime", "eg-pdpl", "--duty", "people", "--event", "authority_notified=2026-09-09 14:00")
    answer = tocsin(*due, "--json").json
    assert (answer["unverified"], answer["certainty"], answer["place"], answer["zone"]) == (
        True,
        "medium",
        "EG",
        "Africa/Cairo",
    )
    assert "the 3 working days for individuals" in answer["verify"]
    ran = tocsin(*due)
    assert "! unverified" in ran.out
    assert "unverified (medium certainty)" in ran.err


def test_a_proposal_can_be_computed_and_says_that_it_is_none_yet(tocsin):
    due = ("clock", "due", "--regime", "eu-gdpr-omnibus-proposal", "--duty", "authority-initial")
    ran = tocsin(*due, "--aware", "2026-10-23 15:20")
    assert "2026-10-27T13:20:00Z" in ran.out
    assert "not in force" in " ".join(ran.err.split())
    assert "not later than 96 hours after awareness (as proposed; not in force)" in ran.out
    assert "set by law" not in ran.out
    answer = tocsin(*due, "--aware", "2026-10-23 15:20", "--json").json
    assert (answer["in_force"], answer["status"], answer["valid_from"]) == (False, "proposed", None)
    assert any("only a proposal" in each for each in answer["notices"])


def test_a_verified_law_is_quiet(tocsin):
    answer = tocsin(
        "clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware", "2026-10-23 15:20", "--json"
    ).json
    assert (answer["unverified"], answer["certainty"], answer["in_force"]) == (False, "high", True)
    assert answer["latest_reg_1182_71"] == "2026-10-26T14:00:00Z"
    assert answer["latest_local"] == "2026-10-26T15:00:00+01:00"
    assert answer["notices"] == []


def test_the_end_of_a_day_names_the_day_that_ends(tocsin):
    due = ("clock", "due", "--regime", "eu-nis2", "--duty", "authority-final", "--place", "DE", "--event")
    said = tocsin(*due, "intermediate_submitted=2026-11-25 10:00").out
    assert "= 2026-12-28T23:00:00Z, the end of Mon 2026-12-28 (24:00)" in said
    assert "event:  intermediate submitted (submission of the 72-hour incident notification" in said
    assert "place:  DE, whose weekends and public holidays are days off" in said


def test_every_duty_of_every_law_answers(tocsin):
    laws = regime_files.read_all()
    assert len(laws) > 50
    for regime in laws:
        assert regime.duties
        for duty in regime.duties:
            at = "2027-06-15 10:00"
            events = ("--start", at, *(("--aware", at) if duty.cap else ()))
            ran = tocsin("clock", "due", "--regime", regime.id, "--duty", duty.id, *events, "--json")
            assert ran.code == Exit.OK, f"{regime.id}/{duty.id}: {ran.err}"
            assert ran.json["due_kind"] == ("internal" if duty.period.value is None else "statutory")


def test_a_law_of_the_home_folder_comes_before_the_one_shipped_and_a_proposal_is_switched_on_by_its_file(tocsin, home):
    laws = home / "home" / "regimes"
    laws.mkdir(parents=True)
    shipped = (regimes_folder() / "eu-gdpr-omnibus-proposal.yaml").read_text(encoding="utf-8")
    adopted = shipped.replace("status: proposed", "status: in_force").replace(
        "valid_from: null", "valid_from: 2026-01-01"
    )
    (laws / "eu-gdpr-omnibus-proposal.yaml").write_text(adopted, encoding="utf-8")
    organisation = example_organisation().read_text(encoding="utf-8")
    switched_on = organisation.replace("regimes: [eu-gdpr,", "regimes: [eu-gdpr, eu-gdpr-omnibus-proposal,")
    (home / "home" / "organisation.yaml").write_text(switched_on, encoding="utf-8")
    assert tocsin("regimes", "show", "eu-gdpr-omnibus-proposal", "--json").json["in_force"]
    tocsin("open", "Exports readable", "--detected", "2 h ago")
    (owed,) = tocsin("deadlines", "1", "--json").json
    assert owed["obligation"] == "eu-gdpr-omnibus-proposal/authority-initial/DE-BE"
    assert 93 * 3600 < owed["seconds_left"] < 94 * 3600


def test_a_changed_law_file_is_said_and_taken_over_only_when_asked(tocsin, home):
    token = tocsin("user", "add", "DPO", "--role", "dpo").out.strip()
    tocsin("open", "Exports readable", "--detected", "3 h ago")
    tocsin("aware", "1", "--at", "2 h ago", "--basis", "the access log")
    assert "counted by today's law files already" in tocsin("clock", "reevaluate", "1").out
    laws = home / "home" / "regimes"
    laws.mkdir(parents=True)
    shipped = (regimes_folder() / "eu-gdpr.yaml").read_text(encoding="utf-8")
    (laws / "eu-gdpr.yaml").write_text(shipped.replace("value: 72", "value: 96"), encoding="utf-8")
    (found,) = tocsin("clock", "reevaluate", "1", "--json").json
    assert (found["obligation"], found["changed"]) == ("eu-gdpr/authority-initial/DE-BE", ["period"])
    before = tocsin("deadlines", "1", "--json").json[0]["due_at"]
    assert before == found["due_at"]
    assert tocsin("clock", "reevaluate", "1", "--because", "adopted").code == Exit.PERMISSION
    assert tocsin("clock", "reevaluate", "1", "--because", "adopted", token=token).code == Exit.OK
    assert tocsin("deadlines", "1", "--json").json[0]["due_at"] == found["due_by_todays_law"] != before
