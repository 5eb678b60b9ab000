"""A cell that a spreadsheet could run is guarded, in every CSV file that we write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.kernel.spreadsheet_cells import with_formula, without_formula

RUNNABLE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\tx",
    "\rx",
    "\nx",
    " =1",
    "\u00a0=1",
    "\u200b=1",
    "\uff1d1",
    "\x01=1",
]


@pytest.mark.parametrize("cell", RUNNABLE)
def test_a_formula_is_guarded_and_comes_back(cell):
    assert without_formula(cell) == f"'{cell}"
    assert with_formula(without_formula(cell)) == cell


@pytest.mark.parametrize("cell", ["", "x", "1", "a=1", "'", "'x", "mara@example.org", " x"])
def test_what_is_no_formula_stays_as_it_is_both_ways(cell):
    assert without_formula(cell) == with_formula(cell) == cell


@given(st.text(max_size=8))
def test_no_guarded_cell_is_a_formula_still(cell):
    assert without_formula(without_formula(cell)) == without_formula(cell)
