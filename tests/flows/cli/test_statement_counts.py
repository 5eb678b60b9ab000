"""How many SELECTs a command asks of the database: as many for large cases, or for many, as for one small one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from flows.bootstrap import App, build
from incidents.case.message_machine import MessageState
from incidents.storage.tables.case import TimelineEntry
from incidents.storage.tables.communication import Message
from tests.builders import apps
from tests.builders.statements import past_the_chain, selects

SMALL, LARGE = 3, 120

OF_ONE_CASE = {
    ("show", "REF"): 17,
    ("show", "REF", "--json"): 17,
    ("deadlines", "REF"): 17,
    ("drafts", "REF"): 17,
    ("preview", "REF", "people.de"): 17,
    ("clock", "explain", "REF"): 8,
    ("people", "status", "REF"): 32,
    ("respond", "REF"): 86,
}
"""Commands on one case, each with the most SELECTs it may ask; one of them reads the schema's revision, one
which master key the database has, and papers ask who may read them."""

OF_ALL_CASES = {
    ("list",): 7,
    ("list", "--all", "--json"): 7,
    ("deadlines",): 5,
    ("deadlines", "--json"): 5,
    ("register", "export"): 19,
    ("register", "export", "--format", "json"): 19,
}
"""Commands on every case, with the same."""


@pytest.fixture
def app(own_organisation, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[App]:
    """What the commands of this test work with, on each kind of database."""
    monkeypatch.setenv("TOCSIN_DATABASE_URL", database_url)
    built = build()
    yield built
    built.store.close()


def a_case(app: App, size: int) -> apps.Case:
    """A case with *size* people, merchants and log lines; its letters were accepted, which no run has settled yet."""
    case = apps.Case(app).open().aware().assess().list_people(["de"] * size)
    case.list_merchants((f"shop-{number}", "de", 3, 3) for number in range(size)).decide()
    case.respond()
    for kind in ("people", "controllers"):
        case.approve(kind).order(kind)
    with app.store.write() as session:
        key, now = case.incident_id(session), app.now()
        session.add_all(
            TimelineEntry(incident_id=key, at=now, recorded_at=now, author="lead", kind="note", text=f"line {number}")
            for number in range(size)
        )
        past_the_chain(session, update(Message).values(state=MessageState.ACCEPTED, settled_at=now, next_try_at=None))
    return case


def counted(tocsin, command: tuple[str, ...], reference: str = "") -> int:
    """Run a command in this process and count what it asks."""
    words = [reference if word == "REF" else word for word in command]
    with selects() as asked:
        ran = tocsin(*words)
    assert ran.code == 0, ran.err
    return len(asked)


def test_a_command_on_one_case_asks_as_much_of_a_large_one_as_of_a_small_one(app: App, tocsin) -> None:
    small, large = a_case(app, SMALL), a_case(app, LARGE)
    for command, most in OF_ONE_CASE.items():
        asked = counted(tocsin, command, small.reference)
        assert counted(tocsin, command, large.reference) == asked, command
        assert 0 < asked <= most, command


def test_a_command_on_all_cases_asks_as_much_for_thirty_as_for_one(app: App, tocsin) -> None:
    a_case(app, SMALL)
    before = {command: counted(tocsin, command) for command in OF_ALL_CASES}
    for _ in range(2):
        a_case(app, SMALL)
    for _ in range(27):
        apps.Case(app).open().aware().assess().list_people()
    assert len(tocsin("list", "--json").json) == 30
    for command, most in OF_ALL_CASES.items():
        assert counted(tocsin, command) == before[command], command
        assert 0 < before[command] <= most, command
