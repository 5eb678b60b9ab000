"""The heartbeat: every open obligation, what is owed now? A plain function; Prefect has no part in it (decision 3).

One beat:

1. Alarm people where the clock jumped; take back what a clock that was ahead had noted. Record every reminder and move
   that came due (one transaction per batch; unique keys), and decided cases that stay open with nothing owed.
2. Pass on every alert that nobody acknowledged in time.
3. Write the messages of the alerts that wait to be told: those of a case together, to who is next on the list, one
   through each of their channels.
4. Send what is due: lease, attempt, send, answer.
5. Record that the heartbeat ran.

Killed anywhere, the next beat goes on where the rows say.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from flows import liveness
from flows.workflows import alert_texts
from incidents.casework.deadlines import alerts, clock_alarm, open_cases, sweep
from incidents.casework.deadlines.telling import (
    AlertMessage,
    UntoldAlert,
    untold_alerts,
    write_alert_messages,
    write_ends,
)
from notifications.delivery.model import ALERTS, MAIL, DeliveryResult, ways_to

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.bootstrap import App

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class HeartbeatResult:
    """What one beat did."""

    noticed: int
    """Obligations for which a reminder or a move came due."""
    escalated: int
    messages: int
    """Messages written."""
    delivered: DeliveryResult


def run_heartbeat(app: App) -> HeartbeatResult:
    """Record, pass on, word and send whatever time alone brought due; safe beside a second heartbeat."""
    # The time is read within each transaction, once its lock was won: a beat that waited for another one must not go on
    # by a time that has passed.
    now = _look_at_clock(app)
    # In this order, so that what comes due goes out in the same beat.
    noticed = sweep.sweep_by(app.use_cases, app.now_within)
    open_cases.remind_of_open_cases(app.use_cases, app.now_within)
    escalated = alerts.escalate_by(app.use_cases, app.now_within)
    messages = report(app, now) + report_ends(app, now)
    # Alerts only: thousands of letters in the same call would hold up the next page for minutes.
    delivered = app.outbox.deliver(ALERTS)
    # Last, and only where nothing raised: a heartbeat that fails each second must look stopped to whoever watches it.
    # The time is that of the beat's begin, and so is the mark: a jump in between shows at the next beat.
    liveness.record_beat(app.store, liveness.HEARTBEAT, now, app.uptime())
    return HeartbeatResult(noticed=noticed, escalated=escalated, messages=messages, delivered=delivered)


def _look_at_clock(app: App) -> datetime:
    """Read the time, and alarm people where it does not follow from the last beat."""
    uptime = app.uptime()
    with app.store.read() as session:
        beat, now = liveness.beat_row(session, liveness.HEARTBEAT), app.now_within(session)
    jump = clock_alarm.jump_since(beat, now, uptime)
    if beat is not None and jump:
        log.error("the clock jumped by %s since the last beat", jump)
        with app.store.write() as session:
            clock_alarm.alarm_of_jump(session, app.use_cases, beat, now, jump)
    return now


def report(app: App, now: datetime) -> int:
    """Write the messages of every alert that waits to be told, case by case; give how many."""
    total = 0
    while True:
        with app.store.write() as session:
            untold = untold_alerts(session)
            if not untold:
                return total
            for place, groups in alert_texts.grouped(app, untold).items():
                total += sum(_write_messages(app, session, place, group, now) for group in groups)


def report_ends(app: App, now: datetime) -> int:
    """Tell pagers that keep alerts open what was acknowledged and what has ended; give how many messages."""
    keeping = [name for name in app.channels.pagers if app.channels.keeps_open(name)]
    if not keeping:
        return 0
    with app.store.write() as session:
        return write_ends(session, keeping, now)


def _write_messages(app: App, session: Session, place: int, group: Sequence[UntoldAlert], now: datetime) -> int:
    person = app.book.on_call[place]
    words = alert_texts.in_words(app, session, group, now)
    messages = [
        AlertMessage(
            channel=channel,
            kind=alert_texts.kind_of(group),
            language=words.language,
            recipient=f"on-call:{place}",
            subject=words.subject,
            text=words.text,
            # A chat or SMS shows tags as text.
            html=words.html if channel == MAIL else None,
        )
        for channel in ways_to(person.channels)
    ]
    is_kept = any(app.channels.keeps_open(channel) for channel in person.channels)
    return write_alert_messages(session, group, messages, now, is_kept=is_kept)
