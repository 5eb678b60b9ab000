"""docs/how-to/a-channel.md, followed: its class keeps a channel's promise, and alerts of a case go out through it."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import example_organisation
from notifications.delivery.channel import PageMessage, PermanentFailure, TemporaryFailure
from tests.how_to.pages import Copy, copy_of_the_tree, page

PAGE = page("a-channel")
MODULE, FACTORY = "notifications/delivery/channels/program.py", "flows/channel_factory.py"
PAGE_MESSAGE = PageMessage(key="alert-1", title="Tocsin", body="Somebody answer")


def pager(program: Path, **options: Any) -> Any:
    """The channel of the page, made by the page's own code."""
    scope: dict[str, Any] = {}
    exec(compile(PAGE.files[MODULE], MODULE, "exec"), scope)  # noqa: S102 - the page's own code is what is tested
    return scope["ProgramPager"]("sms", str(program), **options)


def a_program(folder: Path, does: str) -> Path:
    """A shell script in the place of the modem's program."""
    path = folder / "send-sms"
    path.write_text(f"#!/bin/sh\n{does}\n", encoding="utf-8")
    path.chmod(0o700)
    return path


@pytest.fixture
def copy(tmp_path: Path) -> Copy:
    """A tree in which the page's steps were taken; its program adds what it is given to the file `taken`."""
    tree = copy_of_the_tree(tmp_path)
    tree.write(MODULE, PAGE.files[MODULE])
    tree.insert(FACTORY, PAGE.files[FACTORY], after="def _pager(")
    program = a_program(tmp_path, f'cat >> "{tmp_path}/taken"')
    organisation = yaml.safe_load(example_organisation().read_text(encoding="utf-8"))
    organisation |= yaml.safe_load(PAGE.files["organisation.yaml"].replace("/usr/local/bin/send-sms", str(program)))
    tree.home.mkdir()
    (tree.home / "organisation.yaml").write_text(yaml.safe_dump(organisation), encoding="utf-8")
    return tree


def test_an_alert_is_accepted_under_the_name_of_its_channel(tmp_path):
    accepted = pager(a_program(tmp_path, f'echo "$1" > "{tmp_path}/taken"')).page(PAGE_MESSAGE)
    assert accepted.provider_id == "sms:alert-1"
    assert (tmp_path / "taken").read_text(encoding="utf-8") == "high\n"


def test_a_no_and_silence_are_tried_again(tmp_path):
    with pytest.raises(TemporaryFailure, match="exit code 3"):
        pager(a_program(tmp_path, "exit 3")).page(PAGE_MESSAGE)
    with pytest.raises(TemporaryFailure, match="did not answer"):
        pager(a_program(tmp_path, "exec sleep 5"), longest=0.1).page(PAGE_MESSAGE)


def test_a_program_that_is_not_there_is_a_fault_of_the_settings(tmp_path):
    with pytest.raises(PermanentFailure) as failure:
        pager(tmp_path / "missing").page(PAGE_MESSAGE)
    assert failure.value.whose == "configuration"


def test_the_command_of_the_page_and_the_outbox_send_through_the_new_channel(copy, tmp_path):
    (command,) = PAGE.commands
    copy.tocsin(*shlex.split(command)[1:])
    taken = tmp_path / "taken"
    assert taken.read_text(encoding="utf-8").startswith("Tocsin test page\n")
    copy.tocsin("open", "Strange exports", "--detected", "20 min ago")
    copy.tocsin("heartbeat", "--once")
    assert "INC-" in taken.read_text(encoding="utf-8")
