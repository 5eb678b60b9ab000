"""The register read in bulk gives each case the row that it has when it is read alone."""

from __future__ import annotations

import pytest

from incidents.case.message_machine import MessageState
from incidents.casework.base.find import find
from incidents.casework.case import close, timeline
from incidents.casework.deadlines import sweep
from incidents.evidence.files import EvidenceFile
from incidents.queries import register
from incidents.queries.case_file import case_file
from incidents.register.row import is_intact, register_row
from tests.builders.casework import (
    DPO,
    HOUR,
    LEAD,
    ORDERS,
    accounts_of,
    approved,
    assessed,
    aware,
    decided,
    delivered,
    facts,
    filed,
    listed,
    merchants_listed,
    opened,
    ordered,
    wording,
)


def cases_at_every_stage(ctx, now) -> list[str]:
    """One case at each stage, some with lists, letters and filings; exercises among them."""
    told = decided(ctx, now, facts(data_sets=[accounts_of(3), ORDERS]))
    listed(ctx, now, told, "en", "de", "en")
    merchants_listed(ctx, now, told, "m-1", "m-2")
    approved(ctx, now, told, wording(language="de"))
    approved(ctx, now, told, wording(recipients=2))
    ordered(ctx, now, told)
    delivered(ctx, now + HOUR, told, MessageState.DELIVERED)
    filed(ctx, now + 2 * HOUR, told, receipt=EvidenceFile(name="receipt.pdf", content=b"%PDF"))
    short = decided(ctx, now, people=False)
    filed(ctx, now + HOUR, short, complete=False)
    timeline.log(ctx, LEAD, now + HOUR, short, "Ask the host for its logs", kind="action")
    timeline.log(ctx, DPO, now + HOUR, short, "No letter is owed", kind="advice")
    returned = decided(ctx, now, facts(data_sets=[accounts_of(1)]))
    listed(ctx, now, returned, "en")
    approved(ctx, now, returned, wording())
    ordered(ctx, now, returned)
    delivered(ctx, now + HOUR, returned, MessageState.BOUNCED)
    dismissed = opened(ctx, now)
    close.dismiss(ctx, DPO, now, dismissed, "a false alarm")
    timeline.contain(ctx, LEAD, now + HOUR, contained := assessed(ctx, now), measure="bucket closed", at=now + HOUR)
    others = [opened(ctx, now, exercise=True), opened(ctx, now, system="storage"), aware(ctx, now)]
    sweep.sweep(ctx, now + 50 * HOUR)
    return sorted([told, short, returned, dismissed, contained, *others])


@pytest.mark.parametrize("at_once", [1, 3, 200])
def test_a_row_read_in_bulk_is_the_row_of_the_case_read_alone(ctx, now, at_once, monkeypatch):
    monkeypatch.setattr(register, "AT_ONCE", at_once)
    references, later = cases_at_every_stage(ctx, now), now + 60 * HOUR
    with ctx.store.read() as session:
        cases = register.register_cases(session, ctx.zone, later, exercises=True)
        rows = [register_row(case) for case in cases]
        alone = [register_row(case_file(session, find(session, each), ctx.zone, later)) for each in references]
    assert [row.reference for row in rows] == references
    assert rows == alone
    assert all(is_intact(row) for row in rows)
    assert len({row.row_sha256 for row in rows}) == len(references)


def test_exercises_are_read_only_where_they_are_asked_for(ctx, now):
    real, _ = opened(ctx, now), opened(ctx, now, exercise=True)
    with ctx.store.read() as session:
        cases = register.register_cases(session, ctx.zone, now, exercises=False)
    assert [case.reference for case in cases] == [real]
