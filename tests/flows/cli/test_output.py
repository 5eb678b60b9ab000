"""Moments inside a text are shown in local time and UTC; what was typed stays as it is."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from flows.cli import output


@pytest.fixture(autouse=True)
def _in_berlin():
    token = output.ZONE.set(ZoneInfo("Europe/Berlin"))
    yield
    output.ZONE.reset(token)


def test_a_moment_of_the_record_is_said_in_local_time_and_utc():
    text = "DE-BE's clock is due 2026-11-18T02:12:00.123456+00:00 (since 2026-11-15T02:12:00+00:00); hurry"
    assert output.with_readable_times(text) == (
        "DE-BE's clock is due Wed 2026-11-18 03:12 CET = 02:12 UTC (since Sun 2026-11-15 03:12 CET = 02:12 UTC); hurry"
    )


@pytest.mark.parametrize(
    "text",
    [
        "'2026-11-18T02:12:00+00:00': no",
        'write "2026-11-18T02:12:00Z"',
        "`tocsin log 1 x --at 2026-11-18T02:12:00+00:00`",
        "the line 2026-11-18T02:12:00Z of a server",
        "2026-13-18T02:12:00+00:00",
        "2026-11-18T25:12:00+00:00",
        "9999-12-31T23:59:59+00:00",
    ],
)
def test_what_was_typed_an_example_and_what_is_no_moment_stay(text):
    assert output.with_readable_times(text) == text
