"""From configuration to channels: choosing is configuration only."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from flows.bootstrap import App
from flows.channel_factory import open_channels
from notifications.delivery.channel import PermanentFailure
from notifications.delivery.channels.apprise import AppriseSender, FilePager
from notifications.delivery.channels.files import FileSender
from notifications.delivery.channels.sendgrid import SendGridSender
from notifications.delivery.model import Channels
from tests.builders.apps import example


def opened(app: App, key: str | None = None, host: str = "https://api.eu.sendgrid.com", **changes: object) -> Channels:
    secret = SecretStr(key) if key else None
    settings = app.settings.model_copy(update={"sendgrid_api_key": secret, "sendgrid_host": host})
    return open_channels(settings, example(**changes), Path("outbox"))


def test_without_a_key_mail_goes_into_the_outbox_folder_where_repeating_is_safe(small_app: App) -> None:
    channels = opened(small_app)
    assert isinstance(channels.mail, FileSender)
    assert channels.mail_repeats_safely


def test_with_a_key_mail_goes_to_the_sendgrid_that_is_named_and_is_never_repeated_blindly(small_app: App) -> None:
    channels = opened(small_app, key="SG.made-up")
    assert isinstance(channels.mail, SendGridSender)
    assert "api.eu.sendgrid.com" in repr(channels.mail)
    assert "made-up" not in repr(channels)
    assert not channels.mail_repeats_safely


def test_a_key_never_travels_unencrypted(small_app: App) -> None:
    with pytest.raises(PermanentFailure, match="https"):
        opened(small_app, key="SG.made-up", host="http://mail.example.org")


def test_each_on_call_channel_is_files_or_an_apprise_address(small_app: App) -> None:
    channels = opened(small_app, channels={"pager": "files", "chat": "json://127.0.0.1:1/secret-path"})
    assert isinstance(channels.pagers["pager"], FilePager)
    assert isinstance(channels.pagers["chat"], AppriseSender)
    assert channels.pagers["chat"].name == "chat"
    assert "secret-path" not in repr(channels)
