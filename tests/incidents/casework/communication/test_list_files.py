"""Files of affected people and merchants as people really write them: odd rows, odd figures, a second try."""

from __future__ import annotations

import pytest

from flows.bootstrap import App
from incidents.casework.communication.recipient_lists import (
    ImportResult,
    import_merchants,
    import_people,
    write_refused,
)
from incidents.kernel.errors import InvalidInputError
from incidents.storage.tables.communication import MerchantRow
from tests.builders import apps


@pytest.fixture
def case(small_app: App) -> apps.Case:
    return apps.Case(small_app).open().aware()


def people(case: apps.Case, *lines: str) -> ImportResult:
    return import_people(*case.by(apps.RESPONDER), "\n".join(lines).encode(errors="surrogatepass"))


def merchants(case: apps.Case, *lines: str) -> ImportResult:
    return import_merchants(*case.by(apps.RESPONDER), "\n".join(lines).encode())


def test_a_merchants_name_with_a_line_break_is_refused_with_line_and_reason(case: apps.Case) -> None:
    found = merchants(case, "merchant_id,name,email", '1,"Shop\nBcc: x",a@example.org', "2,Shop,b@example.org")
    assert (found.added, [row.line for row in found.refused]) == (1, [2, 3]), "a cell is one line"
    assert all("quotation mark" in row.reason for row in found.refused)


@pytest.mark.parametrize("figure", ["\u00b2", "\u0663", "1.5", "-1", "2147483648"])
def test_a_number_of_people_that_is_no_plain_whole_number_is_refused(case: apps.Case, figure: str) -> None:
    found = merchants(case, "merchant_id,name,email,people", f"1,Shop,a@example.org,{figure}", "2,Shop,b@example.org,2")
    assert [(row.line, row.reason) for row in found.refused] == [(2, "people is not a whole number from 0 on")]
    assert [row.people for row in apps.rows(case.app, MerchantRow)] == [2]


@pytest.mark.parametrize(
    ("row", "cells"), [("one@example.org", 1), ("one@example.org,de,DE", 3), ("one@example.org,de,", 3)]
)
def test_a_row_with_fewer_or_more_cells_than_columns_is_refused_and_the_good_ones_are_kept(
    case: apps.Case, row: str, cells: int
) -> None:
    found = people(case, "email,language", row, "two@example.org,de")
    assert found.added == 1
    assert [(bad.line, bad.reason) for bad in found.refused] == [
        (2, f"the row has {cells} cells, the first line names 2 columns")
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        (("email,language,EMAIL", "one@example.org,de,two@example.org"), "names a column twice"),
        (("email,language", "one@example.org,de,\ud800"), "line 2 is not UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_whole_leaves_nothing_written(
    case: apps.Case, lines: tuple[str, ...], complaint: str
) -> None:
    before = apps.everything(case.app)
    with pytest.raises(InvalidInputError, match=complaint):
        people(case, *lines)
    assert apps.everything(case.app) == before


def test_a_file_of_refused_rows_once_mended_is_imported_as_it_is(case: apps.Case) -> None:
    first = people(case, "email,language", "one@example.org,de", "two.example.org,de", "three@example.org,german")
    refused = write_refused(first)
    assert refused.startswith("line,reason,email,language")
    mended = refused.replace("two.example.org", "two@example.org").replace("german", "de")
    again = people(case, *mended.splitlines())
    assert (again.added, again.refused, again.total) == (2, (), 3)


def test_a_merchant_is_not_called_as_those_who_are_not_listed_yet(case: apps.Case) -> None:
    imported = merchants(case, "merchant_id,name,email", "unlisted-merchants,Shop,shop@example.org")
    assert [row.reason for row in imported.refused] == [
        "merchant_id is a word that stands for merchants not yet listed: give this one another"
    ]
