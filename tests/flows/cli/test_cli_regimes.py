"""The law at the counter: regimes list, show and check, and clock due for every duty of every law."""

from __future__ import annotations

import json

import pytest

from config.organisation import DEFAULT_REGIMES
from config.settings import regimes_folder
from flows import law_files
from flows.cli.exits import Exit

DORA = ("clock", "due", "--regime", "eu-dora", "--duty")


def test_the_list_shows_every_law_and_from_which_obligations_arise(tocsin):
    said = tocsin("regimes", "list").out
    assert all(each in said for each in law_files.ids())
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
    assert (ran.code, f"{len(law_files.ids())} files checked, 0 problems" in ran.out) == (Exit.OK, True)


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


def test_the_arithmetic_is_said_step_by_step(tocsin):
    events = ("--aware", "2026-09-11 20:00", "--event", "classified=2026-09-12 10:00", "--place", "DE")
    said = tocsin(*DORA, "authority-initial", *events).out
    assert "Saturday 2026-09-12 is a day off in DE (weekend): moved to noon of the next working day" in said
    assert "it is not moved for credit_institution" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((*DORA, "authority-initial", "--aware", "2026-09-11 20:00"), "`classified`"),
        ((*DORA, "authority-initial", "--start", "2026-09-11 20:00"), "`aware`"),
        ((*DORA, "authority-initial", "--event", "someday=2026-09-11 20:00"), "START one of"),
        ((*DORA, "authority-initial", "--event", "classified"), "START=TIME"),
        ((*DORA, "authority-initial", "--aware", "now", "--event", "aware=now"), "given twice"),
        ((*DORA, "authority-initial", "--aware", "now", "--entity", "bank"), "knows no kind of entity 'bank'"),
        ((*DORA, "authority-final", "--start", "2026-09-11 20:00", "--place", "XX"), "no public holidays"),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "people", "--aware", "now", "--entity", "bank"),
         "tells no kinds apart"),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-follow-up", "--aware", "now"),
         "`initial_submitted`"),
        (("clock", "due", "--regime", "eu-cra", "--duty", "authority-initial", "--aware", "2026-09-10 10:00"),
         "was not in force"),
    ],
)  # fmt: skip
def test_what_is_missing_or_wrong_is_named(tocsin, arguments, says):
    ran = tocsin(*arguments, "--json")
    assert ran.code == Exit.USAGE
    assert says in json.loads(ran.err)["error"]["message"]


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
    assert not tocsin(*due, "--aware", "2026-10-23 15:20", "--json").json["in_force"]


def test_a_verified_law_is_quiet(tocsin):
    answer = tocsin(
        "clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware", "2026-10-23 15:20", "--json"
    ).json
    assert (answer["unverified"], answer["certainty"], answer["in_force"]) == (False, "high", True)
    assert answer["latest_reg_1182_71"] == "2026-10-26T14:00:00Z"


def test_every_duty_of_every_law_answers(tocsin):
    for regime in law_files.read_all():
        for duty in regime.duties:
            at = "2027-06-15 10:00"
            events = ("--start", at, *(("--aware", at) if duty.cap else ()))
            ran = tocsin("clock", "due", "--regime", regime.id, "--duty", duty.id, *events, "--json")
            assert ran.code == Exit.OK, f"{regime.id}/{duty.id}: {ran.err}"
            assert ran.json["due_kind"] == ("internal" if duty.period.value is None else "statutory")
