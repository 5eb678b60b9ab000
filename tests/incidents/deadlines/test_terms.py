"""Terms that were stored before a key was there mean what they meant then: the GDPR, counted in our own zone."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.reference.regime_files import read
from incidents.deadlines.explanation import explain
from incidents.deadlines.targets import Targets, terms_for
from incidents.deadlines.terms import Terms
from incidents.law.model import Start, Threshold
from incidents.law.periods import Counting
from tests.builders.letters import AWARE

GDPR = read("eu-gdpr")
TARGETS = Targets(people=timedelta(hours=72), follow_up=timedelta(hours=168), controller=timedelta(hours=24))
CAME_LATER = {"counting", "unverified", "threshold", "start", "start_detail", "cap", "zone", "place"}


def terms_of(duty: str) -> Terms:
    return terms_for(GDPR, GDPR.duty(duty), TARGETS, None)


@pytest.mark.parametrize(
    ("duty", "threshold", "start"),
    [
        ("authority-initial", Threshold.UNLESS_UNLIKELY, Start.AWARE),
        ("authority-follow-up", Threshold.INFORMATION_OUTSTANDING, Start.INITIAL_SUBMITTED),
        ("people", Threshold.HIGH_RISK, Start.AWARE),
        ("controller", Threshold.ANY_BREACH, Start.AWARE),
    ],
)
def test_terms_stored_before_there_was_a_choice_are_those_of_the_gdpr(duty, threshold, start):
    now = terms_of(duty)
    old = Terms.from_json({key: value for key, value in now.to_json().items() if key not in CAME_LATER})
    assert (old.threshold, old.start) == (threshold, start) == (now.threshold, now.start)
    assert (old.counting, old.unverified) == (Counting.REG_1182_71, False)
    assert (old.start_detail, old.cap, old.zone, old.place) == (None, None, None, None)


def test_the_due_time_on_record_is_explained_and_not_one_that_is_counted_again():
    # Moved by a calendar that is not at hand, or by a cap: the explanation speaks of the time that binds.
    berlin, stored = ZoneInfo("Europe/Berlin"), AWARE + timedelta(hours=80)
    lines = explain(terms_of("authority-initial"), AWARE, berlin, due=stored)
    assert [line for line in lines if line.startswith("due:")] == [
        "due:    Wed 2026-11-25 10:47:00 CET (Europe/Berlin) = 2026-11-25T09:47:00Z"
    ]
