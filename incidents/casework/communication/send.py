"""Ordering what was approved to be sent: one ledger row for each recipient, unique for ever."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, func, select

from incidents.access.people import ActingPerson
from incidents.audit.tallies import insert_many
from incidents.case.draft_kinds import PEOPLE
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import START, MessageEvent, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication import drafts as communication_drafts
from incidents.casework.communication import settle, unreached
from incidents.casework.communication.approval import approval_of, refuse_unfit
from incidents.casework.communication.letter_kinds import SENDABLE, key_of, list_of, message_language, unsent
from incidents.casework.communication.list_digest import digests_of_unsent
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.storage.tables.communication import Draft, Message
from incidents.texts.timeline_texts import timeline_text

MAIL = "mail"


def listed(session: Session, incident_id: int, kind: str) -> dict[str, int]:
    """How many recipients each language has on the list, written to or not."""
    return _by_language(session, incident_id, kind)


def to_be_sent(session: Session, incident_id: int, kind: str) -> dict[str, int]:
    """How many recipients each language has that no message was ordered for yet; people may be found later."""
    return _by_language(session, incident_id, kind, unsent(kind))


def _by_language(session: Session, incident_id: int, kind: str, *only: ColumnElement[bool]) -> dict[str, int]:
    table, _ = list_of(kind)
    counted = session.exec(
        select(table.language, func.count()).where(table.incident_id == incident_id, *only).group_by(table.language)
    ).all()
    return dict(counted)


def order(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, kind: str, confirm: str | None
) -> Result:
    """Order the approved text to be sent to everybody on the approved list.

    Raises:
        InvalidInputError: not a kind that is sent, or not confirmed with reference and number.
        RefusedError: not approved, the list changed after approval, or nothing left to send.

    """
    if kind not in SENDABLE:
        message = f"{kind!r} is not sent by Tocsin; choose {' or '.join(SENDABLE)} (an authority is told by its portal)"
        raise InvalidInputError(message)
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        drafts = approved_drafts(uow, ctx, kind)
        total = sum(draft.recipients for draft in drafts.values())
        # Reference and number together: a command copied from another case or from before the list grew does not fit.
        expected = f"{uow.incident.reference}:{total}"
        if confirm != expected:
            message = (
                f"this goes to {total} recipient{_s(total)} and cannot be taken back; to confirm: --confirm {expected}"
            )
            raise InvalidInputError(message)
        count = _enqueue(uow, kind, drafts)
        for draft in drafts.values():
            uow.audit(
                "send.ordered",
                draft=communication_drafts.name_of(draft),
                sha256=draft.sha256,
                messages=draft.recipients,
            )
        uow.note("sent", timeline_text("sent", count=count, draft=kind))
        return uow.done(
            f"{count} message{_s(count)} {'is' if count == 1 else 'are'} on the way",
            next_command=f"tocsin people status {uow.incident.reference}",
            warnings=settle.coverage_gaps(uow, ctx) if kind == PEOPLE else (),
        )


def resend_uncertain(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, kind: str, because: str
) -> Result:
    """Send again every letter that is uncertain (unreached.py: also one by one, and by a round of sending)."""
    everybody = unreached.ChosenRecipients(everybody=True)
    return unreached.repeat(ctx, actor, now, reference, kind, everybody, because)


def _s(count: int) -> str:
    return "" if count == 1 else "s"


def approved_drafts(uow: UnitOfWork, ctx: UseCaseContext, kind: str) -> dict[str, Draft]:
    """The approved draft of each language the list needs.

    Raises:
        RefusedError: nobody on the list, a language without draft, a draft without approval, or a list that changed.

    """
    reference = uow.incident.reference
    counts = to_be_sent(uow.session, uow.incident_id, kind)
    if not counts:
        raise RefusedError(_nobody_left(uow, kind))
    drafts = {
        d.language: d for (k, _), d in communication_drafts.newest(uow.session, uow.incident_id).items() if k == kind
    }
    # Only the languages that somebody on the list needs: an unapproved draft for nobody holds up no letter.
    needed = {message_language(language, drafts) for language in counts}
    for language in sorted(needed):
        if language not in drafts:
            message = f"the draft {kind}.{language} is not ready yet: tocsin drafts {reference}"
            raise RefusedError(message)
        if approval_of(uow.session, drafts[language]) is None:
            message = (
                f"{kind}.{language} is not approved: tocsin preview {reference} {kind}.{language}, then a second "
                f"person: tocsin approve {reference} {kind}.{language} --sha256 ..."
            )
            raise RefusedError(message)
    # After the approval: what was approved may have become untrue since.
    refuse_unfit(uow, ctx, *(drafts[language] for language in sorted(needed)))
    # Rows are corrected as well as added: as many as were approved need not be the same ones.
    now = digests_of_unsent(uow.session, uow.incident_id, kind, drafts)
    is_another_list = now != {language: drafts[language].recipients_sha256 for language in needed}
    if is_another_list or _has_one_in_use(uow.session, [drafts[language] for language in needed]):
        message = (
            "the list changed after the approval; the new draft must be approved first: tocsin drafts " + reference
        )
        raise RefusedError(message)
    return {language: drafts[language] for language in needed}


def _has_one_in_use(session: Session, drafts: Sequence[Draft]) -> bool:
    """Whether letters of one of these drafts were ordered: who has none yet was not on the list it was approved for.

    Letters that were held back reached nobody; the approval of them still holds once the case is taken up again.
    """
    ordered = select(Message.id).where(
        col(Message.draft_id).in_([draft.id for draft in drafts]), col(Message.state) != MessageState.CANCELLED
    )
    return session.exec(ordered.limit(1)).first() is not None


def _nobody_left(uow: UnitOfWork, kind: str) -> str:
    reference = uow.incident.reference
    total = sum(listed(uow.session, uow.incident_id, kind).values())
    if total:
        return f"all {total} messages were ordered before; nothing is sent twice: tocsin people status {reference}"
    verb = "people" if kind == PEOPLE else "merchants"
    return f"nobody is on the list: first tocsin {verb} import {reference} FILE"


def _enqueue(uow: UnitOfWork, kind: str, drafts: dict[str, Draft]) -> int:
    """Write one ledger row for each recipient that has none yet; in bulk, because lists are long."""
    table, word = list_of(kind)
    late = uow.session.exec(
        select(table.id, table.language).where(table.incident_id == uow.incident_id, unsent(kind))
    ).all()
    fresh: list[dict[str, Any]] = []
    for row_id, preferred in late:
        language = message_language(preferred, drafts)
        fresh.append(
            {
                "key": key_of(uow.incident.reference, kind, number(row_id)),
                "incident_id": uow.incident_id,
                "kind": kind,
                "channel": MAIL,
                "language": language,
                # A reference; the address is looked up at the moment of sending and stands in no message.
                "recipient": f"{word}:{row_id}",
                "draft_id": drafts[language].id,
                "exercise": uow.incident.exercise,
                "state": START,
                "attempts": 0,
                "next_try_at": uow.now,
                "created_at": uow.now,
            }
        )
    # Unique keys: a letter that was held back has its row already, and a second one could not be inserted.
    held_back = _take_up_again(uow, kind, fresh)
    new = [row for row in fresh if row["key"] not in held_back]
    insert_many(uow.session, Message, uow.incident_id, new)
    return len(fresh)


def _take_up_again(uow: UnitOfWork, kind: str, fresh: list[dict[str, Any]]) -> set[str]:
    """Order letters anew that were held back once: the row stays one, with the text that is approved now."""
    rows = uow.session.exec(
        select(Message).where(
            Message.incident_id == uow.incident_id, Message.kind == kind, Message.state == MessageState.CANCELLED
        )
    ).all()
    ordered = {row["key"]: row for row in fresh}
    taken = [row for row in rows if row.key in ordered]
    for row in taken:
        again = ordered[row.key]
        row.language, row.draft_id = again["language"], again["draft_id"]
        row.move(MessageEvent.ORDERED_AGAIN)
        # Attempts stay counted: what was tried before the case was dismissed is still on record under this row.
        row.next_try_at, row.settled_at, row.problem = uow.now, None, None
    uow.session.flush()
    return {row.key for row in taken}
