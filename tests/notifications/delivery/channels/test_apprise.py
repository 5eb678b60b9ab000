"""Alerts through Apprise's json:// service to a listener on this machine, and into a folder."""

import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from notifications.delivery.channel import PageMessage, PermanentFailure, TemporaryFailure
from notifications.delivery.channels.apprise import AppriseSender, FilePager

# Some of Apprise's plugins still import what Python 3.13 drops.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

TOKEN = "canary-token-in-the-path"
PAGE = PageMessage(key="alert-1", title="Amber Otter: 24 h left", body="INC-2026-0007 due 01:47 UTC", urgency="normal")


class Chat(HTTPServer):
    """Keeps what it is told, and answers with `status`."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), ChatHandler)
        self.told = []
        self.status = 200

    def url(self):
        return f"json://127.0.0.1:{self.server_address[1]}/{TOKEN}"


class ChatHandler(BaseHTTPRequestHandler):
    server: Chat

    def do_POST(self):
        self.server.told.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format, *args):  # noqa: A002 - http.server's name
        pass


@pytest.fixture
def chat(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Chat() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("urgency", "kind"), [("low", "info"), ("normal", "warning"), ("high", "failure")])
def test_a_page_arrives_with_its_words_and_urgency(chat, urgency, kind):
    page = PageMessage(key="alert-1", title="Amber Otter: 24 h left", body="Due <01:47> & counting", urgency=urgency)
    accepted = AppriseSender("ops-chat", chat.url()).page(page)
    assert accepted.provider_id == "ops-chat:alert-1"
    assert [(told["title"], told["message"], told["type"]) for told in chat.told] == [(page.title, page.body, kind)]


def test_a_refusal_is_temporary_and_names_the_channel_only(chat, caplog):
    chat.status = 500
    with caplog.at_level(logging.DEBUG), pytest.raises(TemporaryFailure, match="channel ops-chat") as refused:
        AppriseSender("ops-chat", chat.url()).page(PAGE)
    assert TOKEN not in str(refused.value)
    assert TOKEN not in caplog.text


def test_nobody_listening_is_temporary(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with Chat() as server:
        url = server.url()
    with pytest.raises(TemporaryFailure, match="channel ops-chat"):
        AppriseSender("ops-chat", url).page(PAGE)


@pytest.mark.parametrize("url", ["", "nonsense", f"nosuchservice://{TOKEN}", "json://", f"json://a/ json://b/{TOKEN}"])
def test_a_useless_url_is_our_configuration_and_is_not_shown(url, caplog):
    pager = AppriseSender("ops-chat", url)
    with (
        caplog.at_level(logging.DEBUG),
        pytest.raises(PermanentFailure, match=r"correct channels\.ops-chat") as refused,
    ):
        pager.page(PAGE)
    assert refused.value.whose == "configuration"
    assert TOKEN not in str(refused.value) + caplog.text + repr(pager)


def test_no_log_line_shows_the_url_even_at_debug(chat, caplog):
    with caplog.at_level(logging.DEBUG):
        AppriseSender("ops-chat", chat.url()).page(PAGE)
    assert "The channel ops-chat took the page alert-1" in caplog.text
    assert TOKEN not in caplog.text


def test_check_says_in_words_that_the_address_is_usable_and_sends_nothing(chat):
    assert AppriseSender("ops-chat", chat.url()).check().startswith("the channel ops-chat has a usable address")
    assert chat.told == []


def test_a_page_into_the_folder_is_one_file_however_often_it_is_sent(tmp_path):
    pager = FilePager(tmp_path)
    assert pager.page(PAGE).provider_id == pager.page(PAGE).provider_id == "pages/alert-1.txt"
    assert [path.name for path in (tmp_path / "pages").iterdir()] == ["alert-1.txt"]
    text = (tmp_path / "pages" / "alert-1.txt").read_text()
    assert text == "Amber Otter: 24 h left\n\nINC-2026-0007 due 01:47 UTC\n\nUrgency: normal\nId: alert-1\n"
