"""The row of the register speaks of the GDPR's clock; a target of our own is no deadline and makes nothing late."""

from __future__ import annotations

from dataclasses import replace

from incidents.case.first_notifications import first_duties, first_duty, in_time
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.register.row import is_intact, register_row
from tests.builders.case_files import AUTHORITY, FDPIC, exposed_bucket, several_laws


def only(case, *regimes):
    return replace(
        case, obligations=tuple(obligation for obligation in case.obligations if obligation.terms.regime in regimes)
    )


def test_the_row_is_that_of_the_gdpr_though_our_own_target_for_another_law_ends_earlier():
    case = several_laws()
    assert min(case.obligations, key=lambda each: each.due_at).recipient == FDPIC
    row = register_row(case)
    assert (row.authority, row.in_time, row.late_because) == (AUTHORITY.name, True, None)
    assert row.due_at == "2026-10-27T20:30:00Z"
    assert is_intact(row)


def test_each_authority_is_in_the_row_with_its_law_its_time_and_what_became_of_it():
    assert register_row(several_laws()).authorities == (
        f"{AUTHORITY.name} (eu-gdpr): due 2026-10-27T20:30:00Z, filed 2026-10-27T17:30:00Z, in time",
        "Information Commission (uk-gdpr): due 2026-10-27T20:30:00Z, filed 2026-10-27T17:30:00Z, in time",
        f"{FDPIC.name} (ch-fadp): no time set by law, filed 2026-10-27T17:30:00Z",
    )


def test_where_only_our_own_target_runs_nothing_is_due_or_late_by_it():
    case = only(several_laws(), "ch-fadp")
    assert case.obligations[0].status is DeadlineStatus.MET_LATE
    row = register_row(case)
    assert (row.authority, row.due_at, row.in_time) == (FDPIC.name, None, None)
    assert row.filed_at == "2026-10-27T17:30:00Z"


def test_a_duty_that_was_waived_gives_way_to_no_other_law_and_the_other_is_in_the_row():
    case = several_laws()
    files = {duty.key: duty for duty in case.obligations}
    first, *others = (files[duty.key] for duty in first_duties(case))
    waived = replace(first, status=DeadlineStatus.WAIVED, waived_at=case.as_of, waived_because="Unlikely", filings=())
    row = register_row(replace(case, obligations=(*others, waived)))
    assert row.authority == AUTHORITY.name
    assert row.authorities[0].endswith("not required")
    assert len(row.authorities) == 3


def test_a_follow_up_is_no_first_notification():
    duties = {duty.terms.duty for duty in first_duties(exposed_bucket())}
    assert duties == {"authority-initial"}
    assert in_time(first_duty(exposed_bucket())) is True
