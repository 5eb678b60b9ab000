"""Which legally required element a text still lacks, and what a person should look at before approving it.

Knows how to find an element in a finished text; refuses to know how the text came about. The check reads what would be
sent, never the facts alone, so it treats a composed text and one that a person edited alike. How an element is found:

1. The text says that it is "not yet known" in the catalogue's words (``not_yet``): then it is not stated, whatever else
   stands there. It counts as *will follow* where the law lets it follow (Art. 33(4) GDPR) and a person marked it so.
2. Else a part of the letter is found by its heading (``headings``), and the element must show under it: a sentence, a
   group, a number, a list. A person who edits keeps the headings; the hint of a missing element names them.
3. A contact is an e-mail address or a telephone number anywhere in the text.

What this cannot do: judge whether a sentence is true, or good. Numbers, kinds and groups that differ from the facts are
therefore warned of, never silently taken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from incidents.casefile import CaseFile
from incidents.facts import Count, DataSet
from incidents.law import ContentElement
from notifications.compose import Composed
from notifications.plain_language import plain_language, plain_text, sections
from notifications.told_case import is_late
from notifications.told_facts import told_sets
from notifications.words import Catalogue

_HEADINGS: Final[Mapping[str, tuple[str, ...]]] = {
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

_PLACES: Final[Mapping[str, str]] = {
    "people_number": "[[people]]",
    "records_number": "[[records]]",
    "records_categories": "[[kinds]]",
}
"""Places that each merchant's own figures fill (Art. 33(2) GDPR)."""

_ALIASES: Final[Mapping[str, str]] = {"record_number": "records_number", "record_categories": "records_categories"}
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<![\w-])(?:\+|0)\d[\d ()/\u00a0-]{5,}\d")
_GROUPED = re.compile(r"(?<=\d)[.,'’\s\u00a0\u202f](?=\d{3}(?!\d))")
_FEWEST_LETTERS = 15
"""Less than this under a heading is no sentence."""


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A required element that the text does not have."""

    id: str
    article: str
    asks: str
    mend: str = ""
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class Completeness:
    """What a text lacks (this blocks its approval), what is to follow, and what to look at."""

    missing: tuple[Missing, ...]
    will_follow: frozenset[str]
    warnings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Text:
    """A finished text as the check reads it."""

    plain: str
    sections: Mapping[str, str]
    words: Catalogue
    sets: tuple[DataSet, ...]
    case: CaseFile

    def under(self, element: str) -> str:
        """What stands under the element's headings."""
        return "\n".join(self.sections.get(heading, "") for heading in _HEADINGS.get(element, ())).strip()


def check(  # noqa: PLR0917 - the order in which every caller names them: what, in which words, about which case
    kind: str,
    language: str,
    composed: Composed,
    case: CaseFile,
    duty_content: tuple[ContentElement, ...],
    will_follow: frozenset[str],
) -> Completeness:
    """Find what a text lacks of the duty's required content; for letters to people also how plainly it speaks.

    *will_follow* are the elements that a person marked as "not yet known, will follow" (Art. 33(4) GDPR). Elements that
    the law asks only of a late notification are asked only then. Everything missing blocks; warnings never do.

    Raises:
        ValueError: *composed* was not made by a `Wording`.

    """
    words = _words_of(composed)
    sets = (case.facts.as_processor if case.facts else ()) if kind == "controllers" else told_sets(case.facts)
    text = _Text(
        plain=plain_text(composed.text),
        sections=sections(composed.text, words),
        words=words,
        sets=sets,
        case=case,
    )
    late = is_late(case, kind, case.as_of)
    asked = [element for element in duty_content if late or not _only_if_late(element)]
    unstated = [element for element in asked if not _is_stated(_id(element), text)]
    marked = frozenset(_ALIASES.get(name, name) for name in will_follow)
    follows = frozenset(element.id for element in unstated if element.may_follow and _id(element) in marked)
    missing = tuple(_missing(element, text) for element in unstated if element.id not in follows)
    return Completeness(
        missing=(*missing, *_unstamped(composed, case)),
        will_follow=follows,
        warnings=tuple(
            dict.fromkeys((*_in_another(language, composed), *_warnings(kind, composed, text, asked, follows)))
        ),
    )


def _words_of(composed: Composed) -> Catalogue:
    if composed.words is None:
        message = "only a text made by Wording.letter or Wording.from_text can be checked: it carries its catalogue"
        raise ValueError(message)
    return composed.words


def _id(element: ContentElement) -> str:
    return _ALIASES.get(element.id, element.id)


def _only_if_late(element: ContentElement) -> bool:
    return element.only_if_late or element.id == "reasons_for_delay"


def _is_stated(element: str, text: _Text) -> bool:
    """Whether the text shows an element; one of another law, for which there is no rule here, is warned of instead."""
    if _says_not_yet(element, text):
        return False
    if _PLACES.get(element, "\0") in text.plain:
        return True
    find = _FINDERS.get(element)
    if find is not None:
        return find(element, text)
    return element not in _HEADINGS or _has_words(text.under(element), _FEWEST_LETTERS)


def _says_not_yet(element: str, text: _Text) -> bool:
    stem = text.words.coded("not_yet", element)
    return stem is not None and plain_text(stem) in text.plain


def _gives_contact(_: str, text: _Text) -> bool:
    return bool(_EMAIL.search(text.plain) or _PHONE.search(text.plain))


def _names_awareness(_: str, text: _Text) -> bool:
    aware = text.case.aware_at
    return aware is not None and f"{aware.astimezone(UTC):%H:%M} utc" in text.plain


def _gives_number(element: str, text: _Text) -> bool:
    return bool(_numbers(text.under(element)))


def _names_groups(element: str, text: _Text) -> bool:
    return bool(_labels_found(element, text)) or _has_words(_without_numbers(text.under(element)), 3)


_FINDERS: Final[Mapping[str, Callable[[str, _Text], bool]]] = {
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


def _numbers(passage: str) -> set[int]:
    """The whole numbers in a passage, however their digits are grouped."""
    joined = _GROUPED.sub("", passage)
    return {int(found) for found in re.findall(r"(?<![\w.-])\d{1,12}(?![\w-])", joined)}


def _labels_found(element: str, text: _Text) -> list[str]:
    return [label for label in _labels(element, text) if plain_text(label) in text.plain]


def _labels(element: str, text: _Text) -> list[str]:
    """The words for the groups or kinds that the facts name."""
    section = "subjects" if element == "people_categories" else "kinds"
    codes = dict.fromkeys(
        code for each in text.sets for code in (each.subjects if section == "subjects" else each.kinds)
    )
    return [label for code in codes if (label := text.words.coded(section, code)) is not None]


def _missing(element: ContentElement, text: _Text) -> Missing:
    return Missing(id=element.id, article=element.article, asks=element.asks, mend=_mend(element, text))


def _mend(element: ContentElement, text: _Text) -> str:
    """Say how the gap is closed: state the fact, keep the heading, or mark the element."""
    name = _id(element)
    ways = [f"state it in the facts, or under {_headings(name, text.words)}"] if name in _HEADINGS else ["state it"]
    if _says_not_yet(name, text):
        ways[0] += " in place of the words that it is not yet known"
    if element.may_follow:
        ways.append(f"or mark `{element.id}` as to follow (Art. 33(4) GDPR)")
    return ", ".join(ways)


def _headings(element: str, words: Catalogue) -> str:
    found = [words.phrase("headings", heading) for heading in _HEADINGS[element]]
    return " or ".join(f"“{heading}”" for heading in found)


def _unstamped(composed: Composed, case: CaseFile) -> tuple[Missing, ...]:
    """A text of an exercise must say so; nobody may take a drill for a breach."""
    words = _words_of(composed)
    prefix, banner = words.phrase("exercise", "subject"), words.phrase("exercise", "banner")
    if not case.exercise or (composed.subject.startswith(prefix) and plain_text(banner) in plain_text(composed.text)):
        return ()
    asks = "An exercise must be marked as one in the subject and in the text."
    mend = f"begin the subject with “{prefix}” and the text with “{banner}”"
    return (Missing(id="exercise_mark", article="own rule", asks=asks, mend=mend),)


def _in_another(language: str, composed: Composed) -> Iterable[str]:
    if composed.language != language and not composed.fell_back:
        yield f"the text is in `{composed.language}`, not in `{language}`"


def _has_rule(element: ContentElement) -> bool:
    return _id(element) in _FINDERS or _id(element) in _HEADINGS


def _warnings(
    kind: str,
    composed: Composed,
    text: _Text,
    asked: Iterable[ContentElement],
    follows: frozenset[str],
) -> Iterable[str]:
    yield from composed.warnings
    for element in (each for each in asked if not _has_rule(each)):
        yield f"look whether the text has `{element.id}`; no rule finds it: {element.asks}"
    for element in sorted(follows):
        if not _says_not_yet(_ALIASES.get(element, element), text):
            yield f"`{element}` is marked as to follow, but the text does not say that it will"
    yield from _other_than_the_facts(kind, text)
    yield from _addresses(text)
    if kind == "people":
        yield from plain_language(composed, text.words, text.case.facts)


def _other_than_the_facts(kind: str, text: _Text) -> Iterable[str]:
    """Warn where an edited text and the facts no longer say the same."""
    if kind.startswith("authority"):
        yield from _other_numbers("people_number", (each.people for each in text.sets), text)
        yield from _other_numbers("records_number", (each.records for each in text.sets), text)
    elements = {"people": ("records_categories",), "controllers": ()}.get(
        kind, ("people_categories", "records_categories")
    )
    for element in elements:
        found = _labels_found(element, text)
        for label in _labels(element, text):
            if label not in found:
                yield f"the facts name “{label}”, the text does not"


def _other_numbers(element: str, counts: Iterable[Count], text: _Text) -> Iterable[str]:
    told = _numbers(text.under(element))
    for count in counts:
        for number in dict.fromkeys((count.least, count.most)):
            if number is not None and told and number not in told:
                yield f"the facts say {number:,} ({element}), the text gives another number"


def _addresses(text: _Text) -> Iterable[str]:
    """Warn of addresses at several domains: one of them may be an affected person's."""
    found = sorted(set(_EMAIL.findall(text.plain)))
    if len({address.rpartition("@")[2] for address in found}) > 1:
        yield "the text holds e-mail addresses of several domains: make sure that none is an affected person's"
