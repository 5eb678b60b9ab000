"""One obligation waived by itself, with reasons and a name: it is not owed in this case."""

from __future__ import annotations

from datetime import datetime

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.texts.timeline_texts import timeline_text


def waive(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, obligation: str, because: str
) -> Result:
    """Record that a named person decided one obligation is not owed.

    Raises:
        InvalidInputError: no reasons.
        NotFoundError: there is no such obligation.
        RefusedError: it is settled already.

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
        bookkeeping.waive(uow, ctx, row, because.strip())
        uow.note("waived", timeline_text("waived", key=row.key, because=because.strip()))
        return uow.done(f"waived: {row.key}", next_command=f"tocsin deadlines {uow.incident.reference}")
