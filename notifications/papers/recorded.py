"""Lines that the software itself wrote on the timeline, in the words of the paper's language.

Knows the sentences the use cases write, and which of their parts are codes; refuses to touch a word that a person
wrote. A line it does not recognise stays as it was recorded.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from incidents.casefile import TimelineLine
from notifications.papers.wording import Words

Say = Callable[[re.Match[str], Words], str]


def _draft(found: re.Match[str], words: Words) -> str:
    kind, language = words.term("draft", found["kind"]), words.term("language", found["language"])
    said = words.say("line.approved", what=kind, language=language, version=found["version"])
    return f"{said} {words.say('line.alone', because=found['because'])}" if found["because"] else said


def _sent(found: re.Match[str], words: Words) -> str:
    return words.say("line.sent", count=int(found["count"]), what=words.term("draft", found["kind"]))


def _sent_again(found: re.Match[str], words: Words) -> str:
    what = words.term("draft", found["kind"])
    return words.say("line.sent_again", count=int(found["count"]), what=what, because=found["because"])


def _imported(found: re.Match[str], words: Words) -> str:
    numbers = {name: int(found[name]) for name in ("added", "known", "refused")}
    return words.say(f"line.imported_{found['kind']}", **numbers)


def _filed(found: re.Match[str], words: Words) -> str:
    phase = words.term("phase", found["phase"].replace("-", "_"))
    return words.say("line.filed", phase=phase, authority=found["authority"], reference=found["reference"])


def _left_open(found: re.Match[str], words: Words) -> str:
    what = ", ".join(words.term("element", name) for name in found["what"].split(", "))
    return words.say("line.left_open", key=found["key"], what=what)


def _assessed(found: re.Match[str], words: Words) -> str:
    return words.say("line.assessed", version=found["version"], risk=words.term("risk", found["risk"]))


def _decided(found: re.Match[str], words: Words) -> str:
    authority = words.say(f"line.authority_{'no' if found['no_authority'] else 'yes'}")
    people = words.say(f"line.people_{'no' if found['no_people'] else 'yes'}")
    letter = found["ground"]
    ground = f" ({words.term('exception', f'34-3-{letter}')})" if letter else ""
    return words.say("line.decided", authority=authority, people=people + ground, because=found["because"])


def _with(key: str) -> Say:
    """Say *key* with the groups that were found; they are a person's words, or names."""

    def say(found: re.Match[str], words: Words) -> str:
        values: dict[str, Any] = found.groupdict(default="")
        return words.say(f"line.{key}", **values)

    return say


_TEXT: Final = r"(?P<kind>[a-z-]+)"
_BECAUSE: Final = r"(?P<because>.+)"
_COUNTS: Final = r"(?P<added>\d+) added, (?P<known>\d+) known already, (?P<refused>\d+) refused"
_AUTHORITY: Final = r"(?:notify the authority|(?P<no_authority>the authority need not be notified))"
_PEOPLE: Final = r"(?:tell the people|(?P<no_people>the people need not be told))"
_GROUND: Final = r"(?: \(Art\. 34\(3\)\((?P<ground>[abc])\)\))?"
_ALONE: Final = r"(?: WITHOUT A SECOND PERSON: (?P<because>.+))?"
_AGAIN: Final = r"Ordered to be sent again, as their arrival is uncertain: "
_WITH: Final = r" with (?P<authority>.+?), reference (?P<reference>.+)"

_SENTENCES: Final[tuple[tuple[str, str, Say], ...]] = (
    ("opened", r"Opened: (?P<title>.+)", _with("opened")),
    ("evidence", r"Kept as received: (?P<name>.+)", _with("kept")),
    ("signal", r"First signal: (?P<what>.+?) \(id [^()]*\)(?P<more>.*)", _with("signal")),
    ("aware", r"Aware: (?P<basis>.+)", _with("aware")),
    ("aware", r"Awareness corrected: (?P<reason>.+)", _with("corrected")),
    ("handed_over", r"Lead handed over to (?P<person>.+)", _with("handed_over")),
    ("facts", r"Facts version (?P<version>\d+) recorded: (?P<summary>.+)", _with("facts")),
    ("assessed", r"Facts version (?P<version>\d+) assessed; proposed: (?P<risk>\w+)", _assessed),
    ("imported", rf"List of (?P<kind>people|merchants): {_COUNTS}", _imported),
    ("decided", rf"Decided: {_AUTHORITY}; {_PEOPLE}{_GROUND}\. {_BECAUSE}", _decided),
    ("approved", rf"Approved {_TEXT}\.(?P<language>[a-z]{{2}}) version (?P<version>\d+){_ALONE}", _draft),
    ("sent", rf"Ordered to be sent: (?P<count>\d+) messages \({_TEXT}\)", _sent),
    ("sent", rf"{_AGAIN}(?P<count>\d+) \({_TEXT}\)\. {_BECAUSE}", _sent_again),
    ("filed", rf"Filed \((?P<phase>initial|follow-up|withdrawal)\){_WITH}", _filed),
    ("filed", rf"Filed \((?P<title>.+?)\){_WITH}", _with("filed_report")),
    ("left_open", r"(?P<key>\S+): (?P<what>.+)", _left_open),
    ("filed", rf"Told together with (?P<others>.+?): {_BECAUSE}", _with("filed_together")),
    ("question", r"(?P<authority>.+?) asks \((?P<key>[^()]+)\): (?P<text>.+)", _with("question")),
    ("answer", r"Answered (?P<authority>.+?) \((?P<key>[^()]+)\): (?P<text>.+)", _with("answer")),
    ("waived", rf"Waived (?P<key>\S+): {_BECAUSE}", _with("waived")),
    ("reevaluated", r"Counted by today's law: (?P<what>.+)", _with("reevaluated")),
    ("closed", r"Closed: nothing is owed any more", _with("closed")),
    ("dismissed", rf"Dismissed: {_BECAUSE}", _with("dismissed")),
    ("reopened", rf"Reopened: {_BECAUSE}", _with("reopened")),
)
"""By kind of line: what the software writes, and how to say it."""


def line_says(line: TimelineLine, words: Words) -> str | None:
    """Put a line that the software wrote into the words of the paper; ``None`` for any other."""
    for kind, pattern, say in _SENTENCES:
        found = re.fullmatch(pattern, line.text, re.DOTALL) if kind == line.kind else None
        if found:
            return say(found, words)
    return None
