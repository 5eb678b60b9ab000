"""What once went wrong in the book-keeping and must not again: drafts, endings, merchants, forged rows, the clock."""

from datetime import timedelta

import pytest

from incidents.access import people
from incidents.access.people import PersonRefusedError, UnknownTokenError
from incidents.audit import chain
from incidents.audit.verify import verify
from incidents.case.lifecycle import PersonRole
from incidents.casework.case import assess_and_decide, timeline
from incidents.casework.case import close as close_case
from incidents.casework.communication import drafts, send
from incidents.casework.deadlines import alerts
from incidents.casework.filing import submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.intake.alerts import parse_alert
from incidents.kernel.errors import PermissionDeniedError, RefusedError
from incidents.storage.tables.access import Person, Token
from incidents.storage.tables.case import Decision
from incidents.storage.tables.communication import Approval
from incidents.storage.tables.obligations import Alert, Filing
from tests.incidents.intake.test_alerts import webhook
from tests.standins.case_desk import (
    ADMIN,
    DPO,
    HOUR,
    INSTANT,
    ORDERS,
    RESPONDER,
    SECOND,
    accounts,
    approved,
    assessed,
    change,
    decided,
    drafted,
    facts,
    filed,
    holding,
    listed,
    merchants_listed,
    nothing_written,
    opened,
    ordered,
    owed,
    rows_of,
    verdict,
    wording,
)

BOTH = {"data_sets": [accounts(), ORDERS]}
UNLISTED = "eu-gdpr/controller/unlisted-merchants"
MERCHANT = "eu-gdpr/controller/m-1"
RESPONDS = frozenset({PersonRole.RESPONDER})


# -- drafts -----------------------------------------------------------------------------------------------------------


def test_a_draft_of_which_only_what_is_missing_changed_becomes_a_new_version(ctx, now):
    reference = decided(ctx, now)
    first = drafted(ctx, now, reference, wording())
    second = drafted(ctx, now, reference, wording(missing=("reasons_for_delay",)))
    assert (second.version, second.missing, second.sha256) == (2, ["reasons_for_delay"], first.sha256)
    assert drafted(ctx, now, reference, wording(missing=("reasons_for_delay",))).version == 2
    with pytest.raises(RefusedError, match="reasons_for_delay"):
        drafts.approve(ctx, SECOND, now, reference, "people.en", second.sha256)


@pytest.mark.parametrize(("known", "warned"), [(1, False), (2, False), (3, True)])
def test_ordering_says_where_the_list_is_shorter_than_the_facts(sqlite_desk, now, known, warned):
    reference = decided(sqlite_desk, now, facts(data_sets=[accounts(people=known, countries={})]))
    listed(sqlite_desk, now, reference, "en", "en")
    approved(sqlite_desk, now, reference, wording(recipients=2))
    done = send.order(sqlite_desk, DPO, now, reference, "people", f"{reference}:2")
    assert [f"at least {known} people, the list has 2" in warning for warning in done.warnings] == [True] * warned


# -- endings ----------------------------------------------------------------------------------------------------------


def closed(ctx, now, **changes):
    """A case that was closed, in which the authority was told."""
    reference = decided(ctx, now, people=False, **changes)
    if changes.get("authority", True):
        filed(ctx, now, reference, complete=True)
    timeline.contain(ctx, RESPONDER, now, reference, at=now, measure="Policy withdrawn")
    close_case.close(ctx, DPO, now, reference)
    return reference


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("phase", [FilingPhase.INITIAL, FilingPhase.FOLLOW_UP])
def test_a_closed_case_takes_no_filing_before_it_is_reopened(sqlite_desk, now, phase, told):
    reference = closed(sqlite_desk, now, authority=told)
    said = Submission(reference="A-2", at=now, phase=phase)
    with nothing_written(sqlite_desk), pytest.raises(RefusedError, match=f"tocsin reopen {reference}"):
        submit.submit(sqlite_desk, DPO, now + HOUR, reference, said)


def test_a_closed_case_takes_a_withdrawal(ctx, now):
    reference = closed(ctx, now)
    filed(ctx, now + HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    assert [row.phase for row in rows_of(ctx, Filing)] == ["initial", "withdrawal"]


def test_a_case_is_not_closed_while_somebody_listed_was_not_written_to(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    listed(ctx, now, reference, "en", "en", "en")
    with nothing_written(ctx), pytest.raises(RefusedError, match="2 people on the list have not been written to"):
        close_case.close(ctx, DPO, now, reference)


def test_people_who_need_not_be_told_do_not_keep_a_case_open(sqlite_desk, now):
    reference = decided(sqlite_desk, now, authority=False, people=False)
    listed(sqlite_desk, now, reference, "en")
    timeline.contain(sqlite_desk, RESPONDER, now, reference, at=now, measure="Policy withdrawn")
    assert close_case.close(sqlite_desk, DPO, now, reference).changed == ("closed",)


# -- the audit log ----------------------------------------------------------------------------------------------------


def an_approval(draft, now):
    return Approval(
        incident_id=draft.incident_id,
        draft_id=draft.id,
        sha256=draft.sha256,
        author=draft.author,
        approver="somebody",
        approved_at=now,
    )


def a_decision(draft, now):
    return Decision(
        incident_id=draft.incident_id,
        facts_version=1,
        author="somebody",
        decided_at=now,
        notify_authority=False,
        notify_people=False,
        because="forged",
    )


@pytest.mark.parametrize("forge", [an_approval, a_decision])
def test_a_row_inserted_behind_tocsins_back_is_found_and_named(ctx, now, forge):
    draft = drafted(ctx, now, decided(ctx, now), wording())
    with ctx.store.read() as session:
        assert verify(session).is_intact
    with ctx.store.write() as session:
        row = forge(draft, now)
        session.add(row)
        session.flush()
        name = chain.row_name(row)
    with ctx.store.read() as session:
        broken = verify(session).broken
    assert broken is not None
    assert f"the row {name} is vouched for by no entry" in broken.what


# -- persons ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "roles"),
    [("", RESPONDS), (" \t", RESPONDS), ("al\nex", RESPONDS), ("al\x1bex", RESPONDS), ("alex", frozenset())],
)
def test_a_person_without_a_name_that_prints_or_without_a_role_is_refused(sqlite_desk, now, name, roles):
    with (
        nothing_written(sqlite_desk),
        pytest.raises(PersonRefusedError, match="needs a name"),
        sqlite_desk.store.write() as session,
    ):
        people.add_person(session, ADMIN, now, name=name, roles=roles)


def alex(ctx, now):
    """A responder with two tokens."""
    with ctx.store.write() as session:
        first = people.add_person(session, ADMIN, now, name="alex", roles=RESPONDS)
        return first, people.create_token(session, ADMIN, now, name="alex")


def test_a_person_who_was_disabled_cannot_use_any_token_any_more(ctx, now):
    secrets = alex(ctx, now)
    with ctx.store.write() as session:
        people.disable_person(session, ADMIN, now, name="alex")
    for secret in secrets:
        with ctx.store.read() as session, pytest.raises(UnknownTokenError, match="revoked"):
            people.actor_of_token(session, secret, now)
    assert [row.revoked_at for row in rows_of(ctx, Token)] == [now, now]
    assert [row.disabled_at for row in rows_of(ctx, Person)] == [now]


def test_only_an_administrator_disables_a_person_and_nobody_themselves(sqlite_desk, now):
    alex(sqlite_desk, now)
    for actor in (DPO, RESPONDER, holding("alex", PersonRole.RESPONDER)):
        with (
            nothing_written(sqlite_desk),
            pytest.raises(PermissionDeniedError),
            sqlite_desk.store.write() as session,
        ):
            people.disable_person(session, actor, now, name="alex")


# -- alerts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["abc", None, [], {}, 1.5, -1])
def test_a_number_of_left_out_alerts_that_is_none_counts_as_none(given):
    assert parse_alert(webhook(truncatedAlerts=given)).truncated == 0


def test_more_alerts_than_fit_one_transaction_all_go_on_in_one_call(ctx, now):
    opened(ctx, now)
    (page,) = rows_of(ctx, Alert)
    with ctx.store.write() as session:
        for place in range(450):
            same = {**page.model_dump(exclude={"id"}), "key": f"more-{place}", "rung": f"more-{place}"}
            session.add(Alert(**same))
    assert alerts.escalate(ctx, now + HOUR) == 451
    assert {row.level for row in rows_of(ctx, Alert)} == {1}
    assert alerts.escalate(ctx, now + HOUR) == 0


@pytest.mark.parametrize(("beyond", "gone_on"), [(-INSTANT, 0), (timedelta(), 0), (INSTANT, 1), (5 * HOUR, 1)])
def test_an_alert_that_seems_to_wait_longer_than_any_does_goes_on_at_once(ctx, now, beyond, gone_on):
    opened(ctx, now)
    (page,) = rows_of(ctx, Alert)
    change(ctx, Alert, page.id, {"escalate_at": now + ctx.repeat_after + beyond})
    assert alerts.escalate(ctx, now) == gone_on
    assert rows_of(ctx, Alert)[0].level == gone_on


# -- merchants --------------------------------------------------------------------------------------------------------


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
