"""The lists of who must be told: affected people and merchants taken from CSV files, row by row."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import select

from incidents.access.people import ActingPerson
from incidents.audit.tallies import insert_many
from incidents.case.lifecycle import Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication.list_files import (
    BadRow,
    ListRows,
    RowRefused,
    address_in,
    country_in,
    kinds_in,
    language_in,
    merchant_id_in,
    name_in,
    number_in,
    read_rows,
    whole,
)
from incidents.casework.communication.settle import follow_letters
from incidents.casework.deadlines.derive import list_merchants
from incidents.kernel.spreadsheet_cells import without_formula
from incidents.storage.tables.communication import AffectedPerson, MerchantRow
from incidents.texts.timeline_texts import timeline_text

"""Rows handed to one INSERT: the values of a hundred thousand people are not all put together at once."""

PEOPLE_COLUMNS = ("email", "language", "country")
MERCHANT_COLUMNS = ("merchant_id", "name", "email", "language", "people", "records", "kinds", "contract_hours")


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


def import_people(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, content: bytes
) -> ImportResult:
    """Add the affected people of a CSV file (columns email, language, country; the first is required).

    Good rows are taken, bad ones are given back with line and reason; importing a file twice adds nobody.

    Raises:
        InvalidInputError: not a UTF-8 CSV file with an ``email`` column.

    """
    header, rows = read_rows(content, required=("email",), known=PEOPLE_COLUMNS)
    with unit_of_work(ctx, actor, now, reference, Verb.IMPORT_PEOPLE) as uow:
        # By the keyed digest of each address: to find a duplicate, no address on the list is decrypted.
        statement = select(AffectedPerson.blind_index).where(AffectedPerson.incident_id == uow.incident_id)
        seen = set(uow.session.exec(statement))
        fresh, known, refused = _sort(uow, ctx, header, rows, seen, _person)
        # Past the ORM: rows added to the session one by one take many times as long.
        insert_many(uow.session, AffectedPerson, uow.incident_id, fresh)
        # In this transaction: between an import and the flow that follows it, nobody may read that all were told.
        also = follow_letters(uow, ctx)
        return _finish(uow, "people", content, header, (len(fresh), known, len(seen)), refused, also)


def import_merchants(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, content: bytes
) -> ImportResult:
    """Add the merchants of a CSV file, each with the figures of its own customers (Art. 33(2) GDPR).

    Columns: merchant_id, name, email, language, people, records, kinds (words separated by blanks), contract_hours;
    the first three are required. Each merchant listed becomes an obligation of its own.

    Raises:
        InvalidInputError: not a UTF-8 CSV file with the required columns.

    """
    header, rows = read_rows(content, required=("merchant_id", "name", "email"), known=MERCHANT_COLUMNS)
    with unit_of_work(ctx, actor, now, reference, Verb.IMPORT_PEOPLE) as uow:
        # By id, not by address: one person may be the contact of several merchants, and each of them is owed a notice.
        seen = set(uow.session.exec(select(MerchantRow.merchant_id).where(MerchantRow.incident_id == uow.incident_id)))
        fresh, known, refused = _sort(uow, ctx, header, rows, seen, _merchant)
        insert_many(uow.session, MerchantRow, uow.incident_id, fresh)
        list_merchants(uow, ctx)
        return _finish(uow, "merchants", content, header, (len(fresh), known, len(seen)), refused)


def write_refused(imported: ImportResult) -> str:
    """Write the refused rows as CSV, with line and reason before each, for a person to mend and import again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "reason", *imported.header))
    # The cells are a stranger's and will be opened in a spreadsheet: none may run as a formula.
    writer.writerows((row.line, row.reason, *(without_formula(cell) for cell in row.cells)) for row in imported.refused)
    return text.getvalue()


def _sort(
    uow: UnitOfWork, ctx: UseCaseContext, header: tuple[str, ...], rows: ListRows, seen: set[str], read: Any
) -> tuple[list[dict[str, Any]], int, list[BadRow]]:
    """Part the rows into new ones, known ones and refused ones; *seen* takes up the keys of the new ones."""
    fresh: list[dict[str, Any]] = []
    refused: list[BadRow] = []
    known = 0
    for at_line, cells, row in rows:
        try:
            key, values = read(uow, ctx, whole(cells, row, header))
        except RowRefused as reason:
            # One bad row must not keep the others waiting: telling people is owed without undue delay (Art. 34(1)).
            refused.append(BadRow(line=at_line, reason=str(reason), cells=tuple(cells)))
            continue
        if key in seen:
            known += 1
            continue
        # Taken up at once, so that a second row of the same file counts as known, too.
        seen.add(key)
        fresh.append(values)
    return fresh, known, refused


def _person(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    address = address_in(row)
    key = ctx.vault.blind_index(uow.incident.reference, address)
    return key, {
        "incident_id": uow.incident_id,
        "blind_index": key,
        "sealed": ctx.vault.encrypt(uow.incident.reference, address),
        "language": language_in(row),
        "country": country_in(row),
        "imported_at": uow.now,
    }


def _merchant(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    address = address_in(row)
    key = merchant_id_in(row)
    return key, {
        "incident_id": uow.incident_id,
        "merchant_id": key,
        "name": name_in(row),
        "sealed": ctx.vault.encrypt(uow.incident.reference, address),
        "language": language_in(row),
        "people": number_in(row, "people"),
        "records": number_in(row, "records"),
        "kinds": kinds_in(row),
        # A period of no hours cannot be counted (Period); in a file it is a mistake, or stands for no contract.
        "contract_hours": number_in(row, "contract_hours", least=1),
        "imported_at": uow.now,
    }


def _finish(
    uow: UnitOfWork,
    kind: str,
    content: bytes,
    header: tuple[str, ...],
    counts: tuple[int, int, int],
    refused: list[BadRow],
    also: Sequence[str] = (),
) -> ImportResult:
    added, known, total = counts
    uow.audit(
        f"{kind}.imported",
        added=added,
        known=known,
        refused=len(refused),
        total=total,
        # The file is not kept, for it holds addresses in the clear; its digest proves later which one was taken.
        file_sha256=hashlib.sha256(content).hexdigest(),
    )
    uow.note("imported", timeline_text(f"imported_{kind}", added=added, known=known, refused=len(refused)))
    done = uow.done(
        f"{kind}: {added} added, {known} known already, {len(refused)} refused; {total} on the list",
        *also,
        next_command=f"tocsin drafts {uow.incident.reference}",
    )
    return ImportResult(added=added, known=known, total=total, refused=tuple(refused), header=header, done=done)
