"""Every paragraph, variable and branch of every letter is the reviewed one, in all languages."""

from __future__ import annotations

import pytest

from tests.builders.rows import over
from tests.builders.template_variants import variants
from tests.notifications.letters import snapshot

HOW = f"read what changed as its reader would, then write it down: {snapshot.COMMAND}"


@pytest.mark.parametrize(("name", "text"), list(snapshot.files()))
def test_a_letter_says_what_was_reviewed(name, text):
    assert text() == (snapshot.SNAPSHOTS / name).read_text(encoding="utf-8"), HOW


def test_no_snapshot_is_left_of_a_template_that_is_gone():
    assert sorted(path.name for path in snapshot.SNAPSHOTS.iterdir()) == sorted(name for name, _ in snapshot.files())


@over(snapshot.NAMES)
def test_the_variants_reach_both_sides_of_every_condition(name):
    assert variants(name).missing() == []
