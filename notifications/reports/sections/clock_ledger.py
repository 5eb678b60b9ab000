"""The event ledger: each event an authority asks after, its planned and actual time, by whom, with what proof.

It applies no law beyond the recorded terms of each deadline.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

from incidents.case.case_file import CaseFile, DraftLine, ObligationFile
from incidents.case.draft_kinds import KINDS
from incidents.obligations.recipients import UNLISTED_MERCHANTS, RecipientKind

# What has neither a planned nor an actual time stands at the end.
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class LedgerRow:
    """One event of the clock."""

    event: str
    """``detected``, ``aware``, ``decided``, ``owed`` ...; ``owed`` is an obligation, and ``subject`` its title."""
    subject: str | None = None
    duty: str | None = None
    """The key of an obligation's duty: ``eu-gdpr/authority-initial``."""
    law: str | None = None
    """The article that asks for it."""
    authority: str | None = None
    """The authority it is due to."""
    own_target: bool = False
    """Whether the planned time is a target of our own, by which nothing is late."""
    planned_at: datetime | None = None
    actual_at: datetime | None = None
    since_aware: timedelta | None = None
    """Elapsed since awareness; negative before it."""
    margin: timedelta | None = None
    """Planned minus actual: what was left; negative when late."""
    by: str | None = None
    evidence_sha256: str | None = None
    """The file or text that proves it: a receipt before the text that was filed, a filed document before the alert."""
    more_sha256: tuple[str, ...] = ()
    """Where several texts prove it: those after the first."""
    audit_sha256: str | None = None
    """The entry of the audit chain that recorded it."""
    status: str | None = None
    detail: str | None = None
    number: int | None = None
    """How many recipients or drafts stand behind this row; none for merchants that nobody has listed yet."""


def ledger(case: CaseFile) -> tuple[LedgerRow, ...]:
    """List the events of the clock as they happened; what is still to come stands at its planned time."""
    rows = (*_beginnings(case), *_acts(case), *_approvals(case), *_obligations(case), *_endings(case))
    return tuple(sorted((_on_the_clock(row, case.aware_at) for row in rows), key=_order))


def _order(row: LedgerRow) -> datetime:
    return row.actual_at or row.planned_at or _LAST


def _on_the_clock(row: LedgerRow, aware_at: datetime | None) -> LedgerRow:
    """Add what can only be computed: time since awareness, and the margin to the plan."""
    return replace(
        row,
        since_aware=row.actual_at - aware_at if row.actual_at and aware_at else None,
        margin=row.planned_at - row.actual_at if row.actual_at and row.planned_at else None,
    )


def _beginnings(case: CaseFile) -> Iterator[LedgerRow]:
    first, detected = case.first_signal_at, case.detected_at
    received = _proof(case, case.opened_at, "evidence")
    if first:
        signal = _proof(case, first, "signal") or received
        yield LedgerRow(event="first_signal", actual_at=first, evidence_sha256=signal)
    seen = _proof(case, detected, "opened", "evidence") or (received if detected == first else None)
    entry = case.opened_sha256
    yield LedgerRow(event="detected", actual_at=detected, evidence_sha256=seen, audit_sha256=entry)
    yield LedgerRow(
        event="opened", actual_at=case.opened_at, by=case.opened_by, evidence_sha256=received, audit_sha256=entry
    )
    for number, line in enumerate(case.awareness, start=1):
        counts = number == len(case.awareness)
        yield LedgerRow(
            event="aware" if counts else "aware_superseded",
            actual_at=line.aware_at,
            by=line.author,
            detail=" \u2013 ".join(text for text in (line.basis, line.reason) if text),
            evidence_sha256=_proof(case, line.aware_at, "aware"),
            audit_sha256=line.audit_sha256,
        )


def _acts(case: CaseFile) -> Iterator[LedgerRow]:
    if case.contained_at:
        proof = _proof(case, case.contained_at, "contained")
        entry = case.contained_sha256
        yield LedgerRow(event="contained", actual_at=case.contained_at, evidence_sha256=proof, audit_sha256=entry)
    # The first and the newest; one alone is not listed twice.
    for index in dict.fromkeys((0, len(case.assessments) - 1)) if case.assessments else ():
        line = case.assessments[index]
        yield LedgerRow(
            event="assessed",
            actual_at=line.recorded_at,
            by=line.author,
            number=line.facts_version,
            audit_sha256=line.audit_sha256,
        )
    for decision in case.decisions:
        entry = decision.audit_sha256
        yield LedgerRow(event="decided", actual_at=decision.decided_at, by=decision.author, audit_sha256=entry)


def _approvals(case: CaseFile) -> Iterator[LedgerRow]:
    # groupby joins neighbours only, hence sorted by the same key.
    approved = sorted((draft for draft in case.drafts if draft.approved_at), key=lambda line: line.kind)
    for kind, group in groupby(approved, key=lambda line: line.kind):
        yield _approved(kind, tuple(group))


def _approved(kind: str, drafts: tuple[DraftLine, ...]) -> LedgerRow:
    last = max(drafts, key=lambda line: line.approved_at or line.created_at)
    return LedgerRow(
        event="approved",
        subject=kind,
        actual_at=last.approved_at,
        by=last.approved_by,
        evidence_sha256=drafts[0].sha256,
        more_sha256=tuple(draft.sha256 for draft in drafts[1:]),
        number=len(drafts),
    )


def _obligations(case: CaseFile) -> Iterator[LedgerRow]:
    for obligation in case.obligations:
        if obligation.recipient.kind is not RecipientKind.MERCHANT:
            yield _obligation_row(obligation, case)
    # One row for each due time: a thousand merchants with the same one would bury the ledger.
    merchants = sorted(merchant_duties(case), key=lambda duty: duty.due_at)
    for due_at, group in groupby(merchants, key=lambda duty: duty.due_at):
        yield _merchants_row(due_at, tuple(group), case)


def merchant_duties(case: CaseFile) -> tuple[ObligationFile, ...]:
    """Give the notices due to merchants (Art. 33(2) GDPR), one for each of them.

    What was due to merchants not yet listed is left out once each of them has its own.
    """
    return tuple(
        obligation
        for obligation in case.obligations
        if obligation.recipient.kind is RecipientKind.MERCHANT
        and not (obligation.recipient.id == UNLISTED_MERCHANTS.id and obligation.waived_at)
    )


def _obligation_row(obligation: ObligationFile, case: CaseFile) -> LedgerRow:
    filing = min(obligation.filings, key=lambda line: line.filed_at, default=None)
    return LedgerRow(
        event="owed",
        subject=obligation.terms.title,
        duty=f"{obligation.terms.regime}/{obligation.terms.duty}",
        law=obligation.terms.citation.article,
        authority=obligation.recipient.name if obligation.recipient.kind is RecipientKind.AUTHORITY else None,
        own_target=obligation.is_own_target,
        planned_at=obligation.due_at,
        actual_at=obligation.met_at,
        by=filing.recorded_by if filing else None,
        **_proof_of_notice(obligation, case, filing.receipt_sha256 if filing else None),
        status=obligation.status.value,
        detail=(filing.late_because if filing else None) or obligation.waived_because,
    )


def _proof_of_notice(obligation: ObligationFile, case: CaseFile, receipt: str | None = None) -> dict[str, Any]:
    """Find what proves the notice: the receipt, else the texts approved before; and the list of people."""
    if obligation.met_at is None:
        return {}
    kind = KINDS.get(obligation.terms.duty)
    approved = (draft for draft in case.drafts if draft.kind == kind and draft.approved_at)
    texts = [draft.sha256 for draft in approved if draft.approved_at and draft.approved_at <= obligation.met_at]
    listed = case.people_list_sha256 if obligation.recipient.kind is RecipientKind.PEOPLE else None
    # A text approved is the weakest proof and serves only where there is neither receipt nor list: it shows what was to
    # be said, not that it was.
    digests = [digest for digest in (receipt, listed) if digest] or texts
    return {"evidence_sha256": digests[0] if digests else None, "more_sha256": tuple(digests[1:])}


def _merchants_row(due_at: datetime, group: tuple[ObligationFile, ...], case: CaseFile) -> LedgerRow:
    """One row for all merchants with the same due time; it is met when the last of them is."""
    met = [obligation.met_at for obligation in group if obligation.met_at]
    all_met = len(met) == len(group)
    return LedgerRow(
        event="owed",
        subject=group[0].terms.title,
        duty=f"{group[0].terms.regime}/{group[0].terms.duty}",
        law=group[0].terms.citation.article,
        own_target=group[0].is_own_target,
        planned_at=due_at,
        actual_at=max(met) if all_met else None,
        status=worst_status(group),
        number=sum(1 for obligation in group if obligation.recipient.id != UNLISTED_MERCHANTS.id),
        **(_proof_of_notice(max(group, key=lambda line: line.met_at or due_at), case) if all_met else {}),
    )


def worst_status(group: Iterable[ObligationFile]) -> str:
    """Give the status that most needs attention among several obligations."""
    # From what needs somebody now to what needs nobody any more.
    order = ("overdue", "due_soon", "running", "provisional", "met_late", "met", "waived", "dismissed")
    return min((obligation.status.value for obligation in group), key=order.index)


def _endings(case: CaseFile) -> Iterator[LedgerRow]:
    if case.closed_at:
        event = "dismissed" if case.dismissed_because else "closed"
        entry = case.ended_sha256
        yield LedgerRow(event=event, actual_at=case.closed_at, detail=case.dismissed_because, audit_sha256=entry)


def _proof(case: CaseFile, at: datetime, *kinds: str) -> str | None:
    """Find the evidence filed with a timeline line of one of these kinds, for that very moment."""
    # The very moment: evidence of another line of that kind proves another event.
    digests = (entry.evidence_sha256 for entry in case.timeline if entry.at == at and entry.kind in kinds)
    return next((digest for digest in digests if digest), None)
