"""A person's words over a fresh composition: three texts, line by line, into one; what cannot be joined is named.

*base* is the composed text that the person changed, *yours* what they made of it, *fresh* what is composed from the
record now. Where only one of the two differs from the base, that one counts. Where both do, nobody but a person can say
which holds: their words stay, and the place is a conflict.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

BEGINNING: Final = "the beginning"
"""The name of what stands before the first heading."""
WHOLE: Final = "the whole text"
"""The name of a text of which it is not known what it was made from."""
_UNDERLINE: Final = re.compile(r"^-{3,}\s*$")


@dataclass(frozen=True, kw_only=True)
class MergeConflict:
    """One place at which a person's words and the fresh composition differ, and both from what they came from."""

    section: str
    """The heading under which it stands."""
    yours: str
    fresh: str


@dataclass(frozen=True, kw_only=True)
class MergedText:
    """What became of three texts."""

    text: str
    base: str | None
    """What the result was made from: fresh, but in conflict, where the place stays what it was until it is settled."""
    conflicts: tuple[MergeConflict, ...] = ()


@dataclass(frozen=True)
class _Piece:
    """Lines of the three texts that belong together."""

    base: Sequence[str]
    yours: Sequence[str]
    fresh: Sequence[str]

    @property
    def is_conflict(self) -> bool:
        return self.base not in (self.yours, self.fresh) and self.yours != self.fresh

    @property
    def merged(self) -> Sequence[str]:
        return self.fresh if self.yours == self.base else self.yours


def merge(base: str | None, yours: str, fresh: str) -> MergedText:
    """Join a person's changes of *base* with those of the record; without a *base* only the same words join."""
    if yours == fresh:
        return MergedText(text=yours, base=fresh)
    if base is None:
        conflict = MergeConflict(section=WHOLE, yours=yours, fresh=fresh)
        return MergedText(text=yours, base=None, conflicts=(conflict,))
    text: list[str] = []
    new_base: list[str] = []
    conflicts = []
    for piece in _pieces(base.split("\n"), yours.split("\n"), fresh.split("\n")):
        if piece.is_conflict:
            section = _heading_before(text)
            conflicts.append(MergeConflict(section=section, yours="\n".join(piece.yours), fresh="\n".join(piece.fresh)))
        text += piece.merged
        new_base += piece.base if piece.is_conflict else piece.fresh
    return MergedText(text="\n".join(text), base="\n".join(new_base), conflicts=tuple(conflicts))


def _pieces(base: list[str], yours: list[str], fresh: list[str]) -> Iterator[_Piece]:
    """Divide three texts at the lines that all of them have."""
    in_yours, in_fresh = _matches(base, yours), _matches(base, fresh)
    at = (0, 0, 0)
    for line in range(len(base) + 1):
        is_end = line == len(base)
        if not is_end and not (line in in_yours and line in in_fresh):
            continue
        to = (line, len(yours), len(fresh)) if is_end else (line, in_yours[line], in_fresh[line])
        yield from _line_by_line(
            _Piece(base[at[0] : to[0]], yours[at[1] : to[1]], fresh[at[2] : to[2]]),
        )
        if not is_end:
            same = base[line : line + 1]
            yield _Piece(same, same, same)
        at = (to[0] + 1, to[1] + 1, to[2] + 1)


def _line_by_line(piece: _Piece) -> Iterator[_Piece]:
    """Divide a piece of as many lines in each text once more: two people may change two lines that touch."""
    if len(piece.base) == len(piece.yours) == len(piece.fresh):
        for base, yours, fresh in zip(piece.base, piece.yours, piece.fresh, strict=True):
            yield _Piece([base], [yours], [fresh])
    else:
        yield piece


def _matches(base: list[str], other: list[str]) -> dict[int, int]:
    """Give for each line of *base* that *other* has too where it stands there."""
    # Without its guess at junk: an empty line is frequent in a letter, and still a line of it.
    blocks = SequenceMatcher(None, base, other, autojunk=False).get_matching_blocks()
    return {block.a + offset: block.b + offset for block in blocks for offset in range(block.size)}


def _heading_before(lines: Sequence[str]) -> str:
    for place in range(len(lines) - 1, 0, -1):
        if _UNDERLINE.match(lines[place]):
            return lines[place - 1].strip()
    return BEGINNING
