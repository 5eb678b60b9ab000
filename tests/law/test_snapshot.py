"""Every figure, threshold, date, zone, flag, citation and required element of every law is the reviewed one."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace

from flows.reference import regime_files
from incidents.law.model import Duty, Regime
from tests.law import snapshot

HOW = f"read each line against the law, then write them down: {snapshot.COMMAND}"


def changed() -> list[str]:
    """What the reviewed lines say that the files do not (-), and what the files say that nobody reviewed (+)."""
    reviewed, found = Counter(snapshot.read()), Counter(snapshot.lines())
    return [*(f"- {line}" for line in reviewed - found), *(f"+ {line}" for line in found - reviewed)]


def test_the_law_files_say_what_was_reviewed():
    assert changed() == [], HOW


def test_the_reviewed_lines_stand_in_the_order_of_the_files():
    assert snapshot.read() == snapshot.lines(), HOW


def test_no_field_of_a_law_or_duty_is_left_out():
    # A law with a value in every field: whatever is added to the model is written down too, or the writer refuses it.
    law = regime_files.read("eu-dora")
    duty = replace(law.duties[0], **{field.name: 7 for field in fields(Duty) if field.name not in KEPT})
    law = replace(law, duties=(duty,), **{field.name: 7 for field in fields(Regime) if field.name not in KEPT})
    said = "\n".join(snapshot.of_law(law))
    missing = [
        field.name
        for kind in (Regime, Duty)
        for field in fields(kind)
        if field.name not in snapshot.WRITTEN_APART and f": {field.name}" not in said
    ]
    assert missing == []


KEPT = {"id", "duties", "content", "citation", "applies"}
"""Written down by parts of their own."""
