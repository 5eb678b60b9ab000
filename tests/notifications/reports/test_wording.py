"""The wording of the report: figures that agree, words instead of codes, and nothing claimed that is not so."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from html import unescape
from string import Formatter

import pytest

from incidents.assessment.risk import Risk
from incidents.case.case_file import AlertLine, CaseFile, DraftLine, TimelineLine
from incidents.case.message_machine import MessageState
from incidents.casework.case.timeline import TIMELINE_KINDS
from incidents.facts.values import Count
from incidents.obligations.recipients import UNLISTED_MERCHANTS, RecipientKind
from incidents.texts import timeline_texts
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text as written
from notifications.reports.chart.events import marks, reminder_text
from notifications.reports.sections.assessment import _joined, _questions
from notifications.reports.texts.timeline import line_text
from notifications.reports.words import ReportWords, read_words
from tests.builders.case_files import BERLIN, digest, dismissed, exposed_bucket, filed_late, just_opened, utc
from tests.builders.reports import LANGUAGES, TEMPLATES, Page, report

SECOND = timedelta(seconds=1)
TEN = Count(least=10, most=10)


def words(language: str = "en") -> ReportWords:
    return read_words(TEMPLATES, language, BERLIN, "Rabta")


def line(kind: str, text: str) -> TimelineLine:
    at = utc("2026-11-22 10:00")
    return TimelineLine(at=at, recorded_at=at, author="Tocsin", kind=kind, text=text)


def ledger_of(case: CaseFile) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = json.loads(report(case, "json"))["ledger"]
    return rows


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_of_a_message_has_words(language):
    assert set(words(language)._find("terms.delivery")) == {"not ordered", *MessageState}


@pytest.mark.parametrize(
    ("start", "end", "written"),
    [
        ("2026-11-24 10:30:59", "2026-11-26 23:21:00", "60 h 51 min"),
        ("2026-11-26 23:21:45", "2026-11-27 10:30:00", "11 h 9 min"),
        ("2026-11-24 10:30:00", "2026-11-24 10:30:59", "under 1 min"),
        ("2026-11-24 10:30:59", "2026-11-24 10:31:00", "1 min"),
        ("2026-11-24 10:30:00", "2026-11-24 10:30:00", "0 min"),
        ("2026-11-24 10:31:00", "2026-11-24 10:30:59", "1 min"),
    ],
)
def test_a_length_is_what_a_reader_computes_from_the_minutes_beside_it(start, end, written):
    assert words().apart(utc(start), utc(end)) == written


def test_time_used_and_time_left_add_up_to_the_time_allowed_whatever_the_seconds():
    case = exposed_bucket()
    duty = case.obligations[0]
    filed = replace(duty.filings[0], filed_at=duty.filings[0].filed_at + 45 * SECOND)
    changed = replace(case, obligations=(replace(duty, filings=(filed,), met_at=filed.filed_at), *case.obligations[1:]))
    text = Page(report(changed)).text
    assert "61 h 20 min after awareness and 10 h 40 min before" in text
    assert "10 h 39 min" not in text


def test_lateness_of_less_than_a_minute_stays_lateness():
    case = exposed_bucket()
    duty = case.obligations[0]
    filed = replace(duty.filings[0], filed_at=duty.due_at + SECOND, late_because="The portal was slow.")
    changed = replace(case, obligations=(replace(duty, filings=(filed,), met_at=filed.filed_at), *case.obligations[1:]))
    assert "under 1 min late" in Page(report(changed)).text


@pytest.mark.parametrize(("days", "written"), [(1, "1 day"), (18.5, "18.5 days"), (0, "0 days")])
def test_one_day_is_one_day(days, written):
    case = exposed_bucket()
    assert case.facts
    facts = case.facts.model_copy(update={"undetected_days": days})
    assert f"Undetected for {written} " in Page(report(replace(case, facts=facts))).text


def alert(key: str, noticed: str, *, told_by: str | None = None, level: int = 0) -> AlertLine:
    return AlertLine(
        key=key,
        rung=key,
        kind="reminder",
        due_at=utc("2026-11-24 10:00"),
        noticed_at=utc(noticed),
        told_by=told_by,
        level=level,
        acknowledged_at=None,
        acknowledged_by=None,
    )


@pytest.mark.parametrize(
    ("told_by", "level", "said"),
    [
        (None, 0, "on-call person 1"),
        (None, 2, "on-call person 1, passed on 2 times"),
        ("settled", 2, "on-call person 1, passed on 2 times"),
        ("clock moved", 0, "on-call person 1"),
        ("before-12h", 1, "on-call person 1, passed on once"),
        ("before-6h", 0, "reported with a later alert"),
    ],
)
def test_an_alert_that_reached_people_is_never_said_to_have_been_told_later(told_by, level, said):
    case = just_opened()
    rung = alert("before-24h", "2026-11-24 10:01", told_by=told_by, level=level)
    together = alert("before-6h", "2026-11-24 10:01")
    after = alert("before-12h", "2026-11-24 22:00")
    text = report(replace(case, alerts=(rung, together, after)), "md")
    (row,) = [each for each in text.splitlines() if each.startswith("| 24 h left")]
    assert said in row


@pytest.mark.parametrize(
    ("key", "language", "said"),
    [
        ("after-144h", "en", "overdue by 144 h"),
        ("after-168h", "en", "overdue by 7 d"),
        ("after-792h", "en", "overdue by 33 d"),
        ("after-792h", "de", "33 Tage überfällig"),
        ("after-792h", "fr", "33 j"),
        ("after-170h", "en", "overdue by 170 h"),
        ("before-90min", "en", "90 min left"),
    ],
)
def test_a_long_delay_is_told_in_days(key, language, said):
    assert said in reminder_text(alert(key, "2026-12-01 07:00"), words(language))


def test_the_picture_shows_an_alert_when_it_rang_and_none_that_nobody_heard():
    case = just_opened()
    unheard = alert("before-24h", "2026-12-01 07:00", told_by="before-6h")
    heard = alert("before-6h", "2026-12-01 07:00")
    found = [mark for mark in marks(replace(case, alerts=(unheard, heard)), words()) if mark.lane == "alerts"]
    assert [(each.at, each.label) for each in found] == [(utc("2026-12-01 07:00"), "6 h left")]


def test_what_was_filed_without_a_receipt_is_proven_by_the_text_that_was_approved():
    case = exposed_bucket()
    duty = case.obligations[0]
    bare = replace(duty, filings=tuple(replace(filing, receipt_sha256=None) for filing in duty.filings))
    (told,) = [
        row
        for row in ledger_of(replace(case, obligations=(bare, *case.obligations[1:])))
        if row["duty"] == "eu-gdpr/authority-initial"
    ]
    (text,) = [draft for draft in case.drafts if draft.kind == "authority-initial"]
    assert told["evidence_sha256"] == text.sha256


def test_a_text_approved_after_the_filing_proves_nothing():
    case = exposed_bucket()
    duty = case.obligations[0]
    bare = replace(duty, filings=tuple(replace(filing, receipt_sha256=None) for filing in duty.filings))
    assert bare.met_at
    late = tuple(_approved_at(draft, bare.met_at + SECOND) for draft in case.drafts)
    (told,) = [
        row
        for row in ledger_of(replace(case, drafts=late, obligations=(bare, *case.obligations[1:])))
        if row["duty"] == "eu-gdpr/authority-initial"
    ]
    assert told["evidence_sha256"] is None


def _approved_at(draft: DraftLine, at: object) -> DraftLine:
    return replace(draft, approved_at=at)  # type: ignore[arg-type]


def test_letters_are_proven_by_the_frozen_list_and_approvals_by_each_text():
    case = exposed_bucket()
    rows = ledger_of(case)
    (people,) = [row for row in rows if row["duty"] == "eu-gdpr/people"]
    assert people["evidence_sha256"] == case.people_list_sha256
    for kind in ("people", "controllers"):
        (approved,) = [row for row in rows if (row["event"], row["subject"]) == ("approved", kind)]
        hashes = [draft.sha256 for draft in case.drafts if draft.kind == kind and draft.approved_at]
        assert [approved["evidence_sha256"], *approved["more_sha256"]] == hashes  # type: ignore[misc]


def test_the_alert_as_received_proves_the_signal_and_the_opening():
    case = replace(just_opened(), first_signal_at=utc("2026-12-01 05:00"))
    kept = replace(
        line("evidence", "Kept as received: alert.json"), at=case.opened_at, evidence_sha256=digest("an alert")
    )
    rows = ledger_of(replace(case, timeline=(kept,)))
    proven = {row["event"] for row in rows if row["evidence_sha256"] == digest("an alert")}
    assert {"first_signal", "opened"} <= proven


def with_entries(case: CaseFile) -> CaseFile:
    """The case as the audit chain recorded it."""
    return replace(
        case,
        opened_sha256=digest("entry: opened"),
        contained_sha256=digest("entry: contained"),
        ended_sha256=digest("entry: closed"),
        awareness=tuple(replace(statement, audit_sha256=digest("entry: aware")) for statement in case.awareness),
        assessments=tuple(
            replace(assessment, audit_sha256=digest("entry: assessed")) for assessment in case.assessments
        ),
        decisions=tuple(replace(decision, audit_sha256=digest("entry: decided")) for decision in case.decisions),
    )


@pytest.mark.parametrize("event", ["aware", "assessed", "decided", "contained", "closed", "opened"])
def test_what_has_no_file_is_proven_by_the_entry_that_recorded_it(event):
    case = with_entries(exposed_bucket())
    assert {row["audit_sha256"] for row in ledger_of(case) if row["event"] == event} == {digest(f"entry: {event}")}
    text = Page(report(case)).text
    assert digest(f"entry: {event}") in text, "the whole hash, under evidence and audit"


def test_the_evidence_column_shows_the_entry_beside_a_file_and_alone_where_there_is_none():
    lines = report(with_entries(exposed_bucket()), "md").split("## ")[1].splitlines()
    (closed,) = [each for each in lines if each.startswith("| Closed")]
    assert f"`{digest('entry: closed')[:12]}" in closed
    assert "*audit entry*" in closed
    plain = exposed_bucket()
    without = report(plain, "md")
    assert "audit entry*" not in without


def test_merchants_that_nobody_has_listed_are_not_counted_as_one():
    case = exposed_bucket()
    first = next(obligation for obligation in case.obligations if obligation.recipient.kind is RecipientKind.MERCHANT)
    owed = replace(first, recipient=UNLISTED_MERCHANTS, met_at=None, filings=())
    others = tuple(
        obligation for obligation in case.obligations if obligation.recipient.kind is not RecipientKind.MERCHANT
    )
    text = Page(report(replace(case, obligations=(*others, owed), merchants=()))).text
    assert "(merchants not listed yet)" in text
    assert "1 merchant" not in text


def test_a_dismissed_case_does_not_wait_for_a_decision():
    text = Page(report(dismissed())).text
    assert "not decided yet" not in text
    assert "No decision has been taken yet." not in text
    assert "none: no personal data breach" in text


def test_what_a_text_lacks_is_named_in_words():
    case = exposed_bucket()
    drafts = tuple(
        replace(draft, missing=("people_number", "cause"), will_follow=("records_number",)) for draft in case.drafts
    )
    text = Page(report(replace(case, drafts=drafts))).text
    assert "Missing: number of people concerned, how the breach came about." in text
    assert "Will follow (Art. 33(4)): number of data records concerned." in text
    assert "people_number" not in text


def test_countries_have_names_and_those_without_numbers_stand_together():
    case = exposed_bucket()
    assert case.facts
    sets = tuple(
        data_set.model_copy(update={"countries": {"DE": 811, "AT": None, "FR": None}})
        for data_set in case.facts.data_sets
    )
    facts = case.facts.model_copy(update={"data_sets": sets})
    assert "Germany 811; Austria, France (numbers not known)" in Page(report(replace(case, facts=facts))).text
    german = Page(report(replace(case, facts=facts), language="de")).text
    assert "Deutschland 811; Frankreich, Österreich (Zahlen nicht bekannt)" in german


def test_data_sets_of_people_in_the_same_places_share_a_row():
    case = exposed_bucket()
    assert case.facts
    sets = tuple(data_set.model_copy(update={"countries": {"DE": 5}}) for data_set in case.facts.data_sets)
    text = report(replace(case, facts=case.facts.model_copy(update={"data_sets": sets})), "md")
    (row,) = [each for each in text.splitlines() if each.startswith("| Where they live")]
    assert all(data_set.name in row for data_set in sets)


def test_an_empty_list_is_not_called_unknown():
    case = exposed_bucket()
    assert case.facts
    facts = case.facts.model_copy(update={"measures_proposed": ()})
    assert "| Measures proposed | none recorded |" in report(replace(case, facts=facts), "md")


def test_a_total_is_called_a_range_only_where_it_is_one():
    case = exposed_bucket()
    assert "The total is a range" in Page(report(case)).text
    assert case.facts
    sets = tuple(data_set.model_copy(update={"people": TEN, "records": TEN}) for data_set in case.facts.data_sets)
    facts = case.facts.model_copy(update={"data_sets": sets})
    assert "The total is a range" not in Page(report(replace(case, facts=facts))).text


WRITTEN = (
    (
        written("approved", draft="controllers", language="de", version=2),
        "Freigegeben: Unterrichtung der Händler, Deutsch, Fassung 2",
    ),
    (
        written("approved_alone", draft="people", language="fr", version=1, because="Nobody else answers."),
        (
            "Freigegeben: Schreiben an die betroffenen Personen, Französisch, Fassung 1. Ohne zweite Person:"
            " Nobody else answers."
        ),
    ),
    (
        written("sent", count=1200, draft="people"),
        "Versand beauftragt: Schreiben an die betroffenen Personen, 1.200 Nachrichten",
    ),
    (
        written("sent_again", count=1, draft="people", because="They ask for it."),
        (
            "Erneuter Versand beauftragt, weil der Eingang ungewiss ist: Schreiben an die betroffenen Personen,"
            " 1 Nachricht. They ask for it."
        ),
    ),
    (
        written("assessed", version=1, risk=Risk.UNLIKELY),
        "Sachverhalt bewertet, Fassung 1; Vorschlag: voraussichtlich kein Risiko",
    ),
    (
        written("imported_people", added=1200, known=0, refused=3),
        "Liste der betroffenen Personen eingelesen: 1.200 neu, 0 bereits bekannt, 3 abgewiesen",
    ),
    (
        written("filed", phase="follow_up", authority="An authority", reference="A, reference B"),
        "Gemeldet (Nachmeldung): An authority, Aktenzeichen A, reference B",
    ),
    (
        written("decided", authority_told=True, people_told=False, exception="34-3-a", because="Keys are safe"),
        (
            "Entschieden: der Aufsichtsbehörde melden; eine Benachrichtigung der betroffenen Personen ist nicht"
            " erforderlich (Art. 34 Abs. 3 lit. a: Daten unverständlich). Keys are safe"
        ),
    ),
    (
        written("decided", authority_told=False, people_told=False, exception="", because="Nobody saw {it}"),
        (
            "Entschieden: eine Meldung an die Aufsichtsbehörde ist nicht erforderlich; eine Benachrichtigung der"
            " betroffenen Personen ist nicht erforderlich. Nobody saw {it}"
        ),
    ),
    (
        written("signal", what="Reads (many), severity critical", identity="5c2a@2026-11-24T08:58:00", left_out=""),
        "Erstes Anzeichen: Reads (many), severity critical",
    ),
    (
        written("left_open", key="eu-gdpr/authority-follow-up/DE-BE", elements=("people_number", "measures")),
        "Offen geblieben für eu-gdpr/authority-follow-up/DE-BE: Zahl der betroffenen Personen, Maßnahmen",
    ),
    (written("corrected", reason="the log\nsays so"), "Bekanntwerden berichtigt: the log\nsays so"),
    (
        written("reevaluated", changes=("a: 96 h", "b: gone"), because="The law changed."),
        "Nach heutigem Recht gerechnet: a: 96 h; b: gone. The law changed.",
    ),
    (written("closed"), "Abgeschlossen: Es ist nichts mehr offen"),
)


def recorded(kind: str, said: CodedText) -> TimelineLine:
    return replace(line(kind, str(said)), said=json.loads(json.dumps(said.to_json())))


@pytest.mark.parametrize(("said", "german"), WRITTEN)
def test_what_the_software_wrote_on_the_timeline_is_said_in_the_papers_language(said, german):
    assert line_text(recorded("filed", said), words("de")) == german


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("said", [said for said, _ in WRITTEN])
def test_no_code_is_left_in_what_the_software_wrote(said, language):
    told = line_text(recorded("filed", said), words(language))
    assert told
    assert not re.search(r"controllers\.|\(people\)|@|follow_up|people_number|34-3", told)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_line_of_the_software_has_words_in_every_language(language):
    tree = words(language).tree["line"]
    assert set(timeline_texts._ENGLISH) <= set(tree)
    for about, english in timeline_texts._ENGLISH.items():
        forms = tree[about].values() if isinstance(tree[about], Mapping) else (tree[about],)
        filled = {name for _, name, _, _ in Formatter().parse(english) if name}
        for form in forms:
            assert {name for _, name, _, _ in Formatter().parse(form) if name} <= filled


@pytest.mark.parametrize("text", ["Filed it away", "Approved of nothing", "Ordered to be sent: many", "{count} {x}"])
def test_words_of_a_person_stay_as_they_were_recorded(text):
    for kind in ("filed", "note", "contained"):
        assert line_text(line(kind, text), words("de")) is None
    case = replace(exposed_bucket(), timeline=(line("note", text),))
    assert text in unescape(report(case, "html", "de"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_timeline_entry_has_a_name(language):
    named = words(language).tree["terms"]["entry"]
    written = {"opened", "signal", "aware", "contained", "handed_over", "facts", "assessed", "decided", "approved"}
    written |= {"sent", "filed", "closed", "dismissed", "reopened", "imported", *TIMELINE_KINDS}
    assert written - {"well", "badly", "lucky", "cause", "action"} <= set(named)


def test_a_reason_that_holds_for_several_data_sets_is_given_once():
    reason = {"factor": "anybody", "effect": "raises", "source": "Guidelines"}
    found = _joined(
        [
            {**reason, "because": "orders: reachable by all"},
            {**reason, "because": "orders: old: reachable by all"},
            {**reason, "because": "a high risk is likely"},
        ],
        ("orders", "orders: old"),
    )
    assert [each["because"] for each in found] == ["orders, orders: old: reachable by all", "a high risk is likely"]


def test_a_question_about_several_data_sets_is_asked_once():
    asked = ["When did it begin?", "a: How many?", "b: How many?", "b: Did data leave?"]
    assert _questions(asked, ("a", "b")) == ["When did it begin?", "a, b: How many?", "b: Did data leave?"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_recipient_of_letters_is_not_named_in_another_language(language):
    assert ("The affected people" in Page(report(exposed_bucket(), "html", language)).text) is False


def test_words_written_from_right_to_left_find_their_direction():
    case = filed_late()
    assert case.facts
    facts = case.facts.model_copy(update={"summary": "\u062a\u0645\u062a \u0642\u0631\u0627\u0621\u0629"})
    text = report(replace(case, facts=facts, title="\u062a\u0645\u062a"))
    assert '<p class="recorded" dir="auto">\u062a' in text
    assert "<bdi>\u062a\u0645\u062a</bdi>" in text
    assert "unicode-bidi: plaintext" in text


def test_a_printed_table_does_not_leave_its_head_alone_at_the_foot_of_a_page():
    text = report(exposed_bucket())
    printed = text[text.index("@media print") :]
    assert "break-after: avoid" in re.findall(r"thead \{[^}]*\}", printed)[0]
    assert "tbody tr:first-child { break-before: avoid; }" in printed


def test_every_kind_of_table_that_has_a_name_has_its_own_layout():
    text = report(exposed_bucket())
    named = set(re.findall(r'<table class="([a-z-]+)"', text))
    assert {"ledger", "hashes", "lines"} <= named
    styles = text[: text.index("</style>")]
    assert {name for name in named if f".{name} " not in styles} == set()


def test_an_alert_is_not_named_twice():
    case = replace(just_opened(), alerts=(replace(alert("opened", "2026-11-24 10:01"), kind="page"),))
    (row,) = [each for each in report(case, "md").splitlines() if each.startswith("| page")]
    assert row.startswith("| page |")


@pytest.mark.parametrize(
    ("language", "contained", "filed"),
    [
        ("en", "30 h 0 min before it was detected here", "2 h 0 min before awareness"),
        ("de", "30 h 0 min bevor sie hier entdeckt wurde", "2 h 0 min vor Bekanntwerden"),
        ("fr", "30 h 0 min avant d’être détectée ici", "2 h 0 min avant la prise de connaissance"),
    ],
)
def test_what_came_before_is_never_said_to_come_after(language, contained, filed):
    case = filed_late()
    assert case.aware_at is not None
    early = replace(case.obligations[0].filings[0], filed_at=case.aware_at - timedelta(hours=2))
    before = replace(
        case,
        contained_at=case.detected_at - timedelta(hours=30),
        obligations=tuple(replace(duty, filings=(early,) if duty.filings else ()) for duty in case.obligations),
    )
    text = Page(report(before, "html", language)).text
    assert (contained in text, filed in text) == (True, True)


def test_on_a_narrow_screen_each_value_of_the_ledger_says_what_it_is():
    page = Page(report(filed_late()))
    heads = ("Planned", "Actual", "Since awareness", "Margin", "By", "Evidence")
    named = [cell["data-head"] for cell in page.named("td") if cell.get("data-head")]
    assert tuple(named[:6]) == heads
    assert ".ledger td::before { content: attr(data-head)" in report(filed_late())
