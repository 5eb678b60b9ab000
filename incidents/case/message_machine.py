"""Where a message stands between its order and the mailbox: a state machine, with its table of moves.

The table is the one place that says which move is allowed. The database's own guard, every UPDATE and the page in the
documentation are made from it. It is pure, and below storage, because rows, use cases and the outbox all need it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from incidents.kernel.errors import DefectError


class IllegalMoveError(DefectError):
    """The table of moves has no such move; nothing was changed."""


class MessageState(StrEnum):
    """Where a message stands."""

    PENDING = "pending"
    """To be sent at ``next_try_at``."""
    IN_FLIGHT = "in_flight"
    """Leased by a process; an attempt with the digest of the body was written first."""
    UNCERTAIN = "uncertain"
    """It was handed over and the answer never came, or whoever sent it stopped."""
    ACCEPTED = "accepted"
    """The provider (or the folder) took it; accepted is not delivered."""
    DEFERRED = "deferred"
    """The provider has it; the recipient's server put it off, and the provider tries again."""
    DELIVERED = "delivered"
    """The recipient's server took it."""
    BOUNCED = "bounced"
    """The recipient's server refused it, or gave it back later."""
    DROPPED = "dropped"
    """The provider took it and then did not send it: the address is on its list of those it does not write to."""
    REJECTED = "rejected"
    """The provider refused this recipient or text for good."""
    CANCELLED = "cancelled"
    """Not to go out as it was ordered: the case was dismissed, or a letter that reached nobody is ordered anew."""
    GIVEN_UP = "given_up"
    """It reached nobody, and a named person says with reasons that no further letter is tried."""


class MessageEvent(StrEnum):
    """What makes a message move; each event leads to one state only."""

    LEASED = "leased"
    ACCEPTED = "accepted"
    POSTPONED = "postponed"
    """It is to be tried again: it did not go out, or a second copy would do no harm."""
    REFUSED = "refused"
    UNANSWERED = "unanswered"
    HELD_BACK = "held back"
    TAKEN_BACK = "taken back"
    """A person decides, with reasons, that a recipient whom no letter reached is written to once more."""
    GIVEN_UP = "given up"
    """A person decides, with reasons, that nothing more is tried for a recipient whom no letter reached."""
    ORDERED_AGAIN = "ordered again"
    REPEATED = "repeated"
    """A person decides, with reasons, that an uncertain letter is sent again."""
    FOUND_SENT = "found sent"
    """A person decides, with reasons, that an uncertain letter arrived."""
    FOUND_LOST = "found lost"
    """A person decides, with reasons, that an uncertain letter did not arrive."""
    DEFERRED = "deferred"
    DELIVERED = "delivered"
    BOUNCED = "bounced"
    DROPPED = "dropped"
    SPAM_REPORTED = "spam reported"


@dataclass(frozen=True, kw_only=True)
class AllowedMove:
    """One row of the specification."""

    from_state: MessageState
    event: MessageEvent
    to_state: MessageState
    why: str


_S = MessageState
_E = MessageEvent


def _allow(event: MessageEvent, to_state: MessageState, why_from: dict[MessageState, str]) -> tuple[AllowedMove, ...]:
    return tuple(
        AllowedMove(from_state=from_state, event=event, to_state=to_state, why=why)
        for from_state, why in why_from.items()
    )


_LATE: Final = "the answer came after the lease had ended"
_AFTER_HOLD: Final = "an attempt from before it was held back had reached the provider after all"
# A receipt may overtake the answer to the request, or arrive where the answer was lost.
_RECEIPT_FIRST: Final = {
    _S.PENDING: "the receipt shows that a lost attempt reached the provider; it is not sent again",
    _S.IN_FLIGHT: "the receipt came before the answer",
    _S.UNCERTAIN: "the receipt settles what the lost answer left open",
    _S.CANCELLED: _AFTER_HOLD,
    _S.GIVEN_UP: "an attempt from before it was given up had reached the provider after all",
}
_REACHED_NOBODY: Final = (_S.BOUNCED, _S.DROPPED, _S.REJECTED)

MOVES: Final[tuple[AllowedMove, ...]] = (
    *_allow(_E.LEASED, _S.IN_FLIGHT, {_S.PENDING: "it is due, and a process takes it"}),
    *_allow(
        _E.ACCEPTED,
        _S.ACCEPTED,
        {
            _S.IN_FLIGHT: "the provider took it",
            _S.PENDING: _LATE,
            _S.UNCERTAIN: _LATE,
            _S.CANCELLED: _AFTER_HOLD,
            _S.GIVEN_UP: "an attempt from before it was given up had reached the provider after all",
            # That a letter did reach somebody is never hidden by what came of a later
            # try.
            _S.REJECTED: "an earlier attempt's answer came last, and that attempt had gone out",
        },
    ),
    *_allow(
        _E.POSTPONED,
        _S.PENDING,
        {
            _S.IN_FLIGHT: "it did not go out this time, or its repetition does no harm",
            _S.PENDING: _LATE,
            _S.UNCERTAIN: _LATE,
        },
    ),
    *_allow(
        _E.REFUSED,
        _S.REJECTED,
        {
            _S.IN_FLIGHT: "the provider refused it for good",
            _S.PENDING: _LATE,
            _S.UNCERTAIN: _LATE,
            _S.CANCELLED: "an attempt from before it was held back was refused",
        },
    ),
    *_allow(
        _E.UNANSWERED,
        _S.UNCERTAIN,
        {
            _S.IN_FLIGHT: "the answer never came, or the lease ended without one",
            _S.PENDING: _LATE,
            # To stay where one is must be a move as well: the answer is written by an UPDATE that asks for one of these
            # states.
            _S.UNCERTAIN: "the lease had ended, and the answer never came either",
            _S.CANCELLED: "an attempt from before it was held back may have gone out",
        },
    ),
    *_allow(
        _E.HELD_BACK,
        _S.CANCELLED,
        {
            _S.PENDING: "the case was dismissed before it went out",
            _S.IN_FLIGHT: "it did not go out, and the case was dismissed meanwhile",
            _S.UNCERTAIN: "a late answer says that it did not go out, and the case was dismissed",
        },
    ),
    *_allow(
        _E.TAKEN_BACK,
        _S.CANCELLED,
        {
            **dict.fromkeys(_REACHED_NOBODY, "a person has it ordered anew, as a rule to a corrected address"),
            _S.GIVEN_UP: "an address was found after all",
        },
    ),
    *_allow(
        _E.GIVEN_UP,
        _S.GIVEN_UP,
        {
            **dict.fromkeys(_REACHED_NOBODY, "a person says that nothing more can be tried, with reasons"),
            _S.UNCERTAIN: "a person says that nobody can find out, and that it is not repeated, with reasons",
        },
    ),
    *_allow(_E.ORDERED_AGAIN, _S.PENDING, {_S.CANCELLED: "the letter is approved and ordered anew"}),
    *_allow(_E.REPEATED, _S.PENDING, {_S.UNCERTAIN: "a person decides to send it again, with reasons"}),
    *_allow(_E.FOUND_SENT, _S.ACCEPTED, {_S.UNCERTAIN: "a person finds that it arrived, with reasons"}),
    *_allow(_E.FOUND_LOST, _S.REJECTED, {_S.UNCERTAIN: "a person finds that it did not arrive, with reasons"}),
    *_allow(
        _E.DEFERRED,
        _S.DEFERRED,
        {
            **_RECEIPT_FIRST,
            _S.ACCEPTED: "the recipient's server put it off",
            _S.DEFERRED: "the recipient's server put it off again",
        },
    ),
    *_allow(
        _E.DELIVERED,
        _S.DELIVERED,
        {
            **_RECEIPT_FIRST,
            _S.ACCEPTED: "the recipient's server took it",
            _S.DEFERRED: "the recipient's server took it at a later try",
        },
    ),
    *_allow(
        _E.BOUNCED,
        _S.BOUNCED,
        {
            **_RECEIPT_FIRST,
            _S.ACCEPTED: "the recipient's server refused it",
            _S.DEFERRED: "the provider gave up trying",
            # Receipts come out of order and mail is returned hours after it was taken: delivered is not the end.
            _S.DELIVERED: "the recipient's server took it and gave it back later",
        },
    ),
    *_allow(
        _E.DROPPED,
        _S.DROPPED,
        {
            **_RECEIPT_FIRST,
            _S.ACCEPTED: "the provider does not write to this address",
            _S.DEFERRED: "the provider stopped trying",
        },
    ),
    *_allow(
        _E.SPAM_REPORTED,
        _S.DELIVERED,
        {
            **_RECEIPT_FIRST,
            _S.ACCEPTED: "who reports a letter has it",
            _S.DEFERRED: "who reports a letter has it",
            _S.DELIVERED: "it had arrived; a report changes nothing",
        },
    ),
)
"""Every move there is. What is not in this table does not happen. Out of bounced and dropped leads only a person."""

START: Final = MessageState.PENDING
"""Where every message begins."""
WENT_OUT: Final = frozenset({_S.ACCEPTED, _S.DEFERRED, _S.DELIVERED})
"""The provider has it in its care. A letter put off by the recipient's server stays sent, as it was when accepted."""
CAME_BACK: Final = frozenset(_REACHED_NOBODY)
"""It reached nobody, and trying again by itself would not help: a person corrects the address, or gives it up."""
UNREACHED: Final = CAME_BACK | {_S.UNCERTAIN}
"""Nobody can say of the recipient that they were told, and only a person can change that."""
# Uncertain is not among them: it may still go out, by a person's decision, and so it holds a case open.
SETTLED: Final = WENT_OUT | CAME_BACK | {_S.CANCELLED, _S.GIVEN_UP}
"""We do nothing more with it by ourselves; a receipt may still say more."""
UNDER_WAY: Final = frozenset(MessageState) - SETTLED
"""Under way, or in doubt: neither is it known to be out nor given up."""
NO_ANSWER: Final = MessageState.UNCERTAIN.value
"""What a message has as its problem where nobody knows whether an attempt went out, whatever state it is in now."""

# One event leads to one state, whatever it comes from: so an UPDATE can name it without knowing the row. A test holds
# to it.
_TARGETS: Final = {move.event: move.to_state for move in MOVES}
_ALLOWED: Final = {(move.from_state, move.event) for move in MOVES}
# The database sees no events, only that a state changed; so its guard is made of pairs.
_PAIRS: Final = frozenset((move.from_state, move.to_state) for move in MOVES if move.from_state is not move.to_state)


def next_state(state: MessageState, event: MessageEvent) -> MessageState:
    """Give the state that *event* leads to.

    Raises:
        IllegalMoveError: the table has no such move.

    """
    if (state, event) not in _ALLOWED:
        message = f"a message that is {state.value} cannot move by: {event.value}"
        raise IllegalMoveError(message)
    return _TARGETS[event]


def target_of(event: MessageEvent) -> MessageState:
    """The one state an event leads to."""
    return _TARGETS[event]


def origins_of(event: MessageEvent) -> tuple[MessageState, ...]:
    """The states an event may lead out of: the condition of every UPDATE by this event."""
    return tuple(state for state in MessageState if (state, event) in _ALLOWED)


def pairs() -> tuple[tuple[MessageState, MessageState], ...]:
    """Every change of state there is, whatever causes it, in a fixed order: what the database itself holds to."""
    return tuple(sorted(_PAIRS))


def check_change(before: MessageState, after: MessageState) -> None:
    """Hold a change whose cause nobody named to the table; staying where one is needs no permission.

    Raises:
        IllegalMoveError: no event leads from the one to the other.

    """
    if before is not after and (before, after) not in _PAIRS:
        message = f"a message that is {before.value} cannot become {after.value}"
        raise IllegalMoveError(message)


def mermaid() -> str:
    """Draw MOVES as a Mermaid state diagram, one arrow for each pair of states with all its events."""
    events: dict[tuple[MessageState, MessageState], list[str]] = {}
    for move in MOVES:
        events.setdefault((move.from_state, move.to_state), []).append(move.event.value)
    arrows = (f"    {before} --> {after}: {', '.join(names)}" for (before, after), names in events.items())
    return "\n".join(("stateDiagram-v2", f"    [*] --> {START}", *arrows))
