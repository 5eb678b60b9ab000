"""The reasons for a delay, recorded before anything is filed: the text gives them, and the filing takes them.

A notification that is not made within its time is accompanied by reasons for the delay (Art. 33(1), second sentence,
GDPR): they belong in the text that a second person approves, not only in the record of its filing.
"""

from __future__ import annotations

from datetime import datetime

from incidents.access.people import ActingPerson
from incidents.case.case_file import LATE_REASONS
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, unit_of_work
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.texts.timeline_texts import timeline_text


def give_reasons(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, obligation: str, because: str
) -> Result:
    """Record why something is late, or will be; said again, the last words count.

    Raises:
        InvalidInputError: no reasons.
        NotFoundError: there is no such obligation.
        RefusedError: it is settled already, or no law asks for its reasons.

    """
    if not because.strip():
        message = (
            "say with --because what delays it (not knowing everything yet is none: a first filing may be incomplete)"
        )
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.EDIT) as uow:
        row = obligation_rows.named(uow, obligation)
        if obligation_rows.is_settled(row):
            message = f"{row.key} is settled already ({obligation_rows.status_of(row, now).value})"
            raise RefusedError(message)
        if not obligation_rows.terms_of(row).late_needs_reasons:
            message = (
                f"no law asks for the reasons for a delay of {row.key}; what is worth noting belongs in `tocsin log`"
            )
            raise RefusedError(message)
        uow.note(LATE_REASONS, timeline_text(LATE_REASONS, key=row.key, because=because.strip()))
        return uow.done(
            f"reasons for the delay recorded: {row.key}",
            "the notification gives them once its time has passed, and `tocsin submit` takes them",
            next_command=f"tocsin respond {uow.incident.reference}",
        )
