"""A person's own words stay theirs; marks stay; any edit voids the approval."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.bootstrap import App
from flows.workflows import (
    edit_draft,
    heartbeat,
)
from flows.workflows.edit_draft import DraftChange
from incidents.casework.base.unit_of_work import Result
from incidents.casework.communication import drafts
from incidents.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from tests.builders import apps
from tests.builders.apps import HOUR, INSTANT, SettableClock

INITIAL = "authority-initial.de"


def edit(case: apps.Case, name: str, text: str | None = None, *marks: str) -> Result:
    return edit_draft.edit(
        case.app, apps.RESPONDER, case.reference, name, DraftChange(text=text, will_follow=frozenset(marks))
    )


@pytest.fixture
def case(small_app: App) -> apps.Case:
    return apps.Case(small_app).decided()


def test_a_persons_words_become_the_next_version(case: apps.Case) -> None:
    before = case.draft("people.de")
    edit(case, "people.de", "Subject: Ihre Daten\n\nWas passiert ist: etwas.\n")
    after = case.draft("people.de")
    assert (after.version, after.edited, after.author) == (2, True, "responder")
    assert (after.subject, after.text) == ("Ihre Daten", "Was passiert ist: etwas.\n")
    assert after.sha256 != before.sha256


def test_without_a_line_for_it_the_subject_stays(case: apps.Case) -> None:
    before = case.draft("people.de").subject
    edit(case, "people.de", "Nur ein anderer Text.\n")
    assert case.draft("people.de").subject == before


def test_an_edit_voids_the_approval(case: apps.Case) -> None:
    case.approve("people")
    edit(case, "people.de", f"{case.draft('people.de').text}\nEin Satz mehr.\n")
    with pytest.raises(RefusedError, match=r"people\.de is not approved"):
        case.order("people")


def test_a_persons_words_outlive_new_facts(case: apps.Case) -> None:
    words = f"{case.draft('people.de').text}\nEin Satz mehr.\n"
    edit(case, "people.de", words)
    case.assess(summary="More is known").decide()
    case.respond()
    assert case.draft("people.de").text.endswith("Ein Satz mehr.\n")
    assert case.draft("people.de").version == 2


def test_a_persons_words_outlive_a_new_list_and_are_bound_to_it(case: apps.Case) -> None:
    edit(case, "people.de", f"{case.draft('people.de').text}\nEin Satz mehr.\n")
    case.list_people(["de"], first=100)
    case.respond()
    draft = case.draft("people.de")
    assert (draft.version, draft.recipients, draft.edited) == (3, 3, True)
    assert draft.text.endswith("Ein Satz mehr.\n")
    assert draft.author == "responder"


def test_an_element_may_be_marked_as_following_and_then_no_longer_blocks(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(**apps.UNKNOWN_FIGURES).decide(people=False)
    case.respond()
    missing = tuple(case.draft(INITIAL).missing)
    edit(case, INITIAL, None, *missing)
    assert case.draft(INITIAL).missing == []
    assert set(case.draft(INITIAL).will_follow) == set(missing)
    case.approve("authority-initial")


def test_marks_are_kept_when_the_facts_change(small_app: App) -> None:
    case = apps.Case(small_app).open().aware().assess(**apps.UNKNOWN_FIGURES).decide(people=False)
    case.respond()
    edit(case, INITIAL, None, "people_number")
    case.assess(**apps.UNKNOWN_FIGURES, likely_consequences=["spam"]).decide(people=False)
    case.respond()
    assert case.draft(INITIAL).version == 3
    assert "people_number" in case.draft(INITIAL).will_follow


@pytest.mark.parametrize(
    ("mark", "complaint"),
    [("nature", "may not follow later"), ("weather", "no element of this text"), ("contact", "may not follow later")],
)
def test_only_what_the_law_lets_follow_can_be_marked(case: apps.Case, mark: str, complaint: str) -> None:
    with pytest.raises(InvalidInputError, match=complaint):
        edit(case, INITIAL, None, mark)


@pytest.mark.parametrize("text", ["", "  \n\t", "x" * 100_001])
def test_an_empty_or_endless_text_is_refused(case: apps.Case, text: str) -> None:
    with pytest.raises(InvalidInputError):
        edit(case, "people.de", text)


def test_an_edit_that_changes_nothing_is_refused_or_says_so(case: apps.Case) -> None:
    with pytest.raises(InvalidInputError, match="nothing to change"):
        edit(case, "people.de")
    before = case.draft("people.de")
    done = edit(case, "people.de", f"Subject: {before.subject}\n{before.text}")
    assert done.changed[0] == "people.de: nothing changed"
    assert case.draft("people.de").version == before.version


def test_what_went_out_cannot_be_changed(case: apps.Case) -> None:
    case.approve("people").order("people")
    with pytest.raises(RefusedError, match="sent already"):
        edit(case, "people.de", "Too late.\n")


def test_a_text_that_is_not_there_is_said_so_and_the_others_are_named(case: apps.Case) -> None:
    with pytest.raises(NotFoundError, match=r"people\.de"):
        edit(case, "people.xx", "Words.\n")
    with pytest.raises(NotFoundError, match=r"people\.fr"):
        edit(case, "people", "Words.\n")


def test_markup_in_a_persons_words_is_shown_and_never_run(case: apps.Case) -> None:
    edit(case, "people.de", "Subject: {{ 7 * 7 }}\n\n<script>alert(1)</script> {{ 7 * 7 }} {% raw %}\n")
    draft = case.draft("people.de")
    assert draft.subject == "{{ 7 * 7 }}"
    assert "{% raw %}" in draft.text
    assert "<script>" not in (draft.html or "")


def test_an_edit_is_written_in_the_audit_log_as_an_edit(case: apps.Case) -> None:
    edit(case, "people.de", "Andere Worte.\n")
    entry = apps.entries(case.app, "draft.written")[-1]
    assert entry.actor == "responder"
    assert '"edited":true' in entry.payload
    assert drafts.name_of(case.draft("people.de")) in entry.payload


@pytest.mark.parametrize(("later", "missing"), [(timedelta(), []), (INSTANT, ["reasons_for_delay"])])
def test_a_persons_own_text_to_the_authority_lacks_the_reasons_once_it_is_overdue(
    small_app: App, clock: SettableClock, later: timedelta, missing: list[str]
) -> None:
    case = apps.Case(small_app).decided()
    words = f"{case.draft(INITIAL).text}\nEin Satz mehr.\n"
    edit_draft.edit(small_app, apps.RESPONDER, case.reference, INITIAL, DraftChange(text=words))
    assert (case.draft(INITIAL).version, case.draft(INITIAL).missing) == (2, [])
    clock.at = next(row.due_at for row in case.file().obligations if row.terms.duty == "authority-initial") + later
    heartbeat.run_heartbeat(small_app)
    case.respond()
    draft = case.draft(INITIAL)
    assert (draft.version, draft.missing, draft.edited) == (2 + len(missing), missing, True)
    assert draft.text.endswith("Ein Satz mehr.\n")


def test_a_text_that_lacks_the_reasons_for_its_delay_cannot_be_approved(small_app: App, clock: SettableClock) -> None:
    case = apps.Case(small_app).decided()
    words = f"{case.draft(INITIAL).text}\nEin Satz mehr.\n"
    edit_draft.edit(small_app, apps.RESPONDER, case.reference, INITIAL, DraftChange(text=words))
    clock.forward(80 * HOUR)
    case.respond()
    with pytest.raises(RefusedError, match="reasons_for_delay"):
        case.approve("authority-initial")
