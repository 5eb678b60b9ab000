"""Letters to people: what makes them hard to understand or to trust is found, and ours pass."""

from __future__ import annotations

import pytest

from notifications.letters.plain_language import plain_language, reading_ease, sections, syllables_of
from tests.builders.letters import (
    FULL_FACTS,
    LANGUAGES,
    MINIMAL_FACTS,
    case,
    full_case,
    letter_context,
    wording,
)


def letter(language="en", facts=None):
    given = full_case(facts)
    return wording().letter("people", language, letter_context(given, language))


def findings(composed, facts=None, language="en"):
    return list(plain_language(composed, wording().words(language), facts))


def changed(old, new, language="en"):
    composed = letter(language)
    text = composed.text.replace(old, new, 1)
    assert text != composed.text, "the edit found nothing to change"
    return wording().from_text(composed.subject, text, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("facts", [FULL_FACTS, MINIMAL_FACTS], ids=["all", "little"])
def test_our_own_letter_passes(language, facts):
    assert findings(letter(language, facts), language=language) == []


@pytest.mark.parametrize(
    ("language", "hedge"),
    [
        ("en", "Your data may have been accessed."),
        ("en", "There is no evidence of misuse."),
        ("en", "We take your privacy very seriously."),
        ("en", "We apologise for any inconvenience."),
        ("de", "Ihre Daten sind möglicherweise betroffen."),
        ("de", "Wir haben keine Hinweise auf einen Missbrauch."),
        ("de", "Ihre Daten könnten betroffen sein."),
        ("de", "Wir bitten um Entschuldigung für die Unannehmlichkeiten."),
        ("fr", "Vos données ont pu être consultées."),
        ("fr", "Nous n'avons aucune preuve d'un usage abusif."),
        ("fr", "Vos données ont peut-être été copiées."),
        ("fr", "Nous prenons très au sérieux la protection de vos données."),
    ],
)
def test_hedges_and_soothing_words_are_found(language, hedge):
    first = {"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,"}[language]
    found = findings(changed(first, f"{first}\n\n{hedge}", language), language=language)
    assert any("hedges or soothes" in warning for warning in found), found


@pytest.mark.parametrize(
    ("subject", "finding"),
    [
        ("Important information about your account", "does not say that this is about a breach"),
        ("Data breach: a discount for you", "sounds like advertising: “discount”"),
        ("Data breach!", "sounds like advertising: “!”"),
        ("Data breach " + "x" * 120, "characters; about 110 are shown"),
    ],
)
def test_a_subject_says_what_it_is_and_sells_nothing(subject, finding):
    composed = wording().from_text(subject, letter().text, "en")
    assert any(finding in warning for warning in findings(composed))


@pytest.mark.parametrize(
    ("extra", "found"),
    [(0, []), (1200, ["Which of your data are affected", "What you should do now"])],
)
def test_the_first_screen_says_what_happened_which_data_and_what_to_do(extra, found):
    padding = ("Word. " * (extra // 6)) or "We write in haste."
    composed = changed("When it happened:", f"{padding}\n\nWhen it happened:")
    warned = [warning.split("”")[0].strip("“") for warning in findings(composed) if "first screen" in warning]
    assert warned == found


def test_actions_must_be_a_list():
    composed = letter()
    before, _, rest = composed.text.partition("1. Change your")
    text = before + "Change your password." + rest[rest.index("\n\nWhat may happen") :]
    found = findings(wording().from_text(composed.subject, text, "en"))
    assert any("is no list" in warning for warning in found)


@pytest.mark.parametrize(("words", "warned"), [(25, False), (26, True)])
def test_a_long_sentence_is_found(words, warned):
    sentence = " ".join(["Word", *["word"] * (words - 1)]) + "."
    found = findings(changed("Hello,", f"Hello,\n\n{sentence}"))
    assert any(f"a sentence of {words} words" in warning for warning in found) is warned


@pytest.mark.parametrize(
    ("language", "jargon"),
    [
        ("en", "The threat actor exfiltrated it."),
        ("de", "Das System wurde kompromittiert."),
        ("fr", "Ils ont exfiltré tout."),
    ],
)
def test_jargon_is_found_with_a_plainer_word(language, jargon):
    first = {"en": "Hello,", "de": "Guten Tag,", "fr": "Bonjour,"}[language]
    found = findings(changed(first, f"{first}\n\n{jargon}", language), language=language)
    assert any("is jargon; perhaps" in warning for warning in found)


@pytest.mark.parametrize(
    ("language", "promise", "finding"),
    [
        ("en", "We will never ask for", "never ask for"),
        ("de", "Wir fragen Sie nie nach", "never ask for"),
        ("fr", "Nous ne vous demanderons jamais", "never ask for"),
        ("en", "We will write to you again", "hear from us again"),
        ("de", "Wir schreiben Ihnen wieder", "hear from us again"),
        ("fr", "Nous vous écrirons à nouveau", "hear from us again"),
    ],
)
def test_the_promises_of_a_letter_are_required(language, promise, finding):
    composed = letter(language)
    text = composed.text.replace(promise, "...")
    text = text.replace("Quand nous vous recontacterons", "...").replace("Wann Sie wieder von uns hören", "...")
    text = text.replace("When you will hear from us again", "...")
    found = findings(wording().from_text(composed.subject, text, language), language=language)
    assert any(finding in warning for warning in found), found


def test_a_link_that_tracks_is_found():
    found = findings(changed("Hello,", "Hello,\n\nhttps://rabta.example.org/x?utm_source=mail"))
    assert any("may track people" in warning for warning in found)


def test_something_unknown_needs_the_time_of_the_next_update():
    facts = case(MINIMAL_FACTS).facts
    assert any("next update" in warning for warning in findings(letter(facts=MINIMAL_FACTS), facts))
    assert findings(letter(), full_case().facts) == []


@pytest.mark.parametrize(
    ("language", "counted"),
    [
        ("en", {"data": 2, "change": 1, "table": 2, "the": 1, "password": 2}),
        ("de", {"Daten": 2, "Händler": 2, "Verletzung": 3, "Ausweis": 2, "Benutzername": 5}),
        ("fr", {"données": 2, "banque": 1, "violation": 3, "passe": 1, "adresse": 2}),
    ],
)
def test_syllables_are_counted_by_groups_of_vowels(language, counted):
    assert {word: syllables_of(word, language) for word in counted} == counted


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        (
            "en",
            "We closed the hole. Look at your bill. Call us now.",
            "Notwithstanding considerable organisational remediation, unauthorised accessibility continues.",
        ),
        (
            "de",
            "Wir haben das Loch zu. Sieh auf dein Geld. Ruf uns an.",
            "Datenschutzrechtliche Verantwortlichkeiten erfordern organisatorische Wiederherstellungsmaßnahmen.",
        ),
        (
            "fr",
            "Nous avons clos la faille. Lisez vos mails. Dites le nous.",
            "Indépendamment des considérations organisationnelles, l'accessibilité nécessite une investigation.",
        ),
    ],
)
def test_short_words_and_sentences_read_more_easily(language, easy, hard):
    simple, heavy = (reading_ease([text] * 15, language) for text in (easy, hard))
    assert simple is not None
    assert heavy is not None
    assert simple > 60
    assert heavy < 20


def test_too_little_text_has_no_reading_ease_nor_has_a_language_without_a_formula():
    assert reading_ease(["A short text."], "en") is None
    assert reading_ease(["word " * 80], "it") is None


def test_flesch_s_formula_is_computed_as_published():
    ease = reading_ease(["cat " * 10] * 10, "en")
    assert ease == pytest.approx(206.835 - 1.015 * 10 - 84.6)


def test_sections_are_found_by_their_headings():
    parts = sections(letter("de").text, wording().words("de"))
    assert parts["which_data"].startswith("- Name")
    assert set(parts) == {
        "what_happened", "which_data", "what_to_do", "consequences", "measures", "contact", "genuine", "next",
    }  # fmt: skip
