"""What other systems report: the same thing reported again belongs to the case that it opened.

An alerting system repeats itself, and a storm says the same a thousand times: one case with its count, not a thousand.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.access.people import ActingPerson
from incidents.audit import chain
from incidents.case.lifecycle import OPEN_STAGES, Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_within
from incidents.evidence.files import EvidenceFile
from incidents.kernel.timestamps import rfc3339
from incidents.storage.tables.case import Incident, SignalRow
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What another system reports, so that the same thing reported again is known."""

    source: str
    fingerprint: str
    """SHA-256 of what makes it the same thing."""
    count: int = 1
    """Alerts in this message."""


def first(uow: UnitOfWork, signal: Signal) -> None:
    """Keep what opened a case, and say which ended cases the same thing led to before."""
    before = uow.session.exec(
        select(Incident.reference)
        .join(SignalRow, col(SignalRow.incident_id) == col(Incident.id))
        .where(SignalRow.fingerprint == signal.fingerprint, col(Incident.id) != uow.incident_id)
        .order_by(col(Incident.id))
    ).all()
    uow.session.add(
        SignalRow(
            incident_id=uow.incident_id,
            source=signal.source,
            fingerprint=signal.fingerprint,
            first_at=uow.now,
            last_at=uow.now,
            alerts=signal.count,
        )
    )
    if before:
        uow.note("signal", timeline_text("signal_before", others=", ".join(before)))


def attach_repeated(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    signal: Signal,
    *,
    exercise: bool,
    evidence_file: EvidenceFile | None,
    kept_line: CodedText | None,
) -> Result | None:
    """Attach an alert to the open case that the same alert opened; ``None`` where there is none.

    Each is counted. The timeline and the file are added when the count doubles: a storm of ten thousand is a dozen
    lines.
    """
    with ctx.store.write() as session:
        chain.lock_chain(session)
        found = _open_case(session, signal, exercise=exercise)
        if found is None:
            return None
        row, incident = found
        uow = unit_within(session, actor, now, incident.reference, Verb.LOG)
        doubled = (row.alerts + signal.count).bit_length() > row.alerts.bit_length()
        row.alerts, row.last_at = row.alerts + signal.count, now
        uow.audit("incident.signalled", source=row.source, alerts=row.alerts)
        if doubled:
            uow.note("signal", timeline_text("signal_again", source=row.source, alerts=row.alerts, at=rfc3339(now)))
            if evidence_file is not None and kept_line is not None:
                uow.note("evidence", kept_line, evidence=uow.keep(ctx, evidence_file))
        return uow.done(
            f"{incident.reference} ({incident.codename}) has the same alert: attached to it, {row.alerts} so far; "
            "no new case was opened",
            'if it is something else: tocsin open "TITLE" --from-alert FILE --new-case',
            next_command=f"tocsin show {incident.reference}",
        )


def _open_case(session: Session, signal: Signal, *, exercise: bool) -> tuple[SignalRow, Incident] | None:
    return session.exec(
        select(SignalRow, Incident)
        .join(Incident, col(Incident.id) == col(SignalRow.incident_id))
        .where(
            SignalRow.fingerprint == signal.fingerprint,
            col(Incident.stage).in_(OPEN_STAGES),
            # A drill with last week's alert must not end up in the case of the week.
            Incident.exercise == exercise,
        )
        .order_by(col(Incident.id).desc())
        .limit(1)
    ).first()
