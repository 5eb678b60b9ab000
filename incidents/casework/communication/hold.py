"""Stopping every letter of one case at once, and letting them go on, which takes a second person."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, func, select

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.kernel.errors import InvalidInputError, PermissionDeniedError, RefusedError
from incidents.storage.stops import hold_on
from incidents.storage.tables.communication import Message
from incidents.storage.tables.stops import CaseHold
from incidents.texts.timeline_texts import timeline_text


def hold(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str) -> Result:
    """Stop the letters of a case: what is ordered stays in the queue, and no process hands over any more of it.

    What a process has handed over already cannot be called back; the answer says how many letters that may be.

    Raises:
        InvalidInputError: no reasons.
        RefusedError: they are stopped already.

    """
    if not because.strip():
        message = "say with --because why nothing may go out"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.HOLD) as uow:
        held = hold_on(uow.session, uow.incident_id)
        if held is not None:
            message = f"the letters of {uow.incident.reference} are stopped already, by {held.person}: {held.because}"
            raise RefusedError(message)
        in_flight, until = _in_flight(uow)
        row = _written(uow, because, holds=True)
        uow.audit("send.held", rows=(row,), handed_over=in_flight)
        uow.note("held", timeline_text("held", because=because.strip()))
        gone = f"{in_flight} letter{'' if in_flight == 1 else 's'} had been handed over already"
        return uow.done(
            f"no letter of {uow.incident.reference} goes out any more",
            next_command=f'tocsin release {uow.incident.reference} --because "..."   (a second person)',
            warnings=(f"{gone}; what became of them is known by {until.isoformat()}",) if until else (),
        )


def release(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str) -> Result:
    """Let the letters of a case go on; not by the person who stopped them.

    Raises:
        InvalidInputError: no reasons.
        RefusedError: they are not stopped.
        PermissionDeniedError: the person who stopped them, or somebody without a token.

    """
    if not because.strip():
        message = "say with --because why the letters may go out after all"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.RELEASE) as uow:
        held = hold_on(uow.session, uow.incident_id)
        if held is None:
            message = f"the letters of {uow.incident.reference} are not stopped"
            raise RefusedError(message)
        if held.person == actor.name:
            message = f"you stopped the letters of {uow.incident.reference} yourself; a second person lets them go on"
            raise PermissionDeniedError(message)
        row = _written(uow, because, holds=False)
        uow.audit("send.released", rows=(row,))
        uow.note("released", timeline_text("released", because=because.strip()))
        return uow.done(
            f"the letters of {uow.incident.reference} go on",
            next_command=f"tocsin people status {uow.incident.reference}",
        )


def _written(uow: UnitOfWork, because: str, *, holds: bool) -> CaseHold:
    row = CaseHold(incident_id=uow.incident_id, holds=holds, person=uow.actor.name, because=because.strip(), at=uow.now)
    uow.session.add(row)
    return row


def _in_flight(uow: UnitOfWork) -> tuple[int, datetime | None]:
    """How many letters a process has in its hands, and when the last lease of them ends."""
    count, until = uow.session.exec(
        select(func.count(), func.max(Message.lease_until)).where(
            Message.incident_id == uow.incident_id,
            col(Message.draft_id).is_not(None),
            Message.state == MessageState.IN_FLIGHT,
        )
    ).one()
    return count, until
