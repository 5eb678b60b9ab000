"""Reading one case whole: from rows to the frozen picture that letters, papers and `show` are made from.

Knows the rows; refuses to write any. No address of an affected person is ever opened here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import select as select_columns
from sqlmodel import Session, SQLModel, col, func, select

from incidents.audit import chain, lookup
from incidents.case.case_file import (
    AlertLine,
    AssessmentLine,
    AwarenessLine,
    CaseFile,
    DecisionLine,
    DraftLine,
    FilingLine,
    LedgerCount,
    MerchantLine,
    MoveLine,
    ObligationFile,
    TimelineLine,
)
from incidents.case.message_machine import WENT_OUT
from incidents.casework.base.find import number
from incidents.casework.base.latest import newest_facts
from incidents.casework.communication import drafts
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.explanation import latest_for
from incidents.law.reminder_ladder import next_reminder
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.storage.tables.case import Assessment, Awareness, Decision, Evidence, Incident, TimelineEntry
from incidents.storage.tables.communication import AffectedPerson, Approval, Draft, MerchantRow, Message
from incidents.storage.tables.obligations import Alert, Filing, Obligation, TransitionRow

RowType = TypeVar("RowType", bound=SQLModel)
ViewType = TypeVar("ViewType")
Owned = TypeVar("Owned")


def case_file(session: Session, incident: Incident, zone: ZoneInfo, now: datetime) -> CaseFile:
    """Read everything about one incident as it stands at *now*."""
    key = number(incident.id)
    version, facts = newest_facts(session, key)
    alerts = _of(session, Alert, key)
    entries = lookup.recording_entries(session, incident.reference)
    seq, head = chain.head(session)
    return CaseFile(
        reference=incident.reference,
        codename=incident.codename,
        title=incident.title,
        system=incident.system,
        stage=incident.stage.value,
        exercise=incident.exercise,
        version=incident.version or 1,
        opened_at=incident.opened_at,
        opened_by=incident.opened_by,
        occurred_at=incident.occurred_at,
        detected_at=incident.detected_at,
        first_signal_at=incident.first_signal_at,
        aware_at=incident.aware_at,
        contained_at=incident.contained_at,
        closed_at=incident.closed_at,
        dismissed_because=incident.dismissed_because,
        lead=incident.lead,
        facts=facts,
        facts_version=version,
        as_of=now,
        awareness=_recorded(session, AwarenessLine, Awareness, key, entries),
        assessments=_recorded(session, AssessmentLine, Assessment, key, entries),
        decisions=_recorded(session, DecisionLine, Decision, key, entries),
        obligations=_obligations(session, key, alerts, zone, now),
        alerts=tuple(_taken(AlertLine, row) for row in alerts if row.obligation_id is None),
        drafts=_drafts(session, key),
        ledger=_ledger(session, key),
        merchants=_merchants(session, key),
        timeline=_timeline(session, key),
        people_imported=_count_people(session, key),
        people_list_sha256=_people_list(session, key),
        audit_head=head,
        audit_seq=seq,
        opened_sha256=entries.get(lookup.OPENED),
        contained_sha256=entries.get(lookup.CONTAINED) if incident.contained_at else None,
        ended_sha256=entries.get(lookup.ENDED) if incident.closed_at else None,
    )


def _of(session: Session, kind: type[RowType], incident_id: int) -> Sequence[RowType]:
    table: Any = kind
    return session.exec(select(kind).where(table.incident_id == incident_id).order_by(table.id)).all()


def _recorded(
    session: Session, line: type[ViewType], kind: type[SQLModel], incident_id: int, entries: Mapping[str, str]
) -> tuple[ViewType, ...]:
    """Take the rows of one kind, each with the hash of the audit entry that vouches for it."""
    rows = _of(session, kind, incident_id)
    return tuple(_taken(line, row, audit_sha256=entries.get(chain.row_name(row))) for row in rows)


def _taken(line: type[ViewType], row: SQLModel, **more: Any) -> ViewType:
    """Fill a line from the columns of the same names."""
    names = [name for name in line.__dataclass_fields__ if name not in more]  # type: ignore[attr-defined]  # lines are dataclasses
    return line(**{name: getattr(row, name) for name in names}, **more)


def _obligations(
    session: Session, incident_id: int, alerts: Sequence[Alert], zone: ZoneInfo, now: datetime
) -> tuple[ObligationFile, ...]:
    moves = session.exec(
        select(TransitionRow)
        .join(Obligation)
        .where(Obligation.incident_id == incident_id)
        .order_by(col(TransitionRow.id))
    )
    moves_of = _grouped((move.obligation_id, move) for move in moves)
    alerts_of = _grouped((alert.obligation_id, alert) for alert in alerts)
    filings_of = _grouped(_filings(session, incident_id))
    return tuple(
        obligation_file(
            row,
            zone,
            now,
            moves=moves_of.get(row.id, ()),
            alerts=alerts_of.get(row.id, ()),
            filings=filings_of.get(row.id, ()),
        )
        for row in obligation_rows.obligations_in(session, incident_id)
    )


def _grouped(owned: Iterable[tuple[int | None, Owned]]) -> dict[int | None, list[Owned]]:
    """Put together what belongs to each obligation, by its row number."""
    found: dict[int | None, list[Owned]] = {}
    for owner, each in owned:
        found.setdefault(owner, []).append(each)
    return found


def obligation_file(
    row: Obligation,
    zone: ZoneInfo,
    now: datetime,
    *,
    moves: Sequence[TransitionRow] = (),
    alerts: Sequence[Alert] = (),
    filings: Sequence[FilingLine] = (),
) -> ObligationFile:
    """Picture one obligation as it stands at *now*."""
    terms = obligation_rows.terms_of(row)
    settled = obligation_rows.is_settled(row)
    live = [alert for alert in alerts if alert.told_by is None]
    return ObligationFile(
        key=row.key,
        recipient=Recipient(kind=RecipientKind(row.recipient_kind), id=row.recipient_id, name=row.recipient_name),
        terms=terms,
        started_at=row.started_at,
        due_at=row.due_at,
        latest_reg_1182_71=latest_for(terms, row.started_at, zone),
        standing=obligation_rows.status_of(row, now),
        provisional=row.provisional,
        clock_version=row.clock_version,
        met_at=row.met_at,
        waived_at=row.waived_at,
        waived_because=row.waived_because,
        next_rung=None if settled else next_reminder(terms.ladder, row.due_at, max(now, row.started_at)),
        acknowledged=bool(live) and all(alert.acknowledged_at is not None for alert in live),
        moves=tuple(_taken(MoveLine, move) for move in moves),
        alerts=tuple(_taken(AlertLine, alert) for alert in alerts),
        filings=tuple(filings),
    )


def _filings(session: Session, incident_id: int) -> list[tuple[int, FilingLine]]:
    found = session.exec(
        select(Filing, Evidence)
        .join(Evidence, col(Evidence.id) == col(Filing.receipt_id), isouter=True)
        .where(Filing.incident_id == incident_id)
        .order_by(col(Filing.id))
    ).all()
    return [
        (row.obligation_id, _taken(FilingLine, row, receipt_sha256=receipt.sha256 if receipt else None))
        for row, receipt in found
    ]


def _timeline(session: Session, incident_id: int) -> tuple[TimelineLine, ...]:
    found = session.exec(
        select(TimelineEntry, Evidence)
        .join(Evidence, col(Evidence.id) == col(TimelineEntry.evidence_id), isouter=True)
        .where(TimelineEntry.incident_id == incident_id)
        .order_by(col(TimelineEntry.at), col(TimelineEntry.id))
    ).all()
    return tuple(
        _taken(
            TimelineLine,
            row,
            evidence_sha256=kept.sha256 if kept else None,
            evidence_name=kept.name if kept else None,
        )
        for row, kept in found
    )


def _drafts(session: Session, incident_id: int) -> tuple[DraftLine, ...]:
    approvals = {row.draft_id: row for row in _of(session, Approval, incident_id)}
    newest = drafts.newest(session, incident_id).values()
    return tuple(_draft_line(draft, approvals.get(number(draft.id))) for draft in newest)


def _draft_line(draft: Draft, approval: Approval | None) -> DraftLine:
    return _taken(
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


def _ledger(session: Session, incident_id: int) -> tuple[LedgerCount, ...]:
    """Count the messages to outsiders by kind, language and state."""
    went_out = func.max(Message.settled_at).filter(col(Message.state).in_(WENT_OUT))
    # More columns than SQLModel's `select` has types for: SQLAlchemy's own, of which it is a typed copy.
    found = session.execute(
        select_columns(
            col(Message.kind),
            col(Message.language),
            col(Message.state),
            func.count(),
            func.min(col(Message.settled_at)),
            went_out,
        )
        .where(col(Message.incident_id) == incident_id, col(Message.draft_id).is_not(None))
        .group_by(col(Message.kind), col(Message.language), col(Message.state))
        .order_by(col(Message.kind), col(Message.language), col(Message.state))
    ).all()
    groups: dict[tuple[str, str], list[Any]] = {}
    for kind, language, *rest in found:
        groups.setdefault((kind, language), []).append(rest)
    return tuple(_ledger_count(kind, language, rows) for (kind, language), rows in groups.items())


def _ledger_count(kind: str, language: str, rows: list[Any]) -> LedgerCount:
    sent = [(first, last) for state, _, first, last in rows if state in WENT_OUT and last is not None]
    return LedgerCount(
        kind=kind,
        language=language,
        total=sum(count for _, count, _, _ in rows),
        states={state: count for state, count, _, _ in rows},
        first_sent_at=min((first for first, _ in sent), default=None),
        last_sent_at=max((last for _, last in sent), default=None),
    )


def _merchants(session: Session, incident_id: int) -> tuple[MerchantLine, ...]:
    notices = {
        row.recipient: row
        for row in session.exec(
            select(Message).where(Message.incident_id == incident_id, Message.kind == "controllers")
        )
    }
    return tuple(
        _merchant_line(row, notices.get(f"merchant:{row.id}")) for row in _of(session, MerchantRow, incident_id)
    )


def _merchant_line(row: MerchantRow, notice: Message | None) -> MerchantLine:
    return MerchantLine(
        id=row.merchant_id,
        name=row.name,
        language=row.language,
        people=row.people,
        records=row.records,
        kinds=tuple(row.kinds),
        contract_hours=row.contract_hours,
        state=notice.state if notice else "not ordered",
        sent_at=notice.settled_at if notice and notice.state in WENT_OUT else None,
    )


def _count_people(session: Session, incident_id: int) -> int:
    return session.exec(
        select(func.count()).select_from(AffectedPerson).where(AffectedPerson.incident_id == incident_id)
    ).one()


def _people_list(session: Session, incident_id: int) -> str | None:
    """Digest the list of affected people as it stands, over keyed digests of the addresses."""
    lines = session.exec(select(AffectedPerson.blind_index).where(AffectedPerson.incident_id == incident_id)).all()
    return drafts.list_sha256(lines) if lines else None
