"""What a send would do, and the texts of a trial letter: read before anything goes out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, select

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork, demand_role
from incidents.casework.communication import drafts as communication_drafts
from incidents.casework.communication.send import approved_drafts
from incidents.storage.tables.communication import Draft, MerchantRow


@dataclass(frozen=True, kw_only=True)
class SendPreview:
    """What `send` would order."""

    reference: str
    drafts: Mapping[str, int]
    """How many recipients get each draft."""
    recipients: int


@dataclass(frozen=True, kw_only=True)
class TrialTexts:
    """The newest draft of each language, and a merchant whose figures fill a notice."""

    reference: str
    exercise: bool
    drafts: tuple[Draft, ...]
    merchant: MerchantRow | None
    """The first on the list."""


def send_preview(
    ctx: UseCaseContext, session: Session, actor: ActingPerson, now: datetime, reference: str, kind: str
) -> SendPreview:
    """Say what would be sent to how many.

    Raises:
        NotFoundError, PermissionDeniedError, RefusedError: what `send` itself would refuse.

    """
    incident = find(session, reference)
    demand_role(actor, Verb.SEND, incident)
    # Only to ask as `send` asks: the session reads, and nothing of the unit of work is written.
    uow = UnitOfWork(session=session, incident=incident, actor=actor, now=now)
    drafts = approved_drafts(uow, ctx, kind)
    return SendPreview(
        reference=incident.reference,
        drafts={communication_drafts.name_of(draft): draft.recipients for draft in drafts.values()},
        recipients=sum(draft.recipients for draft in drafts.values()),
    )


def trial_texts(session: Session, actor: ActingPerson, reference: str, kind: str) -> TrialTexts:
    """Read what a trial letter to an address of one's own is made from.

    Raises:
        NotFoundError, PermissionDeniedError

    """
    incident = find(session, reference)
    demand_role(actor, Verb.SEND, incident)
    # Approved or not: a trial to an address of one's own is how a text is read before it is approved.
    newest = communication_drafts.newest(session, number(incident.id)).values()
    merchants = select(MerchantRow).where(MerchantRow.incident_id == incident.id).limit(1)
    return TrialTexts(
        reference=incident.reference,
        exercise=incident.exercise,
        drafts=tuple(draft for draft in newest if draft.kind == kind),
        merchant=session.exec(merchants).first(),
    )
