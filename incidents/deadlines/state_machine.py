"""Where a deadline stands: a state machine computed from stored facts and the time, with its table of moves.

Nothing here is remembered: the status is derived anew each time it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_INSTANT: Final = timedelta(microseconds=1)


class DeadlineStatus(StrEnum):
    """Where an obligation stands at a moment."""

    PROVISIONAL = "provisional"
    """Counted from detection as the worst case; no legal clock runs yet."""
    RUNNING = "running"
    DUE_SOON = "due_soon"
    OVERDUE = "overdue"
    MET = "met"
    MET_LATE = "met_late"
    WAIVED = "waived"
    """A named person decided, with reasons, that it is not required."""
    DISMISSED = "dismissed"
    """The incident turned out not to be a personal data breach."""


OPEN: Final = frozenset(
    {DeadlineStatus.PROVISIONAL, DeadlineStatus.RUNNING, DeadlineStatus.DUE_SOON, DeadlineStatus.OVERDUE}
)
"""Somebody still has to act."""
STARTED: Final = OPEN - {DeadlineStatus.PROVISIONAL}
"""Open, and its legal clock runs: awareness started it."""
SETTLED: Final = frozenset(DeadlineStatus) - OPEN


class TransitionCause(StrEnum):
    """What makes an obligation move from one status to another."""

    AWARE = "aware"
    TIME = "time"
    FILED = "filed"
    WAIVED = "waived"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"
    """The awareness time was corrected, with a reason; the due time moved."""
    UNTOLD = "untold"
    """Somebody whom the duty means was not told after all: found later, or their letter came back."""
    CLOCK_SET_BACK = "clock_set_back"
    """The system's clock had been ahead: what was recorded for times still to come is taken back."""


@dataclass(frozen=True, kw_only=True)
class ClockState:
    """The stored facts that a status is computed from; all times aware, in UTC."""

    started_at: datetime
    due_at: datetime
    warn_before: timedelta
    provisional: bool = False
    met_at: datetime | None = None
    """When the duty was fulfilled: the time of the first filing or sending, not of its being recorded."""
    waived_at: datetime | None = None
    dismissed_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether the legal clock runs: nothing settled it, and awareness started it."""
        return not (self.provisional or self.met_at or self.waived_at or self.dismissed_at)


@dataclass(frozen=True, kw_only=True)
class AllowedTransition:
    """One row of the specification."""

    from_standing: DeadlineStatus
    cause: TransitionCause
    to_standing: DeadlineStatus


@dataclass(frozen=True, kw_only=True)
class Transition:
    """One move that happened, with its true time (not the time at which it was noticed)."""

    from_standing: DeadlineStatus
    cause: TransitionCause
    to_standing: DeadlineStatus
    at: datetime


def _allow(
    cause: TransitionCause, moves: dict[DeadlineStatus, tuple[DeadlineStatus, ...]]
) -> tuple[AllowedTransition, ...]:
    return tuple(
        AllowedTransition(from_standing=before, cause=cause, to_standing=after)
        for before, afters in moves.items()
        for after in afters
    )


_S = DeadlineStatus
_LIVE: Final = (_S.RUNNING, _S.DUE_SOON, _S.OVERDUE)

MOVES: Final[tuple[AllowedTransition, ...]] = (
    # Awareness may be stated for days ago: the legal clock can begin already due soon, or overdue.
    *_allow(TransitionCause.AWARE, {_S.PROVISIONAL: _LIVE}),
    *_allow(TransitionCause.TIME, {_S.RUNNING: (_S.DUE_SOON,), _S.DUE_SOON: (_S.OVERDUE,)}),
    # A filing made in time may be recorded only after the deadline: overdue then becomes met, truthfully. And a stated
    # time may lie a few minutes ahead of our clock (CLOCK_SKEW in casework/base/times.py): it can be past a due time
    # that is still to come, so a clock that is not overdue yet becomes met late.
    *_allow(TransitionCause.FILED, dict.fromkeys((*_LIVE, _S.WAIVED), (_S.MET, _S.MET_LATE))),
    *_allow(TransitionCause.WAIVED, dict.fromkeys(_LIVE, (_S.WAIVED,))),
    # Back to wherever time has brought the old clock: what was not owed for a while is not owed later for that.
    *_allow(TransitionCause.REOPENED, {_S.WAIVED: _LIVE, _S.DISMISSED: (_S.PROVISIONAL, *_LIVE)}),
    *_allow(TransitionCause.DISMISSED, dict.fromkeys((_S.PROVISIONAL, *_LIVE, _S.WAIVED), (_S.DISMISSED,))),
    *_allow(
        TransitionCause.CORRECTED, {status: tuple(other for other in _LIVE if other is not status) for status in _LIVE}
    ),
    *_allow(TransitionCause.CLOCK_SET_BACK, {_S.DUE_SOON: (_S.RUNNING,), _S.OVERDUE: (_S.RUNNING, _S.DUE_SOON)}),
    # Awareness was earlier than believed, so the filing was late after all. The way back does not exist.
    *_allow(TransitionCause.CORRECTED, {_S.MET: (_S.MET_LATE,)}),
    # Out of late it leads to overdue alone, and from there to late again: what was late stays so.
    *_allow(TransitionCause.UNTOLD, {_S.MET: _LIVE, _S.MET_LATE: (_S.OVERDUE,)}),
)
"""Every move there is. A pair that is not in this table must never be seen; lateness has no way out but to overdue."""

_ALLOWED: Final = frozenset(MOVES)


def deadline_status(clock: ClockState, now: datetime) -> DeadlineStatus:
    """Say where this clock stands at *now*; nothing is stored.

    1. What was filed stays filed: exactly at due is in time, one microsecond later is late, for ever.
    2. Then dismissal, then waiver, as far as recorded.
    3. A provisional clock stays provisional, however late it is: only awareness starts the legal clock.
    4. Else time decides. At the due time itself it is not yet overdue; from ``due - warn_before`` on it is due soon.
    """
    if clock.met_at is not None:
        return DeadlineStatus.MET if clock.met_at <= clock.due_at else DeadlineStatus.MET_LATE
    if clock.dismissed_at is not None:
        return DeadlineStatus.DISMISSED
    if clock.waived_at is not None:
        return DeadlineStatus.WAIVED
    if clock.provisional:
        return DeadlineStatus.PROVISIONAL
    if now > clock.due_at:
        return DeadlineStatus.OVERDUE
    return DeadlineStatus.DUE_SOON if now >= clock.due_at - clock.warn_before else DeadlineStatus.RUNNING


def moves_by_time(clock: ClockState, since: datetime, until: datetime) -> tuple[Transition, ...]:
    """List the moves that time alone caused after *since* and up to and including *until*, with their true times.

    ``status(clock, move.at)`` is the status moved to: *due soon* begins at ``due - warn_before``, *overdue* one
    microsecond after due. Ask before recording what settles the clock; a settled or provisional clock does not move.
    """
    if not clock.is_open:
        return ()
    # Both edges although one look may pass them together: each move is recorded with its own time.
    soon = clock.due_at - clock.warn_before
    edges = (
        (DeadlineStatus.RUNNING, DeadlineStatus.DUE_SOON, soon),
        (DeadlineStatus.DUE_SOON, DeadlineStatus.OVERDUE, clock.due_at + _INSTANT),
    )
    return tuple(
        Transition(from_standing=before, cause=TransitionCause.TIME, to_standing=after, at=at)
        for before, after, at in edges
        # Open below and closed above: two looks of which one ends at an edge find its move once. What lies before the
        # start never happened, for a clock shorter than its warning begins due soon.
        if max(since, clock.started_at) < at <= until
    )


def is_allowed(before: DeadlineStatus, cause: TransitionCause, after: DeadlineStatus) -> bool:
    """Whether the table allows this move; staying where one is needs no permission."""
    return before is after or AllowedTransition(from_standing=before, cause=cause, to_standing=after) in _ALLOWED


def made_aware(clock: ClockState, *, started_at: datetime, due_at: datetime) -> ClockState:
    """Start the legal clock: from now on it is no longer provisional."""
    return replace(clock, started_at=started_at, due_at=due_at, provisional=False)


def corrected(clock: ClockState, *, started_at: datetime, due_at: datetime) -> ClockState:
    """Move the due time after a correction of awareness.

    A fulfilled duty can only become later by it, never less late: for it, a later due time is not taken over
    (the first filing freezes lateness).
    """
    if clock.met_at is not None and due_at > clock.due_at:
        return clock
    return replace(clock, started_at=started_at, due_at=due_at)


def filed(clock: ClockState, at: datetime) -> ClockState:
    """Record the first filing; a second one changes nothing, for lateness is frozen by the first."""
    return clock if clock.met_at is not None else replace(clock, met_at=at)


def waived(clock: ClockState, at: datetime) -> ClockState:
    """Record that a named person decided it is not required; a duty already fulfilled stays fulfilled."""
    return clock if clock.met_at is not None else replace(clock, waived_at=at)


def dismissed(clock: ClockState, at: datetime) -> ClockState:
    """Record that the incident was no personal data breach; a duty already fulfilled stays fulfilled."""
    return clock if clock.met_at is not None else replace(clock, dismissed_at=at)


def reopened(clock: ClockState) -> ClockState:
    """Take back waiver and dismissal: the old due time counts again, as if they had never been."""
    return replace(clock, waived_at=None, dismissed_at=None)


def untold(clock: ClockState) -> ClockState:
    """Take back that a duty to tell was fulfilled: whom it means were not all told (Art. 34(1) GDPR).

    The old due time counts again. Only for what letters fulfil: a filing with an authority stays filed.
    """
    return replace(clock, met_at=None)


def mermaid() -> str:
    """Draw MOVES as a Mermaid state diagram, one arrow for each pair of statuses with all its causes."""
    causes: dict[tuple[DeadlineStatus, DeadlineStatus], list[str]] = {}
    for move in MOVES:
        causes.setdefault((move.from_standing, move.to_standing), []).append(move.cause.value)
    arrows = (f"    {before} --> {after}: {', '.join(why)}" for (before, after), why in causes.items())
    begins = (f"    [*] --> {DeadlineStatus.PROVISIONAL}", *(f"    [*] --> {status}: aware" for status in _LIVE))
    return "\n".join(("stateDiagram-v2", *begins, *arrows))
