"""Endings: close, dismiss, reopen."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import col, func, or_, select

from incidents.access.people import ActingPerson
from incidents.audit.tallies import move_messages
from incidents.case.draft_kinds import PEOPLE
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import SETTLED, MessageEvent, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.latest import newest_decision
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication.send import to_be_sent
from incidents.casework.communication.settle import follow_letters, unreached_of
from incidents.casework.deadlines import alerts, bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.rows import in_short
from incidents.casework.filing.consequences import not_withdrawn
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert
from incidents.texts.timeline_texts import timeline_text

_WRITTEN_TO = frozenset({RecipientKind.PEOPLE.value, RecipientKind.MERCHANT.value})


def close(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str) -> Result:
    """Close a case in which nothing is owed any more.

    Raises:
        RefusedError: naming everything that is still owed or under way.

    """
    with unit_of_work(ctx, actor, now, reference, Verb.CLOSE) as uow:
        # Asked here as after each change of a list or a letter: what is closed is what `show` calls done.
        follow_letters(uow, ctx)
        open_items = _still_open(uow)
        if open_items:
            message = f"{uow.incident.reference} cannot be closed; still open: {'; '.join(open_items)}"
            raise RefusedError(message)
        uow.incident.closed_at = now
        _end_alerts(uow)
        uow.note("closed", timeline_text("closed"))
        return uow.done("closed", next_command=f"tocsin report {uow.incident.reference} --format html,md,json -o DIR")


def _still_open(uow: UnitOfWork) -> list[str]:
    every = obligation_rows.obligations_in(uow.session, uow.incident_id)
    rows = [row for row in every if not obligation_rows.is_settled(row)]
    statuses = [(row, obligation_rows.status_of(row, uow.now)) for row in sorted(rows, key=lambda row: row.due_at)]
    lines = [f"{row.key} ({status.value}, due {row.due_at.isoformat()})" for row, status in statuses]
    open_items = in_short(lines, uow.incident.reference)
    if uow.incident.contained_at is None:
        reference = uow.incident.reference
        open_items.append(f'not contained: tocsin contain {reference} --at "..." --measure "..."')
    # Letters have a draft, alerts to our own people have none: those end with the case and hold nothing open.
    letters = uow.session.exec(
        select(func.count())
        .select_from(Message)
        .where(
            Message.incident_id == uow.incident_id,
            col(Message.draft_id).is_not(None),
            col(Message.state).not_in(SETTLED),
        )
    ).one()
    if any(row.recipient_kind in _WRITTEN_TO for row in rows):
        # Why a duty to tell is still open. Where none is, a list that was imported in vain holds nothing open.
        unwritten = sum(to_be_sent(uow.session, uow.incident_id, PEOPLE).values())
        if unwritten:
            drafts_command = f"tocsin drafts {uow.incident.reference}"
            open_items.append(f"{unwritten} people on the list have not been written to ({drafts_command})")
        open_items += unreached_of(uow.session, uow.incident)
    if letters:
        open_items.append(f"{letters} messages under way (tocsin people status {uow.incident.reference})")
    return open_items


def dismiss(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str) -> Result:
    """Record that it was no personal data breach, with reasons; the case stays in the register (Art. 33(5)).

    Raises:
        InvalidInputError: no reasons.
        RefusedError: an authority was told and that notification has not been withdrawn.

    """
    if not because.strip():
        message = "say with --because why this is no personal data breach"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.DISMISS) as uow:
        rows = obligation_rows.obligations_in(uow.session, uow.incident_id)
        # An authority that was told of a breach must not be left believing in it: telling it that there was none is a
        # withdrawal of its own (Guidelines 9/2022 section II.B.2; template v1.0, fields 3 to 6).
        notified = not_withdrawn(uow)
        if notified:
            names = ", ".join(row.recipient_id for row in notified)
            several = f"; all that were notified: {names}" if len(notified) > 1 else ""
            message = (
                f"an authority was told: first withdraw that notification: tocsin submit {uow.incident.reference} "
                f'--phase withdrawal --authority {notified[0].recipient_id} --reference "..." --at "..."{several}'
            )
            raise RefusedError(message)
        bookkeeping.dismiss(uow, ctx, rows)
        _end_alerts(uow)
        _hold_back_letters(uow)
        uow.incident.dismissed_because, uow.incident.closed_at = because.strip(), now
        uow.note("dismissed", timeline_text("dismissed", because=because.strip()))
        return uow.done("dismissed: no personal data breach", next_command=f"tocsin report {uow.incident.reference}")


def _hold_back_letters(uow: UnitOfWork) -> None:
    """What was ordered and has not gone out yet must not go out any more."""
    move_messages(
        uow.session,
        MessageEvent.HELD_BACK,
        col(Message.incident_id) == uow.incident_id,
        col(Message.draft_id).is_not(None),
        # What is being sent in this instant is held back by its answer, if that says that it did not go out.
        col(Message.state) == MessageState.PENDING,
        next_try_at=None,
        settled_at=uow.now,
    )


def reopen(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str) -> Result:
    """Take a case up again; what was dismissed is owed again, with its old due time."""
    if not because.strip():
        message = "say with --because why it is taken up again"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.REOPEN) as uow:
        rows = obligation_rows.obligations_in(uow.session, uow.incident_id)
        again = [row for row in rows if row.dismissed_at is not None]
        bookkeeping.reopen(uow, again)
        uow.incident.dismissed_because = uow.incident.closed_at = None
        uow.note("reopened", timeline_text("reopened", because=because.strip()))
        decided = newest_decision(uow.session, uow.incident_id)
        return uow.done(
            "reopened",
            *(f"owed again: {row.key}, due {row.due_at.isoformat()}" for row in again),
            next_command=f"tocsin show {uow.incident.reference}",
            # A decision was one on what was known then; what brought the case back was not.
            warnings=(f"the decision by {decided.author} counts no longer: assess and decide again",)
            if decided
            else (),
        )


def _end_alerts(uow: UnitOfWork) -> None:
    """A case that ended needs nobody's attention; who was told of what stays on record."""
    # Those of obligations ended with them; the page that opened the case belongs to no obligation.
    live = select(Alert).where(
        Alert.incident_id == uow.incident_id, or_(col(Alert.escalate_at).is_not(None), col(Alert.thread).is_not(None))
    )
    for alert in uow.session.exec(live):
        alerts.end(alert)
