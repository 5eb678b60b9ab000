"""Every kind of message, in every language, for little and for full knowledge; and what a template may not do."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from itertools import product
from pathlib import Path

import pytest

from incidents.case.case_file import TimelineLine
from incidents.kernel.hidden_signs import HIDDEN
from incidents.texts.timeline_texts import timeline_text
from notifications.language.catalogue import WordsError
from notifications.letters.compose import TEMPLATES as KINDS
from notifications.letters.compose import LetterComposer
from notifications.letters.layout import blocks
from notifications.letters.sandbox import MOST_CONTEXT, MOST_OUTPUT, PlainSandbox, WordingError
from tests.builders.letters import (
    ALERTS,
    AWARE,
    FULL_FACTS,
    LANGUAGES,
    LETTERS,
    MERCHANT,
    MINIMAL_FACTS,
    NOW,
    ROOT,
    alert_context,
    case,
    filing,
    full_case,
    letter_context,
    obligation,
    told,
    wording,
)
from tests.builders.rows import over


class Page(HTMLParser):
    """Collects the tags and the visible words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data


def template(folder: Path, text: str, name: str = "try.txt.j2") -> PlainSandbox:
    (folder / name).write_text(text, encoding="utf-8")
    return PlainSandbox(folder)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
@pytest.mark.parametrize("given", [case(), case(MINIMAL_FACTS), full_case()], ids=["nothing", "little", "all"])
def test_each_letter_is_worded_in_each_language(kind, language, given):
    composed = wording().letter(kind, language, letter_context(given, language, merchant=MERCHANT))
    assert (composed.kind, composed.language, composed.fell_back) == (kind, language, False)
    assert composed.subject
    assert "INC-2026-0007" in composed.text
    assert not re.search(r"None|undefined|\{\{|\{%|\[\[|\{\w+\}", composed.subject + composed.text)
    assert not re.search(r":[ \u00a0]*$(?!\n\n[-\d])", composed.text, re.MULTILINE), "a label without a value"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ALERTS)
@pytest.mark.parametrize("due", [None, AWARE + timedelta(hours=72)], ids=["no-deadline", "deadline"])
def test_each_alert_is_worded_in_each_language(kind, language, due):
    composed = wording().letter(kind, language, alert_context(language, due_at=due))
    assert composed.subject.startswith("INC-2026-0007 AMBER HERON")
    assert "tocsin submit INC-2026-0007" in composed.text
    assert "https://" not in composed.text, "a link goes only where there is a page"
    if due:
        assert "(01:47 UTC)" in composed.text or kind == "page"


@over(product(KINDS.values(), LANGUAGES))
def test_every_template_of_a_kind_is_there_in_every_language(pattern, language):
    assert (ROOT / "templates" / pattern.format(language=language)).is_file()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_html_body_says_what_the_plain_text_says(language):
    composed = wording().letter("people", language, letter_context(full_case(), language))
    page = Page(composed.html or "")
    shown = "".join(page.words.split())
    lines = composed.text.splitlines()
    assert len(lines) > 20
    for line in lines:
        bare = re.sub(r"^(?:-{3,}|- |\d+\. |\*+)", "", line.strip())
        assert "".join(bare.split()) in shown


@pytest.mark.parametrize("kind", LETTERS)
def test_the_html_body_loads_nothing_and_names_its_language(kind):
    composed = wording().letter(kind, "fr", letter_context(full_case(), "fr"))
    page = Page(composed.html or "")
    assert ("html", {"lang": "fr"}) in page.tags
    assert not {"img", "script", "link", "style", "iframe", "form"} & {tag for tag, _ in page.tags}
    assert "url(" not in (composed.html or "")
    assert "color:" not in (composed.html or "").replace("currentColor", "")


def test_a_link_shows_the_address_it_leads_to():
    [paragraph] = blocks("Look at https://rabta.example.org/privacy, or write to privacy@rabta.example.org.")
    links = [(piece["text"], piece["href"]) for piece in paragraph["lines"][0] if piece["href"]]
    assert links == [
        ("https://rabta.example.org/privacy", "https://rabta.example.org/privacy"),
        ("privacy@rabta.example.org", "mailto:privacy@rabta.example.org"),
    ]


def test_html_in_the_facts_is_escaped():
    facts = {**MINIMAL_FACTS, "summary": "<script>alert(1)</script> & <img src=x>"}
    composed = wording().letter("people", "en", letter_context(case(facts), "en"))
    assert "<script>" in composed.text
    assert "<script>" not in (composed.html or "")
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &lt;img src=x&gt;" in (composed.html or "")


def test_html_in_an_edited_text_is_escaped_and_its_template_marks_are_words():
    composed = wording().from_text("A <b>subject</b>", "Hello {{ org.name }} {% for %}\n\n<a href='x'>y</a>", "de")
    assert "{{ org.name }} {% for %}" in composed.text
    assert "&lt;b&gt;subject" in (composed.html or "")
    assert "<a href='x'>" not in (composed.html or "")


def test_a_fact_cannot_pose_as_a_heading_or_a_list():
    facts = {**MINIMAL_FACTS, "summary": "It began.\n\nWho you can ask\n---------------\n- call 0800\n\n1. pay here"}
    composed = wording().letter("people", "en", letter_context(case(facts), "en"))
    headings = [block["text"] for block in blocks(composed.text) if block["shape"] == "heading"]
    assert headings.count("Who you can ask") == 1
    assert "1. pay here" not in composed.text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", [*LETTERS, *ALERTS])
def test_an_exercise_is_stamped_in_subject_and_text(kind, language):
    if kind in LETTERS:
        context = letter_context(full_case(exercise=True), language)
    else:
        context = alert_context(language, exercise=True)
    composed = wording().letter(kind, language, context)
    word = {"en": "EXERCISE", "de": "ÜBUNG", "fr": "EXERCICE"}[language]
    assert composed.subject.startswith(f"{word} - ")
    assert composed.text.startswith(f"*** {word}")
    assert "border:3px solid" in (composed.html or "")


def test_no_message_goes_out_without_saying_whether_it_is_a_drill():
    context = letter_context(full_case(), "en")
    del context["exercise"]
    with pytest.raises(WordingError, match="`exercise` must be stated"):
        wording().letter("people", "en", context)


def test_an_edited_text_is_stamped_once():
    words = wording()
    once = words.from_text("Data breach", "Hello", "de", exercise=True)
    again = words.from_text(once.subject, once.text, "de", exercise=True)
    assert (again.subject, again.text) == (once.subject, once.text)


@pytest.mark.parametrize("language", ["it", "xx", "EN", "../en", ""])
def test_an_unknown_language_falls_back_to_english_and_says_so(language):
    composed = wording().letter("people", language, letter_context(full_case(), language))
    assert (composed.language, composed.asked_language, composed.fell_back) == ("en", language, True)
    assert f"there are no words in `{language}`: this message is in English" in composed.warnings
    assert 'lang="en"' in (composed.html or "")


def test_a_missing_account_is_told_in_english_with_a_warning():
    facts = {**FULL_FACTS, "account": {"en": "A storage area was open."}}
    composed = wording().letter("people", "fr", letter_context(full_case(facts), "fr"))
    assert "A storage area was open." in composed.text
    assert any("no `account.fr`" in warning for warning in composed.warnings)


def test_an_unknown_code_is_shown_as_words_with_a_warning():
    facts = {**FULL_FACTS, "likely_consequences": ["credit_damage"], "advice": ["call_your_broker"]}
    composed = wording().letter("people", "de", letter_context(full_case(facts), "de"))
    assert "- Credit damage." in composed.text
    assert "1. Call your broker." in composed.text
    assert any("`credit_damage`" in warning for warning in composed.warnings)


def reasons(because):
    """The line of the timeline by which a person gives the reasons for a delay, before anything is filed."""
    text = timeline_text("late_reasons", key=obligation().key, because=because)
    return TimelineLine(at=NOW, recorded_at=NOW, author="DPO", kind="late_reasons", text=str(text), said=text.to_json())


def test_no_address_from_a_free_text_reaches_a_letter():
    leaked = "victim.person@mail.example.com"
    facts = {
        **FULL_FACTS,
        "summary": f"Reported by {leaked}.",
        "account": {"en": f"{leaked} told us."},
        "cause": {"nature": "misconfiguration", "detail": f"seen by {leaked}"},
        "systems": [f"mailbox of {leaked}"],
    }
    given = full_case(facts, timeline=(reasons(f"waited for {leaked}"),))
    for kind in LETTERS:
        composed = wording().letter(kind, "en", letter_context(given, "en"))
        assert leaked not in composed.text + composed.subject + (composed.html or "")
        assert any("address was taken out" in warning for warning in composed.warnings)


def test_no_address_and_no_title_reaches_an_alert():
    context = alert_context(
        "en",
        title="Mailbox of a person leaked",
        recipient_name="shop@mail.example.com",
        duty_title="x@mail.example.com",
    )
    for kind in ALERTS:
        composed = wording().letter(kind, "en", context)
        assert "@" not in composed.subject + composed.text
        assert "Mailbox" not in composed.subject + composed.text


def test_what_is_not_known_is_said_with_the_time_of_the_next_update():
    facts = {**MINIMAL_FACTS, "next_update": NOW + timedelta(days=2)}
    text = wording().letter("authority-initial", "en", letter_context(case(facts), "en")).text
    assert (
        "The number of people concerned is not yet known; "
        "this will follow by Wednesday 25 November 2026 at 10:30 (Berlin time)."
    ) in text


@pytest.mark.parametrize(("after", "promised"), [(timedelta(microseconds=1), True), (timedelta(0), False)])
def test_a_time_that_has_passed_is_no_promise(after, promised):
    facts = {**MINIMAL_FACTS, "next_update": NOW + after}
    composed = wording().letter("people", "en", letter_context(case(facts), "en"))
    assert ("We will write to you again by" in composed.text) is promised
    assert any("`next_update`" in warning for warning in composed.warnings) is not promised


def test_reasons_for_delay_are_asked_only_when_late():
    on_time = wording().letter("authority-initial", "en", letter_context(full_case(), "en"))
    assert "Reasons for the delay" not in on_time.text
    overdue = obligation(started_at=AWARE, due_at=NOW - timedelta(microseconds=1))
    late = full_case(obligations=(overdue,))
    assert "The reasons for the delay are not yet stated" in (
        wording().letter("authority-initial", "en", letter_context(late, "en")).text
    )
    stated = full_case(obligations=(overdue,), timeline=(reasons("The log was unreadable at first."),))
    assert "The log was unreadable at first." in (
        wording().letter("authority-initial", "en", letter_context(stated, "en")).text
    )


def test_a_follow_up_names_the_first_filing():
    text = wording().letter("authority-follow-up", "de", letter_context(full_case(), "de")).text
    assert f"Ihr Zeichen: {filing().reference}" in text
    assert "ergänzt unsere Meldung vom Sonntag, 22. November 2026, 22:47 Uhr Ortszeit Berlin (21:47 UTC)" in text


def test_the_authority_is_told_how_many_messages_were_handed_over():
    text = wording().letter("authority-follow-up", "en", letter_context(full_case(ledger=(told(),)), "en")).text
    assert "12,300 messages have been handed over" in text


@pytest.mark.parametrize(
    ("language", "people", "city"),
    [
        ("en", "about 12,400", "Berlin time"),
        ("de", "etwa 12.400", "Ortszeit Berlin"),
        ("fr", "environ 12\u202f400", "heure de Berlin"),
    ],
)
def test_numbers_and_times_are_written_as_the_language_does(language, people, city):
    text = wording().letter("authority-initial", language, letter_context(full_case(), language)).text
    assert people in text
    assert city in text
    assert "(21 Nov 23:10 UTC)" in text or "(21. Nov. 23:10 UTC)" in text or "(21 nov. 23:10 UTC)" in text


def test_a_merchant_reads_its_own_figures():
    words = wording()
    for_all = words.letter("controllers", "en", letter_context(full_case(), "en"))
    assert "[[people]]" in for_all.text
    own = words.for_merchant(for_all, MERCHANT)
    assert "To: Example Shop" in own.text
    assert "People concerned: 1,240" in own.text
    assert "Kinds of data: name, postal address and order history" in own.text
    assert own == words.letter("controllers", "en", letter_context(full_case(), "en", merchant=MERCHANT))


def test_unknown_figures_of_a_merchant_are_said_to_be_unknown():
    words = wording()
    for_all = words.letter("controllers", "de", letter_context(full_case(), "de"))
    own = words.for_merchant(for_all, {"id": "M", "name": "Shop", "people": None, "records": None, "kinds": []})
    assert "Betroffene Personen: noch nicht bekannt" in own.text


def test_a_merchant_s_name_is_words_only():
    words = wording()
    for_all = words.letter("controllers", "en", letter_context(full_case(), "en"))
    own = words.for_merchant(for_all, {**MERCHANT, "name": "<b>Shop</b>\nTo: you [[people]] {{ org }}"})
    assert "To: <b>Shop</b> To: you [[people]] {{ org }}" in own.text
    assert "<b>Shop</b>" not in (own.html or "")


def test_the_most_urgent_advice_comes_first():
    facts = {**FULL_FACTS, "advice": ["contact_us", "beware_of_phishing", "change_password"]}
    text = wording().letter("people", "en", letter_context(full_case(facts), "en")).text
    assert text.index("1. Change your Rabta password now.") < text.index("2. Be wary") < text.index("3. Contact us")


def test_advice_is_derived_from_the_kinds_of_data_where_the_facts_give_none():
    text = wording().letter("people", "en", letter_context(full_case(), "en")).text
    for step in ("Change your Rabta password now.", "Check your bank and card statements.", "Be wary of messages"):
        assert step in text


def test_a_name_that_is_missing_fails_loudly():
    context = letter_context(full_case(), "en")
    del context["advice"]
    with pytest.raises(WordingError, match="'advice' is undefined"):
        wording().letter("people", "en", context)


def test_an_item_that_is_missing_fails_loudly():
    context = letter_context(full_case(), "en")
    context["contact"] = {"name": "x"}
    with pytest.raises(WordingError, match="no attribute 'email'"):
        wording().letter("people", "en", context)


def test_an_unknown_kind_names_the_kinds_there_are():
    with pytest.raises(WordingError, match="authority-initial, authority-follow-up, people, controllers"):
        wording().letter("newsletter", "en", {})


def test_a_folder_without_words_says_where_it_looked(tmp_path):
    with pytest.raises(WordsError, match="holds no `en.yaml`"):
        LetterComposer(tmp_path).words("en")


@pytest.mark.parametrize(
    "attempt",
    [
        "{{ ''.__class__ }}",
        "{{ ''['__class__'] }}",
        "{{ text.__class__.__mro__ }}",
        "{{ facts.__init__ }}",
        "{{ facts.keys() }}",
        "{{ items.append(1) }}",
        "{{ text.format(1) }}",
        "{{ text.encode }}",
        "{{ self.__init__ }}",
        "{{ loop_outside.__class__ }}",
        "{% for x in items %}{{ loop.__class__ }}{% endfor %}",
        "{% for x in items %}{{ loop.cycle(1) }}{% endfor %}",
        "{{ cycler.__init__.__globals__.os.environ }}",
        "{{ environ }}",
        "{{ config }}",
        "{{ range(10) }}",
        "{{ namespace() }}",
        "{{ lipsum() }}",
        "{{ dict() }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 2 ** 100000000 }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ text|attr('__class__') }}",
        "{{ text|center(1000000000) }}",
        "{{ 1 is callable }}",
        "{% include '../secret.txt' %}",
        "{% include 'try.txt.j2' %}",
        "{% macro m() %}x{% endmacro %}{{ m() }}",
        "{% import 'os' as os %}",
    ],
)
def test_a_template_reaches_nothing_but_plain_data(tmp_path, monkeypatch, attempt):
    monkeypatch.setenv("TOCSIN_CANARY", "sesame")
    (tmp_path.parent / "secret.txt").write_text("sesame")
    with pytest.raises(WordingError) as refused:
        template(tmp_path, attempt).write("try.txt.j2", {"text": "t", "facts": {"a": "b"}, "items": [1]})
    assert "sesame" not in str(refused.value)


def test_a_key_named_like_a_method_is_still_data(tmp_path):
    assert template(tmp_path, "{{ facts.items }}").write("try.txt.j2", {"facts": {"items": "three"}}) == "three"


@pytest.mark.parametrize("value", [object(), 1.5, b"x", NOW, (1,), {1: "x"}, {"a": [{"b": {"c"}}]}, NOW.isoformat])
def test_data_that_are_not_plain_are_refused(tmp_path, value):
    with pytest.raises(WordingError, match="no plain data"):
        template(tmp_path, "{{ it }}").write("try.txt.j2", {"it": value})


def test_a_subclass_of_text_is_not_plain(tmp_path):
    class Sly(str):
        __slots__ = ()

    with pytest.raises(WordingError, match="no plain data"):
        template(tmp_path, "{{ it }}").write("try.txt.j2", {"it": Sly("x")})


def test_too_much_data_and_too_much_text_are_refused(tmp_path):
    sandbox = template(tmp_path, "{% for a in l %}{% for b in l %}{{ t }}{% endfor %}{% endfor %}")
    with pytest.raises(WordingError, match="at most 200,000 characters of data"):
        sandbox.write("try.txt.j2", {"l": [], "t": "x" * (MOST_CONTEXT + 1)})
    with pytest.raises(WordingError, match="writes more than 400,000 characters"):
        sandbox.write("try.txt.j2", {"l": [1] * 1000, "t": "x" * 1000})
    with pytest.raises(WordingError, match="at most 400,000 characters"):
        wording().from_text("s", "x" * (MOST_OUTPUT + 1), "en")


def test_a_template_with_a_fault_names_its_line(tmp_path):
    with pytest.raises(WordingError, match=r"`try.txt.j2` line 2"):
        template(tmp_path, "fine\n{% if %}").write("try.txt.j2", {})


def test_a_subject_is_one_line():
    composed = wording().from_text("Breach\r\nBcc: a@b.example", "Hello", "en")
    assert composed.subject == "Breach Bcc: a@b.example"


@pytest.mark.parametrize(("subject", "text"), [("", "x"), ("x", " \n")])
def test_an_empty_message_is_refused(subject, text):
    with pytest.raises(WordingError, match="needs a subject and a text"):
        wording().from_text(subject, text, "en")


def test_the_same_case_is_worded_the_same_twice():
    first, second = (wording().letter("people", "fr", letter_context(full_case(), "fr")) for _ in range(2))
    assert first == second


def test_taking_a_text_as_it_is_changes_nothing():
    composed = wording().letter("people", "fr", letter_context(full_case(), "fr"))
    again = wording().from_text(composed.subject, composed.text, "fr")
    assert (again.subject, again.text, again.html) == (composed.subject, composed.text, composed.html)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_letter_holds_a_sign_that_nobody_sees(language):
    merchant = {**MERCHANT, "name": "Shop \u202eelpmaxe\u200b \x1b[8mof יעל כהן"}
    facts = {**MINIMAL_FACTS, "summary": "An export\u2066 was \x9b8mread."}
    composed = wording().letter("controllers", language, letter_context(case(facts), language, merchant=merchant))
    assert not HIDDEN.search(composed.subject + composed.text + (composed.html or ""))


def test_a_name_from_right_to_left_turns_nothing_beside_it():
    (paragraph,) = blocks("Dear יעל כהן, 12 records of yours: https://a.example.org")
    (line,) = paragraph["lines"]
    assert [(piece["text"], piece["direction"]) for piece in line] == [
        ("Dear ", ""), ("יעל כהן", "from right"), (", 12 records of yours: ", ""), ("https://a.example.org", "")
    ]  # fmt: skip
    page = {"language": "en", "subject": "x", "blocks": [paragraph]}
    assert "Dear <bdi>יעל כהן</bdi>, 12 records" in PlainSandbox(ROOT / "templates").write("mail/letter.html.j2", page)
