"""What the ledger of letters shows as fulfilled, and what a person says where the list falls short of the facts."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, func, select

from incidents.access.people import CLOCK, ActingPerson
from incidents.audit import chain
from incidents.case.draft_kinds import CONTROLLERS
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import WENT_OUT
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication import coverage
from incidents.casework.communication.letter_kinds import key_in_ledger
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import MerchantRow, Message
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text


def fulfil_from_coverage(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str
) -> Result:
    """Record a named person's word that everybody who can be written to was, though the facts name more people.

    An estimate was too high, or nobody has the address of the others. It meets the people's duty of each law under
    which somebody was written to, and says nothing of a law under which nobody was. Facts that name more people later
    open the gap again for what is not met yet.

    Raises:
        InvalidInputError: no reasons.
        RefusedError: no letter went out yet, one is under way, or there is no gap.

    """
    if not because.strip():
        message = "say with --because why the list is complete although the facts name more people"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        rows = _open_to_people(uow.session, uow.incident_id)
        before = coverage.coverage_of_case(uow.session, ctx, uow.incident_id)
        if not before.is_settled:
            message = f"first every letter must have gone out: tocsin people status {uow.incident.reference}"
            raise RefusedError(message)
        # A law under which nobody on the list lives is left out: saying that the list is whole would meet a duty to
        # tell people of whom not one was told. That takes a waiver.
        short = [row for row in rows if (law_coverage := before.reached(row.regime)).gap and law_coverage.listed]
        if not short:
            message = f"the list has as many people as the facts name: tocsin deadlines {uow.incident.reference}"
            raise RefusedError(message)
        listed_now = sum(place.listed for place in before.places)
        text = timeline_text("list_complete", listed=listed_now, known=before.known_least, because=because.strip())
        uow.audit("send.list_completed", listed=listed_now, known=before.known_least)
        uow.note(coverage.CLOSED_GAP, text)
        # The coverage reads the word just given from the database.
        uow.session.flush()
        met = _fulfil_notified(uow, ctx, _open(uow.session, uow.incident_id))
        return uow.done(
            *(f"fulfilled: {key}" for key in met),
            next_command=f"tocsin deadlines {uow.incident.reference}",
            warnings=coverage_gaps(uow, ctx),
        )


def coverage_gaps(uow: UnitOfWork, ctx: UseCaseContext) -> tuple[str, ...]:
    """Say for each open duty to tell people whom the list lacks, and how that is mended (Art. 34(1) GDPR)."""
    return gaps_of(uow.session, ctx, uow.incident)


def gaps_of(session: Session, ctx: UseCaseContext, incident: Incident) -> tuple[str, ...]:
    """Say the same of a case that is only looked at."""
    incident_id, reference = number(incident.id), incident.reference
    rows = _open_to_people(session, incident_id)
    now = coverage.coverage_of_case(session, ctx, incident_id)
    mend = f"tocsin people import {reference} FILE, or, with a person's reasons:"
    gaps = []
    for row in rows:
        of_law = now.reached(row.regime)
        if of_law.gap and of_law.listed:
            gaps.append(f'{of_law.gap}; {mend} tocsin send {reference} people --list-complete --because "..."')
        elif of_law.gap:
            gaps.append(f'{of_law.gap}; {mend} tocsin waive {reference} {row.key} --because "..."')
    return tuple(gaps)


def _open(session: Session, incident_id: int) -> list[Obligation]:
    return [row for row in obligation_rows.obligations_in(session, incident_id) if not obligation_rows.is_settled(row)]


def _open_to_people(session: Session, incident_id: int) -> list[Obligation]:
    return [row for row in _open(session, incident_id) if row.recipient_kind == RecipientKind.PEOPLE.value]


def settle(ctx: UseCaseContext, incident: Incident, session: Session, now: datetime) -> list[str]:
    """Meet what the ledger shows as fulfilled: each merchant's notice, and the communication to the people.

    The people count as told under a law when everybody whom it means was written to (coverage.py), no message is under
    way any more and at least one went out; the time is that of the last one. A bounced or refused address is shown, and
    does not hold the duty open for ever (Art. 34(3)(c) then asks what else reaches that person).
    """
    chain.lock_chain(session)
    uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
    return _fulfil_notified(uow, ctx, _open(session, number(incident.id)))


def _fulfil_notified(uow: UnitOfWork, ctx: UseCaseContext, rows: list[Obligation]) -> list[str]:
    """Meet what the ledger shows as fulfilled among what is still owed; give the keys."""
    merchants = _merchants_notified_at(uow.session, uow.incident_id)
    letters: coverage.Coverage | None = None
    met = []
    for row in rows:
        at = None
        if row.recipient_kind == RecipientKind.MERCHANT.value:
            at = merchants.get(row.recipient_id)
        elif row.recipient_kind == RecipientKind.PEOPLE.value:
            # Read once, and only where somebody is still owed a letter: the flow comes by at every change of the case.
            letters = letters or coverage.coverage_of_case(uow.session, ctx, uow.incident_id)
            at = letters.reached(row.regime).notified_at
        if at is not None:
            met.append((row, at))
    bookkeeping.mark_all_fulfilled(uow, ctx, met)
    return [row.key for row, _ in met]


def _merchants_notified_at(session: Session, incident_id: int) -> dict[str, datetime]:
    """When the first notice to each merchant went out."""
    notified = session.exec(
        select(MerchantRow.merchant_id, func.min(Message.settled_at))
        .join(Message, col(Message.key) == key_in_ledger(CONTROLLERS))
        .where(MerchantRow.incident_id == incident_id, col(Message.state).in_(WENT_OUT))
        .group_by(col(MerchantRow.merchant_id))
    )
    return {merchant: at for merchant, at in notified if at is not None}
