"""Told means told: whom a letter did not reach holds the duty open until one does, or a person says why not."""

from __future__ import annotations

import pytest

from incidents.case.message_machine import UNREACHED, WENT_OUT, MessageState
from incidents.case.next_step import next_step
from incidents.casework.base.find import find
from incidents.casework.case import close as close_case
from incidents.casework.case import timeline
from incidents.casework.communication import send, settle, unreached
from incidents.casework.communication.recipient_lists import import_people
from incidents.casework.communication.unreached import ChosenRecipients
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.queries import unreached as unreached_query
from incidents.queries.waiting_letters import letters_waiting
from incidents.register.row import register_row
from incidents.storage.tables.communication import AffectedPerson, Attempt, MerchantRow, Message
from incidents.storage.tables.obligations import Obligation, TransitionRow
from tests.builders.casework import (
    DPO,
    HOUR,
    ORDERS,
    PEOPLE,
    RESPONDER,
    accounts_of,
    approved,
    change,
    decided,
    delivered,
    facts,
    listed,
    merchants_listed,
    nothing_written,
    ordered,
    picture,
    rows_of,
    status,
    wording,
)

S = MessageState
ALL = ChosenRecipients(everybody=True)


def lettered(ctx, now, *states):
    """A case of as many people as *states*, each letter of which was ordered and came to stand there an hour later."""
    reference = decided(ctx, now, facts(data_sets=[accounts_of(len(states))]), authority=False)
    listed(ctx, now, reference, *(["en"] * len(states)))
    approved(ctx, now, reference, wording(recipients=len(states)))
    ordered(ctx, now, reference)
    for message, state in zip(rows_of(ctx, Message), states, strict=True):
        if state is S.GIVEN_UP:
            # No letter comes there but from one that reached nobody, or may not have.
            change(ctx, Message, message.id, {"state": S.UNCERTAIN})
        settled = None if state in {S.PENDING, S.IN_FLIGHT, S.UNCERTAIN} else now + HOUR
        change(ctx, Message, message.id, {"state": state, "settled_at": settled, "next_try_at": None})
    settled_again(ctx, now + HOUR, reference)
    return reference


def settled_again(ctx, at, reference):
    with ctx.store.write() as session:
        settle.settle(ctx, find(session, reference), session, at)


def standing(ctx, at, reference):
    return status(ctx, reference, PEOPLE, at)


def states_of(ctx):
    return [message.state for message in rows_of(ctx, Message)]


def numbers(ctx, table=AffectedPerson):
    return [row.id for row in rows_of(ctx, table)]


def waiting_of(ctx, at, reference):
    with ctx.store.read() as session:
        return letters_waiting(session, find(session, reference), at)


@pytest.mark.parametrize("other", MessageState)
def test_people_are_told_only_when_the_last_of_them_is(ctx, now, other):
    """One accepted and one that is anything else: met where that one went out too, or a person gave it up."""
    reference = lettered(ctx, now, S.ACCEPTED, other)
    told = other in WENT_OUT | {S.GIVEN_UP}
    expected = DeadlineStatus.MET if told else DeadlineStatus.RUNNING
    assert standing(ctx, now + HOUR, reference) is expected


@pytest.mark.parametrize("state", sorted(UNREACHED))
def test_one_letter_of_sixty_does_not_tell_sixty_until_a_person_closes_the_gap(sqlite_ctx, now, state):
    ctx, at = sqlite_ctx, now + 2 * HOUR
    reference = lettered(ctx, now, S.ACCEPTED, *[state] * 59)
    assert standing(ctx, at, reference) is DeadlineStatus.RUNNING
    with pytest.raises(RefusedError, match="59 letters"):
        close_case.close(ctx, DPO, at, reference)
    assert next_step(picture(ctx, reference, at)).command == f"tocsin people unreached {reference}"
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--because"):
        unreached.give_up(ctx, DPO, at, reference, "people", ALL, " ")
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo"):
        unreached.give_up(ctx, RESPONDER, at, reference, "people", ALL, "no address")
    done = unreached.give_up(ctx, DPO, at, reference, "people", ALL, "their telephones were called")
    assert f"fulfilled: {PEOPLE}" in done.changed
    assert standing(ctx, at, reference) is DeadlineStatus.MET
    (row,) = rows_of(ctx, Obligation, key=PEOPLE)
    assert row.met_at == now + HOUR, "who could be told was told with the last letter"
    said = [line for line in picture(ctx, reference, at).timeline if line.kind == "gave_up"]
    assert [(line.author, (line.said or {})["values"]["count"]) for line in said] == [(DPO.name, 59)]
    assert "their telephones were called" in said[0].text


def test_letters_that_all_reached_nobody_are_not_made_told_by_giving_them_up(sqlite_ctx, now):
    reference = lettered(sqlite_ctx, now, S.BOUNCED, S.REJECTED)
    unreached.give_up(sqlite_ctx, DPO, now + HOUR, reference, "people", ALL, "no address")
    assert standing(sqlite_ctx, now + HOUR, reference) is DeadlineStatus.RUNNING


def test_people_found_later_are_owed_a_letter_in_the_same_instant_and_once_told_it_is_met_again(ctx, now):
    reference, at = lettered(ctx, now, S.ACCEPTED, S.DELIVERED), now + 2 * HOUR
    timeline.contain(ctx, RESPONDER, at, reference, at=at, measure="closed")
    assert standing(ctx, at, reference) is DeadlineStatus.MET
    late = b"email,language\nlate@example.org,en\n"
    done = import_people(ctx, RESPONDER, at, reference, late).done
    assert f"owed again, for not everybody was told: {PEOPLE}" in done.changed
    assert standing(ctx, at, reference) is DeadlineStatus.RUNNING
    with pytest.raises(RefusedError, match=f"{PEOPLE}.*1 people on the list have not been written to"):
        close_case.close(ctx, DPO, at, reference)
    approved(ctx, at, reference, wording(text="Also to you.", recipients=1, recipients_sha256="7" * 64))
    assert next_step(picture(ctx, reference, at)).command == (f"tocsin send {reference} people --confirm {reference}:1")
    ordered(ctx, at, reference)
    delivered(ctx, at + HOUR, reference)
    assert standing(ctx, at + HOUR, reference) is DeadlineStatus.MET
    (row,) = rows_of(ctx, Obligation, key=PEOPLE)
    assert row.met_at == at + HOUR
    moves = [(move.from_standing, move.cause, move.to_standing) for move in rows_of(ctx, TransitionRow)]
    assert ("met", "untold", "running") in moves
    close_case.close(ctx, DPO, at + HOUR, reference)


@pytest.mark.parametrize("states", [[a, b] for a in MessageState for b in (S.ACCEPTED, S.GIVEN_UP, S.UNCERTAIN)])
def test_what_comes_next_and_what_closing_says_never_disagree(sqlite_ctx, now, states):
    """`show` says "close the case" exactly where `close` closes it."""
    ctx, at = sqlite_ctx, now + 2 * HOUR
    reference = lettered(ctx, now, *states)
    timeline.contain(ctx, RESPONDER, at, reference, at=at, measure="closed")
    says_close = next_step(picture(ctx, reference, at)).command == f"tocsin close {reference}"
    try:
        close_case.close(ctx, DPO, at, reference)
        closes = True
    except RefusedError:
        closes = False
    assert says_close is closes, next_step(picture(ctx, reference, at))


@pytest.mark.parametrize(
    ("arrived", "state", "told"), [(True, S.ACCEPTED, DeadlineStatus.MET), (False, S.REJECTED, DeadlineStatus.RUNNING)]
)
def test_an_uncertain_letter_is_settled_by_a_persons_word_with_reasons(ctx, now, arrived, state, told):
    reference, at = lettered(ctx, now, S.ACCEPTED, S.UNCERTAIN), now + 5 * HOUR
    with ctx.store.write() as session:
        message = rows_of(ctx, Message)[1]
        session.add(Attempt(message_id=message.id, number=1, started_at=now + 2 * HOUR, body_sha256="0" * 64))
    chosen = ChosenRecipients(numbers=(numbers(ctx)[1],))
    unreached.say_arrived(ctx, DPO, at, reference, "people", chosen, "she answered it", arrived=arrived)
    assert states_of(ctx) == [S.ACCEPTED, state]
    assert standing(ctx, at, reference) is told
    if arrived:
        (row,) = rows_of(ctx, Obligation, key=PEOPLE)
        assert row.met_at == now + 2 * HOUR, "told when the letter was handed over, not when somebody found that out"


def test_decisions_are_about_whom_they_name_one_round_of_sending_or_all(ctx, now):
    reference, at = lettered(ctx, now, S.UNCERTAIN, S.UNCERTAIN, S.UNCERTAIN, S.ACCEPTED), now + HOUR
    first, *_, fourth = numbers(ctx)
    with ctx.store.write() as session:
        for message, started in zip(rows_of(ctx, Message), (now, now + HOUR / 2, now + HOUR / 2, now), strict=True):
            session.add(Attempt(message_id=message.id, number=1, started_at=started, body_sha256="0" * 64))
    given = (ctx, DPO, at, reference, "people")
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="say whom"):
        unreached.repeat(*given, ChosenRecipients(), "x")
    with nothing_written(ctx), pytest.raises(NotFoundError, match="number 999"):
        unreached.repeat(*given, ChosenRecipients(numbers=(first, 999)), "x")
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"{fourth} is accepted"):
        unreached.repeat(*given, ChosenRecipients(numbers=(first, fourth)), "x")
    unreached.repeat(*given, ChosenRecipients(tried_at=now + HOUR / 2), "that batch never arrived")
    assert states_of(ctx) == [S.UNCERTAIN, S.PENDING, S.PENDING, S.ACCEPTED]
    unreached.repeat(*given, ChosenRecipients(numbers=(first,)), "nor this one")
    assert states_of(ctx) == [S.PENDING, S.PENDING, S.PENDING, S.ACCEPTED]
    with nothing_written(ctx), pytest.raises(RefusedError, match="no letter"):
        unreached.repeat(*given, ALL, "x")


@pytest.mark.parametrize("state", [S.BOUNCED, S.DROPPED, S.REJECTED])
def test_who_was_not_reached_is_written_to_again_only_by_what_a_second_person_approved(ctx, now, state):
    reference, at = lettered(ctx, now, S.ACCEPTED, state), now + HOUR
    unreached.order_anew(ctx, DPO, at, reference, "people", ALL, "the address was mistyped")
    with nothing_written(ctx), pytest.raises(RefusedError, match="the list changed after the approval"):
        send.order(ctx, DPO, at, reference, "people", f"{reference}:2")
    approved(ctx, at, reference, wording(text="Again.", recipients=1, recipients_sha256="8" * 64))
    ordered(ctx, at, reference)
    assert states_of(ctx) == [S.ACCEPTED, S.PENDING]
    delivered(ctx, at + HOUR, reference)
    assert standing(ctx, at + HOUR, reference) is DeadlineStatus.MET


def test_who_was_given_up_is_taken_up_again_by_name_and_the_duty_is_owed_again(ctx, now):
    reference, at = lettered(ctx, now, S.ACCEPTED, S.GIVEN_UP), now + HOUR
    with nothing_written(ctx), pytest.raises(RefusedError, match="no letter"):
        unreached.order_anew(ctx, DPO, at, reference, "people", ALL, "x")
    chosen = ChosenRecipients(numbers=(numbers(ctx)[1],))
    unreached.order_anew(ctx, DPO, at, reference, "people", chosen, "an address was found")
    assert standing(ctx, at, reference) is DeadlineStatus.RUNNING


def test_those_whom_no_letter_reached_are_listed_with_masked_addresses(ctx, now):
    reference = lettered(ctx, now, S.ACCEPTED, S.BOUNCED, S.UNCERTAIN, S.GIVEN_UP)
    with ctx.store.read() as session:
        incident = find(session, reference)
        found = unreached_query.unreached(session, ctx, incident, "people")
        every = unreached_query.unreached(session, ctx, incident, "people", given_up=True)
    assert [(one.number, one.state, one.address) for one in found] == [
        (numbers(ctx)[1], "bounced", "p***@example.org"),
        (numbers(ctx)[2], "uncertain", "p***@example.org"),
    ]
    assert len(every) == 3


def test_a_merchant_whose_notice_came_back_is_owed_it_again_and_giving_up_waives_that_one_alone(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[ORDERS]), authority=False, people=False)
    merchants_listed(ctx, now, reference, "m-1", "m-2")
    approved(ctx, now, reference, wording(kind="controllers", recipients=2))
    ordered(ctx, now, reference, "controllers")
    delivered(ctx, now + HOUR, reference)
    met = {"m-1": now + HOUR, "m-2": now + HOUR}
    assert {row.recipient_id: row.met_at for row in rows_of(ctx, Obligation, duty="controller", waived_at=None)} == met
    change(ctx, Message, rows_of(ctx, Message)[0].id, {"state": S.BOUNCED})
    settled_again(ctx, now + 2 * HOUR, reference)
    (row,) = rows_of(ctx, Obligation, duty="controller", recipient_id="m-1")
    assert row.met_at is None
    number, _ = numbers(ctx, MerchantRow)
    chosen = ChosenRecipients(numbers=(number,))
    unreached.give_up(ctx, DPO, now + 2 * HOUR, reference, "controllers", chosen, "the shop no longer exists")
    one, two = rows_of(ctx, Obligation, duty="controller", provisional=False)[-2:]
    assert (one.waived_because, two.waived_because) == ("the shop no longer exists", None)


def test_what_letters_wait_for_is_counted_and_timed(ctx, now):
    reference = lettered(ctx, now, S.PENDING, S.PENDING, S.IN_FLIGHT, S.UNCERTAIN)
    pending, later, flying, _ = rows_of(ctx, Message)
    change(ctx, Message, pending.id, {"next_try_at": now})
    change(ctx, Message, later.id, {"next_try_at": now + HOUR, "problem": "the disk is full"})
    change(ctx, Message, flying.id, {"lease_until": now + HOUR / 30})
    found = waiting_of(ctx, now, reference)
    assert (found.due, found.later, found.next_try_at, found.problems) == (1, 1, now + HOUR, ("the disk is full",))
    assert (found.in_flight, found.lease_until, found.uncertain) == (1, now + HOUR / 30, 1)


def test_the_register_says_who_closed_a_gap_and_why(sqlite_ctx, now):
    reference = lettered(sqlite_ctx, now, S.ACCEPTED, S.BOUNCED, S.REJECTED)
    unreached.give_up(sqlite_ctx, DPO, now + HOUR, reference, "people", ALL, "no other address is known")
    row = register_row(picture(sqlite_ctx, reference, now + HOUR))
    assert (row.people_messages, row.people_accepted, row.people_unreached) == (3, 1, 2)
    (gap,) = row.people_gaps
    assert DPO.name in gap
    assert "2 messages (people). no other address is known" in gap
