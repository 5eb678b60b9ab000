"""Several laws at the command line: advice said once, put under its law; what authorities were not given yet."""

from __future__ import annotations

import json

SCOPE = """\
summary: Accounts were copied.
data_sets:
- {name: contacts, role: controller, subjects: [merchants], kinds: [email, name, password], people: 5, records: 5,
   countries: [DE, GB, CH], breach: [confidentiality], exfiltration: confirmed}
- {name: bills, role: controller, subjects: [merchants], kinds: [billing, name], people: unknown, records: unknown,
   countries: [DE, GB, CH], breach: [confidentiality], exfiltration: confirmed}
likely_consequences: [phishing]
measures_taken: [access_closed]
"""


def written(home, text=SCOPE):
    path = home / "several.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_same_question_for_several_data_sets_is_said_once_and_the_json_keeps_each(tocsin, home):
    file = written(home)
    said = tocsin("advise", "--file", file).out
    assert said.count("Could the public reach the data?") == 1
    assert "every data set: Could the public reach the data?" in said
    assert "bills: How many people" in said
    unknowns = tocsin("advise", "--file", file, "--json").json["unknowns"]
    assert {f"{name}: Could the public reach the data?" for name in ("contacts", "bills")} <= set(unknowns)


def test_what_is_owed_stands_under_its_law_and_a_law_is_marked_unverified_once(tocsin, home):
    said = tocsin("advise", "--file", written(home)).out
    british = said.split("(uk-gdpr)")[1].split("(ch-fadp)")[0]
    assert british.count("! unverified") == 1
    assert "Art. 33(1) UK GDPR" in british
    assert "Art. 34(1) UK GDPR" in british
    assert "Art. 33(1) GDPR" not in british


def test_an_assessment_says_which_laws_may_apply_once_it_is_known_where_people_live(tocsin, home):
    ref = tocsin("open", "Accounts", "--detected", "2 h ago", "--json").json["ref"]
    tocsin("aware", ref, "--at", "1 h ago", "--basis", "the log")
    file = written(home, SCOPE.replace("countries: [DE, GB, CH], ", ""))
    said = " ".join(tocsin("assess", ref, "--file", file).out.split())
    assert "May apply too, once it is known" in said
    assert "uk-gdpr (GB)" in said


def test_opening_says_once_when_the_clocks_end_that_surely_run(tocsin):
    said = tocsin("open", "Accounts", "--detected", "2 h ago").err
    assert said.count("72 hours from then would end") == 1
    assert "(eu-gdpr)" in said
    assert "uk-gdpr" not in said, "nobody knows yet where the people live"


def test_show_and_deadlines_list_what_an_authority_was_not_given_yet(tocsin, home, people_of_ours):
    second = people_of_ours["second"]
    ref = tocsin("open", "Accounts", "--detected", "2 h ago", "--json").json["ref"]
    tocsin("aware", ref, "--at", "1 h ago", "--basis", "the log")
    tocsin("assess", ref, "--file", written(home))
    decided = ("decide", ref, "--authority", "notify", "--people", "notify", "--because", "x")
    assert tocsin(*decided, token=second).code == 0
    for place in ("DE-BE", "GB"):
        ran = tocsin(
            "submit", ref, "--authority", place, "--reference", "R", "--at", "1 min ago", *DESPITE, token=second
        )
        assert ran.code == 0, ran.err
    shown = " ".join(tocsin("show", ref).out.split())
    assert "Still owed DE-BE, GB: not given and not known yet: number of people, number of records" in shown
    for asked in (("deadlines",), ("deadlines", ref)):
        rows = {load["obligation"]: load for load in json.loads(tocsin(*asked, "--json").out)}
        assert rows["uk-gdpr/authority-follow-up/GB"]["outstanding"] == [
            {"element": "people_number", "known": False}, {"element": "records_number", "known": False},
        ]  # fmt: skip
        assert rows["ch-fadp/authority-initial/CH"]["outstanding"] == []
    tocsin("report", ref, "--format", "md", "-o", "papers", token=second)
    report = next((home / "papers").glob("*.md")).read_text(encoding="utf-8")
    assert "What each authority has not been given yet" in report


def test_clock_explain_names_what_was_only_assumed(tocsin, home):
    ref = tocsin("open", "Accounts", "--detected", "2 h ago", "--json").json["ref"]
    tocsin("aware", ref, "--at", "1 h ago", "--basis", "the log")
    assert tocsin("assess", ref, "--file", written(home, SCOPE.replace("DE, GB, CH", "DE, TR"))).code == 0
    said = tocsin("clock", "explain", ref).out
    assert said.count("assumed: when the affected people were identified is not on record; the time") == 1
    by_key = {each["obligation"]: each for each in tocsin("clock", "explain", ref, "--json").json}
    people = by_key["tr-kvkk/people/affected-people"]
    assert (people["event"], "--kind subjects_identified" in people["assumed"]) == ("aware", True)
    assert by_key["eu-gdpr/authority-initial/DE-BE"]["assumed"] is None


def decided_without_letters(tocsin, home, people_of_ours):
    """A case in which no letters are wanted by the decision on the risk."""
    ref = tocsin("open", "Accounts", "--detected", "2 h ago", "--json").json["ref"]
    tocsin("aware", ref, "--at", "1 h ago", "--basis", "the log")
    tocsin("assess", ref, "--file", written(home, SCOPE.replace("GB, CH", "EG")))
    tocsin(
        "submit",
        ref,
        "--authority",
        "EG",
        "--reference",
        "EG-1",
        "--at",
        "30 min ago",
        *DESPITE,
        token=people_of_ours["dpo"],
    )
    return ref


def test_a_duty_that_no_decision_on_the_risk_lifts_is_named_by_decide_and_drafted(tocsin, home, people_of_ours):
    ref = decided_without_letters(tocsin, home, people_of_ours)
    answers = ("--authority", "notify", "--people", "not-required", "--because", "the data were public already")
    done = tocsin("decide", ref, *answers, token=people_of_ours["dpo"])
    assert f"{EGYPT} (The affected people) remains owed whatever was decided" in " ".join(done.err.split())
    assert "eu-gdpr/people" not in done.err
    tocsin("respond", ref)
    drafts = {each["draft"] for each in tocsin("drafts", ref, "--json").json}
    assert "people.en" in drafts
    tocsin(
        "waive",
        ref,
        EGYPT,
        "--because",
        "Decree 816 asks for a high risk",
        "--against-decision",
        token=people_of_ours["dpo"],
    )
    assert "not needed: what it would fulfil is not owed" in tocsin("drafts", ref).out


def test_who_asked_for_a_language_without_words_is_named_at_import_in_the_draft_and_at_approval(
    tocsin, home, own_organisation, decided, people_of_ours
):
    path = home / "turkish.csv"
    path.write_text("email,language,country\na@example.org,tr,TR\nb@example.org,ar,EG\nc@example.org,en,DE\n")
    said = "no words in the language asked for by 2 recipients (ar 1, tr 1): they get English"
    assert said in " ".join(tocsin("people", "import", decided, str(path)).err.split())
    tocsin("respond", decided)
    assert said in " ".join(tocsin("drafts", decided).out.split())
    draft = next(each for each in tocsin("drafts", decided, "--json").json if each["draft"] == "people.en")
    done = tocsin("approve", decided, "people.en", "--sha256", draft["sha256"], token=people_of_ours["second"])
    assert said in " ".join(done.err.split())


EGYPT = "eg-pdpl/people/affected-people"
DESPITE = ("--despite", "told by telephone, from no text of ours")


def test_people_whose_law_is_switched_off_are_named_by_advise_and_assess(tocsin, home, opened):
    american = SCOPE.replace("[DE, GB, CH]", "{US: 700, US-CA: 600}", 1).replace("people: 5,", "people: 1300,")
    file = written(home, american)
    said = "1,300 people live where a law we have a file of is switched off: us-ca,"
    assert said in " ".join(tocsin("advise", "--file", file).out.split())
    assert tocsin("advise", "--file", file, "--json").json["switched_off"]["people"] == 1300
    tocsin("aware", opened, "--at", "1 h ago", "--basis", "the log")
    assert said in " ".join(tocsin("assess", opened, "--file", file).out.split())
    assert "switched off" not in tocsin("advise", "--file", written(home)).out
