"""Where a deadline stands: a state machine computed from stored facts and the time, with its table of moves.

Knows the standings, what causes a move, and the true time of each move that time alone causes; refuses to know law,
people and storage. Nothing here is remembered: the standing is derived anew each time it is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

_INSTANT: Final = timedelta(microseconds=1)


class Standing(StrEnum):
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


class Cause(StrEnum):
    """What makes an obligation move from one standing to another."""

    AWARE = "aware"
    TIME = "time"
    FILED = "filed"
    WAIVED = "waived"
    REOPENED = "reopened"
    DISMISSED = "dismissed"
    CORRECTED = "corrected"
    """The awareness time was corrected, with a reason; the due time moved."""


@dataclass(frozen=True, kw_only=True)
class Clock:
    """The stored facts that a standing is computed from; all times aware, in UTC."""

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
class AllowedMove:
    """One row of the specification."""

    from_standing: Standing
    cause: Cause
    to_standing: Standing


@dataclass(frozen=True, kw_only=True)
class Move:
    """One move that happened, with its true time (not the time at which it was noticed)."""

    from_standing: Standing
    cause: Cause
    to_standing: Standing
    at: datetime


def _allow(cause: Cause, moves: dict[Standing, tuple[Standing, ...]]) -> tuple[AllowedMove, ...]:
    return tuple(
        AllowedMove(from_standing=before, cause=cause, to_standing=after)
        for before, afters in moves.items()
        for after in afters
    )


_S = Standing
_LIVE: Final = (_S.RUNNING, _S.DUE_SOON, _S.OVERDUE)

MOVES: Final[tuple[AllowedMove, ...]] = (
    *_allow(Cause.AWARE, {_S.PROVISIONAL: _LIVE}),
    *_allow(Cause.TIME, {_S.RUNNING: (_S.DUE_SOON,), _S.DUE_SOON: (_S.OVERDUE,)}),
    # A filing made in time may be recorded only after the deadline: overdue then becomes met, truthfully.
    *_allow(Cause.FILED, {_S.RUNNING: (_S.MET,), _S.DUE_SOON: (_S.MET,), _S.OVERDUE: (_S.MET, _S.MET_LATE)}),
    *_allow(Cause.FILED, {_S.WAIVED: (_S.MET, _S.MET_LATE)}),
    *_allow(Cause.WAIVED, dict.fromkeys(_LIVE, (_S.WAIVED,))),
    *_allow(Cause.REOPENED, {_S.WAIVED: _LIVE, _S.DISMISSED: (_S.PROVISIONAL, *_LIVE)}),
    *_allow(Cause.DISMISSED, dict.fromkeys((_S.PROVISIONAL, *_LIVE, _S.WAIVED), (_S.DISMISSED,))),
    *_allow(Cause.CORRECTED, {each: tuple(other for other in _LIVE if other is not each) for each in _LIVE}),
    # Awareness was earlier than believed, so the filing was late after all. The way back does not exist.
    *_allow(Cause.CORRECTED, {_S.MET: (_S.MET_LATE,)}),
)
"""Every move there is. A pair that is not in this table must never be seen; lateness has no way out."""


def standing(clock: Clock, now: datetime) -> Standing:
    """Say where this clock stands at *now*; nothing is stored.

    1. What was filed stays filed: exactly at due is in time, one microsecond later is late, for ever.
    2. Then dismissal, then waiver, as far as recorded.
    3. A provisional clock stays provisional, however late it is: only awareness starts the legal clock.
    4. Else time decides. At the due time itself it is not yet overdue; from ``due - warn_before`` on it is due soon.
    """
    if clock.met_at is not None:
        return Standing.MET if clock.met_at <= clock.due_at else Standing.MET_LATE
    if clock.dismissed_at is not None:
        return Standing.DISMISSED
    if clock.waived_at is not None:
        return Standing.WAIVED
    if clock.provisional:
        return Standing.PROVISIONAL
    if now > clock.due_at:
        return Standing.OVERDUE
    return Standing.DUE_SOON if now >= clock.due_at - clock.warn_before else Standing.RUNNING


def moves_by_time(clock: Clock, since: datetime, until: datetime) -> tuple[Move, ...]:
    """List the moves that time alone caused after *since* and up to and including *until*, with their true times.

    ``standing(clock, move.at)`` is the standing moved to: *due soon* begins at ``due - warn_before``, *overdue* one
    microsecond after due. Ask before recording what settles the clock; a settled or provisional clock does not move.
    """
    if not clock.is_open:
        return ()
    soon = clock.due_at - clock.warn_before
    edges = (
        (Standing.RUNNING, Standing.DUE_SOON, soon),
        (Standing.DUE_SOON, Standing.OVERDUE, clock.due_at + _INSTANT),
    )
    return tuple(
        Move(from_standing=before, cause=Cause.TIME, to_standing=after, at=at)
        for before, after, at in edges
        if max(since, clock.started_at) < at <= until
    )


def is_allowed(before: Standing, cause: Cause, after: Standing) -> bool:
    """Whether the table allows this move; staying where one is needs no permission."""
    return before is after or AllowedMove(from_standing=before, cause=cause, to_standing=after) in MOVES


def made_aware(clock: Clock, *, started_at: datetime, due_at: datetime) -> Clock:
    """Start the legal clock: from now on it is no longer provisional."""
    return replace(clock, started_at=started_at, due_at=due_at, provisional=False)


def corrected(clock: Clock, *, started_at: datetime, due_at: datetime) -> Clock:
    """Move the due time after a correction of awareness.

    A fulfilled duty can only become later by it, never less late: for it, a later due time is not taken over
    (the first filing freezes lateness).
    """
    if clock.met_at is not None and due_at > clock.due_at:
        return clock
    return replace(clock, started_at=started_at, due_at=due_at)


def filed(clock: Clock, at: datetime) -> Clock:
    """Record the first filing; a second one changes nothing, for lateness is frozen by the first."""
    return clock if clock.met_at is not None else replace(clock, met_at=at)


def waived(clock: Clock, at: datetime) -> Clock:
    """Record that a named person decided it is not required; a duty already fulfilled stays fulfilled."""
    return clock if clock.met_at is not None else replace(clock, waived_at=at)


def dismissed(clock: Clock, at: datetime) -> Clock:
    """Record that the incident was no personal data breach; a duty already fulfilled stays fulfilled."""
    return clock if clock.met_at is not None else replace(clock, dismissed_at=at)


def reopened(clock: Clock) -> Clock:
    """Take back waiver and dismissal: the old due time counts again, as if they had never been."""
    return replace(clock, waived_at=None, dismissed_at=None)


def mermaid() -> str:
    """Draw MOVES as a Mermaid state diagram, one arrow for each pair of standings with all its causes."""
    causes: dict[tuple[Standing, Standing], list[str]] = {}
    for move in MOVES:
        causes.setdefault((move.from_standing, move.to_standing), []).append(move.cause.value)
    arrows = (f"    {before} --> {after}: {', '.join(why)}" for (before, after), why in causes.items())
    begins = (f"    [*] --> {Standing.PROVISIONAL}", *(f"    [*] --> {each}: aware" for each in _LIVE))
    return "\n".join(("stateDiagram-v2", *begins, *arrows))
