"""What happened in a case, as the events that start clocks.

An event that only a later judgement brings (a determination) stands at awareness until it is recorded: the earlier
reading, safe everywhere, and named as an assumption wherever a clock is explained.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlmodel import Session, col, select

from incidents.casework.base.find import number
from incidents.deadlines.computation import Events
from incidents.law.duty_ids import AUTHORITY_INITIAL, AUTHORITY_INTERMEDIATE
from incidents.law.model import Start
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.obligations import Obligation

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

# What only a later judgement brings. Detection would be earlier still, but nothing can be determined or classified
# before somebody is aware.
_AT_AWARENESS: Final = (
    Start.DETERMINED, Start.ASSESSED, Start.CLASSIFIED, Start.MATERIALITY_DETERMINED, Start.SUBJECTS_IDENTIFIED,
)  # fmt: skip

FILED_AS: Final[dict[str, tuple[Start, ...]]] = {
    # A statement that is being filed has been prepared, at the latest now (s 26WL Privacy Act 1988, Australia, counts
    # from its completion); a person may record the earlier moment.
    AUTHORITY_INITIAL: (Start.INITIAL_SUBMITTED, Start.AUTHORITY_NOTIFIED, Start.STATEMENT_PREPARED),
    AUTHORITY_INTERMEDIATE: (Start.INTERMEDIATE_SUBMITTED,),
}
"""Which events the filing of a duty is, by the duty's id."""


@dataclass(frozen=True, kw_only=True)
class FilingEvent:
    """One filing, as the event it is for the clocks of its law."""

    regime: str
    authority: str
    event: Start
    at: datetime


@dataclass(frozen=True, kw_only=True)
class CaseEvents:
    """Every event of one case, read once: a case may owe notices to thousands of merchants."""

    of_the_case: Mapping[Start, datetime]
    """The case's own times, and the people told: for the clocks of every law."""
    filings: tuple[FilingEvent, ...]
    """What filings brought about, the latest first, so that the earliest stays."""
    on_the_timeline: Mapping[Start, datetime]
    """What a person recorded; it wins over everything else."""
    stand_ins: Mapping[Start, Start]
    """Events of the case that nobody recorded, each with the event whose time stands for it."""

    @property
    def assumed(self) -> Mapping[Start, Start]:
        """What is only assumed: each event that is not on record, with the one whose time stands for it."""
        return {start: other for start, other in self.stand_ins.items() if start not in self.on_the_timeline}

    def under(self, laws: Collection[str], recipient: Recipient) -> Events:
        """Give every event that may start a clock of these laws.

        Args:
            laws: filings count for the clocks of their own law only, or of one whose duty it replaced.
            recipient: whose clock asks. An authority's counts from the filing with that authority alone; everybody
                else's from the first filing under the law.

        """
        filed = {
            filing.event: filing.at for filing in self.filings if filing.regime in laws and _concerns(filing, recipient)
        }
        # The later part wins: a filing's time over what is assumed, and what a person recorded over both.
        return {**self.of_the_case, **filed, **self.on_the_timeline}


def event_book(session: Session, incident: Incident, rows: Iterable[Obligation]) -> CaseEvents:
    """Read the events of a case; *rows* are its obligations. Before awareness is stated, detection stands in for it."""
    # The provisional clock is the worst case: the organisation might have been aware as soon as something was seen.
    aware_at = incident.aware_at or incident.detected_at
    own = {
        Start.DETECTED: incident.detected_at,
        Start.SUSPECTED: incident.detected_at,
        Start.OCCURRED: incident.occurred_at or incident.detected_at,
        Start.AWARE: aware_at,
        **dict.fromkeys(_AT_AWARENESS, aware_at),
    }
    # By the time alone: rows cannot be compared, and two duties may be met in the same instant.
    met = sorted(((row.met_at, row) for row in rows if row.met_at), key=lambda pair: pair[0], reverse=True)
    filings = [
        FilingEvent(regime=row.regime, authority=row.recipient_id, event=event, at=met_at)
        for met_at, row in met
        for event in FILED_AS.get(row.duty, ())
    ]
    letters_settled = [met_at for met_at, row in met if row.recipient_kind == RecipientKind.PEOPLE.value]
    # The earliest: what counts from the people's being told must not wait for the last of several laws.
    own |= {Start.INDIVIDUALS_NOTIFIED: letters_settled[-1]} if letters_settled else {}
    return CaseEvents(
        of_the_case=own,
        filings=tuple(filings),
        on_the_timeline=_on_the_timeline(session, incident),
        stand_ins=_stand_ins(incident),
    )


def _stand_ins(incident: Incident) -> dict[Start, Start]:
    """Which of the case's own events stand at the time of another, as they are not on record."""
    at_detection = {Start.SUSPECTED: True, Start.OCCURRED: incident.occurred_at is None}
    at_detection[Start.AWARE] = incident.aware_at is None
    return {
        **dict.fromkeys(_AT_AWARENESS, Start.AWARE),
        **{event: Start.DETECTED for event, stands_in in at_detection.items() if stands_in},
    }


def _concerns(filed: FilingEvent, recipient: Recipient) -> bool:
    """Whether a filing is of the authority whose clock asks: of several, each has clocks of its own."""
    return recipient.kind is not RecipientKind.AUTHORITY or filed.authority == recipient.id


def _on_the_timeline(session: Session, incident: Incident) -> dict[Start, datetime]:
    lines = session.exec(
        select(TimelineEntry.kind, TimelineEntry.at)
        .where(
            TimelineEntry.incident_id == number(incident.id),
            col(TimelineEntry.kind).in_(RECORDED),
        )
        # In order of recording and not of the stated times: of several lines the last one said corrects those before.
        .order_by(col(TimelineEntry.id))
    ).all()
    return {RECORDED[kind]: at for kind, at in lines}
