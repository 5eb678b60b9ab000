"""One obligation waived by itself, with reasons and a name: it is not owed in this case.

Knows that a decision on risk (judging.py) does not speak of every law; refuses to forget: what is waived stays on
record, and facts that ask for it again reopen it.
"""

from __future__ import annotations

from datetime import datetime

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.desk import NotUnderstoodError, RefusedError, Result, UseCaseContext, step
from incidents.casework.deadlines import bookkeeping as clocks
from incidents.casework.deadlines import rows as obligation_rows
from incidents.texts.timeline_texts import line


def waive(
    desk: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, obligation: str, because: str
) -> Result:
    """Record that a named person decided one obligation is not owed.

    Raises:
        NotUnderstoodError: no reasons.
        NotFoundError: there is no such obligation.
        RefusedError: it is settled already.

    """
    if not because.strip():
        message = "say with --because why this is not owed"
        raise NotUnderstoodError(message)
    with step(desk, actor, now, reference, Verb.WAIVE) as this:
        row = obligation_rows.named(this, obligation)
        if obligation_rows.is_settled(row):
            message = f"{row.key} is settled already ({obligation_rows.standing_of(row, now).value})"
            raise RefusedError(message)
        clocks.waive(this, desk, row, because.strip())
        this.note("waived", line("waived", key=row.key, because=because.strip()))
        return this.done(f"waived: {row.key}", next_command=f"tocsin deadlines {this.incident.reference}")
