"""Stating awareness: never defaulted, never in the future, before detection only with a reason, corrected openly."""

from datetime import timedelta

import pytest

from incidents.casework.base.times import CLOCK_SKEW
from incidents.casework.case import awareness
from incidents.casework.case.awareness import AwarenessStatement
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import Awareness, Evidence, Incident, TimelineEntry
from incidents.storage.tables.obligations import Obligation
from tests.builders.casework import (
    AUDITOR,
    FOLLOW_UP,
    HOUR,
    INITIAL,
    INSTANT,
    RESPONDER,
    SECOND,
    aware,
    decided,
    filed,
    nothing_written,
    opened,
    owed,
    rows_of,
)


def state(ctx, now, reference, at, *, basis="the logs show access", actor=RESPONDER, version=None, **said):
    statement = AwarenessStatement(at=at, basis=basis, **said)
    return awareness.state_awareness(ctx, actor, now, reference, statement, expected_version=version)


def test_awareness_starts_the_legal_clock_at_the_stated_time_not_at_that_of_recording(ctx, now):
    reference = opened(ctx, now)
    done = state(ctx, now + 5 * HOUR, reference, now + HOUR)
    (incident,) = rows_of(ctx, Incident)
    assert (incident.stage, incident.aware_at) == ("confirmed", now + HOUR)
    with ctx.store.read() as session:
        row = owed(session, reference)[INITIAL]
    assert (row.started_at, row.due_at, row.provisional) == (now + HOUR, now + 73 * HOUR, False)
    assert done.changed[1] == f"due {row.due_at.isoformat()}"


@pytest.mark.parametrize("basis", ["", "   "])
def test_awareness_without_a_basis_is_refused(ctx, now, basis):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--basis"):
        state(ctx, now, reference, now, basis=basis)


@pytest.mark.parametrize("ahead", [-INSTANT, timedelta(), INSTANT])
def test_awareness_in_the_future_is_refused(ctx, now, ahead):
    reference = opened(ctx, now)
    at = now + CLOCK_SKEW + ahead
    if ahead > timedelta():
        with nothing_written(ctx), pytest.raises(InvalidInputError, match="the time of awareness lies in the future"):
            state(ctx, now, reference, at)
    else:
        state(ctx, now, reference, at)
        assert rows_of(ctx, Incident)[0].aware_at == at


def test_a_time_without_a_zone_is_never_taken(ctx, now):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises((InvalidInputError, TypeError, ValueError)):
        state(ctx, now, reference, now.replace(tzinfo=None))


@pytest.mark.parametrize("before", [-INSTANT, timedelta(), INSTANT])
def test_awareness_before_detection_needs_a_reason(ctx, now, before):
    reference = opened(ctx, now)
    at = now - before
    if before > timedelta():
        with nothing_written(ctx), pytest.raises(InvalidInputError, match="say why with --reason"):
            state(ctx, now + HOUR, reference, at)
        with nothing_written(ctx), pytest.raises(InvalidInputError, match="say why with --reason"):
            state(ctx, now + HOUR, reference, at, reason="  ")
        state(ctx, now + HOUR, reference, at, reason="a colleague knew before the alert")
    else:
        state(ctx, now + HOUR, reference, at)
    assert rows_of(ctx, Incident)[0].aware_at == at


def test_a_second_statement_is_a_correction_and_needs_a_reason(ctx, now):
    reference = aware(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match="to correct it, give --reason"):
        state(ctx, now + HOUR, reference, now + HOUR)
    done = state(ctx, now + 2 * HOUR, reference, now + HOUR, reason="the log's clock was wrong")
    assert done.changed[0].startswith("awareness corrected")


def test_a_correction_keeps_the_old_statement(ctx, now):
    reference = aware(ctx, now)
    state(ctx, now + 2 * HOUR, reference, now + HOUR, reason="the log's clock was wrong")
    statements = rows_of(ctx, Awareness)
    assert [(row.aware_at, row.reason) for row in statements] == [
        (now, None),
        (now + HOUR, "the log's clock was wrong"),
    ]
    assert rows_of(ctx, TimelineEntry)[-1].text == "Awareness corrected: the log's clock was wrong"


def test_a_correction_to_earlier_shows_that_a_filing_was_late_after_all(ctx, now):
    reference = decided(ctx, now, people=False)
    filed(ctx, now + 71 * HOUR, reference, complete=True)
    done = state(ctx, now + 80 * HOUR, reference, now - 2 * HOUR, reason="the mail had arrived earlier")
    assert done.warnings[-1] == f"{INITIAL} was fulfilled late, measured from the corrected awareness"


def test_a_correction_to_later_does_not_make_a_late_filing_timely(ctx, now):
    reference = decided(ctx, now, people=False)
    filed(ctx, now + 73 * HOUR, reference, late_because="we were ill", complete=True)
    state(ctx, now + 80 * HOUR, reference, now + 10 * HOUR, reason="it was later")
    with ctx.store.read() as session:
        row = owed(session, reference)[INITIAL]
    assert row.due_at == now + 72 * HOUR


def test_a_correction_to_later_is_said_loudly_with_how_much_time_it_gives(ctx, now):
    reference = aware(ctx, now - 3 * HOUR)
    later = AwarenessStatement(at=now - HOUR / 2, basis="the log", reason="the log was read again")
    done = awareness.state_awareness(ctx, RESPONDER, now, reference, later)
    assert "every deadline that runs from awareness 2 h 30 min LATER" in done.warnings[0]
    earlier = AwarenessStatement(at=now - 2 * HOUR, basis="the log", reason="no, it was so")
    done = awareness.state_awareness(ctx, RESPONDER, now, reference, earlier)
    assert not any("LATER" in warning for warning in done.warnings)


def test_a_correction_leaves_the_follow_up_alone_which_counts_from_the_filing(ctx, now):
    reference = decided(ctx, now, people=False)
    filed(ctx, now + 10 * HOUR, reference)
    with ctx.store.read() as session:
        before = owed(session, reference)[FOLLOW_UP].due_at
    state(ctx, now + 20 * HOUR, reference, now + HOUR, reason="it was later")
    with ctx.store.read() as session:
        assert owed(session, reference)[FOLLOW_UP].due_at == before


def test_a_long_way_from_detection_to_awareness_is_warned_of(ctx, now):
    reference = opened(ctx, now)
    assert state(ctx, now + 25 * HOUR, reference, now + 24 * HOUR).warnings == ()
    late = opened(ctx, now)
    (warning,) = state(ctx, now + 25 * HOUR, late, now + 25 * HOUR).warnings
    assert "25 h lie between detection and awareness" in warning


def test_proof_of_awareness_is_kept_with_it(ctx, now):
    reference = opened(ctx, now)
    state(ctx, now, reference, now, evidence_file=EvidenceFile(name="access.log", content=b"GET /"))
    (kept,) = rows_of(ctx, Evidence)
    assert rows_of(ctx, TimelineEntry)[-1].evidence_id == kept.id


def test_a_refused_statement_keeps_no_file_either(ctx, now):
    reference = aware(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError):
        state(ctx, now, reference, now, evidence_file=EvidenceFile(name="access.log", content=b"GET /"))


def test_an_unknown_case_is_refused(ctx, now):
    with nothing_written(ctx), pytest.raises(NotFoundError, match="no incident is known as 'INC-2026-0404'"):
        state(ctx, now, "INC-2026-0404", now)


@pytest.mark.parametrize("actor", [AUDITOR, SECOND])
def test_who_does_not_respond_states_no_awareness(ctx, now, actor):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="may not aware"):
        state(ctx, now, reference, now, actor=actor)


def test_who_looked_at_an_older_version_overwrites_nothing(ctx, now):
    reference = opened(ctx, now)
    seen = rows_of(ctx, Incident)[0].version
    state(ctx, now, reference, now, version=seen)
    with nothing_written(ctx), pytest.raises(ConflictError, match=f"tocsin show {reference}"):
        state(ctx, now, reference, now, reason="x", version=seen)
    assert len(rows_of(ctx, Obligation)) == 1


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (24 * HOUR + timedelta(seconds=2), "24 h lie"),
        (25 * HOUR + timedelta(minutes=10, seconds=59), "25 h 10 min lie"),
        (33 * 24 * HOUR + 5 * HOUR, "33 d 5 h lie"),
    ],
)
def test_the_way_to_awareness_is_told_as_people_tell_time(ctx, now, gap, said):
    reference = opened(ctx, now)
    (warning,) = state(ctx, now + gap, reference, now + gap).warnings
    assert warning.startswith(said)
