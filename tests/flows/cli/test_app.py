"""The command line as a whole: what it imports, its help, how failures are written and with which exit code."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys

import pytest
import typer.main

from flows.cli.command_table import MODULE_OF, SECTIONS
from flows.error_codes import Exit

HEAVY = (
    "sqlalchemy.dialects.postgresql",
    "prefect",
    "jinja2",
    "apprise",
    "sendgrid",
    "fastapi",
    "uvicorn",
    "apscheduler",
    "rich",
)


def imported_by(*arguments: str, home: str) -> set[str]:
    """The modules in memory after a command, each in a process of its own."""
    code = "import sys; from flows.cli import main; main(sys.argv[1:]); print('MODULES', *sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True,
        env={**os.environ, "TOCSIN_HOME": home},
    )  # fmt: skip
    return set(done.stdout.rpartition("MODULES")[2].split())


def test_help_imports_neither_the_database_nor_a_command(tmp_path):
    modules = imported_by("--help", home=str(tmp_path))
    assert (
        not {"sqlmodel", "sqlalchemy", "pydantic_settings", "flows.bootstrap", "flows.cli.commands.case", *HEAVY}
        & modules
    )


def test_open_imports_nothing_it_does_not_need(tmp_path):
    modules = imported_by("open", "Export readable by anybody", "--detected", "now", home=str(tmp_path))
    assert "incidents.casework.case.open" in modules
    assert not set(HEAVY) & modules


def test_clock_due_and_advise_leave_the_database_alone(tocsin, home, scope):
    assert tocsin("advise", "--file", scope).code == 0
    due = ("clock", "due", "--regime", "eu-gdpr", "--duty", "authority-initial", "--aware", "now")
    assert tocsin(*due).code == 0
    assert not (home / "home").exists()


@pytest.mark.parametrize("name", MODULE_OF)
def test_the_table_of_commands_says_what_each_module_has(name):
    group = typer.main.get_group(importlib.import_module(f"flows.cli.commands.{MODULE_OF[name]}").app)
    does = next(line for lines in SECTIONS.values() for command, _, line in lines if command == name)
    assert (group.commands[name].help or "").startswith(does)


def test_no_module_hides_a_command_from_the_table():
    modules = {importlib.import_module(f"flows.cli.commands.{module}") for module in MODULE_OF.values()}
    assert {name for module in modules for name in typer.main.get_group(module.app).commands} == set(MODULE_OF)


@pytest.mark.parametrize("name", MODULE_OF)
def test_every_command_explains_itself(tocsin, name):
    ran = tocsin(name, "--help")
    assert ran.code == 0
    assert f"Usage: tocsin {name}" in ran.out


def test_without_arguments_the_help_comes(tocsin):
    ran = tocsin()
    assert (ran.code, "Usage: tocsin" in ran.out) == (0, True)


@pytest.mark.parametrize(
    "arguments", [("nonsense",), ("open", "--nonsense"), ("show",), ("people",), ("assess", "1", "--file")]
)
def test_what_is_typed_wrongly_ends_with_2_and_says_where_to_look(tocsin, arguments):
    ran = tocsin(*arguments)
    assert ran.code == Exit.USAGE
    assert "--help" in ran.err
    assert ran.out == ""


def test_a_failure_is_json_where_json_was_asked_for(tocsin):
    ran = tocsin("show", "INC-2026-9999", "--json")
    assert (ran.code, ran.out) == (5, "")
    assert ran.error["code"] == 5
    assert "tocsin list" in ran.error["message"]


def test_an_unexpected_failure_shows_no_words_of_its_own(tocsin, monkeypatch):
    def fail(**_):
        message = "somebody@example.org"
        raise RuntimeError(message)

    monkeypatch.setattr("flows.cli.context.begin", fail)
    ran = tocsin("list")
    assert ran.code == Exit.FAILED
    assert "RuntimeError" in ran.err
    assert "TOCSIN_DEBUG=1" in ran.err
    assert "somebody" not in ran.err


def test_a_reader_that_went_away_is_no_failure(tmp_path):
    code = "import sys; from flows.cli import main; sys.exit(main(['scope', 'template']))"
    read, write = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-c", code], stdout=write, stderr=subprocess.PIPE, check=False,
        env={**os.environ, "TOCSIN_HOME": str(tmp_path)},
    )  # fmt: skip
    os.close(write)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(
    ("name", "value"), [("TOCSIN_LISTEN", "nonsense"), ("TOCSIN_ORGANISATION", "/nowhere/organisation.yaml")]
)
def test_a_setting_that_cannot_be_used_is_named(tocsin, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    ran = tocsin("list")
    assert ran.code == Exit.USAGE
    assert name in ran.err
