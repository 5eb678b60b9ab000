"""What happened in a case, as the events that start clocks.

Knows where each event is on record: the case's own times, its timeline, its filings; refuses to count anything. An
event that only a later judgement brings (a classification, a determination) stands at awareness until it is recorded:
the earlier reading, safe everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from incidents.casework.desk import number
from incidents.law import Start
from incidents.parties import Recipient, RecipientKind
from incidents.tables import Incident, Obligation, TimelineEntry

RECORDED: Final[dict[str, Start]] = {
    # "assessed" alone is every assessment of ours; this is the one that found a duty to notify.
    "assessed_notifiable": Start.ASSESSED,
    **{
        event.value: event
        for event in (
            Start.SUSPECTED, Start.DETERMINED, Start.CLASSIFIED, Start.MATERIALITY_DETERMINED, Start.PAYMENT,
            Start.SUBJECTS_IDENTIFIED, Start.STATEMENT_PREPARED, Start.CORRECTIVE_MEASURE_AVAILABLE,
            Start.INCIDENT_HANDLED,
        )
    },
}  # fmt: skip
"""Events that a person records as a line of the timeline of this kind; of several lines the newest counts."""

_AT_AWARENESS: Final = (
    Start.DETERMINED, Start.ASSESSED, Start.CLASSIFIED, Start.MATERIALITY_DETERMINED, Start.SUBJECTS_IDENTIFIED,
)  # fmt: skip

FILED_AS: Final[dict[str, tuple[Start, ...]]] = {
    "authority-initial": (Start.INITIAL_SUBMITTED, Start.AUTHORITY_NOTIFIED, Start.STATEMENT_PREPARED),
    "authority-intermediate": (Start.INTERMEDIATE_SUBMITTED,),
}
"""Which events the filing of a duty is, by the duty's id."""


def known_events(
    session: Session,
    incident: Incident,
    laws: Collection[str],
    rows: Iterable[Obligation],
    *,
    aware_at: datetime,
    recipient: Recipient | None = None,
) -> dict[Start, datetime]:
    """Give every event on record that may start a clock of these laws; later sources win over earlier ones.

    Args:
        session: the open session.
        incident: whose events.
        laws: filings count for the clocks of their own law only, or of one whose duty it replaced.
        rows: the obligations of the case.
        aware_at: the stated awareness, or detection while the clocks are provisional.
        recipient: whose clock asks. An authority's counts from the filing with that authority alone; everybody else's
            from the first filing under the law.

    """
    found = {
        Start.DETECTED: incident.detected_at,
        Start.SUSPECTED: incident.detected_at,
        Start.OCCURRED: incident.occurred_at or incident.detected_at,
        Start.AWARE: aware_at,
        **dict.fromkeys(_AT_AWARENESS, aware_at),
    }
    # The latest first, so that the earliest stays.
    for met_at, row in sorted(
        ((row.met_at, row) for row in rows if row.met_at), key=lambda each: each[0], reverse=True
    ):
        if row.recipient_kind == RecipientKind.PEOPLE.value:
            found[Start.INDIVIDUALS_NOTIFIED] = met_at
        if row.regime in laws and _concerns(row, recipient):
            found |= dict.fromkeys(FILED_AS.get(row.duty, ()), met_at)
    return found | _on_the_timeline(session, incident)


def _concerns(row: Obligation, recipient: Recipient | None) -> bool:
    """Whether a filing is of the authority whose clock asks: of several, each has clocks of its own."""
    if recipient is None or recipient.kind is not RecipientKind.AUTHORITY:
        return True
    return row.recipient_id == recipient.id


def _on_the_timeline(session: Session, incident: Incident) -> dict[Start, datetime]:
    lines = session.exec(
        select(TimelineEntry.kind, TimelineEntry.at)
        .where(
            TimelineEntry.incident_id == number(incident.id),
            col(TimelineEntry.kind).in_(RECORDED),
        )
        .order_by(col(TimelineEntry.id))
    ).all()
    return {RECORDED[kind]: at for kind, at in lines}
