"""What a person types or hands over wrongly is refused in one line, with an exit code and what to do next."""

from __future__ import annotations

import json
import re
import sqlite3

import pytest

from flows.error_codes import Exit

NOTIFY = ("--authority", "notify", "--people", "notify", "--because", "high risk")


def one_line(ran) -> str:
    """The refusal, which must be one line and say nothing on standard output."""
    lines = [line for line in ran.err.splitlines() if line.startswith("tocsin: ")]
    assert len(lines) == 1, ran.err
    assert ran.out == ""
    assert "understood" not in ran.err, "a refusal is one line"
    return lines[0]


def test_an_unknown_reference_is_not_found_and_says_where_to_look(tocsin):
    ran = tocsin("show", "INC-1999-0001")
    assert ran.code == Exit.NOT_FOUND
    assert "tocsin list" in one_line(ran)


def test_an_ambiguous_prefix_names_the_candidates(tocsin, opened):
    tocsin("open", "Another", "--detected", "now")
    ran = tocsin("show", "INC-")
    assert ran.code == Exit.NOT_FOUND
    assert opened in one_line(ran)


def test_a_case_is_found_by_number_codename_and_any_case_of_letters(tocsin, opened):
    codename = tocsin("show", "1", "--json").json["codename"]
    assert tocsin("show", codename, "--json").json["ref"] == opened
    assert tocsin("show", opened.lower(), "--json").json["ref"] == opened


def test_a_future_time_is_refused(tocsin):
    ran = tocsin("open", "Export readable", "--detected", "2099-01-01 10:00")
    assert ran.code == Exit.USAGE
    assert "future" in one_line(ran)
    assert tocsin("list", "--all", "--json").json == []


def test_a_time_that_happened_twice_is_refused(tocsin):
    ran = tocsin("open", "Export readable", "--detected", "2025-10-26 02:30")
    assert ran.code == Exit.USAGE
    assert "happened twice" in one_line(ran)


@pytest.mark.parametrize(
    "time",
    ["2026-11-01T25:00:00Z", "2026-11-01T10:60:00Z", "2026-11-01T10:00:61Z", "9999-12-31T23:59:59Z",
     "2026-11-01T25:00:00+00:00"],
)  # fmt: skip
@pytest.mark.parametrize(
    "before",
    [("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware"), ("open", "T", "--detected")],
)
def test_an_impossible_time_is_quoted_as_it_was_typed(tocsin, before, time):
    ran = tocsin(*before, time)
    assert ran.code == Exit.USAGE
    assert f"tocsin: {time!r}: " in ran.err


def test_an_impossible_time_where_a_reference_belongs_is_no_case(tocsin):
    ran = tocsin("show", "2026-13-01T10:00:00Z")
    assert ran.code == Exit.NOT_FOUND
    assert "'2026-13-01T10:00:00Z'" in ran.err


def test_an_example_of_a_time_can_be_typed_as_it_is_shown(tocsin):
    ran = tocsin("open", "T", "--detected", "soon")
    assert '"2026-11-18T02:12:00Z"' in ran.err


@pytest.mark.parametrize("arguments", [(), ("Only a title",), ("--detected", "now")])
def test_a_case_without_title_or_time_is_not_opened(tocsin, arguments):
    ran = tocsin("open", *arguments)
    assert ran.code == Exit.USAGE
    assert "--detected" in one_line(ran)


def test_awareness_before_detection_needs_a_reason(tocsin, opened):
    early = ("aware", opened, "--at", "3 h ago", "--basis", "logs")
    refused = tocsin(*early)
    assert refused.code == Exit.USAGE
    assert "--reason" in one_line(refused)
    assert tocsin(*early, "--reason", "the alert was read before it was recorded").code == 0


def test_awareness_stated_twice_needs_a_reason(tocsin, decided):
    ran = tocsin("aware", decided, "--at", "30 min ago", "--basis", "logs")
    assert ran.code == Exit.REFUSED
    assert "--reason" in one_line(ran)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("summary: x\nnonsense: 1\ndata_sets: []\n", "nonsense"),
        (
            "summary: x\ndata_sets:\n- {name: a, role: controller, kinds: [email], breach: [integrity], people: -1}\n",
            "people",
        ),
        ("summary: x\nsummary: y\n", "written twice"),
        ("- just\n- a list\n", "data_sets"),
        ("summary: [\n", "line"),
    ],
)
def test_a_scope_file_that_cannot_be_read_is_refused_and_changes_nothing(tocsin, opened, home, change, said):
    (home / "bad.yaml").write_text(change, encoding="utf-8")
    before = tocsin("show", opened, "--json").json["version"]
    for command in (("assess", opened), ("advise",)):
        ran = tocsin(*command, "--file", "bad.yaml")
        assert ran.code == Exit.USAGE
        assert said in one_line(ran)
        assert "bad.yaml" in ran.err
    assert tocsin("show", opened, "--json").json["version"] == before


@pytest.mark.parametrize("name", ["missing.yaml", "."])
def test_a_file_that_cannot_be_read_is_refused(tocsin, opened, name):
    ran = tocsin("assess", opened, "--file", name)
    assert ran.code == Exit.USAGE
    assert "cannot be read" in one_line(ran)


def test_bad_rows_are_listed_and_good_ones_kept(tocsin, decided, home):
    (home / "list.csv").write_text(
        "email,language\none@example.org,en\nnonsense,en\ntwo@example.org,english\n", encoding="utf-8"
    )
    ran = tocsin("people", "import", decided, "list.csv")
    assert ran.code == Exit.FAILED
    assert "line 3: email is not an address" in ran.err
    assert "line 4: language" in ran.err
    assert "two@example.org" not in ran.out + ran.err
    refused = home / "list.refused.csv"
    assert len(refused.read_text(encoding="utf-8").splitlines()) == 3
    assert refused.stat().st_mode & 0o077 == 0
    assert tocsin("people", "status", decided, "--json").json["people_listed"] == 1


@pytest.mark.parametrize("content", [b"name\nsomebody\n", b"\xff\xfe", b""])
def test_a_file_that_is_no_list_is_refused(tocsin, decided, home, content):
    (home / "list.csv").write_bytes(content)
    ran = tocsin("people", "import", decided, "list.csv")
    assert ran.code == Exit.USAGE
    assert tocsin("people", "status", decided, "--json").json["people_listed"] == 0


def test_nobody_approves_their_own_draft(tocsin, drafted, people_of_ours, home):
    (home / "mine.txt").write_text(
        tocsin("preview", drafted, "people.en", "--json").json["text"] + "\nMore.\n", encoding="utf-8"
    )
    edited = tocsin("edit", drafted, "people.en", "--file", "mine.txt", token=people_of_ours["dpo"])
    assert edited.code == 0, edited.err
    draft = tocsin("preview", drafted, "people.en", "--json").json
    ran = tocsin("approve", drafted, "people.en", "--sha256", draft["sha256"], token=people_of_ours["dpo"])
    assert ran.code == Exit.PERMISSION
    assert "second person" in one_line(ran)


def test_a_stale_hash_is_refused(tocsin, drafted, people_of_ours):
    ran = tocsin("approve", drafted, "people.en", "--sha256", "0" * 64, token=people_of_ours["second"])
    assert ran.code == Exit.REFUSED
    assert f"tocsin preview {drafted} people.en" in one_line(ran)


def test_a_hash_of_an_older_version_is_a_change_meanwhile(tocsin, drafted, people_of_ours, sha256_of, tmp_path):
    read = sha256_of(drafted, "people.en")
    words = tocsin("preview", drafted, "people.en", "--json").json["text"]
    text = tmp_path / "text.txt"
    text.write_text(f"{words}\nOne more line.\n", encoding="utf-8")
    assert tocsin("edit", drafted, "people.en", "--file", str(text), token=people_of_ours["dpo"]).code == Exit.OK
    ran = tocsin("approve", drafted, "people.en", "--sha256", read, token=people_of_ours["second"])
    assert ran.code == Exit.CHANGED_MEANWHILE
    assert sha256_of(drafted, "people.en")[:12] not in ran.err
    assert f"tocsin preview {drafted} people.en" in one_line(ran)


@pytest.mark.parametrize("command", [("list",), ("show", "1"), ("deadlines",), ("deadlines", "1"), ("drafts", "1")])
def test_a_token_that_does_not_hold_is_refused_also_where_one_only_looks(tocsin, opened, command):
    assert tocsin(*command).code == Exit.OK
    ran = tocsin(*command, token="toc_aaaaaaaa_bbb")
    assert ran.code == Exit.PERMISSION
    assert one_line(ran)


def test_a_broken_organisation_keeps_no_case_from_being_opened(tocsin, home):
    (home / "home").mkdir(exist_ok=True)
    (home / "home" / "organisation.yaml").write_text("name: x\nfooo: 1\n", encoding="utf-8")
    ran = tocsin("open", "At three in the morning", "--detected", "now")
    assert ran.code == Exit.OK
    assert "YOUR FILE CANNOT BE USED" in " ".join(ran.err.split())
    assert tocsin("show", "1").code == Exit.USAGE
    doctor = tocsin("doctor", "--json")
    assert doctor.code == Exit.FAILED
    broken = [each for each in doctor.json if each["ok"] is False]
    assert any("unknown key `fooo`" in each["what"] for each in broken)
    assert any("database answers" in each["what"] for each in doctor.json)


def test_what_is_not_approved_is_not_sent(tocsin, drafted, people_of_ours):
    for more in (("--confirm", f"{drafted}:2"), ("--dry-run",)):
        ran = tocsin("send", drafted, "people", *more, token=people_of_ours["second"])
        assert ran.code == Exit.REFUSED
        assert "not approved" in one_line(ran)


def test_sending_needs_reference_and_number(tocsin, drafted, people_of_ours, sha256_of):
    second = people_of_ours["second"]
    tocsin("approve", drafted, "people.en", "--sha256", sha256_of(drafted, "people.en"), token=second)
    for confirm in ((), ("--confirm", f"{drafted}:3")):
        ran = tocsin("send", drafted, "people", *confirm, token=second)
        assert ran.code == Exit.USAGE
        assert f"--confirm {drafted}:2" in one_line(ran)


def test_a_late_filing_needs_reasons(tocsin, people_of_ours):
    ref = tocsin("open", "Export readable", "--detected", "90 h ago", "--json").json["ref"]
    tocsin("aware", ref, "--at", "80 h ago", "--basis", "logs")
    submit = ("submit", ref, "--reference", "R-1", "--at", "1 h ago")
    ran = tocsin(*submit, token=people_of_ours["dpo"])
    assert ran.code == Exit.REFUSED
    assert "--late-because" in one_line(ran)
    late = (*submit, "--late-because", "the logs were encrypted")
    ran = tocsin(*late, token=people_of_ours["dpo"])
    assert ran.code == Exit.REFUSED
    assert "--despite" in one_line(ran)
    assert tocsin(*late, "--despite", "told by telephone", token=people_of_ours["dpo"]).code == 0


def test_what_is_still_owed_keeps_a_case_open(tocsin, decided, people_of_ours):
    ran = tocsin("close", decided, token=people_of_ours["dpo"])
    assert ran.code == Exit.REFUSED
    assert "authority-initial" in one_line(ran)


def test_a_step_too_early_names_the_missing_one(tocsin, opened, people_of_ours):
    ran = tocsin("decide", opened, *NOTIFY, token=people_of_ours["dpo"])
    assert ran.code == Exit.REFUSED
    assert f"tocsin aware {opened}" in one_line(ran)


def test_a_responder_decides_nothing(tocsin, decided):
    ran = tocsin("decide", decided, *NOTIFY)
    assert ran.code == Exit.PERMISSION
    assert "TOCSIN_TOKEN" in one_line(ran)


def test_an_unknown_token_is_refused(tocsin, opened):
    ran = tocsin("log", opened, "x", token="toc_00000000_nonsense")
    assert ran.code == Exit.PERMISSION
    assert "nonsense" not in ran.err


def test_a_revoked_token_is_refused(tocsin, opened, people_of_ours):
    assert "1 token of second revoked" in tocsin("token", "revoke", "second", token=people_of_ours["admin"]).out
    assert tocsin("log", opened, "x", token=people_of_ours["second"]).code == Exit.PERMISSION
    fresh = tocsin("token", "create", "second", token=people_of_ours["admin"]).out.strip()
    assert tocsin("log", opened, "x", token=fresh).code == 0


def test_only_an_administrator_adds_people_once_there_is_one(tocsin, people_of_ours):
    assert tocsin("user", "add", "more", "--role", "lead").code == Exit.PERMISSION
    assert tocsin("user", "add", "more", "--role", "king", token=people_of_ours["admin"]).code == Exit.USAGE
    assert tocsin("user", "add", "dpo", "--role", "lead", token=people_of_ours["admin"]).code == Exit.REFUSED
    assert [each["name"] for each in tocsin("user", "list", "--json", token=people_of_ours["admin"]).json] == [
        "admin",
        "dpo",
        "second",
    ]


@pytest.mark.parametrize("command", [("log", "x"), ("contain", "--at", "now", "--measure", "x")])
def test_a_case_that_changed_meanwhile_is_refused_until_it_was_looked_at_again(tocsin, opened, command):
    verb, *rest = command
    seen = tocsin("show", opened, "--json").json["version"]
    assert tocsin("log", opened, "somebody else was faster").code == 0
    ran = tocsin(verb, opened, *rest, "--expect-version", str(seen))
    assert ran.code == Exit.CHANGED_MEANWHILE
    assert f"tocsin show {opened}" in one_line(ran)
    assert len(tocsin("show", opened, "--json").json["timeline"]) == 2
    now_at = tocsin("show", opened, "--json").json["version"]
    assert tocsin(verb, opened, *rest, "--expect-version", str(now_at)).code == 0


def test_awareness_too_checks_the_version(tocsin, opened):
    ran = tocsin("aware", opened, "--at", "1 h ago", "--basis", "logs", "--expect-version", "99")
    assert ran.code == Exit.CHANGED_MEANWHILE


def test_a_broken_audit_chain_is_named(tocsin, opened, home):
    with sqlite3.connect(home / "home" / "tocsin.sqlite3") as database:
        database.execute("UPDATE timeline_entry SET text = 'nothing happened'")
    database.close()
    ran = tocsin("verify")
    assert ran.code == Exit.CHAIN_BROKEN
    assert "timeline_entry:1 was changed" in ran.err
    answer = tocsin("verify", opened, "--json")
    assert (answer.code, answer.json["intact"]) == (Exit.CHAIN_BROKEN, False)


def test_a_piece_of_evidence_that_is_gone_breaks_the_record_too(tocsin, opened, home):
    (home / "proof.txt").write_text("proof", encoding="utf-8")
    assert tocsin("log", opened, "A proof", "--file", "proof.txt").code == 0
    for path in (home / "home" / "evidence").iterdir():
        path.unlink()
    ran = tocsin("verify", "--json")
    assert ran.code == Exit.CHAIN_BROKEN
    assert "is gone" in ran.json["evidence"][0]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("clock", "due", "--regime", "nowhere", "--duty", "people", "--aware", "now"), Exit.NOT_FOUND),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "nonsense", "--aware", "now"), Exit.NOT_FOUND),
        (("clock", "due", "--regime", "eu-gdpr", "--duty", "people", "--aware", "1900-01-01 10:00"), Exit.USAGE),
        (
            ("clock", "due", "--regime", "eu-gdpr", "--duty", "people", "--aware", "now", "--zone", "Mars/North"),
            Exit.USAGE,
        ),
        (("heartbeat",), Exit.USAGE),
        (("drill", "--speed", "fast"), Exit.USAGE),
        (("register", "export", "--format", "stone"), Exit.USAGE),
        (("deadlines", "--check", "--warn", "soon"), Exit.USAGE),
    ],
)
def test_other_refusals_have_their_codes(tocsin, arguments, code):
    ran = tocsin(*arguments)
    assert ran.code == code
    one_line(ran)


@pytest.mark.parametrize("content", ["not json", "[]", "{}", '{"title": 7}'])
def test_a_file_that_is_no_alert_is_refused(tocsin, home, content):
    (home / "alert.json").write_text(content, encoding="utf-8")
    ran = tocsin("open", "--from-alert", "alert.json")
    assert ran.code == Exit.USAGE
    one_line(ran)


MANY_WRONG = """summary: Something happened.
colour: red
data_sets:
  - {name: a, role: controller, kinds: [name], breach: [confidentiality], shape: round}
  - {name: b, role: owner, kinds: [name], breach: [confidentiality]}
"""


@pytest.mark.parametrize("command", [("advise",), ("assess", "7")])
def test_each_problem_of_a_file_has_a_line_of_its_own_in_the_files_order(tocsin, home, command):
    (home / "wrong.yaml").write_text(MANY_WRONG, encoding="utf-8")
    ran = tocsin(*command, "--file", "wrong.yaml")
    assert (ran.code, ran.out) == (2, "")
    first, second, third = ran.err.splitlines()
    assert first.startswith("tocsin: wrong.yaml line 2: ")
    assert second.startswith("        wrong.yaml line 4: ")
    assert third.startswith("        wrong.yaml line 5: ")
    assert ("colour" in first, "shape" in second, "role" in third) == (True, True, True)


def test_a_program_still_gets_all_problems_in_one_message(tocsin, home):
    (home / "wrong.yaml").write_text(MANY_WRONG, encoding="utf-8")
    ran = tocsin("advise", "--file", "wrong.yaml", "--json")
    (line,) = ran.err.splitlines()
    error = json.loads(line)["error"]
    assert error["code"] == 2
    assert error["message"].count("; wrong.yaml line ") == 2


@pytest.mark.parametrize(
    "command", [("aware", "--basis", "logs"), ("contain", "--measure", "closed"), ("log", "a line")]
)
def test_a_time_to_come_is_refused_in_local_words_and_not_as_the_record_writes_it(tocsin, opened, command):
    name, *rest = command
    ran = tocsin(name, opened, *rest, "--at", "in 3 h")
    assert ran.code == 2
    assert "lies in the future (" in ran.err
    assert " UTC" in ran.err
    assert "+00:00" not in ran.err
    assert not re.search(r"\d{4}-\d\d-\d\dT", ran.err)
