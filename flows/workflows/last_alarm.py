"""The alarm that needs no write: when the record cannot be written, on-call people hear of it all the same.

Every other alert is a row first. With a full disk or a database that is away there is none, so this one goes straight
through the channels, to everybody on call at once: nobody can be found to have acknowledged it.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from notifications.delivery.channel import Letter, PageMessage
from notifications.delivery.model import MAIL, ways_to

if TYPE_CHECKING:
    from config.organisation import OnCall
    from flows.bootstrap import App

log = logging.getLogger(__name__)

# Seconds. A restart of PostgreSQL or another process's long write is over by then, and nobody need be woken.
ALARM_AFTER = 60.0
AGAIN_AFTER = 3600.0
"""Seconds between two such alarms: nobody can acknowledge one."""

KEY = "tocsin/record-cannot-be-written"
TITLE = "Tocsin cannot write its record"
BODY = (
    "No new case, reminder or alert can be recorded, and none goes out until this is mended. Deadlines run on: look at "
    "the open cases yourself. Usual causes: the disk is full, or the database does not answer. `tocsin doctor` says "
    "which. This alarm is repeated every hour."
)


@dataclass
class LastAlarm:
    """Counts how long beats have failed; all times are monotonic seconds."""

    app: App
    _failing_since: float | None = None
    _told_at: float = float("-inf")

    def worked(self) -> None:
        """Note that a beat was recorded: whatever was wrong is over."""
        self._failing_since, self._told_at = None, float("-inf")

    def failed(self) -> int:
        """Note that a beat could not be recorded; give how many messages went out about it."""
        now = time.monotonic()
        if self._failing_since is None:
            self._failing_since = now
        if now - self._failing_since < ALARM_AFTER or now - self._told_at < AGAIN_AFTER:
            return 0
        # Not the address book: opening it may make the master key, which is a write.
        told = sum(self._tell(place, person) for place, person in enumerate(self.app.organisation.on_call))
        # Only where somebody was reached: with every channel away, too, the next beat tries again.
        if told:
            self._told_at = now
        return told

    def _tell(self, place: int, person: OnCall) -> int:
        told = 0
        for channel in ways_to(person.channels):
            try:
                self._send(channel, f"{KEY}/{place}/{channel}", person)
            except Exception as error:  # noqa: BLE001 - one channel that fails must not keep the others silent
                log.warning(
                    "the alarm that nothing can be written did not go by %s (%s)", channel, type(error).__name__
                )
            else:
                told += 1
        return told

    def _send(self, channel: str, key: str, person: OnCall) -> None:
        if channel != MAIL:
            self.app.channels.pagers[channel].page(PageMessage(key=key, title=TITLE, body=BODY, thread=KEY))
            return
        letter = Letter(
            key=key.replace("/", "-"),
            to=person.email,
            subject=TITLE,
            text=BODY,
            language="en",
            kind="page",
            exercise=self.app.exercise,
        )
        self.app.channels.mail.send([letter])
