"""The lists of who must be told: affected people and merchants taken from CSV files, row by row."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Final

from sqlmodel import col, select

from incidents.access.people import ActingPerson
from incidents.audit.tallies import insert_many
from incidents.case.draft_kinds import CONTROLLERS, PEOPLE
from incidents.case.lifecycle import Verb
from incidents.case.message_machine import CAME_BACK, MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication.letter_kinds import key_in_ledger, list_of
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
from incidents.casework.deadlines.derive import follow_contracts, list_merchants
from incidents.kernel.spreadsheet_cells import without_formula
from incidents.storage.tables.communication import AffectedPerson, MerchantRow, Message
from incidents.texts.timeline_texts import timeline_text

_AT_ONCE: Final = 500
"""Changed rows that are read and written together; a statement holds only so many values."""
_SHOWN: Final = 20
"""Lines of differences that are said; a list of a million may differ in every row."""
_OF_MERCHANTS: Final = ("name", "language", "people", "records", "kinds", "contract_hours")

PEOPLE_COLUMNS = ("email", "language", "country")
MERCHANT_COLUMNS = ("merchant_id", "name", "email", "language", "people", "records", "kinds", "contract_hours")


_Read = tuple[str, dict[str, Any], Callable[[], dict[str, Any]]]
"""By what the row is known again, what it says of whom, and the row of the table, sealed only where it is needed."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """What a file says otherwise of one row of the list: old and new by field, and the row as it is to be."""

    fields: dict[str, tuple[Any, Any]]
    row: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """What an import did."""

    added: int
    known: int
    """Rows that are on the list already as they are in the file: nobody is written to twice."""
    changed: int
    """Rows that were on the list and are written anew as the file has them."""
    total: int
    refused: tuple[BadRow, ...]
    header: tuple[str, ...]
    done: Result


def import_people(
    ctx: UseCaseContext, actor: ActingPerson, now: datetime, reference: str, content: bytes
) -> ImportResult:
    """Add the affected people of a CSV file (columns email, language, country; the first is required).

    Good rows are taken, bad ones are given back with line and reason; importing a file twice adds nobody. A person
    who is listed already is written anew where the file says otherwise, until a letter to them was ordered.

    Raises:
        InvalidInputError: not a UTF-8 CSV file with an ``email`` column.

    """
    header, rows = read_rows(content, required=("email",), known=PEOPLE_COLUMNS)
    with unit_of_work(ctx, actor, now, reference, Verb.IMPORT_PEOPLE) as uow:
        # By the keyed digest of each address: to find a person again, no address on the list is decrypted.
        statement = select(AffectedPerson.blind_index, AffectedPerson.language, AffectedPerson.country)
        listed = {
            key: {"language": language, "country": country}
            for key, language, country in uow.session.exec(
                statement.where(AffectedPerson.incident_id == uow.incident_id)
            )
        }
        found = _sort(uow, PEOPLE, header, rows, listed, partial(_person, uow, ctx))
        # Past the ORM: rows added to the session one by one take many times as long.
        insert_many(uow.session, AffectedPerson, uow.incident_id, found.fresh)
        _change(uow, AffectedPerson, col(AffectedPerson.blind_index), found.changes)
        # In this transaction: between an import and the flow that follows it, nobody may read that all were told.
        also = [*_counted(found.changes), *follow_letters(uow, ctx)]
        return _finish(uow, "people", content, header, found, len(listed), also)


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
        statement = select(MerchantRow).where(MerchantRow.incident_id == uow.incident_id)
        listed = {
            row.merchant_id: {
                "email": ctx.vault.decrypt(uow.incident.reference, row.sealed),
                **{name: getattr(row, name) for name in _OF_MERCHANTS},
            }
            for row in uow.session.exec(statement)
        }
        found = _sort(uow, CONTROLLERS, header, rows, listed, partial(_merchant, uow, ctx))
        insert_many(uow.session, MerchantRow, uow.incident_id, found.fresh)
        _change(uow, MerchantRow, col(MerchantRow.merchant_id), found.changes)
        uow.session.flush()
        list_merchants(uow, ctx)
        also = [*_in_lines(found.changes), *follow_contracts(uow, ctx, found.changes)]
        return _finish(uow, "merchants", content, header, found, len(listed), also)


def write_refused(imported: ImportResult) -> str:
    """Write the refused rows as CSV, with line and reason before each, for a person to mend and import again."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("line", "reason", *imported.header))
    # The cells are a stranger's and will be opened in a spreadsheet: none may run as a formula.
    writer.writerows((row.line, row.reason, *(without_formula(cell) for cell in row.cells)) for row in imported.refused)
    return text.getvalue()


@dataclass(frozen=True, kw_only=True)
class _Sorted:
    """The rows of a file, parted by what becomes of each; together they are all rows of the file."""

    fresh: list[dict[str, Any]] = field(default_factory=list)
    changes: dict[str, Change] = field(default_factory=dict)
    known: list[int] = field(default_factory=list)
    refused: list[BadRow] = field(default_factory=list)


def _sort(
    uow: UnitOfWork,
    kind: str,
    header: tuple[str, ...],
    rows: ListRows,
    listed: dict[str, dict[str, Any]],
    read: Callable[[Mapping[str, str]], _Read],
) -> _Sorted:
    """Part the rows into new ones, changed ones, known ones and refused ones; *listed* takes up what they say."""
    found = _Sorted()
    in_file: set[str] = set()
    ordered: frozenset[str] | None = None
    for at_line, cells, cells_by_column in rows:
        try:
            row = whole(cells, cells_by_column, header)
            key, says, as_row = read(row)
            before = listed.get(key)
            # A cell that says nothing changes nothing: a shorter file takes no language and no figure away.
            changed = _differing(before, says, row) if before is not None else {}
            if changed:
                ordered = _written_to(uow, kind) if ordered is None else ordered
                _refuse_change(changed, is_repeated=key in in_file, is_ordered=key in ordered)
        except RowRefused as reason:
            # One bad row must not keep the others waiting: telling people is owed without undue delay (Art. 34(1)).
            found.refused.append(BadRow(line=at_line, reason=str(reason), cells=tuple(cells)))
            continue
        in_file.add(key)
        if before is None:
            listed[key] = says
            found.fresh.append(as_row())
        elif changed:
            listed[key] = {**before, **{name: new for name, (_, new) in changed.items()}}
            found.changes[key] = Change(fields=changed, row=as_row())
        else:
            found.known.append(at_line)
    return found


def _refuse_change(changed: Mapping[str, Any], *, is_repeated: bool, is_ordered: bool) -> None:
    if is_repeated:
        message = "an earlier line of the file is about the same one and says otherwise"
        raise RowRefused(message)
    if is_ordered:
        message = f"a letter to it was ordered already, and the list stays as it was: {', '.join(changed)} differ"
        raise RowRefused(message)


def _differing(
    before: Mapping[str, Any], says: Mapping[str, Any], row: Mapping[str, str]
) -> dict[str, tuple[Any, Any]]:
    return {name: (before[name], new) for name, new in says.items() if row.get(name) and before[name] != new}


def _written_to(uow: UnitOfWork, kind: str) -> frozenset[str]:
    """Give whom a letter was ordered to that neither came back nor was called off."""
    table, _ = list_of(kind)
    key = AffectedPerson.blind_index if kind == PEOPLE else MerchantRow.merchant_id
    query = select(key).join(Message, col(Message.key) == key_in_ledger(kind))
    gone = {MessageState.CANCELLED, *CAME_BACK}
    return frozenset(
        uow.session.exec(query.where(table.incident_id == uow.incident_id, col(Message.state).not_in(gone)))
    )


def _change(uow: UnitOfWork, table: Any, key: Any, changes: Mapping[str, Change]) -> None:
    """Write changed rows through their objects, by which they are vouched for (incidents/audit/vouching.py)."""
    keys = list(changes)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        for row in uow.session.exec(select(table).where(table.incident_id == uow.incident_id, key.in_(some))):
            change = changes[getattr(row, key.key)]
            for name in change.fields:
                column = "sealed" if name == "email" else name
                setattr(row, column, change.row[column])
    uow.session.flush()


def _counted(changes: Mapping[str, Change]) -> list[str]:
    """Say what changed of people: how many from what to what, and of nobody who."""
    counts = Counter(
        f"{name} {_shown(old)} -> {_shown(new)}"
        for change in changes.values()
        for name, (old, new) in change.fields.items()
    )
    return [f"{what}: {count}" for what, count in counts.most_common(_SHOWN)]


def _in_lines(changes: Mapping[str, Change]) -> list[str]:
    """Say what changed of each merchant; of its address only that it did."""
    lines = [
        f"{key}: "
        + ", ".join(
            "email changed" if name == "email" else f"{name} {_shown(old)} -> {_shown(new)}"
            for name, (old, new) in change.fields.items()
        )
        for key, change in changes.items()
    ]
    more = len(lines) - _SHOWN
    return [*lines[:_SHOWN], *([f"and {more} more changed"] if more > 0 else [])]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return " ".join(value) or "none"
    return "unknown" if value is None else str(value)


def _person(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> _Read:
    address = address_in(row)
    key = ctx.vault.blind_index(uow.incident.reference, address)
    says = {"language": language_in(row), "country": country_in(row)}
    return (
        key,
        says,
        lambda: {
            "incident_id": uow.incident_id,
            "blind_index": key,
            "sealed": ctx.vault.encrypt(uow.incident.reference, address),
            "imported_at": uow.now,
            **says,
        },
    )


def _merchant(uow: UnitOfWork, ctx: UseCaseContext, row: Mapping[str, str]) -> _Read:
    address = address_in(row)
    key = merchant_id_in(row)
    says = {
        "name": name_in(row),
        "language": language_in(row),
        "people": number_in(row, "people"),
        "records": number_in(row, "records"),
        "kinds": kinds_in(row),
        # A period of no hours cannot be counted (Period); in a file it is a mistake, or stands for no contract.
        "contract_hours": number_in(row, "contract_hours", least=1),
    }
    return (
        key,
        {"email": address, **says},
        lambda: {
            "incident_id": uow.incident_id,
            "merchant_id": key,
            "sealed": ctx.vault.encrypt(uow.incident.reference, address),
            "imported_at": uow.now,
            **says,
        },
    )


def _finish(
    uow: UnitOfWork,
    kind: str,
    content: bytes,
    header: tuple[str, ...],
    found: _Sorted,
    total: int,
    also: Sequence[str] = (),
) -> ImportResult:
    added, known, refused = len(found.fresh), len(found.known), len(found.refused)
    changed = len(found.changes)
    uow.audit(
        f"{kind}.imported",
        added=added,
        known=known,
        changed=changed,
        refused=refused,
        total=total,
        # The file is not kept, for it holds addresses in the clear; its digest proves later which one was taken.
        file_sha256=hashlib.sha256(content).hexdigest(),
    )
    uow.note("imported", timeline_text(f"imported_{kind}", added=added, known=known, refused=refused))
    if changed:
        uow.note("imported", timeline_text(f"changed_{kind}", changed=changed))
    done = uow.done(
        f"{kind}: {added} added, {changed} changed, {known} known already, {refused} refused; {total} on the list",
        *also,
        next_command=f"tocsin drafts {uow.incident.reference}",
    )
    return ImportResult(
        added=added,
        known=known,
        changed=changed,
        total=total,
        refused=tuple(found.refused),
        header=header,
        done=done,
    )
