"""What a notification left open: which required elements the facts do not answer, and what is still owed to whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from incidents.case.case_file import CaseOverview, ObligationLine
from incidents.facts.breach import Facts
from incidents.law.duty_ids import AUTHORITY_INITIAL
from incidents.law.model import Threshold

KIND: Final = "left_open"
"""The kind and the code of the timeline's line that says what a filing left open (timeline_texts.py)."""
CodedLine = Mapping[str, Any] | None
"""What such a line says, as its row keeps it."""
ELEMENTS: Final = (
    "people_categories", "people_number", "records_categories", "records_number", "consequences", "measures",
)  # fmt: skip
"""What may be given in phases (Art. 33(4) GDPR), in the order of Art. 33(3)."""


@dataclass(frozen=True, kw_only=True)
class OutstandingElement:
    """One element that an authority was not given yet."""

    element: str
    is_known: bool
    """Whether the facts answer it by now, so that it can be told."""


def unanswered(facts: Facts | None) -> tuple[str, ...]:
    """List the elements that these facts do not answer; without any facts all of them."""
    if facts is None:
        return ELEMENTS
    sets = facts.as_controller or facts.data_sets
    missing = {
        "people_categories": any(not data_set.subjects for data_set in sets),
        "people_number": any(not data_set.people.is_known for data_set in sets),
        "records_categories": not sets,
        "records_number": any(not data_set.records.is_known for data_set in sets),
        "consequences": not facts.likely_consequences,
        "measures": not facts.measures_taken and not facts.measures_proposed,
    }
    return tuple(name for name in ELEMENTS if missing[name])


def completing(reference: str, draft: str, missing: Sequence[str]) -> str:
    """Write the command that brings a text on which elements are missing one step further.

    What the law lets follow is marked, all of it at once; a letter to people may leave nothing open, so its facts are
    recorded; so are the reasons for a delay; the rest takes a person's words.
    """
    # Art. 33(4) GDPR lets information follow to the authority; Art. 34(2) knows no phases, so a letter is whole or not
    # sent.
    may_follow = [] if draft.startswith("people.") else [name for name in missing if name in ELEMENTS]
    if may_follow:
        return f"tocsin edit {reference} {draft} {' '.join(f'--will-follow {name}' for name in may_follow)}"
    if any(name in ELEMENTS for name in missing):
        return f"tocsin assess {reference} --file scope.yaml"
    if "reasons_for_delay" in missing:
        return f'tocsin late {reference} {AUTHORITY_INITIAL} --because "..."'
    return f"tocsin edit {reference} {draft} --file text.txt"


def outstanding_elements(case: CaseOverview, row: ObligationLine) -> tuple[OutstandingElement, ...]:
    """List what is still owed under a duty to give the rest: what the newest filing left open, and what is unknown now.

    Nothing under any other duty, or once it is fulfilled or waived.
    """
    if row.terms.threshold is not Threshold.INFORMATION_OUTSTANDING or row.met_at or row.waived_at:
        return ()
    return missing_elements(row.key, case.facts, [entry.said for entry in case.timeline if entry.kind == KIND])


def missing_elements(
    obligation: str, facts: Facts | None, lines: Sequence[CodedLine]
) -> tuple[OutstandingElement, ...]:
    """The same from its parts: the key of an open duty to give the rest, the facts, and the lines in their order."""
    unknown = unanswered(facts)
    promised = _promised(obligation, lines)
    return tuple(
        OutstandingElement(element=name, is_known=name not in unknown)
        # Those of Art. 33(3) in its order, then whatever else a text promised.
        for name in dict.fromkeys((*ELEMENTS, *promised))
        if name in promised or name in unknown
    )


def _promised(obligation: str, lines: Sequence[CodedLine]) -> tuple[str, ...]:
    # The newest line of this duty: each filing writes anew what it left open, so the earlier ones are answered.
    values = (line["values"] for line in reversed(lines) if line)
    return next((tuple(values["elements"]) for values in values if values["key"] == obligation), ())
