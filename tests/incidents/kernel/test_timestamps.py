"""Moments for programs, and the text that digests are made of."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.kernel.canonical_json import canonical_json, sha256_of
from incidents.kernel.timestamps import rfc3339, sortable

AT = datetime(2026, 11, 18, 2, 13, tzinfo=UTC)
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - bounds of a strategy are naive


@pytest.mark.parametrize(
    ("at", "short", "text"),
    [
        (AT, "2026-11-18T02:13:00Z", "2026-11-18T02:13:00.000000Z"),
        (AT.astimezone(ZoneInfo("Europe/Berlin")), "2026-11-18T02:13:00Z", "2026-11-18T02:13:00.000000Z"),
        (AT + timedelta(microseconds=7), "2026-11-18T02:13:00.000007Z", "2026-11-18T02:13:00.000007Z"),
    ],
)
def test_a_moment_is_written_in_utc(at, short, text):
    assert (rfc3339(at), sortable(at)) == (short, text)


def test_no_moment_is_none():
    assert rfc3339(None) is None


@given(MOMENTS, MOMENTS)
def test_sortable_texts_sort_as_their_moments_and_both_read_back(one, other):
    assert (sortable(one) < sortable(other)) == (one < other)
    assert datetime.fromisoformat(rfc3339(one)) == datetime.fromisoformat(sortable(one)) == one


def test_canonical_json_is_one_text_whatever_the_order_and_its_digest_is_that_of_the_text():
    assert canonical_json({"b": [1, None], "a": "ü"}) == canonical_json({"a": "ü", "b": [1, None]})
    assert canonical_json({"b": [1, None], "a": "ü"}) == '{"a":"\\u00fc","b":[1,null]}'
    assert sha256_of({"a": "ü"}) == "09b7cce2644347ec871e23509919ef22c21c75ee6ba11969f4aa7e7541f1f4f5"
