"""The terms an obligation was created under: the law's as they were then, kept as JSON with the obligation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final

from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, CONTROLLER, PEOPLE
from incidents.law.model import Cap, Citation, Start, Threshold
from incidents.law.periods import Counting, Period, PeriodKind
from incidents.law.reminder_ladder import ReminderSchedule

_SECOND: Final = timedelta(seconds=1)
NOT_LATER_THAN: Final = ", not later than "
"""In a rule, between the law's own words (*without undue delay*) and its figure."""


class DueKind(StrEnum):
    """Where a due time comes from."""

    STATUTORY = "statutory"
    CONTRACTUAL = "contractual"
    SET = "set"
    """The authority itself set it, for an answer it asked for."""
    INTERNAL = "internal"
    """The law says "without undue delay" and no figure; this is our own target."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The snapshot of law, contract or target that an obligation was created under; never changed afterwards."""

    regime: str
    duty: str
    title: str
    period: Period
    due_kind: DueKind
    ladder: ReminderSchedule
    citation: Citation
    late_needs_reasons: bool
    rule: str = ""
    """The rule in words, with its event: ``72 hours after awareness, and without undue delay``."""
    counting: Counting = Counting.REG_1182_71
    """By which rule the end is found; terms stored before there was a choice are all of the GDPR."""
    unverified: bool = False
    """Our reading of this law must still be compared with its text."""
    threshold: Threshold = Threshold.UNLESS_UNLIKELY
    """From when on a breach triggers the duty: what a decision on risk can lift, and what it cannot."""
    start: Start = Start.AWARE
    """The event that starts the clock."""
    start_detail: str | None = None
    """The law's own words for the event, where they are narrower."""
    cap: Cap | None = None
    """A second limit that ends the period earlier."""
    zone: str | None = None
    """Where its days end at midnight; ``None``: in the organisation's zone."""
    place: str | None = None
    """Whose working days count; ``None``: those of the authority we notify."""

    @property
    def id(self) -> str:
        """The duty, for what counts duties (computation.py)."""
        return self.duty

    @property
    def is_outer_limit(self) -> bool:
        """Whether the law wants it sooner than the figure: undue delay is possible before the due time."""
        # By the rule's own words: they are in the snapshot, and terms that were stored before anybody asked this answer
        # it, too.
        return NOT_LATER_THAN in self.rule

    @property
    def never_moved_for(self) -> tuple[str, ...]:
        """Terms are of one entity: what is never moved for it is settled in `counting`."""
        return ()

    def to_json(self) -> dict[str, Any]:
        """Give plain values for storage; durations in whole seconds. :meth:`from_json` loses nothing."""
        return {
            "regime": self.regime,
            "duty": self.duty,
            "title": self.title,
            "period": {"kind": self.period.kind.value, "value": self.period.value},
            "due_kind": self.due_kind.value,
            "ladder": {
                "warn_before": self.ladder.warn_before // _SECOND,
                "before": [step // _SECOND for step in self.ladder.before],
                "after": [step // _SECOND for step in self.ladder.after],
                "then_every": self.ladder.then_every // _SECOND,
            },
            "citation": {"article": self.citation.article, "text": self.citation.text, "url": self.citation.url},
            "late_needs_reasons": self.late_needs_reasons,
            "rule": self.rule,
            "counting": self.counting.value,
            "unverified": self.unverified,
            "threshold": self.threshold.value,
            "start": self.start.value,
            "start_detail": self.start_detail,
            "cap": _cap_to_json(self.cap),
            "zone": self.zone,
            "place": self.place,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Terms:
        """Read what :meth:`to_json` gave."""
        period, ladder = stored["period"], stored["ladder"]
        return cls(
            regime=stored["regime"],
            duty=stored["duty"],
            title=stored["title"],
            period=Period(kind=PeriodKind(period["kind"]), value=period["value"]),
            due_kind=DueKind(stored["due_kind"]),
            ladder=ReminderSchedule(
                warn_before=ladder["warn_before"] * _SECOND,
                before=tuple(step * _SECOND for step in ladder["before"]),
                after=tuple(step * _SECOND for step in ladder["after"]),
                then_every=ladder["then_every"] * _SECOND,
            ),
            # Keys that came later are read with `get` and the answer that was the only one before; a snapshot is never
            # rewritten.
            citation=Citation(**stored["citation"]),
            late_needs_reasons=stored["late_needs_reasons"],
            rule=stored["rule"],
            counting=Counting(stored.get("counting", Counting.REG_1182_71)),
            unverified=stored.get("unverified", False),
            # Terms that were stored before there was a choice are all of the GDPR, counted in our own zone.
            threshold=Threshold(stored.get("threshold", _THRESHOLDS.get(stored["duty"], Threshold.UNLESS_UNLIKELY))),
            start=Start(stored.get("start", _STARTS.get(stored["duty"], Start.AWARE))),
            start_detail=stored.get("start_detail"),
            cap=_cap_from_json(stored.get("cap")),
            zone=stored.get("zone"),
            place=stored.get("place"),
        )


# By duty, what the GDPR says of those whose terms were stored before the snapshot had thresholds and starts.
_THRESHOLDS: Final = {
    PEOPLE: Threshold.HIGH_RISK,
    CONTROLLER: Threshold.ANY_BREACH,
    AUTHORITY_FOLLOW_UP: Threshold.INFORMATION_OUTSTANDING,
}
_STARTS: Final = {AUTHORITY_FOLLOW_UP: Start.INITIAL_SUBMITTED}


def _cap_to_json(cap: Cap | None) -> dict[str, Any] | None:
    return None if cap is None else {"start": cap.start.value, "hours": cap.period.value, "citation": cap.citation}


def _cap_from_json(stored: Mapping[str, Any] | None) -> Cap | None:
    if stored is None:
        return None
    period = Period(kind=PeriodKind.HOURS, value=stored["hours"])
    return Cap(start=Start(stored["start"]), period=period, citation=stored["citation"])
