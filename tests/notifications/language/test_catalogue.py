"""The catalogues: the same keys in every language, words for all that the judgement knows, and plain sentences."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from incidents.assessment.enisa_score import Band
from incidents.assessment.risk import Risk
from incidents.facts.breach import ACCIDENTAL_NATURES
from incidents.facts.choices import Alteration, Backup, BreachType, Discovery, Encryption, Exfiltration, Key
from incidents.facts.data_kinds import KINDS
from incidents.facts.protected_groups import PROTECTED_SUBJECTS
from incidents.facts.values import Count
from notifications.language.catalogue import WordsError, fill, read_catalogue, readable
from notifications.language.formatting import Formatter, alert_moment, hours_and_minutes, paragraphs, spaced
from notifications.letters.default_advice import _BY_KIND, advice_for
from tests.builders.letters import LANGUAGES, wording

BERLIN = ZoneInfo("Europe/Berlin")


def keys(value, place=""):
    if not isinstance(value, dict):
        return {place}
    if place == ".plain.jargon":
        return {place}
    return {place} | {key for name, inner in value.items() for key in keys(inner, f"{place}.{name}")}


def texts(value):
    if isinstance(value, str):
        return [value]
    return [text for inner in value.values() for text in texts(inner)] if isinstance(value, dict) else []


def formatter(language, zone="Europe/Berlin"):
    return Formatter(wording().words(language), ZoneInfo(zone))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_catalogue_has_the_same_keys_in_the_same_order(language):
    english, other = wording().words("en"), wording().words(language)
    assert keys(dict(english.sections)) == keys(dict(other.sections))
    for name in ("advice", "merchant_steps", "headings"):
        assert list(english.section(name)) == list(other.section(name))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_the_same_places_as_the_english_one(language):
    def places(sections):
        return {
            (name, key): set(re.findall(r"\{\w+\}", " ".join(texts({key: value}))))
            for name, section in sections.items()
            if isinstance(section, dict) and name not in {"plain", "forms"}
            for key, value in section.items()
        }

    assert places(wording().words(language).sections) == places(wording().words("en").sections)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_that_the_judgement_knows_has_words(language):
    words = wording().words(language)
    known = {
        "kinds": KINDS,
        "subjects": PROTECTED_SUBJECTS,
        "nature": ACCIDENTAL_NATURES,
        "breach": BreachType,
        "encryption": set(Encryption) - {"unknown"},
        "key": Key,
        "exfiltration": Exfiltration,
        "alteration": set(Alteration) - {"unknown"},
        "backup": set(Backup) - {"unknown", "not_applicable"},
        "discovery": set(Discovery) - {"unknown"},
        "risk": Risk,
        "band": Band,
        "exception": ["34-3-a", "34-3-b", "34-3-c"],
        "due_kind": ["statutory", "contractual", "internal"],
        "duties": ["authority-initial", "authority-follow-up", "people", "controller"],
        "advice": {code for codes in _BY_KIND.values() for code in codes} | {"contact_us", "seek_support"},
    }
    lacking = {
        f"{section}.{code}"
        for section, codes in known.items()
        for code in codes
        if words.coded(section, str(code), "do" if section == "advice" else None) is None
    }
    assert lacking == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_s_own_sentences_for_people_are_plain(language):
    words = wording().words(language)
    sentences = [
        sentence
        for section, parts in (("consequences", ["you"]), ("measures", ["done", "planned"]), ("advice", ["do", "how"]))
        for entry in words.section(section).values()
        for part in parts
        for sentence in re.split(r"(?<=[.!?;])\s+", entry[part])
    ]
    assert len(sentences) > 50
    for sentence in sentences:
        assert len(re.findall(r"\w[\w'’-]*", sentence)) <= words.rules["longest_sentence"], sentence
        for pattern in words.rules["hedges"]:
            assert not re.search(pattern, sentence, re.IGNORECASE), sentence
        for term in words.rules["jargon"]:
            assert not re.search(rf"\b{re.escape(term)}", sentence, re.IGNORECASE), sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_pattern_of_the_plain_language_check_can_be_read(language):
    rules = wording().words(language).rules
    for name in ("hedges", "marketing", "says_breach"):
        assert all(re.compile(pattern) for pattern in rules[name])
    assert re.compile(rules["never_ask"])
    assert re.compile(rules["next_update"])


def test_a_phrase_that_is_missing_names_file_and_key():
    with pytest.raises(WordsError, match="templates/words/de.yaml lacks `headings.nothing`"):
        wording().words("de").phrase("headings", "nothing")


def test_a_catalogue_that_cannot_be_read_names_its_file(tmp_path):
    (tmp_path / "words").mkdir()
    (tmp_path / "words" / "en.yaml").write_text("- a\n- b\n")
    with pytest.raises(WordsError, match="templates/words/en.yaml: a mapping of sections"):
        read_catalogue(tmp_path, "en")
    (tmp_path / "words" / "en.yaml").write_text("a: 1\na: 2\n")
    with pytest.raises(WordsError, match="written twice"):
        read_catalogue(tmp_path, "en")


def test_places_are_filled_without_reaching_into_values():
    assert fill("{n} of {m.__class__} {other}", n="{m}", m="x") == "{m} of {m.__class__} {other}"


def test_a_code_without_words_is_readable():
    assert readable("credit_damage-2") == "credit damage 2"


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (Count(), ""),
        (Count(least=0, most=0), "0"),
        (Count(least=1240, most=1240), "1.240"),
        (Count(least=1240, most=1240, estimate=True), "etwa 1.240"),
        (Count(least=24, most=60), "zwischen 24 und 60"),
        (Count(least=24), "mindestens 24"),
        (Count(most=60), "höchstens 60"),
    ],
)
def test_a_number_is_as_exact_as_it_is_known(count, said):
    assert formatter("de").count(count) == said


def test_a_time_names_its_place_and_the_other_day_in_utc():
    at = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert formatter("en").exact(at) == "Wednesday 25 November 2026 at 00:30 Berlin time (24 Nov 23:30 UTC)"
    assert formatter("de").moment(at) == "Mittwoch, 25. November 2026, 00:30 Uhr (Ortszeit Berlin)"
    assert formatter("fr").moment(at) == "mercredi 25 novembre 2026 à 0 h 30 (heure de Berlin)"


def test_the_two_hours_of_an_autumn_night_are_told_apart_by_utc():
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert "02:30" in formatter("en").exact(first)
    assert "02:30" in formatter("en").exact(second)
    assert formatter("en").exact(first) != formatter("en").exact(second)


@pytest.mark.parametrize(
    ("span", "said"),
    [
        (timedelta(hours=24) - timedelta(microseconds=1), "23 h 59 min"),
        (timedelta(hours=24), "24 h 00 min"),
        (timedelta(hours=24) + timedelta(microseconds=1), "24 h 00 min"),
        (-timedelta(hours=6, minutes=5), "6 h 05 min"),
        (timedelta(0), "0 h 00 min"),
        (timedelta(days=7) - timedelta(microseconds=1), "167 h 59 min"),
        (timedelta(days=7), "7 d 0 h"),
        (-timedelta(days=33, hours=5, minutes=59), "33 d 5 h"),
    ],
)
def test_a_length_of_time_is_rounded_down(span, said):
    assert hours_and_minutes(span) == said


def test_an_alert_s_time_is_short_and_has_both_clocks():
    at = datetime(2026, 11, 25, 1, 47, tzinfo=UTC)
    assert alert_moment(at, BERLIN, "en") == "Wed 25 Nov, 02:47 Berlin (01:47 UTC)"
    assert alert_moment(at, BERLIN, "de") == "Mi., 25. Nov., 02:47 Berlin (01:47 UTC)"
    assert alert_moment(at, BERLIN, "xx") == "Wed 25 Nov, 02:47 Berlin (01:47 UTC)"


def test_countries_have_names_and_an_unknown_one_is_noted():
    voice = formatter("fr")
    assert voice.country("DE") == "Allemagne"
    assert voice.country("QQ") == "QQ"
    assert len(voice.notes) == 1


def test_french_gets_its_no_break_spaces_and_web_addresses_stay():
    assert spaced("Quand : « ici » ? Oui ! https://a.example", "fr") == (
        "Quand\u00a0: «\u00a0ici\u00a0»\u00a0? Oui\u00a0! https://a.example"
    )
    assert spaced("Wann : jetzt ?", "de") == "Wann : jetzt ?"


def test_free_text_becomes_paragraphs_without_marks_and_controls():
    assert paragraphs("a\nb\r\n\r\n- c\x07\u202e\n\n1. d\n\n \n") == ["a b", "c", "d"]


@pytest.mark.parametrize("separator", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_no_address_grows_together_where_a_separator_is_taken_out(separator):
    formatter = Formatter(wording().words("en"), ZoneInfo("UTC"))
    assert formatter.free(f"seen by ann@{separator}example.org") == ["seen by ann@ example.org"]
    assert paragraphs(f"ann{separator}@example.org") == ["ann @example.org"]


def test_advice_follows_the_kinds_and_never_is_empty():
    order = tuple(wording().words("en").section("advice"))
    assert advice_for(["hashed_password"], order)[0] == "change_password"
    assert "block_card" in advice_for(["payment_card"], order)
    assert "seek_support" in advice_for(["health"], order)
    assert "watch_for_identity_theft" in advice_for(["passport"], order)
    assert advice_for(["something_new"], order) == ("beware_of_phishing", "contact_us")
