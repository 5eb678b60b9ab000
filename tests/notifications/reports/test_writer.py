"""The post-incident report: the same true content in every format and language, safe to open, honest about gaps."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import yaml
from markdown_it import MarkdownIt

from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.hidden_signs import HIDDEN
from notifications.reports.markdown import escaped
from notifications.reports.sections.abstract import tone
from notifications.reports.words import MissingWords, read_words
from notifications.reports.writer import PdfNotWritten, ReportWriter, UnknownFormat
from tests.builders.case_files import (
    AUTHORITY,
    BERLIN,
    FDPIC,
    HOSTILE,
    LATE_REASON,
    ORGANISATION,
    all_cases,
    digest,
    dismissed,
    exposed_bucket,
    filed_late,
    hostile,
    just_opened,
    several_laws,
)
from tests.builders.reports import LANGUAGES, NOW, TEMPLATES, Page, report


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", all_cases())
def test_every_case_is_written_in_every_format_and_language(name, language):
    written = ReportWriter(TEMPLATES).report(
        all_cases()[name], ORGANISATION, formats=("html", "md", "json"), language=language, now=NOW
    )
    assert list(written) == ["html", "md", "json"]
    page = Page(written["html"].decode())
    assert not page.open, "every tag is closed"
    assert page.named("html") == [{"lang": language}]
    assert json.loads(written["json"])["language"] == language
    assert written["md"].decode().lstrip().startswith(("#", ">"))


@pytest.mark.parametrize("name", all_cases())
def test_the_page_stands_alone_and_runs_nothing(name):
    text = report(all_cases()[name])
    page = Page(text)
    assert not page.named("script")
    assert not page.named("link")
    assert not page.named("img")
    assert not page.named("iframe")
    assert not [a for _, a in page.tags for key in a if key.startswith("on")]
    assert not [a for _, a in page.tags for key in ("src", "href") if not (a.get(key) or "#").startswith("#")]
    assert "@import" not in text
    assert "url(" not in text


def test_tables_are_tables_for_those_who_cannot_see_them():
    page = Page(report(exposed_bucket()))
    assert len(page.named("caption")) == len(page.named("table"))
    assert all(each.get("scope") in {"col", "row"} for each in page.named("th"))
    ids = [a["id"] for _, a in page.tags if "id" in a]
    assert len(ids) == len(set(ids))
    referred = {name for _, a in page.tags for name in (a.get("aria-labelledby") or "").split()}
    assert referred <= set(ids)
    assert [each for each in page.named("div") if each.get("class") == "scroll" and each.get("tabindex") != "0"] == []


def test_the_page_has_a_layout_for_print_and_for_the_dark():
    text = report(exposed_bucket())
    for needed in ("@media print", "@page", "break-after: page"):
        assert needed in text
    for needed in ("prefers-color-scheme: dark", "color-scheme: light dark"):
        assert needed in text


@pytest.mark.parametrize("form", ["html", "md"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_exercise_says_so_first_and_a_real_case_never_does(form, language):
    words = read_words(TEMPLATES, language, BERLIN, "Rabta")
    banner = words.say("exercise.banner")
    drill, real = report(exposed_bucket(exercise=True), form, language), report(exposed_bucket(), form, language)
    assert banner in drill
    assert drill.index(banner) < drill.index("INC-2026-0007", drill.index("<body") if form == "html" else 0)
    assert banner not in real


@pytest.mark.parametrize("form", ["html", "md"])
def test_numbers_are_those_of_the_case(form):
    text = Page(report(exposed_bucket())).text if form == "html" else report(exposed_bucket(), "md")
    for number in ("1,204", "about 48,000", "90,000 to 120,000", "798", "1,191", "57 of 57", "49,204"):
        assert number in text, number
    for count in exposed_bucket().ledger:
        for messages in (count.total, *count.states.values()):
            assert f"{messages:,}" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_first_sentence_says_whether_the_authority_was_told_in_time(language):
    words = read_words(TEMPLATES, language, BERLIN, "Rabta")
    case = exposed_bucket()
    first = json.loads(report(case, "json", language))["abstract"][0]
    assert words.when(case.obligations[0].filings[0].filed_at) in first
    assert words.span(timedelta(hours=61, minutes=20)) in first
    assert words.span(timedelta(hours=10, minutes=40)) in first
    assert 'class="outcome good"' in report(case, "html", language)


def test_lateness_and_its_reasons_stand_on_the_first_page():
    text = report(filed_late())
    brief = text[text.index('id="brief"') : text.index('id="timeline"')]
    assert "29 h 0 min late" in brief
    assert LATE_REASON in unescape(brief)
    assert 'class="outcome alarm"' in brief


def test_times_are_local_with_zone_and_utc():
    text = Page(report(exposed_bucket())).text
    assert "Wed 25 Nov 2026 02:47 CET (01:47 UTC)" in text
    assert "Sun 22 Nov 2026 00:52 CET (Sat 21 Nov 23:52 UTC)" in text, "the day in UTC, where it is another one"
    assert "Sat 24 Oct 2026 22:30 CEST (20:30 UTC)" in Page(report(filed_late())).text


def test_the_ledger_of_the_clock_is_planned_against_actual():
    rows = json.loads(report(exposed_bucket(), "json"))["ledger"]
    (told,) = [row for row in rows if row["duty"] == "eu-gdpr/authority-initial"]
    assert told["planned_at"] == "2026-11-25T01:47:00Z"
    assert told["actual_at"] == "2026-11-24T15:07:00Z"
    assert told["since_aware"] == timedelta(hours=61, minutes=20).total_seconds()
    assert told["margin"] == timedelta(hours=10, minutes=40).total_seconds()
    assert told["evidence_sha256"] == digest("receipt initial")
    (merchants,) = [row for row in rows if row["duty"] == "eu-gdpr/controller"]
    assert merchants["number"] == 57


def test_a_merchant_not_yet_told_keeps_the_row_of_all_merchants_open():
    case = exposed_bucket()
    first = next(obligation for obligation in case.obligations if obligation.recipient.kind == "merchant")
    owing = replace(first, met_at=None, status=type(first.status).OVERDUE)
    changed = replace(
        case, obligations=tuple(owing if obligation is first else obligation for obligation in case.obligations)
    )
    rows = json.loads(report(changed, "json"))["ledger"]
    (merchants,) = [row for row in rows if row["duty"] == "eu-gdpr/controller"]
    assert (merchants["actual_at"], merchants["status"]) == (None, "overdue")


def test_a_corrected_awareness_is_shown_beside_the_first_statement():
    rows = [row for row in json.loads(report(exposed_bucket(), "json"))["ledger"] if "aware" in row["event"]]
    assert [(row["event"], row["actual_at"]) for row in rows] == [
        ("aware", "2026-11-22T01:47:00Z"),
        ("aware_superseded", "2026-11-22T02:20:00Z"),
    ]


def test_a_case_just_opened_says_not_known_instead_of_guessing():
    text = Page(report(just_opened())).text
    assert "only a provisional clock runs" in text
    assert "not known" in text
    assert "No assessment has been made yet." in text


def test_what_nobody_has_written_yet_is_said_with_the_command_to_write_it():
    text = Page(report(just_opened())).text
    for kind in ("well", "badly", "lucky", "cause", "action"):
        assert f'tocsin log INC-2026-0009 --kind {kind} "…"' in text


def test_a_dismissed_case_gives_its_reasons():
    assert "quarterly penetration test" in Page(report(dismissed())).text


def test_the_score_informs_and_is_not_the_verdict():
    text = Page(report(exposed_bucket())).text
    assert "The score informs the verdict; it is not the verdict." in text
    assert "the decision is a person's" in text


def test_names_of_authors_stand_in_tables_and_not_in_the_narrative():
    case = exposed_bucket()
    lines = tuple(replace(entry, author="A. Name") for entry in case.timeline)
    assert "A. Name" not in report(replace(case, timeline=lines))
    sentences = " ".join(json.loads(report(replace(case, opened_by="A. Name", lead="A. Name"), "json"))["abstract"])
    assert "A. Name" not in sentences


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_no_address_for_mail_and_no_secret_of_the_organisation_is_in_it(form):
    text = report(exposed_bucket(), form)
    assert not re.search(r"[\w.+-]+@[\w-]+\.[\w.]+", text)
    assert "SECRET" not in text
    assert "The words of the letter." not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_hostile_words_stay_words_on_the_page(language):
    text = report(hostile(), "html", language)
    page = Page(text)
    assert not page.named("script")
    assert HOSTILE in page.text
    assert "49" not in re.findall(r"\{\{.*?\}\}", text)


def test_hostile_words_stay_words_in_markdown():
    text = report(hostile(), "md")
    shown = MarkdownIt("commonmark").enable("table").render(text)
    assert "<script" not in shown
    assert 'href="https://example.org"' not in shown
    assert "<strong>bold</strong>" not in shown
    assert "&amp;lt;" in shown, "an entity in the record is shown as it was written"
    assert shown.count("<table>") == MarkdownIt("commonmark").enable("table").render(
        report(exposed_bucket(), "md")
    ).count("<table>")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("# heading", "# heading"),
        ("- item", "- item"),
        ("1. item", "1. item"),
        ("> quote", "&gt; quote"),
        ("a | b", "a | b"),
        ("snake_case and _emphasis_", "snake_case and _emphasis_"),
        ("two\n\n# lines", "two # lines"),
        ("=====", "====="),
        ("~~~", "~~~"),
        ("<b>", "&lt;b&gt;"),
        ("&amp;", "&amp;amp;"),
        ("back\\slash", "back\\slash"),
    ],
)
def test_markdown_escaping_gives_the_text_back(given, shown):
    assert MarkdownIt("commonmark").render(escaped(given)).strip() == f"<p>{shown}</p>"


def test_plain_words_are_not_cluttered_with_backslashes():
    for text in ("order_history of 2026-11-22", "Rabta (Berlin), 12.5 %: done.", "R&D said: yes!", "-5 min"):
        assert escaped(text) == text


def test_an_unknown_language_falls_back_to_english_and_says_so():
    text = Page(report(exposed_bucket(), language="it")).text
    assert "asked for in the language “it”" in text
    assert "In brief" in text


def test_an_unknown_format_names_the_known_ones():
    with pytest.raises(UnknownFormat, match="html, md, json"):
        report(just_opened(), "docx")


def test_pdf_is_refused_with_a_way_to_get_one():
    with pytest.raises(PdfNotWritten, match="print it"):
        report(just_opened(), "pdf")


def test_nothing_is_written_when_one_of_the_formats_is_unknown():
    with pytest.raises(UnknownFormat):
        ReportWriter(TEMPLATES).report(just_opened(), ORGANISATION, formats=("html", "doc"), language="en", now=NOW)


def test_a_folder_without_words_says_what_it_should_be(tmp_path):
    with pytest.raises(MissingWords, match="give the folder `templates`"):
        ReportWriter(tmp_path).report(just_opened(), ORGANISATION, formats=("html",), language="en", now=NOW)


def test_the_json_has_the_same_keys_for_every_case():
    keys = {tuple(json.loads(report(case, "json"))) for case in all_cases().values()}
    assert len(keys) == 1


def test_every_time_in_the_json_is_utc():
    text = report(filed_late(), "json")
    assert not re.findall(r'"\d{4}-\d\d-\d\dT[^"]*[^Z"]"', text)


def test_the_same_case_gives_the_same_bytes():
    assert report(exposed_bucket()) == report(exposed_bucket())


def test_many_merchants_do_not_swell_the_page_and_the_json_has_them_all():
    case = exposed_bucket()
    text = report(case)
    assert "The 25 largest of 57 merchants are shown" in Page(text).text
    assert text.count("Example shop") == 25
    assert len(json.loads(report(case, "json"))["merchants"]) == 57


def words_of(language: str) -> Any:
    return yaml.safe_load((TEMPLATES / "reports" / "words" / f"{language}.yaml").read_text(encoding="utf-8"))


def keys_of(tree: Any, place: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    if not isinstance(tree, dict):
        return {place}
    return {key for name, each in tree.items() for key in keys_of(each, (*place, str(name)))}


def places_of(tree: Any, place: tuple[str, ...] = ()) -> dict[tuple[str, ...], set[str]]:
    if not isinstance(tree, dict):
        return {place: set(re.findall(r"\{(\w+)\}", str(tree)))}
    return {key: names for name, each in tree.items() for key, names in places_of(each, (*place, str(name))).items()}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_every_language_has_the_same_words_with_the_same_places(language):
    assert keys_of(words_of(language)) == keys_of(words_of("en"))
    english, other = places_of(words_of("en")), places_of(words_of(language))
    assert {key for key in english if english[key] != other[key]} == set()


@pytest.mark.parametrize(
    ("length", "written"),
    [
        (timedelta(), "0 min"),
        (timedelta(microseconds=1), "under 1 min"),
        (timedelta(minutes=1), "1 min"),
        (timedelta(hours=1), "1 h 0 min"),
        (timedelta(hours=72), "72 h 0 min"),
        (-timedelta(hours=29), "29 h 0 min"),
        (timedelta(days=7) - timedelta(microseconds=1), "167 h 59 min"),
        (timedelta(days=7), "7 d 0 h"),
    ],
)
def test_durations_are_written_in_hours_up_to_a_week(length, written):
    assert read_words(TEMPLATES, "en", BERLIN, "Rabta").span(length) == written


LATENESS = {
    "en": ("min late", "met late", "overdue"),
    "de": ("zu spät", "überfällig", "verspätet"),
    "fr": ("de retard", "en retard"),
}


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_by_a_target_of_our_own_nothing_is_late(language):
    page = report(replace(several_laws(), codename="calm-lark"), "md", language)
    assert f"{FDPIC.name} (Art. 24(1) FADP" in page
    for lateness in LATENESS[language]:
        assert lateness not in page.lower(), lateness


def test_every_authority_is_named_with_its_law_and_the_head_begins_with_that_of_the_gdpr():
    lines = report(several_laws(), "md").splitlines()
    head = next(line for line in lines if line.startswith("**The supervisory"))
    assert head.startswith(f"**The supervisory authority ({AUTHORITY.name}) was notified")
    assert "before the time allowed ended" in head
    assert "UK GDPR" not in head, "what presses nobody any more is told below"
    assert any("(Art. 33(1) UK GDPR)" in line and "that law sets no fixed time" in line for line in lines)


def test_a_duty_not_owed_under_one_law_does_not_hide_that_another_authority_is_owed():
    case = several_laws()
    gdpr, swiss, uk = case.obligations
    waived = replace(gdpr, status=DeadlineStatus.WAIVED, waived_at=case.as_of, met_at=None, filings=())
    open_one = replace(uk, status=DeadlineStatus.OVERDUE, met_at=None, filings=())
    page = report(replace(case, obligations=(waived, swiss, open_one)), "md")
    head = next(line for line in page.splitlines() if "is not required." in line)
    assert "Information Commission (Art. 33(1) UK GDPR" in head
    assert "has not been notified; the time allowed ended" in head
    assert tone(replace(case, obligations=(waived, swiss, open_one))) == "alarm"


def test_the_rows_of_the_ledger_name_law_and_authority():
    rows = [line for line in report(several_laws(), "md").splitlines() if line.startswith("| Notify the supervisory")]
    assert len({row.split("|")[1] for row in rows}) == len(rows) == 3


@pytest.mark.parametrize(
    ("language", "closed", "running"),
    [
        ("en", "Post-incident report", "Interim report"),
        ("de", "Abschlussbericht", "Zwischenbericht"),
        ("fr", "Rapport post-incident", "Rapport d’étape"),
    ],
)
def test_only_a_case_that_ended_has_a_final_report(language, closed, running):
    assert report(exposed_bucket(), "md", language).startswith(f"# {closed}")
    assert report(several_laws(), "md", language).startswith(f"# {running}")
    assert f"{running}" in report(several_laws(), "html", language)


@pytest.mark.parametrize("form", ["html", "md", "json"])
def test_no_paper_holds_a_sign_that_nobody_sees(form):
    title = "Exports \u202egnp.exe \x1b[8mgone\u2066 a\u200bb"
    text = report(replace(exposed_bucket(), title=title), form)
    assert not HIDDEN.search(text)
    assert "gnp.exe" in text
    if form == "json":
        assert json.dumps(title) in json.dumps(json.loads(text))
