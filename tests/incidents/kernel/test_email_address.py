"""One rule for e-mail addresses, in configuration, in imported lists and in sending."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from config.organisation import Email
from incidents.casework.communication.list_files import RowRefused, address_in
from incidents.kernel.email_address import is_email_address
from notifications.delivery.preflight import is_address

TAKEN = [
    "a@b.co", "mara.lind+orders@mail.example.org", "o'brien@example.org", "x_y=z%w#1@sub.example-shop.de",
    f"{'a' * 64}@example.org", f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 58}.f", "1@2.3",
]  # fmt: skip
REFUSED = [
    "", "a", "@b.co", "a@", "a@b", "a@localhost", "a@@b.co", "a@b.co@c.de", "a b@c.de", "a@b .de", "a@b..de", "a@.de",
    "a@b.de.", "a@b_c.de", "a,b@c.de", "a;b@c.de", "a:b@c.de", "<a@b.de>", "Mara <a@b.de>", '"a"@b.de', "a(b)@c.de",
    "a[b]@c.de", "a\\b@c.de", "a@[127.0.0.1]", "a@b.de\n", "a\nb@c.de", "a\r\nBcc:x@b.de", "a\tb@c.de", "a\x00@b.de",
    "a\x7f@b.de", "a\u200b@b.de", "müller@example.org", "a\ud800@b.de", f"{'a' * 65}@example.org",
    f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 59}.ff",
]  # fmt: skip


def configuration_takes(text: str) -> bool:
    try:
        return TypeAdapter(Email).validate_python(text) == text
    except ValidationError:
        return False


def import_takes(text: str) -> bool:
    try:
        return address_in({"email": text}) == text
    except RowRefused:
        return False


WAYS = [is_email_address, configuration_takes, import_takes, is_address]


@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize("text", TAKEN)
def test_an_address_is_taken_everywhere(text, takes):
    assert takes(text)


@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize("text", REFUSED)
def test_what_is_none_is_refused_everywhere(text, takes):
    assert not takes(text)


def test_a_domain_in_other_letters_is_taken_only_where_it_is_turned_into_ascii_first():
    assert [takes("a@bücher.example") for takes in WAYS] == [False, False, False, True]
