"""What differs between two versions of the facts, in the words in which a stale draft says it."""

from __future__ import annotations

import pytest

from incidents.case.facts_changes import facts_changes
from incidents.facts.breach import Facts


def dump(people=1200, *more, **changes):
    first = {"name": "accounts", "role": "controller", "kinds": ["email"], "people": people, "breach": ["integrity"]}
    facts = Facts.model_validate({"summary": "It was open.", "data_sets": [first, *more], **changes})
    return facts.model_dump(mode="json", exclude_defaults=True)


ORDERS = {"name": "orders", "role": "processor", "kinds": ["email"], "people": 5, "breach": ["integrity"]}


@pytest.mark.parametrize(
    ("then", "now", "said"),
    [
        (dump(1200), dump(91200), ("people 1,200 -> 91,200",)),
        (dump({"about": 40}), dump("unknown"), ("people about 40 -> unknown",)),
        (dump({"min": 24}), dump({"min": 24, "max": 60}), ("people at least 24 -> 24 to 60",)),
        (dump(), dump(1200, ORDERS), ("orders added",)),
        (dump(1200, ORDERS), dump(), ("orders taken out",)),
        (dump(1200, ORDERS), dump(7, ORDERS), ("accounts: people 1,200 -> 7",)),
        (dump(), dump(measures_taken=["keys_rotated"]), ("measures taken with keys_rotated",)),
        (dump(ongoing="yes"), dump(ongoing="no"), ("ongoing yes -> no",)),
        (dump(summary="x" * 80), dump(), ("summary changed",)),
        (dump(cause={"nature": "loss"}), dump(cause={"nature": "theft"}), ("cause nature loss -> theft",)),
    ],
)
def test_each_change_is_named(then, now, said):
    assert facts_changes(then, now) == said


def test_figures_come_first():
    changes = facts_changes(dump(1), dump(2, summary="More is known.", systems=["storage"]))
    assert changes[0] == "people 1 -> 2"
    assert len(changes) == 3
