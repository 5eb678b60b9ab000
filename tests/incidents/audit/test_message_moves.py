"""Illegal moves of a message are impossible: by an UPDATE, by an assignment, and past all code of ours."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from incidents.audit.tallies import move_messages
from incidents.case.lifecycle import Stage
from incidents.case.message_machine import IllegalMoveError, MessageEvent, MessageState, next_state, origins_of, pairs
from incidents.storage.database import Store
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message

AT = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)
ALLOWED = [(before, after) for before, after in product(MessageState, repeat=2) if (before, after) in pairs()]
ILLEGAL = [
    (before, after)
    for before, after in product(MessageState, repeat=2)
    if before is not after and (before, after) not in pairs()
]


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """A database with one message in each state, its key the state."""
    made = Store(database_url)
    made.prepare()
    with made.write() as session:
        session.add(
            Incident(
                id=7, reference="INC-2026-0007", codename="quiet-heron", title="t", stage=Stage.SUSPECTED,
                opened_at=AT, opened_by="alex", detected_at=AT,
            )
        )  # fmt: skip
        session.flush()
        session.add_all(message(state) for state in MessageState)
    yield made
    made.close()


def message(state: MessageState) -> Message:
    return Message(
        key=state.value, incident_id=7, kind="people", channel="mail", language="en", recipient="affected:1",
        state=state, created_at=AT,
    )  # fmt: skip


def states(store: Store) -> dict[str, str]:
    with store.read() as session:
        return dict(session.exec(select(Message.key, Message.state)).all())


@pytest.mark.parametrize("event", MessageEvent)
def test_an_update_of_many_moves_only_the_messages_that_its_event_may_move(store, event):
    with store.write() as session:
        changed = move_messages(session, event, col(Message.incident_id) == 7, problem=None)
        assert changed == len(origins_of(event))
    assert states(store) == {
        state.value: next_state(state, event) if state in origins_of(event) else state for state in MessageState
    }


def test_the_database_itself_refuses_every_illegal_move_whoever_asks(store):
    change = text("UPDATE message SET state = :after WHERE key = :key")
    with store.engine.connect() as connection:
        for before, after in ILLEGAL:
            with (
                pytest.raises(IntegrityError, match="cannot change its state so"),
                connection.begin(),
            ):
                connection.execute(change, {"key": before.value, "after": after.value})
    assert states(store) == {state.value: state for state in MessageState}


def test_the_database_itself_lets_every_allowed_move_pass(store):
    change = text("UPDATE message SET state = :after WHERE key = :key AND state = :key")
    with store.engine.connect() as connection:
        for before, after in [*ALLOWED, *((state, state) for state in MessageState)]:
            with connection.begin() as transaction:
                done = connection.execute(change, {"key": before.value, "after": after.value})
                assert done.rowcount == 1
                transaction.rollback()


def test_the_database_itself_refuses_a_state_there_is_not(store):
    copied = text(
        "INSERT INTO message (key, incident_id, kind, channel, language, recipient, exercise, state, attempts,"
        " created_at) SELECT 'other', incident_id, kind, channel, language, recipient, exercise, :state, attempts,"
        " created_at FROM message WHERE key = 'pending'"
    )
    with (
        pytest.raises(IntegrityError, match="ck_message_messagestate"),
        store.engine.begin() as connection,
    ):
        connection.execute(copied, {"state": "lost"})
    with store.engine.begin() as connection:
        assert connection.execute(copied, {"state": "pending"}).rowcount == 1


@pytest.mark.parametrize(("before", "after"), ILLEGAL)
def test_an_assignment_that_no_event_could_cause_is_refused(before, after):
    row = message(before)
    with pytest.raises(IllegalMoveError):
        row.state = after
    assert row.state is before


def test_a_row_that_was_read_moves_by_an_event_and_not_past_the_table(store):
    with store.write() as session:
        row = session.exec(select(Message).where(Message.key == MessageState.UNCERTAIN.value)).one()
        row.move(MessageEvent.REPEATED)
        assert row.state is MessageState.PENDING
        with pytest.raises(IllegalMoveError, match="pending cannot move by: found sent"):
            row.move(MessageEvent.FOUND_SENT)
    assert states(store)[MessageState.UNCERTAIN] == MessageState.PENDING


def test_a_row_that_was_forgotten_is_read_again_before_its_state_is_assigned(store):
    with store.write() as session:
        row = session.exec(select(Message).where(Message.key == MessageState.BOUNCED.value)).one()
        session.expire(row)
        with pytest.raises(IllegalMoveError):
            row.state = MessageState.DELIVERED


def test_a_word_that_is_no_state_cannot_be_assigned():
    with pytest.raises(ValueError, match="'lost' is not a valid MessageState"):
        message(MessageState.PENDING).state = "lost"  # type: ignore[assignment]  # what a checker of types would refuse too
