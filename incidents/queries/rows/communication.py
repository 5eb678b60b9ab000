"""Drafts, letters and merchants of several cases as lines; no address of anybody is opened here."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, func, select

from incidents.case.case_file import DraftLine, LedgerCount, MerchantLine
from incidents.case.draft_kinds import CONTROLLERS
from incidents.case.message_machine import WENT_OUT, MessageState
from incidents.casework.base.find import number
from incidents.casework.communication import drafts
from incidents.casework.communication.letter_kinds import key_in_ledger
from incidents.queries.rows.by_case import filled, grouped
from incidents.storage.tables.communication import AffectedPerson, Approval, Draft, DraftSource, MerchantRow, Message


def draft_lines(session: Session, incident_ids: Collection[int]) -> dict[int, tuple[DraftLine, ...]]:
    """Read the newest version of each draft with its own approval and all that it is known to speak of; two SELECTs."""
    newest = {
        (line.kind, line.language, incident_id): (incident_id, line)
        # In order of version, so that of each draft the last stays.
        for incident_id, line in _versions(session, incident_ids)
    }
    lines = grouped(newest.values())
    return {incident_id: tuple(group) for incident_id, group in lines.items()}


def draft_versions(session: Session, incident_id: int) -> tuple[DraftLine, ...]:
    """Read every version of every draft of a case, in the order they were written; two SELECTs."""
    return tuple(line for _, line in _versions(session, (incident_id,)))


def _versions(session: Session, incident_ids: Collection[int]) -> Iterator[tuple[int, DraftLine]]:
    # What was held back reached nobody: such a letter is no use of its text.
    letter = select(Message.id).where(
        col(Message.draft_id) == col(Draft.id), col(Message.state) != MessageState.CANCELLED
    )
    rows = session.exec(
        # With its own approval, never that of an older text.
        select(Draft, Approval, letter.exists())
        .join(Approval, col(Approval.draft_id) == col(Draft.id), isouter=True)
        .where(col(Draft.incident_id).in_(incident_ids))
        .order_by(col(Draft.version), col(Draft.id), col(Approval.id))
    ).all()
    later = session.exec(
        select(DraftSource)
        .join(Draft, col(Draft.id) == col(DraftSource.draft_id))
        .where(col(Draft.incident_id).in_(incident_ids))
    )
    known = grouped((source.draft_id, source.speaks_of) for source in later if source.speaks_of)
    # Bytes are approved once (UNIQUE); the dictionary would keep the last of several.
    versions = {draft.id: (draft, approval, bool(sent)) for draft, approval, sent in rows}
    for draft, approval, sent in versions.values():
        spoken = [draft.speaks_of] if draft.speaks_of else []
        # By the version of the facts: sources are found in no order of their own.
        spoken += sorted(known.get(number(draft.id), ()), key=lambda record: int(record["facts_version"]))
        yield draft.incident_id, _draft_line(draft, approval, tuple(spoken), was_sent=sent)


def _draft_line(
    draft: Draft, approval: Approval | None, speaks_of: tuple[Mapping[str, Any], ...], *, was_sent: bool
) -> DraftLine:
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
        conflicts=drafts.conflicts_of(draft),
        speaks_of=speaks_of,
        was_sent=was_sent,
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


def people_counts(session: Session, incident_ids: Collection[int]) -> dict[int, dict[str, int]]:
    """Count the people on each case's list by the language each prefers; a case without any is left out."""
    rows = session.execute(
        select_columns(col(AffectedPerson.incident_id), col(AffectedPerson.language), func.count())
        .where(col(AffectedPerson.incident_id).in_(incident_ids))
        .group_by(col(AffectedPerson.incident_id), col(AffectedPerson.language))
    ).all()
    counts = grouped((incident_id, (language, count)) for incident_id, language, count in rows)
    return {incident_id: dict(by_language) for incident_id, by_language in counts.items()}
