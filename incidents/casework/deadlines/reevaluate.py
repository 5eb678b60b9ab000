"""A law that changed while a case was open: what would count today, and taking it over on record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from incidents.access.people import CLOCK, ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.derive import frame_of
from incidents.deadlines.terms import Terms
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.law.duty_ids import AUTHORITY_QUESTION
from incidents.obligations.derivation import obligations_under
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text


@dataclass(frozen=True, kw_only=True)
class TermsDifference:
    """One obligation that today's law files would give other terms."""

    obligation: str
    changed: tuple[str, ...]
    """The keys of the terms that differ."""
    due_before: datetime
    due_after: datetime | None
    """``None`` where the law or the duty is not there any more."""


def differences(ctx: UseCaseContext, now: datetime, reference: str) -> tuple[TermsDifference, ...]:
    """List the open obligations whose terms differ from what the law files say today; nothing is changed."""
    with ctx.store.read() as session:
        uow = UnitOfWork(session=session, incident=find(session, reference), actor=CLOCK, now=now)
        return tuple(difference for difference, _, _ in _differing(uow, ctx))


def reevaluate(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, because: str) -> Result:
    """Take today's terms over for every open obligation that has others; old and new due time go on record.

    Raises:
        InvalidInputError: no reasons.
        RefusedError: nothing differs.

    """
    if not because.strip():
        message = "say with --because why the obligations are counted by today's law files from now on"
        raise InvalidInputError(message)
    # By the verb of a waiver: both change what is owed by a person's decision, so the same roles may.
    with unit_of_work(ctx, actor, now, reference, Verb.WAIVE) as uow:
        changed, gone = [], []
        for difference, row, terms in _differing(uow, ctx):
            # A duty that is gone from the files is not lifted by that: a misspelt id in a file would end a legal duty
            # unseen.
            if terms is None:
                gone.append(row.key)
                continue
            before = row.due_at
            bookkeeping.count_by(uow, ctx, row, terms)
            uow.audit("obligation.reevaluated", obligation=row.key, due_before=before, due_at=row.due_at)
            changed.append(f"{row.key}: {', '.join(difference.changed)}; due {row.due_at.isoformat()}")
        reference = uow.incident.reference
        left = [
            f"today's law files have no duty {key}: it stays owed until it is waived: tocsin waive {reference} {key} "
            f'--because "..."; what they ask in its place comes with tocsin assess {reference}'
            for key in gone
        ]
        if gone and not changed:
            raise RefusedError("; ".join(left))
        if not changed:
            message = f"every open obligation of {uow.incident.reference} is counted by today's law files already"
            raise RefusedError(message)
        uow.note("reevaluated", timeline_text("reevaluated", changes=tuple(changed), because=because.strip()))
        return uow.done(*changed, warnings=tuple(left), next_command=f"tocsin clock explain {uow.incident.reference}")


def _differing(uow: UnitOfWork, ctx: UseCaseContext) -> Iterator[tuple[TermsDifference, Obligation, Terms | None]]:
    frame, book = frame_of(uow, ctx), bookkeeping.book_of(uow)
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        # An answer is due when the authority said, or by our target of that day: no law file has other terms for it.
        if obligation_rows.is_settled(row) or row.duty == AUTHORITY_QUESTION:
            continue
        before = obligation_rows.terms_of(row)
        merchant = row.recipient_id if row.recipient_kind == RecipientKind.MERCHANT.value else None
        after = obligations_under(frame, row.regime, row.duty, merchant=merchant)
        changed = _changed(before, after)
        if changed:
            due = bookkeeping.counted(ctx, after, obligation_rows.recipient_of(row), book).due_at if after else None
            yield TermsDifference(obligation=row.key, changed=changed, due_before=row.due_at, due_after=due), row, after


def _changed(before: Terms, after: Terms | None) -> tuple[str, ...]:
    """Which keys differ; the wording of a rule alone is no difference."""
    if after is None:
        return ("no such duty today",)
    old, new = _comparable(before), _comparable(after)
    return tuple(key for key in new if old.get(key) != new[key])


def _comparable(terms: Terms) -> dict[str, Any]:
    return {key: value for key, value in terms.to_json().items() if key not in {"rule", "title"}}
