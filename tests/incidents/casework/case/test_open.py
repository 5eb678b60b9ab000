"""Opening a case, keeping its timeline, finding it again; what is refused leaves no trace."""

from dataclasses import replace
from datetime import timedelta
from threading import Thread

import pytest
from sqlmodel import col, select

from incidents.access.people import UnknownPersonError
from incidents.case.codenames import codename
from incidents.case.lifecycle import OPEN_STAGES
from incidents.casework.base.find import find
from incidents.casework.base.times import CLOCK_SKEW
from incidents.casework.case import open as open_case
from incidents.casework.case import timeline
from incidents.casework.case.open import IncidentReport
from incidents.evidence.files import EvidenceFile
from incidents.kernel.errors import InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.access import Person
from incidents.storage.tables.case import AuditEntry, Evidence, Incident, TimelineEntry
from incidents.storage.tables.obligations import Alert, Obligation
from tests.builders.casework import (
    ADMIN,
    AUDITOR,
    DPO,
    HOUR,
    INITIAL,
    INSTANT,
    LEAD,
    ON_CALL,
    RESPONDER,
    change,
    decided,
    nothing_written,
    opened,
    owed,
    rows_of,
    utc,
)


def report(at, **changes):
    return IncidentReport(**{"title": "A bucket is open", "detected_at": at, **changes})


def test_opening_starts_a_provisional_clock_from_detection_and_pages(ctx, now):
    done = open_case.open_incident(ctx, ON_CALL, now, report(now - 5 * HOUR))
    assert done.reference == "INC-2026-0001"
    with ctx.store.read() as session:
        row = owed(session, done.reference)[INITIAL]
    assert row.provisional
    assert row.due_at == now + 67 * HOUR
    page = rows_of(ctx, Alert)
    assert [(alert.kind, alert.tell_at) for alert in page] == [("page", now)]


def test_opening_never_says_when_we_became_aware(ctx, now):
    opened(ctx, now, first_signal_at=now - HOUR)
    (incident,) = rows_of(ctx, Incident)
    assert incident.aware_at is None
    assert incident.first_signal_at == now - HOUR


def test_references_count_within_the_year(ctx, now):
    assert [opened(ctx, now), opened(ctx, now)] == ["INC-2026-0001", "INC-2026-0002"]
    assert opened(ctx, utc(2027, 1, 1)) == "INC-2027-0001"


def test_the_title_is_folded_to_one_line(ctx, now):
    opened(ctx, now, title="  A bucket\r\n is   open ")
    assert rows_of(ctx, Incident)[0].title == "A bucket is open"


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"title": "   "}, "title is empty"),
        ({"title": "x" * 301}, "301 characters"),
        ({"detected_at": utc(2026, 11, 18, 2, 18, 0, 1)}, "lies in the future"),
    ],
)
def test_what_cannot_be_opened_leaves_nothing(ctx, now, said, why):
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=why):
        open_case.open_incident(ctx, ON_CALL, now, replace(report(now), **said))


@pytest.mark.parametrize("ahead", [-INSTANT, timedelta(), INSTANT])
def test_a_clock_that_runs_a_little_ahead_is_borne_up_to_five_minutes(sqlite_ctx, now, ahead):
    at = now + CLOCK_SKEW + ahead
    if ahead > timedelta():
        with pytest.raises(InvalidInputError, match="in the future"):
            opened(sqlite_ctx, now, detected_at=at)
    else:
        reference = opened(sqlite_ctx, now, detected_at=at)
        with sqlite_ctx.store.read() as session:
            assert find(session, reference).detected_at == at


@pytest.mark.parametrize("actor", [AUDITOR, ADMIN])
def test_who_has_no_say_in_a_case_opens_none(ctx, now, actor):
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match="responder"):
        open_case.open_incident(ctx, actor, now, report(now))


def test_an_alert_is_kept_as_it_came(ctx, now):
    evidence_file = EvidenceFile(name="alert.json", content=b"{}")
    opened(ctx, now, evidence_file=evidence_file, notes=("First signal",), first_signal_at=now - HOUR)
    (kept,) = rows_of(ctx, Evidence)
    lines = rows_of(ctx, TimelineEntry)
    assert [(line.kind, line.at) for line in lines] == [("opened", now), ("signal", now - HOUR), ("evidence", now)]
    assert lines[-1].evidence_id == kept.id
    assert (ctx.evidence_folder / kept.sha256).read_bytes() == b"{}"


def test_a_line_of_the_timeline_keeps_both_its_times(ctx, now):
    reference = opened(ctx, now)
    timeline.log(ctx, RESPONDER, now + HOUR, reference, " Policy withdrawn ", at=now, kind="action")
    line = rows_of(ctx, TimelineEntry)[-1]
    assert (line.text, line.kind, line.at, line.recorded_at) == ("Policy withdrawn", "action", now, now + HOUR)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"text": "  "}, "text is empty"),
        ({"text": "x", "kind": "gossip"}, "choose one of: note, action"),
        ({"text": "x", "at": utc(2027, 1, 1)}, "in the future"),
    ],
)
def test_a_line_that_cannot_be_taken_leaves_nothing(ctx, now, said, why):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match=why):
        timeline.log(ctx, RESPONDER, now, reference, **said)


def test_containment_is_recorded_with_its_own_time(ctx, now):
    reference = opened(ctx, now)
    timeline.contain(ctx, RESPONDER, now + HOUR, reference, at=now, measure="Policy withdrawn")
    assert rows_of(ctx, Incident)[0].contained_at == now
    assert rows_of(ctx, TimelineEntry)[-1].text == "Policy withdrawn"


def test_containment_that_has_not_come_yet_is_refused(ctx, now):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(InvalidInputError, match="containment lies in the future"):
        timeline.contain(ctx, RESPONDER, now, reference, at=now + HOUR, measure="x")


def test_the_lead_is_handed_over_to_somebody_who_is_known(ctx, now):
    reference = opened(ctx, now)
    with ctx.store.write() as session:
        session.add(Person(name="lead", roles="lead", created_at=now))
    timeline.hand_over(ctx, RESPONDER, now, reference, to="lead")
    assert rows_of(ctx, Incident)[0].lead == "lead"
    with nothing_written(ctx), pytest.raises(UnknownPersonError, match="nobody is known as somebody"):
        timeline.hand_over(ctx, RESPONDER, now, reference, to="somebody")


def test_acknowledging_ends_the_alerts_once(ctx, now):
    reference = opened(ctx, now)
    assert timeline.acknowledge(ctx, ON_CALL, now + HOUR, reference, None).changed == ("acknowledged 1 alert",)
    (page,) = rows_of(ctx, Alert)
    assert (page.acknowledged_by, page.acknowledged_at, page.escalate_at, page.tell_at) == (
        ON_CALL.name,
        now + HOUR,
        None,
        None,
    )
    assert timeline.acknowledge(ctx, LEAD, now + 2 * HOUR, reference, None).changed == ("nothing was waiting",)
    assert rows_of(ctx, Alert)[0].acknowledged_by == ON_CALL.name


def test_acknowledging_an_obligation_nobody_owes_names_those_there_are(ctx, now):
    reference = opened(ctx, now)
    with nothing_written(ctx), pytest.raises(NotFoundError, match=f"there are: {INITIAL}"):
        timeline.acknowledge(ctx, ON_CALL, now, reference, "people")


@pytest.mark.parametrize("asked", ["INC-2026-0001", "inc-2026-0001", " INC-2026-0001 ", "1", "0001"])
def test_a_case_is_found_by_its_reference_or_its_number(ctx, now, asked):
    opened(ctx, now)
    opened(ctx, now)
    with ctx.store.read() as session:
        assert find(session, asked).reference == "INC-2026-0001"


def test_a_case_is_found_by_its_codename_and_by_what_it_begins_with(ctx, now):
    opened(ctx, now)
    name = rows_of(ctx, Incident)[0].codename
    with ctx.store.read() as session:
        for asked in (name, name.upper(), name[:-1], "INC-2026", "inc"):
            assert find(session, asked).codename == name


@pytest.mark.parametrize("asked", ["INC-2026", "inc-2026-000", "INC"])
def test_an_ambiguous_prefix_names_the_cases_it_fits(ctx, now, asked):
    opened(ctx, now)
    opened(ctx, now)
    with ctx.store.read() as session, pytest.raises(NotFoundError, match=r"fits several.*0001 \(.*0002 \("):
        find(session, asked)


def test_a_number_that_two_years_share_is_ambiguous(ctx, now):
    opened(ctx, now)
    opened(ctx, utc(2027, 1, 1))
    with ctx.store.read() as session, pytest.raises(NotFoundError, match="fits several"):
        find(session, "1")


@pytest.mark.parametrize("asked", ["INC-2026-0009", "9", "0", "amber-none", "2026-0001", "", "  ", "%", "_", "INC%"])
def test_an_unknown_reference_says_where_to_look_even_if_there_is_only_one_case(ctx, now, asked):
    opened(ctx, now)
    with ctx.store.read() as session, pytest.raises(NotFoundError, match="tocsin list"):
        find(session, asked)


@pytest.mark.parametrize(
    "change_it",
    [
        lambda ctx, now, ref: timeline.log(ctx, AUDITOR, now, ref, "x"),
        lambda ctx, now, ref: timeline.contain(ctx, AUDITOR, now, ref, at=now, measure="x"),
        lambda ctx, now, ref: timeline.hand_over(ctx, ADMIN, now, ref, to="lead"),
        lambda ctx, now, ref: timeline.acknowledge(ctx, AUDITOR, now, ref, None),
    ],
)
def test_who_only_reads_changes_nothing(sqlite_ctx, now, change_it):
    reference = opened(sqlite_ctx, now)
    with nothing_written(sqlite_ctx), pytest.raises(PermissionDeniedError):
        change_it(sqlite_ctx, now, reference)


def test_a_closed_case_takes_no_more_lines_and_says_how_to_go_on(ctx, now):
    reference = decided(ctx, now)
    change(ctx, Incident, rows_of(ctx, Incident)[0].id, {"stage": "closed"})
    assert rows_of(ctx, Incident)[0].stage not in OPEN_STAGES
    with nothing_written(ctx), pytest.raises(RefusedError, match=f"tocsin reopen {reference}"):
        timeline.log(ctx, DPO, now, reference, "x")


def test_many_cases_opened_at_once_each_get_a_reference_of_their_own(ctx, now):
    problems = []

    def open_one():
        try:
            opened(ctx, now)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    threads = [Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert sorted(row.reference for row in rows_of(ctx, Incident)) == [f"INC-2026-{each:04d}" for each in range(1, 7)]
    assert len(rows_of(ctx, Obligation)) == 6


def test_the_ten_thousandth_case_of_a_year_is_followed_by_another(ctx, now):
    opened(ctx, now)
    first = rows_of(ctx, Incident)[0].id
    change(ctx, Incident, first, {"reference": "INC-2026-9999"})
    assert opened(ctx, now) == "INC-2026-10000"
    assert opened(ctx, now) == "INC-2026-10001"


def test_codenames_are_the_same_each_time_and_never_taken_twice():
    taken: set[str] = set()
    for place in range(3_600):
        name = codename(f"INC-2026-{place:04d}", taken.__contains__)
        assert name not in taken
        taken.add(name)
    assert codename("INC-2026-0001", set().__contains__) == codename("INC-2026-0001", set().__contains__)
    assert codename("INC-2027-0042", taken.__contains__).endswith("-2027-0042")


def test_once_all_pairs_are_taken_cases_of_two_years_still_differ():
    names = [codename(f"INC-{year}-0001", lambda _name: True) for year in range(2026, 2300)]
    assert len(set(names)) == len(names)


def test_opening_is_written_down_in_the_audit_log_with_nothing_the_title_says(ctx, now):
    opened(ctx, now, title="canary-in-the-title")
    entries = rows_of_audit(ctx)
    assert [entry.kind for entry in entries] == [
        "incident.opened", "timeline.added", "obligation.created", "rows.recorded",
    ]  # fmt: skip
    assert not any("canary" in entry.payload for entry in entries)


def rows_of_audit(ctx):
    with ctx.store.read() as session:
        return session.exec(select(AuditEntry).order_by(col(AuditEntry.seq))).all()
