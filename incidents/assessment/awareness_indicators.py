"""Signs that awareness may already have begun, each with the rule it comes from, put to a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from incidents.facts.breach import Facts

SHORT_INVESTIGATION: Final = timedelta(hours=24)
"""The guidelines name no figure; their example of a bank statement ends its inquiry within 24 hours (Annex VII.B)."""

INVESTIGATION: Final = "investigation"
PROCESSOR_NOTICE: Final = "processor_notice"


@dataclass(frozen=True, kw_only=True)
class IndicatorRule:
    """What an event of a kind means for awareness."""

    id: str
    """The rule of the checklist: A2 to A5."""
    says: str
    source: str


RULES: Final[dict[str, IndicatorRule]] = {
    "third_party_proof": IndicatorRule(
        id="A3",
        says="somebody outside sent proof that data were disclosed: aware on receipt",
        source="EDPB Guidelines 9/2022 para 31 ff.",
    ),
    "loss_noticed": IndicatorRule(
        id="A3",
        says="the loss of an unencrypted medium was noticed: aware when the loss is realised",
        source="EDPB Guidelines 9/2022 para 31 ff.",
    ),
    "ransom_demand": IndicatorRule(
        id="A3",
        says="a ransom was demanded: aware when the attack is confirmed",
        source="EDPB Guidelines 9/2022 para 31 ff.",
    ),
    PROCESSOR_NOTICE: IndicatorRule(
        id="A4",
        says="a processor or other third party told us of a breach: aware once it has informed us",
        source="EDPB Guidelines 9/2022 para 44; DPC (IE) IN-19-1-1",
    ),
    "staff_knowledge": IndicatorRule(
        id="A5",
        says="a member of our staff knew: the knowledge of staff counts, whoever learned of it later",
        source="DPC (IE) IN-19-9-3; AZOP (HR) 2024-09-13",
    ),
    "second_report": IndicatorRule(
        id="A5",
        says="a second report of the same kind came in: it fixed awareness",
        source="AP (NL) Booking.com, 2020-12-10",
    ),
    INVESTIGATION: IndicatorRule(
        id="A2",
        says="the investigation is no longer short; only a short one delays awareness",
        source="EDPB Guidelines 9/2022 para 31 ff.; Annex VII.B",
    ),
}
"""Kinds of timeline entry that bear on awareness."""


class TimelineEvent(Protocol):
    """A line of the timeline, as a row or as a part of a picture."""

    @property
    def kind(self) -> str:
        """What kind of line it is."""

    @property
    def at(self) -> datetime:
        """When it happened."""


@dataclass(frozen=True, kw_only=True)
class RecordedEvent:
    """One entry of the timeline, or one recorded fact, as far as it bears on awareness."""

    kind: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class AwarenessIndicator:
    """An event from which awareness may be counted, with its rule."""

    at: datetime
    kind: str
    rule: IndicatorRule

    @property
    def words(self) -> str:
        """One line for a person, without the time (which is shown in the reader's zone)."""
        return f"{self.rule.says} [{self.rule.id}; {self.rule.source}]"


def _from_facts(facts: Facts | None) -> tuple[RecordedEvent, ...]:
    """What the facts say of the chain by which we came to know: the notice of a processor or third party counts."""
    party = facts.source_party if facts else None
    notified_at = party.told_us_at if party else None
    return (RecordedEvent(kind=PROCESSOR_NOTICE, at=notified_at),) if notified_at else ()


def on_record(lines: Iterable[TimelineEvent], facts: Facts | None) -> tuple[RecordedEvent, ...]:
    """What a case has on record that may bear on awareness: the lines of its timeline, and what its facts say."""
    return (*(RecordedEvent(kind=line.kind, at=line.at) for line in lines), *_from_facts(facts))


def indicators(
    happened: Iterable[RecordedEvent], aware_at: datetime | None, now: datetime
) -> tuple[AwarenessIndicator, ...]:
    """List, in time order, what suggests that awareness began before it was stated (or although it never was).

    1. An event with a rule of its own counts from when it happened.
    2. An investigation counts from the moment at which it stopped being short.
    3. What lies at or after the stated awareness suggests nothing.
    4. What stands on the timeline and in the facts alike is said once.
    """
    # A set: the notice of a processor may stand on the timeline and in the facts with the same time.
    all_indicators = {
        AwarenessIndicator(at=_counted_from(event), kind=event.kind, rule=RULES[event.kind])
        for event in happened
        if event.kind in RULES
    }
    until = aware_at if aware_at is not None else now
    # Strictly before: an event at the very moment that was stated is the reason for it and speaks against nothing.
    earlier = [indicator for indicator in all_indicators if indicator.at < until]
    return tuple(sorted(earlier, key=lambda indicator: (indicator.at, indicator.kind)))


def _counted_from(event: RecordedEvent) -> datetime:
    # While it is short, an investigation delays awareness (9/2022 para 31 ff.); only its end as a short one is a sign.
    return event.at + SHORT_INVESTIGATION if event.kind == INVESTIGATION else event.at
