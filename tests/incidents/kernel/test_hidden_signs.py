"""What nobody sees and what changes what is seen is shown or left out; the signs that names are written with stay."""

from __future__ import annotations

import json
import unicodedata

import pytest

from incidents.kernel.hidden_signs import HIDDEN, escaped_in_json, shown, without_hidden

NAMES = ("Zoë O\N{NO-BREAK SPACE}Neill", "می\u200cشود", "क्\u200dष", "שלום\u200f", "\u200eA\u061c")
KEPT = {*"\t\n\u200c\u200d\u200e\u200f\u061c\u00ad"}


@pytest.mark.parametrize("name", NAMES)
def test_names_stay(name):
    assert shown(name) == without_hidden(name) == name


def test_every_control_and_every_sign_that_turns_a_line_is_hidden_unless_names_need_it():
    steering = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
    asked = {chr(code) for code in range(0x110000) if unicodedata.category(chr(code)) == "Cc"}
    asked |= {chr(code) for code in range(0x110000) if unicodedata.bidirectional(chr(code)) in steering}
    asked |= {"\u200b", "\u2060", "\ufeff", "\u2028", "\u2029", "\U000e0041"}
    assert {sign for sign in asked if not HIDDEN.match(sign)} <= KEPT


def test_a_program_gets_the_same_values():
    value = ["a\u202eb", "\U000e0001", "plain é"]
    written = escaped_in_json(json.dumps(value, ensure_ascii=False))
    assert json.loads(written) == value
    assert (HIDDEN.search(written), "é" in written) == (None, True)
