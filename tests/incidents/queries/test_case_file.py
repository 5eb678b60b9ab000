"""The picture of a case: everything of one case as it stands, nothing of another, never an address."""

import json

from sqlalchemy import event
from sqlmodel import col, select

from incidents.casework.base.find import find
from incidents.casework.case import awareness, timeline
from incidents.casework.case import close as close_case
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.deadlines import sweep
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.queries.case_file import case_file
from incidents.storage.tables.case import AuditEntry
from tests.builders.casework import (
    DPO,
    HOUR,
    INITIAL,
    LEAD,
    ORDERS,
    PEOPLE,
    accounts,
    accounts_of,
    approved,
    decided,
    delivered,
    drafted,
    everything,
    facts,
    filed,
    listed,
    merchants_listed,
    opened,
    ordered,
    picture,
    wording,
)


def a_whole_case(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts_of(3), ORDERS]))
    listed(ctx, now, reference, "en", "de", "en")
    merchants_listed(ctx, now, reference, "m-1", "m-2")
    approved(ctx, now, reference, wording(language="de"))
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference)
    sweep.sweep(ctx, now + 50 * HOUR)
    filed(ctx, now + 60 * HOUR, reference, receipt=EvidenceFile(name="receipt.pdf", content=b"%PDF"))
    return reference


def test_a_case_just_opened_is_whole_already(ctx, now):
    reference = opened(ctx, now, system="storage", exercise=True)
    case = picture(ctx, reference, now + HOUR)
    assert (case.stage, case.system, case.exercise, case.aware_at, case.facts) == (
        "suspected",
        "storage",
        True,
        None,
        None,
    )
    (row,) = case.obligations
    assert row.next_reminder
    assert (row.status, row.provisional, row.next_reminder.key) == (DeadlineStatus.PROVISIONAL, True, "before-48h")
    assert [line.kind for line in case.timeline] == ["opened"]
    assert [alert.rung for alert in case.alerts] == ["opened"]
    assert (case.judgement, case.decision, case.people_list_sha256) == (None, None, None)


def test_a_case_carries_everything_that_was_recorded(ctx, now):
    reference = a_whole_case(ctx, now)
    case = picture(ctx, reference, now + 61 * HOUR)
    rows = {row.key: row for row in case.obligations}
    assert rows[INITIAL].status is DeadlineStatus.MET
    assert rows[INITIAL].filings[0].receipt_sha256 == EvidenceFile(name="x", content=b"%PDF").sha256
    assert [alert.rung for alert in rows[INITIAL].alerts] == ["before-48h", "before-24h", "before-12h"]
    assert [move.to_standing for move in rows[INITIAL].moves] == ["running", "due_soon", "met"]
    assert rows[PEOPLE].met_at == now + HOUR
    assert rows[INITIAL].next_reminder is None
    assert {line.language: (line.total, line.states) for line in case.ledger} == {
        "de": (1, {"accepted": 1}),
        "en": (2, {"accepted": 2}),
    }
    assert [(line.id, line.people, line.state) for line in case.merchants] == [
        ("m-1", None, "not ordered"),
        ("m-2", None, "not ordered"),
    ]
    assert case.decision
    assert (case.people_imported, case.facts_version, case.decision.author) == (3, 1, "dpo")
    assert {draft.id: draft.approved_by for draft in case.drafts} == {"people.en": "approver", "people.de": "approver"}
    assert case.audit_seq > 0
    assert case.as_of == now + 61 * HOUR


def test_standings_are_those_of_the_moment_asked_for(ctx, now):
    reference = decided(ctx, now)
    for hours, status in ((1, DeadlineStatus.RUNNING), (48, DeadlineStatus.DUE_SOON), (73, DeadlineStatus.OVERDUE)):
        rows = {row.key: row for row in picture(ctx, reference, now + hours * HOUR).obligations}
        assert rows[INITIAL].status is status


def test_only_the_newest_version_of_a_draft_is_shown_with_its_own_approval(ctx, now):
    reference = decided(ctx, now)
    approved(ctx, now, reference, wording())
    drafted(ctx, now, reference, wording(text="Other words."))
    (draft,) = picture(ctx, reference, now).drafts
    assert (draft.version, draft.approved_at, draft.approved_by) == (2, None, None)


def test_one_case_shows_nothing_of_another(ctx, now):
    other = opened(ctx, now, title="Another case")
    before = picture(ctx, other, now)
    a_whole_case(ctx, now)
    after = picture(ctx, other, now)
    assert (after.timeline, after.alerts, after.facts, after.decisions) == (before.timeline, before.alerts, None, ())
    assert (after.ledger, after.drafts, after.merchants, after.people_imported) == ((), (), (), 0)
    assert {alert.key.partition("/")[0] for row in after.obligations for alert in row.alerts} == {other}


def test_no_address_of_anybody_affected_is_in_it_and_looking_writes_nothing(ctx, now):
    reference = a_whole_case(ctx, now)
    before = everything(ctx)
    case = picture(ctx, reference, now + 61 * HOUR)
    assert "example.org" not in str(case)
    assert everything(ctx) == before


def test_an_acknowledged_alert_shows_as_such_until_the_next(ctx, now):
    from tests.builders.casework import ON_CALL

    def acknowledged(at):
        return {row.key: row.acknowledged for row in picture(ctx, reference, at).obligations}[INITIAL]

    reference = decided(ctx, now)
    sweep.sweep(ctx, now + 24 * HOUR)
    assert not acknowledged(now + 24 * HOUR)
    timeline.acknowledge(ctx, ON_CALL, now + 25 * HOUR, reference, INITIAL)
    assert acknowledged(now + 25 * HOUR)
    sweep.sweep(ctx, now + 48 * HOUR)
    assert not acknowledged(now + 48 * HOUR)


def entries(ctx, reference):
    with ctx.store.read() as session:
        found = session.exec(
            select(AuditEntry).where(AuditEntry.incident == reference).order_by(col(AuditEntry.seq))
        ).all()
        return [(entry.kind, json.loads(entry.payload), entry.hash) for entry in found]


def test_each_event_carries_the_hash_of_the_audit_entry_that_recorded_it(ctx, now):
    reference = decided(ctx, now, facts(data_sets=[accounts()]))
    timeline.contain(ctx, LEAD, now + HOUR, reference, measure="bucket closed", at=now + HOUR)
    awareness.state_awareness(
        ctx, LEAD, now + HOUR, reference, AwarenessStatement(at=now, basis="logs", reason="corrected")
    )
    case = picture(ctx, reference, now + 2 * HOUR)
    recorded = entries(ctx, reference)
    by_kind = {kind: [digest for each, _, digest in recorded if each == kind] for kind, _, _ in recorded}
    assert [case.opened_sha256] == by_kind["incident.opened"]
    assert [case.contained_sha256] == by_kind["incident.contained"]
    assert [line.audit_sha256 for line in case.awareness] == by_kind["awareness.stated"]
    assert len(case.awareness) == 2
    assert [line.audit_sha256 for line in case.decisions] == by_kind["decision.made"]
    judged = [digest for kind, body, digest in recorded if kind == "facts.recorded" and body["risk"]]
    assert [line.audit_sha256 for line in case.assessments] == judged
    assert case.ended_sha256 is None


def test_a_case_that_ended_twice_carries_the_entry_of_its_last_end_and_an_open_one_none(ctx, now):
    reference = opened(ctx, now)
    close_case.dismiss(ctx, DPO, now, reference, "a false alarm")
    first = picture(ctx, reference, now).ended_sha256
    close_case.reopen(ctx, DPO, now, reference, "a customer called")
    assert picture(ctx, reference, now).ended_sha256 is None
    close_case.dismiss(ctx, DPO, now, reference, "a false alarm after all")
    second = picture(ctx, reference, now).ended_sha256
    ends = [digest for kind, body, digest in entries(ctx, reference) if body.get("to") == "dismissed"]
    assert [first, second] == ends
    assert first != second


def test_the_hashes_of_all_events_are_read_in_one_query(ctx, now):
    reference = a_whole_case(ctx, now)
    asked = []
    with ctx.store.read() as session:
        event.listen(session.get_bind(), "before_cursor_execute", lambda *given: asked.append(given[2]))
        case_file(session, find(session, reference), ctx.zone, now)
    asked = [each for each in asked if "FROM audit_entry" in each]
    assert len(asked) == 2, "one for the events, one for the head of the chain"
