"""Ordering letters: only approved bytes, only to the approved list, each recipient once for ever."""

import pytest
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from incidents.audit.verify import verify
from incidents.case.message_machine import MessageState
from incidents.casework.communication import letter_kinds, send, settle
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.errors import InvalidInputError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Obligation
from tests.builders.casework import (
    DPO,
    HOUR,
    ORDERS,
    PEOPLE,
    RESPONDER,
    accounts,
    accounts_of,
    approved,
    decided,
    delivered,
    drafted,
    facts,
    listed,
    merchants_listed,
    new_ctx,
    nothing_written,
    ordered,
    owed,
    rows_of,
    status,
    wording,
)


def order(ctx, now, reference, confirm=None, *, kind="people", actor=DPO):
    return send.order(ctx, actor, now, reference, kind, confirm)


def test_each_person_on_the_list_gets_one_message_in_their_language_or_english(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "de", "en", "pl")
    approved(ctx, now, reference, wording(language="de"))
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    messages = rows_of(ctx, Message)
    assert sorted(message.language for message in messages) == ["de", "en", "en"]
    assert {message.state for message in messages} == {"pending"}
    assert len({message.key for message in messages}) == 3


def test_nothing_is_sent_twice(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en", "en")
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match="nothing is sent twice"):
        ordered(ctx, now + HOUR, reference)


@pytest.mark.parametrize("kind", letter_kinds.SENDABLE)
def test_who_was_written_to_is_looked_up_by_the_letters_key(sqlite_url, tmp_path, kind):
    """Not by looking through all letters for each person: 100,000 of each took minutes and held the database.

    On SQLite alone: PostgreSQL plans by what is in the tables, so its plan over empty ones says nothing.
    """
    ctx = new_ctx(sqlite_url, tmp_path)
    ctx.store.prepare()
    with ctx.store.read() as session:
        table, _ = letter_kinds.list_of(kind)
        asked = select(table.id).where(table.incident_id == 1, letter_kinds.unsent(kind))
        compiled = asked.compile(session.get_bind(), compile_kwargs={"literal_binds": True})
        plan = [row[3] for row in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")]
    ctx.store.close()
    assert any("message" in step and "(key=?)" in step for step in plan), plan


def test_the_database_itself_takes_one_message_for_each_key(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    (first,) = rows_of(ctx, Message)
    again = {**first.model_dump(exclude={"id"})}
    with nothing_written(ctx), pytest.raises(IntegrityError), ctx.store.write() as session:
        session.add(Message(**again))


def test_what_is_not_approved_is_not_sent(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"people\.en is not ready yet"):
        order(ctx, now, reference, f"{reference}:1")
    drafted(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"people\.en is not approved: tocsin preview"):
        order(ctx, now, reference, f"{reference}:1")


def test_an_approval_of_an_older_version_sends_nothing(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    drafted(ctx, now, reference, wording(text="Something else."))
    with nothing_written(ctx), pytest.raises(RefusedError, match="not approved"):
        order(ctx, now, reference, f"{reference}:1")


def test_one_language_without_approval_holds_all_of_them(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "de", "en")
    approved(ctx, now, reference, wording())
    drafted(ctx, now, reference, wording(language="de"))
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"people\.de is not approved"):
        order(ctx, now, reference, f"{reference}:2")


def test_a_list_that_grew_after_the_approval_is_not_sent_to(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    listed(ctx, now, reference, "en", "en")
    with nothing_written(ctx), pytest.raises(RefusedError, match="the list changed after the approval"):
        order(ctx, now, reference, f"{reference}:2")


def test_who_is_found_after_the_letters_went_out_is_not_sent_to_by_the_approval_of_others(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    order(ctx, now, reference, f"{reference}:1")
    listed(ctx, now, reference, "en", "en")
    with nothing_written(ctx), pytest.raises(RefusedError, match="the list changed after the approval"):
        order(ctx, now, reference, f"{reference}:1")


def test_an_empty_list_says_how_it_is_filled(ctx, now):
    reference = decided(ctx, now)
    approved(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"tocsin people import {reference} FILE"):
        order(ctx, now, reference, f"{reference}:1")
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"tocsin merchants import {reference} FILE"):
        order(ctx, now, reference, f"{reference}:1", kind="controllers")


@pytest.mark.parametrize("confirm", [None, "", "yes", "INC-2026-0001:2", "INC-2026-0002:1", "1"])
def test_sending_is_confirmed_with_case_and_number(ctx, now, confirm):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=r"--confirm INC-2026-0001:1"):
        order(ctx, now, reference, confirm)


def test_an_authority_is_never_written_to_by_tocsin(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="an authority is told by its portal"):
        order(ctx, now, reference, kind="authority-initial")


def test_only_lead_and_dpo_send(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo"):
        order(ctx, now, reference, actor=RESPONDER)


def test_the_people_are_told_when_no_letter_is_under_way_any_more_at_the_time_of_the_last(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(2)]))
    listed(ctx, now, reference, "en", "en")
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    first, second = rows_of(ctx, Message)
    for at, message in ((now + HOUR, first), (now + 2 * HOUR, second)):
        assert status(ctx, reference, PEOPLE, at) is DeadlineStatus.RUNNING
        settle_one(ctx, at, message.id)
    with ctx.store.read() as session:
        assert owed(session, reference)[PEOPLE].met_at == now + 2 * HOUR


def settle_one(ctx, at, message_id):
    from incidents.storage.tables.case import Incident

    with ctx.store.write() as session:
        message = session.get(Message, message_id)
        message.state, message.settled_at = MessageState.ACCEPTED, at
        settle.settle(ctx, session.get(Incident, message.incident_id), session, at)


def test_letters_that_all_came_back_have_told_nobody(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference, MessageState.BOUNCED)
    assert status(ctx, reference, PEOPLE, now + HOUR) is DeadlineStatus.RUNNING


def test_each_merchant_is_told_by_its_own_notice(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[ORDERS]), authority=False, people=False)
    merchants_listed(ctx, now, reference, "m-1", "m-2")
    approved(ctx, now, reference, wording(kind="controllers", recipients=2))
    ordered(ctx, now, reference, "controllers")
    first, _ = rows_of(ctx, Message)
    settle_one(ctx, now + HOUR, first.id)
    told = {row.recipient_id: row.met_at for row in rows_of(ctx, Obligation, duty="controller", waived_at=None)}
    assert told == {"m-1": now + HOUR, "m-2": None}


def test_settling_twice_adds_nothing(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference)
    with nothing_written(ctx):
        delivered(ctx, now + 2 * HOUR, reference)


def test_neither_message_nor_audit_log_has_an_address(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[ORDERS]))
    listed(ctx, now, reference, "en")
    merchants_listed(ctx, now, reference, "m-1")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference)
    with ctx.store.read() as session:
        from sqlmodel import select

        entries = session.exec(select(AuditEntry)).all()
        assert verify(session).is_intact
    assert not any("@" in entry.payload for entry in entries)
    assert {message.recipient.partition(":")[0] for message in rows_of(ctx, Message)} == {"affected"}


@pytest.mark.parametrize(("known", "warned"), [(1, False), (2, False), (3, True)])
def test_ordering_says_where_the_list_is_shorter_than_the_facts(sqlite_ctx, now, known, warned):
    reference = decided(sqlite_ctx, now, facts(data_sets=[accounts(people=known, countries={})]))
    listed(sqlite_ctx, now, reference, "en", "en")
    approved(sqlite_ctx, now, reference, wording(recipients=2))
    done = send.order(sqlite_ctx, DPO, now, reference, "people", f"{reference}:2")
    assert [f"at least {known} people, the list has 2" in warning for warning in done.warnings] == [True] * warned
