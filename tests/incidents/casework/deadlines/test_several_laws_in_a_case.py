"""One case under several laws: what arises, what a decision lifts, what it does not, what events and filings move."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from flows.reference.regime_files import read as law
from incidents.audit.verify import verify
from incidents.case.irregularities import irregularities
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.casework.case import assess_and_decide, timeline
from incidents.casework.deadlines import reevaluate, waive
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import submit
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.law.model import Regime
from incidents.law.reminder_ladder import ReminderSchedule
from incidents.queries.overview import case_overview
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.obligations import Filing, Obligation
from tests.builders.casework import (
    BY_TELEPHONE,
    DPO,
    GDPR,
    HOUR,
    INITIAL,
    PEOPLE,
    RESPONDER,
    accounts,
    assessed,
    aware,
    decided,
    facts,
    filed,
    nothing_written,
    opened,
    owed,
    rows_of,
    utc,
    verdict,
)

TURKEY, SWISS, EGYPT = "tr-kvkk/authority-initial/TR", "ch-fadp/authority-initial/CH", "eg-pdpl/authority-initial/EG"
EGYPTIANS = "eg-pdpl/people/affected-people"
WARNING, NOTICE, FINAL = (f"eu-nis2/authority-{stage}/eu-nis2" for stage in ("initial", "intermediate", "final"))


def under(ctx: UseCaseContext, *names: str, **changes: Any) -> UseCaseContext:
    """The same context with more laws switched on, and calendars in which Friday and Saturday are days off in Egypt."""
    profile = replace(ctx.profile, **changes)
    return replace(ctx, regimes=(GDPR, *(law(name) for name in names)), profile=profile, calendar_of=calendar_of)


def calendar_of(place: str):
    from flows.reference.public_holidays import calendar_of as real

    return real(place)


def people_in(*places: str, **more: Any):
    return facts(data_sets=[accounts(countries=dict.fromkeys(places), **more)])


def found(ctx: UseCaseContext, reference: str, key: str) -> Obligation:
    with ctx.store.read() as session:
        return owed(session, reference)[key]


def keys(ctx: UseCaseContext, reference: str, *, settled: bool | None = None) -> set[str]:
    with ctx.store.read() as session:
        rows = owed(session, reference).values()
    return {row.key for row in rows if settled is None or obligation_rows.is_settled(row) is settled}


def test_facts_bring_in_the_laws_of_the_places_where_people_live(ctx, now):
    where = under(ctx, "tr-kvkk", "ch-fadp")
    reference = aware(where, now)
    assert keys(where, reference) == {INITIAL}
    assess_and_decide.record_facts(where, RESPONDER, now + HOUR, reference, people_in("DE", "TR", "CH"))
    assert {TURKEY, SWISS} <= keys(where, reference)
    assert found(where, reference, TURKEY).due_at == now + 72 * HOUR, "counted from awareness, not from the assessment"
    assess_and_decide.record_facts(where, RESPONDER, now + 2 * HOUR, reference, people_in("DE", "TR", "CH"))
    assert len(keys(where, reference)) == len(rows_of(where, Obligation)), "planning twice adds nothing"


def test_a_decision_that_no_risk_is_likely_lifts_what_asks_for_a_risk_and_nothing_else(ctx, now):
    where = under(ctx, "tr-kvkk", "ch-fadp")
    reference = decided(where, now, people_in("DE", "TR", "CH"), authority=False, people=False)
    assert keys(where, reference, settled=True) >= {INITIAL, SWISS}
    assert TURKEY in keys(where, reference, settled=False), "Turkish law knows no threshold of risk"


def test_an_exception_for_the_people_does_not_lift_a_high_risk_for_an_authority(ctx, now):
    where = under(ctx, "ch-fadp")
    reference = assessed(where, now, people_in("DE", "CH"))
    assess_and_decide.decide(where, DPO, now, reference, verdict(people=False, exception="34-3-a"))
    assert SWISS in keys(where, reference, settled=False)
    assess_and_decide.decide(where, DPO, now, reference, verdict(people=False))
    assert SWISS in keys(where, reference, settled=True)
    assess_and_decide.decide(where, DPO, now, reference, verdict())
    assert SWISS in keys(where, reference, settled=False), "owed again"


def test_one_obligation_is_waived_by_itself_with_a_name_and_reasons_and_new_facts_reopen_it(ctx, now):
    where = under(ctx, "tr-kvkk")
    reference = decided(where, now, people_in("DE", "TR"))
    waive.waive(
        where, DPO, now + HOUR, reference, TURKEY, "nobody obtained the data of residents", against_decision=True
    )
    row = found(where, reference, TURKEY)
    assert (row.waived_because, obligation_rows.status_of(row, now + HOUR)) == (
        "nobody obtained the data of residents", DeadlineStatus.WAIVED,
    )  # fmt: skip
    assert any(line.kind == "waived" for line in rows_of(where, TimelineEntry))
    assess_and_decide.record_facts(where, RESPONDER, now + 2 * HOUR, reference, people_in("DE", "TR", records=10))
    assert found(where, reference, TURKEY).waived_at is None


@pytest.mark.parametrize(
    ("actor", "obligation", "because", "problem"),
    [
        (RESPONDER, TURKEY, "why", PermissionDeniedError),
        (DPO, TURKEY, "  ", InvalidInputError),
        (DPO, "xx", "why", NotFoundError),
    ],
)
def test_a_waiver_that_cannot_be_leaves_nothing(ctx, now, actor, obligation, because, problem):
    where = under(ctx, "tr-kvkk")
    reference = decided(where, now, people_in("DE", "TR"))
    with nothing_written(where), pytest.raises(problem):
        waive.waive(where, actor, now, reference, obligation, because)


def test_what_is_settled_cannot_be_waived(ctx, now):
    reference = decided(ctx, now)
    filed(ctx, now + HOUR, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match="settled already"):
        waive.waive(ctx, DPO, now + 2 * HOUR, reference, INITIAL, "why")


# Filings to several authorities.


def test_each_authority_has_its_own_filing_and_which_one_is_meant_must_be_said(ctx, now):
    where = under(ctx, "tr-kvkk")
    reference = decided(where, now, people_in("DE", "TR"))
    with nothing_written(where), pytest.raises(NotFoundError, match="owed to: DE-BE, TR"):
        filed(where, now + HOUR, reference)
    filed(where, now + HOUR, reference, authority="TR", complete=True)
    assert found(where, reference, TURKEY).met_at == now + HOUR
    assert found(where, reference, INITIAL).met_at is None
    filed(where, now + 2 * HOUR, reference)
    assert found(where, reference, INITIAL).met_at == now + 2 * HOUR, "the only one that is left needs no name"


def test_an_obligation_may_be_named_by_its_key(ctx, now):
    where = under(ctx, "tr-kvkk")
    reference = decided(where, now, people_in("DE", "TR"))
    filed(where, now + HOUR, reference, authority=TURKEY)
    assert found(where, reference, TURKEY).met_at == now + HOUR


def test_telling_the_authority_of_egypt_starts_three_working_days_for_its_people(ctx):
    thursday = utc(2026, 11, 19, 10)
    where = under(ctx, "eg-pdpl")
    reference = decided(where, thursday, people_in("DE", "EG"))
    assert EGYPTIANS not in keys(where, reference)
    filed(where, thursday + HOUR, reference, authority="EG")
    row = found(where, reference, EGYPTIANS)
    # Sunday, Monday, Tuesday; Friday and Saturday are the weekend there. 24:00 in Cairo is 22:00 in UTC.
    assert row.due_at == utc(2026, 11, 24, 22)
    assert row.started_at == thursday + HOUR


def test_early_warning_notification_and_final_report_follow_one_another(ctx, now):
    where = under(ctx, "eu-nis2", sectors=("essential_entity",))
    reference = aware(where, now)
    assert {WARNING, NOTICE} <= keys(where, reference)
    assert found(where, reference, WARNING).due_at == now + 24 * HOUR
    assess_and_decide.record_facts(where, RESPONDER, now, reference, facts())
    assess_and_decide.decide(where, DPO, now, reference, verdict())
    with pytest.raises(NotFoundError, match="owed to: DE-BE, eu-nis2"):
        filed(where, now + HOUR, reference)
    filed(where, now + HOUR, reference, authority="eu-nis2")
    assert FINAL not in keys(where, reference)
    filed(where, now + 3 * HOUR, reference, authority=NOTICE)
    assert found(where, reference, NOTICE).met_at == now + 3 * HOUR
    assert found(where, reference, FINAL).started_at == now + 3 * HOUR


def test_a_holiday_of_our_region_moves_nothing_that_is_owed_to_another_authority(ctx):
    # Monday 8 March 2027 is a public holiday in Berlin and not in Germany (Art. 2(1) Reg. 1182/71).
    monday = utc(2027, 2, 8, 10)
    where = under(ctx, "eu-nis2", sectors=("essential_entity",))
    reference = decided(where, monday)
    filed(where, monday, reference, authority=NOTICE)
    assert found(where, reference, FINAL).due_at == utc(2027, 3, 8, 23)


def test_an_early_warning_that_is_late_makes_no_notification_of_personal_data_late(ctx, now):
    from incidents.queries.case_file import case_file
    from notifications.letters.context.authority import is_late
    from tests.builders.casework import BERLIN

    where = under(ctx, "eu-nis2", sectors=("essential_entity",))
    reference = assessed(where, now)
    later = now + 30 * HOUR
    with where.store.read() as session:
        from incidents.casework.base.find import find

        case = case_file(session, find(session, reference), BERLIN, later)
    assert {row.key: row.status for row in case.obligations}[WARNING] is DeadlineStatus.OVERDUE
    assert not is_late(case, "authority-initial", later)


def test_several_similar_breaches_may_be_told_in_one_filing(ctx, now):
    first, second = decided(ctx, now), decided(ctx, now + HOUR)
    said = Submission(despite=BY_TELEPHONE, reference="A-9", at=now + 3 * HOUR, complete=True)
    done = submit.submit_together(ctx, DPO, now + 3 * HOUR, (first, second), said, "the same leak, two exports")
    assert [each.reference for each in done] == [first, second]
    assert {row.reference for row in rows_of(ctx, Filing)} == {"A-9"}
    assert all(found(ctx, each, INITIAL).met_at == now + 3 * HOUR for each in (first, second))
    with ctx.store.read() as session:
        assert verify(session).is_intact


def test_a_bundle_in_which_one_case_refuses_is_recorded_in_none(ctx, now):
    first, second = decided(ctx, now), aware(ctx, now - 80 * HOUR)
    said = Submission(despite=BY_TELEPHONE, reference="A-9", at=now + HOUR)
    with nothing_written(ctx), pytest.raises(RefusedError, match="late"):
        submit.submit_together(ctx, DPO, now + HOUR, (first, second), said, "the same leak")
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="--bundle-because"):
        submit.submit_together(ctx, DPO, now + HOUR, (first, second), said, "")
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="twice"):
        submit.submit_together(ctx, DPO, now + HOUR, (first, first.lower()), said, "the same leak")


# Events that a person records.


def test_until_the_incident_is_classified_the_outer_limit_counts_and_the_classification_moves_the_clock(ctx, now):
    where = under(ctx, "eu-dora", sectors=("financial",), entities=("credit_institution",))
    reference = aware(where, now)
    report = "eu-dora/authority-initial/eu-dora"
    row = found(where, reference, report)
    assert (row.started_at, row.due_at) == (now, now + 24 * HOUR)
    timeline.log(where, RESPONDER, now + 6 * HOUR, reference, "Major", at=now + 5 * HOUR, kind="classified")
    row = found(where, reference, report)
    assert (row.started_at, row.due_at, row.clock_version) == (now + 5 * HOUR, now + 9 * HOUR, 3)
    timeline.log(where, RESPONDER, now + 30 * HOUR, reference, "Corrected", at=now + 22 * HOUR, kind="classified")
    assert found(where, reference, report).due_at == now + 24 * HOUR, "at most 24 h from awareness"


def test_an_event_that_changes_nothing_restarts_no_clock(ctx, now):
    reference = decided(ctx, now)
    done = timeline.log(ctx, RESPONDER, now + HOUR, reference, "All are known", kind="subjects_identified")
    assert done.changed == ("added to the timeline",)
    assert found(ctx, reference, INITIAL).clock_version == 2


def test_correcting_awareness_moves_every_law_that_counts_from_it(ctx, now):
    from incidents.casework.case import awareness
    from incidents.casework.case.awareness import AwarenessStatement

    where = under(ctx, "tr-kvkk")
    reference = decided(where, now, people_in("DE", "TR"))
    filed(where, now + HOUR, reference, authority="TR")
    said = AwarenessStatement(at=now - 2 * HOUR, basis="the log", reason="an earlier report was found")
    awareness.state_awareness(where, RESPONDER, now + 2 * HOUR, reference, said)
    assert found(where, reference, INITIAL).due_at == now + 70 * HOUR
    assert found(where, reference, TURKEY).due_at == now + 70 * HOUR


# Without a main establishment in the EEA.


def test_authorities_not_yet_known_are_replaced_by_those_of_the_countries(ctx, now):
    where = under(ctx, lead=None, establishment="EG")
    reference = opened(where, now)
    unknown = "eu-gdpr/authority-initial/authorities-not-yet-known"
    assert keys(where, reference) == {unknown}
    reference = assessed(where, now, people_in("FR", "AT"))
    assert keys(where, reference, settled=False) >= {f"eu-gdpr/authority-initial/{place}" for place in ("FR", "AT")}
    assert "where affected people live" in (found(where, reference, unknown).waived_because or "")
    assess_and_decide.decide(where, DPO, now, reference, verdict())
    assert unknown in keys(where, reference, settled=True), "a decision does not bring the placeholder back"
    filed(where, now + HOUR, reference, authority="FR")
    assert "eu-gdpr/authority-follow-up/FR" in keys(where, reference)
    assert "eu-gdpr/authority-follow-up/AT" not in keys(where, reference)


# A law that changes while a case is open.


def test_a_changed_law_moves_nothing_until_a_person_takes_it_over_on_record(ctx, now):
    reference = decided(ctx, now)
    changed = replace(ctx, regimes=(longer(GDPR, 96),))
    assert found(changed, reference, INITIAL).due_at == now + 72 * HOUR
    (difference,) = reevaluate.differences(changed, now, reference)
    assert (difference.obligation, difference.due_before, difference.due_after) == (
        INITIAL, now + 72 * HOUR, now + 96 * HOUR,
    )  # fmt: skip
    assert difference.changed == ("period",)
    with nothing_written(changed), pytest.raises(InvalidInputError, match="--because"):
        reevaluate.reevaluate(changed, DPO, now, reference, " ")
    with nothing_written(changed), pytest.raises(PermissionDeniedError):
        reevaluate.reevaluate(changed, RESPONDER, now, reference, "the law changed")
    reevaluate.reevaluate(changed, DPO, now + HOUR, reference, "the law changed")
    assert found(changed, reference, INITIAL).due_at == now + 96 * HOUR
    assert reevaluate.differences(changed, now, reference) == ()
    with nothing_written(changed), pytest.raises(RefusedError, match="already"):
        reevaluate.reevaluate(changed, DPO, now, reference, "again")
    with ctx.store.read() as session:
        assert verify(session).is_intact


def test_other_reminders_leave_the_ladder_of_a_recorded_deadline_as_it_was(ctx, now):
    reference = decided(ctx, now)
    ladder = obligation_rows.terms_of(found(ctx, reference, INITIAL)).ladder
    ours = replace(ladder, before=(timedelta(hours=10),), then_every=timedelta(hours=2))
    changed = replace(ctx, regimes=(reminded(GDPR, ours),))
    timeline.log(changed, RESPONDER, now + HOUR, reference, "the reminders were changed")
    assert obligation_rows.terms_of(found(changed, reference, INITIAL)).ladder == ladder
    assert {"ladder"} <= {key for one in reevaluate.differences(changed, now, reference) for key in one.changed}
    later = decided(changed, now)
    assert obligation_rows.terms_of(found(changed, later, INITIAL)).ladder == ours


def reminded(regime: Regime, ladder: ReminderSchedule) -> Regime:
    return replace(regime, duties=tuple(replace(duty, ladder=ladder) for duty in regime.duties))


def longer(regime: Regime, hours: int) -> Regime:
    first = regime.duty("authority-initial")
    other = replace(first, period=replace(first.period, value=hours))
    return replace(regime, duties=tuple(other if duty is first else duty for duty in regime.duties))


def test_a_new_awareness_counts_by_the_terms_of_then_even_if_the_law_changed(ctx, now):
    from incidents.casework.case import awareness
    from incidents.casework.case.awareness import AwarenessStatement

    reference = aware(ctx, now)
    changed = replace(ctx, regimes=(longer(GDPR, 96),))
    said = AwarenessStatement(at=now + HOUR, basis="the log", reason="a clock was wrong")
    awareness.state_awareness(changed, RESPONDER, now + 2 * HOUR, reference, said)
    assert found(changed, reference, INITIAL).due_at == now + 73 * HOUR


def test_phases_stay_with_the_authority_they_belong_to(ctx, now):
    where = under(ctx, "uk-gdpr")
    reference = decided(where, now, people_in("DE", "GB"))
    filed(where, now + HOUR, reference, authority="DE-BE")
    with nothing_written(where), pytest.raises(RefusedError, match="no initial filing yet"):
        filed(where, now + 2 * HOUR, reference, authority="GB", phase=FilingPhase.FOLLOW_UP)
    filed(where, now + 2 * HOUR, reference, authority="DE-BE", phase=FilingPhase.FOLLOW_UP, complete=True)
    assert found(where, reference, "eu-gdpr/authority-follow-up/DE-BE").met_at == now + 2 * HOUR
    assert timedelta() < found(where, reference, "uk-gdpr/authority-initial/GB").due_at - now


def test_what_was_decided_to_be_notified_is_waived_only_by_whoever_says_that_they_know(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match=r"decided that .* is notified.*--against-decision"):
        waive.waive(ctx, DPO, now, reference, INITIAL, "a risk is unlikely")
    done = waive.waive(ctx, DPO, now, reference, INITIAL, "a risk is unlikely", against_decision=True)
    assert "AGAINST THE DECISION" in done.warnings[0]
    with ctx.store.read() as session:
        (named,) = irregularities(case_overview(session, find(session, reference), ctx.zone, now))
    assert "AGAINST THE DECISION" in named
    assert "a risk is unlikely" in named


def test_what_was_decided_not_to_be_notified_is_waived_as_ever(ctx, now):
    reference = decided(ctx, now, people=False)
    with ctx.store.read() as session:
        rows = {
            row.duty: row.waived_at
            for row in obligation_rows.obligations_in(session, number(find(session, reference).id))
        }
    assert rows["people"] is not None
    with pytest.raises(RefusedError, match="settled already"):
        waive.waive(ctx, DPO, now, reference, PEOPLE, "nobody is at risk")
