"""What is left of an address or a secret once it is written down somewhere."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.redaction import Secret, mask_address, remove_addresses


@pytest.mark.parametrize(
    ("address", "masked"),
    [
        ("anyone@example.org", "a***@example.org"),
        ("any@example.org", "a***@example.org"),
        ("me@example.org", "***@example.org"),
        ("a@example.org", "***@example.org"),
        ("no address", "***"),
        ("@example.org", "***"),
        ("anyone@", "***"),
        ("", "***"),
        ("anyone@example.org\nforged log line", "***"),
    ],
)
def test_a_masked_address_shows_its_first_letter_and_domain(address, masked):
    assert mask_address(address) == masked


def test_addresses_inside_a_text_are_removed_and_the_rest_is_kept():
    text = "sent to <anyone@example.org>, someone@example.net."
    assert remove_addresses(text) == "sent to <[address]>, [address]"
    assert remove_addresses("to: anyone@example.org!") == "to: [address]"


@given(st.emails())
def test_no_address_survives_removal(address):
    assert address not in remove_addresses(f"the address {address} was refused")


def test_a_secret_is_silent_everywhere_but_in_reveal():
    secret = Secret("hush")
    assert secret.reveal() == "hush"
    assert "hush" not in f"{secret} {secret!r} {[secret]}"
    assert secret.remove_from("they said hush twice: hush") == "they said [secret] twice: [secret]"
    assert Secret("").remove_from("as it was") == "as it was"
    with pytest.raises(TypeError):
        pickle.dumps(secret)
