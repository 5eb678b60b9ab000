"""Whom no letter reached, or perhaps not: each by the number on its list, and what is known; no address whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, func, select

from incidents.case.message_machine import UNREACHED, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.communication.letter_kinds import key_in_ledger, list_of
from incidents.storage.encryption import DecryptionError
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Attempt, MerchantRow, Message


@dataclass(frozen=True, kw_only=True)
class UnreachedRecipient:
    """One recipient whose letter came back, was given up, or may not have arrived."""

    number: int
    """The place on the list, by which commands name them."""
    merchant: str | None
    """The id of a merchant; ``None`` for a person."""
    address: str
    """The address with its first part hidden: ``a***@example.org``."""
    language: str
    state: str
    problem: str | None
    attempts: int
    tried_at: datetime | None
    """When the last attempt began; those of one batch share it."""


def unreached(
    session: Session, ctx: UseCaseContext, incident: Incident, kind: str, *, given_up: bool = False
) -> tuple[UnreachedRecipient, ...]:
    """List them in the order of their list; *given_up*: also those whom a person gave up."""
    table: Any = list_of(kind)[0]
    states = UNREACHED | {MessageState.GIVEN_UP} if given_up else UNREACHED
    tried = select(func.max(Attempt.started_at)).where(Attempt.message_id == Message.id).correlate(Message)
    rows = session.exec(
        select(table, Message, tried.scalar_subquery())
        .join(Message, col(Message.key) == key_in_ledger(kind))
        .where(table.incident_id == incident.id, col(Message.state).in_(states))
        .order_by(col(table.id))
    ).all()
    return tuple(
        UnreachedRecipient(
            number=number(row.id),
            merchant=row.merchant_id if isinstance(row, MerchantRow) else None,
            address=_masked(ctx, incident.reference, row.sealed),
            language=message.language,
            state=message.state.value,
            problem=message.problem,
            attempts=message.attempts,
            tried_at=at,
        )
        for row, message, at in rows
    )


def _masked(ctx: UseCaseContext, reference: str, sealed: bytes) -> str:
    # The domain stays: a mistyped one is what a person looks for first.
    try:
        local, _, domain = ctx.vault.decrypt(reference, sealed).rpartition("@")
    except DecryptionError:
        return "(does not open with this key)"
    return f"{local[:1]}***@{domain}"
