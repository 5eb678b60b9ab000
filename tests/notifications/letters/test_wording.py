"""The wording of letters, notices, alerts and the filing pack: right in each language, and nothing said twice."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product

import pytest

from notifications.filing_pack.editions.write import write_pack
from notifications.filing_pack.pack import Phase
from notifications.letters.plain_language import _hedges, _jargon, _sentence_length, _sentences
from tests.builders.case_files import exposed_bucket, utc
from tests.builders.filing_packs import pack_of
from tests.builders.letters import (
    LANGUAGES,
    TEMPLATES,
    alert_context,
    case,
    full_case,
    letter_context,
    wording,
)
from tests.builders.rows import over


def letter(kind: str, language: str) -> str:
    return wording().letter(kind, language, letter_context(full_case(), language)).text


SECTIONS = ("consequences", "measures", "advice", "exfiltration", "spread", "kinds")
OWN_WORDS = [
    (language, section, code, text)
    for language in LANGUAGES
    for section in SECTIONS
    for code, given in wording().words(language).section(section).items()
    for part, text in (given.items() if isinstance(given, dict) else [("text", given)])
    if part != "name"
]


def test_each_section_of_our_words_has_texts_to_be_checked():
    checked = {(language, section) for language, section, _, _ in OWN_WORDS}
    assert checked == set(product(LANGUAGES, SECTIONS))


@over(OWN_WORDS, lambda *row: "/".join(row[:3]))
def test_our_own_words_pass_our_own_check_for_plain_language(language, section, code, text):
    rules = wording().words(language).rules
    found = [*_hedges(text, rules), *_jargon(text, rules)]
    found += _sentence_length(_sentences(text), int(rules["longest_sentence"]))
    assert not found


def test_the_french_letter_speaks_french():
    text = letter("people", "fr")
    assert "en saurons plus d'important" not in text
    assert "touchées" not in text
    assert "Lesquelles de vos données sont concernées" in text
    assert "touchées" not in letter("controllers", "fr")


@pytest.mark.parametrize(
    ("language", "other"),
    [("de", "Mitteilung sein"), ("de", "diese Mitteilung zu"), ("fr", "présent avis"), ("fr", "cet avis")],
)
def test_a_notice_calls_itself_by_one_name(language, other):
    assert other not in letter("controllers", language)


def test_a_german_span_of_time_has_its_comma():
    formatter = wording().words("de")
    said = formatter.phrase("forms", "from_to", start="Montag, 23. November 2026", end="Dienstag, 24. November 2026")
    assert said == "von Montag, 23. November 2026, bis Dienstag, 24. November 2026"


def test_a_german_sentence_after_a_colon_begins_with_a_capital():
    words = wording().words("de")
    said = [*words.section("risk").values(), *words.section("exception").values()]
    assert len(said) == 7
    assert all(each[:1].isupper() for each in said)
    ground = words.section("exception")["34-3-a"]
    communication = {"state": "exception", "ground": ground, "also_public": False, "made_public": ""}
    context = letter_context(full_case(), "de", communication=communication)
    text = wording().letter("authority-initial", "de", context).text
    assert "Unsere Bewertung: Es besteht" in text
    assert "Grund: Die Daten waren" in text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["controllers", "authority-initial"])
def test_how_the_data_were_protected_is_not_said_twice(kind, language):
    text = letter(kind, language)
    label = {"en": "- protection of the data", "de": "- Schutz der Daten", "fr": "- protection des données"}[language]
    assert label not in text


def sets(*kinds: list[str], role: str = "controller", subjects: str = "customers") -> list[dict[str, object]]:
    base = {"role": role, "subjects": [subjects], "breach": ["confidentiality"], "protection": {"encryption": "none"}}
    return [{**base, "name": f"{subjects} {number}", "kinds": each} for number, each in enumerate(kinds)]


def test_a_person_finds_the_own_group_once_with_all_kinds_of_data():
    given = case({"summary": "Files were read.", "data_sets": sets(["name", "email"], ["email", "orders"])})
    text = wording().letter("people", "en", letter_context(given, "en")).text
    assert "- name\n- e-mail address\n- orders\n" in text
    assert "customers" not in text
    more = case(
        {"summary": "Files were read.", "data_sets": sets(["name"], ["orders"]) + sets(["email"], subjects="employees")}
    )
    text = wording().letter("people", "en", letter_context(more, "en")).text
    assert "- customers\n  name and orders\n- employees\n  e-mail address\n" in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_says_once_how_all_sets_were_protected(language):
    given = case({"summary": "Files were read.", "data_sets": sets(["name"], ["orders"], ["email"], role="processor")})
    text = wording().letter("controllers", language, letter_context(given, language)).text
    assert text.count(f"- {wording().words(language).section('encryption')['none']}") == 1


@pytest.mark.parametrize(("level", "call"), [(1, 2), (4, 5)])
@pytest.mark.parametrize(("language", "word"), [("en", "call"), ("de", "Ruf Nr."), ("fr", "appel n°")])
def test_an_escalation_counts_calls_as_people_count(language, word, level, call):
    text = wording().letter("escalation", language, alert_context(language, level=level)).text
    assert f"({word} {call})" in text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("language", "names"),
    [
        ("de", ("festgestellt: ", "bekannt geworden: ", "eingedämmt: ")),
        ("fr", ("constatée : ", "prise de connaissance : ", "circonscrite : ")),
    ],
)
def test_the_packs_times_are_named_in_the_language_of_its_values(language, names):
    (times,) = pack_of(exposed_bucket(), Phase.INITIAL, language).by_id[53].values
    for name in names:
        assert name in times.replace("\u00a0", " ")
    assert "detected" not in times
    assert "aware" not in times


def test_the_pack_quotes_no_software_on_how_the_breach_was_discovered():
    (found,) = pack_of(exposed_bucket()).by_id[51].values
    assert "Opened:" not in found
    assert exposed_bucket().title in found


def test_a_moment_to_copy_is_local_in_markdown_too():
    given = exposed_bucket()
    pack = pack_of(replace(given, aware_at=utc("2026-11-22 01:47")))
    text = write_pack(pack, TEMPLATES, formats=("md",))["md"].decode()
    assert "22.11.2026 02:47 CET (22.11.2026 01:47 UTC)" in text
    assert not re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", text)


@pytest.mark.parametrize("form", ["md", "html"])
def test_the_pack_says_when_it_was_made_by_local_clocks(form):
    given = replace(exposed_bucket(), as_of=utc("2026-11-22 23:30"))
    text = write_pack(pack_of(given), TEMPLATES, formats=(form,))[form].decode()
    assert "23 Nov 2026 00:30 CET" in text


def test_the_pack_names_the_language_of_its_values():
    text = write_pack(pack_of(exposed_bucket(), language="de"), TEMPLATES, formats=("html",))["html"].decode()
    assert "Values in German, labels in English" in text
