"""An approval binds to the record as well as to the bytes: whatever changed makes a text stale, and it says what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from flows.bootstrap import App
from flows.workflows import edit_draft, send_letters
from flows.workflows.edit_draft import DraftChange
from incidents.case.case_file import DraftLine
from incidents.case.draft_obstacles import obstacles
from incidents.case.irregularities import irregularities
from incidents.casework.case import timeline
from incidents.casework.communication import approval, drafts
from incidents.casework.filing import late_reasons, submit
from incidents.casework.filing.submission import Submission
from incidents.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from tests.builders import apps
from tests.builders.apps import HOUR, SettableClock

INITIAL = "authority-initial.de"
FOLLOW_UP = "authority-follow-up.de"


def line(case: apps.Case, name: str) -> DraftLine:
    return next(draft for draft in case.file().drafts if draft.id == name)


def stale(case: apps.Case, name: str) -> str:
    return "; ".join(found.what for found in obstacles(case.file(), line(case, name)) if found.kind == "stale")


def more_people(case: apps.Case) -> None:
    (controller, *others) = apps.scope(case.now).value["data_sets"]
    case.assess(data_sets=[{**controller, "people": 91_200}, *others])


def everybody_told(case: apps.Case) -> None:
    case.approve("people").order("people")
    send_letters.communicate(case.app, case.reference)


def edit(case: apps.Case, name: str, text: str, **more: int | None) -> None:
    edit_draft.edit(case.app, apps.RESPONDER, case.reference, name, DraftChange(text=text, **more))  # type: ignore[arg-type]


CHANGES: dict[str, tuple[Callable[[apps.Case], object], str, str]] = {
    "facts": (more_people, INITIAL, r"facts 1 -> 2: merchant accounts: people 1,200 -> 91,200"),
    "facts in a letter": (more_people, "people.de", r"facts 1 -> 2"),
    "decision": (lambda case: case.decide(because="Otherwise"), INITIAL, "decided since"),
    "list": (lambda case: case.list_people(["de"], first=90), "people.de", r"the list of people \(de\) grew by 1"),
    "merchants": (
        lambda case: case.list_merchants([("shop-9", "de", 1, 1)]), "controllers.de", "list of merchants .* grew by 1"),
    "told": (everybody_told, INITIAL, "the people were told: 4 letters were accepted"),
    "contained": (
        lambda case: timeline.contain(*case.by(apps.RESPONDER), at=case.now, measure="closed"), INITIAL, "contained: "),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_makes_each_text_that_speaks_of_it_stale_and_no_stale_text_is_approved(app: App, change: str) -> None:
    do, name, said = CHANGES[change]
    case = apps.Case(app).decided()
    case.approve("authority-initial").approve("controllers")
    assert stale(case, name) == ""
    do(case)
    if case.file().stage != "decided":
        case.decide()
    draft = case.draft(name)
    with pytest.raises(RefusedError, match=said):
        approval.approve(*case.by(apps.COUNSEL), name, draft.sha256)
    assert f"tocsin respond {case.reference}" in obstacles(case.file(), line(case, name))[0].mend
    case.respond()
    assert stale(case, name) == ""


def test_a_letter_is_not_sent_over_new_facts(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("people")
    more_people(case)
    case.decide()
    with pytest.raises(RefusedError, match="is stale: facts 1 -> 2"):
        case.order("people")


def test_a_follow_up_that_was_drafted_before_all_were_told_says_so_and_is_composed_anew(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("authority-initial")
    submit.submit(*case.by(apps.DPO), Submission(reference="B-1", at=case.now, complete=False))
    case.respond()
    before = case.draft(FOLLOW_UP)
    everybody_told(case)
    with pytest.raises(RefusedError, match="the people were told"):
        approval.approve(*case.by(apps.COUNSEL), FOLLOW_UP, before.sha256)
    case.respond()
    after = case.draft(FOLLOW_UP)
    assert after.version == before.version + 1
    assert "4 Nachrichten" in after.text
    assert "4 Nachrichten" not in before.text
    # What was filed is history: nobody is asked to mend it.
    assert stale(case, INITIAL) == ""


def test_a_persons_words_are_merged_with_new_facts_and_lose_their_approval(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    edit(case, INITIAL, f"{case.draft(INITIAL).text}\nFrau Muster\n")
    case.approve("authority-initial")
    more_people(case)
    case.decide()
    did = case.respond().did
    draft = case.draft(INITIAL)
    assert "91.200" in draft.text
    assert "Zahl der Personen: 1.200" not in draft.text
    assert draft.text.endswith("Frau Muster\n")
    assert (draft.edited, draft.author, drafts.conflicts_of(draft)) == (True, "responder", ())
    assert any("the approval of version 2 by counsel no longer holds" in said for said in did)
    assert line(case, INITIAL).approved_at is None


@pytest.fixture
def conflict(small_app: App) -> apps.Case:
    """A case in which a person wrote over a number that the facts changed after them."""
    case = apps.Case(small_app).decided()
    edit(case, INITIAL, case.draft(INITIAL).text.replace("Zahl der Personen: 1.200", "Zahl der Personen: 1.300"))
    more_people(case)
    case.decide()
    case.respond()
    return case


def test_where_both_changed_a_person_is_asked_and_nothing_is_approved(conflict: apps.Case) -> None:
    (place,) = line(conflict, INITIAL).conflicts
    assert (place["yours"], place["fresh"]) == ("Zahl der Personen: 1.300", "Zahl der Personen: 91.200")
    with pytest.raises(RefusedError, match=r"in conflict.*--reset"):
        approval.approve(*conflict.by(apps.COUNSEL), INITIAL, conflict.draft(INITIAL).sha256)


def test_a_conflict_is_settled_by_a_persons_words(conflict: apps.Case) -> None:
    edit(conflict, INITIAL, conflict.draft(INITIAL).text)
    assert line(conflict, INITIAL).conflicts == ()
    assert "Zahl der Personen: 1.300" in conflict.draft(INITIAL).text
    conflict.approve("authority-initial")


def test_an_edit_is_taken_back(conflict: apps.Case) -> None:
    edit_draft.edit(conflict.app, apps.RESPONDER, conflict.reference, INITIAL, DraftChange(reset=True))
    draft = conflict.draft(INITIAL)
    assert (draft.edited, draft.edit_of) == (False, None)
    assert "Zahl der Personen: 91.200" in draft.text
    with pytest.raises(RefusedError, match="nobody edited"):
        edit_draft.edit(conflict.app, apps.RESPONDER, conflict.reference, INITIAL, DraftChange(reset=True))
    with pytest.raises(InvalidInputError, match="give it alone"):
        edit_draft.edit(conflict.app, apps.RESPONDER, conflict.reference, INITIAL, DraftChange(reset=True, text="x"))


def test_a_text_made_from_an_older_version_takes_nothing_back_that_changed_since(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    typed = f"{case.draft(INITIAL).text}\nFrau Muster\n"
    more_people(case)
    case.decide()
    case.respond()
    edit(case, INITIAL, typed, of_version=1)
    draft = case.draft(INITIAL)
    assert draft.text.endswith("Frau Muster\n")
    assert "Zahl der Personen: 91.200" in draft.text
    with pytest.raises(NotFoundError, match="no version 9"):
        edit(case, INITIAL, typed, of_version=9)


def test_a_text_with_a_placeholder_is_neither_approved_nor_sent(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    edit(case, "people.de", f"{case.draft('people.de').text}\nTel. +49 30 0000001 (to adapt)\n")
    with pytest.raises(RefusedError, match=r"placeholders.*to adapt.*organisation\.yaml"):
        approval.approve(*case.by(apps.COUNSEL), "people.de", case.draft("people.de").sha256)


def test_an_exercise_is_played_with_the_example(small_app: App) -> None:
    case = apps.Case(small_app).open(exercise=True).aware().assess().decide()
    case.respond()
    edit(case, "people.de", f"{case.draft('people.de').text}\nTel. +49 30 0000001 (to adapt)\n")
    done = approval.approve(*case.by(apps.COUNSEL), "people.de", case.draft("people.de").sha256)
    assert done.changed == ("approved people.de version 2",)


def test_a_filing_of_a_text_that_is_not_as_it_should_be_is_refused_or_confirmed_and_stays_on_record(app: App) -> None:
    case = apps.Case(app).decided()
    said = Submission(reference="B-1", at=case.now)
    with pytest.raises(RefusedError, match=r"authority-initial\.de version 1 was never approved.*--despite"):
        submit.submit(*case.by(apps.DPO), said)
    case.approve("authority-initial")
    more_people(case)
    with pytest.raises(RefusedError, match="version 1 was stale: facts 1 -> 2"):
        submit.submit(*case.by(apps.DPO), said)
    done = submit.submit(*case.by(apps.DPO), replace(said, despite="the portal closes at noon"))
    assert any("RECORDED ALTHOUGH" in warning for warning in done.warnings)
    (named,) = irregularities(case.file())
    assert "the portal closes at noon" in named
    assert "stale" in named
    filing = next(filing for row in case.file().obligations for filing in row.filings)
    assert filing.text_filed == {"draft": INITIAL, "version": 1, "sha256": case.draft(INITIAL).sha256}
    assert len(apps.entries(app, "filing.confirmed")) == 1


def test_an_approved_text_is_filed_without_a_word_and_the_filing_knows_which_it_was(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("authority-initial")
    submit.submit(*case.by(apps.DPO), Submission(reference="B-1", at=case.now))
    filing = next(filing for row in case.file().obligations for filing in row.filings)
    assert (filing.confirmed, filing.text_filed and filing.text_filed["version"]) == (None, 1)
    assert irregularities(case.file()) == ()


def test_a_filing_before_awareness_is_confirmed_with_reasons(small_app: App) -> None:
    case = apps.Case(small_app).decided().approve("authority-initial")
    with pytest.raises(RefusedError, match="dated before awareness"):
        submit.submit(*case.by(apps.DPO), Submission(reference="B-1", at=case.now - HOUR * 3 / 4))


def test_reasons_for_a_delay_are_recorded_before_and_flow_into_text_and_filing(
    small_app: App, clock: SettableClock
) -> None:
    case = apps.Case(small_app).decided()
    late_reasons.give_reasons(*case.by(apps.RESPONDER), "authority-initial", "The portal was down for three days.")
    assert stale(case, INITIAL) == ""
    clock.forward(80 * HOUR)
    assert "the due time has passed" in stale(case, INITIAL)
    case.respond()
    draft = case.draft(INITIAL)
    assert "The portal was down for three days." in draft.text
    assert draft.missing == []
    case.approve("authority-initial")
    submit.submit(*case.by(apps.DPO), Submission(reference="B-1", at=case.now))
    filing = next(filing for row in case.file().obligations for filing in row.filings)
    assert filing.late_because == "The portal was down for three days."


def test_an_approval_by_one_person_alone_is_loud(app: App) -> None:
    case = apps.Case(app).decided()
    edit_draft.edit(app, apps.DPO, case.reference, INITIAL, DraftChange(text=f"{case.draft(INITIAL).text}\nMehr.\n"))
    done = approval.approve(*case.by(apps.DPO), INITIAL, case.draft(INITIAL).sha256, override="nobody else is awake")
    assert "WITHOUT A SECOND PERSON" in done.changed[0]
    assert any("nobody else is awake" in named for named in irregularities(case.file()))
    assert [alert.says for alert in apps.alerts(app) if "approved-alone" in alert.key] == [f"{INITIAL} version 2"]
