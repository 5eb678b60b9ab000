"""Whether a notification would be complete: each thing that keeps it open, and that nothing else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from incidents.case.completeness import NotificationRecord, still_open
from incidents.facts.breach import Facts

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
INSTANT = timedelta(microseconds=1)
SET: dict[str, Any] = {
    "name": "merchant accounts",
    "role": "controller",
    "subjects": ["merchants"],
    "kinds": ["email"],
    "people": 12,
    "records": 12,
    "countries": ["DE"],
    "breach": ["confidentiality", "integrity", "availability"],
    "protection": {"encryption": "none"},
    "exfiltration": "possible",
    "published": "no",
    "alteration": "restored",
    "backup": "full_fast",
    "effect": "none",
}
KNOWN: dict[str, Any] = {
    "summary": "An intruder changed and removed records.",
    "occurred_from": NOW - timedelta(days=2),
    "occurred_to": NOW - timedelta(days=1),
    "ongoing": "no",
    "discovery": "own_detection",
    "cause": {"nature": "hacking", "actor": "external", "malicious": "yes"},
    "systems": ["accounts"],
    "cross_border": "no",
    "data_sets": [SET],
    "likely_consequences": ["phishing"],
    "measures_taken": ["access_closed"],
    "measures_proposed": ["staff_trained"],
}


def record(in_set: dict[str, Any] | None = None, **changes: Any) -> NotificationRecord:
    return NotificationRecord(
        facts=Facts.model_validate({**KNOWN, **changes, "data_sets": [{**SET, **(in_set or {})}]}),
        occurred_at=None, contained_at=None, aware_at=NOW, is_judged=True, is_settled=True, has_lead=True,
    )  # fmt: skip


def test_a_record_that_answers_everything_leaves_nothing_open():
    assert still_open(record(), NOW) == ()


@pytest.mark.parametrize(
    ("changes", "open_"),
    [
        ({"occurred_from": None}, "occurred"),
        ({"ongoing": "yes"}, "ended"),
        ({"ongoing": "unknown", "occurred_to": None}, "ended"),
        ({"ongoing": "no", "occurred_to": None}, "ended"),
        ({"discovery": "unknown"}, "discovery"),
        ({"cause": {"nature": "unknown", "actor": "none"}}, "cause"),
        ({"cause": {"nature": "hacking", "actor": "external"}}, "intent"),
        ({"systems": []}, "systems"),
        ({"cross_border": "unknown"}, "cross_border"),
        ({"likely_consequences": []}, "consequences"),
        ({"measures_proposed": []}, "measures_proposed"),
    ],
)
def test_what_the_facts_leave_unknown_keeps_a_notification_incomplete(changes, open_):
    assert still_open(record(**changes), NOW) == (open_,)


@pytest.mark.parametrize(
    ("changes", "open_"),
    [
        ({"exfiltration": "unknown"}, "exfiltration"),
        ({"published": "unknown"}, "published"),
        ({"alteration": "unknown"}, "alteration"),
        ({"backup": "unknown"}, "backup"),
        ({"effect": "unknown"}, "effect"),
        ({"subjects": []}, "people_categories"),
        ({"people": "unknown"}, "people_number"),
        ({"countries": []}, "countries"),
        ({"records": "unknown"}, "records_number"),
        ({"protection": {}}, "protection"),
        ({"protection": {"encryption": "state_of_the_art"}}, "protection"),
    ],
)
def test_what_a_data_set_leaves_unknown_keeps_a_notification_incomplete(changes, open_):
    assert still_open(record(changes), NOW) == (open_,)


def test_what_does_not_concern_the_kind_of_breach_is_not_asked():
    only_seen = {"breach": ["confidentiality"], "alteration": "unknown", "backup": "unknown", "effect": "unknown"}
    assert still_open(record(only_seen), NOW) == ()
    known_recipient = {**only_seen, "published": "unknown", "recipients": {"who": "another customer"}}
    assert still_open(record(known_recipient), NOW) == ()


@pytest.mark.parametrize(("shift", "open_"), [(-INSTANT, ()), (timedelta(), ()), (INSTANT, ("findings",))])
def test_whoever_promises_to_say_more_has_not_said_all(shift, open_):
    assert still_open(record(next_update=NOW + shift), NOW) == open_


def test_awareness_assessment_and_decision_belong_to_it():
    bare = replace(record(), aware_at=None, is_judged=False, is_settled=False)
    assert still_open(bare, NOW) == ("aware_at", "risk", "communication")


def test_a_contained_breach_has_ended_unless_the_facts_say_that_it_goes_on():
    assert still_open(replace(record(ongoing="unknown", occurred_to=None), contained_at=NOW), NOW) == ()
    assert still_open(replace(record(ongoing="yes"), contained_at=NOW), NOW) == ("ended",)


def test_without_a_lead_authority_nobody_asks_whether_processing_crosses_borders():
    assert still_open(replace(record(cross_border="unknown"), has_lead=False), NOW) == ()
