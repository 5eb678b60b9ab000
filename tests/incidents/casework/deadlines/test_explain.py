"""What is said of how a clock of a case was counted: by which events, and what was only assumed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from flows.reference.public_holidays import calendar_of
from flows.reference.regime_files import read as law
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find
from incidents.casework.case import assess_and_decide, timeline
from incidents.casework.deadlines.explain import ClockExplanation, explained
from incidents.casework.deadlines.rows import obligations_in, terms_of
from incidents.casework.filing import authority_questions
from incidents.casework.filing.authority_questions import AuthorityQuestion
from incidents.deadlines.explanation import explain
from incidents.law.model import Start
from tests.builders.casework import DPO, GDPR, HOUR, INITIAL, RESPONDER, accounts, aware, facts, opened, utc

REPORT = "eu-dora/authority-initial/eu-dora"
CALIFORNIANS, TURKS = "us-ca/people/affected-people", "tr-kvkk/people/affected-people"
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
def where(ctx: UseCaseContext) -> UseCaseContext:
    profile = replace(ctx.profile, sectors=("financial",), entities=("credit_institution",))
    laws = (GDPR, law("eu-dora"), law("us-ca"), law("tr-kvkk"))
    return replace(ctx, regimes=laws, profile=profile, calendar_of=calendar_of)


def assessed(ctx: UseCaseContext, at) -> str:
    reference = aware(ctx, at)
    known = facts(data_sets=[accounts(countries=dict.fromkeys(("DE", "US-CA", "TR")))])
    assess_and_decide.record_facts(ctx, RESPONDER, at + HOUR, reference, known)
    return reference


def of(ctx: UseCaseContext, reference: str, key: str) -> ClockExplanation:
    with ctx.store.read() as session:
        return explained(session, ctx, find(session, reference))[key]


def test_what_is_not_classified_yet_counts_to_the_outer_limit_and_says_so(where, now):
    reference = assessed(where, now)
    found = of(where, reference, REPORT)
    assert (found.event, found.assumption, found.counted.due_at) == (Start.AWARE, None, now + 24 * HOUR)
    assert "no such time is known yet, so the outer limit counts (Art. 5(1)(a)" in found.counted.lines[0]
    assert found.counted.lines[1].startswith("at most 24 hours after awareness: ")
    timeline.log(where, RESPONDER, now + 2 * HOUR, reference, "Major", at=now + 2 * HOUR, kind="classified")
    found = of(where, reference, REPORT)
    assert (found.event, found.counted.due_at) == (Start.CLASSIFIED, now + 6 * HOUR)


def test_an_event_that_is_not_on_record_is_named_as_an_assumption_until_it_is_recorded(where, now):
    reference = assessed(where, now)
    found = of(where, reference, TURKS)
    assert found.event is Start.AWARE
    assert str(found.assumption) == (
        "when the affected people were identified is not on record; the time when we became aware stands for it, the "
        'earlier reading; record it: `tocsin log REF "..." --kind subjects_identified --at TIME`'
    )
    timeline.log(where, RESPONDER, now + 2 * HOUR, reference, "All", at=now + 2 * HOUR, kind="subjects_identified")
    assert of(where, reference, TURKS).assumption is None
    assert of(where, reference, INITIAL).assumption is None


def test_before_awareness_the_clock_counts_from_what_stands_for_it(where, now):
    found = of(where, opened(where, now), INITIAL)
    assert (found.event, found.counted.started_at) == (Start.DETECTED, now)


def test_a_question_of_the_authority_is_not_counted_once_more(where, now):
    reference = assessed(where, now)
    asked = AuthorityQuestion(text="Why?", at=now + HOUR, due_at=now + 100 * HOUR, authority="DE-BE")
    authority_questions.ask(where, DPO, now + 2 * HOUR, reference, asked)
    with where.store.read() as session:
        keys = {row.key for row in obligations_in(session, find(session, reference).id or 0)}
        assert len(keys - set(explained(session, where, find(session, reference)))) == 1


def test_the_day_that_ends_is_that_of_the_laws_own_zone(where):
    # Detected Friday 27 November; the thirtieth day is Sunday 27 December in California, which moves nothing.
    at = utc(2026, 11, 27, 19)
    reference = assessed(where, at)
    with where.store.read() as session:
        rows = {row.key: row for row in obligations_in(session, find(session, reference).id or 0)}
    terms, row = terms_of(rows[CALIFORNIANS]), rows[CALIFORNIANS]
    assert row.due_at == utc(2026, 12, 28, 8)
    assert terms.zone is not None
    plain = "\n".join(explain(terms, row.started_at, BERLIN, due=row.due_at, days_in=ZoneInfo(terms.zone)))
    assert "not rolled over" in plain
    assert "the end of Sun 2026-12-27 (24:00 in America/Los_Angeles)" in plain
    assert of(where, reference, CALIFORNIANS).counted.lines[-1] == "an end on a weekend or holiday is not moved"
    assert timedelta(days=30) < row.due_at - row.started_at < timedelta(days=31)
