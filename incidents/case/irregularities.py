"""What was done past a rule and confirmed by a person: named wherever the case is shown, reported or registered."""

from __future__ import annotations

from typing import Final

from incidents.case.case_file import CaseOverview, TimelineLine

CODES: Final = frozenset({"approved_alone", "filed_despite", "waived_against"})
"""Codes of the timeline's lines (timeline_texts.py): approvals by one person alone, filings against which something
spoke, waivers of what was decided to be notified."""


def irregular_lines(case: CaseOverview) -> tuple[TimelineLine, ...]:
    """Give the lines that record them: no later approval or decision takes one back."""
    return tuple(line for line in case.timeline if line.said and line.said["about"] in CODES)


def irregularities(case: CaseOverview) -> tuple[str, ...]:
    """Give the same in the words of the record, each with the person who did it."""
    return tuple(f"{line.text} ({line.author})" for line in irregular_lines(case))
