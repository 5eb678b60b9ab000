"""Recipients whom no letter reached, or may not have: settled, repeated, ordered anew or given up by a named person.

Each is a person's decision with reasons, about the recipients they name, about one round of sending, or about all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement
from sqlmodel import col, func, select

from incidents.access.people import ActingPerson
from incidents.audit.tallies import move_messages
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import CAME_BACK, UNREACHED, MessageEvent, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication.letter_kinds import group_of, list_of
from incidents.casework.communication.settle import follow_letters
from incidents.casework.deadlines import bookkeeping
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import InvalidInputError, NotFoundError, RefusedError
from incidents.obligations.recipients import RecipientKind
from incidents.storage.tables.communication import Attempt, MerchantRow, Message
from incidents.texts.timeline_texts import timeline_text

NOT_ARRIVED: Final = "a person found that it did not arrive"
_AT_ONCE: Final = 5_000
"""Letters moved by one statement: a database takes only so many values in one."""
_UNCERTAIN: Final = frozenset({MessageState.UNCERTAIN})


@dataclass(frozen=True, kw_only=True)
class ChosenRecipients:
    """Whom a decision is about: recipients by their number on the list, one round of sending, or all there are."""

    numbers: tuple[int, ...] = ()
    tried_at: datetime | None = None
    """Those whose last attempt began in this second: a batch that was handed over together."""
    everybody: bool = False


def say_arrived(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    kind: str,
    chosen: ChosenRecipients,
    because: str,
    *,
    arrived: bool,
) -> Result:
    """Record a named person's finding that uncertain letters arrived, or that they did not.

    Who has it counts as told since the attempt began; who has not is among those whom no letter reached.

    Raises:
        InvalidInputError: nobody is named, or no reasons.
        NotFoundError: a number that is not on the list.
        RefusedError: one of them is not uncertain, or none is.

    """
    _check(chosen, because, "how that was found out")
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        rows = _rows(uow, kind, chosen, _UNCERTAIN, MessageState.UNCERTAIN.value)
        if arrived:
            # Told when the letter went out, not when that was found out; letters of one request share their time.
            for at, together in _by_last_try(uow, rows):
                _move(uow, MessageEvent.FOUND_SENT, together, {"settled_at": at, "problem": None})
        else:
            _move(uow, MessageEvent.FOUND_LOST, rows, {"settled_at": now, "problem": NOT_ARRIVED})
        uow.audit("send.found", kind=kind, messages=len(rows), arrived=arrived)
        code = "found_sent" if arrived else "found_lost"
        uow.note("letters_settled", timeline_text(code, count=len(rows), draft=kind, because=because.strip()))
        what = "arrived" if arrived else "did not arrive"
        return _done(uow, ctx, kind, f"{_letters(len(rows), kind)} {what}, by {actor.name}'s word")


def repeat(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    kind: str,
    chosen: ChosenRecipients,
    because: str,
) -> Result:
    """Send again what may have arrived already: a person's recorded decision (decision 7).

    Each repeat is flagged in its attempt, so that it can be told later who may have got a letter twice.

    Raises:
        InvalidInputError: nobody is named, or no reasons.
        NotFoundError: a number that is not on the list.
        RefusedError: one of them is not uncertain, or none is.

    """
    _check(chosen, because, "why it is sent again: some may get the letter twice")
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        rows = _rows(uow, kind, chosen, _UNCERTAIN, MessageState.UNCERTAIN.value)
        # The mark of a lost answer (`problem`) stays: by it the next attempt is flagged as a possible repeat.
        _move(uow, MessageEvent.REPEATED, rows, {"next_try_at": now})
        uow.audit("send.repeated", kind=kind, messages=len(rows))
        uow.note("sent", timeline_text("sent_again", count=len(rows), draft=kind, because=because.strip()))
        return _done(uow, ctx, kind, f"{_letters(len(rows), kind)} sent again, each flagged as a possible repeat")


def order_anew(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    kind: str,
    chosen: ChosenRecipients,
    because: str,
) -> Result:
    """Write once more to recipients whom no letter reached, as a rule at an address that was corrected.

    They get a draft of their own, which a second person approves with the list as it is now, and are ordered like any
    other: nothing goes to an address that nobody approved.

    Raises:
        InvalidInputError: nobody is named, or no reasons.
        NotFoundError: a number that is not on the list.
        RefusedError: one of them was reached, or is uncertain; or there is none.

    """
    _check(chosen, because, "why they are written to again")
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        # Whom a person gave up comes back only by name: "all" means those about whom nobody has decided.
        states = CAME_BACK if chosen.everybody else CAME_BACK | {MessageState.GIVEN_UP}
        rows = _rows(uow, kind, chosen, states, "come back")
        _move(uow, MessageEvent.TAKEN_BACK, rows, {"next_try_at": None, "settled_at": now})
        uow.audit("send.taken_back", kind=kind, messages=len(rows))
        uow.note("letters_settled", timeline_text("taken_back", count=len(rows), draft=kind, because=because.strip()))
        done = f"{_letters(len(rows), kind)} to be ordered anew: the draft for them comes next, then a second person"
        return _done(uow, ctx, kind, done, next_command=f"tocsin drafts {uow.incident.reference}")


def give_up(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    kind: str,
    chosen: ChosenRecipients,
    because: str,
) -> Result:
    """Record that a named person tries no further letter to recipients whom none reached, and why.

    That closes the gap for these people alone. A merchant is owed its notice by itself: what is owed to one that is
    given up is waived with the same reasons (Art. 33(2) GDPR).

    Raises:
        InvalidInputError: nobody is named, or no reasons.
        NotFoundError: a number that is not on the list.
        RefusedError: one of them was reached, or there is none.

    """
    _check(chosen, because, "why no further letter is tried, and what else was done to reach them")
    with unit_of_work(ctx, actor, now, reference, Verb.SEND) as uow:
        rows = _rows(uow, kind, chosen, UNREACHED, "come back or uncertain")
        _move(uow, MessageEvent.GIVEN_UP, rows, {"next_try_at": None, "settled_at": now})
        uow.audit("send.given_up", kind=kind, messages=len(rows))
        uow.note("gave_up", timeline_text("gave_up", count=len(rows), draft=kind, because=because.strip()))
        _waive_notices(uow, ctx, kind, [number for _, number in rows], because.strip())
        return _done(uow, ctx, kind, f"{_letters(len(rows), kind)} given up, by {actor.name}")


def _waive_notices(uow: UnitOfWork, ctx: UseCaseContext, kind: str, numbers: Sequence[int], because: str) -> None:
    if list_of(kind)[0] is not MerchantRow:
        return
    merchants = set(uow.session.exec(select(MerchantRow.merchant_id).where(col(MerchantRow.id).in_(numbers))))
    for row in obligation_rows.obligations_in(uow.session, uow.incident_id):
        if row.recipient_kind == RecipientKind.MERCHANT.value and row.recipient_id in merchants:
            bookkeeping.waive(uow, ctx, row, because)


def _check(chosen: ChosenRecipients, because: str, what: str) -> None:
    if not because.strip():
        message = f"say with --because {what}"
        raise InvalidInputError(message)
    if not (chosen.numbers or chosen.everybody or chosen.tried_at):
        message = "say whom: their numbers as `unreached` lists them, --tried-at TIME, or --all"
        raise InvalidInputError(message)


def _rows(
    uow: UnitOfWork, kind: str, chosen: ChosenRecipients, states: frozenset[MessageState], called: str
) -> list[tuple[int, int]]:
    """Find the letters that are meant: row number of each, and the number of its recipient on the list.

    All or nothing: a decision about somebody whose letter stands elsewhere is refused as a whole.
    """
    _, word = list_of(kind)
    of_kind = (Message.incident_id == uow.incident_id, Message.kind == kind)
    command = f"tocsin {group_of(kind)} unreached {uow.incident.reference}"
    if chosen.numbers:
        asked = {f"{word}:{number}": number for number in chosen.numbers}
        found = uow.session.exec(
            select(Message.id, Message.recipient, Message.state).where(*of_kind, col(Message.recipient).in_(asked))
        ).all()
        missing = set(asked.values()) - {asked[recipient] for _, recipient, _ in found}
        if missing:
            message = f"no letter ({kind}) was ordered to number {_some(missing)}: {command}"
            raise NotFoundError(message)
        other = {asked[recipient]: state for _, recipient, state in found if state not in states}
        if other:
            said = ", ".join(f"{number} is {state.replace('_', ' ')}" for number, state in sorted(other.items())[:5])
            message = f"only letters that are {called} can be chosen; {said}: {command}"
            raise RefusedError(message)
        return [(row_id or 0, asked[recipient]) for row_id, recipient, _ in found]
    where: list[ColumnElement[bool]] = [col(Message.state).in_(states)]
    if chosen.tried_at is not None:
        where.append(_tried_at(chosen.tried_at))
    rows = uow.session.exec(select(Message.id, Message.recipient).where(*of_kind, *where)).all()
    if not rows:
        message = f"no letter ({kind}) is {called}: {command}"
        raise RefusedError(message)
    return [(row_id or 0, int(recipient.partition(":")[2])) for row_id, recipient in rows]


def _tried_at(at: datetime) -> ColumnElement[bool]:
    last = select(func.max(Attempt.started_at)).where(Attempt.message_id == Message.id).correlate(Message)
    second = at.replace(microsecond=0)
    found = last.scalar_subquery()
    return (found >= second) & (found < second + timedelta(seconds=1))


def _by_last_try(uow: UnitOfWork, rows: Sequence[tuple[int, int]]) -> list[tuple[datetime, list[tuple[int, int]]]]:
    """Part messages by when each was last tried, now where it never was."""
    tried: dict[int, datetime] = {}
    ids = [row_id for row_id, _ in rows]
    for start in range(0, len(ids), _AT_ONCE):
        of_part = col(Attempt.message_id).in_(ids[start : start + _AT_ONCE])
        last = select(Attempt.message_id, func.max(Attempt.started_at)).where(of_part).group_by(col(Attempt.message_id))
        tried.update(uow.session.exec(last).all())
    parts: dict[datetime, list[tuple[int, int]]] = {}
    for row in rows:
        parts.setdefault(tried.get(row[0], uow.now), []).append(row)
    return sorted(parts.items())


def _move(uow: UnitOfWork, event: MessageEvent, rows: Sequence[tuple[int, int]], values: dict[str, Any]) -> None:
    ids = [row_id for row_id, _ in rows]
    for start in range(0, len(ids), _AT_ONCE):
        move_messages(uow.session, event, col(Message.id).in_(ids[start : start + _AT_ONCE]), **values)


def _done(uow: UnitOfWork, ctx: UseCaseContext, kind: str, said: str, *, next_command: str | None = None) -> Result:
    usual = f"tocsin {group_of(kind)} unreached {uow.incident.reference}"
    return uow.done(said, *follow_letters(uow, ctx), next_command=next_command or usual)


def _letters(count: int, kind: str) -> str:
    return f"{count:,} letter{'' if count == 1 else 's'} ({kind})"


def _some(numbers: set[int]) -> str:
    return ", ".join(str(number) for number in sorted(numbers)[:5])
