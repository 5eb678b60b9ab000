"""An alert in plain data: what a page, reminder or escalation is made from.

Alerts pass through other people's systems, so nothing personal gets in here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from notifications.language.formatting import alert_moment, hours_and_minutes
from notifications.redaction import remove_addresses


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
    url: str,
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
        "url": url,
    }
    return {
        # Every value is one line: a line break in a recipient's name could begin a line of its own in the alert.
        **{name: " ".join(remove_addresses(value).split()) for name, value in texts.items()},
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
