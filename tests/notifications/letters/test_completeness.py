"""What the law requires of a text: found where it stands, missed where it does not, also after a person's edit."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from flows.reference.reminder_ladders import shipped_ladders
from incidents.facts.breach import Facts
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.model import ContentElement
from incidents.law.reading import read_regime
from notifications.letters.completeness import check
from notifications.letters.compose import ComposedText
from tests.builders.letters import (
    FULL_FACTS,
    LANGUAGES,
    LETTERS,
    MINIMAL_FACTS,
    NOW,
    ROOT,
    case,
    full_case,
    letter_context,
    obligation,
    wording,
)

REGIME = read_regime(
    read_yaml((ROOT / "config/regimes/eu-gdpr.yaml").read_text(encoding="utf-8"), "eu-gdpr.yaml"), shipped_ladders()
)
DUTY = dict(zip(LETTERS, ("authority-initial", "authority-follow-up", "people", "controller"), strict=True))


def content(kind):
    return REGIME.duty(DUTY[kind]).content


def found(kind, given, language="en", *, composed=None, marked=()):
    composed = composed or wording().letter(kind, language, letter_context(given, language))
    return check(kind, language, composed, given, content(kind), frozenset(marked))


def missing(kind, given, language="en", **how):
    return [each.id for each in found(kind, given, language, **how).missing]


def edited(kind, given, change, language="en"):
    """A text as a person has changed it."""
    composed = wording().letter(kind, language, letter_context(given, language))
    text = change(composed.text)
    assert text != composed.text, "the edit found nothing to change"
    return wording().from_text(composed.subject, text, language)


def without_section(heading):
    return lambda text: re.sub(rf"{re.escape(heading)}\n-+\n.*?(?=\n[^\n]+\n---|\Z)", "", text, flags=re.DOTALL)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_about_all_that_is_known_lacks_nothing(kind, language):
    assert missing(kind, full_case(), language) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_facts_leave_open_is_missing_until_it_is_marked(language):
    given = case(MINIMAL_FACTS)
    lacking = ["people_categories", "people_number", "records_number", "consequences", "measures"]
    assert missing("authority-initial", given, language) == lacking
    marked = found("authority-initial", given, language, marked=lacking)
    assert marked.missing == ()
    assert marked.will_follow == frozenset(lacking)


def test_an_unknown_cause_does_not_hide_what_happened():
    assert "nature" not in missing("authority-initial", case(MINIMAL_FACTS))
    assert "nature" in missing("authority-initial", case())


def test_what_may_not_follow_stays_missing_though_it_is_marked():
    result = found("people", case(MINIMAL_FACTS), marked=["consequences", "measures"])
    assert [each.id for each in result.missing] == ["consequences", "measures"]
    assert result.will_follow == frozenset()


def test_marking_what_is_stated_changes_nothing():
    assert found("authority-initial", full_case(), marked=["people_number"]).will_follow == frozenset()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", LETTERS)
def test_a_letter_without_any_contact_lacks_it(kind, language):
    def strip(text):
        return re.sub(r"[\w.]+@[\w.]+|\+49 [\d ]+|https?://\S+", "", text)

    given = full_case()
    text = edited(kind, given, strip, language)
    asked = [element for element in content(kind) if element.id == "contact"]
    lacking = [each.id for each in check(kind, language, text, given, tuple(asked), frozenset({"contact"})).missing]
    assert lacking == ([] if kind == "authority-follow-up" else ["contact"])


@pytest.mark.parametrize("way", ["+49 30 0000000", "030 1234567", "dpo@rabta.example.org"])
def test_one_way_of_contact_is_enough(way):
    text = wording().from_text("Data breach", f"Ask us: {way}", "en")
    asked = tuple(element for element in content("people") if element.id == "contact")
    assert check("people", "en", text, full_case(), asked, frozenset()).missing == ()


def test_a_reference_or_a_date_is_no_telephone_number():
    text = wording().from_text("Data breach", "Reference INC-2026-0007 of 2026-11-22, 12 400 people", "en")
    asked = tuple(element for element in content("people") if element.id == "contact")
    assert [each.id for each in check("people", "en", text, full_case(), asked, frozenset()).missing] == ["contact"]


@pytest.mark.parametrize(
    ("heading", "element"),
    [
        ("What happened", "nature"),
        ("What you should do now", "recommendations"),
        ("What may happen", "consequences"),
        ("What we have done and will do", "measures"),
    ],
)
def test_a_section_that_an_edit_removed_is_missed_and_the_hint_names_its_heading(heading, element):
    given = full_case()
    result = found("people", given, composed=edited("people", given, without_section(heading)))
    assert [each.id for each in result.missing] == [element]
    assert f"“{heading}”" in result.missing[0].mend
    assert result.missing[0].article.startswith(("Art. 34(2)", "Recital 86"))


def test_a_section_that_an_edit_emptied_is_missed():
    given = full_case()
    text = edited(
        "people", given, lambda text: re.sub(r"(What may happen\n-+\n).*?(?=\n\n[^-])", r"\1", text, flags=re.DOTALL)
    )
    assert missing("people", given, composed=text) == ["consequences"]


def test_a_reworded_section_under_its_heading_is_found_without_its_underline():
    given = full_case()

    def reword(text):
        return re.sub(
            r"What may happen\n-+\n\n.*?(?=\n\nWhat we)",
            "What may happen\n\nThieves may call you at home.",
            text,
            flags=re.DOTALL,
        )

    assert missing("people", given, composed=edited("people", given, reword)) == []


def test_numbers_are_found_however_they_are_grouped():
    given = full_case()
    for written in ("12400", "12.400", "12 400", "12\u202f400", "some 12,400"):
        text = edited("authority-initial", given, lambda text, it=written: text.replace("about 12,400", it))
        result = found("authority-initial", given, composed=text)
        assert result.missing == ()
        assert not any("people_number" in warning for warning in result.warnings)


def test_another_number_than_the_facts_is_warned_of():
    given = full_case()
    text = edited("authority-initial", given, lambda text: text.replace("about 12,400", "about 9,999"))
    result = found("authority-initial", given, composed=text)
    assert result.missing == ()
    assert "the facts say 12,400 (people_number), the text gives another number" in result.warnings


def test_a_number_that_an_edit_removed_is_missed():
    given = full_case()
    text = edited(
        "authority-initial", given, lambda text: re.sub(r"Number of people: .*\nWhere they live: .*\n", "", text)
    )
    assert missing("authority-initial", given, composed=text) == ["people_number"]


def test_a_kind_of_data_that_an_edit_removed_is_warned_of():
    given = full_case()
    text = edited("people", given, lambda text: text.replace("- bank account number (IBAN)\n", ""))
    result = found("people", given, composed=text)
    assert result.missing == ()
    assert "the facts name “bank account number (IBAN)”, the text does not" in result.warnings


def test_a_mark_without_words_in_the_text_is_warned_of():
    given = case(MINIMAL_FACTS)
    text = edited(
        "authority-initial",
        given,
        lambda text: text.replace("The number of people concerned is not yet known; this will follow.", ""),
    )
    marked = ["people_categories", "people_number", "records_number", "consequences", "measures"]
    result = found("authority-initial", given, composed=text, marked=marked)
    assert result.missing == ()
    assert "`people_number` is marked as to follow, but the text does not say that it will" in result.warnings


def test_one_data_set_without_a_number_leaves_the_number_open():
    sets = [*FULL_FACTS["data_sets"], {**FULL_FACTS["data_sets"][0], "name": "archive", "people": "unknown"}]
    given = full_case({**FULL_FACTS, "data_sets": sets})
    assert missing("authority-initial", given) == ["people_number"]


@pytest.mark.parametrize(
    ("past_due", "lacking"),
    [(-timedelta(microseconds=1), []), (timedelta(0), []), (timedelta(microseconds=1), ["reasons_for_delay"])],
)
def test_reasons_for_delay_are_required_from_the_first_instant_after_the_due_time(past_due, lacking):
    given = full_case(obligations=(obligation(due_at=NOW - past_due),))
    assert missing("authority-initial", given) == lacking


def test_a_person_writes_the_reasons_under_their_heading():
    given = full_case(obligations=(obligation(due_at=NOW - timedelta(hours=1)),))
    text = edited(
        "authority-initial",
        given,
        lambda text: re.sub(
            r"The reasons for the delay are not yet stated[^\n]*", "The log could not be read before.", text
        ),
    )
    assert missing("authority-initial", given, composed=text) == []


def test_a_waived_or_provisional_obligation_is_never_late():
    past = NOW - timedelta(hours=1)
    for change in ({"waived_at": past}, {"provisional": True}):
        given = full_case(obligations=(obligation(due_at=past, **change),))
        assert missing("authority-initial", given) == []


def test_a_notice_to_merchants_keeps_a_place_for_each_merchant_s_figures():
    given = full_case()
    text = edited(
        "controllers",
        given,
        lambda text: text.replace("People concerned: [[people]]\n", "").replace("[[records]]", "all"),
    )
    assert missing("controllers", given, composed=text) == ["people_number", "records_number"]


def test_a_notice_to_merchants_says_when_we_became_aware():
    given = full_case()
    text = edited("controllers", given, lambda text: re.sub(r"When we became aware: .*\n", "", text))
    assert missing("controllers", given, composed=text) == ["aware_at"]
    assert missing("controllers", replace(given, aware_at=None)) == ["aware_at"]


def test_an_exercise_that_is_not_marked_as_one_is_blocked():
    given = full_case(exercise=True)
    composed = wording().letter("people", "en", letter_context(given, "en"))
    assert missing("people", given, composed=composed) == []
    bare = wording().from_text(composed.subject.removeprefix("EXERCISE - "), composed.text, "en")
    assert missing("people", given, composed=bare) == ["exercise_mark"]


def test_addresses_of_several_domains_are_warned_of():
    given = full_case()
    text = edited("people", given, lambda text: text + "\nReported by someone@mail.example.com\n")
    assert any("several domains" in warning for warning in found("people", given, composed=text).warnings)


def test_an_element_of_another_law_that_no_rule_finds_is_put_before_a_person():
    element = ContentElement(
        id="indicators", article="Art. 23(4)(b)", asks="Indicators of compromise.", may_follow=True
    )
    given = full_case()
    composed = wording().letter("authority-initial", "en", letter_context(given, "en"))
    result = check("authority-initial", "en", composed, given, (element,), frozenset())
    assert result.missing == ()
    assert "look whether the text has `indicators`; no rule finds it: Indicators of compromise." in result.warnings


def test_the_other_spelling_of_an_element_is_understood():
    element = ContentElement(id="record_number", article="Art. 33(3)(a)", asks="Records.", may_follow=True)
    given = case(MINIMAL_FACTS)
    composed = wording().letter("authority-initial", "en", letter_context(given, "en"))
    result = check("authority-initial", "en", composed, given, (element,), frozenset({"record_number"}))
    assert result.will_follow == frozenset({"record_number"})


def test_a_text_in_another_language_is_warned_of():
    given = full_case()
    german = wording().letter("people", "de", letter_context(given, "de"))
    assert "the text is in `de`, not in `en`" in found("people", given, "en", composed=german).warnings


def test_a_text_that_no_wording_made_is_refused():
    bare = ComposedText(
        kind="people", language="en", asked_language="en", subject="s", text="t", html=None, fell_back=False
    )
    with pytest.raises(ValueError, match="carries its catalogue"):
        check("people", "en", bare, full_case(), (), frozenset())


def test_processor_only_facts_are_worded_for_merchants():
    only = {**FULL_FACTS, "data_sets": [FULL_FACTS["data_sets"][1]]}
    assert Facts.model_validate(only).as_controller == ()
    assert missing("controllers", full_case(only)) == []


@pytest.mark.parametrize("stated", ["measures_taken", "measures_proposed"])
@pytest.mark.parametrize("kind", LETTERS)
def test_measures_taken_or_proposed_are_enough(kind, stated):
    other = {"measures_taken": "measures_proposed", "measures_proposed": "measures_taken"}[stated]
    assert "measures" not in missing(kind, full_case({**FULL_FACTS, other: []}))


@pytest.mark.parametrize(("language", "code"), [("de", "data_loss"), ("de", "fraud"), ("en", "fraud"), ("fr", "spam")])
def test_one_consequence_named_by_one_word_is_named(language, code):
    given = full_case({**FULL_FACTS, "likely_consequences": [code]})
    assert "consequences" not in missing("authority-initial", given, language)
