"""An assessment in the reader's language: its reasons, the steps of its score and its open questions, by their codes.

An assessment that was stored without codes, or with one that has no words here, keeps its English sentence.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from notifications.language.catalogue import fill
from notifications.reports.words import ReportWords

_GROUP_OF: Final = {
    "kinds": "data",
    "consequences": "consequence",
    "nature": "nature",
    "risk": "risk",
    "band": "band",
    "category": "category",
    "level": "identifiability",
    "party": "party",
}
"""Values that are codes, and the group of terms that words them."""
_BETWEEN: Final = {"parts": "", "rows": "; "}
"""What stands between several values of this name; a comma between all others."""


class _NoWords(LookupError):
    """A sentence, or a part of it, has no words in this language."""


def reasons(judgement: Mapping[str, Any], words: ReportWords) -> Iterator[dict[str, Any]]:
    """Give the reasons as they were recorded, each ``because`` in this language, after the data set it speaks of."""
    for reason in judgement.get("reasons") or ():
        yield {**reason, "because": _sentence(reason, str(reason.get("because", "")), words)}


def steps(severity: Mapping[str, Any], words: ReportWords) -> list[str]:
    """Give the steps of the score in this language."""
    return _all(severity.get("steps"), severity.get("steps_said"), words)


def questions(judgement: Mapping[str, Any], words: ReportWords) -> list[str]:
    """Give what is still to be found out in this language, each question after the data set it is about."""
    return _all(judgement.get("unknowns"), judgement.get("unknowns_said"), words)


def data_sets(judgement: Mapping[str, Any]) -> tuple[str, ...]:
    """Name the data sets that the sentences of a judgement speak of, also where the facts have moved on."""
    entries = [*(judgement.get("reasons") or ()), *(judgement.get("unknowns_said") or ())]
    names = (str((entry.get("values") or {}).get("data_set") or "") for entry in entries)
    return tuple(dict.fromkeys(name for name in names if name))


def factor(code: str, words: ReportWords) -> str:
    """Name a factor."""
    return str(words.tree["factor"].get(code) or code.replace("_", " "))


def method(severity: Mapping[str, Any], words: ReportWords) -> str:
    """Say by which method the severity was scored, and the score."""
    band = words.term("band", str(severity["band"]))
    return words.say("sentence.method", score=float(severity["score"]), band=band)


def _all(stored: Sequence[str] | None, coded: Sequence[Mapping[str, Any]] | None, words: ReportWords) -> list[str]:
    sentences = [str(text) for text in stored or ()]
    # Sentences and codes belong together by their place; an assessment stored before there were codes has none.
    codes = coded if coded and len(coded) == len(sentences) else [{}] * len(sentences)
    return [_sentence(code, sentence, words) for code, sentence in zip(codes, sentences, strict=True)]


def _sentence(code: Mapping[str, Any], stored: str, words: ReportWords) -> str:
    """Say a sentence after its data set, as it is stored where it has no words."""
    try:
        text = _in_words(code, words)
    except _NoWords:
        return stored
    name = code["values"].get("data_set")
    return f"{name}: {text}" if name else text


def _in_words(code: Mapping[str, Any], words: ReportWords) -> str:
    phrase = words.tree["sentence"].get(code.get("about"))
    values = code.get("values")
    if phrase is None or not isinstance(values, Mapping):
        raise _NoWords
    return fill(str(phrase), **{name: _written(name, value, words) for name, value in values.items()})


def _written(name: str, value: Any, words: ReportWords) -> str:
    match value:
        case Mapping():
            return _in_words(value, words)
        case list() | tuple():
            return _BETWEEN.get(name, ", ").join(_written(name, item, words) for item in value)
        # A step of the score shows its sign: "+1" raises it, "-1" lowers it.
        case int() if name == "step":
            return f"{value:+d}"
        case int() | float():
            return words.number(value)
        case _:
            return _coded(name, str(value), words)


def _coded(name: str, value: str, words: ReportWords) -> str:
    """Write a code in words, a time as this language does, and a person's own words as they are."""
    if name in _GROUP_OF:
        return words.term(_GROUP_OF[name], value)
    if name == "factors":
        return factor(value, words)
    return words.when(datetime.fromisoformat(value)) if name == "at" else value
