"""Keeping a case's timeline: log, contain, hand over, acknowledge."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import col, select

from incidents.access.people import ActingPerson, person_named
from incidents.access.set_up import roles_in
from incidents.assessment import awareness_indicators
from incidents.case.lifecycle import RULES, Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import alerts, derive
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.events import RECORDED
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.storage.tables.access import Person
from incidents.storage.tables.obligations import Alert
from incidents.texts.timeline_texts import timeline_text

TIMELINE_KINDS = (
    *("note", "action", "cause", "well", "badly", "lucky", "advice", "contact", "evidence"),
    *awareness_indicators.RULES,
    *RECORDED,
)
"""What a person may call a line of the timeline; the report gathers *well*, *badly*, *lucky*, *cause* and
*action*, the register *advice* (of the DPO); the kinds of awareness_indicators.py bear on when the legal clock began;
those of events.py start the clock of a law that counts from such an event."""


def log(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    text: str,
    *,
    at: datetime | None = None,
    kind: str = "note",
    evidence_file: EvidenceFile | None = None,
) -> Result:
    """Add a line to the timeline, with a file if there is one.

    Raises:
        InvalidInputError: an empty text, an unknown kind, or a time in the future.

    """
    if not text.strip():
        message = "the text is empty: say what happened"
        raise InvalidInputError(message)
    if kind not in TIMELINE_KINDS:
        message = f"{kind!r} is no kind of line; choose one of: {', '.join(TIMELINE_KINDS)}"
        raise InvalidInputError(message)
    if at is not None:
        refuse_future(at, now, "the time of this line")
    with unit_of_work(ctx, actor, now, reference, Verb.LOG) as uow:
        uow.note(kind, text.strip(), at=at, evidence=uow.keep(ctx, evidence_file))
        # After the line is added: the clocks are counted from the timeline, and this line is now the newest of its
        # kind.
        changed = derive.answer_event(uow, ctx, RECORDED[kind]) if kind in RECORDED else []
        return uow.done("added to the timeline", *changed, next_command=f"tocsin show {uow.incident.reference}")


def contain(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, *, at: datetime, measure: str
) -> Result:
    """Record that the breach no longer goes on, since when, and by what measure.

    Raises:
        InvalidInputError: no measure, or a time in the future.

    """
    refuse_future(at, now, "the time of containment")
    if not measure.strip():
        message = "say with --measure what contained it"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.CONTAIN) as uow:
        uow.incident.contained_at = at
        uow.audit("incident.contained", contained_at=at)
        uow.note("contained", measure.strip(), at=at)
        return uow.done("recorded as contained", next_command=f"tocsin show {uow.incident.reference}")


def hand_over(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, *, to: str) -> Result:
    """Give the lead of a case to another person, who may act already.

    Raises:
        UnknownPersonError: nobody of that name, or they were disabled.
        RefusedError: they hold no role in which one may lead.

    """
    with unit_of_work(ctx, actor, now, reference, Verb.HAND_OVER) as uow:
        person = person_named(uow.session, to)
        _demand_may_lead(person)
        uow.incident.lead = person.name
        uow.audit("incident.handed_over", to=person.name)
        uow.note("handed_over", timeline_text("handed_over", person=person.name))
        return uow.done(f"{person.name} leads now", next_command=f"tocsin show {uow.incident.reference}")


def _demand_may_lead(person: Person) -> None:
    """Refuse a lead who could do nothing in the case: the roles are those of whoever may hand it over."""
    roles = next(rule.roles for rule in RULES if rule.verb is Verb.HAND_OVER)
    if not roles_in(person.roles) & roles:
        may = ", ".join(sorted(role.value for role in roles))
        message = f"{person.name} has no role in which one may lead a case ({may}): `tocsin user list` shows who has"
        raise RefusedError(message)


def acknowledge(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, obligation: str | None
) -> Result:
    """Say that a person has seen the alerts: of one obligation, or (without one) all of the case.

    Raises:
        NotFoundError, InvalidInputError: no such obligation, or nothing waits to be acknowledged.

    """
    with unit_of_work(ctx, actor, now, reference, Verb.LOG) as uow:
        # By the verb of the log: whoever is awake may say so, and ending an alert decides nothing in the case.
        ended = alerts.acknowledge(_waiting(uow, obligation), actor, now)
        for alert in ended:
            uow.audit("alert.acknowledged", alert=alert.key)
        words = f"acknowledged {len(ended)} alert{'s' if len(ended) != 1 else ''}" if ended else "nothing was waiting"
        return uow.done(words, next_command=f"tocsin deadlines {uow.incident.reference}")


def _waiting(uow: UnitOfWork, obligation: str | None) -> Sequence[Alert]:
    """The alerts of one obligation, or all of the case's, that no person has acknowledged yet."""
    waiting = select(Alert).where(Alert.incident_id == uow.incident_id, col(Alert.escalate_at).is_not(None))
    if obligation:
        waiting = waiting.where(Alert.obligation_id == obligation_rows.named(uow, obligation).id)
    return uow.session.exec(waiting).all()
