"""Files that people write: what is no document is refused with its line."""

from __future__ import annotations

import pytest

from incidents.documents import DocumentError, read_yaml


@pytest.mark.parametrize("key", ["? [a, b]\n: 1\n", "? {a: b}\n: 1\n", "inner:\n  ? [a]\n  : 1\n"])
def test_a_key_that_is_no_word_is_refused_with_its_line(key: str) -> None:
    with pytest.raises(DocumentError, match=r"line [23]: a key is one word, not a list or a mapping"):
        read_yaml(f"summary: x\n{key}", "scope.yaml")


def test_a_nul_is_no_text_and_is_refused_with_its_line() -> None:
    with pytest.raises(DocumentError, match="scope.yaml line 2: a text holds a NUL"):
        read_yaml('summary: x\ncause: "a\\0b"\n', "scope.yaml")
