"""How a required element is found in a finished text: by what stands under its heading, whoever wrote it.

The elements are those of Art. 33(3), 33(2) and 34(2) GDPR. Whether a sentence is true is not checked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from incidents.case.case_file import CaseOverview
from incidents.facts.data_set import DataSet
from notifications.language.catalogue import Catalogue
from notifications.letters.plain_language import plain_text

HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "nature": ("what_happened", "a_nature"),
    "people_categories": ("a_people", "your_customers", "which_data"),
    "people_number": ("a_people", "your_customers"),
    "records_categories": ("a_data", "your_customers", "which_data"),
    "records_number": ("a_data", "your_customers"),
    "consequences": ("consequences", "a_consequences"),
    "measures": ("measures", "a_measures"),
    "recommendations": ("what_to_do", "controller_steps"),
    "reasons_for_delay": ("reasons_for_delay",),
    "contact": ("contact", "a_contact"),
}
"""The headings under which an element is looked for."""

PLACES: Final[Mapping[str, str]] = {
    "people_number": "[[people]]",
    "records_number": "[[records]]",
    "records_categories": "[[kinds]]",
}
"""Places that each merchant's own figures fill (Art. 33(2) GDPR)."""

ALIASES: Final[Mapping[str, str]] = {"record_number": "records_number", "record_categories": "records_categories"}
"""Other spellings of an element."""

EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
# ``+49 30 123 456`` or ``030/123456``, at least eight characters and not within a word: ``INC-2026-0007`` and a date
# are none.
_PHONE = re.compile(r"(?<![\w-])(?:\+|0)\d[\d ()/\u00a0-]{5,}\d")
# ``4.200``, ``4,200``, ``4'200``, ``4 200``: a separator between groups of three, in any language's way.
_GROUPED = re.compile(r"(?<=\d)[.,'’\s\u00a0\u202f](?=\d{3}(?!\d))")
_FEWEST_LETTERS = 15
"""Less than this under a heading is no sentence."""
_FEWEST_IN_AN_ITEM = 4
"""An item of a list may be one word, such as the name of a consequence: ``- Betrug``."""
_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+(.*)$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class FinishedText:
    """A finished text as the check reads it."""

    plain: str
    """All of it, with case, spaces and apostrophes folded."""
    sections: Mapping[str, str]
    """What stands under each heading, by the heading's name in the catalogue."""
    words: Catalogue
    sets: tuple[DataSet, ...]
    """The data sets that this kind of text tells of."""
    case: CaseOverview

    def under(self, element: str) -> str:
        """What stands under the element's headings."""
        return "\n".join(self.sections.get(heading, "") for heading in HEADINGS.get(element, ())).strip()


def is_stated(element: str, text: FinishedText) -> bool:
    """Whether the text shows an element; one of another law, for which there is no rule here, is taken for shown."""
    if says_not_yet(element, text):
        return False
    # "\0" stands in no text: an element without a place is never found here.
    if PLACES.get(element, "\0") in text.plain:
        return True
    find = _FINDERS.get(element)
    if find is not None:
        return find(element, text)
    # It is not blocked for want of a rule: completeness.py puts it before the person who approves.
    return element not in HEADINGS or _says_something(text.under(element))


def says_not_yet(element: str, text: FinishedText) -> bool:
    """Whether the text says, in the catalogue's words, that the element is not yet known."""
    stem = text.words.coded("not_yet", element)
    return stem is not None and plain_text(stem) in text.plain


def _says_something(passage: str) -> bool:
    """Whether a passage has a sentence, or a list with an item."""
    items = (_has_words(item, _FEWEST_IN_AN_ITEM) for item in _ITEM.findall(passage))
    return _has_words(passage, _FEWEST_LETTERS) or any(items)


def _gives_contact(_: str, text: FinishedText) -> bool:
    return bool(EMAIL.search(text.plain) or _PHONE.search(text.plain))


def _names_awareness(_: str, text: FinishedText) -> bool:
    aware = text.case.aware_at
    # By the UTC time, which every language writes alike and texts for authorities and merchants give beside the local
    # one.
    return aware is not None and f"{aware.astimezone(UTC):%H:%M} utc" in text.plain


def _gives_number(element: str, text: FinishedText) -> bool:
    return bool(numbers(text.under(element)))


def _names_groups(element: str, text: FinishedText) -> bool:
    return bool(labels_found(element, text)) or _has_words(_without_numbers(text.under(element)), 3)


_FINDERS: Final[Mapping[str, Callable[[str, FinishedText], bool]]] = {
    "contact": _gives_contact,
    "aware_at": _names_awareness,
    "people_number": _gives_number,
    "records_number": _gives_number,
    "people_categories": _names_groups,
    "records_categories": _names_groups,
}
"""How an element is found that is more than a sentence under a heading."""


def _has_words(passage: str, fewest: int) -> bool:
    return sum(letter.isalpha() for letter in passage) >= fewest


def _without_numbers(passage: str) -> str:
    """Leave out lines with numbers and places: a line that counts people does not say which people."""
    return "\n".join(line for line in passage.splitlines() if not re.search(r"\d|\[\[", line))


def numbers(passage: str) -> set[int]:
    """The whole numbers in a passage, however their digits are grouped."""
    joined = _GROUPED.sub("", passage)
    # None beside a letter or a hyphen: a reference such as ``INC-2026-0007`` counts nobody.
    return {int(number) for number in re.findall(r"(?<![\w.-])\d{1,12}(?![\w-])", joined)}


def labels_found(element: str, text: FinishedText) -> list[str]:
    """The words of the facts' groups or kinds that stand in the text."""
    return [label for label in labels(element, text) if plain_text(label) in text.plain]


def labels(element: str, text: FinishedText) -> list[str]:
    """The words for the groups or kinds that the facts name."""
    section = "subjects" if element == "people_categories" else "kinds"
    codes = dict.fromkeys(
        code for data_set in text.sets for code in (data_set.subjects if section == "subjects" else data_set.kinds)
    )
    return [label for code in codes if (label := text.words.coded(section, code)) is not None]


def has_rule(element: str) -> bool:
    """Whether this module can find the element at all."""
    return element in _FINDERS or element in HEADINGS
