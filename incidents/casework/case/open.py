"""Opening a case: a suspicion becomes a case file with a provisional clock, and somebody is paged.

The path of three in the morning: it imports nothing that it does not need.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from incidents.access.people import ActingPerson, demand
from incidents.audit import chain
from incidents.case.codenames import codename
from incidents.case.lifecycle import Stage, Verb
from incidents.casework.base.context import UseCaseContext, frame_with_laws
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, roles_for
from incidents.casework.case import signals
from incidents.casework.case.signals import Signal
from incidents.casework.deadlines import alerts, bookkeeping
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError
from incidents.obligations.derivation import obligations_from_awareness
from incidents.storage.tables.case import Incident
from incidents.texts.coded_text import CodedText
from incidents.texts.timeline_texts import timeline_text

LONGEST_TITLE: Final = 300
LONGEST_SYSTEM: Final = 200
"""Characters; the lengths of the columns."""


@dataclass(frozen=True, kw_only=True)
class IncidentReport:
    """What somebody says when opening a case; only a title and when it was noticed are needed."""

    title: str
    detected_at: datetime
    system: str | None = None
    exercise: bool = False
    source: str = "person"
    """``person`` or the kind of alert it came from."""
    first_signal_at: datetime | None = None
    """When the first alert fired: evidence, never the legal clock."""
    notes: tuple[CodedText, ...] = ()
    evidence_file: EvidenceFile | None = None
    kept_line: CodedText | None = None
    """What the timeline says of the file, where it is not kept as it was received."""
    signal: Signal | None = None


def open_incident(ctx: UseCaseContext, actor: ActingPerson, now: datetime, report: IncidentReport) -> Result:
    """Record a suspected incident, with the worst-case clock counted from detection, and page the on-call person.

    Raises:
        InvalidInputError: no title, or a detection time that lies in the future.

    """
    # No unit of work is opened as elsewhere: it would find a case, and there is none yet.
    demand(actor, *roles_for(Verb.OPEN), to="open an incident")
    report = _checked(report)
    refuse_future(report.detected_at, now, "the time of detection")
    frame = frame_with_laws(ctx, report.detected_at, "when this was detected: give the time with --detected")
    with ctx.store.write() as session:
        chain.lock_chain(session)
        incident = _new_incident(session, actor, now, report)
        uow = UnitOfWork(session=session, incident=incident, actor=actor, now=now)
        uow.audit(
            "incident.opened",
            codename=incident.codename,
            detected_at=report.detected_at,
            exercise=report.exercise,
            source=report.source,
        )
        uow.note("opened", timeline_text("opened", title=report.title))
        for text in report.notes:
            uow.note("signal", text, at=report.first_signal_at)
        if report.evidence_file:
            text_of_file = report.kept_line or timeline_text("kept", name=report.evidence_file.name)
            uow.note("evidence", text_of_file, evidence=uow.keep(ctx, report.evidence_file))
        if report.signal is not None:
            signals.first(uow, report.signal)
        # Counted from detection, the worst case: nobody is late because the first hours were spent on finding out. Only
        # awareness makes it a legal clock.
        provisional = bookkeeping.create_obligation(
            uow,
            ctx,
            obligations_from_awareness(frame),
            provisional=True,
        )
        # In the transaction of the case itself: there is no moment at which a case exists and nobody is called.
        alerts.page(uow, ctx)
        due = min(row.due_at for row in provisional) if provisional else None
        return uow.done(
            f"opened {incident.reference} ({incident.codename})",
            *((f"provisional clock: {due.isoformat()}",) if due else ()),
            next_command=f'tocsin aware {incident.reference} --at "..." --basis "..."',
        )


def _checked(report: IncidentReport) -> IncidentReport:
    # Measured here and not by the columns: SQLite takes any length, PostgreSQL would refuse at the end of everything.
    title = one_line(report.title)
    if not title:
        message = "the title is empty: say in a few words what was noticed"
        raise InvalidInputError(message)
    if len(title) > LONGEST_TITLE:
        message = f"the title has {len(title)} characters, {LONGEST_TITLE} fit: put the rest into `tocsin log`"
        raise InvalidInputError(message)
    system = one_line(report.system or "") or None
    if system is not None and len(system) > LONGEST_SYSTEM:
        message = (
            f"the system's name has {len(system)} characters, {LONGEST_SYSTEM} fit: put the rest into `tocsin log`"
        )
        raise InvalidInputError(message)
    return replace(report, title=title, system=system)


def one_line(text: str) -> str:
    """Make one line of what a person or a machine wrote; what does not print is a blank: an alert may hold any sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _new_incident(session: Session, actor: ActingPerson, now: datetime, report: IncidentReport) -> Incident:
    reference = _next_reference(session, now)
    incident = Incident(
        reference=reference,
        codename=codename(reference, lambda name: _is_taken(session, name)),
        title=report.title,
        system=report.system,
        stage=Stage.SUSPECTED,
        exercise=report.exercise,
        opened_at=now,
        opened_by=actor.name,
        detected_at=report.detected_at,
        first_signal_at=report.first_signal_at,
    )
    session.add(incident)
    # Written now, for everything that follows refers to its id.
    session.flush()
    return incident


def _next_reference(session: Session, now: datetime) -> str:
    """Count within the year of opening, one writer at a time: two cases opened at once get a number each."""
    # The lock that every writer takes anyway; SELECT max alone gives two writers of PostgreSQL the same number.
    chain.lock_chain(session)
    prefix = f"INC-{now.year}-"
    newest = session.exec(
        select(Incident.reference)
        .where(col(Incident.reference).startswith(prefix))
        # By length first: as texts, 9999 comes after 10000.
        .order_by(func.length(Incident.reference).desc(), col(Incident.reference).desc())
        .limit(1)
    ).first()
    return f"{prefix}{int(newest.removeprefix(prefix)) + 1 if newest else 1:04d}"


def _is_taken(session: Session, name: str) -> bool:
    return session.exec(select(Incident.id).where(Incident.codename == name)).first() is not None
