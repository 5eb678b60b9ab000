"""docs/how-to/a-reminder-step.md, followed: the step of the page is among the reminders of a duty."""

from __future__ import annotations

import json
import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from config.settings import example_organisation
from flows.cli import main
from tests.how_to.pages import page

PAGE = page("a-reminder-step")
NEW_STEP = timedelta(hours=36)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with the example organisation."""
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    return tmp_path


def reminders(capfd: pytest.CaptureFixture[str]) -> list[datetime]:
    """When the reminders of the page's duty come, by its last command."""
    capfd.readouterr()
    assert main([*shlex.split(PAGE.commands[-1])[1:], "--json"]) == 0
    return [datetime.fromisoformat(reminder["at"]) for reminder in json.loads(capfd.readouterr().out)["reminders"]]


def test_the_step_of_the_page_is_new_and_comes_at_its_hour(home, capfd):
    due = datetime(2026, 11, 18, 2, 13, tzinfo=UTC) + timedelta(hours=72)
    before = reminders(capfd)
    organisation = yaml.safe_load(example_organisation().read_text(encoding="utf-8"))
    organisation |= yaml.safe_load(PAGE.files["organisation.yaml"])
    (home / "organisation.yaml").write_text(yaml.safe_dump(organisation), encoding="utf-8")
    assert set(reminders(capfd)) - set(before) == {due - NEW_STEP}


def test_every_command_of_the_page_runs(home):
    assert len(PAGE.commands) > 1
    for command in PAGE.commands:
        assert main(shlex.split(command)[1:]) == 0
