"""The catalogue: codes and fixed phrases in the words of one language, read from templates/words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from incidents.facts.data_kind_aliases import parts, spellings
from incidents.kernel.errors import DefectError
from incidents.kernel.yaml_documents import DocumentError, read_yaml

FALLBACK = "en"
"""The language that is used, and named as such, where there are no words in the one that was asked for."""

_KINDS = "kinds"
"""The section with the kinds of data: the one list in which people write the same thing in many ways."""
_LANGUAGE = re.compile(r"^[a-z]{2}$")


class WordsError(DefectError):
    """A catalogue lacks a phrase, or cannot be read; the message names file and key."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The words of one language."""

    language: str
    sections: Mapping[str, Any]

    def section(self, name: str) -> Mapping[str, Any]:
        """Give a whole section, in the order of the file."""
        content = self.sections.get(name)
        if not isinstance(content, Mapping):
            raise WordsError(self._lacks(name))
        return content

    def phrase(self, section: str, name: str, **places: str) -> str:
        """Give a fixed phrase with its places filled; a missing one is a fault of the catalogue and loud."""
        text = self.section(section).get(name)
        if not isinstance(text, str):
            raise WordsError(self._lacks(f"{section}.{name}"))
        return fill(text, **places)

    def coded(self, section: str, code: str, part: str | None = None) -> str | None:
        """Give the words for a code of an open list, or ``None`` where the catalogue does not know it.

        A kind of data may stand there by another word: ``phone_number`` is said as ``phone``, and ``name_and_pesel`` by
        both its parts.
        """
        # Kinds only: elsewhere an unknown code is a gap to be warned of, and guessing by its parts could say another
        # thing.
        if section == _KINDS and part is None:
            return self._kind(code)
        value = self.section(section).get(code)
        if part is not None and isinstance(value, Mapping):
            value = value.get(part)
        return value if isinstance(value, str) else None

    def _kind(self, word: str) -> str | None:
        """Say a kind of data: by its own words, else by those of the row it stands for, else part by part."""
        known = self.section(_KINDS)
        for spelling in spellings(word):
            if isinstance(name := known.get(spelling), str):
                return name
        joined = parts(word)
        # All parts or none: half of ``name_and_pesel`` in a letter would be a false list of what was taken.
        names = [self._kind(slug) for slug in joined] if len(joined) > 1 else []
        return ", ".join(dict.fromkeys(filter(None, names))) if names and all(names) else None

    @cached_property
    def rules(self) -> Mapping[str, Any]:
        """What the plain-language check looks for in this language."""
        return self.section("plain")

    def _lacks(self, key: str) -> str:
        return f"templates/words/{self.language}.yaml lacks `{key}`: add it there"


def read_catalogue(folder: Path, language: str) -> Catalogue | None:
    """Read the catalogue of a language, or answer ``None`` where there is none.

    Raises:
        WordsError: the file is there but cannot be read as a mapping.

    """
    # The language becomes a part of a file name: nothing but two letters may get there.
    if not _LANGUAGE.match(language):
        return None
    file = folder / "words" / f"{language}.yaml"
    if not file.is_file():
        return None
    try:
        value = read_yaml(file.read_text(encoding="utf-8"), f"templates/words/{file.name}").value
    except (DocumentError, UnicodeDecodeError) as error:
        raise WordsError(str(error)) from error
    if not isinstance(value, dict):
        message = f"templates/words/{file.name}: a mapping of sections is expected"
        raise WordsError(message)
    return Catalogue(language=language, sections=value)


def fill(phrase: str, **places: str) -> str:
    """Put values into the ``{places}`` of a phrase; unlike `str.format` it can reach nothing inside a value."""
    return re.sub(r"\{(\w+)\}", lambda place: places.get(place[1], place[0]), phrase)


def readable(code: str) -> str:
    """Show a code as words: ``credit_damage`` becomes ``credit damage``."""
    return code.replace("_", " ").replace("-", " ").strip()
