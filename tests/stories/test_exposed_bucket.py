"""The exercise "exposed bucket" as a story: 77 hours in half a minute, and no address where none must be.

It runs as a person would start it, in a process of its own; what it left behind is judged here once more.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlmodel import Session, select

from incidents.storage.database import Store
from incidents.storage.tables.case import AuditEntry
from incidents.storage.tables.communication import Attempt, Message

pytestmark = [pytest.mark.prefect, pytest.mark.timeout(900)]

ADDRESSES = re.compile(rb"affected-[a-z]{2}-\d{4}@|privacy-\d{2}@")
"""The addresses of all affected people and merchants of the exercise."""


@dataclass(frozen=True, kw_only=True)
class Told:
    """The story: what was said, and what lies in its folder."""

    code: int
    said: str
    answer: str
    """What a program reads: JSON, and nothing else."""
    home: Path


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Told:
    home: Path = tmp_path_factory.mktemp("story") / "home"
    command = [
        sys.executable,
        "-m",
        "flows.cli",
        "drill",
        "exposed-bucket",
        "--speed",
        "4h/s",
        "--keep",
        str(home),
        "--json",
    ]
    environment = {**os.environ, "TOCSIN_HOME": str(home.parent / "not-this-one")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=800, env=environment)
    return Told(code=done.returncode, said=done.stderr, answer=done.stdout, home=home)


@pytest.fixture
def record(story: Told) -> Iterator[Session]:
    store = Store(f"sqlite:///{story.home / 'tocsin.sqlite3'}")
    with store.read() as session:
        yield session
    store.close()


def everything_but_the_outbox(home: Path) -> list[Path]:
    outbox = home / "outbox"
    return [path for path in home.rglob("*") if path.is_file() and outbox not in path.parents]


def test_every_invariant_held(story: Told) -> None:
    assert story.code == 0, story.said
    assert "EVERY INVARIANT HELD" in story.said
    assert "FAIL" not in story.said
    assert len(re.findall(r"^ok  ", story.said, re.MULTILINE)) == 8


def test_a_program_reads_what_was_checked_and_where_the_papers_lie(story: Told) -> None:
    answer = json.loads(story.answer)
    assert (answer["scenario"], answer["held"], answer["home"]) == ("exposed-bucket", True, str(story.home))
    assert len(answer["checks"]) > 3
    assert all(check["holds"] and check["says"] in story.said for check in answer["checks"])
    assert {Path(paper).suffix for paper in answer["reports"]} == {".html", ".md", ".json", ".csv"}
    assert all(Path(paper).is_file() for paper in answer["reports"])


def test_the_story_is_told_from_the_page_to_the_closed_case(story: Told) -> None:
    sentences = (
        "case opened from an alert", "nobody answered: passed on", "AWARE: the legal clock runs", "contained",
        "the proposal is HIGH risk", "1200 affected people listed", "12 merchants listed",
        "approved by a second person", "letters to controllers: 12 accepted", "letters to people: 1200 accepted",
        "FILED (initial)",
        "FILED (follow_up)", "stage decided -> closed",
    )  # fmt: skip
    places = [story.said.find(sentence) for sentence in sentences]
    assert -1 not in places, [sentence for sentence, place in zip(sentences, places, strict=True) if place < 0]
    assert places == sorted(places)


def test_the_papers_are_there(story: Told) -> None:
    papers = {path.suffix for path in (story.home / "papers").iterdir()}
    assert papers == {".html", ".md", ".json", ".csv"}


def test_every_affected_person_has_one_letter_in_the_folder(story: Told) -> None:
    letters = [path.read_bytes() for path in (story.home / "outbox" / "people").glob("*.eml")]
    found = [match[0] for letter in letters for match in [re.search(rb"^To: (\S+)", letter, re.MULTILINE)] if match]
    assert len(found) == len(set(found)) == 1200


def test_no_address_of_anybody_affected_stands_anywhere_but_in_the_letters(story: Told) -> None:
    # The database with its log beside it, Prefect's database, every server's log, papers, evidence.
    files = everything_but_the_outbox(story.home)
    assert any(path.name == "tocsin.sqlite3" for path in files)
    assert any(path.name == "prefect.db" for path in files)
    assert [path.name for path in files if ADDRESSES.search(path.read_bytes())] == []


def test_no_address_is_in_what_was_said_logged_audited_or_in_an_error(story: Told, record: Session) -> None:
    assert ADDRESSES.search(story.said.encode()) is None
    texts = [entry.payload for entry in record.exec(select(AuditEntry))]
    texts += [message.problem or "" for message in record.exec(select(Message))]
    texts += [attempt.detail or "" for attempt in record.exec(select(Attempt))]
    assert len(texts) > 1200
    assert not any("@" in text for text in texts)


def test_nothing_of_the_exercise_touched_the_installation_of_its_surroundings(story: Told) -> None:
    assert not (story.home.parent / "not-this-one").exists()
