"""docs/how-to/a-register-column.md, followed in a copy of the tree: the column is exported, sealed and versioned."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.how_to.pages import Copy, copy_of_the_tree, page

PAGE = page("a-register-column")
ROW = "incidents/register/row.py"
INTACT = """
import json, sys
from dataclasses import fields, replace
from incidents.register.row import RegisterRow, is_intact
(given,) = json.load(sys.stdin)["rows"]
row = RegisterRow(**{name: tuple(value) if isinstance(value, list) else value for name, value in given.items()})
print(is_intact(row), is_intact(replace(row, lead="somebody else")))
"""


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A tree in which the page's steps were taken, with a case in its home folder."""
    tree = copy_of_the_tree(tmp_path)
    tree.insert(ROW, PAGE.files[f"{ROW}#declare"], after="    codename: str")
    tree.insert(ROW, PAGE.files[f"{ROW}#fill"], after='"codename": case.codename')
    tree.replace_line(ROW, PAGE.files[f"{ROW}#version"])
    tree.tocsin("open", "Strange exports", "--detected", "20 min ago")
    return tree


def test_the_new_column_is_exported_in_its_place_under_a_new_version(copy):
    as_csv, as_json = (copy.tocsin(*command.split()[1:]) for command in PAGE.commands)
    header, _ = csv.reader(io.StringIO(as_csv.removeprefix("\N{BYTE ORDER MARK}")))
    assert header[header.index("codename") + 1] == "lead"
    document = json.loads(as_json)
    assert (document["schema"], document["columns"]) == ("tocsin-register/3", header)
    ran = copy.python("-c", INTACT, given=as_json)
    assert ran.stdout == "True False\n", ran.stderr
