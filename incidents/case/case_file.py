"""One case as a frozen picture at a moment: what letters, reports, the register and `show` are made from.

No address of an affected person is ever in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from incidents.case.draft_kinds import duty_of
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.deadlines.terms import DueKind, Terms
from incidents.facts.breach import Facts
from incidents.law.model import Threshold
from incidents.law.reminder_ladder import ReminderStep
from incidents.obligations.recipients import Recipient

LATE_REASONS: Final = "late_reasons"
"""The kind and the code of the timeline's line that gives the reasons for a delay (timeline_texts.py)."""


@dataclass(frozen=True, kw_only=True)
class TimelineLine:
    """One entry of the append-only timeline: when it was, when it was written down, by whom, in words."""

    at: datetime
    recorded_at: datetime
    author: str
    kind: str
    text: str
    said: Mapping[str, Any] | None = None
    """Code and values of a line that the software wrote; ``None`` for a person's words."""
    evidence_sha256: str | None = None
    evidence_name: str | None = None


@dataclass(frozen=True, kw_only=True)
class AwarenessLine:
    """One statement of when the controller became aware; later ones correct earlier ones, none is erased."""

    aware_at: datetime
    basis: str
    reason: str | None
    author: str
    recorded_at: datetime
    audit_sha256: str | None = None
    """Hash of the entry of the audit chain that recorded it."""


@dataclass(frozen=True, kw_only=True)
class AssessmentLine:
    """One assessment: the judgement proposed for one version of the facts."""

    facts_version: int
    author: str
    recorded_at: datetime
    judgement: dict[str, Any]
    """The keys of ``advise --json``: severity, risk, notify_authority, notify_people, exception, reasons, unknowns ...

    Sentences have their code and values beside them, except in judgements that were stored before there were any.
    """
    audit_sha256: str | None = None
    """Hash of the entry of the audit chain that recorded it."""


@dataclass(frozen=True, kw_only=True)
class DecisionLine:
    """What a named person decided, with reasons."""

    facts_version: int
    notify_authority: bool
    notify_people: bool
    exception: str | None
    because: str
    author: str
    decided_at: datetime
    audit_sha256: str | None = None
    """Hash of the entry of the audit chain that recorded it."""


@dataclass(frozen=True, kw_only=True)
class MoveLine:
    """One recorded move of the deadline machine: when it was due, when it was noticed."""

    from_standing: str
    to_standing: str
    cause: str
    due_at: datetime
    noticed_at: datetime


@dataclass(frozen=True, kw_only=True)
class AlertLine:
    """One reminder that was recorded: its true due time, when it was noticed and what became of the alert."""

    key: str
    rung: str
    kind: str
    due_at: datetime
    noticed_at: datetime
    told_by: str | None
    """The key of the later alert that told of this one too, where several had come due while nobody was running."""
    level: int
    """How far along the on-call list it went (0: the first person)."""
    acknowledged_at: datetime | None
    acknowledged_by: str | None


@dataclass(frozen=True, kw_only=True)
class FilingLine:
    """Proof that an authority was told."""

    phase: str
    """``initial``, ``follow_up`` or ``withdrawal``."""
    complete: bool
    reference: str
    filed_at: datetime
    recorded_at: datetime
    recorded_by: str
    late_because: str | None
    receipt_sha256: str | None
    text_filed: Mapping[str, Any] | None = None
    """The draft that was filed: ``draft``, ``version``, ``sha256``; ``None`` where none of ours was."""
    confirmed: Mapping[str, Any] | None = None
    """What spoke against it (``against``) and the reasons (``because``) with which a person confirmed it."""


@dataclass(frozen=True, kw_only=True)
class ObligationLine:
    """One thing owed: to whom, since when, until when, and where it stands."""

    key: str
    """``eu-gdpr/authority-initial/DE-BE``."""
    recipient: Recipient
    terms: Terms
    started_at: datetime
    due_at: datetime
    latest_reg_1182_71: datetime | None
    status: DeadlineStatus
    provisional: bool
    clock_version: int
    met_at: datetime | None
    waived_at: datetime | None
    waived_because: str | None
    next_reminder: ReminderStep | None
    acknowledged: bool
    filings: tuple[FilingLine, ...] = ()

    @property
    def is_told_by_draft(self) -> bool:
        """Whether our texts are made for it: a duty about personal data, not a report of an incident by itself.

        An early warning to a cyber security authority asks for other things than a notification under Art. 33 GDPR.
        """
        # By the threshold, not by the law: NIS2 and DORA ask for reports of an incident whether or not personal data
        # were hit.
        return self.terms.threshold is not Threshold.SIGNIFICANT_INCIDENT

    @property
    def is_own_target(self) -> bool:
        """Whether its due time is a target of our own: the law sets no time, so that nothing is late by it."""
        return self.terms.due_kind is DueKind.INTERNAL


@dataclass(frozen=True, kw_only=True)
class ObligationFile(ObligationLine):
    """The same with its history: every recorded move of its clock and every alert."""

    moves: tuple[MoveLine, ...] = ()
    alerts: tuple[AlertLine, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DraftLine:
    """One draft in its newest version: what it says is in ``subject`` and ``text``; the hash binds the approval."""

    id: str
    """``people.de`` : kind and language."""
    kind: str
    language: str
    version: int
    subject: str
    text: str
    html: str | None
    sha256: str
    author: str
    created_at: datetime
    missing: tuple[str, ...]
    """Ids of legally required elements that are not there."""
    will_follow: tuple[str, ...]
    """Ids of elements marked "not yet known, will follow" (Art. 33(4))."""
    warnings: tuple[str, ...]
    recipients: int
    approved_at: datetime | None
    approved_by: str | None
    approval_note: str | None
    """Why four eyes were overridden, if they were."""
    edited: bool = False
    """Whether a person's words are in it."""
    conflicts: tuple[Mapping[str, str], ...] = ()
    """Where a person's words and a fresh composition differ so that only a person can say which holds: ``section``,
    ``yours``, ``fresh``."""
    speaks_of: tuple[Mapping[str, Any], ...] = ()
    """Every record that the text is known to speak of, the newest last (spoken_of.py); none in old drafts."""
    was_sent: bool = False
    """Whether letters of this version were ordered."""


@dataclass(frozen=True, kw_only=True)
class LedgerCount:
    """How many messages of one kind and language stand in each state of delivery."""

    kind: str
    language: str
    total: int
    states: dict[str, int]
    first_sent_at: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MerchantLine:
    """One merchant that must be noticed (Art. 33(2)): figures of its own customers, never an address."""

    id: str
    name: str
    language: str
    people: int | None
    records: int | None
    kinds: tuple[str, ...]
    contract_hours: int | None
    state: str
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    """A person's stop of all letters of the case, that nobody has lifted."""

    person: str
    because: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class PauseLine:
    """The channel that letters take is left alone for now."""

    since: datetime
    until: datetime
    refused: bool
    """Whether the provider refuses our key or settings, so that a person has to mend them."""
    because: str


@dataclass(frozen=True, kw_only=True)
class CaseOverview:
    """One incident as screens and lists show it: all but the history of its clocks and the proofs of its events."""

    reference: str
    codename: str
    title: str
    system: str | None
    stage: str
    exercise: bool
    version: int
    opened_at: datetime
    opened_by: str
    occurred_at: datetime | None
    detected_at: datetime
    first_signal_at: datetime | None
    aware_at: datetime | None
    contained_at: datetime | None
    closed_at: datetime | None
    dismissed_because: str | None
    lead: str | None
    facts: Facts | None
    facts_version: int
    as_of: datetime
    awareness: tuple[AwarenessLine, ...] = ()
    assessments: tuple[AssessmentLine, ...] = ()
    decisions: tuple[DecisionLine, ...] = ()
    obligations: tuple[ObligationLine, ...] = ()
    drafts: tuple[DraftLine, ...] = ()
    ledger: tuple[LedgerCount, ...] = ()
    merchants: tuple[MerchantLine, ...] = ()
    timeline: tuple[TimelineLine, ...] = ()
    people_imported: int = 0
    hold: HoldLine | None = None
    pause: PauseLine | None = None
    people_by_language: Mapping[str, int] = field(default_factory=dict)
    """How many of the people listed prefer each language."""
    audit_head: str | None = None
    audit_seq: int = 0
    report: str | None = None
    """SHA-256 of the closing report as it was last written."""

    @property
    def judgement(self) -> dict[str, Any] | None:
        """The newest proposed judgement, or ``None`` before the first assessment."""
        return self.assessments[-1].judgement if self.assessments else None

    def is_lifted(self, draft_kind: str) -> bool:
        """Whether everything a text would fulfil was decided not to be owed, so that nobody needs to approve it."""
        rows = [obligation for obligation in self.obligations if obligation.terms.duty == duty_of(draft_kind)]
        # Without any row nothing was lifted: before awareness, or where the law does not reach us, there is nothing to
        # decide.
        return bool(rows) and all(row.status in {DeadlineStatus.WAIVED, DeadlineStatus.DISMISSED} for row in rows)

    @property
    def decision(self) -> DecisionLine | None:
        """The decision that counts now: none once the case was taken up again and is not decided anew."""
        newest = self.decisions[-1] if self.decisions else None
        # By the stage first: only a decision leads there, so a case that is decided has one that counts.
        if newest is None or self.stage not in {"suspected", "confirmed", "assessed"}:
            return newest
        reopened = [line.recorded_at for line in self.timeline if line.kind == "reopened"]
        return None if reopened and reopened[-1] >= newest.decided_at else newest

    @property
    def earlier_decision(self) -> DecisionLine | None:
        """The decision that counted before the case was taken up again, while none counts."""
        return self.decisions[-1] if self.decisions and self.decision is None else None

    @property
    def late_reasons(self) -> dict[str, str]:
        """The reasons for a delay that a person recorded for each obligation, by its key; the last words count."""
        said = (line.said for line in self.timeline if line.kind == LATE_REASONS)
        return {line["values"]["key"]: line["values"]["because"] for line in said if line}


@dataclass(frozen=True, kw_only=True)
class CaseFile(CaseOverview):
    """One incident, whole: what reports, filing packs and drafts are made from."""

    # The same field, with more in it: whoever reads an overview can be given a whole case.
    obligations: tuple[ObligationFile, ...] = ()
    alerts: tuple[AlertLine, ...] = ()
    """Alerts of the case itself (the first page), not of one obligation."""
    versions: tuple[DraftLine, ...] = ()
    """Every version of every draft, in the order they were written."""
    people_list_sha256: str | None = None
    opened_sha256: str | None = None
    """Hash of the entry of the audit chain that recorded the opening, and with it the time of detection."""
    contained_sha256: str | None = None
    """The same of the containment."""
    ended_sha256: str | None = None
    """The same of the closing or the dismissal."""
