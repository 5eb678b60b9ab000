"""Which of our texts was filed, and what speaks against a filing: confirmed with reasons, or refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from incidents.case.case_file import CaseOverview
from incidents.case.draft_kinds import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL
from incidents.case.spoken_of import changed_since
from incidents.casework.base.times import CLOCK_SKEW
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.communication.approval import approval_of
from incidents.casework.communication.drafts import conflicts_of, name_of
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP as FOLLOW_UP_DUTY
from incidents.law.duty_ids import AUTHORITY_INITIAL as INITIAL_DUTY
from incidents.law.model import Threshold
from incidents.storage.tables.communication import Draft
from incidents.storage.tables.obligations import Obligation


@dataclass(frozen=True, kw_only=True)
class FiledText:
    """The text that stood when something was filed, and what speaks against the filing, in words."""

    draft: Draft | None
    against: tuple[str, ...] = ()

    def as_json(self) -> dict[str, object] | None:
        """Write the text as the filing's row keeps it."""
        if self.draft is None:
            return None
        return {"draft": name_of(self.draft), "version": self.draft.version, "sha256": self.draft.sha256}


def filed_text(uow: UnitOfWork, case: CaseOverview, row: Obligation, submission: Submission) -> FiledText:
    """Find the text of a filing by its time, and say what speaks against it.

    A withdrawal, and reports for which no text of ours is made, are asked for their time alone.
    """
    before = tuple(_dated_before(uow, submission))
    if not _has_text(row, submission):
        return FiledText(draft=None, against=before)
    draft = _version_at(uow, row, submission)
    if draft is None:
        return FiledText(draft=None, against=(*before, "no text of ours was drafted for it, so nobody approved one"))
    return FiledText(draft=draft, against=(*before, *_against(uow, case, draft, submission.at)))


def _dated_before(uow: UnitOfWork, submission: Submission) -> Iterator[str]:
    aware_at = uow.incident.aware_at
    if submission.phase is FilingPhase.INITIAL and aware_at is not None and submission.at < aware_at:
        yield f"it is dated before awareness ({aware_at.isoformat()})"


def _has_text(row: Obligation, submission: Submission) -> bool:
    is_ours = obligation_rows.terms_of(row).threshold is not Threshold.SIGNIFICANT_INCIDENT
    return is_ours and submission.phase is not FilingPhase.WITHDRAWAL and row.duty in {INITIAL_DUTY, FOLLOW_UP_DUTY}


def _version_at(uow: UnitOfWork, row: Obligation, submission: Submission) -> Draft | None:
    """The newest version that was there when it was filed; else the first that came after."""
    kind = AUTHORITY_INITIAL if submission.phase is FilingPhase.INITIAL else AUTHORITY_FOLLOW_UP
    versions = uow.session.exec(
        select(Draft)
        .where(Draft.incident_id == uow.incident_id, Draft.kind == kind)
        .order_by(col(Draft.created_at), col(Draft.id))
    ).all()
    # Drafts that are older than what they speak of are taken for texts to every authority of the case.
    fitting = [draft for draft in versions if draft.speaks_of is None or row.key in draft.speaks_of.get("due", {})]
    there = [draft for draft in fitting if draft.created_at <= submission.at + CLOCK_SKEW]
    return there[-1] if there else next(iter(fitting), None)


def _against(uow: UnitOfWork, case: CaseOverview, draft: Draft, at: datetime) -> Iterator[str]:
    shown = f"{name_of(draft)} version {draft.version}"
    approval = approval_of(uow.session, draft)
    if draft.missing:
        yield f"{shown} was incomplete: {', '.join(draft.missing)}"
    if conflicts_of(draft):
        yield f"{shown} was in conflict: a person's words and the record differ"
    if approval is None:
        yield f"{shown} was never approved"
    # Some minutes are allowed: people type the minute in which they filed, and their clocks differ.
    elif approval.approved_at > at + CLOCK_SKEW:
        yield f"{shown} was approved only afterwards, by {approval.approver}"
    line = next((line for line in case.drafts if line.id == name_of(draft) and line.version == draft.version), None)
    changes = changed_since(case, line) if line is not None else ()
    if changes:
        yield f"{shown} was stale: {'; '.join(changes)}"
