"""The store: all or nothing, no change overwritten, one state while looking, ready whoever comes first."""

from contextlib import nullcontext
from datetime import UTC, datetime
from threading import Barrier, Thread
from types import SimpleNamespace

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlmodel import func, select

from incidents.access.people import CLOCK
from incidents.case.lifecycle import Stage
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork, touch
from incidents.kernel.errors import ConflictError
from incidents.storage.database import (
    SCHEMA_REVISION,
    SchemaMismatchError,
    Store,
    StoreUnreachableError,
    sqlite_version,
)
from incidents.storage.tables.case import Incident, TimelineEntry
from incidents.storage.tables.obligations import Beat
from tests.builders.casework import DPO, change, nothing_written, opened, rows_of


def test_a_transaction_that_breaks_off_leaves_nothing(ctx, now):
    def breaks_off():
        with ctx.store.write() as session:
            session.add(Beat(name="heartbeat", at=now))
            session.flush()
            raise ZeroDivisionError

    with nothing_written(ctx), pytest.raises(ZeroDivisionError):
        breaks_off()


def test_of_two_who_change_the_same_case_the_second_is_told_and_overwrites_nothing(postgres_ctx, now):
    opened(postgres_ctx, now)

    def change_what_another_changes_meanwhile():
        with postgres_ctx.store.write() as second:
            theirs = find(second, "1")
            with postgres_ctx.store.write() as first:
                find(first, "1").lead = "lead"
            theirs.lead = "dpo"

    with pytest.raises(ConflictError, match="nothing was written"):
        change_what_another_changes_meanwhile()
    (incident,) = rows_of(postgres_ctx, Incident)
    assert (incident.lead, incident.version) == ("lead", 2)


def test_on_sqlite_the_second_writer_waits_and_sees_what_the_first_wrote(sqlite_ctx, now):
    opened(sqlite_ctx, now)
    inside = Barrier(2)

    def second() -> None:
        inside.wait(10)
        with sqlite_ctx.store.write() as session:
            incident = find(session, "1")
            incident.title += " two"

    thread = Thread(target=second)
    thread.start()
    with sqlite_ctx.store.write() as session:
        incident = find(session, "1")
        inside.wait(10)
        incident.title = "one"
    thread.join()
    assert rows_of(sqlite_ctx, Incident)[0].title == "one two"


def test_each_change_of_a_case_raises_its_version(ctx, now):
    reference = opened(ctx, now)
    for expected in (2, 3):
        with ctx.store.write() as session:
            find(session, reference).title = f"version {expected}"
        assert rows_of(ctx, Incident)[0].version == expected


def test_a_change_of_the_clock_is_not_lost_under_that_of_a_person(postgres_ctx, now):
    opened(postgres_ctx, now)
    with postgres_ctx.store.write() as session:
        incident = find(session, "1")
        with postgres_ctx.store.write() as other:
            touch(other, number(incident.id))
        UnitOfWork(session=session, incident=incident, actor=DPO, now=now).touch()
    assert rows_of(postgres_ctx, Incident)[0].change_seq == 3


def test_the_clock_touches_without_raising_the_version(ctx, now):
    opened(ctx, now)
    with ctx.store.write() as session:
        touch(session, number(find(session, "1").id))
    (incident,) = rows_of(ctx, Incident)
    assert (incident.change_seq, incident.version) == (2, 1)


def test_who_looks_sees_one_state_however_long_they_look(ctx, now):
    opened(ctx, now)
    with ctx.store.read() as session:
        before = session.exec(select(func.count()).select_from(Incident)).one()
        opened(ctx, now)
        assert session.exec(select(func.count()).select_from(Incident)).one() == before
    assert len(rows_of(ctx, Incident)) == 2


def test_times_come_back_aware_and_in_utc(ctx, now):
    from tests.builders.casework import BERLIN

    opened(ctx, now, detected_at=now.astimezone(BERLIN))
    (incident,) = rows_of(ctx, Incident)
    assert incident.detected_at == now
    assert incident.detected_at.utcoffset() == now.utcoffset()


def test_the_database_holds_a_stage_to_its_words(ctx, now):
    from sqlalchemy.exc import StatementError

    opened(ctx, now)
    with nothing_written(ctx), pytest.raises((IntegrityError, StatementError)), ctx.store.write() as session:
        session.execute(text("UPDATE incident SET stage = 'lost'"))


def test_rows_point_only_at_rows_that_are_there(ctx, now):
    with nothing_written(ctx), pytest.raises(IntegrityError), ctx.store.write() as session:
        session.add(TimelineEntry(incident_id=404, at=now, recorded_at=now, author="x", kind="note", text="x"))


def test_preparing_twice_changes_nothing(ctx, now):
    opened(ctx, now)
    with nothing_written(ctx):
        ctx.store.prepare()
    assert ctx.store.revision() == SCHEMA_REVISION


def test_whoever_comes_first_makes_the_tables(database_url):
    problems: list[BaseException] = []
    together = Barrier(4)

    def prepare() -> None:
        store = Store(database_url)
        try:
            together.wait(10)
            store.prepare()
        except BaseException as error:  # noqa: BLE001 - whatever it is, the test shows it
            problems.append(error)
        finally:
            store.close()

    threads = [Thread(target=prepare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_a_database_of_another_version_is_refused_with_what_to_do(sqlite_url):
    store = Store(sqlite_url)
    store.prepare()
    with store.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(
        SchemaMismatchError, match=f"schema 0000, this Tocsin needs {SCHEMA_REVISION}: run `tocsin migrate`"
    ):
        store.prepare()
    store.close()


def test_a_database_that_does_not_answer_is_named_without_its_password():
    store = Store("postgresql+psycopg://tocsin:canary-secret@127.0.0.1:1/tocsin")
    with pytest.raises(StoreUnreachableError, match="does not answer") as refused:
        store.prepare()
    assert "canary-secret" not in str(refused.value)
    store.close()


def test_sqlite_is_durable_and_minds_its_references(sqlite_ctx):
    with sqlite_ctx.store.engine.connect() as connection:
        asked = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert asked == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}
    assert sqlite_version() >= (3, 51, 3)


def test_sqlite_takes_the_write_lock_before_it_looks(sqlite_ctx, now):
    statements: list[str] = []
    event.listen(sqlite_ctx.store.engine, "before_cursor_execute", lambda *seen: statements.append(seen[2]))
    with sqlite_ctx.store.write() as session:
        session.add(Beat(name="heartbeat", at=now))
    with sqlite_ctx.store.read() as session:
        session.exec(select(Beat)).all()
    assert [statement for statement in statements if statement.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_the_folder_of_an_sqlite_database_is_made_for_its_owner_alone(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'home' / 'tocsin.sqlite3'}")
    store.prepare()
    store.close()
    assert (tmp_path / "home").stat().st_mode & 0o777 == 0o700


def test_a_change_made_behind_the_store_is_seen(ctx, now):
    opened(ctx, now)
    change(ctx, Incident, rows_of(ctx, Incident)[0].id, {"stage": "closed"})
    assert rows_of(ctx, Incident)[0].stage is Stage.CLOSED
    assert CLOCK.proven_by == "clock"


def test_a_new_database_is_for_its_owner_alone_side_files_too(tmp_path):
    folder = tmp_path / "open-to-all"
    folder.mkdir(mode=0o755)
    store = Store(f"sqlite:///{folder / 'tocsin.sqlite3'}")
    store.prepare()
    with store.write() as session:
        session.add(Beat(name="heartbeat", at=datetime(2026, 11, 18, tzinfo=UTC)))
        session.flush()
        modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    store.close()
    assert set(modes) >= {"tocsin.sqlite3", "tocsin.sqlite3-wal"}
    assert set(modes.values()) == {0o600}


def test_a_database_that_fails_under_way_is_a_failure_in_words_and_nothing_is_written(sqlite_ctx, now):
    full = OperationalError("INSERT ...", {"address": "canary@example.org"}, Exception("disk is full"))

    def fails():
        with sqlite_ctx.store.write() as session:
            session.add(Beat(name="heartbeat", at=now))
            session.flush()
            raise full

    with nothing_written(sqlite_ctx), pytest.raises(StoreUnreachableError, match="disk is full") as refused:
        fails()
    assert "canary" not in str(refused.value)


def test_no_failure_of_a_statement_quotes_what_it_was_given(ctx, now):
    row = {"incident_id": 404, "at": now, "recorded_at": now, "author": "canary", "kind": "note", "text": "canary"}

    def fails():
        with ctx.store.write() as session:
            session.add(TimelineEntry(**row))

    with nothing_written(ctx), pytest.raises(IntegrityError, match="INSERT INTO timeline_entry") as refused:
        fails()
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(("elapsed", "opens"), [(0.0009, True), (0.0011, False)])
def test_who_opens_a_new_database_at_the_same_instant_as_another_waits_for_a_time(
    tmp_path, monkeypatch, elapsed, opens
):
    store = Store(f"sqlite:///{tmp_path / 'tocsin.sqlite3'}")
    # The same SQLite: the locks of one process do not keep two copies of it apart.
    driver = store.engine.dialect.dbapi
    assert driver is not None
    other = driver.connect(tmp_path / "tocsin.sqlite3", isolation_level=None)
    other.execute("CREATE TABLE theirs (one INTEGER)")
    other.execute("BEGIN IMMEDIATE")
    clock = iter([0.0, elapsed])
    waits = SimpleNamespace(monotonic=lambda: next(clock), sleep=lambda _seconds: other.rollback())
    monkeypatch.setattr("incidents.storage.database.time", waits)
    monkeypatch.setattr("incidents.storage.database._BUSY_TIMEOUT_MS", 1)
    with nullcontext() if opens else pytest.raises(OperationalError, match="locked"), store.engine.connect() as mine:
        assert mine.execute(text("PRAGMA journal_mode")).scalar() == "wal"
    assert other.in_transaction is not opens
    other.close()
    store.close()
