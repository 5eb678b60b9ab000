"""What is owed to merchants ends and begins again with the facts about their data."""

from __future__ import annotations

from incidents.casework.case import assess_and_decide
from tests.builders.casework import (
    DPO,
    HOUR,
    ORDERS,
    RESPONDER,
    accounts,
    assessed,
    facts,
    merchants_listed,
    owed,
    verdict,
)

BOTH = {"data_sets": [accounts(), ORDERS]}


UNLISTED = "eu-gdpr/controller/unlisted-merchants"


MERCHANT = "eu-gdpr/controller/m-1"


def found(ctx, reference, key):
    with ctx.store.read() as session:
        return owed(session, reference)[key]


def test_facts_without_data_held_for_merchants_end_what_was_owed_to_those_not_listed(ctx, now):
    reference = assessed(ctx, now, facts(**BOTH))
    assert found(ctx, reference, UNLISTED).waived_at is None
    assess_and_decide.record_facts(ctx, RESPONDER, now + HOUR, reference, facts())
    row = found(ctx, reference, UNLISTED)
    assert (row.waived_at, row.waived_because) == (
        now + HOUR,
        "the facts name no data held for merchants any more",
    )


def test_data_held_for_merchants_found_again_is_owed_again_to_those_not_listed(ctx, now):
    reference = assessed(ctx, now, facts(**BOTH))
    due = found(ctx, reference, UNLISTED).due_at
    for known in (facts(), facts(**BOTH)):
        assess_and_decide.record_facts(ctx, RESPONDER, now + HOUR, reference, known)
    row = found(ctx, reference, UNLISTED)
    assert (row.waived_at, row.waived_because, row.due_at) == (None, None, due)
    assert row.next_alarm_at is not None


def test_a_decision_on_facts_without_data_held_for_merchants_ends_their_notices_with_its_reasons(ctx, now):
    reference = assessed(ctx, now, facts(**BOTH))
    merchants_listed(ctx, now, reference, "m-1", "m-2")
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts())
    assert found(ctx, reference, MERCHANT).waived_at is None, "a person decides, not the facts alone"
    assess_and_decide.decide(ctx, DPO, now, reference, verdict())
    row = found(ctx, reference, MERCHANT)
    assert (row.waived_at, row.waived_because) == (now, "as the facts show")


def test_a_merchant_whose_data_are_concerned_after_all_is_owed_its_notice_again(ctx, now):
    reference = assessed(ctx, now, facts(**BOTH))
    merchants_listed(ctx, now, reference, "m-1")
    for known in (facts(), facts(**BOTH)):
        assess_and_decide.record_facts(ctx, RESPONDER, now, reference, known)
        assess_and_decide.decide(ctx, DPO, now, reference, verdict())
    assert found(ctx, reference, MERCHANT).waived_at is None
    assert found(ctx, reference, UNLISTED).waived_at == now, "those listed have their own"
