"""Telling an exercise as it happens: each new entry of the audit log in one sentence, on the incident's clock."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from incidents.queries.audit_entries import entries_after

if TYPE_CHECKING:
    from sqlmodel import Session

    from incidents.storage.tables.case import AuditEntry

# By kind of audit entry; kinds that are not here are left untold.
_SENTENCES: dict[str, Callable[[dict[str, Any]], str]] = {
    "incident.opened": lambda p: f"case opened from an {p['source']}: codename {p['codename']}",
    "incident.contained": lambda _: "contained",
    "incident.handed_over": lambda p: f"lead handed over to {p['to']}",
    "incident.moved": lambda p: f"stage {p['from']} -> {p['to']}",
    "awareness.stated": lambda _: "AWARE: the legal clock runs",
    "decision.made": lambda p: f"decided: authority {_yes(p['authority'])}, people {_yes(p['people'])}",
    "obligation.created": lambda p: f"owed: {p['obligation']}" + (" (provisional)" if p["provisional"] else ""),
    "obligation.met": lambda p: f"{p['standing'].upper()}: {p['obligation']}",
    "obligation.waived": lambda p: f"no longer owed: {p['obligation']}",
    "clock.noticed": lambda p: f"ALERT: {p['obligation']}: {p['rungs'] or p['moves']}",
    "clock.set_back": lambda p: f"the clock had been ahead; forgotten: {p['obligation']}: {p['rungs']}",
    "clock.jumped": lambda p: f"ALERT: the clock jumped by {p['seconds']} s",
    "alert.escalated": lambda p: f"nobody answered: passed on, call {p['level'] + 1} ({_reminder(p['alert'])})",
    "alert.acknowledged": lambda p: f"acknowledged: {_reminder(p['alert'])}",
    "draft.written": lambda p: f"draft {p['draft']} v{p['version']} for {p['recipients']} ({p['sha256'][:12]})",
    "draft.approved": lambda p: f"approved by a second person: {p['draft']} v{p['version']}",
    "people.imported": lambda p: f"{p['added']} affected people listed",
    "merchants.imported": lambda p: f"{p['added']} merchants listed",
    "send.ordered": lambda p: f"sending ordered: {p['messages']} x {p['draft']}",
    "send.settled": lambda p: f"letters to {p['kind']}: {p['accepted']} accepted, {p['rejected']} refused",
    "filing.recorded": lambda p: f"FILED ({p['phase']}): {p['obligation']}" + (" LATE" if p["late"] else ""),
}

MANY = 4
"""From so many entries of a kind on, one line tells of all."""


@dataclass
class Narrator:
    """Reads the log from where it stopped and says what is new."""

    say: Callable[[str], None]
    zone: ZoneInfo
    begins: datetime
    last_entry: int = 0

    def tell(self, session: Session) -> None:
        """Say everything that was written since the last time."""
        # Neighbours only: entries of one kind with others between them happened at different times.
        for _, same in groupby(entries_after(session, self.last_entry), key=_family):
            entries = list(same)
            self.last_entry = entries[-1].seq
            if len(entries) >= MANY:
                self._say_one(entries[0], f" (and {len(entries) - 1} more of this kind)")
            else:
                for entry in entries:
                    self._say_one(entry, "")

    def _say_one(self, entry: AuditEntry, more: str) -> None:
        sentence = self._sentence(entry)
        if sentence is not None:
            at = datetime.fromisoformat(entry.at)
            self.say(f"{at.astimezone(self.zone):%a %d %b %H:%M}  {_since(at - self.begins)}  {sentence}{more}")

    def _sentence(self, entry: AuditEntry) -> str | None:
        payload = json.loads(entry.payload)
        if entry.kind == "facts.recorded":
            return f"assessed: the proposal is {payload['risk'].upper()} risk" if payload["risk"] else None
        if entry.kind == "obligation.restarted":
            return f"due {datetime.fromisoformat(payload['due_at']).astimezone(self.zone):%a %d %b %H:%M}: " + str(
                payload["obligation"]
            )
        words = _SENTENCES.get(entry.kind)
        return words(payload) if words else None


def _family(entry: AuditEntry) -> tuple[str, ...]:
    """What entries told together have in common: their kind, and the duty where they speak of one."""
    obligation = json.loads(entry.payload).get("obligation")
    # Without the recipient: the same duty owed to twelve merchants is one thing that happened.
    return (entry.kind, obligation.rpartition("/")[0]) if obligation else (entry.kind, str(entry.seq))


def _since(length: timedelta) -> str:
    minutes = int(length.total_seconds() // 60)
    # Before the opening lies what an alert tells of: when the leak began.
    symbol = "-" if minutes < 0 else "+"
    return f"{symbol}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _yes(decided: object) -> str:
    return "is told" if decided else "is not told"


def _reminder(key: str) -> str:
    return key.rpartition("/")[2]
