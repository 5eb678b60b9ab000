"""Which legally required element a text still lacks, and what a person should look at before approving it.

The check reads what would be sent, never the facts alone, so it treats a composed text and one that a person edited
alike. How an element is found:

1. The text says that it is "not yet known" in the catalogue's words (``not_yet``): then it is not stated, whatever else
   stands there. It counts as *will follow* where the law lets it follow (Art. 33(4) GDPR) and a person marked it so.
2. Else a part of the letter is found by its heading (``headings``), and the element must show under it: a sentence, a
   group, a number, a list. A person who edits keeps the headings; the hint of a missing element names them.
3. A contact is an e-mail address or a telephone number anywhere in the text.

What this cannot do: judge whether a sentence is true, or good. Numbers, kinds and groups that differ from the facts are
therefore warned of, never silently taken.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from incidents.case.case_file import CaseOverview
from incidents.facts.values import Count
from incidents.law.model import ContentElement
from notifications.language.catalogue import Catalogue
from notifications.letters.compose import ComposedText
from notifications.letters.context.authority import is_late
from notifications.letters.context.facts import reported_sets
from notifications.letters.plain_language import plain_language, plain_text, sections
from notifications.letters.required_elements import (
    ALIASES,
    EMAIL,
    HEADINGS,
    FinishedText,
    has_rule,
    is_stated,
    labels,
    labels_found,
    numbers,
    says_not_yet,
)


@dataclass(frozen=True, kw_only=True)
class MissingElement:
    """A required element that the text does not have."""

    id: str
    article: str
    asks: str
    mend: str = ""
    """What to do about it."""


@dataclass(frozen=True, kw_only=True)
class LetterCheck:
    """What a text lacks (this blocks its approval), what is to follow, and what to look at."""

    missing: tuple[MissingElement, ...]
    will_follow: frozenset[str]
    warnings: tuple[str, ...]


def check(
    kind: str,
    language: str,
    composed: ComposedText,
    case: CaseOverview,
    duty_content: tuple[ContentElement, ...],
    will_follow: frozenset[str],
) -> LetterCheck:
    """Find what a text lacks of the duty's required content; for letters to people also how plainly it speaks.

    *will_follow* are the elements that a person marked as "not yet known, will follow" (Art. 33(4) GDPR). Elements that
    the law asks only of a late notification are asked only then. Everything missing blocks; warnings never do.

    Raises:
        ValueError: *composed* was not made by a `LetterComposer`.

    """
    words = _words_of(composed)
    # A notice to merchants tells of their data only; ours beside it in the same case are none of their business.
    sets = (case.facts.as_processor if case.facts else ()) if kind == "controllers" else reported_sets(case.facts)
    text = FinishedText(
        plain=plain_text(composed.text),
        sections=sections(composed.text, words),
        words=words,
        sets=sets,
        case=case,
    )
    # As of the moment the case was read, so that the check of one case gives one answer however long the rest takes.
    late = is_late(case, kind, case.as_of)
    elements = [element for element in duty_content if late or not _only_if_late(element)]
    unstated = [element for element in elements if not is_stated(_id(element), text)]
    marked = frozenset(ALIASES.get(name, name) for name in will_follow)
    follows = frozenset(element.id for element in unstated if element.may_follow and _id(element) in marked)
    # In the spelling of the law's file, which is what the draft keeps; aliases serve the search only.
    missing = tuple(_missing(element, text) for element in unstated if element.id not in follows)
    return LetterCheck(
        missing=(*missing, *_unstamped(composed, case), *_unaddressed(kind, composed)),
        will_follow=follows,
        warnings=tuple(
            dict.fromkeys((*_in_another(language, composed), *_warnings(kind, composed, text, elements, follows)))
        ),
    )


def _words_of(composed: ComposedText) -> Catalogue:
    if composed.words is None:
        message = "only a text that a LetterComposer made can be checked: it carries its catalogue"
        raise ValueError(message)
    return composed.words


def _id(element: ContentElement) -> str:
    return ALIASES.get(element.id, element.id)


def _only_if_late(element: ContentElement) -> bool:
    # A law's file of the home folder may lack the mark; Art. 33(1) GDPR asks for reasons only where it is late.
    return element.only_if_late or element.id == "reasons_for_delay"


def _missing(element: ContentElement, text: FinishedText) -> MissingElement:
    return MissingElement(id=element.id, article=element.article, asks=element.asks, mend=_mend(element, text))


def _mend(element: ContentElement, text: FinishedText) -> str:
    """Say how the gap is closed: state the fact, keep the heading, or mark the element."""
    name = _id(element)
    ways = [f"state it in the facts, or under {_headings(name, text.words)}"] if name in HEADINGS else ["state it"]
    if says_not_yet(name, text):
        ways[0] += " in place of the words that it is not yet known"
    if element.may_follow:
        ways.append(f"or mark `{element.id}` as to follow (Art. 33(4) GDPR)")
    return ", ".join(ways)


def _headings(element: str, words: Catalogue) -> str:
    names = [words.phrase("headings", heading) for heading in HEADINGS[element]]
    return " or ".join(f"“{heading}”" for heading in names)


def _unstamped(composed: ComposedText, case: CaseOverview) -> tuple[MissingElement, ...]:
    """A text of an exercise must say so; nobody may take a drill for a breach."""
    words = _words_of(composed)
    prefix, banner = words.phrase("exercise", "subject"), words.phrase("exercise", "banner")
    if not case.exercise or (composed.subject.startswith(prefix) and plain_text(banner) in plain_text(composed.text)):
        return ()
    asks = "An exercise must be marked as one in the subject and in the text."
    mend = f"begin the subject with “{prefix}” and the text with “{banner}”"
    return (MissingElement(id="exercise_mark", article="own rule", asks=asks, mend=mend),)


def _unaddressed(kind: str, composed: ComposedText) -> tuple[MissingElement, ...]:
    """A text to an authority that nobody has chosen yet can go to none."""
    words = _words_of(composed)
    # The mark is looked for, not the recipient: whoever writes the authority's name into the text has closed the gap.
    marks = [words.phrase("forms", name) for name in ("to_be_chosen", "authorities_not_known")]
    places = [mark for mark in marks if plain_text(mark) in plain_text(composed.text)]
    if not kind.startswith("authority") or not places:
        return ()
    asks = "The authority to which the notification goes must be named."
    region = "say in the facts in which region people live (`countries: {DE-NI: 20}`)"
    mend = f"{region}, or name it in place of “{places[0]}”"
    return (MissingElement(id="addressee", article="Art. 55 GDPR", asks=asks, mend=mend),)


def _in_another(language: str, composed: ComposedText) -> Iterable[str]:
    # A text that fell back to English has said so already (compose.py).
    if composed.language != language and not composed.fell_back:
        yield f"the text is in `{composed.language}`, not in `{language}`"


def _warnings(
    kind: str,
    composed: ComposedText,
    text: FinishedText,
    elements: Iterable[ContentElement],
    follows: frozenset[str],
) -> Iterable[str]:
    yield from composed.warnings
    for element in (known for known in elements if not has_rule(_id(known))):
        yield f"look whether the text has `{element.id}`; no rule finds it: {element.asks}"
    for name in sorted(follows):
        if not says_not_yet(ALIASES.get(name, name), text):
            yield f"`{name}` is marked as to follow, but the text does not say that it will"
    yield from _other_than_the_facts(kind, text)
    yield from _addresses(text)
    if kind == "people":
        yield from plain_language(composed, text.words, text.case.facts)


def _other_than_the_facts(kind: str, text: FinishedText) -> Iterable[str]:
    """Warn where an edited text and the facts no longer say the same."""
    if kind.startswith("authority"):
        yield from _other_numbers("people_number", (data_set.people for data_set in text.sets), text)
        yield from _other_numbers("records_number", (data_set.records for data_set in text.sets), text)
    # A notice to merchants has places for kinds and figures, so the facts' own words need not stand in it.
    elements = {"people": ("records_categories",), "controllers": ()}.get(
        kind, ("people_categories", "records_categories")
    )
    for element in elements:
        in_text = labels_found(element, text)
        for label in labels(element, text):
            if label not in in_text:
                yield f"the facts name “{label}”, the text does not"


def _other_numbers(element: str, counts: Iterable[Count], text: FinishedText) -> Iterable[str]:
    stated = numbers(text.under(element))
    for count in counts:
        for number in dict.fromkeys((count.least, count.most)):
            # Without any number under the heading the element itself is missing; said twice it would read as two
            # faults.
            if number is not None and stated and number not in stated:
                yield f"the facts say {number:,} ({element}), the text gives another number"


def _addresses(text: FinishedText) -> Iterable[str]:
    """Warn of addresses at several domains: one of them may be an affected person's."""
    addresses = sorted(set(EMAIL.findall(text.plain)))
    if len({address.rpartition("@")[2] for address in addresses}) > 1:
        yield "the text holds e-mail addresses of several domains: make sure that none is an affected person's"
