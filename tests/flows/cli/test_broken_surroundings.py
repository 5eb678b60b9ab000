"""What goes wrong around a command: closed streams, broken text, places that cannot hold a database."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlmodel import select

from flows.cli import output
from flows.cli.app import run
from flows.error_codes import Exit
from incidents.case.message_machine import MessageState
from incidents.kernel import clock
from incidents.storage.database import Store
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("TOCSIN_", "SENDGRID_", "PREFECT_"))]:
        if name != "TOCSIN_TEST_POSTGRES_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


OPEN = ["open", "Strange exports", "--detected", "1 h ago"]


def with_streams(home: Path, *closed: int) -> subprocess.CompletedProcess[str]:
    """Open a case by a shell that closes some of the standard streams first."""
    redirections = " ".join(f"{number}{'<' if number == 0 else '>'}&-" for number in closed)
    command = f'exec "$0" -m flows.cli open "Strange exports" --detected now --json {redirections}'
    return subprocess.run(
        ["/bin/sh", "-c", command, sys.executable],
        env={**os.environ, "TOCSIN_HOME": str(home)}, capture_output=True, text=True, check=False, timeout=180,
    )  # fmt: skip


@pytest.mark.parametrize("closed", [(0,), (1,), (0, 1), (1, 2), (0, 1, 2)])
def test_a_command_started_with_closed_streams_works_all_the_same(at_home: Path, closed: tuple[int, ...]) -> None:
    done = with_streams(at_home, *closed)
    assert done.returncode == Exit.OK
    assert "Traceback" not in done.stderr
    kept = (at_home / "tocsin.sqlite3").read_bytes()
    assert kept.startswith(b"SQLite format 3\x00"), "nothing that was printed went into the database"


def test_an_answer_that_cannot_be_printed_is_a_failure_in_words(at_home: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", "list", "--json"],
            env={**os.environ, "TOCSIN_HOME": str(at_home)}, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, timeout=180,
        )  # fmt: skip
    assert done.returncode == Exit.FAILED
    assert json.loads(done.stderr)["error"]["message"] == "input or output: No space left on device"


def test_a_recorded_change_whose_answer_is_not_printed_says_that_it_is_recorded(at_home: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "flows.cli", *OPEN],
            env={**os.environ, "TOCSIN_HOME": str(at_home)}, stdout=full, stderr=subprocess.PIPE, text=True,
            check=False, timeout=180,
        )  # fmt: skip
    assert done.returncode == Exit.FAILED
    assert "-0001: this is recorded, do not repeat it; only the answer was not written" in done.stderr


def test_an_argument_that_is_no_text_is_refused_before_anything_is_written(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["open", "half a \udcff sign", "--detected", "now"]) == Exit.USAGE
    assert "argument 2 is not text" in capsys.readouterr().err
    assert not at_home.exists()


@pytest.mark.parametrize("address", ["postgresqlzz", "postgresql+nodriver://tocsin:secret-word@127.0.0.1/x"])
def test_an_address_that_is_no_database_is_named_as_such_and_not_quoted(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], address: str
) -> None:
    monkeypatch.setenv("TOCSIN_DATABASE_URL", address)
    assert run(OPEN) == Exit.FAILED
    said = capsys.readouterr().err
    assert "TOCSIN_DATABASE_URL is no address of a database" in said
    assert "secret-word" not in said
    assert not at_home.exists()


def test_a_home_that_cannot_be_made_is_named_with_the_way_out(
    tmp_path: Path, at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del at_home
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "file"))
    assert run(OPEN) == Exit.FAILED
    said = capsys.readouterr().err
    assert f"the database cannot be kept in {tmp_path / 'file'}" in said
    assert "TOCSIN_HOME" in said


@pytest.mark.parametrize("command", [OPEN, ["list"], ["verify"], ["migrate"]])
def test_a_file_that_is_no_database_is_said_to_be_none(
    at_home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    at_home.mkdir()
    (at_home / "tocsin.sqlite3").write_bytes(b"this is a letter to an aunt, and no database at all. " * 100)
    assert run(command) == Exit.FAILED
    assert "the database does not answer" in capsys.readouterr().err


def test_a_file_that_may_not_be_read_is_named(
    at_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(OPEN) == Exit.OK
    capsys.readouterr()

    def refused(*_given: object) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere/master.key")

    monkeypatch.setattr("flows.key_files.read_key_file", refused)
    assert run(["key", "show"]) == Exit.FAILED
    assert capsys.readouterr().err == "tocsin: /somewhere/master.key: Permission denied\n"


def test_the_words_of_a_case_cannot_steer_a_terminal(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del at_home
    assert (
        run(["open", "Exports\x1b]0;gone\x07 and\x1b[2Jmore", "--detected", "now", "--system", "a\x00b\r\nc"])
        == Exit.OK
    )
    assert run(["log", "1", "first line\nsecond \x1b[31mred\x1b[2J \x9b5n line"]) == Exit.OK
    assert run(["show", "1"]) == Exit.OK
    said = capsys.readouterr().out
    assert "Exports ]0;gone and [2Jmore (a b c)" in said
    assert "\x1b[2J" not in said
    assert "\x9b" not in said


def test_our_own_colours_pass_and_other_signs_do_not() -> None:
    coloured = output.coloured("la\x1b[8mte", "red", bold=True)
    assert output.printable(f"{coloured}\tand\nmore") == ("\x1b[31m\x1b[1mla\ufffd[8mte\x1b[0m\tand\nmore")
    # No colour, however well it is formed, unless we chose it: black on black and "conceal" hide a line.
    assert output.printable("a\x1b[2Kb\x07c\x1b\x1b[8md\x1b[30;40me\x1b[m") == (
        "a\ufffd[2Kb\ufffdc\ufffd\ufffd[8md\ufffd[30;40me\ufffd[m"
    )


def test_json_on_a_terminal_escapes_what_steers_it_and_loses_nothing() -> None:
    value = {"text": "a\u202eb\x9b8m\u200b\U000e0041"}
    written = output.as_json(value)
    assert written.isascii()
    assert json.loads(written) == value


@pytest.mark.parametrize("given", ["999999999 d ago", "0001-01-01 00:00", "1969-12-31 23:00Z", "9999-12-31 23:59"])
def test_a_moment_beyond_the_calendar_is_refused_with_what_to_check(
    at_home: Path, capsys: pytest.CaptureFixture[str], given: str
) -> None:
    assert run(["open", "T", "--detected", given]) == Exit.USAGE
    assert "check the year" in capsys.readouterr().err
    assert not at_home.exists()


def test_a_case_detected_before_any_law_is_refused_for_it_would_never_ring(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del at_home
    assert run(["open", "T", "--detected", "2016-11-18 03:12"]) == Exit.USAGE
    said = capsys.readouterr().err
    assert "no law that Tocsin knows was in force" in said
    assert "--detected" in said
    assert run(["list", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out) == []


def test_a_containment_without_a_measure_is_refused(at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    del at_home
    assert run(OPEN) == Exit.OK
    assert run(["contain", "1", "--at", "now", "--measure", " "]) == Exit.USAGE
    assert "say with --measure" in capsys.readouterr().err


@pytest.mark.parametrize("command", [["scope", "template"], ["schema", "scope"]])
def test_what_helps_to_write_a_scope_file_takes_json_too(
    at_home: Path, capsys: pytest.CaptureFixture[str], command: list[str]
) -> None:
    del at_home
    assert run([*command, "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)


def test_a_word_that_is_no_choice_is_refused_without_the_library_s_own_words(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del at_home
    assert run(["decide", "1", "--authority", "maybe", "--people", "notify", "--because", "x"]) == Exit.USAGE
    assert "Invalid value for '--authority': 'maybe' is not one of" in capsys.readouterr().err


def test_the_status_of_letters_says_why_they_wait_once_and_what_comes_next(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(OPEN) == Exit.OK
    store = Store(f"sqlite:///{at_home / 'tocsin.sqlite3'}")
    with store.write() as session:
        session.add_all(
            Message(
                key=f"k{place}", incident_id=1, kind="people", channel="mail", language="en", exercise=False,
                recipient=f"affected:{place}", state=MessageState.PENDING, problem=problem, created_at=clock.now(),
            )
            for place, problem in enumerate(("SendGrid refused the key", "SendGrid refused the key", "uncertain", None))
        )  # fmt: skip
    store.close()
    capsys.readouterr()
    assert run(["people", "status", "1"]) == Exit.OK
    said = capsys.readouterr()
    assert said.err.count("SendGrid refused the key") == 1
    assert "uncertain" not in said.err
    assert "Next: tocsin aware INC-" in said.out
    assert run(["people", "status", "1", "--json"]) == Exit.OK
    assert json.loads(capsys.readouterr().out)["problems"] == ["SendGrid refused the key"]


def test_a_title_in_utf_8_is_kept_whole_though_the_terminal_claims_to_know_ascii_only(at_home: Path) -> None:
    title = "Données exposées 日本"
    ascii_only = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-m", "flows.cli", "open", title, "--detected", "now"],
        env={**os.environ, **ascii_only, "TOCSIN_HOME": str(at_home)}, capture_output=True, check=False, timeout=180,
    )  # fmt: skip
    assert done.returncode == Exit.OK, done.stderr
    store = Store(f"sqlite:///{at_home / 'tocsin.sqlite3'}")
    with store.read() as session:
        assert session.exec(select(Incident.title)).one() == title
    store.close()


@pytest.mark.parametrize("content", [b"summary: a\0b\n", "summary: x".encode("utf-16-le")])
def test_a_file_with_a_nul_is_no_text(
    at_home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], content: bytes
) -> None:
    del at_home
    (tmp_path / "scope.yaml").write_bytes(content)
    assert run(["advise", "--file", str(tmp_path / "scope.yaml")]) == Exit.USAGE
    assert "is no text: it holds a NUL" in capsys.readouterr().err
