"""The audit log: a chain in which every touched entry and every touched row it vouches for is found and named."""

import json
from contextlib import contextmanager
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import delete, insert, text, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from incidents.audit import chain, digests
from incidents.audit.chain import GENESIS, UnknownEntryError, seal
from incidents.audit.kinds import APPEND_ONLY
from incidents.audit.verify import KeptHead, verify
from incidents.audit.vouching import UnvouchedChangeError
from incidents.casework.case import awareness, timeline
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.communication import hold
from incidents.casework.deadlines import sweep
from incidents.evidence.files import EvidenceFile
from incidents.kernel.canonical_json import canonical_json, sha256_of
from incidents.kernel.timestamps import sortable
from incidents.storage.columns import METADATA
from incidents.storage.tables.access import Token
from incidents.storage.tables.case import AuditEntry, Decision, Incident
from incidents.storage.tables.communication import AffectedPerson, Approval
from incidents.storage.tables.obligations import Alert, Filing, Obligation
from tests.builders.casework import (
    ADMIN,
    HOUR,
    INSTANT,
    ON_CALL,
    ORDERS,
    RESPONDER,
    accounts,
    approved,
    change,
    decided,
    drafted,
    facts,
    filed,
    listed,
    merchants_listed,
    nothing_written,
    opened,
    ordered,
    rows_of,
    wording,
)


@pytest.fixture
def case(ctx, now):
    """A case in which every append-only table has a row."""
    reference = decided(ctx, now, facts(data_sets=[accounts(), ORDERS]))
    sweep.sweep(ctx, now + 50 * HOUR)
    listed(ctx, now, reference, "en", "de")
    merchants_listed(ctx, now, reference, "m-1")
    approved(ctx, now, reference, wording(recipients=2))
    ordered(ctx, now, reference)
    filed(ctx, now + HOUR, reference, receipt=EvidenceFile(name="receipt", content=b"x"))
    timeline.acknowledge(ctx, ON_CALL, now, reference, None)
    hold.hold(ctx, RESPONDER, now, reference, "the letter names the wrong day")
    return reference


def entries(ctx):
    with ctx.store.read() as session:
        return session.exec(select(AuditEntry).order_by(col(AuditEntry.seq))).all()


def verified(ctx, incident=None):
    with ctx.store.read() as session:
        return verify(session, incident)


def what_broke(ctx):
    return " ".join(broken.what for broken in verified(ctx).breaks)


def tamper(ctx, statement, **values):
    with ctx.store.engine.begin() as connection:
        connection.execute(text(statement), values)


@contextmanager
def tampered(ctx, *statements, **values):
    """Give what a verification finds after a change that is taken back at the end, as if it had been committed."""
    lenient = {"postgresql": "SET LOCAL session_replication_role = replica", "sqlite": "PRAGMA defer_foreign_keys = ON"}
    with Session(ctx.store.engine) as session:
        for statement in (lenient[ctx.store.engine.dialect.name], *statements):
            session.execute(text(statement), values if ":" in statement else {})
        yield verify(session)
        session.rollback()


def test_a_whole_case_verifies_and_every_append_only_row_is_vouched_for(ctx, case):
    found = verified(ctx)
    assert found.is_intact
    assert found.entries == len(entries(ctx))
    vouched = {name for entry in entries(ctx) for name in json.loads(entry.payload).get("rows", {})}
    there = {digests.row_name(row) for kind in APPEND_ONLY.values() for row in rows_of(ctx, kind)}
    assert {name for name in vouched if name.partition(":")[0] in APPEND_ONLY} == there
    assert {name.partition(":")[0] for name in there} == set(APPEND_ONLY)


def test_no_sign_can_move_from_one_part_of_an_entry_to_its_neighbour(now):
    def sealed(**parts):
        plain = {
            "seq": 1,
            "at": sortable(now),
            "actor": "ab",
            "kind": "cd",
            "incident": "ef",
            "payload": "{}",
            "prev": "",
        }
        return seal(AuditEntry(**{**plain, **parts}, hash=""))

    assert len({sealed(), sealed(actor="a", kind="bcd"), sealed(kind="cde", incident="f"), sealed(incident=None)}) == 4


def test_the_digest_of_a_row_is_of_all_its_columns_the_empty_ones_too(now):
    row = Decision(**AS_DECIDED, incident_id=7, decided_at=now)
    content = {**AS_DECIDED, "incident_id": 7, "decided_at": sortable(now), "exception": None}
    assert digests.row_sha256(row) == sha256_of(content)


AS_DECIDED: dict[str, Any] = {
    "id": 3, "facts_version": 1, "author": "somebody", "notify_authority": False, "notify_people": True, "because": "x",
}  # fmt: skip


def test_the_empty_log_is_intact(ctx):
    assert (verified(ctx).entries, verified(ctx).head) == (0, GENESIS)


def test_the_head_is_that_of_the_newest_entry(ctx, case):
    with ctx.store.read() as session:
        assert chain.head(session) == (len(entries(ctx)), entries(ctx)[-1].hash)
    assert verified(ctx).head == entries(ctx)[-1].hash


CHANGED = {
    "payload": '{"kind":"other"}',
    "actor": "somebody-else",
    "at": "2026-11-18T02:13:00.000001Z",
    "kind": "timeline.changed",
    "incident": "INC-2026-0404",
    "hash": "f" * 64,
}


def test_a_changed_entry_is_named_whatever_of_it_was_changed(ctx, case):
    for column, value in CHANGED.items():
        change_it = f"UPDATE audit_entry SET {column} = :value WHERE seq = 5"  # noqa: S608 - our own names
        with tampered(ctx, change_it, value=value) as found:
            assert found.broken.seq == 5, column
            assert found.broken.what.startswith("entry 5 (")
            assert "was changed after it was written" in found.broken.what


def test_an_entry_moved_to_another_place_is_named(ctx, case):
    tamper(ctx, "UPDATE audit_entry SET prev = :value WHERE seq = 5", value="e" * 64)
    assert verified(ctx).broken.what.endswith("does not follow from entry 4")


def test_two_entries_swapped_are_named(ctx, case):
    for before, after in ((5, -5), (6, 5), (-5, 6)):
        tamper(ctx, "UPDATE audit_entry SET seq = :after WHERE seq = :before", before=before, after=after)
    broken = verified(ctx).broken
    assert broken.seq == 5
    assert broken.what.endswith("does not follow from entry 4")


def test_a_deleted_entry_is_named(ctx, case):
    for seq in (1, 5):
        with tampered(ctx, "DELETE FROM audit_entry WHERE seq = :seq", seq=seq) as found:
            assert found.broken.seq == seq
            assert found.broken.what == f"entry {seq} is missing (the next one found is {seq + 1})"


def test_an_entry_slipped_in_is_named(ctx, case):
    last = entries(ctx)[-1]
    forged = AuditEntry(**{**last.model_dump(), "seq": last.seq + 1, "prev": last.hash, "hash": "a" * 64})
    with ctx.store.write() as session:
        session.add(forged)
    assert verified(ctx).broken.seq == last.seq + 1


def test_a_second_branch_is_impossible(ctx, case):
    first, second = entries(ctx)[:2]
    branch = {**second.model_dump(), "seq": 9_999, "hash": "a" * 64}
    assert branch["prev"] == first.hash
    with nothing_written(ctx), pytest.raises(IntegrityError), ctx.store.write() as session:
        session.add(AuditEntry(**branch))


def test_of_several_breaks_the_first_is_named(ctx, case):
    tamper(ctx, "UPDATE audit_entry SET actor = 'x' WHERE seq IN (4, 9)")
    assert verified(ctx).broken.seq == 4


def test_a_changed_or_deleted_row_of_any_append_only_table_is_named(ctx, case):
    for table, kind in APPEND_ONLY.items():
        row = rows_of(ctx, kind)[-1]
        vouching = [entry.seq for entry in entries(ctx) if digests.row_name(row) in entry.payload]
        change_it = f"UPDATE {table} SET {a_change(row)} = 'somebody-else' WHERE id = {row.id}"  # noqa: S608 - our own names
        with tampered(ctx, change_it) as found:
            assert found.broken.what.endswith(f"the row {table}:{row.id} was changed after it was written")
            assert found.broken.seq == vouching[0]
        with tampered(ctx, f"DELETE FROM {table} WHERE id = {row.id}") as found:  # noqa: S608 - our own names
            assert found.broken.what.endswith(f"the row {table}:{row.id} is gone")
            assert found.broken.seq == vouching[0]
    assert verified(ctx).is_intact


def a_change(row):
    """A column of words that this row has."""
    return next(
        column
        for column in ("author", "approver", "recorded_by", "added_by", "cause", "person")
        if hasattr(row, column)
    )


def test_every_kind_of_row_change_is_seen_down_to_a_microsecond(ctx, case):

    (filing,) = rows_of(ctx, Filing)

    change(ctx, Filing, filing.id, {"filed_at": filing.filed_at - INSTANT})
    assert not verified(ctx).is_intact


def test_looking_at_one_case_checks_all_links_but_only_its_rows(ctx, case, now):
    other = opened(ctx, now)
    from incidents.storage.tables.case import TimelineEntry

    change(ctx, TimelineEntry, rows_of(ctx, TimelineEntry)[-1].id, {"text": "other"})
    assert verified(ctx, case).is_intact
    assert not verified(ctx, other).is_intact


def test_an_entry_has_exactly_the_keys_of_its_kind(ctx, now):
    for kind, payload in (
        ("incident.closed_somehow", {}),
        ("incident.contained", {}),
        ("draft.approved", {"draft": "x"}),
    ):
        with nothing_written(ctx), pytest.raises(UnknownEntryError, match=kind), ctx.store.write() as session:
            chain.append(session, kind=kind, actor="x", now=now, payload=payload)


def test_a_head_kept_elsewhere_shows_a_log_that_was_cut_or_written_anew(ctx, case):
    log = entries(ctx)
    old, head = log[4], log[-1]
    with ctx.store.read() as session:
        assert verify(session, head=KeptHead(seq=old.seq, hash=old.hash)).is_intact
        assert verify(session, head=KeptHead(seq=head.seq, hash=head.hash)).is_intact
        (other,) = verify(session, head=KeptHead(seq=old.seq, hash=head.hash)).breaks
        assert (other.seq, "log was written anew" in other.what) == (old.seq, True)
        (longer,) = verify(session, head=KeptHead(seq=head.seq + 1, hash=head.hash)).breaks
        assert f"the head kept elsewhere is entry {head.seq + 1}, the log ends at {head.seq}" in longer.what


def test_a_statement_that_goes_past_the_chain_is_refused(ctx, case):
    for statement in (
        update(Obligation).values(due_at=Obligation.created_at),
        update(Incident).values(change_seq=1, title="other"),
        delete(AffectedPerson),
        insert(Token).values(prefix="x"),
    ):
        with nothing_written(ctx), pytest.raises(UnvouchedChangeError), ctx.store.write() as session:
            session.execute(statement)


def test_hints_alone_change_without_an_entry(ctx, case):
    before = len(entries(ctx))
    with ctx.store.write() as session:
        session.execute(update(Incident).values(held_by="a run"))
        session.exec(select(Incident)).one().answered_seq = 3
    assert len(entries(ctx)) == before
    assert verified(ctx).is_intact


def test_what_a_transaction_leaves_behind_is_one_entry_by_whoever_acted(ctx, now):
    reference = opened(ctx, now)
    last = entries(ctx)[-1]
    assert (last.kind, last.actor, last.incident) == ("rows.recorded", entries(ctx)[0].actor, reference)
    assert {name.partition(":")[0] for name in json.loads(last.payload)["rows"]} == {"alert", "incident", "obligation"}


def test_a_row_removed_by_tocsin_itself_is_no_break_and_may_not_come_back(ctx, case):
    with ctx.store.write() as session:
        alert = session.exec(select(Alert)).first()
        copy = alert.model_dump()
        session.delete(alert)
    assert verified(ctx).is_intact
    with ctx.store.engine.begin() as connection:
        connection.execute(METADATA.tables["alert"].insert().values(**copy))
    assert "is there again" in what_broke(ctx)


def test_what_breaks_off_takes_its_entry_with_it(ctx, now):
    def breaks_off():
        with ctx.store.write() as session:
            chain.append(session, kind="person.disabled", actor="x", now=now, payload={"person": "x"})
            raise ZeroDivisionError

    with nothing_written(ctx), pytest.raises(ZeroDivisionError):
        breaks_off()


def test_no_payload_has_an_address_or_what_a_person_wrote(ctx, now):
    known = facts(summary="canary-summary")
    reference = decided(ctx, now, known)
    listed(ctx, now, reference, "en")
    merchants_listed(ctx, now, reference, "m-1")
    timeline.log(ctx, RESPONDER, now, reference, "canary-line about reader@example.org")
    said = AwarenessStatement(at=now, basis="canary-basis", reason="canary-reason")
    awareness.state_awareness(ctx, RESPONDER, now, reference, said)
    payloads = " ".join(entry.payload for entry in entries(ctx))
    assert "@" not in payloads
    assert "canary" not in payloads
    assert "example.org" not in payloads


def test_many_writers_at_once_keep_one_chain(ctx, now):
    problems: list[BaseException] = []
    together = Barrier(4)

    def write() -> None:
        try:
            together.wait(10)
            for _ in range(10):
                with ctx.store.write() as session:
                    chain.append(session, kind="person.disabled", actor=ADMIN.name, now=now, payload={"person": "x"})
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)

    threads = [Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert (verified(ctx).entries, verified(ctx).broken) == (40, None)


def test_a_log_longer_than_one_page_of_the_database_verifies(ctx, now):
    with ctx.store.write() as session:
        for _ in range(1_010):
            chain.append(session, kind="person.disabled", actor="x", now=now, payload={"person": "x"})
    assert verified(ctx).entries == 1_010
    tamper(ctx, "UPDATE audit_entry SET actor = 'y' WHERE seq = 1005")
    assert verified(ctx).broken.seq == 1_005


def test_canonical_json_has_one_way_to_say_a_thing():
    assert canonical_json({"b": 1, "a": "ü"}) == '{"a":"\\u00fc","b":1}'
    with pytest.raises(ValueError):
        canonical_json({"a": float("nan")})


def test_equal_moments_are_equal_text(now):
    from tests.builders.casework import BERLIN

    assert sortable(now.astimezone(BERLIN)) == sortable(now) == "2026-11-18T02:13:00.000000Z"


def an_approval(draft, now):
    return Approval(
        incident_id=draft.incident_id,
        draft_id=draft.id,
        sha256=draft.sha256,
        author=draft.author,
        approver="somebody",
        approved_at=now,
    )


def a_decision(draft, now):
    return Decision(
        incident_id=draft.incident_id,
        facts_version=1,
        author="somebody",
        decided_at=now,
        notify_authority=False,
        notify_people=False,
        because="forged",
    )


@pytest.mark.parametrize("forge", [an_approval, a_decision])
def test_a_row_inserted_behind_tocsins_back_is_found_and_named(ctx, now, forge):
    draft = drafted(ctx, now, decided(ctx, now), wording())
    with ctx.store.read() as session:
        assert verify(session).is_intact
    with ctx.store.write() as session:
        row = forge(draft, now)
        session.add(row)
        session.flush()
        name = digests.row_name(row)
    with ctx.store.read() as session:
        broken = verify(session).broken
    assert broken is not None
    assert f"the row {name} is vouched for by no entry" in broken.what
