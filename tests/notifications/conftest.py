"""Letters for the tests of sending."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from notifications.delivery.channel import Letter


@pytest.fixture
def a_letter() -> Callable[..., Letter]:
    """Make a letter; what a test does not say is plain and harmless."""
    plain = Letter(
        key="letter-1",
        to="reader@example.org",
        to_name=None,
        subject="Your data: what happened",
        text="What happened, which of your data, what to do now.",
        html="<p>What happened</p>",
        language="en",
        kind="people",
        exercise=False,
        reply_to="privacy@example.org",
    )
    return lambda **changes: replace(plain, **changes)
