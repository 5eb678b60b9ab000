"""Whether a notification would be complete: what an authority must be told and the record leaves open at a moment.

One rule for the text, the filing pack and the record of a filing (Art. 33(4) GDPR): open is whatever is required and
unknown, whatever a paper promises to supply, and a breach that goes on. What is still *owed* to whom after a filing,
element by element of Art. 33(3), is outstanding.py's to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from incidents.case.case_file import CaseFile
from incidents.facts.breach import Facts
from incidents.facts.choices import (
    Alteration,
    Backup,
    BreachActor,
    BreachType,
    Effect,
    Encryption,
    Exfiltration,
    Key,
    YesNoUnknown,
)
from incidents.facts.data_set import DataSet

# Codes of `measures_taken` in the scope file (their words: templates/words); a new one is a lasting one only if it is
# named here.
LASTING: Final = frozenset(
    {
        "audit", "backup_improved", "configuration_checked", "data_minimised", "encryption_introduced",
        "monitoring_increased", "permissions_reviewed", "processes_changed", "staff_trained", "two_factor_introduced",
        "updates_installed", "vulnerability_fixed",
    }
)  # fmt: skip
"""Measures that work against a repetition; the others only end or soften this breach."""
KEYLESS: Final = frozenset({Encryption.NONE, Encryption.NOT_APPLICABLE, Encryption.HASHED})
"""Protection of which no key tells anything."""
_FELT: Final = frozenset({"service_unavailable", "data_loss"})


@dataclass(frozen=True, kw_only=True)
class NotificationRecord:
    """What a notification is made from, at one moment."""

    facts: Facts | None
    occurred_at: datetime | None
    contained_at: datetime | None
    aware_at: datetime | None
    is_judged: bool
    is_settled: bool
    """Whether it is settled who of the people is told: decided, or already done."""
    has_lead: bool
    """Whether a lead authority is possible, so that it matters whether processing crosses borders."""


def record_of(case: CaseFile, *, has_lead: bool) -> NotificationRecord:
    """Take from a case what the rule reads."""
    notified = any(line.kind == "people" and line.first_sent_at is not None for line in case.ledger)
    return NotificationRecord(
        facts=case.facts,
        occurred_at=case.occurred_at,
        contained_at=case.contained_at,
        aware_at=case.aware_at,
        is_judged=case.judgement is not None,
        is_settled=case.decision is not None or notified,
        has_lead=has_lead,
    )


def still_open(record: NotificationRecord, now: datetime) -> tuple[str, ...]:
    """List what is open at *now*, in the order of an authority's form; nothing means that it would be complete."""
    facts = record.facts
    # What we hold for merchants is theirs to notify; only where there is nothing else does the notice speak of it.
    sets = (facts.as_controller or facts.data_sets) if facts else ()
    # In the order in which a form asks: it is also the order in which people read what is missing.
    answers = {
        **_of_the_course(record),
        **_of_the_data(sets),
        "consequences": facts is None or not facts.likely_consequences,
        "effect": facts is not None and any(_effect_is_open(data_set, facts) for data_set in sets),
        "risk": not record.is_judged,
        **_of_the_measures(facts),
        "communication": not record.is_settled,
        "cross_border": record.has_lead and (facts is None or facts.cross_border is YesNoUnknown.UNKNOWN),
        # Whoever promises to say more has not said all yet.
        "findings": facts is not None and facts.next_update is not None and facts.next_update > now,
    }
    return tuple(name for name, is_open in answers.items() if is_open)


def _of_the_course(record: NotificationRecord) -> dict[str, bool]:
    facts = record.facts
    cause = facts.cause if facts else None
    return {
        "nature": facts is None,
        "occurred": (facts is None or facts.occurred_from is None) and record.occurred_at is None,
        # A breach that goes on keeps a notification open, and so does not knowing when it ended.
        "ended": ended_at(facts, record.contained_at) is None,
        "aware_at": record.aware_at is None,
        "discovery": facts is None or facts.discovery.value == "unknown",
        "cause": cause is None or cause.nature == "unknown",
        # Where nobody acted (a failure, a storm) there is no intent to state, whatever was said of malice.
        "intent": cause is None
        or cause.actor is BreachActor.UNKNOWN
        or (cause.malicious is YesNoUnknown.UNKNOWN and cause.actor is not BreachActor.NONE),
        "systems": facts is None or not facts.systems,
    }


def ended_at(facts: Facts | None, contained_at: datetime | None) -> datetime | None:
    """When the breach ended: as stated, else when it was contained; never while the facts say that it goes on."""
    if facts is not None and facts.ongoing is YesNoUnknown.YES:
        return None
    return (facts.occurred_to if facts else None) or contained_at


def _of_the_data(sets: Iterable[DataSet]) -> dict[str, bool]:
    data_sets = tuple(sets)

    def lacks(is_open: Callable[[DataSet], bool]) -> bool:
        # One set that is silent leaves the question open for the whole: an authority asks about the breach, not about
        # sets.
        return not data_sets or any(map(is_open, data_sets))

    return {
        "exfiltration": lacks(lambda one: one.exfiltration is Exfiltration.UNKNOWN),
        "published": lacks(_publication_is_open),
        "alteration": lacks(lambda one: BreachType.INTEGRITY in one.breach and one.alteration is Alteration.UNKNOWN),
        "backup": lacks(lambda one: BreachType.AVAILABILITY in one.breach and one.backup is Backup.UNKNOWN),
        "people_categories": lacks(lambda one: not one.subjects),
        "people_number": lacks(lambda one: not one.people.is_known),
        "countries": lacks(lambda one: not one.countries),
        "records_categories": not data_sets,
        "records_number": lacks(lambda one: not one.records.is_known),
        "protection": lacks(_protection_is_open),
    }


def _publication_is_open(data_set: DataSet) -> bool:
    """Where the wrong recipients are known, nobody asks whether the public at large could reach the data."""
    disclosed = BreachType.CONFIDENTIALITY in data_set.breach
    return disclosed and data_set.recipients is None and data_set.published is YesNoUnknown.UNKNOWN


def _protection_is_open(data_set: DataSet) -> bool:
    """Encryption tells nothing as long as nobody knows who has the key."""
    protection = data_set.protection
    if protection.encryption is Encryption.UNKNOWN:
        return True
    return protection.encryption not in KEYLESS and protection.key is Key.UNKNOWN


def _effect_is_open(data_set: DataSet, facts: Facts) -> bool:
    missing = BreachType.AVAILABILITY in data_set.breach
    stated = data_set.effect is not Effect.UNKNOWN or data_set.effect_detail or _FELT & {*facts.likely_consequences}
    return missing and not stated


def _of_the_measures(facts: Facts | None) -> dict[str, bool]:
    taken, proposed = (facts.measures_taken, facts.measures_proposed) if facts else ((), ())
    return {
        "measures": not taken and not proposed,
        # A lasting measure that is taken already leaves nothing to propose against a repetition.
        "measures_proposed": not proposed and not LASTING & {*taken},
    }
