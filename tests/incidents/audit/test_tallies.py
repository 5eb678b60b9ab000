"""Tallies of long lists: no order matters, every value does, and a column that came later counts once it is set."""

from datetime import UTC, datetime

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.audit.tallies import LISTS, Part, Tally, tally_of
from incidents.case.message_machine import MessageState

AT = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)


def attempt(number: int, **changes: object) -> dict[str, object]:
    return {
        "message_id": 1, "number": number, "started_at": AT, "body_sha256": "ab", "repeats_uncertain": False,
        "finished_at": None, "outcome": None, "detail": None, **changes,
    }  # fmt: skip


@given(st.lists(st.integers(1, 9)), st.randoms())
def test_the_sum_is_the_same_in_any_order_and_built_in_any_steps(numbers, random):
    rows = [attempt(number) for number in numbers]
    shuffled = rows.copy()
    random.shuffle(shuffled)
    one_by_one = Tally()
    for row in shuffled:
        one_by_one = one_by_one.plus(tally_of("attempt", [row]))
    assert one_by_one == tally_of("attempt", rows)
    for row in rows:
        one_by_one = one_by_one.minus(tally_of("attempt", [row]))
    assert one_by_one == Tally()


@given(st.integers(0, 2**70), st.integers(0, 2**256 - 1))
def test_a_tally_is_read_as_it_was_written(parts, total):
    tally = Tally(parts=parts, total=total)
    assert Tally.from_text(tally.to_text()) == tally


def test_a_row_twice_is_not_a_row_once():
    assert tally_of("attempt", [attempt(1), attempt(1)]) not in {tally_of("attempt", [attempt(1)]), Tally()}


def test_what_became_of_a_row_counts_once_it_is_known():
    begun, ended = attempt(1), attempt(1, finished_at=AT, outcome="accepted")
    assert tally_of("attempt", [begun]).parts == 1
    assert tally_of("attempt", [ended]).parts == 2
    second = LISTS["message"][1]
    row = {"id": 1, "incident_id": 1, "provider_id": None, "problem": None, "settled_at": None}
    known = [state for state in MessageState if list(second.texts([{**row, "state": state}]))]
    assert set(MessageState) - set(known) == {MessageState.PENDING, MessageState.IN_FLIGHT}


def test_a_column_that_came_later_counts_once_it_is_set():
    part = Part(columns=("id", "name"), later=("shoe", "hat"))
    row = {"id": 1, "name": "x", "shoe": None, "hat": None}
    assert list(part.texts([row])) == [(1, "x")]
    shoe, hat = (list(part.texts([{**row, key: "y"}])) for key in ("shoe", "hat"))
    assert shoe != hat
    assert (1, "x") not in shoe + hat


def test_a_value_that_no_column_has_is_refused():
    with pytest.raises(orjson.JSONEncodeError):
        tally_of("attempt", [attempt(1, body_sha256=object())])
