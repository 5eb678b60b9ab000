"""Opening a case and keeping its timeline: open, log, contain, hand over.

Knows how a suspicion becomes a case file with a provisional clock; refuses to start the legal one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, func, select

from incidents import audit, awareness_signs
from incidents.casework import alerts, clocks, judging
from incidents.casework.desk import (
    Desk,
    Done,
    NotUnderstoodError,
    Step,
    frame_with_laws,
    refuse_future,
    roles_for,
    step,
)
from incidents.casework.events import RECORDED
from incidents.codenames import codename
from incidents.evidence import Exhibit
from incidents.lifecycle import Stage, Verb
from incidents.obligations import owed_from_awareness
from incidents.people import Actor, demand, person_named
from incidents.tables import Alert, Incident

TIMELINE_KINDS = (
    *("note", "action", "cause", "well", "badly", "lucky", "advice", "contact", "evidence"),
    *awareness_signs.RULES,
    *RECORDED,
)
"""What a person may call a line of the timeline; the report gathers *well*, *badly*, *lucky*, *cause* and
*action*, the register *advice* (of the DPO); the kinds of awareness_signs.py bear on when the legal clock began; those
of events.py start the clock of a law that counts from such an event."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """What somebody says when opening a case; only a title and when it was noticed are needed."""

    title: str
    detected_at: datetime
    system: str | None = None
    exercise: bool = False
    source: str = "person"
    """``person`` or the kind of alert it came from."""
    first_signal_at: datetime | None = None
    """When the first alert fired: evidence, never the legal clock."""
    notes: tuple[str, ...] = ()
    exhibit: Exhibit | None = None


def open_incident(desk: Desk, actor: Actor, now: datetime, report: Report) -> Done:
    """Record a suspected incident, with the worst-case clock counted from detection, and page the on-call person.

    Raises:
        NotUnderstoodError: no title, or a detection time that lies in the future.

    """
    demand(actor, *roles_for(Verb.OPEN), to="open an incident")
    title = one_line(report.title)
    if not title:
        message = "the title is empty: say in a few words what was noticed"
        raise NotUnderstoodError(message)
    if len(title) > 300:  # noqa: PLR2004 - the column's length
        message = f"the title has {len(title)} characters, 300 fit: put the rest into `tocsin log`"
        raise NotUnderstoodError(message)
    system = one_line(report.system or "") or None
    if system is not None and len(system) > 200:  # noqa: PLR2004 - the column's length
        message = f"the system's name has {len(system)} characters, 200 fit: put the rest into `tocsin log`"
        raise NotUnderstoodError(message)
    refuse_future(report.detected_at, now, "the time of detection")
    frame = frame_with_laws(desk, report.detected_at, "when this was detected: give the time with --detected")
    report = replace(report, title=title, system=system)
    with desk.store.write() as session:
        incident = _new_incident(session, actor, now, report)
        this = Step(session=session, incident=incident, actor=actor, now=now)
        this.audit(
            "incident.opened",
            codename=incident.codename,
            detected_at=report.detected_at,
            exercise=report.exercise,
            source=report.source,
        )
        this.note("opened", f"Opened: {title}")
        for text in report.notes:
            this.note("signal", "\n".join(one_line(line) for line in text.splitlines()), at=report.first_signal_at)
        if report.exhibit:
            _keep(this, desk, report.exhibit, f"Kept as received: {report.exhibit.name}")
        provisional = clocks.take_on(
            this,
            desk,
            owed_from_awareness(frame),
            provisional=True,
        )
        alerts.page(this, desk)
        due = min(row.due_at for row in provisional) if provisional else None
        return this.done(
            f"opened {incident.reference} ({incident.codename})",
            *((f"provisional clock: {due.isoformat()}",) if due else ()),
            next_command=f'tocsin aware {incident.reference} --at "..." --basis "..."',
        )


def one_line(text: str) -> str:
    """Make one line of what a person or a machine wrote; what does not print is a blank: an alert may hold any sign."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def _new_incident(session: Session, actor: Actor, now: datetime, report: Report) -> Incident:
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
    session.flush()
    return incident


def _next_reference(session: Session, now: datetime) -> str:
    """Count within the year of opening, one writer at a time: two cases opened at once get a number each."""
    audit.take_turn(session)
    prefix = f"INC-{now.year}-"
    newest = session.exec(
        select(Incident.reference)
        .where(col(Incident.reference).startswith(prefix))
        .order_by(func.length(Incident.reference).desc(), col(Incident.reference).desc())
        .limit(1)
    ).first()
    return f"{prefix}{int(newest.removeprefix(prefix)) + 1 if newest else 1:04d}"


def _is_taken(session: Session, name: str) -> bool:
    return session.exec(select(Incident.id).where(Incident.codename == name)).first() is not None


def log(
    desk: Desk,
    actor: Actor,
    now: datetime,
    reference: str,
    text: str,
    *,
    at: datetime | None = None,
    kind: str = "note",
    exhibit: Exhibit | None = None,
) -> Done:
    """Add a line to the timeline, with a file if there is one.

    Raises:
        NotUnderstoodError: an empty text, an unknown kind, or a time in the future.

    """
    if not text.strip():
        message = "the text is empty: say what happened"
        raise NotUnderstoodError(message)
    if kind not in TIMELINE_KINDS:
        message = f"{kind!r} is no kind of line; choose one of: {', '.join(TIMELINE_KINDS)}"
        raise NotUnderstoodError(message)
    if at is not None:
        refuse_future(at, now, "the time of this line")
    with step(desk, actor, now, reference, Verb.LOG) as this:
        if exhibit is None:
            this.note(kind, text.strip(), at=at)
        else:
            _keep(this, desk, exhibit, text.strip(), kind=kind, at=at)
        changed = judging.answer_event(this, desk, RECORDED[kind]) if kind in RECORDED else []
        return this.done("added to the timeline", *changed, next_command=f"tocsin show {this.incident.reference}")


def contain(desk: Desk, actor: Actor, now: datetime, reference: str, *, at: datetime, measure: str) -> Done:
    """Record that the breach no longer goes on, since when, and by what."""
    refuse_future(at, now, "the time of containment")
    if not measure.strip():
        message = "say with --measure what contained it"
        raise NotUnderstoodError(message)
    with step(desk, actor, now, reference, Verb.CONTAIN) as this:
        this.incident.contained_at = at
        this.audit("incident.contained", contained_at=at)
        this.note("contained", measure.strip(), at=at)
        return this.done("recorded as contained", next_command=f"tocsin show {this.incident.reference}")


def hand_over(desk: Desk, actor: Actor, now: datetime, reference: str, *, to: str) -> Done:
    """Give the lead of a case to another person; from now on they have the ball."""
    with step(desk, actor, now, reference, Verb.HAND_OVER) as this:
        person = person_named(this.session, to)
        this.incident.lead = person.name
        this.audit("incident.handed_over", to=person.name)
        this.note("handed_over", f"Lead handed over to {person.name}")
        return this.done(f"{person.name} leads now", next_command=f"tocsin show {this.incident.reference}")


def _keep(
    this: Step, desk: Desk, exhibit: Exhibit, text: str, *, kind: str = "evidence", at: datetime | None = None
) -> None:
    this.note(kind, text, at=at, evidence=this.keep(desk, exhibit))


def acknowledge(desk: Desk, actor: Actor, now: datetime, reference: str, obligation: str | None) -> Done:
    """Say that a person has seen the alerts: of one obligation, or (without one) all of the case.

    Raises:
        NotFoundError, NotUnderstoodError: no such obligation, or nothing waits to be acknowledged.

    """
    with step(desk, actor, now, reference, Verb.LOG) as this:
        ended = alerts.acknowledge(_waiting(this, obligation), actor, now)
        for alert in ended:
            this.audit("alert.acknowledged", alert=alert.key)
        words = f"acknowledged {len(ended)} alert{'s' if len(ended) != 1 else ''}" if ended else "nothing was waiting"
        return this.done(words, next_command=f"tocsin deadlines {this.incident.reference}")


def _waiting(this: Step, obligation: str | None) -> Sequence[Alert]:
    """The alerts of one obligation, or all of the case's, that no person has acknowledged yet."""
    waiting = select(Alert).where(Alert.incident_id == this.incident_id, col(Alert.escalate_at).is_not(None))
    if obligation:
        waiting = waiting.where(Alert.obligation_id == clocks.named(this, obligation).id)
    return this.session.exec(waiting).all()
