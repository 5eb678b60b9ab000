"""The public communication of Art. 34(3)(c) GDPR: owed by a decision, reminded of, and proven by a copy of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from incidents.audit.verify import verify
from incidents.case.lifecycle import Stage
from incidents.case.next_step import next_step
from incidents.casework.case import assess_and_decide, timeline
from incidents.casework.case import close as close_case
from incidents.casework.communication import public_notice
from incidents.casework.communication.public_notice import PublicNotice
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.deadlines import sweep
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.law.model import Threshold
from incidents.register.row import register_row
from incidents.storage.tables.case import Evidence, Incident, TimelineEntry
from incidents.storage.tables.obligations import Alert
from tests.builders.casework import (
    DPO,
    HOUR,
    INITIAL,
    PEOPLE,
    RESPONDER,
    approved,
    assessed,
    decided,
    delivered,
    facts,
    filed,
    listed,
    nothing_written,
    ordered,
    owed,
    picture,
    rows_of,
    verdict,
    wording,
)

PUBLIC = "eu-gdpr/public-communication/public"
COPY = EvidenceFile(name="page.pdf", content=b"%PDF notice")


def in_public(ctx, now, *, people: bool = False) -> str:
    """A case in which the DPO decided on a public communication, for all or for those who cannot be reached."""
    reference = assessed(ctx, now)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=people, exception="34-3-c"))
    return reference


def publish(ctx, now, reference, actor=DPO, **changes: Any):
    said: dict[str, Any] = {"where": "A banner in the shop, two weeks", "at": now, "evidence_file": COPY, **changes}
    return public_notice.publish(ctx, actor, now, reference, PublicNotice(**said))


def row_of(ctx, reference, key=PUBLIC):
    with ctx.store.read() as session:
        return owed(session, reference).get(key)


def test_deciding_on_disproportionate_effort_makes_a_public_communication_owed(ctx, now):
    reference = assessed(ctx, now)
    done = assess_and_decide.decide(ctx, DPO, now + HOUR, reference, verdict(people=False, exception="34-3-c"))
    row = row_of(ctx, reference)
    terms = obligation_rows.terms_of(row)
    assert f"now owed: {PUBLIC}" in done.changed
    assert (row.started_at, row.due_at) == (now, now + ctx.targets.people)
    assert (terms.citation.article, terms.threshold) == ("Art. 34(3)(c) GDPR", Threshold.DISPROPORTIONATE_EFFORT)
    assert row_of(ctx, reference, PEOPLE).waived_at == now + HOUR
    assert row_of(ctx, reference, INITIAL).waived_at is None


def test_a_proposal_alone_makes_none_owed(ctx, now):
    reference = assessed(ctx, now, facts(direct_contact_disproportionate="no addresses are known"))
    assert rows_of(ctx, Incident)[0].stage is Stage.ASSESSED
    judgement = picture(ctx, reference, now).judgement
    assert judgement
    assert judgement["exception"] == "34-3-c"
    assert row_of(ctx, reference) is None


@pytest.mark.parametrize("exception", ["34-3-a", "34-3-b", None])
def test_no_other_decision_makes_one_owed(ctx, now, exception):
    reference = assessed(ctx, now)
    assess_and_decide.decide(ctx, DPO, now, reference, verdict(people=False, exception=exception))
    assert row_of(ctx, reference) is None


def test_it_nags_until_it_is_recorded_with_a_copy(ctx, now):
    reference = in_public(ctx, now)
    sweep.sweep(ctx, now + 49 * HOUR)
    number = row_of(ctx, reference).id
    assert {alert.rung for alert in rows_of(ctx, Alert, obligation_id=number)} == {"before-48h", "before-24h"}
    assert obligation_rows.status_of(row_of(ctx, reference), now + 73 * HOUR) is DeadlineStatus.OVERDUE
    publish(ctx, now + 50 * HOUR, reference)
    row = row_of(ctx, reference)
    assert (obligation_rows.status_of(row, now + 99 * HOUR), row.next_alarm_at) == (DeadlineStatus.MET, None)
    (kept,) = rows_of(ctx, Evidence)
    line = rows_of(ctx, TimelineEntry)[-1]
    assert (line.kind, line.evidence_id, line.at) == ("public_notice", kept.id, now + 50 * HOUR)
    with ctx.store.read() as session:
        assert verify(session).is_intact


@pytest.mark.parametrize(
    ("past_due", "status"),
    [(-1, DeadlineStatus.MET), (0, DeadlineStatus.MET), (1, DeadlineStatus.MET_LATE)],
)
def test_it_is_late_from_the_first_instant_after_its_target(ctx, now, past_due, status):
    reference = in_public(ctx, now)
    at = now + ctx.targets.people + timedelta(microseconds=past_due)
    publish(ctx, at, reference)
    assert obligation_rows.status_of(row_of(ctx, reference), at) is status


def test_a_case_in_which_it_is_owed_cannot_be_closed(ctx, now):
    reference = in_public(ctx, now)
    filed(ctx, now, reference, complete=True)
    timeline.contain(ctx, RESPONDER, now, reference, at=now, measure="closed")
    with nothing_written(ctx), pytest.raises(RefusedError, match="public-communication"):
        close_case.close(ctx, DPO, now, reference)
    publish(ctx, now, reference)
    close_case.close(ctx, DPO, now, reference)
    assert rows_of(ctx, Incident)[0].stage is Stage.CLOSED


def test_who_can_be_reached_is_written_to_and_the_notice_is_for_the_rest(ctx, now):
    reference = in_public(ctx, now, people=True)
    publish(ctx, now + HOUR, reference)
    assert row_of(ctx, reference).met_at == now + HOUR
    assert row_of(ctx, reference, PEOPLE).met_at is None, "a public notice tells nobody who can be written to"
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    assert register_row(picture(ctx, reference, now + HOUR)).people_messages == 1
    delivered(ctx, now + 2 * HOUR, reference)
    assert row_of(ctx, reference, PEOPLE).met_at == now + 2 * HOUR


def test_letters_alone_do_not_make_the_notice_and_it_reaches_whom_they_do_not(ctx, now):
    reference = in_public(ctx, now, people=True)
    listed(ctx, now, reference, "en")
    approved(ctx, now, reference, wording())
    ordered(ctx, now, reference)
    delivered(ctx, now + HOUR, reference)
    assert row_of(ctx, reference, PEOPLE).met_at is None, "1,200 people, one letter"
    assert row_of(ctx, reference).met_at is None
    publish(ctx, now + 2 * HOUR, reference, at=now + 2 * HOUR)
    delivered(ctx, now + 2 * HOUR, reference)
    assert row_of(ctx, reference, PEOPLE).met_at == now + 2 * HOUR


def test_another_decision_ends_it_and_the_same_again_brings_it_back(ctx, now):
    reference = in_public(ctx, now)
    assess_and_decide.decide(ctx, DPO, now + HOUR, reference, verdict())
    assert row_of(ctx, reference).waived_at == now + HOUR
    assess_and_decide.decide(ctx, DPO, now + 2 * HOUR, reference, verdict(people=False, exception="34-3-c"))
    row = row_of(ctx, reference)
    assert (row.waived_at, row.due_at) == (None, now + ctx.targets.people)


def test_new_facts_leave_it_owed_and_it_can_be_recorded_before_the_next_decision(ctx, now):
    reference = in_public(ctx, now)
    assess_and_decide.record_facts(ctx, RESPONDER, now + HOUR, reference, facts(summary="More is known."))
    assert rows_of(ctx, Incident)[0].stage is Stage.ASSESSED
    publish(ctx, now + 2 * HOUR, reference)
    assert row_of(ctx, reference).met_at == now + 2 * HOUR


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"where": "  "}, "--where"),
        ({"evidence_file": None}, "--file"),
        ({"at": HOUR}, "future"),
        ({"at": -HOUR}, "before awareness"),
    ],
)
def test_what_cannot_be_recorded_leaves_nothing(ctx, now, changes, why):
    reference = in_public(ctx, now)
    given = {name: now + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=why):
        publish(ctx, now, reference, **given)


def test_where_nobody_decided_on_one_none_is_recorded(ctx, now):
    reference = decided(ctx, now)
    with nothing_written(ctx), pytest.raises(NotFoundError, match="decide --exception 34-3-c"):
        publish(ctx, now, reference)


def test_it_is_recorded_once_by_those_in_charge_and_not_as_a_filing(ctx, now):
    reference = in_public(ctx, now)
    with nothing_written(ctx), pytest.raises(PermissionDeniedError):
        publish(ctx, now, reference, RESPONDER)
    with nothing_written(ctx), pytest.raises(NotFoundError, match="which authority is meant"):
        filed(ctx, now, reference, authority=PUBLIC)
    publish(ctx, now, reference)
    with nothing_written(ctx), pytest.raises(RefusedError, match="on record since"):
        publish(ctx, now + HOUR, reference)


def test_the_next_step_names_it_and_the_register_says_how_people_were_told(ctx, now):
    reference = in_public(ctx, now)
    filed(ctx, now, reference, complete=True)
    command = next_step(picture(ctx, reference, now)).command or ""
    assert command.startswith(f"tocsin published {reference} --where")
    before = register_row(picture(ctx, reference, now))
    publish(ctx, now, reference)
    after = register_row(picture(ctx, reference, now))
    assert (before.exception, before.people_channel) == ("34-3-c", None)
    assert after.people_channel == "public communication"
