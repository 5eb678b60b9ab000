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


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ("2026-02-30", "timestamp"),
        ("2026-11-18T25:00:00Z", "timestamp"),
        ("2026-11-18 10:00:00 +99:00", "timestamp"),
        ("!!timestamp soon", "timestamp"),
        ("!!int many", "int"),
        ("!!float much", "float"),
        ("!!bool maybe", "bool"),
        ("1" * 5_000, "int"),
    ],
)
def test_a_value_that_does_not_exist_is_refused_with_its_line(value, kind):
    with pytest.raises(DocumentError, match=rf"scope\.yaml line 3: .*this is no valid {kind}"):
        read_yaml(f"summary: x\ntimes:\n  - {value}\n", "scope.yaml")


@pytest.mark.parametrize("text", ["12:30", "1:30:00", "010", "0301234567", "0x1F", "0b11"])
def test_what_only_an_older_yaml_takes_for_a_number_stays_a_text(text):
    assert read_yaml(f"a: {text}", "f").value == {"a": text}


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("8", 8), ("-4", -4), ("+4", 4), ("1_200", 1_200), ("1.5", 1.5)]
)
def test_plain_numbers_are_numbers(text, number):
    assert read_yaml(f"a: {text}", "f").value == {"a": number}


CHAIN = "\n".join(["a: &a0 [1]", *(f"b{n}: &a{n} [*a{n - 1}]" for n in range(1, 2_000))])


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", CHAIN], ids=["list", "mapping", "chain"])
def test_aliases_that_hold_themselves_or_go_deep_are_refused(text):
    with pytest.raises(DocumentError, match=r"deep\.yaml line \d+: aliases stand more than 100 deep"):
        read_yaml(text, "deep.yaml")
