"""Letters of which nobody knows whether they arrived."""

from __future__ import annotations

import pytest
from sqlmodel import col, select, update

from flows.bootstrap import App
from incidents.casework.communication import send as communication_send
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.storage.tables.communication import Attempt, Message
from notifications.delivery.model import LETTERS, DeliveryResult
from tests.builders import apps
from tests.builders.statements import past_the_chain


def sent(app: App) -> DeliveryResult:
    return app.outbox.deliver(LETTERS)


def test_uncertain_letters_are_sent_again_only_by_a_persons_recorded_decision(small_app: App) -> None:
    case = apps.Case(small_app).decided()
    case.approve("people").order("people")
    with small_app.store.write() as session:
        uncertain = update(Message).where(col(Message.kind) == "people")
        uncertain = uncertain.values(state="uncertain", problem="uncertain", next_try_at=None)
        past_the_chain(session, uncertain)
    assert sent(small_app) == DeliveryResult()
    with pytest.raises(InvalidInputError, match="--because"):
        communication_send.resend_uncertain(*case.by(apps.DPO), "people", " ")
    communication_send.resend_uncertain(*case.by(apps.DPO), "people", "The provider confirmed that none arrived")
    assert sent(small_app).accepted == len(case.letters())
    with small_app.store.read() as session:
        assert all(attempt.repeats_uncertain for attempt in session.exec(select(Attempt)))
    with pytest.raises(RefusedError, match="no letter"):
        communication_send.resend_uncertain(*case.by(apps.DPO), "people", "once more")
