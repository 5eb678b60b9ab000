"""The deadline machine: its edges, its table of moves, and that the two never disagree."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.deadlines.state_machine import (
    MOVES,
    AllowedTransition,
    ClockState,
    DeadlineStatus,
    TransitionCause,
    corrected,
    deadline_status,
    dismissed,
    filed,
    is_allowed,
    made_aware,
    mermaid,
    moves_by_time,
    reopened,
    untold,
    waived,
)

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
START = datetime(2026, 10, 23, 13, 20, tzinfo=UTC)
DUE = START + 72 * HOUR
RUNNING = ClockState(started_at=START, due_at=DUE, warn_before=24 * HOUR)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (START, DeadlineStatus.RUNNING),
        (DUE - 24 * HOUR - INSTANT, DeadlineStatus.RUNNING),
        (DUE - 24 * HOUR, DeadlineStatus.DUE_SOON),
        (DUE - 24 * HOUR + INSTANT, DeadlineStatus.DUE_SOON),
        (DUE - INSTANT, DeadlineStatus.DUE_SOON),
        (DUE, DeadlineStatus.DUE_SOON),
        (DUE + INSTANT, DeadlineStatus.OVERDUE),
    ],
)
def test_time_moves_a_clock_at_its_edges_to_the_microsecond(now, expected):
    assert deadline_status(RUNNING, now) is expected


@pytest.mark.parametrize(
    ("met_at", "expected"),
    [(DUE - INSTANT, DeadlineStatus.MET), (DUE, DeadlineStatus.MET), (DUE + INSTANT, DeadlineStatus.MET_LATE)],
)
def test_a_filing_exactly_at_the_due_time_is_in_time(met_at, expected):
    assert deadline_status(filed(RUNNING, met_at), DUE + 1000 * HOUR) is expected


def test_a_filing_in_time_that_is_recorded_late_was_in_time():
    assert deadline_status(RUNNING, DUE + 5 * HOUR) is DeadlineStatus.OVERDUE
    assert deadline_status(filed(RUNNING, DUE - HOUR), DUE + 5 * HOUR) is DeadlineStatus.MET


def test_a_second_filing_does_not_mend_the_first():
    late = filed(RUNNING, DUE + HOUR)
    assert filed(late, DUE - HOUR) == late


def test_a_provisional_clock_is_never_overdue():
    provisional = replace(RUNNING, provisional=True)
    assert deadline_status(provisional, DUE + 1000 * HOUR) is DeadlineStatus.PROVISIONAL
    assert moves_by_time(provisional, START, DUE + 1000 * HOUR) == ()


def test_awareness_starts_the_legal_clock():
    aware = made_aware(replace(RUNNING, provisional=True), started_at=START + HOUR, due_at=DUE + HOUR)
    assert deadline_status(aware, START + HOUR) is DeadlineStatus.RUNNING
    assert aware.due_at == DUE + HOUR


def test_waiver_and_dismissal_settle_and_reopening_takes_them_back():
    for settled, expected in ((waived(RUNNING, START), "waived"), (dismissed(RUNNING, START), "dismissed")):
        assert deadline_status(settled, DUE + HOUR) == expected
        assert deadline_status(reopened(settled), DUE + HOUR) is DeadlineStatus.OVERDUE


def test_a_duty_whose_people_were_not_all_told_runs_by_its_old_due_time_and_cannot_become_less_late():
    for met_at, now in product((DUE - HOUR, DUE + HOUR), (DUE + 2 * HOUR, DUE + 9 * HOUR)):
        open_again = untold(filed(RUNNING, met_at))
        assert deadline_status(open_again, now) is DeadlineStatus.OVERDUE
        assert deadline_status(filed(open_again, now), now) is DeadlineStatus.MET_LATE
    assert deadline_status(untold(filed(RUNNING, START + HOUR)), START + 2 * HOUR) is DeadlineStatus.RUNNING


@pytest.mark.parametrize("settle", [waived, dismissed])
def test_a_fulfilled_duty_cannot_be_waived_or_dismissed_away(settle):
    late = filed(RUNNING, DUE + HOUR)
    assert deadline_status(settle(late, DUE + 2 * HOUR), DUE + 3 * HOUR) is DeadlineStatus.MET_LATE


def test_a_correction_can_make_a_filing_late_but_never_less_late():
    in_time, late = filed(RUNNING, DUE), filed(RUNNING, DUE + HOUR)
    earlier = {"started_at": START - HOUR, "due_at": DUE - HOUR}
    later = {"started_at": START + 9 * HOUR, "due_at": DUE + 9 * HOUR}
    assert deadline_status(corrected(in_time, **earlier), DUE) is DeadlineStatus.MET_LATE
    assert deadline_status(corrected(late, **later), DUE) is DeadlineStatus.MET_LATE


def test_moves_by_time_have_their_true_times_however_late_they_are_noticed():
    moves = moves_by_time(RUNNING, START, DUE + 7 * 24 * HOUR)
    assert [(move.to_standing, move.at) for move in moves] == [
        (DeadlineStatus.DUE_SOON, DUE - 24 * HOUR),
        (DeadlineStatus.OVERDUE, DUE + INSTANT),
    ]
    assert all(deadline_status(RUNNING, move.at) is move.to_standing for move in moves)
    assert all(deadline_status(RUNNING, move.at - INSTANT) is move.from_standing for move in moves)


@pytest.mark.parametrize("edge", [DUE - 24 * HOUR, DUE + INSTANT])
def test_looking_twice_at_an_edge_finds_its_move_once(edge):
    before, at, after = edge - INSTANT, edge, edge + INSTANT
    found = [moves_by_time(RUNNING, since, until) for since, until in ((START, before), (before, at), (at, after))]
    assert len(found[1]) == 1
    assert found[2] == ()


def test_a_clock_shorter_than_its_warning_is_due_soon_from_the_start():
    short = ClockState(started_at=START, due_at=START + HOUR, warn_before=24 * HOUR)
    assert deadline_status(short, START) is DeadlineStatus.DUE_SOON
    assert [m.to_standing for m in moves_by_time(short, START - 99 * HOUR, START + 2 * HOUR)] == [
        DeadlineStatus.OVERDUE
    ]


def test_the_table_has_no_row_twice_and_no_way_out_of_lateness():
    assert len(set(MOVES)) == len(MOVES)
    out_of_lateness = [
        (move.cause, move.to_standing) for move in MOVES if move.from_standing is DeadlineStatus.MET_LATE
    ]
    assert out_of_lateness == [(TransitionCause.UNTOLD, DeadlineStatus.OVERDUE)]
    assert {move.cause for move in MOVES if move.from_standing is DeadlineStatus.OVERDUE} == {
        *(TransitionCause.FILED, TransitionCause.WAIVED, TransitionCause.DISMISSED, TransitionCause.CORRECTED),
        TransitionCause.CLOCK_SET_BACK,
    }


def test_the_diagram_is_drawn_from_the_table():
    drawn = mermaid()
    assert drawn.startswith("stateDiagram-v2")
    for move in MOVES:
        line = next(line for line in drawn.splitlines() if f" {move.from_standing} --> {move.to_standing}:" in line)
        assert move.cause.value in line


# The product allows five minutes (CLOCK_SKEW); longer than the warning here, so that a clock still running can be
# filed late, as one with a warning of a minute can.
AHEAD = 30 * HOUR
"""How far ahead of the clock a time may be stated."""

# What may happen to a clock, as (what, how many hours). Each step says what it caused.
Step = tuple[TransitionCause, int]


def is_possible(clock: ClockState, cause: TransitionCause, now: datetime) -> bool:
    """Whether the use cases let this happen to the clock."""
    match cause:
        case TransitionCause.AWARE:
            return clock.provisional and not clock.dismissed_at
        case TransitionCause.CORRECTED:
            return not clock.provisional
        case TransitionCause.FILED:
            return not clock.provisional and not clock.dismissed_at
        case TransitionCause.WAIVED:
            return clock.is_open
        case TransitionCause.UNTOLD:
            # Letters are met at a time that has come, and what was waived or dismissed meanwhile is not owed again.
            return clock.met_at is not None and clock.met_at <= now and not (clock.waived_at or clock.dismissed_at)
        case _:
            return True


def happen(clock: ClockState, now: datetime, step: Step) -> ClockState:
    """Let a step happen; what is not possible leaves the clock as it is."""
    cause, hours = step
    then = min(START + hours * HOUR, now + AHEAD)
    moved = {"started_at": then, "due_at": then + 72 * HOUR}
    changes: dict[TransitionCause, Callable[[], ClockState]] = {
        TransitionCause.AWARE: lambda: made_aware(clock, **moved),
        TransitionCause.CORRECTED: lambda: corrected(clock, **moved),
        TransitionCause.FILED: lambda: filed(clock, then),
        TransitionCause.WAIVED: lambda: waived(clock, now),
        TransitionCause.DISMISSED: lambda: dismissed(clock, now),
        TransitionCause.REOPENED: lambda: reopened(clock),
        TransitionCause.UNTOLD: lambda: untold(clock),
    }
    return changes[cause]() if cause in changes and is_possible(clock, cause, now) else clock


def walk(steps: tuple[Step, ...]) -> list[AllowedTransition]:
    """Live through *steps*; give every move that was seen, those of time one by one."""
    clock, now, seen = replace(RUNNING, provisional=True), START, []
    for step in steps:
        before = deadline_status(clock, now)
        if step[0] is TransitionCause.TIME:
            later = now + abs(step[1]) * HOUR
            moves = moves_by_time(clock, now, later)
            chain = [before, *(move.to_standing for move in moves)]
            assert [move.from_standing for move in moves] == chain[:-1]
            assert chain[-1] is deadline_status(clock, later)
            seen += [
                AllowedTransition(from_standing=m.from_standing, cause=m.cause, to_standing=m.to_standing)
                for m in moves
            ]
            now = later
        else:
            clock = happen(clock, now, step)
            after = deadline_status(clock, now)
            if after is not before:
                seen.append(AllowedTransition(from_standing=before, cause=step[0], to_standing=after))
    return seen


STEPS = st.lists(st.tuples(st.sampled_from(TransitionCause), st.integers(-100, 200)), max_size=25).map(tuple)


@given(STEPS)
@example(((TransitionCause.AWARE, 0), (TransitionCause.TIME, 80), (TransitionCause.FILED, 80)))
def test_whatever_happens_every_move_is_in_the_table(steps):
    moves = walk(steps)
    assert [move for move in moves if not is_allowed(move.from_standing, move.cause, move.to_standing)] == []


@given(STEPS.map(lambda steps: tuple(step for step in steps if step[0] is not TransitionCause.UNTOLD)))
def test_late_is_late_for_ever(steps):
    late = filed(RUNNING, DUE + HOUR)
    clock, now = late, DUE + 2 * HOUR
    found = {deadline_status(clock, now)}
    for step in steps:
        clock = happen(clock, now, step)
        now += abs(step[1]) * HOUR
        found.add(deadline_status(clock, now))
    assert found == {DeadlineStatus.MET_LATE}


@given(st.timedeltas(min_value=INSTANT, max_value=timedelta(days=3650)))
def test_overdue_stays_overdue_as_long_as_nobody_acts(later):
    assert deadline_status(RUNNING, DUE + later) is DeadlineStatus.OVERDUE


def test_every_row_of_the_table_can_happen():
    first = [(TransitionCause.AWARE, hours) for hours in (0, 60)]
    hours = {
        TransitionCause.TIME: (45, 50, 80, 200),
        TransitionCause.CORRECTED: (-100, -30, 0, 100, 150),
        TransitionCause.FILED: (10, 200),
    }
    steps = [(cause, hour) for cause in TransitionCause for hour in hours.get(cause, (0,))]
    seen = {
        move
        for path in product((*first, (TransitionCause.TIME, 60), (TransitionCause.TIME, 200)), steps, steps, steps)
        for move in walk(path)
    }
    seen |= {
        m
        for last in (TransitionCause.REOPENED, TransitionCause.UNTOLD)
        for path in product([(TransitionCause.TIME, 200)], steps, steps, [(last, 0)])
        for m in walk(path)
    }
    # A clock that is set back is the case's rows' affair: tests/incidents/casework/deadlines/test_set_back.py.
    assert {move for move in set(MOVES) - seen if move.cause is not TransitionCause.CLOCK_SET_BACK} == set()


@pytest.mark.parametrize("settle", [waived, dismissed])
def test_of_a_fulfilled_duty_neither_waiver_nor_dismissal_leaves_a_trace(settle):
    met = filed(RUNNING, DUE + HOUR)
    assert settle(met, DUE + 2 * HOUR) == met
    assert settle(RUNNING, DUE) != RUNNING
