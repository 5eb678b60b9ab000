"""What commands say of small things: it is so, in words that people use, and nothing stands silent."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from flows.cli.app import run
from flows.error_codes import Exit

EXAMPLE = Path(__file__).parents[3] / "config/organisation.example.yaml"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith(("TOCSIN_", "SENDGRID_", "PREFECT_"))]:
        if name != "TOCSIN_TEST_POSTGRES_URL":
            monkeypatch.delenv(name)
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def said(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = Exit.OK) -> str:
    capsys.readouterr()
    assert run(list(arguments)) == code
    both = capsys.readouterr()
    return " ".join((both.out + both.err).split())


def opened(title: str = "t", detected: str = "80 h ago") -> None:
    assert run(["open", title, "--detected", detected]) == Exit.OK


@pytest.mark.usefixtures("home")
def test_the_list_says_what_it_leaves_out(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "list").startswith("No case yet.")
    opened()
    assert "--all" not in said(capsys, "list")
    assert run(["aware", "1", "--at", "1 h ago", "--basis", "x"]) == Exit.OK
    assert run(["log", "1", "y"]) == Exit.OK
    first, second = said(capsys, "user", "add", "D", "--role", "dpo"), ""
    os.environ["TOCSIN_TOKEN"] = re.findall(r"toc_\S+", first)[0]
    try:
        said(capsys, "dismiss", "1", "--because", "nothing")
        second = said(capsys, "list")
    finally:
        del os.environ["TOCSIN_TOKEN"]
    assert "No open case; 1 ended case: tocsin list --all" in second


@pytest.mark.usefixtures("home")
def test_a_case_is_one_screen_and_its_timeline_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    for number in range(20):
        assert run(["log", "1", f"line {number}"]) == Exit.OK
    short, whole = said(capsys, "show", "1"), said(capsys, "show", "1", "--timeline")
    assert ("line 19" in short, "line 2 " in short, "--timeline" in short) == (True, False, True)
    assert all(f"line {number}" in whole for number in range(20))


@pytest.mark.usefixtures("home")
def test_an_overdue_line_says_who_set_the_time(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    assert run(["aware", "1", "--at", "79 h ago", "--basis", "x"]) == Exit.OK
    assert re.search(r"OVERDUE.*\(by law\)", said(capsys, "show", "1"))
    assert re.search(r"OVERDUE.*\(by law\)", said(capsys, "deadlines", "1"))


@pytest.mark.usefixtures("home")
def test_one_clock_is_explained_without_the_words_of_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    assert run(["aware", "1", "--at", "79 h ago", "--basis", "x"]) == Exit.OK
    assert run(["heartbeat", "--once"]) == Exit.OK
    text = said(capsys, "clock", "explain", "1", "authority-initial")
    assert "time has passed" in text
    assert not re.search(r"\(time\)|before-\d|due_soon|after-\d|reg_1182", text)
    assert "authority-initial" in said(capsys, "clock", "explain", "1", "nosuch", code=Exit.NOT_FOUND)


@pytest.mark.usefixtures("home")
def test_a_report_says_what_language_it_fell_back_to(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    opened()
    asked = ("report", "1", "--language", "es", "--format", "md", "-o", str(tmp_path))
    assert "no words for reports in 'es': this one is in 'en'" in said(capsys, *asked)
    assert "no words" not in said(capsys, *asked[:2], "--language", "de", *asked[4:])


@pytest.mark.usefixtures("home")
def test_the_register_as_json_names_the_file_it_wrote(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    opened()
    file = tmp_path / "register.json"
    assert json.loads(said(capsys, "register", "export", "--json", "-o", str(file))) == {"file": str(file)}


@pytest.mark.parametrize("command", [["report", "1", "-o"], ["register", "export", "-o"]])
@pytest.mark.usefixtures("home")
def test_what_cannot_be_written_has_one_exit_code(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: list[str]
) -> None:
    opened()
    (tmp_path / "file").write_text("in the way")
    assert "cannot be written" in said(capsys, *command, str(tmp_path / "file" / "x"), code=Exit.FAILED)


def test_alarms_go_on_with_the_last_good_organisation_and_say_so(
    capsys: pytest.CaptureFixture[str], home: Path
) -> None:
    own = home / "organisation.yaml"
    own.write_text(EXAMPLE.read_text(encoding="utf-8").replace("on-call@", "night-desk@"), encoding="utf-8")
    assert "night-desk@" in own.read_text(encoding="utf-8")
    assert run(["heartbeat", "--once"]) == Exit.OK
    opened()
    own.write_text("name: [", encoding="utf-8")
    beat = said(capsys, "heartbeat", "--once", code=Exit.FAILED)
    assert "YOUR FILE CANNOT BE USED" in beat
    assert "accepted" in beat
    written = [path.read_text(errors="replace") for path in (home / "outbox").rglob("*") if path.is_file()]
    assert any("night-desk@" in text for text in written)


def test_without_a_good_one_the_heartbeat_beats_by_the_example(capsys: pytest.CaptureFixture[str], home: Path) -> None:
    (home / "organisation.yaml").write_text("name: [", encoding="utf-8")
    assert "YOUR FILE CANNOT BE USED" in said(capsys, "heartbeat", "--once", code=Exit.FAILED)


@pytest.mark.usefixtures("home")
def test_a_lead_can_lead_and_a_disabled_person_is_said_to_be_disabled(capsys: pytest.CaptureFixture[str]) -> None:
    opened()
    token = re.findall(r"toc_\S+", said(capsys, "user", "add", "A", "--role", "admin", "--role", "lead"))[0]
    os.environ["TOCSIN_TOKEN"] = token
    try:
        said(capsys, "user", "add", "Reader", "--role", "auditor")
        assert "no role in which one may lead" in said(capsys, "hand-over", "1", "--to", "Reader", code=Exit.REFUSED)
        said(capsys, "user", "disable", "Reader")
        assert "Reader was disabled on" in said(capsys, "hand-over", "1", "--to", "Reader", code=Exit.NOT_FOUND)
    finally:
        del os.environ["TOCSIN_TOKEN"]
