"""The judgement in the reader's language: every factor, step and question has words, and old ones stay as recorded."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.assessment.enisa_tables import CELLS
from incidents.assessment.factors import FACTORS
from incidents.assessment.proposal import as_json, assess
from incidents.facts import choices
from incidents.facts.breach import Facts, read_facts
from incidents.facts.data_kinds import KINDS, Category
from incidents.kernel.yaml_documents import Document, read_yaml
from incidents.texts.assessment_texts import SENTENCES
from notifications.filing_pack.fill import fill
from notifications.filing_pack.form_template import read_template
from notifications.filing_pack.pack import Phase
from notifications.language.catalogue import read_catalogue
from notifications.reports.texts import assessment
from notifications.reports.words import ReportWords, read_words
from tests.builders import case_files
from tests.builders.reports import LANGUAGES, TEMPLATES, Page, report

PUBLISHED = read_yaml((Path(__file__).parents[3] / "law/published_cases.yaml").read_text(encoding="utf-8"), "cases")


def words(language: str) -> ReportWords:
    return read_words(TEMPLATES, language, case_files.BERLIN, "Rabta")


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def judged(**data_set: Any) -> dict[str, Any]:
    """A judgement as it is stored and read again."""
    plain = {"name": "accounts", "role": "controller", "kinds": ["email"], "breach": ["confidentiality"]}
    facts = Facts.model_validate({"summary": "x", "data_sets": [plain | data_set]})
    return json.loads(json.dumps(as_json(assess(facts))))


def everything_said(judgement: dict[str, Any], language: str) -> list[tuple[str, str]]:
    """Each sentence as recorded and in a language."""
    said, severity = words(language), judgement["severity"]
    recorded = [each["because"] for each in judgement["reasons"]] + severity["steps"] + judgement["unknowns"]
    because = [reason["because"] for reason in assessment.reasons(judgement, said)]
    return list(
        zip(recorded, because + assessment.steps(severity, said) + assessment.questions(judgement, said), strict=True)
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_the_judgement_has_words_with_the_same_places(language):
    known = words(language).tree["sentence"]
    table = {**SENTENCES, **CELLS}
    assert set(table) <= set(known)
    assert {about for about, text in table.items() if places(str(known[about])) != places(text)} == set()
    assert {about for about in table if table[about] and not known[about]} == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_factor_and_every_code_within_a_sentence_has_words(language):
    tree = words(language).tree
    assert set(tree["factor"]) == set(FACTORS)
    assert set(tree["terms"]["category"]) == set(Category)
    assert set(tree["terms"]["identifiability"]) == set(choices.Identifiability) - {"unknown"}
    assert set(tree["terms"]["party"]) == set(choices.SourceKind)


@pytest.mark.parametrize("language", ["de", "fr"])
def test_no_two_languages_say_the_same_sentence_where_english_has_words_of_its_own(language):
    english, other = words("en").tree["sentence"], words(language).tree["sentence"]
    same = {about for about, text in english.items() if re.sub(r"\{\w+\}", "", text).strip(" :.()") and
            text == other[about]}  # fmt: skip
    assert same <= {"party_named"}


@pytest.mark.parametrize("language", ["de", "fr"])
@pytest.mark.parametrize("case", PUBLISHED.value, ids=lambda case: str(case["id"]))
def test_nothing_said_of_a_published_case_is_left_in_english(case, language):
    facts = read_facts(Document(name="case", value=case["scope"], lines={}))
    judgement = json.loads(json.dumps(as_json(assess(facts))))
    assert [recorded for recorded, told in everything_said(judgement, language) if recorded == told] == []


@given(
    kinds=st.lists(st.sampled_from([*sorted(KINDS), "phone_number", "something_new"]), min_size=1, max_size=4),
    breach=st.lists(st.sampled_from(list(choices.BreachType)), min_size=1, max_size=3),
    encryption=st.sampled_from(list(choices.Encryption)),
    key=st.sampled_from(list(choices.Key)),
    exfiltration=st.sampled_from(list(choices.Exfiltration)),
    backup=st.sampled_from(list(choices.Backup)),
    effect=st.sampled_from(list(choices.Effect)),
    alteration=st.sampled_from(list(choices.Alteration)),
    published=st.sampled_from(list(choices.YesNoUnknown)),
    hours=st.none() | st.floats(min_value=0, max_value=500),
)
def test_whatever_the_facts_every_sentence_has_german_words(kinds, breach, encryption, key, hours, **more):
    judgement = judged(
        kinds=kinds, breach=breach, protection={"encryption": encryption, "key": key}, unavailable_hours=hours, **more
    )
    assert [recorded for recorded, told in everything_said(judgement, "de") if recorded == told] == []


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "credentials open accounts, often more than one (access keys for programs (API keys))"),
        ("de", "Zugangsdaten öffnen Konten, oft mehr als eines (Zugangsschlüssel für Programme (API-Schlüssel))"),
        ("fr", "des identifiants ouvrent des comptes, souvent plus d’un ("),
    ],
)
def test_kinds_of_data_in_a_reason_are_named_in_the_readers_words(language, said):
    judgement = judged(kinds=["api_key"])
    told = [reason["because"] for reason in assessment.reasons(judgement, words(language))]
    assert any(said in each for each in told), told
    assert not any("api_key" in each or "(api key)" in each for each in told)


def test_numbers_and_times_in_a_reason_are_written_as_the_language_does():
    judgement = judged(breach=["availability"], unavailable_hours=36.5)
    told = [reason["because"] for reason in assessment.reasons(judgement, words("de"))]
    assert "accounts: die Daten fehlten 36,5 h; Folgen für die Personen sind nicht auszuschließen" in told


@pytest.mark.parametrize(
    "change",
    [
        {"about": None, "values": None},
        {"about": "a_code_of_tomorrow"},
        {"values": {"why": {"about": "a_code_of_tomorrow", "values": {}}}},
    ],
)
def test_a_reason_without_words_here_keeps_the_sentence_that_was_recorded(change):
    (reason, *_) = judged()["reasons"]
    judgement = {"reasons": [{key: value for key, value in {**reason, **change}.items() if value is not None}]}
    (told,) = assessment.reasons(judgement, words("de"))
    assert told["because"] == reason["because"]


def test_a_judgement_that_was_stored_before_the_codes_is_shown_as_it_was():
    case = case_files.exposed_bucket()
    line = case.assessments[-1]
    judgement = json.loads(json.dumps(line.judgement))
    for each in judgement["reasons"]:
        del each["about"], each["values"]
    del judgement["unknowns_said"], judgement["severity"]["steps_said"]
    text = Page(report(replace(case, assessments=(replace(line, judgement=judgement),)), "html", "de")).text
    assert judgement["severity"]["steps"][0] in text
    assert any(each["because"].split(": ", 1)[-1] in text for each in judgement["reasons"])


@pytest.mark.parametrize(
    ("language", "verdict", "factor"),
    [
        ("de", "ein hohes Risiko ist wahrscheinlich", "vorsätzlich entwendet"),
        ("fr", "un risque élevé est probable", ""),
    ],
)
def test_the_report_gives_reasons_steps_and_questions_in_its_language(language, verdict, factor):
    case = case_files.exposed_bucket()
    judgement = case.assessments[-1].judgement
    text = Page(report(case, "html", language)).text
    assert verdict in text
    assert factor in text
    for recorded in (*(each["because"] for each in judgement["reasons"]), *judgement["severity"]["steps"]):
        assert recorded not in text


def test_a_reason_names_its_data_set_also_when_the_facts_have_moved_on():
    case = case_files.exposed_bucket()
    line = case.assessments[-1]
    judgement = judged(name="an old name")
    text = Page(report(replace(case, assessments=(replace(line, judgement=judgement),)), "html", "de")).text
    assert "an old name: niemand kann sagen, wer die Daten hat" in text or "an old name: Daten gelangten" in text


def field_90(language: str, reasoning: ReportWords | None) -> str:
    case, catalogue = case_files.exposed_bucket(), read_catalogue(TEMPLATES, language)
    assert catalogue
    pack = fill(
        case,
        case_files.ORGANISATION,
        read_template(TEMPLATES),
        catalogue,
        phase=Phase.INITIAL,
        now=case.as_of,
        reasoning=reasoning,
    )
    return str(pack.by_id[90].values[0])


@pytest.mark.parametrize(
    ("language", "method"), [("de", "Schweregrad nach ENISA v1.0"), ("fr", "Gravité selon l’ENISA v1.0")]
)
def test_field_90_of_the_pack_gives_the_reasons_in_its_language(language, method):
    case, text = case_files.exposed_bucket(), field_90(language, words(language))
    assert method in text
    judgement = case.assessments[-1].judgement
    assert [each["because"] for each in judgement["reasons"] if each["because"] in text] == []
    for told in assessment.reasons(judgement, words(language)):
        assert told["because"].split(": ", 1)[-1] in text


def test_without_words_for_reasons_field_90_keeps_the_recorded_ones():
    assert "ENISA severity v1.0 (2013), informing a verdict" in field_90("de", None)
