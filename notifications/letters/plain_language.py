"""Whether a letter to affected people is plain: subject, first screen, hedges, actions, length, jargon, reading ease.

The rules are the catalogue's (``plain``). They block nothing: all results are warnings for the person who approves
(Art. 12(1), 34(2) GDPR: "in clear and plain language").

Reading ease, 0 (very hard) to 100 (very easy), by the best known formula of each language:

- English: R. Flesch, "A new readability yardstick", 1948: 206.835 - 1.015 ASL - 84.6 ASW
- German: T. Amstad, "Wie verständlich sind unsere Zeitungen?", 1978: 180 - ASL - 58.5 ASW
- French: L. Kandel and A. Moles, "Application de l'indice de Flesch à la langue française", 1958:
  207 - 1.015 ASL - 73.6 ASW

ASL is the average sentence length in words, ASW the average number of syllables in a word. Syllables are counted by
groups of vowels, which is right to within a few percent; the number is a hint, not a grade.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from incidents.facts.breach import Facts
from incidents.facts.choices import Exfiltration
from notifications.language.catalogue import Catalogue
from notifications.letters.compose import ComposedText
from notifications.letters.layout import blocks

FIRST_SCREEN: Final = 1_200
"""Characters that a reader sees before scrolling, on a small screen generously counted."""

LONGEST_SUBJECT: Final = 110
_FEWEST_WORDS = 60
"""Below this the reading ease says nothing."""

# Base, factor of the sentence length, factor of the syllables: from the publications named above.
_FORMULAS: Final[Mapping[str, tuple[float, float, float]]] = {
    "en": (206.835, 1.015, 84.6),
    "de": (180.0, 1.0, 58.5),
    "fr": (207.0, 1.015, 73.6),
}
# German names its diphthongs, because two vowels side by side may be two syllables (``ideal`` has three); in English
# and French a group of vowels is mostly one sound.
_VOWELS: Final[Mapping[str, str]] = {
    "en": r"[aeiouy]+",
    "de": r"ie|ei|eu|äu|au|ai|[aeiouyäöü]",
    "fr": r"[aeiouyàâäéèêëîïôöùûüœæ]+",
}
# An e at the end that is not heard: ``make``, ``used``, ``changent``. In ``table`` it is, and in ``donnée`` it belongs
# to the group before it.
_SILENT: Final[Mapping[str, str]] = {"en": r"(?<=[^aeiouyl])e(?:s|d)?$", "fr": r"(?<=[^aeiouyé])e(?:s|nt)?$"}
# Not after a digit (``30. November``), an opening bracket, or the abbreviations that laws are cited with.
_SENTENCE_END = re.compile(r"(?<![\d(])(?<!\bArt)(?<!\bart)(?<!\bAbs)(?<!\bpar)[.!?…](?=\s+[^\W\d_a-zäöüéèàç]|\s*$)")
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
# ``?utm_source=...``, ``https://click.example.org/track/...``: a letter about a breach must not report who read it.
_TRACKED = re.compile(r"https?://\S*(?:[?&](?:utm_|mc_|fbclid|gclid)|/(?:click|track|open)[/?])\S*", re.IGNORECASE)


def plain_text(text: str) -> str:
    """Fold case, spaces and apostrophes, so that texts can be compared as they read."""
    return " ".join(text.replace("’", "'").casefold().split())


def sections(text: str, words: Catalogue) -> dict[str, str]:
    """Divide a letter at the catalogue's headings: what stands under each, by the heading's name.

    A heading is recognised with or without its underline, so an editor that loses it does no harm.
    """
    names = {plain_text(title): name for name, title in words.section("headings").items()}
    parts: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        name = names.get(plain_text(line.strip("#* ")))
        if name is not None:
            current = parts.setdefault(name, [])
        elif not re.fullmatch(r"-{3,}\s*", line):
            current.append(line)
    return {name: "\n".join(lines).strip() for name, lines in parts.items()}


def plain_language(composed: ComposedText, words: Catalogue, facts: Facts | None) -> Iterable[str]:
    """Find what makes a letter hard to understand or to trust; each finding quotes the place."""
    rules = words.rules
    parts = sections(composed.text, words)
    prose = [sentence for line in _prose(composed.text) for sentence in _sentences(line)]
    yield from _subject(composed.subject, rules)
    yield from _first_screen(composed.text, words, parts)
    yield from _hedges(composed.text, rules)
    yield from _actions(parts)
    yield from _sentence_length(prose, int(rules["longest_sentence"]))
    yield from _jargon(composed.text, rules)
    yield from _ease(prose, words.language, int(rules["least_ease"]))
    yield from _promises(composed.text, rules, facts)


def reading_ease(sentences: Iterable[str], language: str) -> float | None:
    """Compute the reading ease of sentences, or ``None`` for a language without a formula or too little text."""
    per_sentence = [_WORD.findall(sentence) for sentence in sentences]
    all_words = [word for sentence_words in per_sentence for word in sentence_words]
    count = sum(1 for sentence_words in per_sentence if sentence_words)
    if language not in _FORMULAS or len(all_words) < _FEWEST_WORDS:
        return None
    base, per_length, per_syllables = _FORMULAS[language]
    syllables = sum(syllables_of(word, language) for word in all_words)
    return base - per_length * len(all_words) / count - per_syllables * syllables / len(all_words)


def syllables_of(word: str, language: str) -> int:
    """Count the syllables of a word by its groups of vowels; at least one."""
    # French writes a u that is not spoken after q, and after g before e and i: "que", "guide".
    low = re.sub(r"(?<=q)u|(?<=g)u(?=[eiéè])", "", word.lower()) if language == "fr" else word.lower()
    groups = len(re.findall(_VOWELS[language], low))
    if groups > 1 and language in _SILENT and re.search(_SILENT[language], low):
        groups -= 1
    return max(1, groups)


def _subject(subject: str, rules: Mapping[str, Any]) -> Iterable[str]:
    if not any(_search(pattern, subject) for pattern in rules["says_breach"]):
        yield f"the subject does not say that this is about a breach: “{subject}”"
    for pattern in rules["marketing"]:
        if match := _search(pattern, subject):
            yield f"the subject sounds like advertising: “{match[0]}”"
    if len(subject) > LONGEST_SUBJECT:
        yield f"the subject has {len(subject)} characters; about {LONGEST_SUBJECT} are shown"


def _first_screen(text: str, words: Catalogue, parts: Mapping[str, str]) -> Iterable[str]:
    """What happened, which data, and the first thing to do must be seen at once."""
    first = plain_text(text[:FIRST_SCREEN])
    for name in ("what_happened", "which_data", "what_to_do"):
        heading = words.phrase("headings", name)
        first_line = next(iter(parts.get(name, "").splitlines()), "")
        if plain_text(heading) not in first or not first_line or plain_text(first_line) not in first:
            yield f"“{heading}” is not on the first screen (the first {FIRST_SCREEN:,} characters)"


def _hedges(text: str, rules: Mapping[str, Any]) -> Iterable[str]:
    for pattern in rules["hedges"]:
        if match := _search(pattern, plain_text(text)):
            yield f"this hedges or soothes: “{match[0]}”; say what is known and name what is not"


def _actions(parts: Mapping[str, str]) -> Iterable[str]:
    shapes = {block["shape"] for block in blocks(parts.get("what_to_do", ""))}
    if not shapes & {"steps", "items"}:
        yield "what people should do is no list: give one step a line, the most urgent first"


def _sentence_length(sentences: Iterable[str], longest: int) -> Iterable[str]:
    for sentence in sentences:
        count = len(_WORD.findall(sentence))
        if count > longest:
            yield f"a sentence of {count} words (at most {longest} read well): “{' '.join(sentence.split()[:8])} ...”"


def _jargon(text: str, rules: Mapping[str, Any]) -> Iterable[str]:
    low = plain_text(text)
    for term, plain in rules["jargon"].items():
        # Any ending: jargon is declined, too.
        if match := re.search(rf"\b{re.escape(plain_text(term))}\w*", low):
            yield f"“{match[0]}” is jargon; perhaps: “{plain}”"


def _ease(sentences: list[str], language: str, least: int) -> Iterable[str]:
    ease = reading_ease(sentences, language)
    if ease is not None and ease < least:
        yield f"reading ease {ease:.0f} of 100, at least {least} is wanted: shorter sentences, shorter words"


def _promises(text: str, rules: Mapping[str, Any], facts: Facts | None) -> Iterable[str]:
    low = plain_text(text)
    if not _search(rules["never_ask"], low):
        yield "the letter does not say what we will never ask for"
    if not _search(rules["next_update"], low):
        yield "the letter does not say when people will hear from us again"
    if match := _TRACKED.search(text):
        yield f"this link may track people: {match[0]}"
    unknown = facts is not None and any(data_set.exfiltration is Exfiltration.UNKNOWN for data_set in facts.data_sets)
    if facts is not None and facts.next_update is None and (unknown or facts.cause.nature == "unknown"):
        yield "something is still unknown, and no time of the next update is stated (`next_update`)"


def _prose(text: str) -> Iterable[str]:
    """The sentences' lines: paragraphs and lists, without headings, labels and single words."""
    for block in blocks(text):
        lines = [line for item in block.get("entries", ()) for line in item] + list(block.get("lines", ()))
        for line in lines:
            words = "".join(piece["text"] for piece in line if not piece["href"]).strip()
            # What ends otherwise is a label, an address or an item of a few words, and would make the sentences look
            # short.
            if words.endswith((".", "!", "?")):
                yield words


def _sentences(line: str) -> list[str]:
    parts: list[str] = []
    start = 0
    for end in _SENTENCE_END.finditer(line):
        parts.append(line[start : end.end()].strip())
        start = end.end()
    rest = line[start:].strip()
    return [part for part in (*parts, rest) if part]


def _search(pattern: str, text: str) -> re.Match[str] | None:
    return re.search(pattern, text, re.IGNORECASE)
