"""Reading YAML that people write: no surprises in booleans and numbers, and every value knows its line.

``NO`` stays Norway and ``yes`` a word (YAML 1.2 booleans), ``12:30`` and ``007`` stay texts, a key written twice is
refused, and no tag builds an object.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import yaml

from incidents.kernel.errors import InvalidInputError
from incidents.kernel.plain_problems import in_plain_words

DocumentPath = tuple[str | int, ...]


DEEPEST = 100
"""How deep lists and mappings may stand in each other; a person's document has half a dozen."""
MOST_VALUES = 100_000
"""How many values a document may have: a few aliases of aliases (``&a``, ``*a``) would make billions."""
_FAR_IN = re.compile(rf"^[ ?:-]{{{DEEPEST}}}", re.MULTILINE)
"""A line that begins far enough to the right to stand that deep."""


class DocumentError(InvalidInputError):
    """A document could not be read; the message gives file, line and what was expected."""


@dataclass(frozen=True, kw_only=True)
class Document:
    """A YAML text as plain values, with the line on which each value stands."""

    name: str
    value: Any
    lines: Mapping[DocumentPath, int]

    def where(self, place: DocumentPath) -> str:
        """Say ``file line N`` for a value, or for the nearest value around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return f"{self.name} line {self.lines.get(place, 1)}"

    def problems(self, errors: list[Any]) -> tuple[str, ...]:
        """Put pydantic's errors into one line each: where, which key, what was expected."""
        # A union of forms complains of each form and of the whole; the innermost complaint names the key that a person
        # can mend.
        deepest = [error for error in errors if not any(_is_inside(other, error) for other in errors)]
        return tuple(dict.fromkeys(self._problem(error) for error in deepest))

    def _problem(self, error: Any) -> str:
        place = self._written(tuple(error["loc"]), may_be_missing=error["type"] == "missing")
        key = ".".join(str(part) for part in place) or "the document"
        if error["type"] == "extra_forbidden":
            return f"{self.where(place)}: unknown key `{key}`"
        if error["type"] == "missing":
            return f"{self.where(place)}: `{key}` is missing"
        return f"{self.where(place)}: `{key}`: {in_plain_words(error)}"

    def _written(self, place: DocumentPath, *, may_be_missing: bool) -> DocumentPath:
        """Keep of a place what stands in the document: pydantic puts names of types into it where several may fit."""
        # A document that was not read from a text has no lines to look in.
        if not self.lines:
            return place
        known: DocumentPath = ()
        for number, part in enumerate(place, start=1):
            # YAML's keys are texts where they are noted, and may be numbers where they are built.
            is_written = (*known, part) in self.lines or (*known, str(part)) in self.lines
            if is_written or (may_be_missing and number == len(place)):
                known = (*known, part)
        return known


def _is_inside(inner: Any, outer: Any) -> bool:
    """Whether *inner* is a problem within the value that *outer* complains of as a whole."""
    depth = len(outer["loc"])
    return len(inner["loc"]) > depth and inner["loc"][:depth] == outer["loc"]


if TYPE_CHECKING:
    _PlainLoader = yaml.SafeLoader
else:
    _PlainLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_PlainLoader):  # the base is the C loader where libyaml is there
    """Safe loading with the booleans of YAML 1.2 and decimal whole numbers only."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Build one value; one that cannot be is refused as YAML, with its line."""
        try:
            return super().construct_object(node, deep)
        # What looks like a date and is none (``2026-02-30``), a number of thousands of digits, a tag that does not fit
        # (``!!bool maybe``): PyYAML lets whatever Python raised through, without the line.
        except (ValueError, KeyError, AttributeError) as error:
            problem = f"this is no valid {node.tag.rpartition(':')[2]}"
            raise yaml.constructor.ConstructorError(None, None, problem, node.start_mark) from error


_BOOLEAN, _WHOLE_NUMBER = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:int"
# A copy: the resolvers of PyYAML's own loader are shared by every library in this process.
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in {_BOOLEAN, _WHOLE_NUMBER}]
    for first, resolvers in _PlainLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
# YAML 1.1 takes ``12:30`` for 750 (base 60) and ``010`` for 8 (octal): a person who wrote either meant neither.
_Loader.add_implicit_resolver(_WHOLE_NUMBER, re.compile(r"^[-+]?(?:0|[1-9][0-9_]*)$"), list("-+0123456789"))


def read_yaml(text: str, name: str) -> Document:
    """Read *text* as one YAML document called *name* in messages.

    Raises:
        DocumentError: not YAML, a key written twice, a tag that would build an object, too deep, or too many values.

    """
    try:
        # Before it is composed, which is where nesting and aliases do their harm.
        _refuse_too_deep(text, name)
        with _loading(text) as loader:
            node = loader.get_single_node()
            lines: dict[DocumentPath, int] = {}
            if node is not None:
                _note_lines(node, (), lines, name)
            # Only once the values were counted: whoever walks the built document meets every alias of an alias anew.
            value = loader.construct_document(node) if node is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f" line {mark.line + 1}" if mark else ""
        what = getattr(error, "problem", None) or "no text"
        message = f"{name}{line}: this is not valid YAML ({what})"
        raise DocumentError(message) from error
    return Document(name=name, value=value, lines=lines)


@contextmanager
def _loading(text: str) -> Iterator[_Loader]:
    loader = _Loader(text)
    try:
        yield loader
    finally:
        loader.dispose()


def _refuse_too_deep(text: str, name: str) -> None:
    """Refuse what stands too deep in each other before it is composed: the composer in C would overflow its stack."""
    # Most files pass by this look alone, and are not parsed twice.
    if text.count("[") + text.count("{") <= DEEPEST and not _FAR_IN.search(text):
        return
    depth = 0
    with _loading(text) as loader:
        while loader.check_event():
            event = loader.get_event()  # type: ignore[no-untyped-call]  # of the C loader
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                line = event.start_mark.line + 1
                message = f"{name} line {line}: lists and mappings stand more than {DEEPEST} deep in each other"
                raise DocumentError(message)


def _note_lines(node: yaml.Node, place: DocumentPath, lines: dict[DocumentPath, int], name: str) -> None:
    lines[place] = node.start_mark.line + 1
    # The look at the text follows no alias: a list that holds itself (``&a [*a]``) goes deep only here.
    if len(place) > DEEPEST:
        message = f"{name} line {node.start_mark.line + 1}: aliases stand more than {DEEPEST} deep in each other"
        raise DocumentError(message)
    # Counted while walking, aliases each time they are met: the document itself may be a few lines.
    if len(lines) > MOST_VALUES:
        message = f"{name}: it has more than {MOST_VALUES:,} values, those that an alias repeats counted each time"
        raise DocumentError(message)
    if isinstance(node, yaml.ScalarNode) and "\0" in node.value:
        message = f"{name} line {node.start_mark.line + 1}: a text holds a NUL, which no database of ours keeps"
        raise DocumentError(message)
    if isinstance(node, yaml.MappingNode):
        seen: set[Hashable] = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                message = f"{name} line {key.start_mark.line + 1}: a key is one word, not a list or a mapping"
                raise DocumentError(message)
            if key.value in seen:
                message = f"{name} line {key.start_mark.line + 1}: `{key.value}` is written twice"
                raise DocumentError(message)
            seen.add(key.value)
            _note_lines(value, (*place, key.value), lines, name)
            # Over the line that the walk noted: a value may begin below its key, and people look for the key.
            lines[*place, key.value] = key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _note_lines(value, (*place, index), lines, name)
