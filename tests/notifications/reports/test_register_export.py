"""The register on paper: CSV that cannot run in a spreadsheet, JSON that programs can check."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from incidents.kernel.canonical_json import canonical_json
from incidents.kernel.hidden_signs import shown
from incidents.kernel.spreadsheet_cells import without_formula
from incidents.register.row import COLUMNS, register_row
from notifications.reports.writer import ReportWriter, UnknownFormat
from tests.builders.case_files import all_cases, digest, exposed_bucket, hostile

TEMPLATES = Path(__file__).parents[3] / "templates"


@pytest.fixture
def papers() -> ReportWriter:
    return ReportWriter(TEMPLATES)


def rows_of(written: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


def test_the_csv_has_one_line_for_each_case_and_every_column(papers, now):
    rows = rows_of(papers.register(list(all_cases().values()), format="csv", now=now))
    assert [row["reference"] for row in rows] == [case.reference for case in all_cases().values()]
    assert tuple(rows[0]) == COLUMNS


def test_an_empty_register_still_has_its_header(papers, now):
    assert papers.register([], format="csv", now=now).decode("utf-8-sig").splitlines() == [",".join(COLUMNS)]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", " =", "\u00a0=", "\ufeff="])
def test_no_cell_can_be_taken_for_a_formula(papers, now, sign):
    case = replace(exposed_bucket(), title=f"{sign}1+1")
    (row,) = rows_of(papers.register([case], format="csv", now=now))
    assert row["title"] == shown(f"'{sign}1+1")


def test_no_column_of_a_hostile_case_begins_like_a_formula(papers, now):
    (row,) = rows_of(papers.register([hostile()], format="csv", now=now))
    assert not [name for name, cell in row.items() if cell.lstrip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("text", ["", "plain", "a=b", "2026-11-22T01:47:00Z", "'quoted", "café – naïve"])
def test_harmless_text_is_left_alone(text):
    assert without_formula(text) == text


def test_line_breaks_and_quotes_survive_the_csv(papers, now):
    title = 'Two\nlines, a "quote"; and a comma'
    (row,) = rows_of(papers.register([replace(exposed_bucket(), title=title)], format="csv", now=now))
    assert row["title"] == title


def test_the_json_row_carries_a_hash_that_anybody_can_check(papers, now):
    document = json.loads(papers.register([exposed_bucket()], format="json", now=now))
    (row,) = document["rows"]
    stated = row.pop("row_sha256")
    assert stated == digest(canonical_json(row))
    assert stated == register_row(exposed_bucket()).row_sha256


def test_the_json_says_when_it_was_written_and_how_many_rows_it_has(papers, now):
    document = json.loads(papers.register(list(all_cases().values()), format="json", now=now))
    assert document["written_at"] == "2026-11-18T02:13:00Z"
    assert document["count"] == len(document["rows"]) == len(all_cases())
    assert tuple(document["columns"]) == COLUMNS


def test_csv_and_json_state_the_same_hashes(papers, now):
    cases = list(all_cases().values())
    in_csv = [row["row_sha256"] for row in rows_of(papers.register(cases, format="csv", now=now))]
    in_json = [row["row_sha256"] for row in json.loads(papers.register(cases, format="json", now=now))["rows"]]
    assert in_csv == in_json


def test_an_unknown_format_names_the_known_ones(papers, now):
    with pytest.raises(UnknownFormat, match="csv, json"):
        papers.register([], format="xlsx", now=now)
