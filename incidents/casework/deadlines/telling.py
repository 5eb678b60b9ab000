"""Alerts that wait to be told, and the messages that tell them; how they are worded and sent is not known here."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.audit.chain import lock_chain
from incidents.case.message_machine import START
from incidents.casework.base.find import number
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import Message
from incidents.storage.tables.obligations import Alert, Obligation


@dataclass(frozen=True, kw_only=True)
class UntoldAlert:
    """An alert with what it tells of; no obligation where it is the first page of a case."""

    alert: Alert
    incident: Incident
    obligation: Obligation | None


@dataclass(frozen=True, kw_only=True)
class AlertMessage:
    """One alert in words, for one channel."""

    channel: str
    kind: str
    language: str
    recipient: str
    """A place on the on-call list and no address: it is opened when the message leaves, by the list as it is then."""
    subject: str
    text: str
    html: str | None


def untold_alerts(session: Session, *, most: int) -> Sequence[UntoldAlert]:
    """Read the alerts that wait to be told, and lock them; those that another process is telling are left to it."""
    lock_chain(session)  # before any row, as in every writer of the chain
    rows = session.exec(
        select(Alert, Incident, Obligation)
        .join(Incident, col(Incident.id) == col(Alert.incident_id))
        .join(Obligation, col(Obligation.id) == col(Alert.obligation_id), isouter=True)
        # Whatever the time says that it waits for: telling is due as soon as it is asked for.
        .where(col(Alert.tell_at).is_not(None))
        .order_by(col(Alert.tell_at))
        .limit(most)
        # `of=Alert`: PostgreSQL cannot lock the side of an outer join that may be missing.
        .with_for_update(skip_locked=True, of=Alert)
    ).all()
    return [UntoldAlert(alert=alert, incident=incident, obligation=row) for alert, incident, row in rows]


def write_alert_messages(
    session: Session, untold: UntoldAlert, messages: Collection[AlertMessage], now: datetime
) -> int:
    """Write the messages of one alert, each once for each level of escalation; give how many were written."""
    alert, incident = untold.alert, untold.incident
    # Reminder, level and channel make the message: unique in the database, so that two heartbeats cannot tell it twice.
    keyed = {f"{alert.key}/L{alert.level}/{message.channel}": message for message in messages}
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
    # In the transaction that holds the messages: an alert never counts as told without them.
    alert.tell_at = None
    return len(keyed) - len(written)
