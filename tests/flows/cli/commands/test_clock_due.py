"""`clock due` answers what a second, naive way of counting says."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.law import oracle

FRIDAY_SATURDAY = oracle.weekend(4, 5)
ANY_DAY = oracle.weekend()

ASKED = [
    ("eu-gdpr", "authority-initial", "aware", "2027-03-26 23:59:59", "Europe/Berlin", "DE", ("hours", 72, "eu"),
     ANY_DAY),
    ("uk-gdpr", "authority-initial", "aware", "2028-02-28 11:30", "Europe/London", "GB", ("hours", 72, "-"), ANY_DAY),
    ("eg-pdpl", "people", "authority_notified", "2026-10-14 08:00", "Africa/Cairo", "EG", ("business_days", 3, "-"),
     FRIDAY_SATURDAY),
    ("br-lgpd", "authority-initial", "aware", "2027-03-24 09:00", "America/Sao_Paulo", "BR", ("business_days", 3, "-"),
     oracle.brazil),
    ("us-sec-8k", "authority-initial", "materiality_determined", "2027-12-23 09:00", "America/New_York", "US",
     ("business_days", 4, "-"), oracle.united_states),
    ("in-certin", "authority-initial", "detected", "2026-12-31 20:15", "Asia/Kolkata", "IN", ("hours", 6, "-"),
     ANY_DAY),
    ("eu-nis2", "authority-final", "intermediate_submitted", "2027-01-31 09:00", "Europe/Berlin", "DE",
     ("months", 1, "eu"), oracle.germany),
    ("eu-dora", "authority-final", "intermediate_submitted", "2027-03-01 09:00", "Europe/Berlin", "DE",
     ("months", 1, "noon"), oracle.germany),
    ("ch-isa", "authority-final", "initial_submitted", "2027-12-20 09:00", "Europe/Zurich", "CH",
     ("calendar_days", 14, "-"), ANY_DAY),
    ("au-ndb", "assessment", "suspected", "2027-03-20 09:00", "Australia/Sydney", "AU", ("calendar_days", 30, "-"),
     ANY_DAY),
]  # fmt: skip


@pytest.mark.parametrize(("regime", "duty", "event", "time", "zone", "place", "rule", "off"), ASKED)
def test_the_command_answers_what_the_oracle_says(tocsin, regime, duty, event, time, zone, place, rule, off):
    at = datetime.fromisoformat(time).replace(tzinfo=ZoneInfo(zone))
    unit, figure, roll = rule
    due = oracle.due(unit, figure, roll, at, ZoneInfo(zone), off)
    answer = tocsin(
        "clock", "due", "--regime", regime, "--duty", duty, "--event", f"{event}={time}", "--zone", zone,
        "--place", place, "--json",
    ).json  # fmt: skip
    assert answer["due_at"].endswith("Z")
    assert datetime.fromisoformat(answer["due_at"]) == due
    assert datetime.fromisoformat(answer["due_local"]) == due
    latest = oracle.latest_of_hours(figure, at, ZoneInfo(zone)) if (unit, roll) == ("hours", "eu") else None
    said = answer["latest_reg_1182_71"]
    assert (datetime.fromisoformat(said) if said else None) == latest
