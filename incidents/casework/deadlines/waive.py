"""One obligation waived by itself, with reasons and a name: it is not owed in this case."""

from __future__ import annotations

from datetime import datetime

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.law.duty_ids import AUTHORITY_INITIAL, PEOPLE
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text


def waive(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    obligation: str,
    because: str,
    *,
    against_decision: bool = False,
) -> Result:
    """Record that a named person decided one obligation is not owed.

    *against_decision*: they know that it was decided to be notified, and waive it all the same.

    Raises:
        InvalidInputError: no reasons.
        NotFoundError: there is no such obligation.
        RefusedError: it is settled already; or it was decided to be notified, and nobody confirmed that.

    """
    if not because.strip():
        message = "say with --because why this is not owed"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.WAIVE) as uow:
        row = obligation_rows.named(uow, obligation)
        # Refused, not passed over: whoever waives what was filed, or was waived with other reasons, should know that.
        if obligation_rows.is_settled(row):
            message = f"{row.key} is settled already ({obligation_rows.status_of(row, now).value})"
            raise RefusedError(message)
        decided = _decided_to_notify(uow, ctx, row)
        if decided is not None and not against_decision:
            reference = uow.incident.reference
            message = (
                f"it was decided that {row.key} is notified ({decided}): decide again (tocsin decide {reference} ...), "
                "or, where this one alone is not owed, confirm it: --against-decision (it stands in the report and "
                "the register)"
            )
            raise RefusedError(message)
        bookkeeping.waive(uow, ctx, row, because.strip())
        line = "waived" if decided is None else "waived_against"
        uow.note("waived", timeline_text(line, key=row.key, because=because.strip()))
        return uow.done(
            f"waived: {row.key}",
            next_command=f"tocsin deadlines {uow.incident.reference}",
            warnings=(f"WAIVED AGAINST THE DECISION: {decided}",) if decided is not None else (),
        )


def _decided_to_notify(uow: UnitOfWork, ctx: UseCaseContext, row: Obligation) -> str | None:
    """Say who decided that a notification of this kind is made, where the decision that counts says so."""
    decision = uow.case(ctx).decision
    asks = {RecipientKind.AUTHORITY.value: "notify_authority", RecipientKind.PEOPLE.value: "notify_people"}
    asked = asks.get(row.recipient_kind)
    # What follows a notification, and reports of the incident itself, are owed whatever was decided on the risk.
    is_notified = row.duty in {AUTHORITY_INITIAL, PEOPLE}
    if decision is None or asked is None or not is_notified or not getattr(decision, asked):
        return None
    who = "the authority" if asked == "notify_authority" else "the people"
    return f"notify {who}, by {decision.author}, {decision.decided_at.isoformat()}"
