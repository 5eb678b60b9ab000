"""Alerts that wait to be told, and the messages that tell them; how they are worded and sent is not known here.

Each alert is a row of its own. Told are those of one case together, to one person in one message for each channel: a
case with three hundred merchants rings once and not nine hundred times.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.audit import chain
from incidents.case.message_machine import START
from incidents.casework.base.find import number
from incidents.casework.deadlines.alerts import ACKNOWLEDGE, RESOLVE
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Obligation

_THREADS_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class UntoldAlert:
    """An alert with what it tells of; no obligation where it is of the case itself."""

    alert: Alert
    incident: Incident
    obligation: Obligation | None


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """Alerts in words, for one channel."""

    channel: str
    kind: str
    language: str
    recipient: str
    """A place on the on-call list and no address: it is opened when the message leaves, by the list as it is then."""
    subject: str
    text: str
    html: str | None


def untold_alerts(session: Session) -> Sequence[UntoldAlert]:
    """Read all alerts that wait to be told of the case whose alert waits longest; none where nothing waits."""
    # The chain's lock, as every writer has it: two heartbeats that each told a part would tell one person twice.
    chain.lock_chain(session)
    first = session.exec(
        # Whatever the time says that it waits for: telling is due as soon as it is asked for.
        select(Alert.incident_id).where(col(Alert.tell_at).is_not(None)).order_by(col(Alert.tell_at)).limit(1)
    ).first()
    if first is None:
        return []
    rows = session.exec(
        select(Alert, Incident, Obligation)
        .join(Incident, col(Incident.id) == col(Alert.incident_id))
        .join(Obligation, col(Obligation.id) == col(Alert.obligation_id), isouter=True)
        .where(Alert.incident_id == first, col(Alert.tell_at).is_not(None))
        .order_by(col(Alert.id))
    ).all()
    return [UntoldAlert(alert=alert, incident=incident, obligation=row) for alert, incident, row in rows]


def write_alert_messages(
    session: Session,
    untold: Sequence[UntoldAlert],
    messages: Collection[AlertMessage],
    now: datetime,
    *,
    is_kept: bool = False,
) -> int:
    """Write the messages that tell of *untold* together, the most urgent first; give how many were written.

    *is_kept* says that one of the channels keeps an alert open until it hears of its end.
    """
    lead, incident = untold[0].alert, untold[0].incident
    # Reminder, level and channel make the message: unique in the database, so that two heartbeats cannot tell it twice.
    # An alert is told once at each level, so the first of those told together can lend its name.
    keyed = {f"{lead.key}/L{lead.level}/{message.channel}": message for message in messages}
    written = set(session.exec(select(Message.key).where(col(Message.key).in_(keyed))))
    session.add_all(
        Message(
            key=key,
            incident_id=number(incident.id),
            kind=message.kind,
            channel=message.channel,
            language=message.language,
            recipient=message.recipient,
            subject=message.subject,
            text=message.text,
            html=message.html,
            exercise=incident.exercise,
            state=START,
            next_try_at=now,
            created_at=now,
        )
        for key, message in keyed.items()
        if key not in written
    )
    for untold_alert in untold:
        # In the transaction that holds the messages: an alert never counts as told without them.
        untold_alert.alert.tell_at = None
        if is_kept:
            # As it was called when it was first told: passed on, it stays the same one.
            untold_alert.alert.thread = untold_alert.alert.thread or lead.thread or lead.key
    return len(keyed) - len(written)


def write_ends(session: Session, channels: Collection[str], now: datetime) -> int:
    """Tell the pagers that keep alerts open which were acknowledged or have ended; give how many messages.

    An alert there stands for all that were told in it: it is acknowledged once none of them rings, and has ended once
    all have. *channels* are the names of such pagers.
    """
    chain.lock_chain(session)
    asked = select(Alert.thread).where(col(Alert.thread_event).is_not(None)).distinct().limit(_THREADS_AT_ONCE)
    total = 0
    for thread in session.exec(asked).all():
        alerts = session.exec(select(Alert).where(Alert.thread == thread).order_by(col(Alert.id))).all()
        answered = any(alert.thread_event == ACKNOWLEDGE for alert in alerts)
        for alert in alerts:
            alert.thread = None if alert.thread_event == RESOLVE else thread
            alert.thread_event = None
        left = [alert for alert in alerts if alert.thread is not None]
        if not left:
            total += _write_end(session, alerts[0], str(thread), "ended", channels, now)
        elif answered and all(alert.escalate_at is None for alert in left):
            total += _write_end(session, alerts[0], str(thread), "acknowledged", channels, now)
    return total


def _write_end(session: Session, alert: Alert, thread: str, kind: str, channels: Collection[str], now: datetime) -> int:
    incident = session.get_one(Incident, alert.incident_id)
    # Where it was told, and nowhere else: each name is that of a service's own.
    sent = select(Message.key).where(
        Message.incident_id == alert.incident_id, col(Message.channel).in_(channels), col(Message.draft_id).is_(None)
    )
    told = {key.rsplit("/", 1)[1] for key in session.exec(sent)}
    keyed = {f"{thread}/{kind}/{channel}": channel for channel in sorted(told)}
    there = set(session.exec(select(Message.key).where(col(Message.key).in_(keyed))))
    session.add_all(
        Message(
            key=key,
            incident_id=alert.incident_id,
            kind=kind,
            channel=channel,
            language="en",
            recipient="on-call:0",
            subject=f"{incident.reference} {incident.codename}: {kind}",
            text=f"{incident.reference} {incident.codename}: {kind}\n",
            exercise=incident.exercise,
            state=START,
            next_try_at=now,
            created_at=now,
        )
        for key, channel in keyed.items()
        if key not in there
    )
    return len(keyed) - len(there)
