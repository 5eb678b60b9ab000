"""The report and the register as files: whole or not at all, for their owner only, noted in the audit log."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.bootstrap import App
from flows.workflows import reports as report
from incidents.casework.case import close as close_case
from incidents.casework.case import timeline
from incidents.kernel.errors import FailedError, NotFoundError
from incidents.queries.register import register_cases
from tests.builders import apps
from tests.builders.apps import MINUTE, SettableClock


def test_a_report_is_written_in_each_format_for_its_owner_only(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).decided()
    files = report.write_report(small_app, case.reference, ("html", "md", "json"), tmp_path / "papers")
    assert [path.name for path in files] == [f"{case.reference}-report.{name}" for name in ("html", "md", "json")]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert sorted(path.name for path in (tmp_path / "papers").iterdir()) == sorted(path.name for path in files)
    assert json.loads(files[2].read_text(encoding="utf-8"))


def test_no_paper_holds_an_affected_persons_address(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).decided()
    files = report.write_report(small_app, case.reference, ("html", "md", "json"), tmp_path)
    papers = [path.read_bytes() for path in files] + [report.export_register(small_app, "csv")]
    assert not any(b"canary-" in paper or b"privacy-shop" in paper for paper in papers)


def test_writing_a_report_is_noted_with_its_digest_and_who_asked(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).open()
    report.write_report(small_app, case.reference, ("md",), tmp_path, actor=apps.LEAD)
    (entry,) = apps.entries(small_app, "report.written")
    assert (entry.actor, entry.incident) == ("lead", case.reference)
    assert len(json.loads(entry.payload)["sha256"]) == 64


def test_writing_again_replaces_the_file_and_leaves_nothing_beside_it(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).open()
    for _ in range(2):
        report.write_report(small_app, case.reference, ("html",), tmp_path / "papers")
    assert len(list((tmp_path / "papers").iterdir())) == 1
    assert len(apps.entries(small_app, "report.written")) == 2


def test_a_folder_that_cannot_be_used_is_named_and_nothing_is_noted(small_app: App, tmp_path: Path) -> None:
    case = apps.Case(small_app).open()
    blocked = tmp_path / "a-file"
    blocked.write_text("in the way")
    with pytest.raises(FailedError, match="a-file cannot be written"):
        report.write_report(small_app, case.reference, ("md",), blocked)
    assert apps.entries(small_app, "report.written") == []


def test_a_case_that_is_not_there_has_no_report(small_app: App, tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        report.write_report(small_app, "INC-2026-0099", ("md",), tmp_path)


def test_the_register_has_every_case_in_order_notified_or_not(small_app: App) -> None:
    cases = [apps.Case(small_app).open() for _ in range(3)]
    with small_app.store.read() as session:
        rows = register_cases(session, small_app.use_cases.zone, small_app.now(), exercises=True)
    assert [row.reference for row in rows] == [case.reference for case in cases]
    register = report.export_register(small_app, "csv").decode("utf-8-sig")
    assert all(case.reference in register for case in cases)


def closed(case: apps.Case) -> apps.Case:
    case.assess(**apps.UNKNOWN_FIGURES).decide(authority=False, people=False)
    timeline.contain(*case.by(apps.RESPONDER), at=case.now, measure="Policy withdrawn")
    close_case.close(*case.by(apps.DPO))
    return case


def test_a_case_that_ends_gets_its_report_once_for_each_ending(app: App, clock: SettableClock) -> None:
    case = apps.Case(app).open().aware()
    case.respond()
    folder = app.settings.home / "reports" / case.reference
    assert not folder.exists()
    closed(case)
    for written in (3, 0):
        assert sum(line.startswith("wrote ") for line in case.respond().did) == written
    assert sorted(path.suffix for path in folder.iterdir()) == [".html", ".json", ".md"]
    clock.forward(MINUTE)
    close_case.reopen(*case.by(apps.DPO), "A second bucket was found")
    case.respond()
    assert len(apps.entries(app, "report.written")) == 1
    closed(case).respond()
    assert len(apps.entries(app, "report.written")) == 2


def test_a_dismissed_case_gets_its_report_too(small_app: App) -> None:
    case = apps.Case(small_app).open()
    close_case.dismiss(*case.by(apps.DPO), "The bucket held test data only")
    case.respond()
    assert len(list((small_app.settings.home / "reports" / case.reference).iterdir())) == 3


def test_the_register_leaves_exercises_out_unless_they_are_asked_for(small_app: App) -> None:
    real, drill = apps.Case(small_app).open(), apps.Case(small_app).open(exercise=True)
    plain = report.export_register(small_app, "csv").decode("utf-8-sig")
    whole = report.export_register(small_app, "csv", exercises=True).decode("utf-8-sig")
    assert (real.reference in plain, drill.reference in plain) == (True, False)
    assert (real.reference in whole, drill.reference in whole) == (True, True)


def test_a_report_that_a_person_asked_for_does_not_stand_for_the_one_that_is_kept(
    small_app: App, tmp_path: Path
) -> None:
    case = apps.Case(small_app).open().aware()
    close_case.dismiss(*case.by(apps.DPO), "The bucket held test data only")
    report.write_report(small_app, case.reference, ("md",), tmp_path, actor=apps.DPO)
    assert len(report.write_closing_report(small_app, case.reference)) == 3
    assert report.write_closing_report(small_app, case.reference) == ()
