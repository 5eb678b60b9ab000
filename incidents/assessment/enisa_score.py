"""ENISA's severity score of a personal data breach: SE = DPC x EI + CB, explained step by step."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from incidents.assessment.enisa_tables import (
    CONSEQUENCES,
    EASE,
    HALF,
    IDENTIFIER_OF,
    IDENTIFIERS,
    NONE,
    QUARTER,
    circumstance_cell,
    context_cell,
    identifier_cell,
)
from incidents.assessment.predicates import (
    are_protected_people,
    ease_of_identification,
    is_harmless_health,
    is_hostile,
    is_more_than,
    is_recipient_feared,
    is_special,
    is_unintelligible,
    is_yes,
    pseudonyms_hold,
    weighing_kinds,
)
from incidents.facts.breach import Facts
from incidents.facts.choices import Alteration, Backup, BreachType, Exfiltration, Identifiability
from incidents.facts.data_kinds import Category, DataKind
from incidents.facts.data_set import DataSet
from incidents.texts.coded_text import CodedText, coded_text

# The points are the methodology's (enisa_tables.py has what each means). *Unknown* takes the highest of its row, so
# that finding out can only lower the score.
ALTERATION_POINTS = {
    Alteration.NONE: NONE,
    Alteration.RESTORED: NONE,
    Alteration.RECOVERABLE: QUARTER,
    Alteration.UNRECOVERABLE: HALF,
    Alteration.UNKNOWN: HALF,
}

BACKUP_POINTS = {
    Backup.FULL_FAST: NONE,
    Backup.FULL_SLOW: QUARTER,
    Backup.PARTIAL: QUARTER,
    Backup.NOT_APPLICABLE: QUARTER,
    Backup.NONE: HALF,
    # Ransomware that reached the backup: there is one, and it is of no use.
    Backup.ENCRYPTED_TOO: HALF,
    Backup.UNKNOWN: HALF,
}

FLAG_PEOPLE = 100
"""More people than this sets a flag beside the score, never inside it."""


class Band(StrEnum):
    """ENISA's four bands: below 2, below 3, below 4, from 4 on."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    VERY_HIGH = "very_high"

    @property
    def rank(self) -> int:
        """0 for the lowest band, 3 for the highest."""
        return list(Band).index(self)


@dataclass(frozen=True, kw_only=True)
class Severity:
    """The score of one data set, with the steps that led to it."""

    data_set: str
    dpc: int
    """Data processing context, 1 to 4."""
    ei: Decimal
    """Ease of identification, 0.25 to 1."""
    cb: Decimal
    """Circumstances of the breach, 0 to 2."""
    score: Decimal
    band: Band
    meaning: str
    """What the band means for people."""
    flags: tuple[str, ...]
    """What the methodology wants said beside the score and kept out of it."""
    steps: tuple[CodedText, ...]


@dataclass(frozen=True, kw_only=True)
class Circumstances:
    """The points for confidentiality, integrity, availability and intent; they are added."""

    confidentiality: Decimal = NONE
    integrity: Decimal = NONE
    availability: Decimal = NONE
    malicious: Decimal = NONE

    @property
    def total(self) -> Decimal:
        """CB, 0 to 2."""
        return self.confidentiality + self.integrity + self.availability + self.malicious


def score(dpc: int, ei: Decimal, c: Decimal, i: Decimal, a: Decimal, malicious: Decimal) -> Decimal:
    """Compute SE = DPC x EI + CB, where CB = C + I + A + malicious; DPC is first brought into 1 to 4."""
    return min(4, max(1, dpc)) * ei + c + i + a + malicious


def band_of(number: Decimal) -> Band:
    """The band of a score; an edge belongs to the band above it."""
    # Decimal throughout: 0.25 steps are exact, and a sum that falls on an edge must fall on it.
    edges = (Decimal(2), Decimal(3), Decimal(4))
    return list(Band)[sum(number >= edge for edge in edges)]


def severity(facts: Facts) -> Severity:
    """Score every data set and answer the worst; on a tie the first in the file."""
    # `max` keeps the first of several: the same facts always name the same set.
    return max((severity_of(facts, data_set) for data_set in facts.data_sets), key=lambda severity: severity.score)


def severity_of(facts: Facts, data_set: DataSet) -> Severity:
    """Score one data set."""
    dpc, dpc_step = data_processing_context(data_set)
    ei, ei_step = identification(facts, data_set)
    circumstances = circumstances_of(facts, data_set)
    number = score(
        dpc,
        ei,
        circumstances.confidentiality,
        circumstances.integrity,
        circumstances.availability,
        circumstances.malicious,
    )
    band = band_of(number)
    return Severity(
        data_set=data_set.name,
        dpc=dpc,
        ei=ei,
        cb=circumstances.total,
        score=number,
        band=band,
        flags=_flags(facts, data_set),
        steps=(
            dpc_step,
            ei_step,
            *_circumstance_steps(data_set.breach, circumstances),
            _total_step(dpc, ei, circumstances, number, band),
        ),
        meaning=CONSEQUENCES[band],
    )


def data_processing_context(data_set: DataSet) -> tuple[int, CodedText]:
    """DPC of the highest kind, adjusted for the people; a person's own choice wins, with its reason.

    The steps are those of the methodology: category, basic score, adjustment, result.
    """
    worst = _worst_kind(data_set)
    context, parts = _usual_context(data_set, worst)
    if data_set.data_processing_context is not None:
        context = data_set.data_processing_context
        # The person's own number replaces ours whole, also where ours is higher: the reason beside it answers for that.
        parts = (coded_text("context_chosen", text=data_set.context_because),)
    adjusted = _adjustment(data_set, worst, context)
    return context, coded_text("context", context=context, parts=parts, adjusted=adjusted)


def _adjustment(data_set: DataSet, worst: DataKind | None, context: int) -> CodedText:
    """Category, basic score, step and what the result means, where the methodology has a category for the data."""
    # No kind weighs where all of them are passwords that withstand, or health data that can harm nobody.
    category = worst.category if worst else Category.SIMPLE
    # The category follows what was stated of the people, not the table of kinds: a list of names can be data on health.
    if is_special(data_set) or is_harmless_health(data_set):
        category = Category.SENSITIVE
    elif worst and not worst.known:
        return coded_text("adjusted_caution", category=category)
    elif worst and worst.credential and worst.category is Category.SIMPLE and context == worst.context:
        return coded_text("adjusted_credentials")
    step = context - category.basic_score
    table = {"category": category, "basic": category.basic_score, "cell": context_cell(category, context)}
    return coded_text("adjusted_by", step=step, **table) if step else coded_text("not_adjusted", **table)


def _usual_context(data_set: DataSet, worst: DataKind | None) -> tuple[int, tuple[CodedText, ...]]:
    context = worst.context if worst else 1
    parts = [_highest(worst)]
    if is_yes(data_set.public_before):
        # One step, and before the steps up: that data were public takes nothing from what endangers people.
        context = max(1, context - 1)
        parts.append(coded_text("context_public_before"))
    if is_harmless_health(data_set):
        context = max(context, 2)
        parts.append(coded_text("context_harmless_health"))
    stated = is_special(data_set) and not is_harmless_health(data_set)
    if stated or are_protected_people(data_set) or is_recipient_feared(data_set):
        context = 4
        parts.append(coded_text("context_protected"))
    return context, tuple(parts)


def _highest(worst: DataKind | None) -> CodedText:
    if worst is None:
        return coded_text("context_passwords_only")
    return coded_text("context_highest", kinds=(worst.slug,)) if worst.known else coded_text("context_unlisted")


def _worst_kind(data_set: DataSet) -> DataKind | None:
    """The kind with the highest context; credentials only count by what they open, where that is known."""
    kinds = weighing_kinds(data_set)
    # ENISA gives credentials no category of their own: they have that of what they open. Access to money is its own.
    opened = [kind for kind in kinds if not kind.credential and kind.context > 1]
    counted = [kind for kind in kinds if not (kind.credential and opened and kind.row != "financial_access")]
    return max(counted, key=lambda kind: kind.context, default=None)


def identification(facts: Facts, data_set: DataSet) -> tuple[Decimal, CodedText]:
    """EI, lowered to negligible by encryption or pseudonyms that hold."""
    level, why = ease_of_identification(data_set)
    # Only what holds: weak encryption, or a key that may be known, lowers nothing.
    if is_unintelligible(facts, data_set):
        level, why = Identifiability.NEGLIGIBLE, coded_text("ease_encrypted")
    elif pseudonyms_hold(data_set):
        level, why = Identifiability.NEGLIGIBLE, coded_text("ease_pseudonymised")
    rows, values = _cells(data_set, level), {"ei": EASE[level], "level": level, "why": why}
    return EASE[level], coded_text("ease_with_cells", rows=rows, **values) if rows else coded_text("ease", **values)


def _cells(data_set: DataSet, level: Identifiability) -> tuple[CodedText, ...]:
    """What the methodology's table says of this level for the identifiers among the kinds."""
    identifiers = dict.fromkeys(
        IDENTIFIER_OF[kind.row] for kind in weighing_kinds(data_set) if kind.row in IDENTIFIER_OF
    )
    return tuple(identifier_cell(identifier, level) for identifier in identifiers if level in IDENTIFIERS[identifier])


def circumstances_of(facts: Facts, data_set: DataSet) -> Circumstances:
    """The circumstances of the breach; what is unknown takes the highest points of its row."""
    touched = data_set.breach
    return Circumstances(
        confidentiality=_confidentiality(facts, data_set) if BreachType.CONFIDENTIALITY in touched else NONE,
        integrity=ALTERATION_POINTS[data_set.alteration] if BreachType.INTEGRITY in touched else NONE,
        availability=_availability(data_set) if BreachType.AVAILABILITY in touched else NONE,
        malicious=HALF if is_hostile(facts.cause) else NONE,
    )


def _confidentiality(facts: Facts, data_set: DataSet) -> Decimal:
    # Before encryption: what the public could read was readable, however it was stored.
    if is_yes(data_set.published):
        return HALF
    if is_unintelligible(facts, data_set) or data_set.exfiltration is Exfiltration.NONE_PROVEN:
        return NONE
    # A thing that is gone is "exposed to a risk" in the methodology's words, as long as nothing shows that it was read.
    if facts.cause.nature in {"loss", "disposal"} and data_set.exfiltration is not Exfiltration.CONFIRMED:
        return NONE
    # "Known recipients" has no figure in the methodology; where its flag for many people begins, they are no longer
    # known.
    if data_set.recipients and not is_more_than(data_set.recipients.count, FLAG_PEOPLE):
        return QUARTER
    return HALF


def _availability(data_set: DataSet) -> Decimal:
    # A stated length says that the data came back, whatever is known of a backup: not "for good".
    if data_set.backup is Backup.UNKNOWN and data_set.unavailable_hours is not None:
        return QUARTER
    return BACKUP_POINTS[data_set.backup]


def _flags(facts: Facts, data_set: DataSet) -> tuple[str, ...]:
    flags = (
        # An unknown number sets no flag: the flag says that there are many, not that there may be.
        ("individuals_over_100", data_set.people.is_known and is_more_than(data_set.people, FLAG_PEOPLE)),
        ("data_unintelligible", is_unintelligible(facts, data_set)),
    )
    return tuple(flag for flag, holds in flags if holds)


def _circumstance_steps(touched: tuple[BreachType, ...], circumstances: Circumstances) -> tuple[CodedText, ...]:
    rows = (
        ("confidentiality", circumstances.confidentiality, BreachType.CONFIDENTIALITY in touched),
        ("integrity", circumstances.integrity, BreachType.INTEGRITY in touched),
        ("availability", circumstances.availability, BreachType.AVAILABILITY in touched),
        # Whatever was touched: intent belongs to the breach and not to one of the three ways of it.
        ("intent", circumstances.malicious, True),
    )
    return tuple(
        coded_text(
            "adds",
            what=coded_text(row),
            points=points,
            cell=circumstance_cell(row, points) if concerned else _UNTOUCHED,
        )
        for row, points, concerned in rows
    )


_UNTOUCHED = coded_text("not_touched")


def _total_step(dpc: int, ei: Decimal, circumstances: Circumstances, number: Decimal, band: Band) -> CodedText:
    return coded_text("total", dpc=dpc, ei=ei, cb=circumstances.total, score=number, band=band)
