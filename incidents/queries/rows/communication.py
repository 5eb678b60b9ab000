"""Drafts, letters and merchants of several cases as lines; no address of anybody is opened here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from incidents.case.case_file import DraftLine, LedgerCount, MerchantLine
from incidents.case.draft_kinds import CONTROLLERS
from incidents.case.message_machine import WENT_OUT
from incidents.casework.communication import drafts
from incidents.casework.communication.letter_kinds import key_in_ledger
from incidents.queries.rows.by_case import filled, grouped
from incidents.storage.tables.communication import AffectedPerson, Approval, Draft, MerchantRow, Message


def draft_lines(session: Session, incident_ids: Collection[int]) -> dict[int, tuple[DraftLine, ...]]:
    """Read the newest version of each draft with its own approval; one SELECT."""
    rows = session.exec(
        select(Draft, Approval)
        .join(Approval, col(Approval.draft_id) == col(Draft.id), isouter=True)
        .where(col(Draft.incident_id).in_(incident_ids))
        # In order of version, so that of each draft the last stays below; with its own approval, never that of an older
        # text.
        .order_by(col(Draft.version), col(Draft.id), col(Approval.id))
    ).all()
    newest = {(draft.incident_id, draft.kind, draft.language): (draft, approval) for draft, approval in rows}
    lines = grouped((draft.incident_id, _draft_line(draft, approval)) for draft, approval in newest.values())
    return {incident_id: tuple(group) for incident_id, group in lines.items()}


def _draft_line(draft: Draft, approval: Approval | None) -> DraftLine:
    return filled(
        DraftLine,
        draft,
        id=drafts.name_of(draft),
        missing=tuple(draft.missing),
        will_follow=tuple(draft.will_follow),
        warnings=tuple(draft.warnings),
        approved_at=approval.approved_at if approval else None,
        approved_by=approval.approver if approval else None,
        approval_note=approval.override_because if approval else None,
    )


def ledger_counts(session: Session, incident_ids: Collection[int]) -> dict[int, tuple[LedgerCount, ...]]:
    """Count the messages to outsiders by kind, language and state; one SELECT, however many letters there are."""
    group = (col(Message.incident_id), col(Message.kind), col(Message.language), col(Message.state))
    # A letter that came back is settled, too, but nobody was told at that time.
    went_out = func.max(Message.settled_at).filter(col(Message.state).in_(WENT_OUT))
    # More columns than SQLModel's `select` has types for: SQLAlchemy's own, of which it is a typed copy.
    rows = session.execute(
        select_columns(*group, func.count(), func.min(col(Message.settled_at)), went_out)
        .where(col(Message.incident_id).in_(incident_ids), col(Message.draft_id).is_not(None))
        .group_by(*group)
        .order_by(*group)
    ).all()
    counted = grouped(((incident_id, kind, language), rest) for incident_id, kind, language, *rest in rows)
    lines = grouped(
        (incident_id, _ledger_count(kind, language, states))
        for (incident_id, kind, language), states in counted.items()
    )
    return {incident_id: tuple(counts) for incident_id, counts in lines.items()}


def _ledger_count(kind: str, language: str, states: Iterable[list[Any]]) -> LedgerCount:
    rows = list(states)
    sent = [(first, last) for state, _, first, last in rows if state in WENT_OUT and last is not None]
    return LedgerCount(
        kind=kind,
        language=language,
        total=sum(count for _, count, _, _ in rows),
        states={state: count for state, count, _, _ in rows},
        first_sent_at=min((first for first, _ in sent), default=None),
        last_sent_at=max((last for _, last in sent), default=None),
    )


def merchant_lines(session: Session, incident_ids: Collection[int]) -> dict[int, tuple[MerchantLine, ...]]:
    """Read the merchants with what became of the notice to each; one SELECT."""
    rows = session.exec(
        select(MerchantRow, Message.state, Message.settled_at)
        # By the key, whose index has one row for each recipient (letter_kinds.py).
        .join(Message, col(Message.key) == key_in_ledger(CONTROLLERS), isouter=True)
        .where(col(MerchantRow.incident_id).in_(incident_ids))
        .order_by(col(MerchantRow.id))
    ).all()
    lines = grouped(
        (
            row.incident_id,
            MerchantLine(
                id=row.merchant_id,
                name=row.name,
                language=row.language,
                people=row.people,
                records=row.records,
                kinds=tuple(row.kinds),
                contract_hours=row.contract_hours,
                # No message, no state: the merchant is listed and the notice to it was never ordered.
                state=state or "not ordered",
                sent_at=settled_at if state in WENT_OUT else None,
            ),
        )
        for row, state, settled_at in rows
    )
    return {incident_id: tuple(group) for incident_id, group in lines.items()}


def people_counts(session: Session, incident_ids: Collection[int]) -> dict[int, int]:
    """Count the people on each case's list; a case without any is left out."""
    rows = session.exec(
        select(AffectedPerson.incident_id, func.count())
        .where(col(AffectedPerson.incident_id).in_(incident_ids))
        .group_by(col(AffectedPerson.incident_id))
    ).all()
    return dict(rows)
