"""Who may run what: every command with every kind of token, before it reads or writes anything."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from flows.cli import guard
from flows.cli.command_rights import RIGHTS
from flows.cli.command_table import MODULE_OF
from flows.error_codes import Exit
from incidents.case.lifecycle import PersonRole
from incidents.kernel.errors import PermissionDeniedError

BAD = ("wrong", "expired", "revoked", "disabled")


def paths(command: Any, path: str) -> Iterator[str]:
    """Every command that does something, as it is typed."""
    below = getattr(command, "commands", {})
    if not below or getattr(command, "invoke_without_command", False):
        yield path
    for name, one in below.items():
        yield from paths(one, f"{path} {name}")


COMMANDS = sorted(
    path
    for name, module in MODULE_OF.items()
    for path in paths(
        typer.main.get_group(importlib.import_module(f"flows.cli.commands.{module}").app).commands[name], name
    )
)


def test_every_command_has_a_row_and_every_row_a_command():
    assert sorted(RIGHTS) == COMMANDS


@pytest.fixture
def tokens(tocsin, home):
    """A token of each role and of each kind that is not good."""
    chief = tocsin("user", "add", "chief", "--role", "admin").out.strip()
    made = {PersonRole.ADMIN.value: chief}
    for role in PersonRole:
        if role is not PersonRole.ADMIN:
            made[role.value] = tocsin("user", "add", role.value, "--role", role.value, token=chief).out.strip()
    for name in BAD[1:]:
        made[name] = tocsin("user", "add", name, "--role", "lead,dpo,approver,admin", token=chief).out.strip()
    tocsin("token", "revoke", "revoked", token=chief)
    tocsin("user", "disable", "disabled", token=chief)
    with sqlite3.connect(home / "home" / "tocsin.sqlite3") as database:
        database.execute(
            "UPDATE token SET expires_at = '2020-01-01 00:00:00.000000' WHERE prefix = ?",
            [made["expired"].split("_")[1]],
        )
    database.close()
    made["wrong"] = "toc_00000000_nonsense"
    return made


def may(path: str, token: str | None, monkeypatch: pytest.MonkeyPatch) -> bool | str:
    """Whether the guard lets a command pass; what it says where the token is not good."""
    with monkeypatch.context() as patch:
        if token is not None:
            patch.setenv("TOCSIN_TOKEN", token)
        try:
            guard.check(path)
        except PermissionDeniedError as refused:
            return str(refused) if "the token in TOCSIN_TOKEN" in str(refused) else False
        finally:
            if (proven := guard.PROVEN.get()) is not None:
                proven[0].close()
                guard.PROVEN.set(None)
    return True


def test_a_token_that_is_not_good_runs_nothing_and_is_told_what_became_of_it(tokens, monkeypatch):
    says = {
        "wrong": "is not known",
        "expired": "has expired on 2020",
        "revoked": "was revoked on",
        "disabled": "is of disabled, who was disabled on",
    }
    answers = {(path, kind): str(may(path, tokens[kind], monkeypatch)) for path in COMMANDS for kind in BAD}
    assert [key for key, answer in answers.items() if says[key[1]] not in answer] == []
    assert [key for key, answer in answers.items() if tokens[key[1]].split("_", 2)[2] in answer] == []


def test_each_role_runs_exactly_what_its_row_says(tokens, monkeypatch):
    allowed = {
        path: {role for role in PersonRole if may(path, tokens[role.value], monkeypatch) is True} for path in COMMANDS
    }
    assert allowed == {path: set(right.roles) for path, right in RIGHTS.items()}
    without = {path: may(path, None, monkeypatch) for path in COMMANDS}
    assert without == {path: right.machine for path, right in RIGHTS.items()}


NEEDS_A_TOKEN = {
    "answer", "approve", "close", "decide", "dismiss", "pack", "published", "register export",
    "reopen", "report", "send", "submit", "token create", "token revoke", "user disable", "user list", "waive",
}  # fmt: skip
"""Papers, personal data, decisions, accounts."""


def test_without_a_token_the_alarm_path_goes_on_and_papers_stay_closed():
    assert {path for path, right in RIGHTS.items() if not right.machine} >= NEEDS_A_TOKEN
    for path in ("open", "list", "show", "log", "aware", "ack", "deadlines", "contain", "assess", "respond", "doctor"):
        assert RIGHTS[path].machine, path


@pytest.mark.parametrize("role", [PersonRole.AUDITOR, PersonRole.ADMIN])
def test_who_only_reads_or_only_keeps_accounts_sends_nothing_and_changes_no_case(role):
    changing = {"respond", "heartbeat", "channel test", "serve", "open", "log", "ack", "send", "approve", "close"}
    assert not {path for path in changing if role in RIGHTS[path].roles}


def test_a_command_without_a_row_runs_for_nobody(tokens, monkeypatch):
    monkeypatch.delitem(RIGHTS, "list")
    assert may("list", None, monkeypatch) is False
    assert may("list", tokens["lead"], monkeypatch) is False


@pytest.mark.parametrize(
    "command",
    [("register", "export", "--format", "csv", "-o", "r.csv"), ("user", "list"), ("migrate",), ("doctor",), ("verify",),
     ("heartbeat", "--once"), ("respond", "1"), ("channel", "test", "chat"), ("scope", "template"), ("authorities",),
     ("authorities", "list"), ("clock", "due", "--regime", "eu-gdpr", "--duty", "people", "--aware", "now")],
)  # fmt: skip
def test_the_guard_stands_before_the_command_itself(tocsin, tokens, home, command):
    ran = tocsin(*command, token=tokens["disabled"])
    assert (ran.code, ran.out) == (Exit.PERMISSION, "")
    assert "was disabled on" in ran.err
    assert not (home / "r.csv").exists()


def test_help_and_version_ask_for_nothing(tocsin, home):
    for arguments in (("--help",), ("migrate", "--help"), ("register", "export", "--help"), ("--version",)):
        assert tocsin(*arguments, token="toc_00000000_nonsense").code == Exit.OK
    assert tocsin("--version").out.startswith("tocsin ")
    assert not (home / "home").exists()


def test_while_nobody_is_known_the_machines_user_tries_everything_out(tocsin, home):
    assert tocsin("register", "export", "--format", "csv", "-o", "r.csv").code == Exit.OK
    assert tocsin("user", "list").code == Exit.OK


def test_a_token_still_says_who_asks_where_the_database_waits_for_a_migration(tocsin, tokens, home):
    with sqlite3.connect(home / "home" / "tocsin.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '0002'")
    database.close()
    assert tocsin("doctor", token=tokens["revoked"]).code == Exit.PERMISSION
    assert tocsin("migrate", token=tokens["auditor"]).code == Exit.PERMISSION
    assert "tocsin migrate" in tocsin("doctor", token=tokens["admin"]).out


def test_the_doctor_looks_also_where_no_database_answers(tocsin, home):
    (home / "home").mkdir()
    (home / "home" / "tocsin.sqlite3").write_text("no database at all, and longer than its header")
    ran = tocsin("doctor", token="toc_00000000_nonsense")
    assert ran.code == Exit.FAILED
    assert "does not answer" in ran.out


def test_recovery_is_for_the_owner_without_a_token_and_everybody_is_paged(tocsin, tokens, home, monkeypatch):
    assert tocsin("user", "recover", "rescue", "--confirm", "rescue", token=tokens["lead"]).code == Exit.PERMISSION
    assert tocsin("user", "recover", "rescue", "--confirm", "rescu").code == Exit.USAGE
    monkeypatch.setattr("os.geteuid", lambda: 4242)
    assert "owner of" in tocsin("user", "recover", "rescue", "--confirm", "rescue").err
    monkeypatch.undo()
    monkeypatch.setenv("TOCSIN_HOME", str(home / "home"))
    rescue = tocsin("user", "recover", "rescue", "--confirm", "rescue").out.strip()
    pages = [page.read_text(encoding="utf-8") for page in Path(home / "home" / "outbox").rglob("*") if page.is_file()]
    assert any("made rescue an administrator" in page for page in pages)
    assert "rescue was made an administrator" in " ".join(tocsin("doctor").out.split())
    assert tocsin("user", "disable", "chief", token=rescue).code == Exit.OK


def test_the_doctor_warns_while_anybody_here_may_appoint_people(tocsin):
    assert "anybody with a shell" in tocsin("doctor").out
    tocsin("user", "add", "first", "--role", "dpo")
    assert "the first set-up is not over" in " ".join(tocsin("doctor").out.split())
    tocsin("user", "add", "second", "--role", "approver")
    assert "only an administrator may add people" in tocsin("doctor").out
    assert tocsin("user", "add", "third", "--role", "dpo").code == Exit.PERMISSION
