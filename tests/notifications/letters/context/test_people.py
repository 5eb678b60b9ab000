"""Letters tell each reader what is theirs: misuse that was seen, their own law, their own data, and for a child."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from incidents.case.case_file import CaseFile, ObligationFile
from incidents.facts.breach import Facts
from incidents.obligations.recipients import Recipient, RecipientKind
from notifications.letters.context.people import can_arise
from tests.builders.letters import LANGUAGES, case, full_case, letter_context, obligation, wording

PEOPLE = Recipient(kind=RecipientKind.PEOPLE, id="affected-people", name="The affected people")
SHOP = Recipient(kind=RecipientKind.MERCHANT, id="m-1", name="Shop 1")


def a_set(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "name": "accounts",
        "role": "controller",
        "subjects": ["merchants"],
        "kinds": ["name", "email"],
        "people": 10,
        "records": 10,
        "countries": {"DE": 10},
        "breach": ["confidentiality"],
        "exfiltration": "confirmed",
    }
    return {**plain, **changes}


ORDERS = a_set(name="orders", role="processor", subjects=["customers"], kinds=["name", "address", "order_history"])


def case_of(*sets: dict[str, Any], obligations: tuple[ObligationFile, ...] = (), **facts: Any) -> CaseFile:
    known = Facts.model_validate({"summary": "It happened.", "data_sets": sets, **facts})
    return replace(case(), facts=known, obligations=obligations)


def owed(regime: str, duty: str, to: Recipient, rule: str = "") -> ObligationFile:
    row = obligation(duty)
    return replace(row, recipient=to, terms=replace(row.terms, regime=regime, rule=rule))


def letter(given: CaseFile, language: str, kind: str = "people") -> str:
    return wording().letter(kind, language, letter_context(given, language)).text


SEEN = {
    "en": "Data from this breach have already been used for fraud.",
    "de": "Daten aus diesem Vorfall wurden bereits für Betrug benutzt.",
    "fr": "Des données de cet incident ont déjà servi à des fraudes.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_misuse_that_was_seen_is_said_before_what_may_happen(language):
    given = case_of(a_set(consequences_seen=["fraud"]), likely_consequences=["fraud", "phishing"])
    text = letter(given, language)
    words = wording().words(language)
    assert SEEN[language] in text
    assert str(words.coded("consequences", "fraud", "you")) not in text, "what has happened is not said as what may"
    assert text.index(SEEN[language]) < text.index(str(words.coded("consequences", "phishing", "you")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_consequence_can_be_said_as_seen(language):
    words = wording().words(language)
    for code in words.section("consequences"):
        seen = words.coded("consequences", code, "seen")
        assert seen is not None, code
        assert seen.endswith("."), code
    assert letter(case_of(a_set(consequences_seen=["something_new"])), language).count("something new") == 1


@pytest.mark.parametrize(("language", "article"), [("en", "Art. 34"), ("de", "Art. 34"), ("fr", "art. 34")])
def test_a_letter_names_the_gdpr_only_where_it_alone_is_every_readers_law(language, article):
    gdpr = owed("eu-gdpr", "people", PEOPLE)
    assert article in letter(case_of(a_set(), obligations=(gdpr,)), language)
    mixed = letter(case_of(a_set(), obligations=(gdpr, owed("uk-gdpr", "people", PEOPLE))), language)
    assert article not in mixed
    own_sentence = {"en": "The law requires us", "de": "gesetzlich verpflichtet", "fr": "La loi nous oblige"}
    assert own_sentence[language] in mixed


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_for_several_laws_claims_no_article_for_each_merchant(language):
    serves = "no fixed deadline in law; the same notice serves uk-gdpr/controller, ch-fadp/controller"
    alone = letter(case_of(ORDERS, obligations=(owed("eu-gdpr", "controller", SHOP),)), language, "controllers")
    mixed_row = owed("eu-gdpr", "controller", SHOP, serves)
    mixed = letter(case_of(ORDERS, obligations=(mixed_row,)), language, "controllers")
    for article in ("33(2)", "33(5)", "28(3)", "Art. 33 Abs. 2", "Abs. 5", "33, par. 2", "28, par. 3"):
        assert article not in mixed, article
    assert "UK GDPR" in mixed
    assert "UK GDPR" not in alone
    assert alone.count("72") == 2


def test_a_merchant_is_told_what_can_come_of_its_own_customers_data():
    papers = a_set(kinds=["name", "id_document", "password"])
    likely = ["identity_theft", "account_takeover", "phishing"]
    given = case_of(papers, ORDERS, likely_consequences=likely)
    notice = letter(given, "en", "controllers")
    assert "identity theft" not in notice
    assert "takeover of accounts" not in notice
    assert "deceiving messages (phishing)" in notice
    assert "pretend to be you" in letter(given, "en")


def test_what_a_person_named_and_no_data_show_is_left_out_of_no_letter():
    given = case_of(a_set(kinds=["name", "address"]), ORDERS, likely_consequences=["identity_theft"])
    assert "pretend to be you" in letter(given, "en")
    assert "identity theft" in letter(given, "en", "controllers")


def test_what_was_seen_with_the_merchants_data_is_in_the_notice_and_nothing_else():
    orders = {**ORDERS, "consequences_seen": ["phishing"]}
    notice = letter(case_of(a_set(consequences_seen=["fraud"]), orders), "en", "controllers")
    assert "Deceiving messages that use data from this breach have already been seen." in notice
    assert "fraud" not in notice


@pytest.mark.parametrize(
    ("consequence", "changes", "can"),
    [
        ("identity_theft", {}, False),
        ("identity_theft", {"kinds": ["id_document"]}, True),
        ("identity_theft", {"kinds": ["a_kind_nobody_listed"]}, True),
        ("data_loss", {}, False),
        ("data_loss", {"breach": ["availability"]}, True),
        ("physical_harm", {"kinds": ["address"]}, True),
        ("unauthorised_payments", {"kinds": ["payment_card"]}, True),
        ("unauthorised_payments", {}, False),
        ("phishing", {}, True),
        ("a_word_of_a_person", {}, True),
    ],
)
def test_a_consequence_is_left_out_only_where_it_cannot_come_from_the_data(consequence, changes, can):
    known = Facts.model_validate({"summary": "x", "data_sets": [a_set(**changes)]})
    assert can_arise(consequence, known.data_sets) is can


@pytest.mark.parametrize(("language", "said"), [("en", "guardians"), ("de", "Eltern"), ("fr", "parents")])
def test_a_letter_that_may_concern_a_child_speaks_to_who_reads_it_for_the_child(language, said):
    assert said in letter(case_of(a_set(subjects=["customers", "children"])), language)
    assert said not in letter(case_of(a_set(subjects=["customers"])), language)


@pytest.mark.parametrize(
    ("language", "seen", "copied"), [("en", "seen", "copied"), ("de", "gesehen", "kopiert"), ("fr", "vu", "copiées")]
)
def test_what_was_lost_is_not_said_to_be_copied(language, seen, copied):
    lost = case_of(a_set(exfiltration="possible"), cause={"nature": "loss"})
    assert copied not in letter(lost, language)
    assert seen in letter(lost, language)
    assert copied in letter(case_of(a_set(exfiltration="possible"), cause={"nature": "hacking"}), language)


@pytest.mark.parametrize(("language", "copied"), [("en", "copied"), ("de", "kopiert"), ("fr", "copiées")])
def test_that_it_is_not_known_whether_data_were_copied_is_said_once(language, copied):
    assert letter(case_of(a_set(exfiltration="unknown")), language).count(copied) == 1


def test_practical_advice_names_the_place_and_the_articles_it_is_true_for():
    given = case_of(a_set(), advice=["block_card", "watch_for_identity_theft"])
    german, english, french = (letter(given, each) for each in ("de", "en", "fr"))
    assert "In Deutschland erreichen Sie auch den Sperr-Notruf 116 116." in german
    assert "Under the GDPR the first copy is free (Arts. 12(5), 15(3))." in english
    assert "Nach der DSGVO ist die erste Kopie unentgeltlich (Art. 12 Abs. 5, Art. 15 Abs. 3)." in german
    assert "organismes de crédit" not in french
    assert "Banque de France" in french
    assert "Faites opposition" in french


def test_german_and_french_letters_read_as_natives_write():
    german = letter(case_of(a_set(subjects=["customers", "children"]), likely_consequences=["distress"]), "de")
    assert "sobald wir mehr wissen, was für Sie wichtig ist" in german
    assert "Das Wissen um diesen Vorfall kann Sie belasten." in german
    begun = case_of(a_set(), occurred_from="2026-11-27T05:00:00Z")
    assert "Wann es geschah: ab Freitag, 27. November 2026; das Ende" in letter(begun, "de")
    assert "When it happened: from Friday 27 November 2026 on; the end" in letter(begun, "en")
    french = letter(case_of(a_set(), occurred_from="2026-11-27T05:00:00Z", likely_consequences=["distress"]), "fr")
    assert "Date\u00a0: à partir du vendredi 27 novembre 2026" in french
    assert "vous devez" not in french
    assert "Apprendre cet incident peut être éprouvant." in french


def test_groups_with_an_and_of_their_own_are_kept_apart():
    notice = letter(case_of({**ORDERS, "subjects": ["customers", "children"]}), "de", "controllers")
    assert "Kundinnen und Kunden sowie Kinder" in notice


@pytest.mark.parametrize(
    ("zone", "said"),
    [("Africa/Cairo", "heure du Caire"), ("Europe/Athens", "heure d'Athènes"), ("Europe/Paris", "heure de Paris")],
)
def test_a_french_letter_joins_the_city_to_its_noun(zone, said):
    from notifications.letters.compose import context_for_case
    from tests.builders.letters import NOW, ORGANISATION

    context = context_for_case(full_case(), {**ORGANISATION, "zone": zone}, "fr", wording(), NOW)
    assert said in wording().letter("controllers", "fr", context).text.replace("’", "'")


def test_where_no_stated_consequence_can_come_from_the_merchants_data_what_was_breached_says_one():
    given = case_of(a_set(kinds=["id_document"]), ORDERS, likely_consequences=["identity_theft"])
    assert "- disclosure to third parties" in letter(given, "en", "controllers")
