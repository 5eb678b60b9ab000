"""Which obligations a case has by its facts, decision, lists and events: created, replaced, and what follows them."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlmodel import select

from incidents.assessment import proposal
from incidents.assessment.proposal import ProposedAssessment
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.decision import WORST, RiskDecision
from incidents.casework.base.latest import newest_decision, newest_facts
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.events import FILED_AS
from incidents.facts.breach import Facts
from incidents.facts.choices import Role
from incidents.law.model import Start
from incidents.obligations.derivation import (
    LATER_EVENTS,
    DerivedObligation,
    LegalContext,
    obligations_after,
    obligations_from_facts,
    possible,
)
from incidents.obligations.recipients import PLACEHOLDERS, UNKNOWN_AUTHORITIES, UNLISTED_MERCHANTS, RecipientKind
from incidents.obligations.recipients import MerchantRecipient as MerchantTerms
from incidents.storage.tables.communication import MerchantRow
from incidents.storage.tables.obligations import Obligation

_REPLACED: Final = {
    UNLISTED_MERCHANTS.id: "replaced by one obligation for each merchant listed",
    UNKNOWN_AUTHORITIES.id: "replaced by one obligation for each authority where affected people live",
}
_NO_LONGER: Final = {
    UNLISTED_MERCHANTS.id: "the facts name no data held for merchants any more",
    UNKNOWN_AUTHORITIES.id: "the facts name nobody who lives where this law binds",
}


def take_on_facts(
    uow: UnitOfWork, ctx: UseCaseContext, facts: Facts, judgement: ProposedAssessment
) -> list[Obligation]:
    """Take on what these facts make owed; a waived duty that the new facts trigger again is reopened.

    What was owed to merchants or authorities not yet known ends by itself once each has its own, or none is concerned;
    not while it is unknown where the people live: what may be owed from awareness on is not lifted by not knowing.
    """
    if uow.incident.aware_at is None:
        return []
    derived = derived_obligations(uow, ctx, facts, judgement)
    keys = {obligation.duty_key for obligation in derived}
    maybe = {law.regime.id for law in possible(frame_of(uow, ctx), facts)}
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        # Also what a person waived: their reasons were given on other facts, and they can be given again.
        if row.key in keys and row.waived_at is not None:
            bookkeeping.reopen(uow, [row])
        elif row.recipient_id in PLACEHOLDERS and row.key not in keys and not _may_bind(row, maybe):
            bookkeeping.waive(uow, ctx, row, _replaced(row, keys))
        elif is_settled_by_region(row, keys):
            bookkeeping.waive(uow, ctx, row, "the facts name the region, whose own authority is told")
    return bookkeeping.create_obligation(uow, ctx, derived, provisional=False)


def _may_bind(row: Obligation, maybe: Collection[str]) -> bool:
    """Whether authorities stay owed something, as the law may reach us once it is known where the people live."""
    return row.recipient_id == UNKNOWN_AUTHORITIES.id and row.regime in maybe


def is_settled_by_region(row: Obligation, keys: Collection[str]) -> bool:
    """Whether an authority of a country that was still to be chosen is one of a region now (``DE``: ``DE-NI``)."""
    return row.key not in keys and any(key.startswith(f"{row.key}-") for key in keys)


def _replaced(row: Obligation, keys: Collection[str]) -> str:
    """Why what stood for recipients not yet known has ended."""
    same_duty = f"{row.regime}/{row.duty}/"
    return (_REPLACED if any(key.startswith(same_duty) for key in keys) else _NO_LONGER)[row.recipient_id]


def derived_obligations(
    uow: UnitOfWork, ctx: UseCaseContext, facts: Facts, judgement: ProposedAssessment | RiskDecision
) -> tuple[DerivedObligation, ...]:
    """All that is owed on these facts, with one notice for each merchant listed so far."""
    return obligations_from_facts(frame_of(uow, ctx), facts, judgement)


def frame_of(uow: UnitOfWork, ctx: UseCaseContext) -> LegalContext:
    """What the duties of this case depend on beside its facts."""
    # Before awareness no legal clock runs; today's laws then serve what only looks ahead.
    return ctx.frame(uow.incident.aware_at or uow.now, _merchants(uow))


def obligations_after_filing(
    uow: UnitOfWork, ctx: UseCaseContext, row: Obligation, *, outstanding: bool
) -> tuple[DerivedObligation, ...]:
    """What the filing that fulfilled *row* starts under its own law."""
    return tuple(
        derived
        for event in FILED_AS.get(row.duty, ())
        for derived in _obligations_after(uow, ctx, event, row.regime, outstanding=outstanding)
        # Of several authorities, each is told the rest of what itself was told.
        if derived.recipient.kind is not RecipientKind.AUTHORITY or derived.recipient.id == row.recipient_id
    )


def answer_event(uow: UnitOfWork, ctx: UseCaseContext, event: Start) -> list[str]:
    """Start or move the clocks that count from an event which was just recorded; say which."""
    if uow.incident.aware_at is None:
        return []
    laws = {regime.id for regime in ctx.regimes}
    # Sorted, for a set has no order of its own: the same event must give the same rows in the same order.
    new = [derived for law in sorted(laws) for derived in _obligations_after(uow, ctx, event, law, outstanding=False)]
    # Other events bring nothing new: what counts from them is owed already, at the time that stood for the event.
    added = bookkeeping.create_obligation(uow, ctx, new, provisional=False) if event in LATER_EVENTS else []
    moved = [row for row in bookkeeping.follow_events(uow, ctx) if row not in added]
    return [
        *(f"now owed: {row.key}, due {row.due_at.isoformat()}" for row in added),
        *(f"{row.key} is counted from it: due {row.due_at.isoformat()}" for row in moved),
    ]


def _obligations_after(
    uow: UnitOfWork, ctx: UseCaseContext, event: Start, law: str, *, outstanding: bool
) -> tuple[DerivedObligation, ...]:
    """What an event starts under one law, on the decision or else the proposal; before any facts the worst case."""
    _, facts = newest_facts(uow.session, uow.incident_id)
    verdict: ProposedAssessment | RiskDecision = proposal.assess(facts) if facts is not None else WORST
    decided = newest_decision(uow.session, uow.incident_id)
    if decided is not None:
        verdict = RiskDecision(
            notify_authority=decided.notify_authority,
            notify_people=decided.notify_people,
            because=decided.because,
            exception=decided.exception,
        )
    return obligations_after(frame_of(uow, ctx), event, law, facts, verdict, outstanding=outstanding)


def _merchants(uow: UnitOfWork) -> list[MerchantTerms]:
    return [
        MerchantTerms(id=row.merchant_id, name=row.name, contract_hours=row.contract_hours)
        for row in uow.session.exec(select(MerchantRow).where(MerchantRow.incident_id == uow.incident_id))
    ]


def list_merchants(uow: UnitOfWork, ctx: UseCaseContext) -> None:
    """After merchants were listed: one obligation for each, in place of the one for "not yet listed".

    A list of which every row was refused lists nobody, and ends nothing.
    """
    listed = select(MerchantRow.id).where(MerchantRow.incident_id == uow.incident_id).limit(1)
    if uow.session.exec(listed).first() is None:
        return
    _, facts = newest_facts(uow.session, uow.incident_id)
    if facts is None or uow.incident.aware_at is None or not facts.sets_as(Role.PROCESSOR):
        return
    bookkeeping.create_obligation(
        # By the proposal, also after a decision: a notice to merchants asks for no risk (Art. 33(2) GDPR), so no
        # decision on the risk bears on it, and what else the proposal owes was taken on when it was made.
        uow,
        ctx,
        derived_obligations(uow, ctx, facts, proposal.assess(facts)),
        provisional=False,
    )
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        if row.recipient_id == UNLISTED_MERCHANTS.id and not obligation_rows.is_settled(row):
            bookkeeping.waive(uow, ctx, row, _REPLACED[row.recipient_id])


def follow_contracts(uow: UnitOfWork, ctx: UseCaseContext, merchants: Collection[str]) -> list[str]:
    """Take over what the list says anew of merchants: the name, and a period by contract as a recorded restart."""
    _, facts = newest_facts(uow.session, uow.incident_id)
    if not merchants or facts is None or uow.incident.aware_at is None:
        return []
    derived = {one.duty_key: one for one in derived_obligations(uow, ctx, facts, proposal.assess(facts))}
    said = []
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        now = derived.get(row.key)
        if now is None or row.recipient_id not in merchants or row.recipient_kind != RecipientKind.MERCHANT.value:
            continue
        row.recipient_name = now.recipient.name
        before = obligation_rows.terms_of(row)
        if obligation_rows.is_settled(row) or (before.due_kind, before.period) == (
            now.terms.due_kind,
            now.terms.period,
        ):
            continue
        bookkeeping.count_by(uow, ctx, row, now.terms)
        said.append(f"{row.key} is counted by other hours now: due {row.due_at.isoformat()}")
    return said
