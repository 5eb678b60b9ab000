"""One run for one case: as far as the record allows, any number of times, by one holder at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.bootstrap import App
from flows.workflows import prepare_drafts, respond
from incidents.casework.case import timeline
from incidents.casework.communication import settle
from incidents.kernel.errors import NotFoundError
from incidents.queries.waiting_cases import changed_cases
from incidents.storage.tables.communication import Draft
from tests.builders import apps
from tests.builders.apps import INSTANT, SettableClock


def unanswered(app: App) -> list[str]:
    with app.store.read() as session:
        return changed_cases(session, app.now(), lease=respond.LEASE)


def test_a_fresh_case_waits_for_a_person_and_gets_no_draft(small_app: App) -> None:
    case = apps.Case(small_app).open()
    outcome = case.respond()
    assert outcome.did == ()
    assert "responder" in outcome.waits_for
    assert apps.count(small_app, Draft) == 0


def test_a_decision_with_lists_gets_every_draft_it_asks_for(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess().list_people().list_merchants().decide()
    outcome = case.respond()
    assert {f"{draft.kind}.{draft.language}" for draft in case.drafts()} == {
        "authority-initial.de", "people.de", "people.fr", "people.en", "controllers.de", "controllers.en",
    }  # fmt: skip
    assert len(outcome.did) == 6
    assert outcome.waits_for.startswith("second person: read and approve")


def test_running_twice_writes_nothing_new(app: App) -> None:
    case = apps.Case(app).decided()
    before = apps.everything(app, but=("held_until", "held_by"))
    assert case.respond().did == ()
    assert respond.respond(apps.neighbour(app), case.reference).did == ()
    assert apps.everything(app, but=("held_until", "held_by")) == before


def test_a_run_answers_the_changes_it_saw(small_app: App) -> None:
    case = apps.Case(small_app).open()
    assert unanswered(small_app) == [case.reference]
    case.respond()
    assert unanswered(small_app) == []
    timeline.log(*case.by(apps.RESPONDER), "something changed")
    assert unanswered(small_app) == [case.reference]


def test_a_change_that_comes_during_a_run_asks_for_another_run(small_app: App) -> None:
    case = apps.Case(small_app).open()
    with respond.lease_incident(small_app, case.reference) as seen:
        timeline.log(*case.by(apps.RESPONDER), "while it runs")
        respond._answered(small_app, case.reference, seen or 0)
    assert unanswered(small_app) == [case.reference]


def test_a_held_case_excludes_a_second_run(app: App) -> None:
    case = apps.Case(app).open()
    with respond.lease_incident(app, case.reference) as mine:
        assert mine is not None
        outcome = respond.respond(apps.neighbour(app), case.reference)
        assert (outcome.did, outcome.waits_for) == ((), respond.NOT_MINE)
        assert unanswered(app) == []
    assert case.respond().waits_for != respond.NOT_MINE


@pytest.mark.parametrize(("later", "excluded"), [(-INSTANT, True), (timedelta(), False), (INSTANT, False)])
def test_a_hold_ends_by_itself_when_its_holder_died(
    app: App, clock: SettableClock, later: timedelta, excluded: bool
) -> None:
    case = apps.Case(app).open()
    holding = respond.lease_incident(app, case.reference)
    holding.__enter__()
    clock.forward(respond.LEASE + later)
    assert (unanswered(app) == []) is excluded
    outcome = respond.respond(apps.neighbour(app), case.reference)
    assert (outcome.waits_for == respond.NOT_MINE) is excluded
    holding.__exit__(None, None, None)


def test_a_run_that_outlived_its_hold_does_not_end_the_hold_of_its_successor(
    small_app: App, clock: SettableClock
) -> None:
    case = apps.Case(small_app).open()
    slow = respond.lease_incident(small_app, case.reference)
    slow.__enter__()
    clock.forward(respond.LEASE)
    with respond.lease_incident(apps.neighbour(small_app, "successor"), case.reference):
        slow.__exit__(None, None, None)
        assert case.incident().held_by == "successor"


def test_a_run_that_fails_gives_its_hold_back(small_app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    case = apps.Case(small_app).open()

    def fail(*_given: object) -> tuple[str, ...]:
        message = "a template is broken"
        raise RuntimeError(message)

    monkeypatch.setattr(prepare_drafts, "prepare", fail)
    with pytest.raises(RuntimeError, match="broken"):
        case.respond()
    assert case.incident().held_by is None
    assert unanswered(small_app) == [case.reference]


def test_no_such_case_is_said_so(small_app: App) -> None:
    with pytest.raises(NotFoundError):
        respond.respond(small_app, "INC-2026-0099")


def test_letters_that_went_out_fulfil_their_duties_once(app: App) -> None:
    from flows.workflows import send_letters

    case = apps.Case(app).decided()
    case.approve("people").approve("controllers")
    case.order("people")
    case.order("controllers")
    send_letters.communicate(app, case.reference)
    did = case.respond().did
    met = {line.removeprefix("fulfilled: ") for line in did if line.startswith("fulfilled")}
    # What the authority is told of the people is composed anew, now that they were written to.
    assert any("authority-initial.de version 2 (the people were told: 4 letters were accepted)" in line for line in did)
    assert met == {"eu-gdpr/controller/shop-1", "eu-gdpr/controller/shop-2"}, "four letters do not tell 1,200 people"
    settle.fulfil_from_coverage(*case.by(apps.DPO), "The others closed their accounts and left no address")
    assert case.respond().did == ()
    assert len(apps.entries(app, "send.settled")) == 2


def test_the_reconcile_asks_for_a_case_whose_draft_is_behind(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    assert respond.reconcile(small_app) == 0
    assert unanswered(small_app) == []
    moved = apps.example(address="Another street 2, 10000 Berlin")
    after = apps.neighbour(small_app, found=apps.found(small_app, moved))
    assert respond.reconcile(after) == 1
    assert unanswered(after) == [case.reference]
    assert respond.respond(after, case.reference).did != ()
    assert respond.reconcile(after) == 0


def test_a_change_that_changes_no_word_comes_to_rest(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    case.decide(because="The same, in other words")
    case.respond()
    assert [respond.reconcile(small_app) for _ in range(3)] == [0, 0, 0]
    assert case.respond().did == ()


def test_the_reconcile_leaves_alone_what_waits_for_its_flow_anyway(small_app: App) -> None:
    apps.Case(small_app).open().aware().assess()
    assert respond.reconcile(small_app) == 0
