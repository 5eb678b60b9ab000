"""A test over a table tries every row, and names those that fail."""

from __future__ import annotations

import pytest

from tests.builders.rows import over


def is_small(number: int) -> None:
    assert number < 3


def test_every_row_is_tried_and_each_that_fails_is_named():
    with pytest.raises(AssertionError, match=r"2 of 4 rows fail\n3: .*\n4: ") as failed:
        over([1, 3, 2, 4])(is_small)()
    assert "\n1: " not in str(failed.value)


def test_a_row_is_called_as_the_table_says():
    with pytest.raises(AssertionError, match="number 7: "):
        over([7], lambda number: f"number {number}")(is_small)()


def test_a_table_without_rows_fails():
    with pytest.raises(AssertionError, match="no rows"):
        over([])(is_small)()


def test_an_error_of_the_check_itself_is_no_failed_row():
    def broken(row: dict[str, int]) -> None:
        assert row["missing"]

    with pytest.raises(KeyError):
        over([{}])(broken)()
