"""The stand-in for SendGrid refuses what SendGrid refuses, counts what it takes, and leaves no process behind."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

STANDIN = Path(__file__).parents[3] / "standins" / "sendgrid.py"


@pytest.fixture
def process(tmp_path):
    command = [
        sys.executable,
        str(STANDIN),
        "--journal",
        str(tmp_path / "journal"),
        "--behaviour",
        '{"do": "too_large"}',
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as started:
        yield started
        if started.stdin is not None:
            started.stdin.close()
        started.wait(timeout=30)


@pytest.fixture
def post(process):
    port = int(process.stdout.readline())
    opener = build_opener(ProxyHandler({}))

    def ask(body, path="/v3/mail/send", key="TEST"):
        headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        request = Request(f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), headers)
        try:
            with opener.open(request, timeout=30) as answer:
                return answer.status, answer.headers.get("X-Message-Id")
        except HTTPError as refusal:
            with refusal:
                return refusal.status, json.load(refusal)["errors"][0]["field"]

    return ask


def mail(*addresses, **changes):
    people = [{"to": [{"email": one}], "custom_args": {"tocsin_id": one}} for one in addresses]
    body = {"personalizations": people, "from": {"email": "a@example.org"}, "subject": "S"}
    return body | {"content": [{"type": "text/plain", "value": "T"}]} | changes


def one_to(address, *, name=None, **changes):
    """One letter, with something of the person's own part changed."""
    to = {"email": address} | ({"name": name} if name else {})
    return mail() | {"personalizations": [{"to": [to], **changes}]}


def test_the_behaviour_given_at_the_start_comes_first_and_then_it_is_normal(post, tmp_path):
    assert post(mail("b@example.org"))[0] == 413
    status, message_id = post(mail("b@example.org"))
    assert status == 202
    assert json.loads((tmp_path / "journal").read_text())["message_id"] == message_id


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (mail(), "personalizations"),
        (mail(*[f"r{n}@example.org" for n in range(1_001)]), "personalizations"),
        (mail("b@example.org", "B@example.org"), "personalizations"),
        (mail("b@example.org", "nobody"), "personalizations.1.to.0.email"),
        (mail("b@example.org", subject=""), "subject"),
        (mail("b@example.org", content=[]), "content"),
        (mail("b@example.org", **{"from": {}}), "from.email"),
        (mail("b@example.org", **{"from": {"email": "a@example.org", "name": "Rabta, Trego"}}), "from.name"),
        (mail("b@example.org", subject="S\r\nBcc: c@example.org"), "subject"),
        (mail("b@example.org", reply_to={"email": "nobody"}), "reply_to.email"),
        (mail("b@example.org", reply_to={"email": "c@example.org", "name": "C; D"}), "reply_to.name"),
        (mail("b@example.org", reply_to={"email": "c@example.org"}, reply_to_list=[]), "reply_to"),
        (mail("b@example.org", headers={"Subject": "S"}), "personalizations.0.headers.Subject"),
        (mail("b@example.org", headers={"X-Note": "a\nb"}), "personalizations.0.headers.X-Note"),
        (mail("b@example.org", categories=["a", "a"]), "categories"),
        (mail("b@example.org", categories=[str(number) for number in range(11)]), "categories"),
        (one_to("b@example.org", name="Shop, Inc."), "personalizations.0.to.0.name"),
        (one_to("b@example.org", custom_args={"a": "x" * 9_992}), "personalizations.0.custom_args"),
        (one_to("b@example.org", custom_args={"a": 1}), "personalizations.0.custom_args"),
        (one_to("b@example.org", cc=[{"email": f"c{n}@example.org"} for n in range(1_000)]), "personalizations"),
    ],
)
def test_it_refuses_what_sendgrid_refuses_and_names_the_field(post, body, field):
    post([], path="/_behave")
    assert post(body) == (400, field)


def test_it_refuses_a_wrong_key(post):
    assert post(mail("b@example.org"), key="WRONG")[0] == 401


def test_it_ends_when_the_pipe_on_its_input_closes(process):
    process.stdin.close()
    assert process.wait(timeout=30) == 0
