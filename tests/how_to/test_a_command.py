"""docs/how-to/a-command.md, followed in a copy of the tree: the new command is listed, explains itself, and answers."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest

from tests.how_to.pages import Copy, copy_of_the_tree, page

PAGE = page("a-command")
MODULE, TABLE = "flows/cli/commands/codename.py", "flows/cli/command_table.py"
RIGHTS = "flows/cli/command_rights.py"


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Copy:
    """A tree in which the page's steps were taken."""
    tree = copy_of_the_tree(tmp_path_factory.mktemp("command"))
    tree.write(MODULE, PAGE.files[MODULE])
    tree.insert(TABLE, PAGE.files[TABLE], after='("hand-over", ')
    tree.insert(RIGHTS, PAGE.files[RIGHTS], after='"hand-over": ')
    return tree


def test_the_page_writes_one_module_and_one_line_of_each_table():
    assert set(PAGE.files) == {MODULE, TABLE, RIGHTS}


def test_every_command_of_the_page_knows_the_new_one(copy):
    assert len(PAGE.commands) > 1
    for command in PAGE.commands:
        assert "codename" in copy.tocsin(*shlex.split(command)[1:])


def test_the_new_command_answers_for_a_case(copy, tmp_path: Path):
    opened = json.loads(copy.tocsin("open", "Strange exports", "--detected", "20 min ago", "--json"))
    answer = json.loads(copy.tocsin("codename", opened["ref"], "--json"))
    assert answer["ref"] == opened["ref"]
    assert copy.tocsin("codename", "1") == f"{answer['codename']}\n"
