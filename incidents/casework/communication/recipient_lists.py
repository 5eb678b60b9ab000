"""The lists of who must be told: reading CSV files of affected people and of merchants, row by row."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlmodel import select

from incidents.access.people import ActingPerson
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines.derive import list_merchants
from incidents.facts.data_kinds import rows_of
from incidents.kernel.email_address import is_email_address
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.spreadsheet_cells import with_formula, without_formula
from incidents.storage.tables.communication import AffectedPerson, MerchantRow
from incidents.texts.timeline_texts import timeline_text

_LANGUAGE = re.compile(r"[a-z]{2}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_AT_ONCE = 5_000

PEOPLE_COLUMNS = ("email", "language", "country")
MERCHANT_COLUMNS = ("merchant_id", "name", "email", "language", "people", "records", "kinds", "contract_hours")


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that could not be taken: its line in the file, and why. The reason never repeats what the row says."""

    line: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import did."""

    added: int
    known: int
    """Rows whose address was on the list already: nobody is written to twice."""
    total: int
    refused: tuple[BadRow, ...]
    header: tuple[str, ...]
    done: Result


ListRows = Iterator[tuple[int, list[str], dict[str, str]]]
"""Line in the file, cells as they stand there, cells by column."""


class _RowRefused(ValueError):
    pass


def import_people(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, content: bytes
) -> ImportResult:
    """Add the affected people of a CSV file (columns email, language, country; the first is required).

    Good rows are taken, bad ones are given back with line and reason; importing a file twice adds nobody.

    Raises:
        InvalidInputError: not a UTF-8 CSV file with an ``email`` column.

    """
    header, rows = _rows(content, required=("email",), known=PEOPLE_COLUMNS)
    with unit_of_work(ctx, actor, now, reference, Verb.IMPORT_PEOPLE) as uow:
        statement = select(AffectedPerson.blind_index).where(AffectedPerson.incident_id == uow.incident_id)
        seen = set(uow.session.exec(statement))
        fresh, known, refused = _sort(uow, ctx, header, rows, seen, _person)
        for start in range(0, len(fresh), _AT_ONCE):
            uow.session.execute(insert(AffectedPerson), fresh[start : start + _AT_ONCE])
        return _finish(uow, "people", content, header, (len(fresh), known, len(seen)), refused)


def import_merchants(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, content: bytes
) -> ImportResult:
    """Add the merchants of a CSV file, each with the figures of its own customers (Art. 33(2) GDPR).

    Columns: merchant_id, name, email, language, people, records, kinds (words separated by blanks), contract_hours;
    the first three are required. Each merchant listed becomes an obligation of its own.

    Raises:
        InvalidInputError: not a UTF-8 CSV file with the required columns.

    """
    header, rows = _rows(content, required=("merchant_id", "name", "email"), known=MERCHANT_COLUMNS)
    with unit_of_work(ctx, actor, now, reference, Verb.IMPORT_PEOPLE) as uow:
        seen = set(uow.session.exec(select(MerchantRow.merchant_id).where(MerchantRow.incident_id == uow.incident_id)))
        fresh, known, refused = _sort(uow, ctx, header, rows, seen, _merchant)
        uow.session.execute(insert(MerchantRow), fresh) if fresh else None
        list_merchants(uow, ctx)
        return _finish(uow, "merchants", content, header, (len(fresh), known, len(seen)), refused)


def write_refused(imported: ImportResult) -> str:
    """Write the refused rows as CSV, with line and reason before each, for a person to mend and import again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "reason", *imported.header))
    writer.writerows((row.line, row.reason, *(without_formula(cell) for cell in row.cells)) for row in imported.refused)
    return text.getvalue()


def _rows(content: bytes, *, required: tuple[str, ...], known: tuple[str, ...]) -> tuple[tuple[str, ...], ListRows]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start}): save it as CSV UTF-8"
        raise InvalidInputError(message) from error
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if first.count(";") > first.count(",") else ",")
    header = tuple(cell.strip().lower() for cell in next(reader, []))
    absent = [name for name in required if name not in header]
    if absent:
        message = f"the first line must name the columns; missing: {', '.join(absent)} (known: {', '.join(known)})"
        raise InvalidInputError(message)
    # A file of refused rows, mended, may come back as it is: line and reason are passed over.
    if len(set(header)) != len(header):
        message = "the first line names a column twice"
        raise InvalidInputError(message)
    strange = [name for name in header if name not in {*known, "line", "reason"}]
    if strange:
        message = f"unknown columns: {', '.join(strange)}; known: {', '.join(known)}. Remove what is not needed"
        raise InvalidInputError(message)
    return header, _cells(reader, header)


def _cells(reader: Any, header: tuple[str, ...]) -> ListRows:
    armed = {"line", "reason"}.issubset(header)  # a file that `write_refused` made, mended by a person
    begins = reader.line_num + 1
    try:
        for row in reader:
            cells = [with_formula(cell) for cell in row] if armed else row
            if any(cell.strip() for cell in cells):
                yield begins, cells, dict(zip(header, (cell.strip() for cell in cells), strict=False))
            begins = reader.line_num + 1
    except csv.Error as error:
        message = f"line {reader.line_num} is not CSV ({error}): nothing was taken"
        raise InvalidInputError(message) from error


def _sort(
    uow: UnitOfWork, ctx: UseCaseContext, header: tuple[str, ...], rows: ListRows, seen: set[str], read: Any
) -> tuple[list[dict[str, Any]], int, list[BadRow]]:
    """Part the rows into new ones, known ones and refused ones."""
    fresh: list[dict[str, Any]] = []
    refused: list[BadRow] = []
    known = 0
    for at_line, cells, row in rows:
        try:
            _one_row(cells, header)
            key, values = read(uow, ctx, row)
        except _RowRefused as reason:
            refused.append(BadRow(line=at_line, reason=str(reason), cells=tuple(cells)))
            continue
        if key in seen:
            known += 1
            continue
        seen.add(key)
        fresh.append(values)
    return fresh, known, refused


def _one_row(cells: list[str], header: tuple[str, ...]) -> None:
    if len(cells) != len(header) and any("\n" in cell for cell in cells):
        message = "the row goes over several lines: a quotation mark before a cell has no partner"
        raise _RowRefused(message)
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the first line names {len(header)} columns"
        raise _RowRefused(message)


def _person(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    address = _address(row)
    key = ctx.vault.blind_index(uow.incident.reference, address)
    return key, {
        "incident_id": uow.incident_id,
        "blind_index": key,
        "sealed": ctx.vault.encrypt(uow.incident.reference, address),
        "language": _language(row),
        "country": _country(row),
        "imported_at": uow.now,
    }


def _merchant(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    address = _address(row)
    key = row["merchant_id"]
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,80}", key):
        message = "merchant_id must be 1 to 80 letters, digits, dots, dashes or underscores"
        raise _RowRefused(message)
    if not row["name"] or len(row["name"]) > 200:  # noqa: PLR2004 - the column's length
        message = "name is missing or longer than 200 characters"
        raise _RowRefused(message)
    if not row["name"].isprintable():
        message = "name has a line break or another character that does not print"
        raise _RowRefused(message)
    return key, {
        "incident_id": uow.incident_id,
        "merchant_id": key,
        "name": row["name"],
        "sealed": ctx.vault.encrypt(uow.incident.reference, address),
        "language": _language(row),
        "people": _number(row, "people"),
        "records": _number(row, "records"),
        "kinds": _kinds(row),
        "contract_hours": _number(row, "contract_hours", least=1),
        "imported_at": uow.now,
    }


def _kinds(row: Mapping[str, str]) -> list[str]:
    """Read the kinds of a merchant's data; a word that nobody has words for would stand in its notice as it is."""
    given = row.get("kinds", "").split()
    for place, word in enumerate(given, 1):
        if not rows_of(word):
            message = f"word {place} of kinds is no kind of data: {_KINDS_ARE}"
            raise _RowRefused(message)
    return given


_KINDS_ARE = "kinds are words such as name, email, order_history, separated by blanks"


def _address(row: Mapping[str, str]) -> str:
    address = row.get("email", "")
    if not address:
        message = "email is missing"
        raise _RowRefused(message)
    if not is_email_address(address):
        message = "email is not an address"
        raise _RowRefused(message)
    return address


def _language(row: Mapping[str, str]) -> str:
    given = row.get("language", "").lower().replace("_", "-").partition("-")[0]
    if not given:
        return "en"
    if not _LANGUAGE.fullmatch(given):
        message = "language is not a two-letter code (en, de, fr ...)"
        raise _RowRefused(message)
    return given


def _country(row: Mapping[str, str]) -> str | None:
    given = row.get("country", "").upper()
    if given and not _COUNTRY.fullmatch(given):
        message = "country is not a two-letter code (DE, FR ...)"
        raise _RowRefused(message)
    return given or None


def _number(row: Mapping[str, str], name: str, *, least: int = 0) -> int | None:
    given = row.get(name, "")
    if not given or given == "unknown":
        return None
    if not (given.isascii() and given.isdigit()) or not least <= int(given) <= 2**31 - 1:
        message = f"{name} is not a whole number from {least} on"
        raise _RowRefused(message)
    return int(given)


def _finish(
    uow: UnitOfWork,
    kind: str,
    content: bytes,
    header: tuple[str, ...],
    counts: tuple[int, int, int],
    refused: list[BadRow],
) -> ImportResult:
    added, known, total = counts
    uow.audit(
        f"{kind}.imported",
        added=added,
        known=known,
        refused=len(refused),
        total=total,
        file_sha256=hashlib.sha256(content).hexdigest(),
    )
    uow.note("imported", timeline_text(f"imported_{kind}", added=added, known=known, refused=len(refused)))
    done = uow.done(
        f"{kind}: {added} added, {known} known already, {len(refused)} refused; {total} on the list",
        next_command=f"tocsin drafts {uow.incident.reference}",
    )
    return ImportResult(added=added, known=known, total=total, refused=tuple(refused), header=header, done=done)
