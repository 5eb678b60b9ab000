"""Signs that awareness may have begun earlier: each rule, its edges, and that nothing is inferred beyond them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from incidents.assessment.awareness_indicators import (
    INVESTIGATION,
    RULES,
    SHORT_INVESTIGATION,
    RecordedEvent,
    indicators,
)
from incidents.casework.case.timeline import TIMELINE_KINDS

NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)


@pytest.mark.parametrize("kind", [kind for kind in RULES if kind != INVESTIGATION])
def test_an_event_with_a_rule_counts_from_when_it_happened(kind: str) -> None:
    (sign,) = indicators([RecordedEvent(kind=kind, at=NOW - HOUR)], None, NOW)
    assert sign.at == NOW - HOUR
    assert sign.rule.source in sign.words


@pytest.mark.parametrize(
    ("since", "expected"),
    [(SHORT_INVESTIGATION, 0), (SHORT_INVESTIGATION + INSTANT, 1), (SHORT_INVESTIGATION - INSTANT, 0)],
)
def test_an_investigation_counts_only_once_it_is_no_longer_short(since: timedelta, expected: int) -> None:
    assert len(indicators([RecordedEvent(kind=INVESTIGATION, at=NOW - since)], None, NOW)) == expected


@pytest.mark.parametrize(("offset", "expected"), [(-INSTANT, 1), (timedelta(), 0), (INSTANT, 0)])
def test_only_what_lies_before_the_stated_awareness_speaks_against_it(offset: timedelta, expected: int) -> None:
    aware_at = NOW - HOUR
    assert len(indicators([RecordedEvent(kind="staff_knowledge", at=aware_at + offset)], aware_at, NOW)) == expected


def test_an_ordinary_note_is_no_sign() -> None:
    assert (
        indicators(
            [RecordedEvent(kind="note", at=NOW - HOUR), RecordedEvent(kind="signal", at=NOW - 2 * HOUR)], None, NOW
        )
        == ()
    )


def test_signs_come_in_the_order_of_time() -> None:
    happened = [
        RecordedEvent(kind="ransom_demand", at=NOW - HOUR),
        RecordedEvent(kind="third_party_proof", at=NOW - 3 * HOUR),
    ]
    assert [sign.kind for sign in indicators(happened, None, NOW)] == ["third_party_proof", "ransom_demand"]


def test_every_kind_that_bears_on_awareness_can_be_logged() -> None:
    assert set(RULES) <= set(TIMELINE_KINDS)
