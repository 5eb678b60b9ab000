"""The message machine: its table held to a specification of its own, and what no sequence of events can do."""

from contextlib import suppress
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.case.message_machine import (
    CAME_BACK,
    MOVES,
    SETTLED,
    START,
    UNDER_WAY,
    WENT_OUT,
    IllegalMoveError,
    MessageEvent,
    MessageState,
    check_change,
    mermaid,
    next_state,
    origins_of,
    pairs,
    target_of,
)
from incidents.kernel.errors import ErrorKind

S, E = MessageState, MessageEvent
UNSETTLED_BY_RECEIPT = {S.PENDING, S.IN_FLIGHT, S.UNCERTAIN, S.CANCELLED, S.GIVEN_UP}
SPECIFICATION = {
    E.LEASED: (S.IN_FLIGHT, {S.PENDING}),
    E.ACCEPTED: (S.ACCEPTED, {S.IN_FLIGHT, S.PENDING, S.UNCERTAIN, S.CANCELLED, S.REJECTED, S.GIVEN_UP}),
    E.POSTPONED: (S.PENDING, {S.IN_FLIGHT, S.PENDING, S.UNCERTAIN}),
    E.REFUSED: (S.REJECTED, {S.IN_FLIGHT, S.PENDING, S.UNCERTAIN, S.CANCELLED}),
    E.UNANSWERED: (S.UNCERTAIN, {S.IN_FLIGHT, S.PENDING, S.UNCERTAIN, S.CANCELLED}),
    E.HELD_BACK: (S.CANCELLED, {S.PENDING, S.IN_FLIGHT, S.UNCERTAIN}),
    E.TAKEN_BACK: (S.CANCELLED, {S.BOUNCED, S.DROPPED, S.REJECTED, S.GIVEN_UP}),
    E.GIVEN_UP: (S.GIVEN_UP, {S.BOUNCED, S.DROPPED, S.REJECTED, S.UNCERTAIN}),
    E.ORDERED_AGAIN: (S.PENDING, {S.CANCELLED}),
    E.REPEATED: (S.PENDING, {S.UNCERTAIN}),
    E.FOUND_SENT: (S.ACCEPTED, {S.UNCERTAIN}),
    E.FOUND_LOST: (S.REJECTED, {S.UNCERTAIN}),
    E.DEFERRED: (S.DEFERRED, UNSETTLED_BY_RECEIPT | {S.ACCEPTED, S.DEFERRED}),
    E.DELIVERED: (S.DELIVERED, UNSETTLED_BY_RECEIPT | {S.ACCEPTED, S.DEFERRED}),
    E.BOUNCED: (S.BOUNCED, UNSETTLED_BY_RECEIPT | {S.ACCEPTED, S.DEFERRED, S.DELIVERED}),
    E.DROPPED: (S.DROPPED, UNSETTLED_BY_RECEIPT | {S.ACCEPTED, S.DEFERRED}),
    E.SPAM_REPORTED: (S.DELIVERED, UNSETTLED_BY_RECEIPT | {S.ACCEPTED, S.DEFERRED, S.DELIVERED}),
}
OUT_OF_CANCELLED = {E.ORDERED_AGAIN, E.UNANSWERED}
"""The only events by which a settled message is open again; both lead out of *cancelled* alone."""


@pytest.mark.parametrize("event", MessageEvent)
def test_an_event_moves_a_message_out_of_the_states_the_specification_names_and_no_other(event):
    target, origins = SPECIFICATION[event]
    for state in MessageState:
        if state in origins:
            assert next_state(state, event) is target
        else:
            with pytest.raises(IllegalMoveError, match=f"{state.value} cannot move by: {event.value}"):
                next_state(state, event)
    assert (target_of(event), set(origins_of(event))) == (target, origins)


def test_an_illegal_move_is_a_defect_of_ours():
    assert IllegalMoveError.kind is ErrorKind.DEFECT


def test_the_table_has_each_move_once_and_each_event_leads_to_one_state():
    assert len({(move.from_state, move.event) for move in MOVES}) == len(MOVES)
    assert len({(move.event, move.to_state) for move in MOVES}) == len(MessageEvent)
    assert all(move.why for move in MOVES)


def test_a_change_whose_cause_nobody_named_is_held_to_the_table():
    expected = {(origin, target) for target, origins in SPECIFICATION.values() for origin in origins}
    assert set(pairs()) == {(before, after) for before, after in expected if before is not after}
    for before, after in product(MessageState, repeat=2):
        if before is after or (before, after) in expected:
            check_change(before, after)
        else:
            with pytest.raises(IllegalMoveError):
                check_change(before, after)


def test_every_state_is_open_or_settled_and_can_be_reached():
    assert frozenset(MessageState) == UNDER_WAY | SETTLED
    assert UNDER_WAY & SETTLED == WENT_OUT & CAME_BACK == frozenset()
    assert WENT_OUT | CAME_BACK | {S.CANCELLED, S.GIVEN_UP} == SETTLED
    reached = {START}
    while more := {move.to_state for move in MOVES if move.from_state in reached} - reached:
        reached |= more
    assert reached == set(MessageState)


@given(st.lists(st.sampled_from(MessageEvent), max_size=30))
@example([E.HELD_BACK, E.ORDERED_AGAIN, E.HELD_BACK, E.UNANSWERED, E.ACCEPTED, E.DELIVERED, E.BOUNCED])
def test_no_sequence_of_events_leaves_a_settled_state_but_by_the_moves_that_are_named(events):
    state, moves = START, []
    for event in events:
        with suppress(IllegalMoveError):
            after = next_state(state, event)
            moves.append((state, event, after))
            state = after
    opened = {(before, event) for before, event, after in moves if before in SETTLED and after not in SETTLED}
    assert opened <= {(S.CANCELLED, event) for event in OUT_OF_CANCELLED}
    assert {after for before, _, after in moves if before in WENT_OUT} <= WENT_OUT | {S.BOUNCED, S.DROPPED}
    by_a_person = {E.TAKEN_BACK, E.GIVEN_UP}
    assert {event for before, event, _ in moves if before in {S.BOUNCED, S.DROPPED}} <= by_a_person


@pytest.mark.parametrize("event", [E.DELIVERED, E.BOUNCED, E.DROPPED])
def test_an_uncertain_letter_is_settled_by_a_receipt_and_no_late_answer_moves_it_any_more(event):
    settled = next_state(S.UNCERTAIN, event)
    assert settled in SETTLED
    for answer in (E.ACCEPTED, E.POSTPONED, E.REFUSED, E.UNANSWERED, E.HELD_BACK):
        with pytest.raises(IllegalMoveError):
            next_state(settled, answer)


def test_the_diagram_draws_every_move():
    lines = mermaid().splitlines()
    assert lines[:2] == ["stateDiagram-v2", "    [*] --> pending"]
    drawn = {
        (arrow.strip(), event)
        for arrow, events in (line.split(": ") for line in lines[2:])
        for event in events.split(", ")
    }
    assert drawn == {(f"{move.from_state} --> {move.to_state}", move.event.value) for move in MOVES}
