"""Passages that people recorded in their own words, which a letter quotes as they are, in whatever language that was.

Their language is not guessed: the letter tells its reader once, and whoever approves it is asked to look.
"""

from __future__ import annotations

from collections.abc import Iterator

from incidents.case.case_file import CaseFile
from incidents.facts.breach import Facts
from incidents.facts.choices import Exfiltration
from incidents.facts.data_set import DataSet
from notifications.letters.context.facts import narrative, reported_sets


def quoted_in(case: CaseFile, language: str) -> tuple[str, ...]:
    """Name the recorded passages that a text for an authority in *language* quotes as they are, each once."""
    return tuple(dict.fromkeys(_quoted(case, language)))


def _quoted(case: CaseFile, language: str) -> Iterator[str]:
    if case.facts is not None:
        yield from _of_facts(case.facts, language)
        for data_set in reported_sets(case.facts):
            yield from _of_a_set(data_set)
    if case.decision is not None:
        yield "the reasons of the decision"


def _of_facts(facts: Facts, language: str) -> Iterator[str]:
    # The account in the letter's own language is no quotation: it was written for this language.
    if narrative(facts, language) != facts.account.get(language):
        yield "summary"
    if facts.cause.detail:
        yield "cause.detail"
    if facts.source_party is not None and facts.source_party.who:
        yield "source_party.who"
    if facts.systems:
        yield "systems"


def _of_a_set(data_set: DataSet) -> Iterator[str]:
    passages = {
        "joint_with": data_set.joint_with,
        "protection.detail": data_set.protection.detail,
        "exfiltration_known_from": data_set.exfiltration is Exfiltration.NONE_PROVEN
        and data_set.exfiltration_known_from,
    }
    yield from (name for name, words in passages.items() if words)
