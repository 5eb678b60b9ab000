"""The public communication that takes the place of letters: recording that it was made, where, with a copy of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from incidents.law.model import Threshold
from incidents.storage.tables.obligations import Obligation


@dataclass(frozen=True, kw_only=True)
class PublicNotice:
    """What a person says was made public."""

    where: str
    """Where and how people concerned come to read it: pages, banner, newspapers."""
    at: datetime
    evidence_file: EvidenceFile | None = None
    """A copy or a picture of it; there is no other proof that it was there."""


def publish(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, notice: PublicNotice) -> Result:
    """Record the public communication; that ends its reminders, and leaves what is owed to each person as it is.

    Raises:
        InvalidInputError: no words on where, no copy, a future time, or a time before awareness.
        NotFoundError: nobody decided that a public communication takes the place of letters.
        RefusedError: it is on record already.

    """
    _check(notice, now)
    with unit_of_work(ctx, actor, now, reference, Verb.PUBLISH) as uow:
        row = _open_obligation(uow)
        if row.met_at is not None:
            message = f"it is on record since {row.met_at.isoformat()}; a further one belongs in `tocsin log`"
            raise RefusedError(message)
        # Unlike a filing, it cannot come before awareness: a person decided on it, and a decision needs awareness
        # first.
        if notice.at < row.started_at:
            message = f"that lies before awareness ({row.started_at.isoformat()}): check --at"
            raise InvalidInputError(message)
        after = bookkeeping.mark_fulfilled(uow, ctx, row, notice.at)
        uow.note("public_notice", notice.where.strip(), at=notice.at, evidence=uow.keep(ctx, notice.evidence_file))
        return uow.done(
            f"{row.key}: {after.value}",
            next_command=f"tocsin deadlines {uow.incident.reference}",
            # Said each time: a record of something looks much like the doing of it.
            warnings=("Tocsin recorded this communication; it published nothing itself.",),
        )


def _check(notice: PublicNotice, now: datetime) -> None:
    if not notice.where.strip():
        message = "say with --where how the people concerned come to read it"
        raise InvalidInputError(message)
    if notice.evidence_file is None:
        message = "keep a copy or a picture of what was published: --file FILE"
        raise InvalidInputError(message)
    refuse_future(notice.at, now, "the time of publication")


def _open_obligation(uow: UnitOfWork) -> Obligation:
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        if obligation_rows.terms_of(row).threshold is Threshold.DISPROPORTIONATE_EFFORT:
            return row
    message = (
        f"no public communication is owed in {uow.incident.reference}: it is once somebody decided so "
        "(tocsin decide --exception 34-3-c); what was published without that belongs in `tocsin log`"
    )
    raise NotFoundError(message)
