"""The heartbeat: every open obligation, what is owed now? A plain function; Prefect has no part in it (decision 3).

One beat:

1. Record every reminder and move that came due (one transaction per batch; unique keys).
2. Pass on every alert that nobody acknowledged in time.
3. Write the messages of each alert that waits to be told: who is next on the list, through each of their channels.
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
from incidents.casework.base.find import number
from incidents.casework.deadlines import alerts, clock_alarm, sweep
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines.telling import AlertMessage, UntoldAlert, untold_alerts, write_alert_messages
from incidents.casework.filing import consequences
from incidents.obligations.recipients import RecipientKind
from notifications.delivery.model import ALERTS, MAIL, DeliveryResult
from notifications.letters.compose import ComposedText
from notifications.letters.context.alert import context_for_alert

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.bootstrap import App
    from incidents.storage.tables.case import Incident
    from incidents.storage.tables.obligations import Alert, Obligation
    from notifications.delivery.address_book import OnCallPerson

log = logging.getLogger(__name__)

_AT_ONCE = 200
ESCALATION = "escalation"


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
    escalated = alerts.escalate_by(app.use_cases, app.now_within)
    messages = report(app, now)
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
    """Write the messages of every alert that waits to be told; give how many."""
    total = 0
    while True:
        with app.store.write() as session:
            waiting = untold_alerts(session, most=_AT_ONCE)
            for untold in waiting:
                total += _write_messages(app, session, untold, now)
        # Fewer than asked for: those that are left, another heartbeat is telling.
        if len(waiting) < _AT_ONCE:
            return total


def _write_messages(app: App, session: Session, untold: UntoldAlert, now: datetime) -> int:
    alert, incident = untold.alert, untold.incident
    # Past the end of the list its last person is called again and again: no answer is no reason to be silent.
    place, person = app.book.person_at(alert.level)
    # The second person did not hear the first call: their text says that somebody before them did not answer.
    kind = ESCALATION if alert.level else alert.kind
    row = untold.obligation or _first_obligation(session, incident)
    open_elements = [element.element for element in consequences.missing_elements(session, row)] if row else []
    words = _words(app, kind, alert, incident, row, open_elements, now)
    messages = [
        AlertMessage(
            channel=channel,
            kind=kind,
            language=words.language,
            recipient=f"on-call:{place}",
            subject=words.subject,
            text=words.text,
            # A chat or SMS shows tags as text.
            html=words.html if channel == MAIL else None,
        )
        for channel in _ways(person)
    ]
    return write_alert_messages(session, untold, messages, now)


def _ways(person: OnCallPerson) -> tuple[str, ...]:
    """By each channel of theirs, and by mail: one way alone may fail."""
    # `dict.fromkeys` and not `set`: the order that the person chose stays, and mail named among them comes once.
    return tuple(dict.fromkeys((*person.channels, MAIL)))


def _language(app: App) -> str:
    # Our own people are told in the organisation's first language; the fallback to English is the composer's.
    return app.organisation.languages[0]


def _words(
    app: App,
    kind: str,
    alert: Alert,
    incident: Incident,
    row: Obligation | None,
    outstanding: Sequence[str],
    now: datetime,
) -> ComposedText:
    """Word an alert; one that cannot be worded is told all the same: it must not hold up itself and all others."""
    if row is not None:
        try:
            return app.wording.letter(kind, _language(app), _context(app, alert, incident, row, outstanding, now))
        except Exception as error:  # noqa: BLE001 - a template, a row, a locale: whatever it was, somebody must wake up
            log.error("an alert of %s is told in plain words (%s)", incident.reference, type(error).__name__)  # noqa: TRY400 - its text may quote a row
    stamp = "EXERCISE " if incident.exercise else ""
    subject = f"{stamp}{incident.reference} {incident.codename}: {alert.says.replace('-', ' ')}"
    text = f"{subject}\n\ntocsin show {incident.reference}\ntocsin ack {incident.reference}\n"
    return ComposedText(
        kind=kind, language="en", asked_language=_language(app), subject=subject, text=text, html=None, fell_back=True
    )


def _context(
    app: App, alert: Alert, incident: Incident, row: Obligation, outstanding: Sequence[str], now: datetime
) -> dict[str, object]:
    reference = incident.reference
    terms = obligation_rows.terms_of(row)
    return context_for_alert(
        reference=reference,
        codename=incident.codename,
        title=incident.title,
        exercise=incident.exercise,
        duty_title=terms.title,
        duty=terms.duty,
        recipient_name=_named(row),
        due_at=row.due_at,
        due_kind=terms.due_kind.value,
        says=alert.says,
        started_at=row.started_at,
        provisional=row.provisional,
        # The alert of a single duty is acknowledged by its key, so that the answer to one does not silence the others.
        next_command=f"tocsin ack {reference}" + (f" {row.key}" if alert.obligation_id else ""),
        url=f"{app.organisation.public_url}/incidents/{reference}",
        zone=app.organisation.zone,
        language=_language(app),
        now=now,
        level=alert.level,
        outstanding=outstanding,
    )


def _named(row: Obligation) -> str:
    """To whom it is owed, for a pager: an authority by its name, a merchant by its id (a name may be a person's)."""
    # A pager is somebody else's service, and a sole trader's shop is named after its owner.
    return row.recipient_id if row.recipient_kind == RecipientKind.MERCHANT.value else row.recipient_name


def _first_obligation(session: Session, incident: Incident) -> Obligation | None:
    """What is due first in a case: what its first page counts down to; nothing where nothing is owed."""
    rows = obligation_rows.obligations_in(session, number(incident.id))
    # False sorts before true: what is settled comes only where nothing else is left.
    return min(rows, key=lambda row: (obligation_rows.is_settled(row), row.due_at), default=None)
