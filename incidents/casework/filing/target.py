"""Which obligation a filing fulfils, where several authorities are owed something under several laws."""

from __future__ import annotations

from collections.abc import Sequence

from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.kernel.errors import NotFoundError
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL
from incidents.law.model import Threshold
from incidents.obligations.derivation import kin
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.obligations import Obligation


def notification_meant(uow: UnitOfWork, ctx: UseCaseContext, submission: Submission) -> Obligation:
    """Find the duty that a first filing fulfils: by its key, at the authority that is meant, or the only one there is.

    Where an authority is meant by its id alone, its first notification is; a later report of a law with several stages
    (an incident notification after an early warning) is named by its key.
    """
    rows = [row for row in obligation_rows.obligations_in(uow.session, uow.incident_id) if _is_filed(row)]
    firsts = [row for row in rows if row.duty == AUTHORITY_INITIAL]
    # From the plainest reading to the most exact: an id, a region of a country, the whole key, and without any name the
    # only one that is still owed. What is left ambiguous is asked for: a filing under the wrong law would settle its
    # clock.
    named = [row for row in firsts if submission.authority in {None, row.recipient_id}]
    candidates = named or _to_be_chosen(firsts, submission)
    if submission.authority is not None and "/" in submission.authority:
        candidates = [row for row in rows if row.key == submission.authority]
    elif submission.authority is None and submission.phase is FilingPhase.INITIAL:
        unsettled = [row for row in candidates if not obligation_rows.is_settled(row)]
        candidates = unsettled if len(unsettled) == 1 else candidates
    if len(candidates) == 1:
        return _first_of(ctx, rows, candidates[0])
    # Only who was notified can be told more; the others would be offered in vain.
    if submission.phase is not FilingPhase.INITIAL and submission.authority is None and (filed := _filed_with(firsts)):
        firsts = filed
    there = ", ".join(row.key if _is_ambiguous(row, firsts) else row.recipient_id for row in firsts) or "none"
    message = f"say with --authority which authority is meant; owed to: {there}"
    raise NotFoundError(message)


def _to_be_chosen(firsts: Sequence[Obligation], submission: Submission) -> list[Obligation]:
    """The duty of a country with several authorities, where one of them is named: ``DE-NI`` settles ``DE``."""
    country, _, region = (submission.authority or "").partition("-")
    return [row for row in firsts if region and row.recipient_id == country]


def _filed_with(firsts: Sequence[Obligation]) -> list[Obligation]:
    """Those that were notified: only they can be told more, or told that it is withdrawn."""
    return [row for row in firsts if row.met_at is not None]


def _is_filed(row: Obligation) -> bool:
    """Whether it is fulfilled by a filing that a person records; people and merchants are written to.

    A public communication is recorded with a copy of it (public_notice.py).
    """
    filed = row.recipient_kind in {RecipientKind.AUTHORITY.value, RecipientKind.OTHER.value}
    return filed and obligation_rows.terms_of(row).threshold is not Threshold.DISPROPORTIONATE_EFFORT


def _is_ambiguous(row: Obligation, rows: list[Obligation]) -> bool:
    return sum(1 for obligation in rows if obligation.recipient_id == row.recipient_id) > 1


def _first_of(ctx: UseCaseContext, rows: list[Obligation], row: Obligation) -> Obligation:
    """Of the duty to give the rest: the notification it belongs to."""
    if obligation_rows.terms_of(row).threshold is not Threshold.INFORMATION_OUTSTANDING:
        return row
    same = (
        obligation
        for obligation in rows
        if obligation.duty == AUTHORITY_INITIAL and same_authority(ctx, obligation, row)
    )
    return next(same, row)


def same_authority(ctx: UseCaseContext, one: Obligation, other: Obligation) -> bool:
    """Whether both are owed to one authority under one law, or a law that took the place of its duty."""
    return one.recipient_id == other.recipient_id and other.regime in kin(ctx.regimes, one.regime)


def obligations_to(uow: UnitOfWork, ctx: UseCaseContext, initial: Obligation, submission: Submission) -> Obligation:
    """A follow-up fulfils the duty to give the rest, where that is still open; else it adds to the first filing."""
    if submission.phase is not FilingPhase.FOLLOW_UP:
        return initial
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        # Settled or not: a further supplement belongs to the same duty, where the earlier ones are.
        if row.duty == AUTHORITY_FOLLOW_UP and same_authority(ctx, row, initial):
            return row
    return initial
