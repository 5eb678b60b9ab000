"""The net below every change: whether drafts are behind is asked of all open cases in a fixed number of SELECTs."""

from __future__ import annotations

import pytest

from flows.bootstrap import App
from flows.workflows import draft_texts, edit_draft, prepare_drafts, respond
from flows.workflows.required_drafts import required_drafts
from incidents.casework.base.find import find, number
from incidents.queries.case_file import case_file
from incidents.queries.overview import case_overview
from tests.builders import apps
from tests.builders.statements import selects

MOST = 20
"""One for the cases, thirteen for what stands in them, two for their drafts, two for the lists."""


def edited(case: apps.Case) -> None:
    """Give the text to the authority a sentence of a person's own."""
    text = case.draft("authority-initial.de").text + "\nNoch ein Satz.\n"
    edit_draft.edit(case.app, apps.RESPONDER, case.reference, "authority-initial.de", edit_draft.DraftChange(text=text))


def asked(app: App) -> int:
    with selects() as statements:
        assert respond.reconcile(app) == 0
    return len(statements)


def test_the_reconcile_asks_as_much_of_many_cases_as_of_one(app: App) -> None:
    apps.Case(app).decided()
    before = asked(app)
    for _ in range(3):
        apps.Case(app).decided()
    for _ in range(8):
        case = apps.Case(app).open().aware().assess().list_people(["de"] * 40)
        case.respond()
    assert asked(app) == before
    assert 0 < before <= MOST


def test_of_many_cases_exactly_those_are_asked_for_whose_drafts_are_behind(app: App) -> None:
    cases = [apps.Case(app).decided() for _ in range(3)]
    edited(cases[0])
    cases[1].list_people(["fr"], first=900)
    with app.store.read() as session:
        incidents = [find(session, case.reference) for case in cases]
        assert prepare_drafts.behind(app, session, incidents) == (incidents[1].id,)
        assert prepare_drafts.behind(app, session, incidents[:1]) == ()


@pytest.mark.parametrize("stage", ["assessed", "decided", "edited"])
def test_the_overview_of_a_case_gives_the_same_source_as_the_whole_file(small_app: App, stage: str) -> None:
    case = apps.Case(small_app).open().aware().assess().list_people().list_merchants()
    if stage != "assessed":
        case.decide()
    case.respond()
    if stage == "edited":
        edited(case)
    with small_app.store.read() as session:
        incident = find(session, case.reference)
        key, zone, now = number(incident.id), small_app.use_cases.zone, small_app.now()
        whole, overview = case_file(session, incident, zone, now), case_overview(session, incident, zone, now)
        by_file = required_drafts(small_app, session, {key: whole})[key]
        assert required_drafts(small_app, session, {key: overview})[key] == by_file
    assert by_file
    for required in by_file:
        assert draft_texts.source_sha256(small_app, overview, required) == draft_texts.source_sha256(
            small_app, whole, required
        )


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_however_many_are_open_the_oldest_is_looked_at_too(
    app: App, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(respond, "RECONCILED_AT_ONCE", at_once)
    cases = [apps.Case(app).open().aware().assess() for _ in range(3)]
    for case in cases:
        case.respond()
    assert respond.reconcile(app) == 0
    # As after a template that changed while nobody looked: what stands was composed from something else.
    monkeypatch.setattr(draft_texts, "stands", lambda *_arguments: False)
    assert respond.reconcile(app) == 3
    assert all(case.incident().change_seq > case.incident().answered_seq for case in cases)
