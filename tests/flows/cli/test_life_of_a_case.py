"""The commands over the life of a case, from opening it to its report; and the keys of their JSON answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.error_codes import Exit
from tests.builders.casework import BY_TELEPHONE


def test_a_case_goes_from_open_to_closed_and_reported(tocsin, drafted, people_of_ours, sha256_of, home):
    second, ref = people_of_ours["second"], drafted
    drafts = tocsin("drafts", ref, "--json").json
    assert {each["draft"] for each in drafts} >= {"authority-initial.de", "people.en"}
    for draft in ("authority-initial.de", "people.en"):
        ran = tocsin("approve", ref, draft, "--sha256", sha256_of(ref, draft)[:12], token=second)
        assert ran.code == 0, ran.err

    dry = tocsin("send", ref, "people", "--dry-run", "--json", token=second)
    assert dry.json == {
        "ref": ref, "kind": "people", "recipients": 2, "drafts": {"people.en": 2}, "confirm": f"{ref}:2",
    }  # fmt: skip
    assert tocsin("send", ref, "people", "--confirm", f"{ref}:2", token=second).code == 0
    done = tocsin("respond", ref, "--json")
    assert done.json["letters"]["accepted"] == 2
    status = tocsin("people", "status", ref, "--json").json
    assert status["letters"][0]["states"] == {"accepted": 2}

    filed = tocsin(
        "submit", ref, "--reference", "R-1", "--at", "1 min ago", "--complete", "--despite", BY_TELEPHONE, token=second
    )
    assert filed.code == 0, filed.err
    assert "sent nothing" in filed.err
    assert tocsin("contain", ref, "--at", "30 min ago", "--measure", "access closed").code == 0
    closed = tocsin("close", ref, token=second)
    assert closed.code == 0, closed.err
    assert f"Next: tocsin report {ref}" in closed.out

    written = tocsin("report", ref, "--format", "md,json", "-o", "papers", "--json", token=second).json["files"]
    assert len(written) == 2
    assert (home / "papers").is_dir()
    register = tocsin("register", "export", "--format", "json", token=second)
    assert ref in register.out
    assert tocsin("register", "export", "--format", "csv", "-o", "register.csv", token=second).code == 0
    assert (home / "register.csv").stat().st_mode & 0o077 == 0
    assert tocsin("verify").code == 0
    assert "example.org" not in tocsin("show", ref).out


def test_opening_says_what_was_understood_and_that_nobody_is_paged_yet(tocsin):
    ran = tocsin("open", "Export readable by anybody", "--detected", "20 min ago")
    assert "understood:" in ran.err
    assert "72 hours from then would end" in ran.err
    assert "nobody is paged yet" in ran.err
    assert "Next: tocsin aware INC-" in ran.out


def test_after_a_heartbeat_the_notice_is_gone(tocsin):
    assert tocsin("heartbeat", "--once").code == 0
    assert "nobody is paged" not in tocsin("open", "Export readable", "--detected", "now").err


def test_a_heartbeat_pages_and_a_person_acknowledges(tocsin, opened):
    assert tocsin("heartbeat", "--once", "--json").json["delivered"]["accepted"] > 0
    assert "acknowledged 1 alert" in tocsin("ack", opened).out


def test_an_alert_opens_a_case_by_itself(tocsin, home):
    (home / "alert.json").write_text(
        json.dumps({"title": "Bucket public", "detected_at": "2026-11-18T02:13:00Z", "user": "somebody"}),
        encoding="utf-8",
    )
    ran = tocsin("open", "--from-alert", "alert.json", "--json")
    assert ran.code == 0, ran.err
    shown = tocsin("show", ran.json["ref"], "--json").json
    assert (shown["title"], shown["detected_at"]) == ("Bucket public", "2026-11-18T02:13:00Z")
    assert shown["aware_at"] is None


def test_show_tells_first_how_long_is_left_then_who_acts(tocsin, decided):
    lines = tocsin("show", decided).out.splitlines()
    starts = [line.split("  ")[0] for line in lines if line[:1].strip()]
    wanted = [
        "Time left",
        "Who acts",
        "Next",
        "Detected",
        "Aware",
        "Assessed",
        "Decided",
        "Filed",
        "Notified",
        "Contained",
    ]
    assert [start for start in starts if start in {*wanted, "People", "Timeline"}] == [*wanted, "People", "Timeline"]
    assert max(len(line) for line in lines if "tocsin" not in line) <= 80


def test_deadlines_have_the_keys_of_the_contract(tocsin, decided):
    found = tocsin("deadlines", "--json").json
    keys = {"ref", "obligation", "regime", "duty", "recipient", "status", "aware_at", "due_at", "seconds_left",
            "provisional", "acknowledged"}  # fmt: skip
    assert all(keys <= set(each) for each in found)
    assert {each["duty"] for each in found} == {"authority-initial", "people"}
    assert [each["due_at"] for each in found] == sorted(each["due_at"] for each in found)


@pytest.mark.parametrize(
    ("detected", "warn", "code"), [("2 h ago", "24h", 0), ("50 h ago", "24h", 8), ("80 h ago", "24h", 9)]
)
def test_deadlines_answer_by_exit_code(tocsin, detected, warn, code):
    ref = tocsin("open", "Export readable", "--detected", detected, "--json").json["ref"]
    tocsin("aware", ref, "--at", detected, "--basis", "logs")
    ran = tocsin("deadlines", "--check", "--warn", warn)
    assert ran.code == code
    assert {0: "running", 8: "DUE SOON", 9: "OVERDUE"}[code] in ran.out


def test_a_provisional_clock_that_ran_out_is_due_soon_not_overdue(tocsin):
    tocsin("open", "Export readable", "--detected", "80 h ago")
    ran = tocsin("deadlines", "--check")
    assert ran.code == 8
    assert "provisional" in ran.out


def test_with_nothing_owed_deadlines_say_so(tocsin):
    ran = tocsin("deadlines", "--check")
    assert (ran.code, ran.out) == (0, "Nothing is owed.\n")


def test_list_shows_open_cases_and_all_of_them_when_asked(tocsin, opened, people_of_ours):
    assert tocsin("dismiss", opened, "--because", "test data", token=people_of_ours["dpo"]).code == 0
    assert tocsin("list", "--json").json == []
    assert tocsin("list", "--all", "--json").json[0]["stage"] == "dismissed"


def test_clock_due_counts_elapsed_hours_over_a_clock_change(tocsin):
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--json")
    answer = tocsin(*due, "--aware", "2026-10-23 12:00").json
    assert answer["due_at"] == "2026-10-26T10:00:00Z"
    assert answer["due_local"] == "2026-10-26T11:00:00+01:00"
    assert answer["citation"]["article"] == "Art. 33(1) GDPR"
    assert [reminder["key"] for reminder in answer["reminders"]][:2] == ["before-48h", "before-24h"]
    there = tocsin(*due, "--aware", "2026-10-23 12:00", "--zone", "America/New_York").json
    assert there["due_at"] == "2026-10-26T16:00:00Z"


def test_advise_gives_the_keys_of_the_contract(tocsin, scope):
    answer = tocsin("advise", "--file", scope, "--json").json
    assert {"severity", "risk", "register", "notify_authority", "notify_people", "exception", "reasons", "unknowns",
            "obligations"} <= set(answer)  # fmt: skip
    assert {"dpc", "ei", "cb", "score", "band"} <= set(answer["severity"])
    assert [each["duty"] for each in answer["obligations"]] == ["authority-initial", "people", "authority-follow-up"]
    assert all({"regime", "duty", "recipient", "due_rule", "citation"} <= set(each) for each in answer["obligations"])


def test_the_scope_template_is_a_scope_file(tocsin, home):
    template = tocsin("scope", "template").out
    (home / "mine.yaml").write_text(template, encoding="utf-8")
    refused = tocsin("advise", "--file", "mine.yaml")
    assert refused.code == Exit.USAGE
    assert "`summary` is still that of the template" in refused.err
    (home / "mine.yaml").write_text(template.replace("Describe what happened.", "Exports were open."), encoding="utf-8")
    assert tocsin("advise", "--file", "mine.yaml").code == 0


def test_the_scope_template_names_every_key_there_is(tocsin):
    said = tocsin("scope", "template").out
    schema = tocsin("schema", "scope").json
    parts = (
        schema,
        *(schema["$defs"][name] for name in ("DataSet", "BreachCause", "Protection", "Recipients", "SourceParty")),
    )
    keys = {key for part in parts for key in part["properties"]}
    assert {key for key in keys if f"{key}:" not in said} == set()


def test_the_schema_is_that_of_the_facts(tocsin):
    assert "data_sets" in tocsin("schema", "scope").json["properties"]


def test_clock_explain_shows_the_arithmetic_and_the_law(tocsin, decided):
    said = tocsin("clock", "explain", decided).out
    assert "72 hours of elapsed time" in said
    assert "Art. 33(1) GDPR" in said
    answer = tocsin("clock", "explain", decided, "--json").json
    assert answer[0]["moves"][0]["from"] == "provisional"
    assert set(answer[0]) >= {
        "due_at",
        "due_local",
        "latest_reg_1182_71",
        "rule",
        "citation",
        "reminders",
        "unverified",
    }
    assert any(line.startswith("event:  aware: ") for line in answer[0]["arithmetic"])


def test_a_provisional_clock_says_that_the_law_does_not_count_from_detection(tocsin, opened):
    said = tocsin("clock", "explain", opened).out
    assert "event:  detected (as a worst case: the legal clock starts with awareness): " in said
    assert "72 hours after awareness (provisional)" in said
    assert tocsin("clock", "explain", opened, "--json").json[0]["provisional"] is True


def test_a_test_letter_goes_to_its_address_and_to_nobody_else(tocsin, drafted, people_of_ours, home):
    ran = tocsin("send", drafted, "people", "--test-to", "me@example.org", token=people_of_ours["dpo"])
    assert ran.code == 0, ran.err
    assert "test letter sent in 1 language to the address given, and to nobody on the list" in ran.out
    assert "me@example.org" not in ran.out + ran.err
    assert tocsin("people", "status", drafted, "--json").json["letters"] == []
    letters = [path for path in (home / "home" / "outbox").rglob("*") if path.is_file() and "people" in str(path)]
    assert letters


def test_every_change_answers_with_stable_keys(tocsin, opened):
    answer = tocsin("log", opened, "Keys rotated", "--kind", "action", "--json").json
    assert set(answer) == {"ref", "version", "changed", "next", "warnings"}


def test_doctor_says_what_to_mend_and_breaks_nothing(tocsin):
    ran = tocsin("doctor", "--json")
    assert ran.code == 0
    assert all({"ok", "what", "fix"} == set(each) for each in ran.json)
    assert any(each["ok"] is None and "organisation" in each["what"] for each in ran.json)


def test_doctor_fails_where_the_master_key_is_open_to_others(tocsin, home):
    tocsin("list")
    (home / "home" / "master.key").write_text("x", encoding="utf-8")
    (home / "home" / "master.key").chmod(0o644)
    ran = tocsin("doctor")
    assert ran.code == 1
    assert "chmod 600" in ran.out


def test_migrate_finds_a_current_database_current(tocsin, opened):
    answer = tocsin("migrate", "--json").json
    assert answer["before"] == answer["after"]


def test_a_channel_takes_a_test_page(tocsin):
    assert tocsin("channel", "test", "pager").code == 0
    assert tocsin("channel", "test", "nonsense").code == 5


def test_a_list_shorter_than_the_facts_is_shown_until_a_person_closes_the_gap(
    tocsin, drafted, scope, people_of_ours, sha256_of, home
):
    second, ref = people_of_ours["second"], drafted
    text = Path(scope).read_text(encoding="utf-8")
    more = text.replace("people: 2", "people: {about: 40}").replace("{DE: 1, FR: 1}", "[DE]")
    Path(scope).write_text(more, encoding="utf-8")
    assert tocsin("assess", ref, "--file", scope).code == 0
    assert tocsin("decide", ref, *NOTIFY, token=people_of_ours["dpo"]).code == 0
    tocsin("respond", ref)
    assert tocsin("approve", ref, "people.en", "--sha256", sha256_of(ref, "people.en")[:12], token=second).code == 0
    assert tocsin("send", ref, "people", "--confirm", f"{ref}:2", token=second).code == 0
    tocsin("respond", ref)
    owed = " ".join(tocsin("deadlines").out.split())
    assert f"2 letters of at least 40 people; why it is still owed: tocsin people status {ref}" in owed
    gaps = tocsin("people", "status", ref, "--json").json["gaps"]
    assert len(gaps) == 1
    assert "the facts say at least 40 people, the list has 2" in gaps[0]
    close = ("send", ref, "people", "--list-complete", "--because")
    assert tocsin(*close, "", token=second).code == 2
    done = tocsin(*close, "the estimate counted closed accounts", token=second)
    assert "fulfilled: eu-gdpr/people/affected-people" in done.out
    assert "people/affected-people" not in tocsin("deadlines").out
    assert tocsin("send", ref, "controllers", "--list-complete", "--because", "x", token=second).code == 2


NOTIFY = ("--authority", "notify", "--people", "notify", "--because", "high risk")
