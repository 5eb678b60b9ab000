"""Obligations of several cases as lines: where each stands, with its filings; and the history of those of one case."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, and_
from sqlmodel import Session, col, select

from incidents.case.case_file import AlertLine, FilingLine, MoveLine, ObligationFile, ObligationLine
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.explanation import latest_for
from incidents.law.reminder_ladder import next_reminder
from incidents.queries.rows.by_case import filled, grouped
from incidents.storage.tables.case import Evidence
from incidents.storage.tables.obligations import Alert, Filing, Obligation, TransitionRow


def obligation_lines(
    session: Session, incident_ids: Collection[int], zone: ZoneInfo, now: datetime
) -> dict[int, tuple[ObligationLine, ...]]:
    """Read the obligations of these cases in the order they arose, as they stand at *now*; one SELECT."""
    lines = grouped(
        (row.incident_id, filled(ObligationLine, row, **derived))
        for row, derived in _rows(session, incident_ids, zone, now)
    )
    return {incident_id: tuple(group) for incident_id, group in lines.items()}


def obligation_files(session: Session, incident_id: int, zone: ZoneInfo, now: datetime) -> tuple[ObligationFile, ...]:
    """Read the obligations of one case with every move and alert; three SELECTs."""
    moves = session.exec(
        select(TransitionRow)
        .join(Obligation)
        .where(Obligation.incident_id == incident_id)
        .order_by(col(TransitionRow.id))
    )
    moves_of = grouped((move.obligation_id, filled(MoveLine, move)) for move in moves)
    alerts = session.exec(
        select(Alert)
        .where(Alert.incident_id == incident_id, col(Alert.obligation_id).is_not(None))
        .order_by(col(Alert.id))
    )
    alerts_of = grouped((alert.obligation_id, filled(AlertLine, alert)) for alert in alerts)
    return tuple(
        filled(
            ObligationFile,
            row,
            **derived,
            moves=tuple(moves_of.get(row.id or 0, ())),
            alerts=tuple(alerts_of.get(row.id, ())),
        )
        for row, derived in _rows(session, (incident_id,), zone, now)
    )


def is_acknowledged() -> ColumnElement[bool]:
    """The condition that an obligation has an alert that rings, and every one that does was acknowledged."""
    # Those that another alert told of never rang: they wait for nobody's word.
    rings = select(Alert.id).where(col(Alert.obligation_id) == col(Obligation.id), col(Alert.told_by).is_(None))
    return and_(rings.exists(), ~rings.where(col(Alert.acknowledged_at).is_(None)).exists())


def _rows(
    session: Session, incident_ids: Collection[int], zone: ZoneInfo, now: datetime
) -> Iterator[tuple[Obligation, dict[str, Any]]]:
    """Give each obligation with what its line says beyond its own columns."""
    rows = session.exec(
        select(Obligation, is_acknowledged(), Filing, Evidence)
        .join(Filing, col(Filing.obligation_id) == col(Obligation.id), isouter=True)
        .join(Evidence, col(Evidence.id) == col(Filing.receipt_id), isouter=True)
        .where(col(Obligation.incident_id).in_(incident_ids))
        .order_by(col(Obligation.id), col(Filing.id))
    ).all()
    # A duty with several filings comes once for each of them; the dictionary keeps it once, in its order.
    obligations = {row.id: (row, bool(acknowledged)) for row, acknowledged, _, _ in rows}
    # An outer join: a duty nothing was filed under comes with an empty filing, which the types do not say.
    joined: list[tuple[int | None, Any, Any]] = [(row.id, filing, receipt) for row, _, filing, receipt in rows]
    filings = grouped(
        (owner, filled(FilingLine, filing, receipt_sha256=receipt.sha256 if receipt else None))
        for owner, filing, receipt in joined
        if filing is not None
    )
    for key, (row, acknowledged) in obligations.items():
        yield row, _derived(row, zone, now, acknowledged=acknowledged, filings=tuple(filings.get(key, ())))


def _derived(
    row: Obligation, zone: ZoneInfo, now: datetime, *, acknowledged: bool, filings: tuple[FilingLine, ...]
) -> dict[str, Any]:
    terms = obligation_rows.terms_of(row)
    settled = obligation_rows.is_settled(row)
    return {
        "recipient": obligation_rows.recipient_of(row),
        "terms": terms,
        # Counted anew and not stored: it is only ever shown, and must never be taken for a due time.
        "latest_reg_1182_71": latest_for(terms, row.started_at, zone),
        "status": obligation_rows.status_of(row, now),
        # From now on, or from the start where that is still to come: a reminder that passed is in the alerts.
        "next_reminder": None if settled else next_reminder(terms.ladder, row.due_at, max(now, row.started_at)),
        "acknowledged": acknowledged,
        "filings": filings,
    }
