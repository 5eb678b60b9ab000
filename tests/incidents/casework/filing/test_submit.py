"""Recording filings: in time or late with reasons, initial, follow-up, withdrawal; the first one freezes lateness."""

from datetime import timedelta

import pytest

from incidents.casework.case import assess_and_decide, awareness
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.deadlines import sweep
from incidents.casework.filing import submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import Evidence
from incidents.storage.tables.obligations import Filing, TransitionRow
from tests.builders.casework import (
    BY_TELEPHONE,
    DPO,
    FOLLOW_UP,
    HOUR,
    INITIAL,
    INSTANT,
    RESPONDER,
    accounts,
    aware,
    decided,
    facts,
    filed,
    nothing_written,
    opened,
    owed,
    rows_of,
    status,
)

LATER, WITHDRAWN = FilingPhase.FOLLOW_UP, FilingPhase.WITHDRAWAL


@pytest.mark.parametrize("moment", [-INSTANT, timedelta(), INSTANT])
def test_a_filing_at_the_due_time_itself_is_in_time_and_a_microsecond_later_needs_reasons(ctx, now, moment):
    reference = decided(ctx, now)
    at = now + 72 * HOUR + moment
    if moment > timedelta():
        with nothing_written(ctx), pytest.raises(RefusedError, match="--late-because"):
            filed(ctx, at, reference)
        with nothing_written(ctx), pytest.raises(RefusedError, match="--late-because"):
            filed(ctx, at, reference, late_because="  ")
        filed(ctx, at, reference, late_because="the portal was down")
    else:
        filed(ctx, at, reference)
    late = moment > timedelta()
    assert status(ctx, reference, INITIAL, at) is (DeadlineStatus.MET_LATE if late else DeadlineStatus.MET)
    assert rows_of(ctx, Filing)[0].late_because == ("the portal was down" if late else None)


def test_a_filing_made_in_time_and_recorded_afterwards_is_in_time(ctx, now):
    reference = decided(ctx, now)
    sweep.sweep(ctx, now + 75 * HOUR)
    assert status(ctx, reference, INITIAL, now + 75 * HOUR) is DeadlineStatus.OVERDUE
    filed(ctx, now + 76 * HOUR, reference, at=now + 71 * HOUR)
    assert status(ctx, reference, INITIAL, now + 76 * HOUR) is DeadlineStatus.MET


def test_a_filing_stated_a_moment_ahead_of_our_clock_can_be_late_while_the_clock_is_not_overdue_yet(ctx, now):
    reference = decided(ctx, now)
    due = now + 72 * HOUR
    filed(ctx, due - INSTANT, reference, at=due + INSTANT, late_because="the portal was down")
    with ctx.store.read() as session:
        initial = owed(session, reference)[INITIAL]
    last = rows_of(ctx, TransitionRow, obligation_id=initial.id)[-1]
    assert (last.from_standing, last.to_standing) == (DeadlineStatus.DUE_SOON, DeadlineStatus.MET_LATE)


def test_a_filing_may_come_before_the_assessment_but_not_before_awareness(ctx, now):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"first record awareness: tocsin aware {reference}"):
        filed(ctx, now, reference)
    early = aware(ctx, now)
    filed(ctx, now + HOUR, early)
    assert status(ctx, early, INITIAL, now + HOUR) is DeadlineStatus.MET


@pytest.mark.parametrize(
    ("said", "problem", "why"),
    [
        ({"reference": " "}, InvalidInputError, "--reference"),
        ({"ahead": 1}, InvalidInputError, "the time of filing lies in the future"),
        ({"ahead": -2}, InvalidInputError, "nothing to file yet"),
        ({"authority": "FR"}, NotFoundError, "owed to: DE-BE"),
        ({"phase": LATER}, RefusedError, "there is no initial filing yet"),
        ({"phase": WITHDRAWN}, RefusedError, "there is no initial filing yet"),
    ],
)
def test_a_filing_that_cannot_be_recorded_leaves_nothing(ctx, now, said, problem, why):
    reference = decided(ctx, now)
    said = {"receipt": EvidenceFile(name="receipt.pdf", content=b"%PDF"), **said}
    at = now + said.pop("ahead", 0) * HOUR
    with nothing_written(ctx), pytest.raises(problem, match=why):
        filed(ctx, now, reference, at=at, **said)


def test_a_responder_records_no_filing(ctx, now):

    reference = decided(ctx, now)
    said = Submission(despite=BY_TELEPHONE, reference="A-1", at=now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="lead, dpo"):
        submit.submit(ctx, RESPONDER, now, reference, said)


def test_a_second_initial_filing_is_refused_so_that_lateness_stays_frozen(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + 80 * HOUR, reference, late_because="we were late")
    with nothing_written(ctx), pytest.raises(RefusedError, match="further information is --phase follow-up"):
        filed(ctx, now + 81 * HOUR, reference, at=now + 10 * HOUR)
    assert status(ctx, reference, INITIAL, now + 90 * HOUR) is DeadlineStatus.MET_LATE


def test_an_initial_filing_starts_the_follow_up_and_a_follow_up_that_is_complete_ends_it(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference)
    with ctx.store.read() as session:
        assert owed(session, reference)[FOLLOW_UP].due_at == now + HOUR + 336 * HOUR
    filed(ctx, now + 2 * HOUR, reference, phase=LATER, complete=False)
    assert status(ctx, reference, FOLLOW_UP, now + 2 * HOUR) is DeadlineStatus.RUNNING
    filed(ctx, now + 3 * HOUR, reference, phase=LATER, complete=True)
    assert status(ctx, reference, FOLLOW_UP, now + 3 * HOUR) is DeadlineStatus.MET
    filed(ctx, now + 4 * HOUR, reference, phase=LATER)
    assert [row.phase for row in rows_of(ctx, Filing)] == ["initial", "follow_up", "follow_up", "follow_up"]


def test_a_filing_that_says_everything_starts_no_follow_up(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference, complete=True)
    with ctx.store.read() as session:
        assert FOLLOW_UP not in owed(session, reference)


def test_a_filing_is_complete_by_itself_only_where_the_record_left_nothing_open_when_it_was_filed(ctx, now):
    reference = decided(ctx, now)
    first = submission_done(ctx, now + HOUR, reference)
    assert rows_of(ctx, Filing)[0].complete is False
    assert any("recorded as incomplete" in warning and "discovery" in warning for warning in first.warnings)
    assess_and_decide.record_facts(ctx, DPO, now + 3 * HOUR, reference, everything_known(now))
    submission_done(ctx, now + 4 * HOUR, reference, at=now + 2 * HOUR, phase=LATER)
    assert status(ctx, reference, FOLLOW_UP, now + 4 * HOUR) is DeadlineStatus.RUNNING, (
        "the facts were written down later"
    )
    last = submission_done(ctx, now + 5 * HOUR, reference, phase=LATER)
    assert [row.complete for row in rows_of(ctx, Filing)] == [False, False, True]
    assert not any("left open" in warning for warning in last.warnings)
    assert status(ctx, reference, FOLLOW_UP, now + 5 * HOUR) is DeadlineStatus.MET


def test_calling_a_filing_complete_against_the_record_is_recorded_and_said(ctx, now):
    done = submission_done(ctx, now + HOUR, decided(ctx, now), complete=True)
    assert any("recorded as complete, although the record left open" in warning for warning in done.warnings)


def submission_done(ctx, now, reference, **changes):
    said = {"reference": "A-1", "at": now, "despite": BY_TELEPHONE, **changes}
    return submit.submit(ctx, DPO, now, reference, Submission(**said))


def everything_known(now):
    known = accounts(subjects=["merchants"], records=1200, protection={"encryption": "none"})
    return facts(
        data_sets=[known],
        occurred_from=(now - 2 * HOUR).isoformat(),
        occurred_to=now.isoformat(),
        ongoing="no",
        discovery="own_detection",
        cause={"nature": "misconfiguration", "actor": "insider", "malicious": "no"},
        systems=["storage"],
        cross_border="no",
        likely_consequences=["phishing"],
        measures_taken=["access_closed"],
        measures_proposed=["staff_trained"],
    )


def test_a_follow_up_after_its_target_asks_for_no_reasons(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference)
    filed(ctx, now + 400 * HOUR, reference, phase=LATER, complete=True)
    assert status(ctx, reference, FOLLOW_UP, now + 400 * HOUR) is DeadlineStatus.MET_LATE


def test_a_withdrawal_ends_the_follow_up_and_leaves_the_first_filing_as_it_was(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference)
    filed(ctx, now + 2 * HOUR, reference, phase=WITHDRAWN)
    assert status(ctx, reference, FOLLOW_UP, now + 2 * HOUR) is DeadlineStatus.WAIVED
    assert status(ctx, reference, INITIAL, now + 2 * HOUR) is DeadlineStatus.MET


def test_a_follow_up_before_the_initial_filing_is_refused(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + 2 * HOUR, reference)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="nothing to file yet"):
        filed(ctx, now + 3 * HOUR, reference, at=now + HOUR, phase=LATER)


def test_a_duty_that_was_waived_and_fulfilled_all_the_same_counts_as_fulfilled(ctx, now):
    reference = decided(ctx, now, authority=False)
    filed(ctx, now + HOUR, reference)
    assert status(ctx, reference, INITIAL, now + HOUR) is DeadlineStatus.MET


def test_the_receipt_is_kept_with_the_filing(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference, receipt=EvidenceFile(name="receipt.pdf", content=b"%PDF"), authority="DE-BE")
    assert rows_of(ctx, Filing)[0].receipt_id == rows_of(ctx, Evidence)[0].id


def test_recording_says_that_tocsin_itself_sent_nothing(ctx, now):
    from tests.builders.casework import DPO

    reference = decided(ctx, now)
    done = submit.submit(
        ctx, DPO, now + HOUR, reference, Submission(despite=BY_TELEPHONE, reference="A-1", at=now + HOUR)
    )
    assert "sent nothing to the authority" in done.warnings[0]


def test_where_awareness_lies_before_detection_a_filing_may_too(ctx, now):
    reference = opened(ctx, now)
    said = AwarenessStatement(at=now - 5 * HOUR, basis="the logs", reason="a colleague knew before the alert")
    awareness.state_awareness(ctx, RESPONDER, now, reference, said)
    filed(ctx, now, reference, at=now - HOUR)
    assert status(ctx, reference, INITIAL, now) is DeadlineStatus.MET
