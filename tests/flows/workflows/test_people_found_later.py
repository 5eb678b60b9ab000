"""People found after the letters went out: a draft for them alone, and one letter each."""

from __future__ import annotations

from collections import Counter

import pytest

from flows.bootstrap import App
from incidents.casework.case import close as close_case
from incidents.casework.communication import drafts as communication_drafts
from incidents.kernel.errors import RefusedError
from notifications.delivery.model import LETTERS, DeliveryResult
from tests.builders import apps


@pytest.fixture
def told(app: App) -> apps.Case:
    """A case whose listed people were written to, and in which two more were found since."""
    case = apps.letters_ready(app, ["de", "fr"])
    assert app.outbox.deliver(LETTERS) == DeliveryResult(accepted=2)
    case.respond()
    case.list_people(["de", "de"], first=100)
    case.respond()
    return case


def test_people_found_later_get_a_draft_for_them_alone_that_must_be_approved(told: apps.Case) -> None:
    found = {communication_drafts.name_of(draft): (draft.version, draft.recipients) for draft in told.drafts("people")}
    assert found == {"people.de": (2, 2), "people.fr": (1, 1)}
    with pytest.raises(RefusedError, match=r"people\.de is not approved"):
        told.order("people")


def test_people_found_later_are_written_to_and_nobody_is_twice(told: apps.Case) -> None:
    told.approve("people").order("people")
    assert told.app.outbox.deliver(LETTERS) == DeliveryResult(accepted=2)
    letters = told.letters()
    assert Counter(letter.recipient for letter in letters) == {letter.recipient: 1 for letter in letters}
    assert [letter.state for letter in letters] == ["accepted"] * 4
    assert all(len(apps.attempts(told.app, letter)) == 1 for letter in letters)
    told.respond()
    with pytest.raises(RefusedError, match="all 4 messages were ordered before"):
        told.order("people")


def test_a_case_is_not_closed_while_people_found_later_were_not_written_to(told: apps.Case) -> None:
    with pytest.raises(RefusedError, match="2 people on the list have not been written to"):
        close_case.close(*told.by(apps.DPO))
    told.approve("people").order("people")
    told.app.outbox.deliver(LETTERS)
    with pytest.raises(RefusedError, match="cannot be closed") as refused:
        close_case.close(*told.by(apps.DPO))
    assert "not been written to" not in str(refused.value)
