"""Facts, proposal, decision: kept apart, versioned, and each with what it makes owed."""

import pytest

from incidents.access.people import CLOCK
from incidents.assessment.proposal import assess
from incidents.casework.base import decision
from incidents.casework.base.latest import newest_decision, newest_facts
from incidents.casework.case import assess_and_decide
from incidents.casework.communication.recipient_lists import import_merchants
from incidents.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import Assessment, Decision, FactsVersion, Incident
from incidents.storage.tables.obligations import Obligation
from tests.builders.casework import (
    DPO,
    HOUR,
    INITIAL,
    LEAD,
    ORDERS,
    PEOPLE,
    RESPONDER,
    SECOND,
    accounts,
    assessed,
    aware,
    decided,
    facts,
    merchants_listed,
    nothing_written,
    opened,
    owed,
    rows_of,
    verdict,
)

UNLISTED = "eu-gdpr/controller/unlisted-merchants"


def statuses(ctx, reference):
    with ctx.store.read() as session:
        return {
            key: "met" if row.met_at else "waived" if row.waived_at else "open"
            for key, row in owed(session, reference).items()
        }


def test_each_version_of_the_facts_is_kept_and_comes_back_as_it_was(ctx, now):
    reference = assessed(ctx, now)
    changed = facts(summary="It was worse.", data_sets=[accounts(people=9000), ORDERS])
    assess_and_decide.record_facts(ctx, RESPONDER, now + HOUR, reference, changed)
    assert [row.version for row in rows_of(ctx, FactsVersion)] == [1, 2]
    with ctx.store.read() as session:
        assert newest_facts(session, rows_of(ctx, Incident)[0].id) == (2, changed)


def test_a_stated_unknown_is_judged_alike_before_and_after_it_was_stored(ctx, now):
    recipients = {"who": "a partner", "count": "unknown", "trusted": "yes", "deletion": "attested", "read": "unknown"}
    stated = facts(data_sets=[accounts(recipients=recipients, exfiltration="unknown", published="no")])
    assessed(ctx, now, stated)
    with ctx.store.read() as session:
        _, kept = newest_facts(session, rows_of(ctx, Incident)[0].id)
    assert kept is not None
    assert kept.data_sets[0].recipients is not None
    assert kept.data_sets[0].recipients.model_fields_set == set(recipients)
    assert assess(kept) == assess(stated)


def test_judging_again_without_new_facts_judges_the_newest(ctx, now):
    reference = assessed(ctx, now)
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, None)
    assert [row.facts_version for row in rows_of(ctx, Assessment)] == [1, 1]
    assert len(rows_of(ctx, FactsVersion)) == 1


def test_judging_without_any_facts_is_refused(ctx, now):
    reference = aware(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"tocsin assess {reference} --file scope.yaml"):
        assess_and_decide.record_facts(ctx, RESPONDER, now, reference, None)


def test_facts_may_come_before_awareness_but_nothing_is_owed_by_them_yet(ctx, now):
    reference = opened(ctx, now)
    done, _ = assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts())
    assert rows_of(ctx, Incident)[0].stage == "suspected"
    assert set(statuses(ctx, reference)) == {INITIAL}
    assert str(done.next_command).startswith(f"tocsin aware {reference}")


def test_facts_take_on_what_they_make_owed(ctx, now):
    reference = assessed(ctx, now, facts(data_sets=[accounts(), ORDERS]))
    assert set(statuses(ctx, reference)) == {INITIAL, PEOPLE, UNLISTED}


def test_a_decision_of_an_assessed_case_only(ctx, now):
    reference = aware(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"first assess it: tocsin assess {reference}"):
        assess_and_decide.decide(ctx, DPO, now, reference, verdict())


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"because": " "}, "needs reasons"),
        ({"exception": "34-3-z", "notify_people": False}, "34-3-a, 34-3-b, 34-3-c"),
        ({"exception": "34-3-a"}, "goes with --people not-required"),
    ],
)
def test_a_decision_that_cannot_be_taken_leaves_nothing(ctx, now, said, why):
    reference = assessed(ctx, now)
    given = {"notify_authority": True, "notify_people": True, "because": "x", **said}
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=why):
        assess_and_decide.decide(ctx, DPO, now, reference, decision.RiskDecision(**given))


@pytest.mark.parametrize("actor", [RESPONDER, SECOND, CLOCK])
def test_only_lead_and_dpo_decide_and_the_software_never(ctx, now, actor):
    reference = assessed(ctx, now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo"):
        assess_and_decide.decide(ctx, actor, now, reference, verdict())


def test_two_people_deciding_at_once_get_a_conflict_and_overwrite_nothing(ctx, now):
    reference = assessed(ctx, now)
    seen = rows_of(ctx, Incident)[0].version
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(), expected_version=seen)
    with nothing_written(ctx), pytest.raises(ConflictError, match="nothing was written"):
        assess_and_decide.decide(ctx, LEAD, now, reference, verdict(people=False), expected_version=seen)
    with nothing_written(ctx), pytest.raises(ConflictError):
        assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(), expected_version=seen)
    assert [row.author for row in rows_of(ctx, Decision)] == ["dpo"]


def test_what_is_not_required_is_waived_with_the_reasons(ctx, now):
    reference = decided(ctx, now, authority=False, people=False)
    assert statuses(ctx, reference) == {INITIAL: "waived", PEOPLE: "waived"}
    assert {row.waived_because for row in rows_of(ctx, Obligation)} == {"as the facts show"}


def test_a_later_decision_supersedes_and_erases_none(ctx, now):
    reference = decided(ctx, now, authority=False, people=False)
    done = assess_and_decide.decide(ctx, DPO, now + HOUR, reference, verdict())
    assert done.changed[1:] == (f"owed again: {INITIAL}", f"owed again: {PEOPLE}")
    assert statuses(ctx, reference) == {INITIAL: "open", PEOPLE: "open"}
    assert len(rows_of(ctx, Decision)) == 2
    with ctx.store.read() as session:
        newest = newest_decision(session, rows_of(ctx, Incident)[0].id)
    assert newest == rows_of(ctx, Decision)[1]


def test_a_person_may_notify_although_the_proposal_saw_no_need(ctx, now):
    harmless = facts(data_sets=[accounts(people=1, kinds=["email"], published="no", exfiltration="none_proven")])
    reference = assessed(ctx, now, harmless)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict())
    assert statuses(ctx, reference) == {INITIAL: "open", PEOPLE: "open"}


def test_departing_from_the_proposal_is_said_aloud(ctx, now):
    reference = assessed(ctx, now)
    done = assess_and_decide.decide(ctx, DPO, now, reference, verdict(authority=False, people=False))
    assert len(done.warnings) == 2
    with_ground = assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=False, exception="34-3-a"))
    assert with_ground.warnings == ()


def test_new_facts_after_a_decision_ask_for_another_one(ctx, now):
    reference = decided(ctx, now)
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(summary="Again."))
    assert rows_of(ctx, Incident)[0].stage == "assessed"


def test_merchants_once_listed_are_each_owed_their_notice(ctx, now):
    reference = assessed(ctx, now, facts(data_sets=[ORDERS]))
    merchants_listed(ctx, now, reference, "m-1", "m-2")
    assert statuses(ctx, reference) | {INITIAL: None} == {
        INITIAL: None,
        UNLISTED: "waived",
        "eu-gdpr/controller/m-1": "open",
        "eu-gdpr/controller/m-2": "open",
    }


def test_a_list_that_lists_nobody_leaves_the_notice_owed(ctx, now):
    reference = assessed(ctx, now, facts(data_sets=[ORDERS]))
    import_merchants(ctx, RESPONDER, now, reference, b"merchant_id,name,email\nm-1,Shop,no address\n")
    assert statuses(ctx, reference)[UNLISTED] == "open"


def test_merchants_listed_before_the_facts_are_owed_with_them(ctx, now):
    reference = aware(ctx, now)
    merchants_listed(ctx, now, reference, "m-1")
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(data_sets=[ORDERS]))
    assert "eu-gdpr/controller/m-1" in statuses(ctx, reference)
    assert UNLISTED not in statuses(ctx, reference)


@pytest.mark.parametrize(
    ("summary", "word"),
    [("Your orders were visible.", "Your"), ("Ihre Bestellungen waren sichtbar.", "Ihre"), ("Vos données.", "Vos"),
     ("A bucket was open; a young courier saw it.", None)],
)  # fmt: skip
def test_a_summary_that_speaks_to_the_people_is_warned_of_for_authorities_read_it(ctx, now, summary, word):
    reference = aware(ctx, now)
    done, _ = assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(summary=summary))
    assert [f"(“{word}”)" in warning for warning in done.warnings] == ([True] if word else [])


@pytest.mark.parametrize("name", ["occurred_from", "occurred_to"])
def test_facts_of_a_time_still_to_come_are_refused(ctx, now, name):
    reference = aware(ctx, now)
    at = {name: now + HOUR}
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=f"`{name}` lies in the future"):
        assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(**at))
