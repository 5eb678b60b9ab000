"""Each view asks a fixed number of SELECTs, whatever the number of cases, recipients, obligations or log lines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy import insert
from sqlmodel import Session

from incidents.case.draft_kinds import PEOPLE
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.queries.case_file import case_file
from incidents.queries.case_list import case_list
from incidents.queries.evidence import evidence_files
from incidents.queries.open_deadlines import open_deadlines
from incidents.queries.overview import case_overview
from incidents.queries.recipients import recipient_status
from incidents.queries.register import register_cases
from incidents.queries.rows.obligations import obligation_files
from incidents.queries.send_preview import send_preview, trial_texts
from incidents.queries.waiting_messages import waiting_since
from incidents.storage.tables.case import TimelineEntry
from tests.builders.casework import (
    DPO,
    HOUR,
    ORDERS,
    accounts_of,
    approved,
    decided,
    facts,
    filed,
    listed,
    merchants_listed,
    opened,
    ordered,
    wording,
)
from tests.builders.statements import past_the_chain, selects

SMALL, LARGE = 3, 120

View = Callable[[Session, UseCaseContext, str, datetime], object]

OF_ONE_CASE: dict[str, tuple[View, int]] = {
    "overview": (lambda session, ctx, ref, now: case_overview(session, find(session, ref), ctx.zone, now), 16),
    "recipients": (lambda session, ctx, ref, now: recipient_status(session, ctx, find(session, ref), now), 26),
    "clocks": (
        lambda session, ctx, ref, now: obligation_files(session, number(find(session, ref).id), ctx.zone, now), 4),
    "trial letter": (lambda session, _ctx, ref, _now: trial_texts(session, DPO, ref, PEOPLE), 4),
    "evidence": (lambda session, _ctx, ref, _now: evidence_files(session, number(find(session, ref).id)), 2),
    "whole case file": (lambda session, ctx, ref, now: case_file(session, find(session, ref), ctx.zone, now), 23),
}  # fmt: skip
"""Views of one case, each with the most SELECTs it may ask, the one that finds the case among them."""

OF_ALL_CASES: dict[str, tuple[View, int]] = {
    "list": (lambda session, _ctx, _ref, now: case_list(session, now, everything=True), 5),
    "deadlines": (lambda session, _ctx, _ref, now: open_deadlines(session, now), 4),
    "register": (lambda session, ctx, _ref, now: register_cases(session, ctx.zone, now, exercises=True), 16),
    "waiting messages": (lambda session, _ctx, _ref, now: waiting_since(session, ["page", "reminder"], now), 3),
    "evidence": (lambda session, _ctx, _ref, _now: evidence_files(session, None), 1),
}
"""Views of every case, with the same."""


def a_case(ctx: UseCaseContext, now, size: int, *, send: bool = True) -> str:
    """A case with *size* people, merchants and log lines, filed in part, with approved letters."""
    reference = decided(ctx, now, facts(data_sets=[accounts_of(size), ORDERS]))
    listed(ctx, now, reference, *(["en"] * size))
    merchants_listed(ctx, now, reference, *(f"m-{number}" for number in range(size)))
    approved(ctx, now, reference, wording(recipients=size))
    if send:
        ordered(ctx, now, reference)
    filed(ctx, now, reference, complete=False)
    with ctx.store.write() as session:
        line = {"incident_id": find(session, reference).id, "at": now, "recorded_at": now, "author": "lead"}
        lines = [{**line, "kind": "note", "text": f"line {place}"} for place in range(size)]
        past_the_chain(session, insert(TimelineEntry).values(lines))
    return reference


def asked(ctx: UseCaseContext, view: View, reference: str, now) -> int:
    with ctx.store.read() as session, selects() as statements:
        view(session, ctx, reference, now + HOUR)
    return len(statements)


def test_a_view_of_one_case_asks_as_much_of_a_large_one_as_of_a_small_one(ctx, now):
    small, large = a_case(ctx, now, SMALL), a_case(ctx, now, LARGE)
    for name, (view, most) in OF_ONE_CASE.items():
        count = asked(ctx, view, small, now)
        assert asked(ctx, view, large, now) == count, name
        assert 0 < count <= most, name


def test_a_view_of_all_cases_asks_as_much_for_thirty_as_for_one(ctx, now):
    first = a_case(ctx, now, SMALL)
    before = {name: asked(ctx, view, first, now) for name, (view, _) in OF_ALL_CASES.items()}
    for _ in range(2):
        a_case(ctx, now, SMALL)
    for _ in range(27):
        opened(ctx, now)
    with ctx.store.read() as session:
        assert len(case_list(session, now)) == 30
    for name, (view, most) in OF_ALL_CASES.items():
        assert asked(ctx, view, first, now) == before[name], name
        assert 0 < before[name] <= most, name


@pytest.mark.parametrize("size", [SMALL, LARGE])
def test_what_a_send_would_do_takes_as_many_selects_of_a_long_list_as_of_a_short_one(ctx, now, size):
    reference = a_case(ctx, now, size, send=False)
    with ctx.store.read() as session, selects() as statements:
        preview = send_preview(ctx, session, DPO, now, reference, PEOPLE)
    assert (preview.recipients, preview.drafts) == (size, {"people.en": size})
    assert len(statements) == 22
