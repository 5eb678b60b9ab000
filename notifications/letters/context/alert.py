"""An alert in plain data: what a page, reminder or escalation is made from.

Alerts pass through other people's systems, so nothing personal gets in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from notifications.language.formatting import alert_moment, hours_and_minutes
from notifications.redaction import remove_addresses

_MOST_LINES: Final = 12
"""Lines of a message that tells of several deadlines; more would not be read at night."""
_MOST_NAMES: Final = 3
"""Recipients that such a line names; the others are counted."""


@dataclass(frozen=True, kw_only=True)
class AlertItem:
    """One of several deadlines that are told together."""

    duty: str
    duty_title: str
    recipient: str
    """An authority, or an opaque merchant id; never a person's name."""
    due_at: datetime
    due_kind: str
    provisional: bool


def context_for_several(
    *,
    reference: str,
    codename: str,
    exercise: bool,
    items: Sequence[AlertItem],
    opened: bool,
    says: str,
    since: datetime,
    acknowledge: str,
    acknowledge_one: str,
    look: str,
    zone: str,
    language: str,
    now: datetime,
    level: int,
) -> dict[str, Any]:
    """Put alerts that one message tells of into plain data: what is due when, to how many, and who sets the time.

    *items* come in the order in which they are told; those of one duty with one due time become one line. *opened*
    says that the opening of the case is told with them. *since* is the time of which the first of them speaks.
    """
    place = ZoneInfo(zone)
    same: dict[tuple[str, str, datetime, str, bool], list[str]] = {}
    for item in items:
        same.setdefault((item.duty, item.duty_title, item.due_at, item.due_kind, item.provisional), []).append(
            item.recipient
        )
    lines = [
        {
            "duty_id": duty,
            "duty_title": _line(title),
            "due_kind_id": due_kind,
            "provisional": provisional,
            "due": alert_moment(due_at, place, language),
            "left": hours_and_minutes(due_at - now),
            "late": now > due_at,
            "count": str(len(names)) if len(names) > 1 else "",
            "recipients": ", ".join(_line(name) for name in names[:_MOST_NAMES] if name),
            "more": str(len(names) - _MOST_NAMES) if len(names) > _MOST_NAMES else "",
        }
        for (duty, title, due_at, due_kind, provisional), names in same.items()
    ]
    late = sum(1 for item in items if now > item.due_at)
    return {
        "reference": _line(reference),
        "codename": _line(codename),
        "exercise": exercise,
        "duty_id": "",
        "duty_title": "",
        "due_kind_id": "",
        "count": str(len(items)),
        "late_count": str(late) if late else "",
        "lines": lines[:_MOST_LINES],
        "more_lines": str(len(lines) - _MOST_LINES) if len(lines) > _MOST_LINES else "",
        "opened": opened,
        "says": _line(says),
        "back": "back" in says,
        "length": _line(says.rpartition(" by ")[2]),
        "since": alert_moment(since, place, language),
        "acknowledge": acknowledge,
        "acknowledge_one": acknowledge_one,
        "look": look,
        # 0 for the first call, which is no repetition and is not counted in the text.
        "call": level + 1 if level else 0,
    }


def _line(value: str) -> str:
    """Keep a value on one line and free of addresses: a line break in a name could begin a line of its own."""
    return " ".join(remove_addresses(value).split())


def context_for_alert(
    *,
    reference: str,
    codename: str,
    title: str,  # noqa: ARG001 - taken so that callers need not choose, and kept out of everything that is sent
    exercise: bool,
    duty_title: str,
    recipient_name: str,
    due_at: datetime | None,
    due_kind: str,
    says: str,
    started_at: datetime | None = None,
    provisional: bool,
    next_command: str,
    zone: str,
    language: str,
    now: datetime,
    level: int = 0,
    duty: str | None = None,
    outstanding: Sequence[str] = (),
) -> dict[str, Any]:
    """Put an alert into plain data. Alerts pass through other people's systems: no personal data, no address.

    *title* is a person's free text, therefore it is never shown; *recipient_name* should be an authority or an opaque
    merchant id, never a person's name. *duty* (``authority-initial`` ...) gives the title in the alert's
    language, else *duty_title* is shown. *due_kind* is ``statutory``, ``contractual``, ``set``, ``internal`` or empty.
    *outstanding* are the elements that an authority was not given yet (``people_number`` ...).
    *level* is how often the alert was passed on; a template sees which ``call`` this is, as people count.
    """
    place = ZoneInfo(zone)
    texts = {
        "reference": reference,
        "codename": codename,
        "duty_title": duty_title,
        "recipient": recipient_name,
        "says": says,
        "next_command": next_command,
    }
    return {
        **{name: _line(value) for name, value in texts.items()},
        "exercise": exercise,
        "duty_id": duty or "",
        "due_kind_id": due_kind,
        "statutory": due_kind == "statutory",
        "due": alert_moment(due_at, place, language) if due_at else "",
        "left": hours_and_minutes(due_at - now) if due_at else "",
        # At the due time itself it is not late yet: whoever files in that instant files in time.
        "late": due_at is not None and now > due_at,
        "started": alert_moment(started_at, place, language) if started_at else "",
        "provisional": provisional,
        # 0 for the first call, which is no repetition and is not counted in the text.
        "call": level + 1 if level else 0,
        "outstanding_ids": list(outstanding),
    }
