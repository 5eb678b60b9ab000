"""Endings: nothing is closed while something is owed, nothing dismissed while an authority believes otherwise."""

import pytest

from incidents.casework.base.find import find
from incidents.casework.case import assess_and_decide, timeline
from incidents.casework.case import close as close_case
from incidents.casework.deadlines import alerts, sweep
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.errors import InvalidInputError, PermissionDeniedError, RefusedError
from incidents.queries.overview import case_overview
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.obligations import Alert, Filing
from tests.builders.casework import (
    BY_TELEPHONE,
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
    verdict,
    wording,
)


def contained(ctx, now, reference):
    timeline.contain(ctx, RESPONDER, now, reference, at=now, measure="Policy withdrawn")


def test_closing_names_everything_that_is_still_owed(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError) as refused:
        close_case.close(ctx, DPO, now + HOUR, reference)
    said = str(refused.value)
    assert f"{INITIAL} (running, due {(now + 72 * HOUR).isoformat()})" in said
    assert PEOPLE in said
    assert f"not contained: tocsin contain {reference}" in said


def test_closing_waits_for_letters_that_are_under_way(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(2)]), authority=False)
    contained(ctx, now, reference)
    listed(ctx, now, reference, "en", "en")
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"2 messages under way \(tocsin people status"):
        close_case.close(ctx, DPO, now, reference)
    delivered(ctx, now + HOUR, reference)
    close_case.close(ctx, DPO, now + HOUR, reference)
    assert rows_of(ctx, Incident)[0].stage == "closed"


def test_a_case_in_which_nothing_is_owed_closes_and_falls_silent(ctx, now):
    reference = decided(ctx, now, people=False)
    filed(ctx, now + HOUR, reference)
    filed(ctx, now + 2 * HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    contained(ctx, now + 2 * HOUR, reference)
    done = close_case.close(ctx, DPO, now + 3 * HOUR, reference)
    assert str(done.next_command).startswith(f"tocsin report {reference}")
    (incident,) = rows_of(ctx, Incident)
    assert (incident.stage, incident.closed_at) == ("closed", now + 3 * HOUR)
    assert [alert for alert in rows_of(ctx, Alert) if alert.escalate_at or alert.tell_at] == []


@pytest.mark.parametrize(
    ("stage", "missing"),
    [(opened, "first record awareness"), (aware, "first assess it"), (assessed, "first decide")],
)
def test_closing_too_early_says_which_step_is_missing(ctx, now, stage, missing):
    reference = stage(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match=missing):
        close_case.close(ctx, DPO, now, reference)


@pytest.mark.parametrize(
    "end",
    [
        lambda ctx, now, ref: close_case.close(ctx, RESPONDER, now, ref),
        lambda ctx, now, ref: close_case.dismiss(ctx, RESPONDER, now, ref, "no personal data"),
        lambda ctx, now, ref: close_case.reopen(ctx, RESPONDER, now, ref, "there were"),
    ],
)
def test_a_responder_ends_no_case(ctx, now, end):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo"):
        end(ctx, now, reference)


@pytest.mark.parametrize("stage", [opened, aware, assessed, decided])
def test_a_case_is_dismissed_from_every_stage_with_reasons(ctx, now, stage):
    reference = stage(ctx, now)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--because"):
        close_case.dismiss(ctx, DPO, now, reference, "  ")
    close_case.dismiss(ctx, DPO, now + HOUR, reference, "the bucket held test data")
    (incident,) = rows_of(ctx, Incident)
    assert (incident.stage, incident.dismissed_because) == ("dismissed", "the bucket held test data")
    with ctx.store.read() as session:
        statuses = {obligation_rows.status_of(row, now + HOUR) for row in owed(session, reference).values()}
    assert statuses == {DeadlineStatus.DISMISSED}
    with nothing_written(ctx):
        sweep.sweep(ctx, now + 90 * HOUR)
        alerts.escalate(ctx, now + 90 * HOUR)


def test_a_notification_is_withdrawn_before_its_case_is_dismissed(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"tocsin submit {reference} --phase withdrawal"):
        close_case.dismiss(ctx, DPO, now + 2 * HOUR, reference, "no personal data")
    filed(ctx, now + 2 * HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    close_case.dismiss(ctx, DPO, now + 3 * HOUR, reference, "no personal data")
    assert rows_of(ctx, Incident)[0].stage == "dismissed"


def test_a_dismissed_case_taken_up_again_owes_what_it_owed_at_the_old_time(ctx, now):
    reference = decided(ctx, now)
    close_case.dismiss(ctx, DPO, now + HOUR, reference, "no personal data")
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--because"):
        close_case.reopen(ctx, DPO, now + 2 * HOUR, reference, "")
    close_case.reopen(ctx, DPO, now + 80 * HOUR, reference, "there were after all")
    with ctx.store.read() as session:
        row = owed(session, reference)[INITIAL]
    assert obligation_rows.status_of(row, now + 80 * HOUR) is DeadlineStatus.OVERDUE
    assert rows_of(ctx, Incident)[0].closed_at is None
    assert rows_of(ctx, TimelineEntry)[-1].text == "Reopened: there were after all"
    assert sweep.sweep(ctx, now + 80 * HOUR) == 2


def test_a_case_dismissed_before_awareness_comes_back_as_a_suspicion(ctx, now):
    reference = opened(ctx, now)
    close_case.dismiss(ctx, DPO, now, reference, "nothing")
    close_case.reopen(ctx, DPO, now, reference, "something")
    assert rows_of(ctx, Incident)[0].stage == "suspected"


def test_a_closed_case_still_takes_a_withdrawal(ctx, now):
    reference = decided(ctx, now, people=False)
    filed(ctx, now + HOUR, reference, complete=True)
    contained(ctx, now + HOUR, reference)
    close_case.close(ctx, DPO, now + HOUR, reference)
    filed(ctx, now + 2 * HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    with ctx.store.read() as session:
        assert FOLLOW_UP not in owed(session, reference)


def test_what_has_ended_ends_only_once(ctx, now):
    reference = opened(ctx, now)
    close_case.dismiss(ctx, DPO, now, reference, "nothing")
    with nothing_written(ctx), pytest.raises(RefusedError, match="first reopen it"):
        close_case.close(ctx, DPO, now, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match="first reopen it"):
        close_case.dismiss(ctx, DPO, now, reference, "twice")


def closed(ctx, now, **changes):
    """A case that was closed, in which the authority was told."""
    reference = decided(ctx, now, people=False, **changes)
    if changes.get("authority", True):
        filed(ctx, now, reference, complete=True)
    timeline.contain(ctx, RESPONDER, now, reference, at=now, measure="Policy withdrawn")
    close_case.close(ctx, DPO, now, reference)
    return reference


@pytest.mark.parametrize("told", [True, False])
@pytest.mark.parametrize("phase", [FilingPhase.INITIAL, FilingPhase.FOLLOW_UP])
def test_a_closed_case_takes_no_filing_before_it_is_reopened(sqlite_ctx, now, phase, told):
    reference = closed(sqlite_ctx, now, authority=told)
    said = Submission(despite=BY_TELEPHONE, reference="A-2", at=now, phase=phase)
    with nothing_written(sqlite_ctx), pytest.raises(RefusedError, match=f"tocsin reopen {reference}"):
        submit.submit(sqlite_ctx, DPO, now + HOUR, reference, said)


def test_a_closed_case_takes_a_withdrawal(ctx, now):
    reference = closed(ctx, now)
    filed(ctx, now + HOUR, reference, phase=FilingPhase.WITHDRAWAL)
    assert [row.phase for row in rows_of(ctx, Filing)] == ["initial", "withdrawal"]


def test_a_case_is_not_closed_while_somebody_listed_was_not_written_to(ctx, now):
    reference = decided(ctx, now)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    listed(ctx, now, reference, "en", "en", "en")
    with nothing_written(ctx), pytest.raises(RefusedError, match="2 people on the list have not been written to"):
        close_case.close(ctx, DPO, now, reference)


def test_people_who_need_not_be_told_do_not_keep_a_case_open(sqlite_ctx, now):
    reference = decided(sqlite_ctx, now, authority=False, people=False)
    listed(sqlite_ctx, now, reference, "en")
    timeline.contain(sqlite_ctx, RESPONDER, now, reference, at=now, measure="Policy withdrawn")
    assert close_case.close(sqlite_ctx, DPO, now, reference).changed == ("closed",)


def test_after_reopening_the_old_decision_counts_no_longer_and_what_is_owed_again_is_said(ctx, now):
    reference = decided(ctx, now)
    close_case.dismiss(ctx, DPO, now + HOUR, reference, "it was a test")
    done = close_case.reopen(ctx, DPO, now + 2 * HOUR, reference, "it was none")
    assert any(line.startswith(f"owed again: {INITIAL}, due ") for line in done.changed)
    assert any("counts no longer" in warning for warning in done.warnings)

    def picture():
        with ctx.store.read() as session:
            return case_overview(session, find(session, reference), ctx.zone, now + 5 * HOUR)

    assert picture().decision is None
    assert picture().earlier_decision.author == "dpo"
    assess_and_decide.record_facts(ctx, RESPONDER, now + 3 * HOUR, reference, facts())
    assert picture().decision is None
    assess_and_decide.decide(ctx, DPO, now + 4 * HOUR, reference, verdict(people=False))
    assert picture().decision.notify_people is False
    assert picture().earlier_decision is None
