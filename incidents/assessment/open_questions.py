"""What to find out next: the unknown facts that bear on the verdict, as plain questions."""

from __future__ import annotations

from collections.abc import Iterator

from incidents.facts.breach import Facts
from incidents.facts.choices import (
    Alteration,
    Backup,
    BreachActor,
    BreachType,
    Deletion,
    Effect,
    Encryption,
    Exfiltration,
    Key,
    Trust,
    YesNoUnknown,
)
from incidents.facts.data_kinds import kind_of
from incidents.facts.data_set import DataSet, Recipients
from incidents.facts.sector_keywords import is_feared
from incidents.texts.coded_text import CodedText, coded_text

# Protection that is worth as much as its key. Not the weak and the unsalted: a safe key does not mend them.
_KEYED = (Encryption.STATE_OF_THE_ART, Encryption.DEVICE, Encryption.HASHED_SALTED, Encryption.PSEUDONYMISED)


def open_questions(facts: Facts) -> tuple[CodedText, ...]:
    """Every question that is open, each once, those about the cause first."""
    questions = [*_about_the_cause(facts)]
    for data_set in facts.data_sets:
        questions += [question.of(data_set.name) for question in _about_a_set(facts, data_set)]
    return tuple(dict.fromkeys(questions))


def _about_the_cause(facts: Facts) -> Iterator[CodedText]:
    cause = facts.cause
    # Either of the two answers whether it was meant.
    if cause.malicious is YesNoUnknown.UNKNOWN and cause.actor is BreachActor.UNKNOWN:
        yield coded_text("ask_purpose")
    party = facts.source_party
    if party is not None and (party.became_aware_at is None or party.told_us_at is None):
        yield coded_text("ask_third_party")
    if facts.occurred_from is None:
        yield coded_text("ask_begin")
    if facts.ongoing is YesNoUnknown.UNKNOWN:
        yield coded_text("ask_over")


def _about_a_set(facts: Facts, data_set: DataSet) -> Iterator[CodedText]:
    yield from _about_people_and_data(data_set)
    # Also without a stated breach of confidentiality: whether data left is what decides whether there was one.
    if BreachType.CONFIDENTIALITY in data_set.breach or data_set.exfiltration is Exfiltration.UNKNOWN:
        yield from _about_disclosure(facts, data_set)
    if BreachType.INTEGRITY in data_set.breach and data_set.alteration is Alteration.UNKNOWN:
        yield coded_text("ask_altered")
    if BreachType.AVAILABILITY in data_set.breach:
        yield from _about_absence(data_set)


def _about_people_and_data(data_set: DataSet) -> Iterator[CodedText]:
    if not data_set.people.is_known:
        yield coded_text("ask_people")
    if not data_set.countries:
        yield coded_text("ask_countries")
    if data_set.special_categories is YesNoUnknown.UNKNOWN:
        yield coded_text("ask_special")
    if data_set.vulnerable is YesNoUnknown.UNKNOWN:
        yield coded_text("ask_vulnerable")
    unlisted = tuple(slug for slug in data_set.kinds if not kind_of(slug).known)
    if unlisted:
        yield coded_text("ask_meant", kinds=unlisted)


def _about_disclosure(facts: Facts, data_set: DataSet) -> Iterator[CodedText]:
    protection = data_set.protection
    if protection.encryption is Encryption.UNKNOWN:
        yield coded_text("ask_encrypted")
    if protection.encryption in _KEYED and protection.key is Key.UNKNOWN:
        yield coded_text("ask_key")
    if data_set.exfiltration in (Exfiltration.UNKNOWN, Exfiltration.POSSIBLE):
        yield from _about_outflow(facts, data_set)
    if data_set.published is YesNoUnknown.UNKNOWN:
        yield coded_text("ask_public")
    if data_set.recipients is not None:
        yield from _about_recipients(data_set.recipients)


def _about_outflow(facts: Facts, data_set: DataSet) -> Iterator[CodedText]:
    """Ask where the data went in the way that fits: no log tells of a thing that is gone or a letter that arrived."""
    if data_set.recipients is not None:
        return
    yield coded_text("ask_found_again" if facts.cause.nature in _GONE else "ask_outflow")


_GONE = frozenset({"loss", "theft", "disposal"})
"""Things that are out of our hands, not systems that somebody reached into."""


def _about_recipients(recipients: Recipients) -> Iterator[CodedText]:
    if not recipients.count.is_known:
        yield coded_text("ask_recipients")
    if recipients.trusted is Trust.UNKNOWN:
        yield coded_text("ask_bound")
    if (
        # One question less where a bond is stated: somebody who is feared all the same is known by the words for them.
        recipients.trusted is not Trust.YES
        and recipients.feared is YesNoUnknown.UNKNOWN
        and not is_feared(recipients.who)
    ):
        yield coded_text("ask_feared")
    if recipients.deletion in (Deletion.UNKNOWN, Deletion.ASKED):
        yield coded_text("ask_deleted")
    if recipients.read is YesNoUnknown.UNKNOWN:
        yield coded_text("ask_seen")


def _about_absence(data_set: DataSet) -> Iterator[CodedText]:
    if data_set.backup is Backup.UNKNOWN:
        yield coded_text("ask_backup")
    if data_set.unavailable_hours is None:
        yield coded_text("ask_missing")
    if data_set.effect is Effect.UNKNOWN:
        yield coded_text("ask_felt")
