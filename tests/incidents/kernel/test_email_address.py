"""One rule for e-mail addresses, in configuration, in imported lists and in sending."""

from __future__ import annotations

import pytest
from pydantic import TypeAdapter, ValidationError

from config.organisation import Email
from incidents.casework.communication.list_files import RowRefused, address_in
from incidents.kernel.email_address import is_email_address, wire_form
from notifications.delivery.preflight import is_address, wire_address

TAKEN = [
    "a@b.co", "mara.lind+orders@mail.example.org", "o'brien@example.org", "x_y=z%w#1@sub.example-shop.de",
    f"{'a' * 64}@example.org", f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 58}.f", "1@2.3",
]  # fmt: skip
REFUSED = [
    "", "a", "@b.co", "a@", "a@b", "a@localhost", "a@@b.co", "a@b.co@c.de", "a b@c.de", "a@b .de", "a@b..de", "a@.de",
    "a@b.de.", "a@b_c.de", "a,b@c.de", "a;b@c.de", "a:b@c.de", "<a@b.de>", "Mara <a@b.de>", '"a"@b.de', "a(b)@c.de",
    "a[b]@c.de", "a\\b@c.de", "a@[127.0.0.1]", "a@b.de\n", "a\nb@c.de", "a\r\nBcc:x@b.de", "a\tb@c.de", "a\x00@b.de",
    "a\x7f@b.de", "a\u200b@b.de", "müller@example.org", "a\ud800@b.de", f"{'a' * 65}@example.org",
    f"a@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 59}.ff", ".a@b.de", "a.@b.de", "a..b@c.de", "a@-b.de", "a@b-.de",
    f"a@{'b' * 64}.de", "weiß@b.de", "\U0001f600.b@c.de", "a@xn--a.de", "a@b\u200b.de", "a@b\u202e.de", "a@\udcff.de",
    f"a@{'ü' * 60}.de",
]  # fmt: skip


def configuration_takes(text: str) -> str | None:
    # Around an address the settings' documents cut off what is blank, before the rule is asked.
    try:
        return TypeAdapter(Email).validate_python(text) if text == text.strip() else None
    except ValidationError:
        return None


def import_takes(text: str) -> str | None:
    try:
        return address_in({"email": text})
    except RowRefused:
        return None


def sending_takes(text: str) -> str | None:
    return wire_address(text) if is_address(text) else None


WAYS = [wire_form, configuration_takes, import_takes, sending_takes]
IN_OTHER_LETTERS = [
    ("a@bücher.example", "a@xn--bcher-kva.example"),
    ("a@BÜCHER.example", "a@xn--bcher-kva.example"),
    ("a@straße.de", "a@xn--strae-oqa.de"),
    ("a@faß.de", "a@xn--fa-hia.de"),
    ("a@例え。jp", "a@xn--r8jz45g.jp"),
    ("a@xn--bcher-kva.example", "a@xn--bcher-kva.example"),
]
"""Each address with its form on the wire; with IDNA 2003 the two with an ß were other people's domains."""


@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize("text", TAKEN)
def test_an_address_is_taken_everywhere_as_it_is(text, takes):
    assert takes(text) == text


@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize("text", REFUSED)
def test_what_is_none_is_refused_everywhere(text, takes):
    # A list is written by hand or by a mailer: there an address may stand in its usual brackets, after a name.
    read_out = takes is import_takes and text in {"<a@b.de>", "Mara <a@b.de>"}
    assert takes(text) == ("a@b.de" if read_out else None)


@pytest.mark.parametrize("takes", WAYS)
@pytest.mark.parametrize(("text", "wire"), IN_OTHER_LETTERS)
def test_a_domain_in_other_letters_becomes_the_same_everywhere(text, wire, takes):
    assert takes(text) == wire
    assert is_email_address(text)
