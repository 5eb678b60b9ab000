"""Risk and role in the notification to the authority: one verdict in all its sections, and only roles we have."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from incidents.case.case_file import CaseFile
from notifications.letters.compose import context_for_case
from tests.builders import letters

CONTROLLER, PROCESSOR = letters.FULL_FACTS["data_sets"]
PARTNER = "the marketing partner"


def case_of(*sets: dict[str, Any], **decided: Any) -> CaseFile:
    facts = deepcopy(letters.FULL_FACTS) | {"data_sets": list(sets or (CONTROLLER,))}
    case = letters.full_case(facts)
    assert case.decision is not None
    return replace(case, decisions=(replace(case.decision, **decided),))


def text_of(case: CaseFile, language: str = "en", kind: str = "authority-initial") -> str:
    return letters.wording().letter(kind, language, letters.letter_context(case, language)).text


def section(text: str, first: int) -> str:
    return text[text.index(f"\n{first}. ") : text.index(f"\n{first + 1}. ")]


def judged(case: CaseFile, **changes: Any) -> CaseFile:
    return replace(case, assessments=(replace(case.assessments[-1], judgement={**(case.judgement or {}), **changes}),))


# The role.


def test_nobody_is_controller_of_a_breach():
    text = text_of(case_of())
    assert "It concerns data for whose processing we are controller." in text
    assert "breach for which we are" not in text
    german = text_of(case_of(), "de")
    assert "Betroffen sind Daten, für deren Verarbeitung wir Verantwortlicher sind." in german
    assert "données pour le traitement desquelles nous sommes responsable du traitement." in text_of(case_of(), "fr")


@pytest.mark.parametrize("language", letters.LANGUAGES)
@pytest.mark.parametrize("kind", ["authority-initial", "authority-follow-up"])
def test_joint_control_is_named_with_its_article_and_the_others(language, kind):
    text = text_of(case_of({**CONTROLLER, "role": "joint_controller", "joint_with": [PARTNER]}), language, kind)
    article = {"en": "Art. 26 GDPR", "de": "Art. 26 DSGVO", "fr": "art. 26 RGPD"}[language]
    assert article in section(text, 2)
    assert PARTNER in section(text, 2)


def test_joint_control_of_a_part_is_told_as_of_a_part():
    joint = {**CONTROLLER, "name": "prize draw", "role": "joint_controller"}
    text = text_of(case_of(CONTROLLER, joint))
    assert "controller, for a part of the data jointly with others (Art. 26 GDPR)" in text


def test_a_processor_calls_itself_controller_nowhere():
    composed = letters.wording().letter("authority-initial", "en", letters.letter_context(case_of(PROCESSOR), "en"))
    assert "under Art. 33 GDPR" not in composed.subject
    assert "we are controller" not in composed.text
    assert "2. Processor (Art. 33(2) GDPR)" in composed.text
    assert "Our role: processor (Art. 28 GDPR)" in composed.text
    assert "The incident affects data that we process on behalf" in composed.text


# The risk.


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_of_data_held_for_others_the_controllers_decide_on_risk_and_people(language):
    text = text_of(case_of(PROCESSOR, notify_people=False), language).replace("\u00a0", " ")
    words = letters.wording().words(language)
    assert words.phrase("risk", "controllers") in text
    for level in ("unlikely", "risk", "high"):
        assert words.phrase("risk", level) not in text
    not_high = {"en": "because a high risk is not likely", "de": "weil voraussichtlich kein hohes Risiko",
                "fr": "car un risque élevé n'est pas probable"}[language]  # fmt: skip
    assert not_high not in text


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_a_verdict_that_departs_from_the_proposal_is_given_with_the_proposal_beside_it(language):
    words = letters.wording().words(language)
    text = section(text_of(case_of(notify_people=False, because="The list was public before."), language), 10)
    verdict, proposed = words.phrase("risk", "risk"), words.phrase("risk", "high")
    assert text.index(verdict) < text.index(proposed)
    assert "The list was public before." in text


def test_a_verdict_that_follows_the_proposal_says_nothing_of_departing():
    assert "proposed otherwise" not in text_of(case_of())


def test_before_a_decision_the_assessment_is_called_provisional():
    text = text_of(replace(case_of(), decisions=()))
    assert "Provisional assessment, not yet decided: a high risk" in text


def test_the_risk_of_data_held_for_others_is_not_told_as_that_of_ours():
    ours = judged(case_of(CONTROLLER, PROCESSOR, notify_people=False), notify_people=False)
    text = section(text_of(ours), 10)
    assert "Our assessment: there is a risk to people's rights and freedoms, but not a high one." in text
    assert "proposed otherwise" not in text


def test_the_method_informs_the_verdict_and_is_not_the_verdict():
    text = section(text_of(case_of()), 10)
    assert "The score informs the assessment; it is made under EDPB Guidelines 9/2022 and 01/2021." in text


# The people.


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_a_public_communication_beside_letters_is_told(language):
    case = case_of(exception="34-3-c")
    article = {"en": "Art. 34(3)(c) GDPR", "de": "Art. 34 Abs. 3 lit. c DSGVO", "fr": "art. 34, par. 3, point c), RGPD"}
    for each in (case, replace(case, ledger=(letters.told(),))):
        assert article[language] in section(text_of(each, language), 12).replace("\u00a0", " ")


# What is known of the course.


def test_where_data_stayed_the_recorded_source_is_quoted():
    stayed = {**CONTROLLER, "exfiltration": "none_proven", "exfiltration_known_from": "netflow of the last month"}
    text = text_of(case_of(stayed))
    assert "No data were copied. This is known from: netflow of the last month." in text
    assert "Complete records show" not in text


def test_the_third_party_is_named_with_the_chain_by_which_we_came_to_know():
    facts = deepcopy(letters.FULL_FACTS) | {"source_party": {
        "kind": "hosting", "who": "the provider of our object storage",
        "became_aware_at": letters.AWARE.isoformat(), "told_us_at": letters.NOW.isoformat(),
    }}  # fmt: skip
    text = section(text_of(letters.full_case(facts)), 4)
    assert "Third party where it happened: hosting provider (the provider of our object storage)" in text
    assert "The third party became aware, as it says: Sunday 22 November 2026 at 02:47 Berlin time" in text
    assert "The third party told us: Monday 23 November 2026 at 10:30 Berlin time" in text


# Whose words.


def test_an_authority_reads_what_happened_in_words_about_people_not_to_them():
    facts = deepcopy(letters.FULL_FACTS) | {"account": {"de": "Ihre Bestellungen waren neun Tage lang sichtbar."}}
    text = section(text_of(letters.full_case(facts), "de"), 5)
    assert "Ihre Bestellungen" not in text
    assert facts["summary"] in text
    about = text_of(letters.full_case(), "de")
    assert letters.FULL_FACTS["account"]["de"].split(".")[0] in about


@pytest.mark.parametrize("language", ["de", "fr"])
def test_the_reader_is_told_once_that_passages_are_quoted_as_recorded(language):
    note = letters.wording().words(language).phrase("forms", "quoted_as_recorded")
    case = case_of()
    composed = letters.wording().letter("authority-initial", language, letters.letter_context(case, language))
    assert composed.text.count(note) == 1
    assert composed.text.index(note) < composed.text.index("\n2. ")
    (warning,) = [each for each in composed.warnings if "quoted as recorded" in each]
    assert "cause.detail, systems, the reasons of the decision" in warning
    assert not any("quoted as recorded" in each for each in letters.letter_context(case, "en")["authority_warnings"])


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_a_representative_in_the_union_is_named_and_no_authority_of_our_own_is_needed(language):
    one = {"name": "Example Representative Ltd", "address": "Street 2", "email": "r@example.org", "phone": "+32 2 000"}
    abroad = {**letters.ORGANISATION, "main_establishment": None, "authority": None, "representative": one}
    context = context_for_case(case_of(), abroad, language, letters.wording(), letters.NOW)
    text = section(letters.wording().letter("authority-initial", language, context).text, 2)
    assert one["name"] in text
    assert "27" in text
