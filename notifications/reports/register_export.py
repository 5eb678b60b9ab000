"""The register as CSV for people with spreadsheets and as JSON for programs.

Values that a spreadsheet would run as a formula are made harmless.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from incidents.case.case_file import CaseOverview
from incidents.kernel.hidden_signs import escaped_in_json, shown
from incidents.kernel.spreadsheet_cells import without_formula
from incidents.kernel.timestamps import rfc3339
from incidents.register.row import COLUMNS, SCHEMA, register_row


def as_csv(cases: Sequence[CaseOverview]) -> bytes:
    """Write the register as CSV: UTF-8, comma, CRLF (RFC 4180), one header line; lists are joined by ``; ``.

    It begins with a byte order mark, without which Excel reads UTF-8 as the code page of its desk.

    A cell that a spreadsheet could take for a formula begins with an apostrophe. The row hash is that of the row
    itself, as the JSON edition has it, not of the written cells.
    """
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for case in cases:
        row = asdict(register_row(case))
        writer.writerow([_cell(row[name]) for name in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def as_json(cases: Sequence[CaseOverview], now: datetime) -> bytes:
    """Write the register as JSON: when it was written, how many rows, and the rows with stable keys."""
    rows = [asdict(register_row(case)) for case in cases]
    document = {"schema": SCHEMA, "written_at": rfc3339(now), "count": len(rows), "columns": COLUMNS, "rows": rows}
    return (escaped_in_json(json.dumps(document, ensure_ascii=False, indent=2)) + "\n").encode()


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return str(value)
        case tuple():
            return shown(without_formula("; ".join(str(item) for item in value)))
        case _:
            return shown(without_formula(str(value)))
