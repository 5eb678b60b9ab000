"""What the checklist of breach duties asks across the use cases; the table of proofs is docs/requirements.yaml."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from incidents.assessment.proposal import assess
from incidents.casework.case import assess_and_decide, awareness, timeline
from incidents.casework.case import close as close_case
from incidents.casework.case.assess_and_decide import EXCEPTIONS
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines import sweep
from incidents.casework.filing import authority_questions
from incidents.casework.filing.authority_questions import AuthorityQuestion
from incidents.deadlines.explanation import explain
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.facts.breach import Facts
from incidents.facts.choices import BreachType
from incidents.kernel.errors import RefusedError
from incidents.law.model import Start
from incidents.obligations.derivation import obligations_from_awareness, obligations_from_facts
from incidents.register.row import COLUMNS, is_intact, register_row
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.obligations import Filing
from tests.builders.casework import (
    BERLIN,
    DPO,
    FOLLOW_UP,
    GDPR,
    HOUR,
    INITIAL,
    INSTANT,
    ORDERS,
    PEOPLE,
    RESPONDER,
    accounts,
    assessed,
    aware,
    decided,
    facts,
    filed,
    opened,
    owed,
    picture,
    rows_of,
    verdict,
)


def row_of(ctx, reference, key=INITIAL):
    with ctx.store.read() as session:
        return owed(session, reference)[key]


def stated(ctx, now, reference, at, **said: Any):
    given = AwarenessStatement(at=at, basis="the check showed personal data", **said)
    return awareness.state_awareness(ctx, RESPONDER, now, reference, given)


# Definition and threshold.


@pytest.mark.parametrize("kind", BreachType)
def test_each_type_of_breach_is_judged_and_documented(kind):
    judgement = assess(facts(data_sets=[accounts(breach=[kind.value])]))
    assert judgement.register
    assert judgement.reasons


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"protection": {"encryption": "state_of_the_art", "key": "safe"}, "published": "no"}, (True, False, False)),
        ({"kinds": ["email", "name"], "people": 50, "published": "no"}, (True, True, False)),
        ({"kinds": ["health", "name"]}, (True, True, True)),
    ],
)
def test_risk_has_three_outcomes_and_each_is_documented(change, told):
    quiet = {"special_categories": "no", "vulnerable": "no"}
    judgement = assess(facts(data_sets=[accounts(**quiet, **change)]))
    assert (judgement.register, judgement.notify_authority, judgement.notify_people) == told


# The notification to the authority.


def test_of_72_hours_it_is_said_that_they_are_the_outer_limit(ctx, now):
    aware(ctx, now)
    (first,) = obligations_from_awareness(ctx.frame(now))
    lines = explain(first.terms, now, BERLIN)
    assert any(line.startswith("sooner:") and "outer limit" in line for line in lines)
    assert "without undue delay" in next(line for line in lines if line.startswith("rule:"))
    assert any("outer limit" in note for note in GDPR.duty("authority-initial").notes)


def test_an_internal_target_is_no_outer_limit_of_the_law(ctx, now):
    reference = assessed(ctx, now)
    lines = explain(obligation_rows.terms_of(row_of(ctx, reference, PEOPLE)), now, BERLIN)
    assert not any(line.startswith("sooner:") for line in lines)


def test_what_is_known_is_filed_in_time_and_the_rest_is_owed_afterwards(ctx, now):
    reference = aware(ctx, now)
    filed(ctx, now + 72 * HOUR, reference, complete=False)
    assert obligation_rows.status_of(row_of(ctx, reference), now + 99 * HOUR) is DeadlineStatus.MET
    rest = row_of(ctx, reference, FOLLOW_UP)
    assert (rest.started_at, rest.met_at) == (now + 72 * HOUR, None)


def test_a_late_filing_is_told_that_not_knowing_everything_is_no_reason(ctx, now):
    reference = aware(ctx, now)
    at = now + 72 * HOUR + INSTANT
    with pytest.raises(RefusedError, match="a first filing may be incomplete"):
        filed(ctx, at, reference)
    filed(ctx, at, reference, late_because="the portal was down from hour 60 on")
    assert rows_of(ctx, Filing)[0].late_because == "the portal was down from hour 60 on"


def test_a_filing_that_a_processor_made_for_us_fulfils_our_duty_by_our_own_clock(ctx, now):
    reference = decided(ctx, now, people=False)
    kept = EvidenceFile(name="filed-by-the-host.pdf", content=b"%PDF")
    with pytest.raises(RefusedError, match="late"):
        filed(ctx, now + 73 * HOUR, reference, reference="filed for us by our host", receipt=kept)
    filed(
        ctx, now + 73 * HOUR, reference, reference="filed for us by our host", receipt=kept,
        late_because="the host filed late; the duty was ours",
    )  # fmt: skip
    assert obligation_rows.status_of(row_of(ctx, reference), now + 74 * HOUR) is DeadlineStatus.MET_LATE


def test_data_held_for_merchants_leave_their_authority_to_them(ctx, now):
    keys = [fact.duty_key for fact in obligations_from_facts(ctx.frame(now), facts(data_sets=[ORDERS]), verdict())]
    assert keys == ["eu-gdpr/controller/unlisted-merchants"]
    assert any("responsible is the controller" in note for note in GDPR.duty("controller").notes)


# The communication to people.


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_exception_lifts_the_communication_to_people_and_nothing_else(ctx, now, exception):
    reference = assessed(ctx, now)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=False, exception=exception))
    assert row_of(ctx, reference, PEOPLE).waived_at is not None
    assert row_of(ctx, reference).waived_at is None
    row = register_row(picture(ctx, reference, now))
    assert (row.exception, row.decided_because, row.authority_decision) == (exception, "as the facts show", "notify")


def test_taking_an_exception_for_a_reason_not_to_notify_the_authority_is_warned_of(ctx, now):
    reference = assessed(ctx, now)
    done = assess_and_decide.decide(
        ctx, DPO, now, reference, verdict(authority=False, people=False, exception="34-3-b")
    )
    assert any("no reason for not notifying the authority" in warning for warning in done.warnings)


def test_what_the_authority_orders_is_owed_again_at_its_old_time(ctx, now):
    reference = assessed(ctx, now)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=False, exception="34-3-b"))
    filed(ctx, now + HOUR, reference, complete=True)
    order = AuthorityQuestion(text="We order the communication to the people (Art. 34(4))", at=now + 100 * HOUR)
    authority_questions.ask(ctx, RESPONDER, now + 100 * HOUR, reference, order)
    assess_and_decide.decide(ctx, DPO, now + 101 * HOUR, reference, verdict())
    row = row_of(ctx, reference, PEOPLE)
    assert (row.waived_at, row.due_at) == (None, now + ctx.targets.people)
    sweep.sweep(ctx, now + 101 * HOUR)
    assert obligation_rows.status_of(row_of(ctx, reference, PEOPLE), now + 101 * HOUR) is DeadlineStatus.OVERDUE
    assert [decision.exception for decision in picture(ctx, reference, now + 102 * HOUR).decisions] == ["34-3-b", None]


# The register.


def test_the_register_tells_causes_course_data_effects_remedy_and_reasons(ctx, now):
    known = facts(
        cause={"nature": "misconfiguration", "actor": "none", "malicious": "no", "detail": "a policy was too wide"},
        likely_consequences=["phishing"], measures_taken=["access_closed"], measures_proposed=["review_of_policies"],
        high_risk_averted_by="every password was reset before anybody used one",
    )  # fmt: skip
    reference = assessed(ctx, now, known)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=False, exception="34-3-b"))
    filed(ctx, now + 80 * HOUR, reference, late_because="the portal was down", complete=True)
    row = register_row(picture(ctx, reference, now + 80 * HOUR))
    assert (row.cause, row.cause_detail) == ("misconfiguration", "a policy was too wide")
    assert (row.summary, row.data_kinds) == ("A bucket was open.", ("email", "name", "password"))
    assert (row.consequences_likely, row.measures_after) == (("phishing",), ("access_closed",))
    assert row.measures_proposed == ("review_of_policies",)
    assert (row.exception, row.decided_because, row.decided_by) == ("34-3-b", "as the facts show", "dpo")
    assert (row.in_time, row.late_because) == (False, "the portal was down")


def test_a_breach_that_is_not_notified_is_documented_with_the_reasons(ctx, now):
    reference = decided(ctx, now, authority=False, people=False)
    row = register_row(picture(ctx, reference, now))
    assert (row.authority_decision, row.people_decision) == ("not_required", "not_required")
    assert (row.decided_because, row.filed_at) == ("as the facts show", None)


def test_a_case_of_long_ago_is_in_the_register_whole_for_nothing_ages_out(ctx):
    then, today = datetime(2019, 3, 4, 5, tzinfo=UTC), datetime(2026, 11, 18, tzinfo=UTC)
    reference = opened(ctx, then)
    close_case.dismiss(ctx, DPO, then + HOUR, reference, "it was the penetration test")
    sweep.sweep(ctx, today)
    row = register_row(picture(ctx, reference, today))
    assert is_intact(row)
    assert (row.state, row.dismissed_because) == ("dismissed", "it was the penetration test")
    assert not {name for name in COLUMNS if "delete" in name or "retain" in name}


# When we are aware.


@pytest.mark.parametrize(("after", "warned"), [(24 * HOUR - INSTANT, False), (24 * HOUR, False), (25 * HOUR, True)])
def test_an_investigation_is_on_record_with_start_and_reason_and_delays_awareness_only_while_short(
    ctx, now, after, warned
):
    reference = opened(ctx, now)
    timeline.log(ctx, RESPONDER, now, reference, "Whose records the bucket held had to be seen", kind="investigation")
    done = stated(ctx, now + 30 * HOUR, reference, now + after)
    line = next(line for line in rows_of(ctx, TimelineEntry) if line.kind == "investigation")
    assert (line.at, line.text) == (now, "Whose records the bucket held had to be seen")
    assert any("the investigation is no longer short" in warning for warning in done.warnings) is warned
    assert row_of(ctx, reference).started_at == now + after, "the person's statement counts"


def test_awareness_begins_with_the_processors_notice_and_not_with_its_own_knowledge(ctx, now):
    knew, told = now - 30 * HOUR, now + HOUR
    party = {"kind": "hosting", "became_aware_at": knew.isoformat(), "told_us_at": told.isoformat()}
    reference = opened(ctx, now)
    assess_and_decide.record_facts(ctx, RESPONDER, now + 2 * HOUR, reference, facts(source_party=party))
    timeline.log(ctx, RESPONDER, now + 2 * HOUR, reference, "The host wrote", at=told, kind="processor_notice")
    assert stated(ctx, now + 2 * HOUR, reference, told).warnings == ()
    assert row_of(ctx, reference).started_at == told
    late = stated(ctx, now + 4 * HOUR, reference, now + 3 * HOUR, reason="read only then").warnings
    assert any("aware once it has informed us" in warning for warning in late)


def test_awareness_after_the_recorded_notice_of_a_third_party_is_put_to_the_person(ctx, now):
    told = now - 30 * HOUR
    party = {"kind": "hosting", "told_us_at": told.isoformat()}
    reference = opened(ctx, now)
    first, _ = assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(source_party=party))
    (unstated,) = first.warnings
    assert f"although nobody has stated it, at {told.isoformat()}: " in unstated
    (on_stating,) = stated(ctx, now, reference, now).warnings
    again, _ = assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(source_party=party))
    for warning in (on_stating, *again.warnings):
        assert f"earlier, at {told.isoformat()}: a processor or other third party told us" in warning
        assert "9/2022 para 44" in warning
    assert picture(ctx, reference, now).aware_at == now, "the person's statement counts"
    stated(ctx, now, reference, told, reason="the host's message counts")
    heeded, _ = assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(source_party=party))
    assert heeded.warnings == ()


def test_a_notice_on_the_timeline_and_in_the_facts_is_said_once(ctx, now):
    told = now - HOUR
    reference = opened(ctx, now)
    party = {"kind": "hosting", "told_us_at": told.isoformat()}
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts(source_party=party))
    timeline.log(ctx, RESPONDER, now, reference, "The host wrote", at=told, kind="processor_notice")
    assert len(stated(ctx, now, reference, now).warnings) == 1


def test_what_a_colleague_knew_is_held_against_a_later_awareness(ctx, now):
    reference = opened(ctx, now)
    timeline.log(ctx, RESPONDER, now + HOUR, reference, "Support had seen it", at=now - HOUR, kind="staff_knowledge")
    (warning,) = stated(ctx, now + HOUR, reference, now).warnings
    assert (now - HOUR).isoformat() in warning
    assert "the knowledge of staff counts" in warning


def test_every_moment_on_the_way_to_awareness_is_kept_by_itself_with_author_and_basis(ctx, now):
    occurred, knew, told = now - 90 * HOUR, now - 30 * HOUR, now - 20 * HOUR
    party = {"kind": "hosting", "became_aware_at": knew.isoformat(), "told_us_at": told.isoformat()}
    reference = opened(ctx, now - 19 * HOUR)
    timeline.log(ctx, RESPONDER, now, reference, "We look", at=now - 18 * HOUR, kind="investigation")
    stated(ctx, now, reference, now - 17 * HOUR)
    known = facts(occurred_from=occurred.isoformat(), source_party=party)
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, known)
    case = picture(ctx, reference, now)
    (said,) = case.awareness
    assert (case.occurred_at, case.detected_at, case.aware_at) == (occurred, now - 19 * HOUR, now - 17 * HOUR)
    assert case.facts is not None
    chain = case.facts.source_party
    assert chain is not None
    assert (chain.became_aware_at, chain.told_us_at) == (knew, told)
    assert [line.at for line in case.timeline if line.kind == "investigation"] == [now - 18 * HOUR]
    assert (said.author, said.basis) == ("responder", "the check showed personal data")


def test_a_suspicion_alone_starts_no_legal_clock(ctx, now):
    reference = opened(ctx, now)
    sweep.sweep(ctx, now + 200 * HOUR)
    row = row_of(ctx, reference)
    assert (row.provisional, rows_of(ctx, Incident)[0].aware_at) == (True, None)
    assert obligation_rows.status_of(row, now + 200 * HOUR) is DeadlineStatus.PROVISIONAL
    assert obligation_rows.terms_of(row).start is Start.AWARE


# Whose the duty is.


def test_joint_control_asks_who_leads_and_leaves_all_duties_ours():
    both = facts(data_sets=[accounts(role="joint_controller"), accounts(name="own")])
    alone = facts(data_sets=[accounts()])
    (said,) = [reason for reason in assess(both).reasons if reason.factor == "joint_control"]
    assert said.because.startswith("controlled jointly (accounts)")
    assert "who leads" in said.because
    assert "each controller remains responsible" in said.because
    assert "Art. 26 GDPR" in said.source
    assert not [reason for reason in assess(alone).reasons if reason.factor == "joint_control"]
    assert assess(both).notify_authority


@pytest.mark.parametrize("says", [{"subjects": ["children"]}, {"vulnerable": "yes"}])
def test_childrens_data_raise_the_verdict(says):
    quiet: dict[str, Any] = {
        "kinds": ["name", "address"], "people": 5, "special_categories": "no", "vulnerable": "no", "published": "no",
        "exfiltration": "possible", "protection": {"encryption": "none"}, "subjects": ["customers"],
    }  # fmt: skip
    grown_up, child = (
        assess(Facts.model_validate({"summary": "a test", "data_sets": [accounts(**quiet | more)]}))
        for more in (dict[str, Any](), says)
    )
    assert child.risk.rank > grown_up.risk.rank
    assert "protected_people" in {reason.factor for reason in child.reasons}
