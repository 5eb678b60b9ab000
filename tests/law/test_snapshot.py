"""Every figure, threshold, date, zone, flag, citation and required element of every law is the reviewed one."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, replace
from typing import Any

from flows.reference import regime_files
from incidents.law.model import Duty, Regime
from tests.law import snapshot

WRITTEN_BY_PARTS = {*snapshot.WRITTEN_APART, "citation", "applies"}
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
    # A value in every field: whatever is added to the model is written down too, or the writer refuses it.
    law = regime_files.read("eu-dora")
    law = replace(law, **valued(Regime), duties=(replace(law.duties[0], **valued(Duty)),))
    said = "\n".join(snapshot.of_law(law))
    expected = {f"eu-dora: {name} = 7" for name in valued(Regime)}
    expected |= {f"eu-dora/authority-initial: {name} = 7" for name in valued(Duty)}
    assert {line for line in expected if line not in said} == set()


def valued(kind: type[Regime | Duty]) -> dict[str, Any]:
    return {field.name: 7 for field in fields(kind) if field.name not in WRITTEN_BY_PARTS}
