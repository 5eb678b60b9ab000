"""One row of the register for one case: facts, effects and remedy of every breach (Art. 33(5) GDPR), as frozen data.

Every breach has a row, also one that was not notified, and one that turned out to be none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from incidents.case.case_file import CaseOverview, LedgerCount, ObligationLine
from incidents.case.first_notifications import first_duties, first_duty, in_time, initial_filing
from incidents.case.irregularities import irregularities
from incidents.case.message_machine import UNREACHED, WENT_OUT, MessageState
from incidents.facts.breach import Facts
from incidents.facts.choices import YesNoUnknown
from incidents.facts.totals import people_of, records_of, union, worst
from incidents.facts.values import Count
from incidents.kernel.canonical_json import sha256_of
from incidents.kernel.timestamps import rfc3339
from incidents.law.model import Threshold
from incidents.register.protection_words import existing_measures

# Versions stand in it, for the row is read long after methods have changed.
RISK_METHOD: Final = "ENISA severity v1.0 (2013), informing a verdict under EDPB Guidelines 9/2022 and 01/2021"
_DELIVERED: Final = frozenset({MessageState.DELIVERED})
_GAPS: Final = frozenset({"list_complete", "gave_up"})
"""The kinds of line by which a named person closes the gap between those who are meant and those who were told."""
_HOUR: Final = timedelta(hours=1)
_HASH: Final = "row_sha256"


@dataclass(frozen=True, kw_only=True)
class RegisterRow:
    """What the register keeps of one case. Times are RFC 3339 in UTC; ``None`` means not known or not (yet) there."""

    reference: str
    codename: str
    title: str
    exercise: bool
    state: str
    dismissed_because: str | None
    roles: tuple[str, ...]
    happened_from: str | None
    happened_to: str | None
    ongoing: str
    detected_at: str
    aware_at: str | None
    aware_basis: str | None
    contained_at: str | None
    due_at: str | None
    """Until when the notification of Art. 33(1) GDPR is due, or else the first of another law; a target of our own is
    none. The columns on filing are of the same notification; every authority is in ``authorities``."""
    filed_at: str | None
    hours_used: float | None
    """Elapsed hours from awareness to the first filing, rounded up to two places so that late never looks in time."""
    in_time: bool | None
    """``None`` where nothing was filed, or where the law sets no time."""
    late_because: str | None
    breach_types: tuple[str, ...]
    cause: str | None
    cause_detail: str | None
    malicious: str
    systems: tuple[str, ...]
    summary: str | None
    people_least: int | None
    people_most: int | None
    people_estimate: bool | None
    """``None`` where no number is known."""
    records_least: int | None
    records_most: int | None
    records_estimate: bool | None
    subjects: tuple[str, ...]
    data_kinds: tuple[str, ...]
    special_categories: str
    vulnerable: str
    countries: tuple[str, ...]
    consequences_likely: tuple[str, ...]
    consequences_seen: tuple[str, ...]
    risk_method: str | None
    risk: str | None
    severity_score: float | None
    severity_band: str | None
    measures_before: tuple[str, ...]
    measures_after: tuple[str, ...]
    measures_proposed: tuple[str, ...]
    authority_decision: str
    people_decision: str
    exception: str | None
    """The ground of Art. 34(3) GDPR, where people were not told although the risk is high."""
    decided_because: str | None
    decided_by: str | None
    decided_at: str | None
    authority: str | None
    authorities: tuple[str, ...]
    """Every authority owed a first notification, each with its law, its time and what became of it."""
    filing_references: tuple[str, ...]
    filing_phases: tuple[str, ...]
    irregularities: tuple[str, ...]
    """What was done past a rule, and the reasons: approvals by one person alone, filings of texts that were not as they
    should be, waivers of what was decided to be notified."""
    people_told_from: str | None
    people_told_to: str | None
    people_channel: str | None
    people_messages: int
    people_accepted: int
    people_delivered: int
    people_unreached: int
    """Letters that came back, are uncertain, or were given up by a person."""
    people_gaps: tuple[str, ...]
    """Who said why some were not told by letter: a list closed short of the facts, letters given up."""
    merchants: int
    merchants_told: int
    dpo_advice: tuple[str, ...]
    open_actions: tuple[str, ...]
    report: str | None
    facts_version: int
    row_sha256: str = ""
    """SHA-256 of the canonical JSON of all other columns."""


# A test holds the columns to the version: a column more or less without a new one fails.
SCHEMA: Final = "tocsin-register/2"
"""The version of the columns: it changes with them, for the hash of a row is made of all of them."""
COLUMNS: Final = tuple(field.name for field in fields(RegisterRow))
"""The columns in their order; names are stable."""


def register_row(case: CaseOverview) -> RegisterRow:
    """Make the row of one case, sealed by its hash; the same case gives the same hash, whenever it is asked for."""
    row = {
        **_identity(case),
        **_times(case),
        **_nature(case.facts),
        **_scale(case.facts),
        **_judgement(case),
        **_decision(case),
        **_communication(case),
        **_afterwards(case),
    }
    return RegisterRow(**row, row_sha256=_seal(row))


def is_intact(row: RegisterRow) -> bool:
    """Whether a row still has the content its hash was made of."""
    content = asdict(row)
    # Everything else is hashed, so that a column that comes later is covered by itself.
    sealed = str(content.pop(_HASH))
    return sealed == _seal(content)


def _seal(row: dict[str, Any]) -> str:
    return sha256_of(row)


def _identity(case: CaseOverview) -> dict[str, Any]:
    return {
        "reference": case.reference,
        "codename": case.codename,
        "title": case.title,
        "exercise": case.exercise,
        "state": case.stage,
        "dismissed_because": case.dismissed_because,
        "roles": union(case.facts, lambda data_set: (data_set.role.value,)),
        "facts_version": case.facts_version,
    }


def _times(case: CaseOverview) -> dict[str, Any]:
    facts, duty = case.facts, first_duty(case)
    filing = initial_filing(duty)
    filed_at = filing.filed_at if filing else None
    return {
        # What the facts say goes before what was stated when the case was opened.
        "happened_from": rfc3339((facts.occurred_from if facts else None) or case.occurred_at),
        "happened_to": rfc3339(facts.occurred_to if facts else None),
        "ongoing": facts.ongoing.value if facts else YesNoUnknown.UNKNOWN.value,
        "detected_at": rfc3339(case.detected_at),
        "aware_at": rfc3339(case.aware_at),
        # The statement that counts is the last one; earlier ones stay in the audit trail.
        "aware_basis": case.awareness[-1].basis if case.awareness else None,
        "contained_at": rfc3339(case.contained_at),
        # A provisional clock counts from detection: in a register it would look like a legal deadline.
        "due_at": rfc3339(duty.due_at) if duty and not duty.provisional and not duty.is_own_target else None,
        "filed_at": rfc3339(filed_at),
        "hours_used": _hours(case.aware_at, filed_at),
        "in_time": in_time(duty),
        "late_because": filing.late_because if filing else None,
    }


def _hours(start: datetime | None, end: datetime | None) -> float | None:
    """Hours from start to end, rounded up to a hundredth."""
    if start is None or end is None:
        return None
    # Floor division of the negative rounds up: 72.001 h must never be written as 72.00.
    return -((start - end) * 100 // _HOUR) / 100


def _nature(facts: Facts | None) -> dict[str, Any]:
    return {
        "breach_types": union(facts, lambda data_set: (kind.value for kind in data_set.breach)),
        "cause": facts.cause.nature if facts else None,
        "cause_detail": facts.cause.detail if facts else None,
        "malicious": facts.cause.malicious.value if facts else YesNoUnknown.UNKNOWN.value,
        "systems": facts.systems if facts else (),
        "summary": facts.summary if facts else None,
    }


def _scale(facts: Facts | None) -> dict[str, Any]:
    sets = facts.data_sets if facts else ()
    # Over all sets, ours and those held for merchants: Art. 33(5) GDPR documents the breach, not our duty.
    people, records = (people_of(sets), records_of(sets)) if sets else (Count(), Count())
    return {
        "people_least": people.least,
        "people_most": people.most,
        "people_estimate": people.estimate if people.is_known else None,
        "records_least": records.least,
        "records_most": records.most,
        "records_estimate": records.estimate if records.is_known else None,
        "subjects": union(facts, lambda data_set: data_set.subjects),
        "data_kinds": union(facts, lambda data_set: data_set.kinds),
        "special_categories": worst(data_set.special_categories for data_set in sets),
        "vulnerable": worst(data_set.vulnerable for data_set in sets),
        # Sorted, unlike the rest: the order of countries in a scope file says nothing, and the hash must not hang on
        # it.
        "countries": tuple(sorted(union(facts, lambda data_set: data_set.homes))),
        "consequences_likely": facts.likely_consequences if facts else (),
        "consequences_seen": union(facts, lambda data_set: data_set.consequences_seen),
        "measures_before": union(facts, lambda data_set: (existing_measures(data_set),)),
        "measures_after": facts.measures_taken if facts else (),
        "measures_proposed": facts.measures_proposed if facts else (),
    }


def _judgement(case: CaseOverview) -> dict[str, Any]:
    judgement = case.judgement
    severity = (judgement or {}).get("severity") or {}
    score = severity.get("score")
    return {
        "risk_method": RISK_METHOD if judgement else None,
        "risk": (judgement or {}).get("risk"),
        # Stored judgements hold numbers as JSON had them: a 2 and a 2.0 must give the same hash.
        "severity_score": None if score is None else float(score),
        "severity_band": severity.get("band"),
    }


def _decision(case: CaseOverview) -> dict[str, Any]:
    decision = case.decision
    return {
        "authority_decision": _decision_word(decision.notify_authority if decision else None),
        "people_decision": _decision_word(decision.notify_people if decision else None),
        "exception": decision.exception if decision else None,
        "decided_because": decision.because if decision else None,
        "decided_by": decision.author if decision else None,
        "decided_at": rfc3339(decision.decided_at if decision else None),
    }


def _decision_word(notify: bool | None) -> str:  # noqa: FBT001 - the decision itself, not a switch
    return {None: "undecided", True: "notify", False: "not_required"}[notify]


def _communication(case: CaseOverview) -> dict[str, Any]:
    duty = first_duty(case)
    # By the time of filing, whatever law they were under: people read them as one course of events.
    filings = sorted(
        (filing for obligation in case.obligations for filing in obligation.filings), key=lambda filing: filing.filed_at
    )
    counts = tuple(count for count in case.ledger if count.kind == "people")
    starts = [count.first_sent_at for count in counts if count.first_sent_at]
    ends = [count.last_sent_at for count in counts if count.last_sent_at]
    return {
        "authority": duty.recipient.name if duty else None,
        "authorities": tuple(_authority_deadline(first_duty) for first_duty in first_duties(case)),
        # One reference may stand under several filings (a follow-up under the number of the first).
        "filing_references": tuple(dict.fromkeys(filing.reference for filing in filings)),
        "filing_phases": tuple(f"{filing.phase} {rfc3339(filing.filed_at)}" for filing in filings),
        "irregularities": irregularities(case),
        "people_told_from": rfc3339(min(starts, default=None)),
        "people_told_to": rfc3339(max(ends, default=None)),
        "people_channel": ", ".join(_channels(case, letters=bool(starts))) or None,
        "people_messages": sum(count.total for count in counts),
        "people_accepted": reached(counts, WENT_OUT),
        "people_delivered": reached(counts, _DELIVERED),
        "people_unreached": reached(counts, UNREACHED | {MessageState.GIVEN_UP}),
        "people_gaps": tuple(
            f"{rfc3339(entry.at)} {entry.author}: {entry.text}" for entry in case.timeline if entry.kind in _GAPS
        ),
        "merchants": len(case.merchants),
        "merchants_told": sum(1 for merchant in case.merchants if merchant.sent_at),
    }


def _authority_deadline(duty: ObligationLine) -> str:
    """Say in one line what an authority is owed: ``ICO (uk-gdpr): due ..., filed ..., in time``."""
    filing = initial_filing(duty)
    due = "no time set by law" if duty.is_own_target else f"due {rfc3339(duty.due_at)}"
    parts = [f"{due} (provisional)" if duty.provisional else due]
    if filing is not None:
        parts += [f"filed {rfc3339(filing.filed_at)}", *_IN_TIME[in_time(duty)]]
    elif duty.waived_at is not None:
        parts += ["not required"]
    else:
        parts += ["not filed"]
    return f"{duty.recipient.name} ({duty.terms.regime}): {', '.join(parts)}"


_IN_TIME: Final = {True: ("in time",), False: ("late",), None: ()}


def _channels(case: CaseOverview, *, letters: bool) -> Iterator[str]:
    """By which ways people were told: letters, and the public communication of Art. 34(3)(c) GDPR once it was made."""
    if letters:
        yield "e-mail"
    if any(
        obligation.terms.threshold is Threshold.DISPROPORTIONATE_EFFORT and obligation.met_at
        for obligation in case.obligations
    ):
        yield "public communication"


def reached(counts: Iterable[LedgerCount], states: frozenset[MessageState]) -> int:
    """Add up the messages that stand in one of these states."""
    return sum(number for count in counts for state, number in count.states.items() if state in states)


def _afterwards(case: CaseOverview) -> dict[str, Any]:
    return {
        "dpo_advice": tuple(entry.text for entry in case.timeline if entry.kind == "advice"),
        "open_actions": tuple(entry.text for entry in case.timeline if entry.kind == "action"),
        "report": case.report,
    }
