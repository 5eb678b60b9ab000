"""The papers as files: whole or not at all, for their owner only, noted in the audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.bootstrap import App
from flows.workflows import reports as report
from incidents.kernel.errors import InvalidInputError, NotFoundError
from incidents.queries.register import register_cases
from tests.standins import staged_apps as staged


def test_a_report_is_written_in_each_format_for_its_owner_only(small_app: App, tmp_path: Path) -> None:
    case = staged.Case(small_app).decided()
    files = report.write_report(small_app, case.reference, ("html", "md", "json"), tmp_path / "papers")
    assert [path.name for path in files] == [f"{case.reference}-report.{name}" for name in ("html", "md", "json")]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert sorted(path.name for path in (tmp_path / "papers").iterdir()) == sorted(path.name for path in files)
    assert json.loads(files[2].read_text(encoding="utf-8"))


def test_no_paper_holds_an_affected_persons_address(small_app: App, tmp_path: Path) -> None:
    case = staged.Case(small_app).decided()
    files = report.write_report(small_app, case.reference, ("html", "md", "json"), tmp_path)
    papers = [path.read_bytes() for path in files] + [report.export_register(small_app, "csv")]
    assert not any(b"canary-" in paper or b"privacy-shop" in paper for paper in papers)


def test_writing_a_report_is_noted_with_its_digest_and_who_asked(small_app: App, tmp_path: Path) -> None:
    case = staged.Case(small_app).open()
    report.write_report(small_app, case.reference, ("md",), tmp_path, actor=staged.LEAD)
    (entry,) = staged.entries(small_app, "report.written")
    assert (entry.actor, entry.incident) == ("lead", case.reference)
    assert len(json.loads(entry.payload)["sha256"]) == 64


def test_writing_again_replaces_the_file_and_leaves_nothing_beside_it(small_app: App, tmp_path: Path) -> None:
    case = staged.Case(small_app).open()
    for _ in range(2):
        report.write_report(small_app, case.reference, ("html",), tmp_path / "papers")
    assert len(list((tmp_path / "papers").iterdir())) == 1
    assert len(staged.entries(small_app, "report.written")) == 2


def test_a_folder_that_cannot_be_used_is_named_and_nothing_is_noted(small_app: App, tmp_path: Path) -> None:
    case = staged.Case(small_app).open()
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    with pytest.raises(InvalidInputError, match="a-file cannot be written"):
        report.write_report(small_app, case.reference, ("md",), blocked)
    assert staged.entries(small_app, "report.written") == []


def test_a_case_that_is_not_there_has_no_report(small_app: App, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        report.write_report(small_app, "INC-2026-0099", ("md",), tmp_path)


def test_the_register_has_every_case_in_order_notified_or_not(small_app: App) -> None:
    cases = [staged.Case(small_app).open() for _ in range(3)]
    with small_app.store.read() as session:
        rows = register_cases(session, small_app.use_cases.zone, small_app.now(), exercises=True)
    assert [row.reference for row in rows] == [case.reference for case in cases]
    register = report.export_register(small_app, "csv").decode("utf-8-sig")
    assert all(case.reference in register for case in cases)
