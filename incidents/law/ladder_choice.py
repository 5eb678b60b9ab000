"""Which reminder ladder a duty gets: the organisation's own, else that of the law file, else the shipped default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from incidents.kernel.ladder_hours import LadderHours
from incidents.law.reminder_ladder import ReminderSchedule


class LadderName(StrEnum):
    """The ladders there is a default of."""

    STANDARD = "standard"
    LONG = "long"
    """For periods of weeks."""


class LadderSource(StrEnum):
    """Who wrote the ladder of a duty."""

    ORGANISATION = "organisation"
    LAW_FILE = "law_file"
    DEFAULT = "default"


@dataclass(frozen=True, kw_only=True)
class Ladders:
    """The ladders that do not stand in a law file: the defaults, one for each name, and the organisation's own."""

    defaults: Mapping[LadderName, ReminderSchedule]
    own: Mapping[LadderName, ReminderSchedule] = field(default_factory=dict)

    def choose(self, name: LadderName, in_law_file: LadderHours | None) -> tuple[ReminderSchedule, LadderSource]:
        """Give the ladder of a duty that asks for the one of this *name*, and who wrote it."""
        # The organisation's word goes before a law file's: how often our people want to be called is for us to say,
        # whatever file a law came with. Only the due time itself is the law's.
        if name in self.own:
            return self.own[name], LadderSource.ORGANISATION
        if in_law_file is not None:
            return schedule(in_law_file), LadderSource.LAW_FILE
        return self.defaults[name], LadderSource.DEFAULT


def schedule(written: LadderHours) -> ReminderSchedule:
    """Turn hours as they are written into durations."""
    return ReminderSchedule(
        warn_before=timedelta(hours=written.warn_before),
        before=tuple(timedelta(hours=step) for step in written.before),
        after=tuple(timedelta(hours=step) for step in written.after),
        then_every=timedelta(hours=written.then_every),
    )
