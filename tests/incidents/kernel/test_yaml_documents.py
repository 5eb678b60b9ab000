"""Files that people write: what is no document is refused with its line."""

from __future__ import annotations

import pytest

from incidents.kernel.yaml_documents import DEEPEST, DocumentError, read_yaml


@pytest.mark.parametrize("key", ["? [a, b]\n: 1\n", "? {a: b}\n: 1\n", "inner:\n  ? [a]\n  : 1\n"])
def test_a_key_that_is_no_word_is_refused_with_its_line(key: str) -> None:
    with pytest.raises(DocumentError, match=r"line [23]: a key is one word, not a list or a mapping"):
        read_yaml(f"summary: x\n{key}", "scope.yaml")


def test_a_nul_is_no_text_and_is_refused_with_its_line() -> None:
    with pytest.raises(DocumentError, match="scope.yaml line 2: a text holds a NUL"):
        read_yaml('summary: x\ncause: "a\\0b"\n', "scope.yaml")


def bomb(letters: int) -> str:
    """Nine times nine times nine: lists of aliases of lists of aliases."""
    lines = ['a: &a ["x", "x", "x", "x", "x", "x", "x", "x", "x"]']
    lines += [f"{chr(97 + n)}: &{chr(97 + n)} [{', '.join([f'*{chr(96 + n)}'] * 9)}]" for n in range(1, letters)]
    return "\n".join(lines)


def test_aliases_that_repeat_themselves_into_billions_are_refused():
    assert read_yaml(bomb(3), "bomb.yaml").value["c"][0][0] == ["x"] * 9
    with pytest.raises(DocumentError, match=r"bomb\.yaml: it has more than 100,000 values"):
        read_yaml(bomb(12), "bomb.yaml")


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "- " * 100_000, "{a: " * 100_000, "\n".join(" " * n + "a:" for n in range(300)), "? " * 5_000],
    ids=["[", "-", "{", "indented", "?"],
)
def test_what_stands_too_deep_is_refused_before_the_stack_ends(text):
    with pytest.raises(DocumentError, match=r"deep\.yaml line \d+: lists and mappings stand more than 100 deep"):
        read_yaml(text, "deep.yaml")


@pytest.mark.parametrize("depth", [DEEPEST, DEEPEST + 1])
def test_the_depth_is_counted_to_the_last_list(depth):
    text = "[" * depth + "]" * depth
    if depth <= DEEPEST:
        assert read_yaml(text, "deep.yaml").name == "deep.yaml"
    else:
        with pytest.raises(DocumentError, match="100 deep"):
            read_yaml(text, "deep.yaml")


def test_many_short_lists_are_not_deep():
    assert len(read_yaml("\n".join("- [a, {b: c}]" for _ in range(500)), "wide.yaml").value) == 500
