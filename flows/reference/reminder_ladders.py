"""The reminder ladders outside the law files: the shipped defaults, and those of the organisation's own file."""

from __future__ import annotations

from functools import cache

from config.organisation import OwnReminders
from config.reminders import default_reminders
from incidents.law.ladder_choice import LadderName, Ladders, schedule


# Once per process: each law file that is read asks for the same defaults.
@cache
def shipped_ladders() -> Ladders:
    """The defaults alone, for what is asked of the laws and not of an organisation.

    Raises:
        RemindersError: the file cannot be used.

    """
    written = default_reminders()
    return Ladders(defaults={LadderName.STANDARD: schedule(written.standard), LadderName.LONG: schedule(written.long)})


def ladders_of(reminders: OwnReminders) -> Ladders:
    """The defaults, and before them what the organisation wrote under ``reminders``."""
    written = {LadderName.STANDARD: reminders.standard, LadderName.LONG: reminders.long}
    return Ladders(
        defaults=shipped_ladders().defaults,
        # Only what the organisation wrote: a missing name falls back to the law file's own ladder, then to the default.
        own={name: schedule(ladder) for name, ladder in written.items() if ladder is not None},
    )
