"""The reminder ladder of a deadline: every reminder with its true time, before and after due, without end."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SECOND: Final = timedelta(seconds=1)
_MINUTE: Final = timedelta(minutes=1)
_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_LONG: Final = timedelta(days=7)
"""From here on, days say more to a person than hours."""


@dataclass(frozen=True, kw_only=True)
class ReminderSchedule:
    """When to remind: how long before due, how long after, and then again and again.

    Raises:
        ValueError: a step that is not above zero or not in whole seconds, or the same step twice.

    """

    warn_before: timedelta
    """From this long before due on, an obligation is *due soon*."""
    before: tuple[timedelta, ...]
    after: tuple[timedelta, ...]
    then_every: timedelta
    """After the last of ``after``, repeat at this distance until somebody files."""

    def __post_init__(self) -> None:
        for step in (self.warn_before, *self.before, *self.after, self.then_every):
            # A step of zero would repeat for ever at one instant, and keys are made of whole seconds (`in_words`).
            if step < _SECOND or step % _SECOND:
                message = f"a step of a ladder is a duration in whole seconds above zero, not {step}"
                raise ValueError(message)
        for name, steps in (("before", self.before), ("after", self.after)):
            if len(set(steps)) != len(steps):
                message = f"the same step stands twice in `{name}`"
                raise ValueError(message)


@dataclass(frozen=True, kw_only=True)
class ReminderStep:
    """One step of a ladder: its key (unique within one clock), its true time in UTC, and what it says."""

    key: str
    """``before-24h``, ``due``, ``after-6h``, ``after-48h`` ..."""
    at: datetime
    says: str
    """``24 h left``, ``due now``, ``overdue by 6 h``, ``overdue by 33 d``."""


def reminders(
    ladder: ReminderSchedule, due: datetime, until: datetime, *, since: datetime | None = None
) -> tuple[ReminderStep, ...]:
    """List every reminder up to and including *until*, in time order, also those that passed while nobody was running.

    The reminder ``due`` is there from the instant ``until >= due``. *since* leaves out reminders before that time: a
    clock of 24 hours never had "48 h left".
    """
    steps: list[ReminderStep] = []
    for reminder in _steps(ladder, due):
        if reminder.at > until:
            break
        # `until` ends the walk, `since` only filters it: the times before are passed through, for the order starts with
        # them.
        if since is None or reminder.at >= since:
            steps.append(reminder)
    return tuple(steps)


def next_reminder(ladder: ReminderSchedule, due: datetime, after: datetime) -> ReminderStep:
    """Find the first reminder strictly after *after*; there always is one, because ``then_every`` never ends."""
    # Computed and not walked: a deadline missed years ago has thousands of repetitions before the next one.
    fixed = _fixed(ladder, due)
    if after < fixed[-1].at:
        return next(reminder for reminder in fixed if reminder.at > after)
    last = max(ladder.after, default=timedelta())
    # Floor division and one more give the first repetition strictly after *after*, also where one falls on it exactly.
    times = (after - due - last) // ladder.then_every + 1
    return _late(due, last + times * ladder.then_every)


def in_words(length: timedelta) -> str:
    """Say a duration shortly and exactly, in one unit: ``24 h``, ``90 min``, ``45 s``; keys are made of it."""
    # Always in one unit and never in days: keys of reminders are made of it and stand in unique keys, so the words for
    # a length must never change. People read `in_readable_words`.
    for unit, name in ((_HOUR, "h"), (_MINUTE, "min")):
        if not length % unit:
            return f"{length // unit} {name}"
    return f"{length // _SECOND} s"


def in_readable_words(length: timedelta) -> str:
    """Say a duration as people do, never more than there is: ``24 h``, ``25 h 10 min``, ``33 d``, ``7 d 12 h``.

    In days from a week on, to the minute from an hour on, and to the second below.
    """
    if length >= _LONG:
        return _two_units(length, _DAY, "d", _HOUR, "h")
    if length >= _HOUR:
        return _two_units(length, _HOUR, "h", _MINUTE, "min")
    return in_words(length)


def _two_units(length: timedelta, unit: timedelta, name: str, below: timedelta, name_below: str) -> str:
    whole, rest = divmod(length, unit)
    return f"{whole} {name} {rest // below} {name_below}" if rest >= below else f"{whole} {name}"


def _steps(ladder: ReminderSchedule, due: datetime) -> Iterator[ReminderStep]:
    """Every reminder in time order, without end."""
    yield from _fixed(ladder, due)
    late = max(ladder.after, default=timedelta())
    while True:
        late += ladder.then_every
        yield _late(due, late)


def _fixed(ladder: ReminderSchedule, due: datetime) -> tuple[ReminderStep, ...]:
    """The reminders that are written down, in time order: before, due, after."""
    # Sorted here, for a ladder that comes from storage or a test need not be in the order that files are held to.
    early = (_early(due, step) for step in sorted(ladder.before, reverse=True))
    late = (_late(due, step) for step in sorted(ladder.after))
    return (*early, ReminderStep(key="due", at=due, says="due now"), *late)


def _early(due: datetime, step: timedelta) -> ReminderStep:
    return ReminderStep(key=f"before-{_in_key(step)}", at=due - step, says=f"{in_readable_words(step)} left")


def _late(due: datetime, step: timedelta) -> ReminderStep:
    return ReminderStep(key=f"after-{_in_key(step)}", at=due + step, says=f"overdue by {in_readable_words(step)}")


def _in_key(step: timedelta) -> str:
    return in_words(step).replace(" ", "")
