"""What an authority asks is owed like anything else: recorded, reminded of, answered, proven."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidents.case.lifecycle import Stage
from incidents.casework.case import awareness
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines import sweep
from incidents.casework.filing import authority_questions
from incidents.casework.filing.authority_questions import AuthorityAnswer, AuthorityQuestion
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.deadlines.terms import DueKind
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.case import Evidence, Incident, TimelineEntry
from incidents.storage.tables.obligations import Alert
from tests.builders.casework import (
    DPO,
    HOUR,
    INSTANT,
    RESPONDER,
    decided,
    filed,
    nothing_written,
    opened,
    owed,
    rows_of,
)

FIRST = "eu-gdpr/authority-question/DE-BE-1"


def asked(ctx, now, reference, **changes: Any):
    said = {"text": "Which logs show that?", "at": now, "due_at": now + 100 * HOUR, **changes}
    return authority_questions.ask(ctx, RESPONDER, now, reference, AuthorityQuestion(**said))


def row_of(ctx, reference, key=FIRST):
    with ctx.store.read() as session:
        return owed(session, reference)[key]


def test_a_question_is_an_obligation_of_its_own_until_the_time_that_the_authority_set(ctx, now):
    reference = decided(ctx, now)
    done = asked(ctx, now, reference)
    row = row_of(ctx, reference)
    terms = obligation_rows.terms_of(row)
    assert (row.due_at, row.started_at, terms.due_kind) == (now + 100 * HOUR, now, DueKind.SET)
    assert terms.title == "Answer to question 1 of the authority: Which logs show that?"
    assert terms.citation.article == "Arts. 31, 58(1)(a), (e) GDPR"
    assert done.next_command == f'tocsin answer {reference} {FIRST} --text "..." --at now'
    assert [obligation_rows.status_of(row, now + 100 * HOUR + each) for each in (-INSTANT, timedelta(), INSTANT)] == [
        DeadlineStatus.DUE_SOON, DeadlineStatus.DUE_SOON, DeadlineStatus.OVERDUE,
    ]  # fmt: skip


def test_it_nags_like_any_other_until_it_is_answered(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference)
    sweep.sweep(ctx, now + 77 * HOUR)
    fired = {alert.rung for alert in rows_of(ctx, Alert, obligation_id=row_of(ctx, reference).id)}
    assert fired == {"before-48h", "before-24h"}
    kept = EvidenceFile(name="answer.pdf", content=b"%PDF answer")
    said = AuthorityAnswer(text="The access logs of the bucket, attached", at=now + 78 * HOUR, evidence_file=kept)
    authority_questions.answer(ctx, DPO, now + 78 * HOUR, reference, FIRST, said)
    row = row_of(ctx, reference)
    assert (obligation_rows.status_of(row, now + 200 * HOUR), row.next_alarm_at) == (DeadlineStatus.MET, None)
    assert [each.name for each in rows_of(ctx, Evidence)] == ["answer.pdf"]
    assert {line.kind for line in rows_of(ctx, TimelineEntry)} >= {"question", "answer"}


def test_without_a_time_of_the_authority_our_own_target_counts(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference, due_at=None)
    row = row_of(ctx, reference)
    assert row.due_at == now + ctx.targets.follow_up
    assert obligation_rows.terms_of(row).due_kind is DueKind.INTERNAL


def test_questions_are_counted_and_a_late_answer_is_late(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference, due_at=now + HOUR / 2)
    asked(ctx, now, reference, text="And since when?", due_at=now + 2 * HOUR)
    assert row_of(ctx, reference).due_at == now + HOUR / 2, "the time that was set, to the minute"
    said = AuthorityAnswer(text="see attached", at=now + HOUR)
    authority_questions.answer(ctx, DPO, now + HOUR, reference, FIRST, said)
    assert obligation_rows.status_of(row_of(ctx, reference), now + HOUR) is DeadlineStatus.MET_LATE
    assert row_of(ctx, reference, FIRST.replace("-1", "-2")).met_at is None


def test_a_corrected_awareness_leaves_the_time_that_the_authority_set(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference)
    said = AwarenessStatement(at=now - HOUR, basis="the log", reason="an earlier report was found")
    awareness.state_awareness(ctx, RESPONDER, now, reference, said)
    row = row_of(ctx, reference)
    assert (row.due_at, row.clock_version) == (now + 100 * HOUR, 1)


@pytest.mark.parametrize(
    ("changes", "problem", "why"),
    [
        ({"text": " "}, InvalidInputError, "--text"),
        ({"due_at": timedelta()}, InvalidInputError, "before the question"),
        ({"at": HOUR}, InvalidInputError, "future"),
        ({"authority": "FR"}, NotFoundError, "concerned in this case: DE-BE"),
    ],
)
def test_a_question_that_cannot_be_recorded_leaves_nothing(ctx, now, changes, problem, why):
    reference = decided(ctx, now)
    moments = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    with nothing_written(ctx), pytest.raises(problem, match=why):
        asked(ctx, now, reference, **moments)


def test_before_awareness_no_authority_asks(ctx, now):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(RefusedError, match="first record awareness"):
        authority_questions.answer(ctx, DPO, now, reference, FIRST, AuthorityAnswer(text="x", at=now))


@pytest.mark.parametrize(
    ("key", "changes", "problem", "why"),
    [
        (FIRST, {"text": ""}, InvalidInputError, "--text"),
        (FIRST, {"at": -HOUR}, InvalidInputError, "before the question"),
        ("eu-gdpr/authority-initial/DE-BE", {}, NotFoundError, "tocsin submit"),
        ("nothing", {}, NotFoundError, "there are"),
    ],
)
def test_an_answer_that_cannot_be_recorded_leaves_nothing(ctx, now, key, changes, problem, why):
    reference = decided(ctx, now)
    asked(ctx, now, reference)
    said: dict[str, Any] = {"text": "see attached", "at": now, **changes}
    said["at"] = now + said["at"] if isinstance(said["at"], timedelta) else said["at"]
    with nothing_written(ctx), pytest.raises(problem, match=why):
        authority_questions.answer(ctx, DPO, now + HOUR, reference, key, AuthorityAnswer(**said))


def test_a_responder_takes_a_question_down_and_does_not_answer_it(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError):
        authority_questions.answer(ctx, RESPONDER, now, reference, FIRST, AuthorityAnswer(text="x", at=now))


def test_an_answer_is_given_once(ctx, now):
    reference = decided(ctx, now)
    asked(ctx, now, reference)
    authority_questions.answer(ctx, DPO, now, reference, FIRST, AuthorityAnswer(text="x", at=now))
    with nothing_written(ctx), pytest.raises(RefusedError, match="was answered"):
        authority_questions.answer(ctx, DPO, now, reference, FIRST, AuthorityAnswer(text="y", at=now))


def test_a_case_with_an_open_question_cannot_be_closed(ctx, now):
    from incidents.casework.case import close as close_case
    from incidents.casework.case import timeline

    reference = decided(ctx, now, authority=True, people=False)
    filed(ctx, now, reference, complete=True)
    timeline.contain(ctx, RESPONDER, now, reference, at=now, measure="closed")
    asked(ctx, now, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match="authority-question"):
        close_case.close(ctx, DPO, now, reference)
    authority_questions.answer(ctx, DPO, now, reference, FIRST, AuthorityAnswer(text="x", at=now))
    close_case.close(ctx, DPO, now, reference)
    assert rows_of(ctx, Incident)[0].stage is Stage.CLOSED
