"""docs/how-to/a-law.md, followed: a file in the home folder, checked, asked, switched on."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from config.settings import example_organisation
from flows.bootstrap import build
from flows.cli import main
from tests.how_to.pages import page

PAGE = page("a-law")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with the page's file in it."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    (tmp_path / "regimes").mkdir()
    (tmp_path / "regimes" / "xx-example.yaml").write_text(PAGE.files["regimes/xx-example.yaml"], encoding="utf-8")
    return tmp_path


def test_every_command_of_the_page_accepts_the_law_of_the_page(home, capfd):
    assert [shlex.split(command)[1:3] for command in PAGE.commands] == [
        ["regimes", "check"],
        ["regimes", "show"],
        ["clock", "due"],
    ]
    for command in PAGE.commands:
        assert main(shlex.split(command)[1:]) == 0
    assert "Section 12(1)" in capfd.readouterr().out


def test_the_due_time_is_as_many_hours_after_awareness_as_the_file_says(home, capfd):
    (duty,) = yaml.safe_load(PAGE.files["regimes/xx-example.yaml"])["duties"]
    (command,) = [each for each in PAGE.commands if "clock due" in each]
    assert main([*shlex.split(command)[1:], "--json"]) == 0
    due = datetime.fromisoformat(json.loads(capfd.readouterr().out)["due_at"])
    assert due == datetime(2026, 11, 18, 2, 13, tzinfo=UTC) + timedelta(hours=duty["period"]["value"])


def test_the_organisation_of_the_page_switches_the_law_on(home):
    organisation = yaml.safe_load(example_organisation().read_text(encoding="utf-8"))
    organisation |= yaml.safe_load(PAGE.files["organisation.yaml"])
    (home / "organisation.yaml").write_text(yaml.safe_dump(organisation), encoding="utf-8")
    assert [regime.id for regime in build().regimes] == ["eu-gdpr", "xx-example"]
