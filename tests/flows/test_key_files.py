"""The master key as a person meets it: another one is refused, and a replacement survives a kill."""

from __future__ import annotations

import base64
import shutil
import sqlite3
from pathlib import Path

import pytest

from flows.cli import main
from flows.error_codes import Exit
from incidents.access import master_keys
from incidents.storage.encryption import master_key_file

PEOPLE = "email,language,country\none@example.org,en,DE\ntwo@example.org,en,FR\n"
MORE = "email,language,country\none@example.org,en,DE\nthree@example.org,en,FR\n"


@pytest.fixture
def run(tmp_path, monkeypatch, capfd):
    """Run a command in a home with a case and two people on its list."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "300")
    (tmp_path / "p.csv").write_text(PEOPLE, encoding="utf-8")
    (tmp_path / "more.csv").write_text(MORE, encoding="utf-8")

    def call(*arguments: str) -> tuple[int, str]:
        capfd.readouterr()
        code = main(list(arguments))
        said = capfd.readouterr()
        return code, said.out + said.err

    assert call("open", "Export readable by anybody", "--detected", "2 h ago")[0] == Exit.OK
    assert call("aware", "1", "--at", "1 h ago", "--basis", "logs")[0] == Exit.OK
    assert call("people", "import", "1", str(tmp_path / "p.csv"))[0] == Exit.OK
    return call


def rows(home: Path) -> list[tuple[object, ...]]:
    with sqlite3.connect(home / "tocsin.sqlite3") as database:
        found = database.execute("SELECT blind_index, sealed FROM affected_person ORDER BY id").fetchall()
    database.close()
    return found


def another_key(home: Path) -> None:
    (home / "master.key").write_text(base64.b64encode(b"x" * 32).decode(), encoding="ascii")


def no_key(home: Path) -> None:
    (home / "master.key").rename(home / "elsewhere.key")


@pytest.mark.parametrize("lose", [another_key, no_key])
def test_with_another_key_or_none_lists_are_refused_the_doctor_is_red_and_the_alarm_path_goes_on(run, tmp_path, lose):
    home = tmp_path / "home"
    lose(home)
    before, files = rows(home), sorted(home.glob("master.key*"))
    code, said = run("people", "import", "1", str(tmp_path / "more.csv"))
    assert code == Exit.FAILED
    assert "not the key of this database" in said
    assert "Put that key back" in said
    assert rows(home) == before
    assert sorted(home.glob("master.key*")) == files, "none is made silently"
    code, said = run("doctor")
    assert code == Exit.FAILED
    assert "✘ " in said
    assert "will be made on first use" not in said
    for command in (
        ("open", "Another", "--detected", "now"),
        ("list",),
        ("show", "1"),
        ("log", "1", "x"),
        ("ack", "1"),
    ):
        assert run(*command)[0] == Exit.OK, command
    assert "since" in run("key", "show")[1]
    assert run("key", "rotate")[0] == Exit.FAILED


def test_a_second_home_on_the_same_database_is_refused_and_makes_no_key(run, tmp_path, monkeypatch):
    monkeypatch.setenv("TOCSIN_DATABASE_URL", f"sqlite:///{tmp_path / 'home' / 'tocsin.sqlite3'}")
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "second"))
    code, said = run("people", "import", "1", str(tmp_path / "more.csv"))
    assert (code, "there is no master key here" in said) == (Exit.FAILED, True)
    assert not (tmp_path / "second" / "master.key").exists()
    (tmp_path / "second").mkdir(exist_ok=True)
    shutil.copy(tmp_path / "home" / "master.key", tmp_path / "second" / "master.key")
    assert run("people", "import", "1", str(tmp_path / "more.csv"))[0] == Exit.OK


@pytest.mark.parametrize("value", ["too short", base64.b64encode(b"k" * 31).decode()])
def test_a_key_of_the_environment_that_is_none_is_named(run, tmp_path, monkeypatch, value):
    monkeypatch.setenv("TOCSIN_MASTER_KEY", value)
    for command in (("people", "import", "1", str(tmp_path / "more.csv")), ("doctor",), ("key", "rotate")):
        code, said = run(*command)
        assert code == Exit.FAILED
        assert "TOCSIN_MASTER_KEY holds no master key" in said
        assert value not in said


class KilledError(BaseException):
    """The process ends here."""


def killed(*_: object, **__: object) -> None:
    raise KilledError


STEPS = {
    "before the database knows": (master_keys, "replace"),
    "before the names change": (Path, "hardlink_to"),
    "between the two names": (Path, "replace"),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_rotation_that_is_killed_leaves_a_database_that_opens_and_goes_on_where_it_was(
    run, tmp_path, monkeypatch, step
):
    home = tmp_path / "home"
    before = rows(home)
    # Made beforehand, so that of the links only the one under the old key's name is left to be killed at.
    master_key_file(home / "master.key.next")
    with monkeypatch.context() as patch:
        patch.setattr(*STEPS[step], killed)
        with pytest.raises(KilledError):
            run("key", "rotate")
    _, said = run("people", "import", "1", str(tmp_path / "more.csv"))
    assert "1 added, 0 changed, 1 known already" in said, "a person stays one person"
    assert "tocsin key rotate" in run("doctor")[1]
    assert run("key", "rotate")[0] == Exit.OK
    assert rows(home)[:2] == before, "no sealed address was touched"
    assert "0 added, 0 changed, 2 known already" in run("people", "import", "1", str(tmp_path / "more.csv"))[1]
    assert not (home / "master.key.next").exists()
    assert len(list(home.glob("master.key.retired-*"))) == 1
    assert {file.stat().st_mode & 0o777 for file in home.glob("master.key*")} == {0o600}
    assert "an old master key still lies in the home folder" in run("doctor")[1]
    # The one that was replaced opens nothing any more.
    next(home.glob("master.key.retired-*")).replace(home / "master.key")
    assert run("people", "import", "1", str(tmp_path / "more.csv"))[0] == Exit.FAILED
    assert run("verify")[0] == Exit.OK


def test_a_key_of_the_environment_is_replaced_by_one_that_its_keeper_made(run, tmp_path, monkeypatch):
    old = (tmp_path / "home" / "master.key").read_text(encoding="ascii")
    new = base64.b64encode(b"n" * 32).decode()
    (tmp_path / "new").write_text(new, encoding="ascii")
    assert run("key", "rotate", "--new-key", str(tmp_path / "new"))[0] == Exit.USAGE
    monkeypatch.setenv("TOCSIN_MASTER_KEY", old)
    assert run("key", "rotate")[0] == Exit.USAGE
    code, said = run("key", "rotate", "--new-key", str(tmp_path / "new"))
    assert (code, new in said) == (Exit.OK, False)
    assert run("people", "import", "1", str(tmp_path / "more.csv"))[0] == Exit.FAILED
    monkeypatch.setenv("TOCSIN_MASTER_KEY", new)
    assert run("people", "import", "1", str(tmp_path / "more.csv"))[0] == Exit.OK


def test_key_show_tells_the_fingerprint_and_never_the_key(run, tmp_path):
    key = (tmp_path / "home" / "master.key").read_text(encoding="ascii").strip()
    for arguments in ((), ("--json",)):
        code, said = run("key", "show", *arguments)
        assert code == Exit.OK
        assert key not in said
        assert base64.b64decode(key).hex() not in said
