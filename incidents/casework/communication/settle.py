"""What the ledger of letters shows as fulfilled, and what a person says where the list falls short of the facts.

One function decides whether people and merchants were told (`follow_letters`), and every step that changes a list or a
letter asks it in its own transaction: what is owed, shown and closed cannot differ.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlmodel import Session, col, func, select

from incidents.access.people import CLOCK, ActingPerson
from incidents.audit import chain
from incidents.case.draft_kinds import CONTROLLERS
from incidents.case.lifecycle import OPEN_STAGES, Verb
from incidents.case.message_machine import CAME_BACK, UNREACHED, WENT_OUT
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication import coverage
from incidents.casework.communication.letter_kinds import key_in_ledger, reached_nobody
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import MerchantRow, Message
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text

FULFILLED: Final = "fulfilled: "
"""How a line begins that says which duty was met."""


def fulfil_from_coverage(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str
) -> Result:
    """Record a named person's word that everybody who can be written to is listed, though the facts name more people.

    An estimate was too high, or nobody has the address of the others. It meets the people's duty of each law under
    which somebody was written to, and says nothing of a law under which nobody was, nor of letters that reached nobody:
    those are given up by a decision of their own (unreached.py). Facts that name more people later open the gap again.

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
        return uow.done(
            *follow_letters(uow, ctx),
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


def unreached_of(session: Session, incident: Incident) -> tuple[str, ...]:
    """Say how many letters of a case reached nobody, or may not have, and where they are listed."""
    counted = session.exec(
        select(Message.kind, func.count())
        .where(
            Message.incident_id == incident.id,
            col(Message.draft_id).is_not(None),
            col(Message.state).in_(UNREACHED),
        )
        .group_by(col(Message.kind))
    )
    return tuple(reached_nobody(incident.reference, kind, count) for kind, count in counted)


def _open_to_people(session: Session, incident_id: int) -> list[Obligation]:
    rows = obligation_rows.obligations_in(session, incident_id)
    return [
        row for row in rows if not obligation_rows.is_settled(row) and row.recipient_kind == RecipientKind.PEOPLE.value
    ]


def settle(ctx: UseCaseContext, incident: Incident, session: Session, now: datetime) -> list[str]:
    """Meet what the ledger shows as fulfilled: each merchant's notice, and the communication to the people.

    The people count as told under a law when everybody whom it means was (coverage.py); the time is that of the last
    letter. What was fulfilled and is so no more, for more people are listed now or a letter came back, is owed again.
    """
    chain.lock_chain(session)
    uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=now)
    return follow_letters(uow, ctx)


def follow_letters(uow: UnitOfWork, ctx: UseCaseContext) -> list[str]:
    """Bring what is owed to people and merchants in line with lists and letters; say what changed.

    Meets what everybody concerned was told of, and takes back what somebody was not told of after all. A duty that was
    waived or dismissed stays so, and a case that ended is left as it is.
    """
    if uow.incident.stage not in OPEN_STAGES:
        return []
    # The ledger is read from the database: what this step did to it must be there.
    uow.session.flush()
    merchants = _Merchants(uow.session, uow.incident_id)
    letters: coverage.Coverage | None = None
    met, untold = [], []
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        if row.waived_at is not None or row.dismissed_at is not None or row.provisional:
            continue
        if row.recipient_kind == RecipientKind.MERCHANT.value:
            at, is_told = merchants.notified_at.get(row.recipient_id), row.recipient_id not in merchants.came_back
        elif row.recipient_kind == RecipientKind.PEOPLE.value:
            letters = letters or coverage.coverage_of_case(uow.session, ctx, uow.incident_id)
            at = letters.reached(row.regime).notified_at
            is_told = at is not None
        else:
            continue
        if row.met_at is None and at is not None:
            met.append((row, at))
        elif row.met_at is not None and not is_told:
            untold.append(row)
    bookkeeping.mark_all_fulfilled(uow, ctx, met)
    bookkeeping.take_back(uow, untold)
    return [
        *(f"{FULFILLED}{row.key}" for row, _ in met),
        *(f"owed again, for not everybody was told: {row.key}" for row in untold),
    ]


class _Merchants:
    """What the notices to merchants show, read once."""

    def __init__(self, session: Session, incident_id: int) -> None:
        self.notified_at = _merchants_notified_at(session, incident_id)
        came_back = session.exec(
            select(MerchantRow.merchant_id)
            .join(Message, col(Message.key) == key_in_ledger(CONTROLLERS))
            .where(MerchantRow.incident_id == incident_id, col(Message.state).in_(CAME_BACK))
        )
        self.came_back = frozenset(came_back)


def _merchants_notified_at(session: Session, incident_id: int) -> dict[str, datetime]:
    """When the first notice to each merchant went out."""
    notified = session.exec(
        select(MerchantRow.merchant_id, func.min(Message.settled_at))
        .join(Message, col(Message.key) == key_in_ledger(CONTROLLERS))
        .where(MerchantRow.incident_id == incident_id, col(Message.state).in_(WENT_OUT))
        .group_by(col(MerchantRow.merchant_id))
    )
    return {merchant: at for merchant, at in notified if at is not None}
