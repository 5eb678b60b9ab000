"""What an authority asks, until when, and what was answered: each question an obligation of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.times import refuse_future
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.targets import fitting, terms_for
from incidents.deadlines.terms import DueKind, Terms
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from incidents.law.duty_ids import AUTHORITY_QUESTION
from incidents.law.model import Citation, Regime, Start, Threshold, UnknownDuty
from incidents.law.periods import Period, PeriodKind
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.storage.tables.obligations import Obligation
from incidents.texts.timeline_texts import timeline_text

_HOUR: Final = timedelta(hours=1)
_SHOWN: Final = 120
"""Characters of a question that its title shows; the timeline has all of it."""


@dataclass(frozen=True, kw_only=True)
class AuthorityQuestion:
    """What an authority asked."""

    text: str
    at: datetime
    """When it asked."""
    due_at: datetime | None = None
    """Until when it wants the answer; ``None`` where it set no time: our own target counts then."""
    authority: str | None = None
    """Its id; may be left out where only one is concerned."""
    evidence_file: EvidenceFile | None = None


@dataclass(frozen=True, kw_only=True)
class AuthorityAnswer:
    """What was answered."""

    text: str
    at: datetime
    evidence_file: EvidenceFile | None = None


def ask(ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, question: AuthorityQuestion) -> Result:
    """Record a question of an authority; from now on its answer is owed, with reminders.

    Raises:
        InvalidInputError: no text, a future time, or an answer wanted before the question.
        NotFoundError: no authority of this case has that id, or several are concerned and none is named.

    """
    if not question.text.strip():
        message = "say with --text what the authority asks"
        raise InvalidInputError(message)
    refuse_future(question.at, now, "the time of the question")
    if question.due_at is not None and question.due_at <= question.at:
        message = "the answer cannot be due before the question was asked: check --at and --due"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.LOG) as uow:
        about = _authority(uow, question.authority)
        row = _owe(uow, ctx, about, question)
        evidence = uow.keep(ctx, question.evidence_file)
        entry = timeline_text("question", authority=about.recipient_name, key=row.key, text=question.text.strip())
        uow.note("question", entry, at=question.at, evidence=evidence)
        return uow.done(
            f"recorded as {row.key}: answer due {row.due_at.isoformat()}",
            next_command=f'tocsin answer {uow.incident.reference} {row.key} --text "..." --at now',
        )


def answer(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, question: str, reply: AuthorityAnswer
) -> Result:
    """Record what was answered, when; that ends the reminders.

    Raises:
        InvalidInputError: no text, a future time, or a time before the question.
        NotFoundError: there is no such question.
        RefusedError: it was answered before.

    """
    if not reply.text.strip():
        message = "say with --text what was answered (and keep what was sent with --file)"
        raise InvalidInputError(message)
    refuse_future(reply.at, now, "the time of the answer")
    with unit_of_work(ctx, actor, now, reference, Verb.ANSWER) as uow:
        row = obligation_rows.named(uow, question)
        if row.duty != AUTHORITY_QUESTION:
            message = f"{row.key} is no question of an authority: a filing is recorded with tocsin submit"
            raise NotFoundError(message)
        if row.met_at is not None:
            message = f"{row.key} was answered at {row.met_at.isoformat()}; what else was said belongs in `tocsin log`"
            raise RefusedError(message)
        if reply.at < row.started_at:
            message = f"the answer lies before the question ({row.started_at.isoformat()})"
            raise InvalidInputError(message)
        after = bookkeeping.mark_fulfilled(uow, ctx, row, reply.at)
        evidence = uow.keep(ctx, reply.evidence_file)
        answered = timeline_text("answer", authority=row.recipient_name, key=row.key, text=reply.text.strip())
        uow.note("answer", answered, at=reply.at, evidence=evidence)
        return uow.done(f"{row.key}: {after.value}", next_command=f"tocsin deadlines {uow.incident.reference}")


def _authority(uow: UnitOfWork, named: str | None) -> Obligation:
    """Find the authority that asks: one to which something is or was owed in this case."""
    rows = {
        row.recipient_id: row
        # Reversed, so that of several duties to one authority the first stays: its notification, whose law the question
        # is under.
        for row in reversed(obligation_rows.obligations_in(uow.session, uow.incident_id))
        if row.recipient_kind == RecipientKind.AUTHORITY.value
    }
    if named in rows:
        return rows[named]
    if named is None and len(rows) == 1:
        return next(iter(rows.values()))
    message = f"say with --authority who asks; concerned in this case: {', '.join(sorted(rows)) or 'none'}"
    raise NotFoundError(message)


def _owe(uow: UnitOfWork, ctx: UseCaseContext, about: Obligation, question: AuthorityQuestion) -> Obligation:
    earlier = [
        row for row in obligation_rows.obligations_in(uow.session, uow.incident_id) if row.duty == AUTHORITY_QUESTION
    ]
    # Counted through the whole case, whichever authority asks: no key is used twice.
    number = len(earlier) + 1
    due_at = question.due_at or question.at + ctx.targets.follow_up
    recipient = Recipient(kind=RecipientKind.AUTHORITY, id=about.recipient_id, name=about.recipient_name)
    return bookkeeping.create_until(
        uow,
        f"{about.regime}/{AUTHORITY_QUESTION}/{about.recipient_id}-{number}",
        recipient,
        _terms(ctx, about, question, number, due_at),
        started_at=question.at,
        due_at=due_at,
    )


def _terms(ctx: UseCaseContext, about: Obligation, question: AuthorityQuestion, number: int, due_at: datetime) -> Terms:
    """The terms of one answer: by the law's own duty to answer, else by the law of the notification it is about."""
    law = next((regime for regime in ctx.regimes if regime.id == about.regime), None)
    base = _duty_to_answer(law, ctx) or obligation_rows.terms_of(about)
    title = f"Answer to question {number} of the authority: {' '.join(question.text.split())}"
    # Only the reminders are fitted to it, in whole hours and at least one; due is the very moment that was set.
    period = Period(kind=PeriodKind.HOURS, value=max(1, math.ceil((due_at - question.at) / _HOUR)))
    set_by_it = question.due_at is not None
    return replace(
        base,
        duty=AUTHORITY_QUESTION,
        title=title if len(title) <= _SHOWN else f"{title[: _SHOWN - 1]}…",
        period=period,
        due_kind=DueKind.SET if set_by_it else DueKind.INTERNAL,
        rule="by the time that the authority set" if set_by_it else "no time was set: our own target for answers",
        ladder=fitting(base.ladder, period),
        # Reasons for a delay are asked of the notification (Art. 33(1) GDPR); an answer explains itself.
        late_needs_reasons=False,
        threshold=Threshold.ON_REQUEST,
        start=Start.ASKED,
        start_detail=None,
        cap=None,
    )


def _duty_to_answer(law: Regime | None, ctx: UseCaseContext) -> Terms | None:
    if law is None:
        return None
    try:
        return terms_for(law, law.duty(AUTHORITY_QUESTION), ctx.targets)
    # A law without a duty of its own to answer: schedule, zone and place are those of its first duty, cited is the law.
    except UnknownDuty:
        citation = Citation(article=law.name, text="What the authority asks is answered", url=law.url)
        first = terms_for(law, law.duties[0], ctx.targets)
        return replace(first, citation=citation)
