"""The reminder ladders that hold for every law: ``config/reminders.yaml``, read strictly."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

from config.documents import read_as, read_text
from config.settings import reminders_file
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.ladder_hours import LadderHours


class RemindersError(InvalidInputError):
    """The file of reminder ladders cannot be used; each line of the message names file, line and key."""


class DefaultReminders(BaseModel):
    """A ladder for each name under which a law file may ask for one."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    # The names of `LadderName` (incidents/law/ladder_choice.py), by hand: the configuration does not know the law.
    standard: LadderHours
    long: LadderHours
    """For periods of weeks."""


def read_reminders(text: str, name: str) -> DefaultReminders:
    """Read the ladders from YAML *text*, called *name* in messages.

    Raises:
        RemindersError: not YAML, a key is unknown or missing, or a value is not what it must be.

    """
    return read_as(DefaultReminders, text, name, RemindersError)


def default_reminders() -> DefaultReminders:
    """Read the shipped file; raises as :func:`read_reminders` does."""
    path = reminders_file()
    return read_reminders(read_text(path, RemindersError), str(path))
