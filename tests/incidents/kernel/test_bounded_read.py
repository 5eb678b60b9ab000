"""No more of a file is read than one is ready to hold."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from incidents.kernel.bounded_read import read_at_most


@pytest.mark.parametrize(("content", "read"), [(b"", b""), (b"abc", b"abc"), (b"abcd", None)])
def test_what_fits_is_read_whole_and_what_does_not_is_told_apart(content, read):
    assert read_at_most(BytesIO(content), 3) == read


def test_a_device_ends_for_us():
    with Path("/dev/zero").open("rb") as file:
        assert read_at_most(file, 10) is None
