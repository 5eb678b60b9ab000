"""A clock that was ahead and came back: every reminder is told at its true time, whatever was told by mistake."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from incidents.audit.verify import verify
from incidents.casework.base.context import UseCaseContext
from incidents.casework.case import timeline
from incidents.casework.deadlines import alerts, set_back, sweep
from incidents.deadlines.state_machine import TransitionCause
from incidents.kernel.clock import SKEW
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow
from tests.builders.casework import HOUR, INITIAL, INSTANT, ON_CALL, aware, nothing_written, owed, rows_of, utc

START = utc(2026, 11, 18, 2, 13)
DUE = START + 72 * HOUR
AHEAD = START + HOUR + 74 * HOUR


def initial(ctx: UseCaseContext, reference: str) -> Obligation:
    with ctx.store.read() as session:
        return owed(session, reference)[INITIAL]


def on_record(ctx: UseCaseContext, reference: str) -> dict[str, datetime]:
    """What is recorded as having come due, each once."""
    row = initial(ctx, reference)
    found = rows_of(ctx, Alert, obligation_id=row.id, clock_version=row.clock_version)
    assert len({alert.rung for alert in found}) == len(found)
    return {alert.rung: alert.due_at for alert in found}


def ringing(ctx: UseCaseContext, reference: str) -> list[str]:
    found = rows_of(ctx, Alert, obligation_id=initial(ctx, reference).id)
    return [alert.rung for alert in found if alert.escalate_at is not None]


@pytest.mark.parametrize("acknowledged", [False, True])
def test_what_was_told_while_the_clock_was_ahead_is_told_again_at_its_true_time(ctx, acknowledged):
    reference = aware(ctx, START)
    sweep.sweep(ctx, START + HOUR)
    sweep.sweep(ctx, AHEAD)
    assert "after-1h" in on_record(ctx, reference)
    if acknowledged:
        timeline.acknowledge(ctx, ON_CALL, AHEAD, reference, None)
    sweep.sweep(ctx, START + HOUR)
    assert on_record(ctx, reference) == {}
    keys = set()
    for hours in (48, 24, 12, 6, 3, 1, 0):
        at = DUE - hours * HOUR
        sweep.sweep(ctx, at - INSTANT)
        assert at not in on_record(ctx, reference).values()
        sweep.sweep(ctx, at)
        assert max(on_record(ctx, reference).values()) == at
        assert len(ringing(ctx, reference)) == 1
        keys |= {alert.key for alert in rows_of(ctx, Alert, obligation_id=initial(ctx, reference).id)}
    # A name that no message has yet: the first telling's would let nobody be told.
    assert all(f"/{initial(ctx, reference).clock_version}.1/" in key for key in keys)
    with ctx.store.read() as session:
        assert verify(session).is_intact


def test_what_was_true_before_stays_and_what_a_mistake_silenced_rings_on(ctx):
    reference = aware(ctx, START)
    sweep.sweep(ctx, START + 24 * HOUR)
    assert ringing(ctx, reference) == ["before-48h"]
    sweep.sweep(ctx, AHEAD + 24 * HOUR)
    assert ringing(ctx, reference) != ["before-48h"]
    now = START + 25 * HOUR
    sweep.sweep(ctx, now)
    (alert,) = rows_of(ctx, Alert, obligation_id=initial(ctx, reference).id)
    assert (alert.rung, alert.told_by, alert.tell_at) == ("before-48h", None, None)
    assert alert.escalate_at == now + ctx.escalate_after


def test_one_that_a_person_answered_before_does_not_ring_again(ctx):
    reference = aware(ctx, START)
    sweep.sweep(ctx, START + 24 * HOUR)
    timeline.acknowledge(ctx, ON_CALL, START + 24 * HOUR, reference, None)
    sweep.sweep(ctx, AHEAD + 24 * HOUR)
    sweep.sweep(ctx, START + 25 * HOUR)
    assert ringing(ctx, reference) == []


def test_the_moves_are_taken_back_by_a_recorded_move_and_the_audit_log_says_what_was_forgotten(ctx):
    reference = aware(ctx, START)
    sweep.sweep(ctx, AHEAD)
    sweep.sweep(ctx, START + HOUR)
    row = initial(ctx, reference)
    moves = rows_of(ctx, TransitionRow, obligation_id=row.id)
    assert [move.to_standing for move in moves][-3:] == ["due_soon", "overdue", "running"]
    assert (moves[-1].cause, moves[-1].due_at) == (TransitionCause.CLOCK_SET_BACK.value, START + HOUR)
    with ctx.store.read() as session:
        entries = session.exec(select(AuditEntry).where(AuditEntry.kind == "clock.set_back")).all()
    assert any("before-48h" in entry.payload and "after-1h" in entry.payload for entry in entries)
    sweep.sweep(ctx, DUE + INSTANT)
    moves = rows_of(ctx, TransitionRow, obligation_id=row.id)
    assert [move.to_standing for move in moves][-2:] == ["due_soon", "overdue"]


@pytest.mark.parametrize(("back", "forgotten"), [(SKEW - INSTANT, False), (SKEW, False), (SKEW + INSTANT, True)])
def test_only_what_is_further_ahead_than_clocks_differ_is_taken_for_a_mistake(ctx, back, forgotten):
    aware(ctx, START)
    sweep.sweep(ctx, START + 24 * HOUR)
    now = START + 24 * HOUR - back
    assert set_back.lies_ahead(ctx, lambda _session: now) is forgotten


def test_looking_for_it_on_any_other_day_writes_nothing(ctx):
    aware(ctx, START)
    sweep.sweep(ctx, START + HOUR)
    with nothing_written(ctx):
        sweep.sweep(ctx, START + 2 * HOUR)
        alerts.escalate(ctx, START + 10 * timedelta(minutes=1))
