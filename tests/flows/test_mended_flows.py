"""What once went wrong between the rooms and must not again: drafts that lag, people found later, papers of the end."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from pydantic import SecretStr
from sqlmodel import col, update

from flows import bootstrap
from flows.bootstrap import App
from flows.workflows import (
    edit_draft,
    heartbeat,
    prepare_drafts,
    respond,
    send_letters,
)
from flows.workflows import (
    reports as report,
)
from incidents.access import people
from incidents.case.lifecycle import PersonRole
from incidents.casework.case import close as close_case
from incidents.casework.case import timeline
from incidents.casework.communication import drafts as communication_drafts
from incidents.kernel.errors import RefusedError
from incidents.storage.tables.access import Token
from incidents.storage.tables.communication import DraftSource, Message
from incidents.storage.tables.obligations import Alert
from notifications.delivery.model import LETTERS, DeliveryResult
from tests.flows.workflows.test_prepare_drafts import UNKNOWN_FIGURES
from tests.standins import staged_apps as staged
from tests.standins.staged_apps import HOUR, INSTANT, MINUTE, SettableClock

INITIAL = "authority-initial.de"


# -- drafts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("later", "missing"), [(timedelta(), []), (INSTANT, ["reasons_for_delay"])])
def test_a_persons_own_text_to_the_authority_lacks_the_reasons_once_it_is_overdue(
    small_app: App, clock: SettableClock, later: timedelta, missing: list[str]
) -> None:
    case = staged.Case(small_app).decided()
    words = f"{case.draft(INITIAL).text}\nEin Satz mehr.\n"
    edit_draft.edit(small_app, staged.RESPONDER, case.reference, INITIAL, words, frozenset())
    assert (case.draft(INITIAL).version, case.draft(INITIAL).missing) == (2, [])
    clock.at = next(row.due_at for row in case.file().obligations if row.terms.duty == "authority-initial") + later
    heartbeat.run_heartbeat(small_app)
    case.respond()
    draft = case.draft(INITIAL)
    assert (draft.version, draft.missing, draft.edited) == (2 + len(missing), missing, True)
    assert draft.text.endswith("Ein Satz mehr.\n")


def test_a_text_that_lacks_the_reasons_for_its_delay_cannot_be_approved(small_app: App, clock: SettableClock) -> None:
    case = staged.Case(small_app).decided()
    words = f"{case.draft(INITIAL).text}\nEin Satz mehr.\n"
    edit_draft.edit(small_app, staged.RESPONDER, case.reference, INITIAL, words, frozenset())
    clock.forward(80 * HOUR)
    case.respond()
    with pytest.raises(RefusedError, match="reasons_for_delay"):
        case.approve("authority-initial")


def test_a_draft_whose_source_changed_and_whose_words_did_not_is_left_alone(app: App) -> None:
    case = staged.Case(app).decided().approve("people")
    before = case.draft("people.de")
    case.decide(because="Now also because of the passwords")
    case.respond()
    after = case.draft("people.de")
    assert (after.id, after.version) == (before.id, 1)
    assert before.id in {row.draft_id for row in staged.rows(app, DraftSource)}
    assert not prepare_drafts.is_behind(app, case.reference)
    assert respond.reconcile(app) == 0
    with app.store.read() as session:
        assert communication_drafts.approval_of(session, after) is not None


# -- people found later -----------------------------------------------------------------------------------------------


@pytest.fixture
def told(app: App) -> staged.Case:
    """A case whose listed people were written to, and in which two more were found since."""
    case = staged.letters_ready(app, ["de", "fr"])
    assert app.outbox.deliver(LETTERS) == DeliveryResult(accepted=2)
    case.respond()
    case.list_people(["de", "de"], first=100)
    case.respond()
    return case


def test_people_found_later_get_a_draft_for_them_alone_that_must_be_approved(told: staged.Case) -> None:
    found = {communication_drafts.name_of(draft): (draft.version, draft.recipients) for draft in told.drafts("people")}
    assert found == {"people.de": (2, 2), "people.fr": (1, 1)}
    with pytest.raises(RefusedError, match=r"people\.de is not approved"):
        told.order("people")


def test_people_found_later_are_written_to_and_nobody_is_twice(told: staged.Case) -> None:
    told.approve("people").order("people")
    assert told.app.outbox.deliver(LETTERS) == DeliveryResult(accepted=2)
    letters = told.letters()
    assert Counter(letter.recipient for letter in letters) == {letter.recipient: 1 for letter in letters}
    assert [letter.state for letter in letters] == ["accepted"] * 4
    assert all(len(staged.attempts(told.app, letter)) == 1 for letter in letters)
    told.respond()
    with pytest.raises(RefusedError, match="all 4 messages were ordered before"):
        told.order("people")


def test_a_case_is_not_closed_while_people_found_later_were_not_written_to(told: staged.Case) -> None:
    with pytest.raises(RefusedError, match="2 people on the list have not been written to"):
        close_case.close(*told.by(staged.DPO))
    told.approve("people").order("people")
    told.app.outbox.deliver(LETTERS)
    with pytest.raises(RefusedError, match="cannot be closed") as refused:
        close_case.close(*told.by(staged.DPO))
    assert "not been written to" not in str(refused.value)


# -- a clock that was ahead -------------------------------------------------------------------------------------------


def test_an_alert_that_seems_to_be_told_only_later_is_told_at_once(app: App) -> None:
    staged.open_case(app)
    with app.store.write() as session:
        later = app.now() + 9 * HOUR
        session.exec(update(Alert).where(col(Alert.rung) == "opened").values(tell_at=later))
    assert heartbeat.run_heartbeat(app).messages == 3
    assert staged.alerts(app)[0].tell_at is None
    assert heartbeat.run_heartbeat(app).messages == 0


# -- who is asking ----------------------------------------------------------------------------------------------------


def test_the_last_use_of_a_token_is_kept_to_the_hour(app: App, clock: SettableClock) -> None:
    with app.store.write() as session:
        roles = frozenset({PersonRole.RESPONDER})
        secret = people.add_person(session, people.os_actor("root"), clock(), name="responder", roles=roles)
    settings = app.settings.model_copy(update={"token": SecretStr(secret)})
    asking = staged.neighbour(app, settings=settings)

    def last_use() -> object:
        bootstrap.actor(asking)
        return staged.rows(app, Token)[0].last_used_at

    first = clock()
    assert last_use() == first
    clock.forward(HOUR - INSTANT)
    assert last_use() == first
    clock.forward(INSTANT)
    assert last_use() == first + HOUR


# -- the papers of a case that ends -----------------------------------------------------------------------------------


def closed(case: staged.Case) -> staged.Case:
    case.assess(**UNKNOWN_FIGURES).decide(authority=False, people=False)
    timeline.contain(*case.by(staged.RESPONDER), at=case.now, measure="Policy withdrawn")
    close_case.close(*case.by(staged.DPO))
    return case


def test_a_case_that_ends_gets_its_report_once_for_each_ending(app: App, clock: SettableClock) -> None:
    case = staged.Case(app).open().aware()
    case.respond()
    folder = app.settings.home / "reports" / case.reference
    assert not folder.exists()
    closed(case)
    for written in (3, 0):
        assert sum(line.startswith("wrote ") for line in case.respond().did) == written
    assert sorted(path.suffix for path in folder.iterdir()) == [".html", ".json", ".md"]
    clock.forward(MINUTE)
    close_case.reopen(*case.by(staged.DPO), "A second bucket was found")
    case.respond()
    assert len(staged.entries(app, "report.written")) == 1
    closed(case).respond()
    assert len(staged.entries(app, "report.written")) == 2


def test_a_dismissed_case_gets_its_report_too(small_app: App) -> None:
    case = staged.Case(small_app).open()
    close_case.dismiss(*case.by(staged.DPO), "The bucket held test data only")
    case.respond()
    assert len(list((small_app.settings.home / "reports" / case.reference).iterdir())) == 3


def test_the_register_leaves_exercises_out_unless_they_are_asked_for(small_app: App) -> None:
    real, drill = staged.Case(small_app).open(), staged.Case(small_app).open(exercise=True)
    plain = report.export_register(small_app, "csv").decode("utf-8-sig")
    whole = report.export_register(small_app, "csv", exercises=True).decode("utf-8-sig")
    assert (real.reference in plain, drill.reference in plain) == (True, False)
    assert (real.reference in whole, drill.reference in whole) == (True, True)


def test_letters_whose_wait_was_written_while_the_clock_was_ahead_get_their_flow(small_app: App) -> None:
    case = staged.Case(small_app).decided()
    case.approve("people").order("people")
    far = small_app.now() + timedelta(hours=9)
    with small_app.store.write() as session:
        session.exec(update(Message).where(col(Message.kind) == "people").values(next_try_at=far))
    with small_app.store.read() as session:
        assert send_letters.with_letters_due(session, small_app.now(), small_app.patience) == [case.reference]
