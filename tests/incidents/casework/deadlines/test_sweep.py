"""The book-keeping of clocks: every rung and move recorded once, at its true time, whenever anybody looked."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from threading import Barrier, Thread

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.audit.verify import verify
from incidents.casework.base.context import UseCaseContext
from incidents.casework.case import assess_and_decide, awareness, timeline
from incidents.casework.case import close as close_case
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.deadlines import alerts, sweep
from incidents.casework.deadlines import rows as obligation_rows
from incidents.deadlines.state_machine import DeadlineStatus, TransitionCause, is_allowed
from incidents.kernel.clock import SKEW
from incidents.storage.tables.case import Incident
from incidents.storage.tables.obligations import Alert, Obligation, TransitionRow
from tests.builders.casework import (
    BERLIN,
    DPO,
    HOUR,
    INITIAL,
    INSTANT,
    ON_CALL,
    PEOPLE,
    RESPONDER,
    aware,
    ctx_over,
    decided,
    emptied,
    facts,
    filed,
    nothing_written,
    opened,
    owed,
    rows_of,
    status,
    utc,
    verdict,
)

START = utc(2026, 11, 18, 2, 13)


def expected_rungs(started: datetime, due: datetime, until: datetime) -> dict[str, datetime]:
    """The ladder of the GDPR, written down a second time and by hand."""
    found = {f"before-{hours}h": due - hours * HOUR for hours in (48, 24, 12, 6, 3, 1)}
    found |= {"due": due} | {f"after-{hours}h": due + hours * HOUR for hours in (1, 6, 12, *range(24, 24 * 60, 24))}
    return {key: at for key, at in found.items() if started <= at <= until}


def rungs(ctx: UseCaseContext, obligation: Obligation) -> dict[str, datetime]:
    alerts = rows_of(ctx, Alert, obligation_id=obligation.id, clock_version=obligation.clock_version)
    assert len({alert.rung for alert in alerts}) == len(alerts)
    assert all(alert.noticed_at >= alert.due_at for alert in alerts)
    return {alert.rung: alert.due_at for alert in alerts}


def initial(ctx: UseCaseContext, reference: str) -> Obligation:
    with ctx.store.read() as session:
        return owed(session, reference)[INITIAL]


def history(ctx: UseCaseContext, obligation: Obligation) -> list[TransitionRow]:
    return rows_of(ctx, TransitionRow, obligation_id=obligation.id)


def assert_history_holds(ctx: UseCaseContext) -> None:
    """Every move is in the table, and each begins where the one before ended."""
    for row in rows_of(ctx, Obligation):
        moves = history(ctx, row)
        for move in moves:
            assert is_allowed(
                DeadlineStatus(move.from_standing), TransitionCause(move.cause), DeadlineStatus(move.to_standing)
            )
            assert move.due_at <= move.noticed_at
        assert all(first.to_standing == then.from_standing for first, then in pairwise(moves))


@settings(max_examples=20)
@given(st.lists(st.integers(0, int(timedelta(days=12) / INSTANT)), max_size=12))
def test_whenever_anybody_looked_each_rung_is_recorded_once_and_none_early(memory_store, looks):
    ctx = ctx_over(emptied(memory_store), Path("unused"))
    reference = aware(ctx, START)
    for look in sorted(looks):
        sweep.sweep(ctx, START + look * INSTANT)
    until = START + max(looks, default=0) * INSTANT
    row = initial(ctx, reference)
    assert rungs(ctx, row) == (expected_rungs(START, START + 72 * HOUR, until) if looks else {})
    assert_history_holds(ctx)
    assert_one_live_alert_at_most(ctx, row)


def assert_one_live_alert_at_most(ctx: UseCaseContext, row: Obligation) -> None:
    live = [alert for alert in rows_of(ctx, Alert, obligation_id=row.id) if alert.escalate_at is not None]
    assert len(live) <= 1
    if live:
        assert live[0].due_at == max(alert.due_at for alert in rows_of(ctx, Alert, obligation_id=row.id))


@settings(max_examples=20)
@given(st.lists(st.integers(0, 10 * 24 * 60), min_size=1, max_size=8), st.integers(-30, 30))
def test_a_corrected_awareness_fires_its_own_ladder_whole(memory_store, looks, hours):
    ctx = ctx_over(emptied(memory_store), Path("unused"))
    reference = aware(ctx, START, detected_at=START - 48 * HOUR)
    corrected = START + 40 * HOUR
    sweep.sweep(ctx, START + 25 * HOUR)
    correct(ctx, corrected, reference, to=START + hours * HOUR)
    for look in sorted(looks):
        sweep.sweep(ctx, corrected + timedelta(minutes=look))
    row = initial(ctx, reference)
    begun, until = START + hours * HOUR, corrected + timedelta(minutes=max(looks))
    assert rungs(ctx, row) == expected_rungs(begun, begun + 72 * HOUR, until)
    assert_history_holds(ctx)


def correct(ctx: UseCaseContext, now: datetime, reference: str, *, to: datetime) -> None:
    said = AwarenessStatement(at=to, basis="the logs", reason="the log's clock was wrong")
    awareness.state_awareness(ctx, RESPONDER, now, reference, said)


def test_while_nobody_was_running_all_is_recorded_and_one_alert_tells(ctx):
    reference = aware(ctx, START)
    assert sweep.sweep(ctx, START + 75 * HOUR) == 1
    alerts = rows_of(ctx, Alert, obligation_id=initial(ctx, reference).id)
    assert [alert.rung for alert in alerts] == [
        "before-48h",
        "before-24h",
        "before-12h",
        "before-6h",
        "before-3h",
        "before-1h",
        "due",
        "after-1h",
    ]
    assert [alert.rung for alert in alerts if alert.tell_at is not None] == ["after-1h"]
    assert {alert.told_by for alert in alerts[:-1]} == {alerts[-1].key}
    assert {alert.noticed_at for alert in alerts} == {START + 75 * HOUR}
    assert [alert.kind for alert in alerts[-3:]] == ["reminder", "overdue", "overdue"]
    moves = history(ctx, initial(ctx, reference))
    assert [(move.to_standing, move.due_at) for move in moves if move.cause == "time"] == [
        ("due_soon", START + 48 * HOUR),
        ("overdue", START + 72 * HOUR + INSTANT),
    ]


@pytest.mark.parametrize("moment", [-INSTANT, timedelta(), INSTANT])
@pytest.mark.parametrize(
    ("start", "due"),
    [
        # The night of 25 October 2026 has 25 hours in Berlin, that of 28 March 2027 has 23; 72 hours stay 72.
        (datetime(2026, 10, 24, 12, 0, tzinfo=BERLIN), datetime(2026, 10, 27, 11, 0, tzinfo=BERLIN)),
        (datetime(2027, 3, 27, 12, 0, tzinfo=BERLIN), datetime(2027, 3, 30, 13, 0, tzinfo=BERLIN)),
    ],
)
def test_72_hours_stay_72_across_both_nights_of_the_clock_change(ctx, start, due, moment):
    begun = start.astimezone(START.tzinfo)
    reference = aware(ctx, begun)
    sweep.sweep(ctx, begun + 72 * HOUR + moment)
    row = initial(ctx, reference)
    assert row.due_at == due
    assert ("due" in rungs(ctx, row)) is (moment >= timedelta())
    assert (status(ctx, reference, INITIAL, begun + 72 * HOUR + moment) is DeadlineStatus.OVERDUE) is (
        moment > timedelta()
    )
    assert ("overdue" in {move.to_standing for move in history(ctx, row)}) is (moment > timedelta())


def test_looking_twice_at_one_moment_adds_nothing(ctx):
    aware(ctx, START)
    assert sweep.sweep(ctx, START + 30 * HOUR) == 1
    with nothing_written(ctx):
        assert sweep.sweep(ctx, START + 30 * HOUR) == 0
        # As far back as two honest clocks may differ, nothing is taken back.
        assert sweep.sweep(ctx, START + 30 * HOUR - SKEW) == 0


def test_what_is_not_due_costs_nothing(ctx):
    aware(ctx, START)
    with nothing_written(ctx):
        assert sweep.sweep(ctx, START + 24 * HOUR - INSTANT) == 0
    assert sweep.sweep(ctx, START + 24 * HOUR) == 1


def test_a_provisional_clock_rings_but_is_never_overdue(ctx):
    reference = opened(ctx, START)
    sweep.sweep(ctx, START + 80 * HOUR)
    row = initial(ctx, reference)
    assert rungs(ctx, row) == expected_rungs(START, START + 72 * HOUR, START + 80 * HOUR)
    assert status(ctx, reference, INITIAL, START + 80 * HOUR) is DeadlineStatus.PROVISIONAL
    assert history(ctx, row) == []


def test_awareness_makes_the_provisional_clock_a_legal_one_with_a_ladder_of_its_own(ctx):
    reference = opened(ctx, START)
    sweep.sweep(ctx, START + 30 * HOUR)
    awareness.state_awareness(
        ctx, RESPONDER, START + 40 * HOUR, reference, AwarenessStatement(at=START + 35 * HOUR, basis="x")
    )
    row = initial(ctx, reference)
    assert (row.provisional, row.clock_version, row.due_at) == (False, 2, START + 107 * HOUR)
    assert [alert.told_by for alert in rows_of(ctx, Alert, clock_version=1, obligation_id=row.id)] == ["clock moved"]
    sweep.sweep(ctx, START + 60 * HOUR)
    assert set(rungs(ctx, row)) == {"before-48h"}
    assert_history_holds(ctx)


def test_what_came_due_before_a_correction_is_recorded_although_nobody_had_looked(ctx):
    reference = aware(ctx, START, detected_at=START - 10 * HOUR)
    correct(ctx, START + 49 * HOUR, reference, to=START + 20 * HOUR)
    row = initial(ctx, reference)
    before = rows_of(ctx, Alert, obligation_id=row.id, clock_version=2)
    assert [alert.rung for alert in before] == ["before-48h", "before-24h"]
    assert_history_holds(ctx)


@pytest.mark.parametrize(("shift", "after"), [(-30, DeadlineStatus.OVERDUE), (20, DeadlineStatus.RUNNING)])
def test_correcting_awareness_moves_the_due_time_either_way(ctx, shift, after):
    reference = aware(ctx, START, detected_at=START - 48 * HOUR)
    now = START + 50 * HOUR
    sweep.sweep(ctx, now)
    assert status(ctx, reference, INITIAL, now) is DeadlineStatus.DUE_SOON
    correct(ctx, now, reference, to=START + shift * HOUR)
    assert initial(ctx, reference).due_at == START + (72 + shift) * HOUR
    assert status(ctx, reference, INITIAL, now) is after
    sweep.sweep(ctx, now)
    assert_history_holds(ctx)


def test_an_alert_goes_along_the_list_and_then_round_again_more_slowly(ctx):
    opened(ctx, START)
    (page,) = rows_of(ctx, Alert)
    levels = []
    now = START
    for _ in range(5):
        now = page.escalate_at
        assert alerts.escalate(ctx, now - INSTANT) == 0
        assert alerts.escalate(ctx, now) == 1
        (page,) = rows_of(ctx, Alert)
        levels.append((page.level, page.tell_at == now, page.escalate_at - now))
    quarter, half = timedelta(minutes=15), timedelta(minutes=30)
    assert levels == [(1, True, quarter), (2, True, quarter), (3, True, half), (4, True, half), (5, True, half)]


def test_an_acknowledged_alert_escalates_no_more_until_the_next_rung(ctx):
    reference = aware(ctx, START)
    sweep.sweep(ctx, START + 24 * HOUR)
    timeline.acknowledge(ctx, ON_CALL, START + 24 * HOUR, reference, "authority-initial")
    timeline.acknowledge(ctx, ON_CALL, START + 24 * HOUR, reference, None)
    with nothing_written(ctx):
        assert alerts.escalate(ctx, START + 47 * HOUR) == 0
    sweep.sweep(ctx, START + 48 * HOUR)
    assert alerts.escalate(ctx, START + 49 * HOUR) == 1


def test_a_waived_duty_is_quiet_and_changed_facts_reopen_it_as_if_it_had_never_been(ctx):
    reference = decided(ctx, START, authority=False, people=False)
    row = initial(ctx, reference)
    assert (row.waived_because, row.next_alarm_at) == ("as the facts show", None)
    assert status(ctx, reference, INITIAL, START + 90 * HOUR) is DeadlineStatus.WAIVED
    with nothing_written(ctx):
        sweep.sweep(ctx, START + 50 * HOUR)
    assess_and_decide.record_facts(ctx, RESPONDER, START + 50 * HOUR, reference, facts(summary="It was worse."))
    assert status(ctx, reference, INITIAL, START + 50 * HOUR) is DeadlineStatus.DUE_SOON
    sweep.sweep(ctx, START + 51 * HOUR)
    assert rungs(ctx, row) == expected_rungs(START, START + 72 * HOUR, START + 51 * HOUR)
    assert_history_holds(ctx)


def test_a_duty_that_is_settled_rings_no_more(ctx):
    reference = decided(ctx, START, people=False)
    sweep.sweep(ctx, START + 24 * HOUR)
    filed(ctx, START + 25 * HOUR, reference, complete=True)
    with nothing_written(ctx):
        sweep.sweep(ctx, START + 90 * HOUR)
    (told,) = rows_of(ctx, Alert, obligation_id=initial(ctx, reference).id)
    assert (told.told_by, told.tell_at, told.escalate_at) == ("settled", None, None)
    assert_history_holds(ctx)


def test_planning_twice_adds_nothing(ctx):
    reference = decided(ctx, START)
    before = rows_of(ctx, Obligation)
    assess_and_decide.record_facts(ctx, RESPONDER, START, reference, None)
    assess_and_decide.decide(ctx, DPO, START, reference, verdict())
    assert rows_of(ctx, Obligation) == before


def test_an_obligation_keeps_the_terms_it_was_created_under(ctx):
    reference = aware(ctx, START)
    softer = replace(ctx, regimes=(replace(ctx.regimes[0], duties=()),))
    sweep.sweep(softer, START + 24 * HOUR)
    assert set(rungs(ctx, initial(ctx, reference))) == {"before-48h"}
    assert obligation_rows.terms_of(initial(ctx, reference)).period.value == 72


def test_a_deadline_machine_of_a_whole_case_has_no_gap(ctx):
    reference = decided(ctx, START)
    for hours in (10, 30, 50, 73):
        sweep.sweep(ctx, START + hours * HOUR)
    assess_and_decide.decide(ctx, DPO, START + 74 * HOUR, reference, verdict(authority=False, people=False))
    assess_and_decide.record_facts(ctx, RESPONDER, START + 80 * HOUR, reference, facts(summary="Again."))
    assess_and_decide.decide(ctx, DPO, START + 81 * HOUR, reference, verdict())
    close_case.dismiss(ctx, DPO, START + 90 * HOUR, reference, "no personal data")
    close_case.reopen(ctx, DPO, START + 100 * HOUR, reference, "there were")
    sweep.sweep(ctx, START + 101 * HOUR)
    assert status(ctx, reference, PEOPLE, START + 101 * HOUR) is DeadlineStatus.OVERDUE
    assert_history_holds(ctx)


def test_a_reminder_refuses_nobody_their_change_but_wakes_the_flow(ctx):
    aware(ctx, START)
    (before,) = rows_of(ctx, Incident)
    sweep.sweep(ctx, START + 48 * HOUR)
    (after,) = rows_of(ctx, Incident)
    assert after.version == before.version
    assert after.change_seq == before.change_seq + 1


def test_two_heartbeats_at_once_double_nothing(ctx):
    references = [aware(ctx, START + place * INSTANT) for place in range(12)]
    problems: list[BaseException] = []
    together = Barrier(2)

    def beat() -> None:
        try:
            together.wait(10)
            for hours in (25, 49, 73):
                sweep.sweep(ctx, START + hours * HOUR)
                alerts.escalate(ctx, START + hours * HOUR)
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    run_both(beat, beat)
    assert problems == []
    sweep.sweep(ctx, START + 73 * HOUR)
    for place, reference in enumerate(references):
        begun = START + place * INSTANT
        row = initial(ctx, reference)
        assert rungs(ctx, row) == expected_rungs(begun, begun + 72 * HOUR, START + 73 * HOUR)
    assert_history_holds(ctx)
    with ctx.store.read() as session:
        assert verify(session).is_intact


def run_both(*jobs) -> None:
    threads = [Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_move_that_the_table_does_not_have_is_not_recorded(ctx, now):
    row = initial(ctx, aware(ctx, now))
    moved = {"at": now, "now": now, "seq": 1}
    with pytest.raises(obligation_rows.IllegalTransitionError, match="cannot go from met_late to met by: corrected"):
        obligation_rows.move_of(row, DeadlineStatus.MET_LATE, DeadlineStatus.MET, TransitionCause.CORRECTED, **moved)
