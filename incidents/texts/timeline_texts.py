"""The lines that the software itself writes on a case's timeline: the English of each, by its stable code.

A row keeps the English and, beside it, code and values, so that a paper says the line in its own language: the same
keys stand under ``timeline_text`` in templates/reports/words.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from incidents.texts.coded_text import CodedText

_VERDICT: Final = "{authority_told}; {people_told}{exception}"
_ENGLISH: Final[Mapping[str, str]] = {
    "opened": "Opened: {title}",
    "signal": "First signal: {what} (id {identity}){left_out}",
    "kept": "Kept as received: {name}",
    "kept_of_alert": (
        "Kept of the alert: {name}, without what may name people; as received it had {size} bytes, SHA-256 {sha256}"
    ),
    "alert_without_time": "The alert says no time that can be read; it counts from when it was given to us",
    "alert_without_zone": "The time of the alert has no zone; it was read as UTC",
    "alert_ahead": "The time of the alert lies ahead of our clock; it counts from when it was given to us",
    "signal_again": "The same alert again ({source}): {alerts} so far, the last one at {at}",
    "signal_before": "The same alert led to {others} before",
    "aware": "Aware: {basis}",
    "corrected": "Awareness corrected: {reason}",
    "handed_over": "Lead handed over to {person}",
    "facts": "Facts version {version} recorded: {summary}",
    "assessed": "Facts version {version} assessed; proposed: {risk}",
    "imported_people": "List of people: {added} added, {known} known already, {refused} refused",
    "imported_merchants": "List of merchants: {added} added, {known} known already, {refused} refused",
    "changed_people": "List of people: {changed} changed as a newer file has them",
    "changed_merchants": "List of merchants: {changed} changed as a newer file has them",
    "decided": f"Decided: {_VERDICT}. {{because}}",
    "approved": "Approved {draft}.{language} version {version}",
    # In capitals: whoever skims a timeline must not miss that the second person was left out.
    "approved_alone": "Approved {draft}.{language} version {version} WITHOUT A SECOND PERSON: {because}",
    "sent": "Ordered to be sent: {count} ({draft})",
    "sent_again": "Ordered to be sent again, as their arrival is uncertain: {count} ({draft}). {because}",
    "found_sent": "Found to have arrived, though no answer came: {count} ({draft}). {because}",
    "found_lost": "Found not to have arrived, for no answer came: {count} ({draft}). {because}",
    "taken_back": "Reached nobody and is to be ordered anew: {count} ({draft}). {because}",
    "gave_up": "Reached nobody, and no further letter is tried: {count} ({draft}). {because}",
    "held": "LETTERS STOPPED: {because}",
    "released": "Letters let go on by a second person: {because}",
    "list_complete": "The list is as complete as it can be: {listed} listed, at least {known} by the facts. {because}",
    "filed": "Filed ({phase}) with {authority}, reference {reference}",
    "filed_report": "Filed ({title}) with {authority}, reference {reference}",
    "filed_despite": "FILED DESPITE what spoke against it ({key}): {against}. {because}",
    "late_reasons": "Reasons for the delay of {key}: {because}",
    "filed_together": "Told together with {others}: {because}",
    "left_open": "{key}: {elements}",
    "question": "{authority} asks ({key}): {text}",
    "answer": "Answered {authority} ({key}): {text}",
    "waived": "Waived {key}: {because}",
    "waived_against": "WAIVED {key} AGAINST THE DECISION that it is notified: {because}",
    "reevaluated": "Counted by today's law: {changes}. {because}",
    "closed": "Closed: nothing is owed any more",
    "dismissed": "Dismissed: {because}",
    "reopened": "Reopened: {because}",
}
_YES_OR_NO: Final[Mapping[str, Mapping[bool, str]]] = {
    "authority_told": {True: "notify the authority", False: "the authority need not be notified"},
    "people_told": {True: "tell the people", False: "the people need not be told"},
}


def timeline_text(about: str, **values: Any) -> CodedText:
    """Say a line of the table; a value is a person's words, a name, a number, a code, or several of them.

    Raises:
        KeyError: no such line, or a value that it needs is missing.

    """
    return CodedText(_filled(_ENGLISH[about], values), about, values)


def decision_text(**values: Any) -> str:
    """Say what was decided as the line ``decided`` does: ``authority_told``, ``people_told``, ``exception``."""
    return _filled(_VERDICT, values)


def _filled(english: str, values: Mapping[str, Any]) -> str:
    return english.format(**{name: _in_english(name, part) for name, part in values.items()})


def _in_english(name: str, value: Any) -> str:
    match value:
        # Before int, of which bool is a kind.
        case bool():
            return _YES_OR_NO[name][value]
        case tuple():
            return ("; " if name == "changes" else ", ").join(value)
        case int() if name == "count":
            return f"{value} message{'s' if value != 1 else ''}"
        case str() if name == "exception":
            return f" ({_article(value)})" if value else ""
        case str() if name == "phase":
            return value.replace("_", "-")
        case _:
            return str(value)


def _article(exception: str) -> str:
    # ``34-3-a``: the code of a ground is its place in the GDPR.
    article, paragraph, letter = exception.split("-")
    return f"Art. {article}({paragraph})({letter})"
