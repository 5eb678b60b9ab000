"""What each step leaves in the audit log: exactly these kinds of entries, by whoever acted, and nothing without one.

A step whose entry is dropped, or one that is written under another name, fails here by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlmodel import col, select

from incidents.access.people import add_person, os_actor
from incidents.audit.verify import verify
from incidents.casework.base.context import UseCaseContext
from incidents.casework.case import assess_and_decide, awareness, close, timeline
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.communication import hold
from incidents.casework.deadlines import alerts, sweep
from incidents.casework.filing import authority_questions
from incidents.casework.filing.authority_questions import AuthorityAnswer, AuthorityQuestion
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import ConflictError
from incidents.storage.tables.case import AuditEntry, Incident, TimelineEntry
from tests.builders.casework import (
    DPO,
    HOUR,
    LEAD,
    RESPONDER,
    SECOND,
    accounts,
    approved,
    delivered,
    drafted,
    facts,
    filed,
    listed,
    merchants_listed,
    nothing_written,
    opened,
    ordered,
    rows_of,
    verdict,
    wording,
)

Step = Callable[[UseCaseContext, datetime, str], Any]
FILE = EvidenceFile(name="log", content=b"x")
QUESTION = "eu-gdpr/authority-question/DE-BE-1"


def awareness_at(reason: str | None = None, *, earlier: bool = False) -> Step:
    def state(ctx: UseCaseContext, now: datetime, reference: str) -> None:
        at = now - HOUR if earlier else now
        said = AwarenessStatement(at=at, basis="the logs show access", reason=reason)
        awareness.state_awareness(ctx, RESPONDER, now, reference, said)

    return state


STEPS: dict[str, Step] = {
    "contain": lambda ctx, now, ref: timeline.contain(ctx, RESPONDER, now, ref, at=now, measure="closed"),
    "log": lambda ctx, now, ref: timeline.log(ctx, RESPONDER, now, ref, "seen", evidence_file=FILE),
    "aware": awareness_at(),
    "correct awareness": awareness_at("the first log line", earlier=True),
    "assess": lambda ctx, now, ref: assess_and_decide.record_facts(
        ctx, RESPONDER, now, ref, facts(data_sets=[accounts()])
    ),
    "list people": lambda ctx, now, ref: listed(ctx, now, ref, "en"),
    "list merchants": lambda ctx, now, ref: merchants_listed(ctx, now, ref, "m-1"),
    "decide": lambda ctx, now, ref: assess_and_decide.decide(ctx, DPO, now, ref, verdict()),
    "draft": lambda ctx, now, ref: drafted(ctx, now, ref, wording()),
    "approve": lambda ctx, now, ref: approved(ctx, now, ref, wording(text="Other words.")),
    "send": ordered,
    "hold": lambda ctx, now, ref: hold.hold(ctx, DPO, now, ref, "a wrong day in it"),
    "release": lambda ctx, now, ref: hold.release(ctx, SECOND, now, ref, "the day is right"),
    "letters accepted": delivered,
    "ask": lambda ctx, now, ref: authority_questions.ask(
        ctx, DPO, now, ref, AuthorityQuestion(text="How many?", at=now, due_at=now + 90 * HOUR)
    ),
    "answer": lambda ctx, now, ref: authority_questions.answer(
        ctx, DPO, now, ref, QUESTION, AuthorityAnswer(text="Ten.", at=now)
    ),
    "reminders come due": lambda ctx, now, _ref: sweep.sweep(ctx, now + 60 * HOUR),
    "nobody answers": lambda ctx, now, _ref: alerts.escalate(ctx, now + 61 * HOUR),
    "acknowledge": lambda ctx, now, ref: timeline.acknowledge(ctx, RESPONDER, now + 61 * HOUR, ref, None),
    "file": lambda ctx, now, ref: filed(ctx, now, ref, complete=True, receipt=FILE),
    "hand over": lambda ctx, now, ref: timeline.hand_over(ctx, DPO, now, ref, to="lead"),
}
ON_RECORD = """
contain            responder incident.contained timeline.added rows.recorded
log                responder timeline.added
aware              responder incident.moved awareness.stated timeline.added obligation.restarted rows.recorded
correct awareness  responder awareness.stated timeline.added obligation.restarted rows.recorded
assess             responder incident.moved timeline.added facts.recorded facts.recorded timeline.added
                             obligation.created rows.recorded
list people        responder people.imported timeline.added rows.recorded
list merchants     responder merchants.imported timeline.added rows.recorded
decide             dpo       incident.moved decision.made timeline.added rows.recorded
draft              tocsin    draft.written
approve            approver  draft.written draft.approved timeline.added
send               dpo       send.ordered timeline.added rows.recorded
hold               dpo       send.held timeline.added
release            approver  send.released timeline.added
letters accepted   tocsin    rows.recorded
ask                dpo       obligation.created timeline.added rows.recorded
answer             dpo       obligation.met timeline.added rows.recorded
reminders come due tocsin    clock.noticed clock.noticed rows.recorded
nobody answers     tocsin    alert.escalated alert.escalated alert.escalated rows.recorded
acknowledge        responder alert.acknowledged alert.acknowledged alert.acknowledged rows.recorded
file               dpo       filing.recorded timeline.added filing.confirmed timeline.added obligation.met rows.recorded
hand over          dpo       incident.handed_over timeline.added rows.recorded
"""
"""Each step, who did it by its last entry, and the kinds of its entries in their order."""


def new_entries(ctx: UseCaseContext, after: int) -> list[AuditEntry]:
    with ctx.store.read() as session:
        return list(session.exec(select(AuditEntry).where(AuditEntry.seq > after).order_by(col(AuditEntry.seq))))


def kinds(entries: Iterable[AuditEntry]) -> str:
    return " ".join(entry.kind for entry in entries)


def test_each_step_leaves_exactly_its_entries(sqlite_ctx, now):
    with sqlite_ctx.store.write() as session:
        add_person(session, os_actor("root"), now, name=LEAD.name, roles=LEAD.roles)
    reference = opened(sqlite_ctx, now)
    written = {}
    for name, step in STEPS.items():
        before = len(new_entries(sqlite_ctx, 0))
        step(sqlite_ctx, now, reference)
        found = new_entries(sqlite_ctx, before)
        written[name] = f"{found[-1].actor} {kinds(found)}"
    joined = " ".join(ON_RECORD.split())
    assert " ".join(f"{name} {entries}" for name, entries in written.items()) == joined
    with sqlite_ctx.store.read() as session:
        assert verify(session).breaks == ()


def test_a_file_that_a_line_names_is_vouched_for_by_that_line(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    timeline.log(sqlite_ctx, RESPONDER, now, reference, "seen", evidence_file=FILE)
    rows = json.loads(new_entries(sqlite_ctx, 0)[-1].payload)["rows"]
    assert {name.partition(":")[0] for name in rows} == {"evidence", "timeline_entry"}


def test_what_a_person_does_is_answered_by_the_flow_and_what_they_wrote_bears_their_name(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    (before,) = rows_of(sqlite_ctx, Incident)
    timeline.log(sqlite_ctx, RESPONDER, now, reference, "seen")
    (after,) = rows_of(sqlite_ctx, Incident)
    assert (after.change_seq, after.version) == (before.change_seq + 1, (before.version or 0) + 1)
    assert rows_of(sqlite_ctx, TimelineEntry)[-1].author == RESPONDER.name


def test_a_step_on_an_older_version_is_refused_and_writes_nothing(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    (row,) = rows_of(sqlite_ctx, Incident)
    stale = replace(sqlite_ctx, expected_version=(row.version or 0) - 1)
    with nothing_written(sqlite_ctx), pytest.raises(ConflictError, match="has changed since you looked"):
        timeline.log(stale, RESPONDER, now, reference, "seen")
    timeline.log(replace(sqlite_ctx, expected_version=row.version), RESPONDER, now, reference, "seen")


def test_a_case_taken_up_again_owes_what_was_dismissed_and_not_what_was_met(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    awareness_at()(sqlite_ctx, now, reference)
    close.dismiss(sqlite_ctx, DPO, now, reference, "a test bucket")
    before = len(new_entries(sqlite_ctx, 0))
    close.reopen(sqlite_ctx, DPO, now, reference, "it was none")
    assert kinds(new_entries(sqlite_ctx, before)) == "incident.moved obligation.reopened timeline.added rows.recorded"
