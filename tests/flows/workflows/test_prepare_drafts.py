"""Which texts are due, when a fresh version is, and what blocks an approval."""

from __future__ import annotations

import pytest

from flows.bootstrap import App
from flows.workflows import (
    prepare_drafts,
    respond,
)
from incidents.case.spoken_of import changed_since
from incidents.casework.base.find import find
from incidents.casework.communication import approval
from incidents.casework.communication import drafts as communication_drafts
from incidents.casework.filing.submission import Submission
from incidents.kernel.errors import PermissionDeniedError, RefusedError
from incidents.storage.tables.communication import Draft, DraftSource
from tests.builders import apps
from tests.builders.apps import HOUR, SettableClock


def versions(case: apps.Case) -> dict[str, int]:
    return {communication_drafts.name_of(draft): draft.version for draft in case.drafts()}


def is_approved(case: apps.Case, name: str) -> bool:
    with case.app.store.read() as session:
        return approval.approval_of(session, case.draft(name)) is not None


def is_behind(app: App, case: apps.Case) -> bool:
    with app.store.read() as session:
        return bool(prepare_drafts.behind(app, session, [find(session, case.reference)]))


def test_before_the_decision_only_the_authoritys_text_is_drafted(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess().list_people()
    case.respond()
    assert versions(case) == {"authority-initial.de": 1}


def test_nothing_is_drafted_without_awareness_or_without_facts(small_app: App) -> None:
    case = apps.Case(small_app).open().assess()
    case.respond()
    assert case.drafts() == []
    other = apps.Case(small_app).open().aware()
    other.respond()
    assert other.drafts() == []


def test_people_who_need_not_be_told_get_no_letter(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess().list_people().decide(people=False)
    case.respond()
    assert case.drafts("people") == []


def test_each_language_of_the_list_gets_its_own_draft_with_its_own_share(app: App) -> None:
    case = apps.Case(app).open().aware().assess().list_people(["de"] * 3 + ["fr"] * 2).decide()
    case.respond()
    assert {draft.language: draft.recipients for draft in case.drafts("people")} == {"de": 3, "fr": 2}


def test_a_language_without_words_is_written_to_in_english(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess().list_people(["de", "pl", "pl", "en"]).decide()
    case.respond()
    assert {draft.language: draft.recipients for draft in case.drafts("people")} == {"de": 1, "en": 3}
    case.approve("people").order("people")
    assert sorted(message.language for message in case.letters()) == ["de", "en", "en", "en"]


def test_a_language_the_organisation_chose_without_words_for_it_is_in_english_and_says_so(small_app: App) -> None:
    polish = apps.found(small_app, apps.example(languages=("en", "de", "pl")))
    app = apps.neighbour(small_app, found=polish)
    case = apps.Case(app).open().aware().assess().list_people(["pl", "de"]).decide()
    case.respond()
    draft = case.draft("people.pl")
    assert any("in English" in warning for warning in draft.warnings)
    assert "What happened" in draft.text


@pytest.mark.parametrize("change", ["facts", "people", "merchants", "decision"])
def test_what_changes_the_words_or_the_list_makes_a_fresh_draft_and_voids_the_approval(
    small_app: App, change: str
) -> None:
    case = apps.Case(small_app).decided().approve("people").approve("controllers")
    name = "controllers.de" if change == "merchants" else "people.de"
    assert is_approved(case, name)
    if change == "facts":
        case.assess(summary="More is known", likely_consequences=["phishing"]).decide()
    elif change == "people":
        case.list_people(["de"], first=100)
    elif change == "merchants":
        case.list_merchants([("shop-9", "de", 5, 6)])
    else:
        case.decide(because="Now also because of the passwords")
    outcome = case.respond()
    if change == "decision":
        # The reasons of the decision stand in the authority's text; a letter that reads the same keeps its approval.
        assert versions(case)["authority-initial.de"] == 2
        assert is_approved(case, name) == (versions(case)[name] == 1)
        return
    assert versions(case)[name] == 2
    assert any(name in line for line in outcome.did)
    assert not is_approved(case, name)
    with pytest.raises(RefusedError, match="not approved"):
        case.order(name.partition(".")[0])


def test_a_list_that_changed_after_the_approval_cannot_be_sent_even_before_the_flow_noticed(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("people").list_people(["de"], first=100)
    with pytest.raises(RefusedError, match=r"people\.de is stale: the list of people \(de\) grew by 1"):
        case.order("people")


def test_nothing_is_drafted_anew_once_it_was_ordered(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("people")
    case.order("people")
    before = versions(case)
    case.assess(summary="More is known").decide()
    case.respond()
    after = versions(case)
    assert {name: number for name, number in after.items() if name.startswith("people")} == {
        name: number for name, number in before.items() if name.startswith("people")
    }


def test_missing_elements_block_the_approval_and_are_named(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(**apps.UNKNOWN_FIGURES).decide(people=False)
    case.respond()
    draft = case.draft("authority-initial.de")
    assert "people_number" in draft.missing
    with pytest.raises(RefusedError, match="people_number"):
        case.approve("authority-initial")


def test_the_decider_cannot_approve_their_own_draft(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    draft = case.draft("people.de")
    assert draft.author == "dpo"
    with pytest.raises(PermissionDeniedError, match="second person"):
        approval.approve(*case.by(apps.DPO), "people.de", draft.sha256)


def test_a_late_notification_asks_for_the_reasons(small_app: App, clock: SettableClock) -> None:
    case = apps.Case(small_app).decided()
    assert "reasons_for_delay" not in case.draft("authority-initial.de").missing
    clock.forward(73 * HOUR)
    case.respond()
    assert "reasons_for_delay" in case.draft("authority-initial.de").missing


def test_a_draft_that_is_due_and_not_there_is_behind(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess()
    assert is_behind(small_app, case)
    case.respond()
    assert not is_behind(small_app, case)


def test_preparing_twice_gives_the_same_versions(app: App) -> None:
    case = apps.Case(app).decided()
    before = apps.count(app, Draft)
    assert prepare_drafts.prepare(app, case.reference) == ()
    assert apps.count(app, Draft) == before


def test_who_waits_at_the_end_of_a_filing_gets_the_follow_up(small_app: App) -> None:
    from incidents.casework.filing import submit

    case = apps.Case(small_app).decided().approve("authority-initial")
    submit.submit(*case.by(apps.DPO), Submission(reference="B-1", at=case.now, complete=False))
    case.respond()
    assert versions(case)["authority-follow-up.de"] == 1
    assert versions(case)["authority-initial.de"] == 1


def test_a_draft_whose_source_changed_and_whose_words_did_not_is_left_alone(app: App) -> None:
    case = apps.Case(app).decided().approve("people")
    before = case.draft("people.de")
    case.assess(summary="Exports were open; how they came to be is known").decide()
    assert changed_since(case.file(), next(line for line in case.file().drafts if line.id == "people.de"))
    case.respond()
    after = case.draft("people.de")
    assert (after.id, after.version) == (before.id, 1)
    assert before.id in {row.draft_id for row in apps.rows(app, DraftSource)}
    assert not is_behind(app, case)
    assert changed_since(case.file(), next(line for line in case.file().drafts if line.id == "people.de")) == ()
    assert respond.reconcile(app) == 0
    with app.store.read() as session:
        assert approval.approval_of(session, after) is not None
