"""The first notifications to authorities that a case owes, and which one of them speaks for it.

Where a paper names one due time for a case, that of Art. 33(1) GDPR comes before those of other laws; and a target of
our own is no deadline: nothing is late by it.
"""

from __future__ import annotations

from typing import Final

from incidents.case.case_file import CaseOverview, FilingLine, ObligationLine
from incidents.deadlines.terms import DueKind
from incidents.law.duty_ids import is_gdpr_or_amended
from incidents.law.model import Threshold
from incidents.obligations.derivation import LATER_EVENTS
from incidents.obligations.recipients import PLACEHOLDERS, RecipientKind

_NOT_FIRST: Final = frozenset({Threshold.INFORMATION_OUTSTANDING, Threshold.ON_REQUEST})


def first_duties(case: CaseOverview) -> tuple[ObligationLine, ...]:
    """Give every first notification to an authority, the one that speaks for the case first.

    1. The GDPR's, or that of a law in its place (Art. 33(1) GDPR), before those of other laws.
    2. Duties about personal data before reports of an incident by itself.
    3. Times that are binding before targets of our own.
    4. What is owed before what was decided not to be; what is not filed before what is; then by due time.
    """
    return tuple(sorted(filter(_is_first, case.obligations), key=_rank))


def first_duty(case: CaseOverview) -> ObligationLine | None:
    """Give the first notification that speaks for the case: the clock of Art. 33(1) GDPR where it runs."""
    return next(iter(first_duties(case)), None)


def other_duties(case: CaseOverview) -> tuple[ObligationLine, ...]:
    """Give the first notifications beside that one: other authorities, other laws."""
    return first_duties(case)[1:]


def initial_filing(duty: ObligationLine | None) -> FilingLine | None:
    """Give the first filing that was made, by its own time and not by that of its being recorded."""
    filings = (filing for filing in (duty.filings if duty else ()) if filing.phase != "withdrawal")
    return min(filings, key=lambda filing: filing.filed_at, default=None)


def in_time(duty: ObligationLine | None) -> bool | None:
    """Whether a notification was filed in time; ``None`` where it was not filed, or where the law sets no time."""
    filing = initial_filing(duty)
    if duty is None or filing is None or duty.is_own_target:
        return None
    # The due time itself is in time, as in the deadline machine.
    return filing.filed_at <= duty.due_at


def _is_first(obligation: ObligationLine) -> bool:
    # A placeholder that was replaced by the authorities it stood for was never a notification of its own.
    stands_for_others = obligation.recipient.id in PLACEHOLDERS and obligation.waived_at is not None
    return (
        obligation.recipient.kind is RecipientKind.AUTHORITY
        and obligation.terms.start not in LATER_EVENTS
        and obligation.terms.threshold not in _NOT_FIRST
        and not stands_for_others
    )


def _rank(obligation: ObligationLine) -> tuple[object, ...]:
    return (
        not is_gdpr_or_amended(obligation.terms.regime),
        not obligation.is_told_by_draft,
        obligation.terms.due_kind is DueKind.INTERNAL,
        obligation.waived_at is not None,
        # False sorts before true: each line asks for what is to come later.
        initial_filing(obligation) is not None,
        obligation.due_at,
        obligation.key,
    )
