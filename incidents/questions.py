"""What to find out next: the unknown facts that bear on the verdict, as plain questions.

Knows which unknown matters for which kind of breach; refuses to guess an answer.
"""

from __future__ import annotations

from collections.abc import Iterator

from incidents.facts import (
    Actor,
    Alteration,
    Backup,
    BreachType,
    DataSet,
    Deletion,
    Effect,
    Encryption,
    Exfiltration,
    Facts,
    Key,
    Known,
    Recipients,
    Trust,
)
from incidents.kinds import kind_of

_KEYED = (Encryption.STATE_OF_THE_ART, Encryption.DEVICE, Encryption.HASHED_SALTED, Encryption.PSEUDONYMISED)


def unknowns(facts: Facts) -> tuple[str, ...]:
    """Every question that is open, each once, those about the cause first."""
    found = [*_about_the_cause(facts)]
    for data_set in facts.data_sets:
        found += [f"{data_set.name}: {question}" for question in _about_a_set(data_set)]
    return tuple(dict.fromkeys(found))


def _about_the_cause(facts: Facts) -> Iterator[str]:
    cause = facts.cause
    if cause.malicious is Known.UNKNOWN and cause.actor is Actor.UNKNOWN:
        yield "Did somebody cause it on purpose, and was it somebody outside?"
    party = facts.source_party
    if party is not None and (party.became_aware_at is None or party.told_us_at is None):
        yield "When did the third party know, and when did it tell us?"
    if facts.occurred_from is None:
        yield "When did it begin?"
    if facts.ongoing is Known.UNKNOWN:
        yield "Is it over?"


def _about_a_set(data_set: DataSet) -> Iterator[str]:
    yield from _about_people_and_data(data_set)
    if BreachType.CONFIDENTIALITY in data_set.breach or data_set.exfiltration is Exfiltration.UNKNOWN:
        yield from _about_disclosure(data_set)
    if BreachType.INTEGRITY in data_set.breach and data_set.alteration is Alteration.UNKNOWN:
        yield "Were data altered, were the altered data used, and can they be restored?"
    if BreachType.AVAILABILITY in data_set.breach:
        yield from _about_absence(data_set)


def _about_people_and_data(data_set: DataSet) -> Iterator[str]:
    if not data_set.people.is_known:
        yield "How many people are affected, at least roughly?"
    if not data_set.countries:
        yield "In which countries do they live?"
    if data_set.special_categories is Known.UNKNOWN:
        yield "Are data on health, beliefs, convictions or the like among them (Art. 9, 10 GDPR)?"
    if data_set.vulnerable is Known.UNKNOWN:
        yield "Are children, patients or people in need of protection among them?"
    unlisted = [slug.replace("_", " ") for slug in data_set.kinds if not kind_of(slug).known]
    if unlisted:
        yield f"What exactly is meant by: {', '.join(unlisted)}?"


def _about_disclosure(data_set: DataSet) -> Iterator[str]:
    protection = data_set.protection
    if protection.encryption is Encryption.UNKNOWN:
        yield "Were the data encrypted, and how?"
    if protection.encryption in _KEYED and protection.key is Key.UNKNOWN:
        yield "Is the key, salt or reference table safe?"
    if data_set.exfiltration in (Exfiltration.UNKNOWN, Exfiltration.POSSIBLE):
        yield "Did data leave? Do complete logs show it?"
    if data_set.published is Known.UNKNOWN:
        yield "Could the public reach the data?"
    if data_set.recipients is not None:
        yield from _about_recipients(data_set.recipients)


def _about_recipients(recipients: Recipients) -> Iterator[str]:
    if not recipients.count.is_known:
        yield "How many wrong recipients are there?"
    if recipients.trusted is Trust.UNKNOWN:
        yield "Is the wrong recipient bound by contract, office or secrecy?"
    if recipients.deletion in (Deletion.UNKNOWN, Deletion.ASKED):
        yield "Have the recipients deleted the data, in writing?"
    if recipients.read is Known.UNKNOWN:
        yield "Have the recipients seen the content?"


def _about_absence(data_set: DataSet) -> Iterator[str]:
    if data_set.backup is Backup.UNKNOWN:
        yield "Is there a full backup, and how fast can it be restored?"
    if data_set.unavailable_hours is None:
        yield "For how long were the data or the service missing?"
    if data_set.effect is Effect.UNKNOWN:
        yield "What did people feel of it: delays, missing payments, missing care?"
