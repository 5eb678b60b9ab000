"""Endings: nothing is closed while something is owed, nothing dismissed while an authority believes otherwise."""

import pytest

from incidents.access.people import PermissionRefusedError
from incidents.casework.base.desk import NotUnderstoodError, RefusedError
from incidents.casework.case import close as closing
from incidents.casework.case import timeline
from incidents.casework.deadlines import alerts
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines import sweep as noticing
from incidents.casework.filing.submission import FilingPhase
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.obligations import Alert
from tests.standins.case_desk import (
    DPO,
    FOLLOW_UP,
    HOUR,
    INITIAL,
    PEOPLE,
    RESPONDER,
    accounts_of,
    approved,
    assessed,
    aware,
    decided,
    delivered,
    facts,
    filed,
    listed,
    nothing_written,
    opened,
    ordered,
    owed,
    rows_of,
    wording,
)


def contained(desk, now, reference):
    timeline.contain(desk, RESPONDER, now, reference, at=now, measure="Policy withdrawn")


def test_closing_names_everything_that_is_still_owed(desk, now):
    reference = decided(desk, now)
    with nothing_written(desk), pytest.raises(RefusedError) as refused:
        closing.close(desk, DPO, now + HOUR, reference)
    said = str(refused.value)
    assert f"{INITIAL} (running, due {(now + 72 * HOUR).isoformat()})" in said
    assert PEOPLE in said
    assert f"not contained: tocsin contain {reference}" in said


def test_closing_waits_for_letters_that_are_under_way(desk, now):
    reference = decided(desk, now, facts(data_sets=[accounts_of(2)]), authority=False)
    contained(desk, now, reference)
    listed(desk, now, reference, "en", "en")
    approved(desk, now, reference, wording(recipients=2))
    ordered(desk, now, reference)
    with nothing_written(desk), pytest.raises(RefusedError, match=r"2 messages under way \(tocsin people status"):
        closing.close(desk, DPO, now, reference)
    delivered(desk, now + HOUR, reference)
    closing.close(desk, DPO, now + HOUR, reference)
    assert rows_of(desk, Incident)[0].stage == "closed"


def test_a_case_in_which_nothing_is_owed_closes_and_falls_silent(desk, now):
    reference = decided(desk, now, people=False)
    filed(desk, now + HOUR, reference)
    filed(desk, now + 2 * HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    contained(desk, now + 2 * HOUR, reference)
    done = closing.close(desk, DPO, now + 3 * HOUR, reference)
    assert str(done.next_command).startswith(f"tocsin report {reference}")
    (incident,) = rows_of(desk, Incident)
    assert (incident.stage, incident.closed_at) == ("closed", now + 3 * HOUR)
    assert [alert for alert in rows_of(desk, Alert) if alert.escalate_at or alert.tell_at] == []


@pytest.mark.parametrize(
    ("stage", "missing"),
    [(opened, "first record awareness"), (aware, "first assess it"), (assessed, "first decide")],
)
def test_closing_too_early_says_which_step_is_missing(desk, now, stage, missing):
    reference = stage(desk, now)
    with nothing_written(desk), pytest.raises(RefusedError, match=missing):
        closing.close(desk, DPO, now, reference)


@pytest.mark.parametrize(
    "end",
    [
        lambda desk, now, ref: closing.close(desk, RESPONDER, now, ref),
        lambda desk, now, ref: closing.dismiss(desk, RESPONDER, now, ref, "no personal data"),
        lambda desk, now, ref: closing.reopen(desk, RESPONDER, now, ref, "there were"),
    ],
)
def test_a_responder_ends_no_case(desk, now, end):
    reference = decided(desk, now)
    with nothing_written(desk), pytest.raises(PermissionRefusedError, match="lead, dpo"):
        end(desk, now, reference)


@pytest.mark.parametrize("stage", [opened, aware, assessed, decided])
def test_a_case_is_dismissed_from_every_stage_with_reasons(desk, now, stage):
    reference = stage(desk, now)
    with nothing_written(desk), pytest.raises(NotUnderstoodError, match="--because"):
        closing.dismiss(desk, DPO, now, reference, "  ")
    closing.dismiss(desk, DPO, now + HOUR, reference, "the bucket held test data")
    (incident,) = rows_of(desk, Incident)
    assert (incident.stage, incident.dismissed_because) == ("dismissed", "the bucket held test data")
    with desk.store.read() as session:
        standings = {obligation_rows.standing_of(row, now + HOUR) for row in owed(session, reference).values()}
    assert standings == {DeadlineStatus.DISMISSED}
    with nothing_written(desk):
        noticing.notice(desk, now + 90 * HOUR)
        alerts.escalate(desk, now + 90 * HOUR)


def test_a_notification_is_withdrawn_before_its_case_is_dismissed(desk, now):
    reference = decided(desk, now)
    filed(desk, now + HOUR, reference)
    with nothing_written(desk), pytest.raises(RefusedError, match=f"tocsin submit {reference} --phase withdrawal"):
        closing.dismiss(desk, DPO, now + 2 * HOUR, reference, "no personal data")
    filed(desk, now + 2 * HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    closing.dismiss(desk, DPO, now + 3 * HOUR, reference, "no personal data")
    assert rows_of(desk, Incident)[0].stage == "dismissed"


def test_a_dismissed_case_taken_up_again_owes_what_it_owed_at_the_old_time(desk, now):
    reference = decided(desk, now)
    closing.dismiss(desk, DPO, now + HOUR, reference, "no personal data")
    with nothing_written(desk), pytest.raises(NotUnderstoodError, match="--because"):
        closing.reopen(desk, DPO, now + 2 * HOUR, reference, "")
    closing.reopen(desk, DPO, now + 80 * HOUR, reference, "there were after all")
    with desk.store.read() as session:
        row = owed(session, reference)[INITIAL]
    assert obligation_rows.standing_of(row, now + 80 * HOUR) is DeadlineStatus.OVERDUE
    assert rows_of(desk, Incident)[0].closed_at is None
    assert rows_of(desk, TimelineEntry)[-1].text == "Reopened: there were after all"
    assert noticing.notice(desk, now + 80 * HOUR) == 2


def test_a_case_dismissed_before_awareness_comes_back_as_a_suspicion(desk, now):
    reference = opened(desk, now)
    closing.dismiss(desk, DPO, now, reference, "nothing")
    closing.reopen(desk, DPO, now, reference, "something")
    assert rows_of(desk, Incident)[0].stage == "suspected"


def test_a_closed_case_still_takes_a_withdrawal(desk, now):
    reference = decided(desk, now, people=False)
    filed(desk, now + HOUR, reference, complete=True)
    contained(desk, now + HOUR, reference)
    closing.close(desk, DPO, now + HOUR, reference)
    filed(desk, now + 2 * HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    with desk.store.read() as session:
        assert FOLLOW_UP not in owed(session, reference)


def test_what_has_ended_ends_only_once(desk, now):
    reference = opened(desk, now)
    closing.dismiss(desk, DPO, now, reference, "nothing")
    with nothing_written(desk), pytest.raises(RefusedError, match="first reopen it"):
        closing.close(desk, DPO, now, reference)
    with nothing_written(desk), pytest.raises(RefusedError, match="first reopen it"):
        closing.dismiss(desk, DPO, now, reference, "twice")
