"""Reading the CSV files that list whom to tell: their columns, their rows, and each cell checked.

What a refused row says is never repeated in the reason: reasons are shown and kept where addresses must not be.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from incidents.facts.data_kinds import rows_of
from incidents.kernel.email_address import wire_form
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.spreadsheet_cells import with_formula
from incidents.obligations.recipients import PLACEHOLDERS

_LANGUAGE: Final = re.compile(r"[a-z]{2}")
"""``de``; of ``de-AT`` and ``de_AT`` the first part is taken before it is held against this."""
_COUNTRY: Final = re.compile(r"[A-Z]{2}")
"""``DE``: as many letters as the column ``country`` holds."""
# As long as the column. No blank, quotation mark or slash: the id becomes a part of the obligation's key, which people
# type on a command line (``eu-gdpr/controller/shop-17``).
_MERCHANT_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,80}")
_LONGEST_NAME: Final = 200
"""Characters; the length of the column."""
_LARGEST_NUMBER: Final = 2**31 - 1
"""What an INTEGER of PostgreSQL holds; SQLite would take more, and the list would depend on the database."""

ListRows = Iterator[tuple[int, list[str], dict[str, str]]]
"""Line in the file, cells as they stand there, cells by column."""


@dataclass(frozen=True, kw_only=True)
class BadRow:
    """A row that could not be taken: its line in the file, and why. The reason never repeats what the row says."""

    line: int
    reason: str
    cells: tuple[str, ...]


class RowRefused(InvalidInputError):
    """One row cannot be taken; the others can."""


def read_rows(content: bytes, *, required: tuple[str, ...], known: tuple[str, ...]) -> tuple[tuple[str, ...], ListRows]:
    """Give the columns that the first line names, and the rows below it as they are asked for.

    Raises:
        InvalidInputError: not UTF-8, or a first line that lacks a column, repeats one or names an unknown one; while
            rows are asked for, a line that is not CSV.

    """
    try:
        # Spreadsheets save "CSV UTF-8" with a byte order mark; left in, it would be a part of the first column's name.
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"the file is not UTF-8 text (byte {error.start}): save it as CSV UTF-8"
        raise InvalidInputError(message) from error
    first = text.partition("\n")[0]
    # Where the comma is the decimal sign, spreadsheets part the cells of a "CSV" by semicolons. `csv.Sniffer` is not
    # asked: it guesses from the rows, and an unlucky row would have it part them at some other sign.
    delimiter = ";" if first.count(";") > first.count(",") else ","
    # Without newline="" a line break inside a quoted cell would be translated before the reader sees it.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    header = tuple(cell.strip().lower() for cell in next(reader, []))
    absent = [name for name in required if name not in header]
    if absent:
        message = f"the first line must name the columns; missing: {', '.join(absent)} (known: {', '.join(known)})"
        raise InvalidInputError(message)
    if len(set(header)) != len(header):
        message = "the first line names a column twice"
        raise InvalidInputError(message)
    # A file of refused rows, mended, may come back as it is: line and reason are passed over. Any other column is
    # refused rather than passed over: a misspelt `contry` would leave every person without a country, unnoticed.
    unknown = [name for name in header if name not in {*known, "line", "reason"}]
    if unknown:
        message = f"unknown columns: {', '.join(unknown)}; known: {', '.join(known)}. Remove what is not needed"
        raise InvalidInputError(message)
    return header, _cells(reader, header)


def _cells(reader: Any, header: tuple[str, ...]) -> ListRows:
    # Only in a file that `write_refused` made are apostrophes ours to take away; in any other they are the person's.
    is_ours = {"line", "reason"}.issubset(header)
    # A quoted cell may go over several lines: a row is named by the line on which it begins.
    begins = reader.line_num + 1
    try:
        for row in reader:
            cells = [with_formula(cell) for cell in row] if is_ours else row
            if any(cell.strip() for cell in cells):
                # Not strict: a row with too few or too many cells is refused by itself (`refuse_torn`), and the
                # others are taken; an error raised here would end the whole file.
                yield begins, cells, dict(zip(header, (cell.strip() for cell in cells), strict=False))
            begins = reader.line_num + 1
    except csv.Error as error:
        message = f"line {reader.line_num} is not CSV ({error}): nothing was taken"
        raise InvalidInputError(message) from error


def refuse_torn(cells: list[str], header: tuple[str, ...]) -> None:
    """Refuse a row with another number of cells than there are columns: whose cell is whose cannot be known.

    Raises:
        RowRefused

    """
    if len(cells) != len(header) and any("\n" in cell for cell in cells):
        # The likely cause, and not to be seen in the line itself: the opened cell has swallowed the rows after it.
        message = "the row goes over several lines: a quotation mark before a cell has no partner"
        raise RowRefused(message)
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the first line names {len(header)} columns"
        raise RowRefused(message)


def merchant_id_in(row: Mapping[str, str]) -> str:
    """Read the merchant's own id.

    Raises:
        RowRefused

    """
    merchant_id = row["merchant_id"]
    if not _MERCHANT_ID.fullmatch(merchant_id):
        message = "merchant_id must be 1 to 80 letters, digits, dots, dashes or underscores"
        raise RowRefused(message)
    # Its obligation would have the key of the one that stands for all who are not listed yet, and end with that.
    if merchant_id in PLACEHOLDERS:
        message = "merchant_id is a word that stands for merchants not yet listed: give this one another"
        raise RowRefused(message)
    return merchant_id


def name_in(row: Mapping[str, str]) -> str:
    """Read a merchant's name, which will stand at the head of its notice.

    Raises:
        RowRefused

    """
    name = row["name"]
    if not name or len(name) > _LONGEST_NAME:
        message = f"name is missing or longer than {_LONGEST_NAME} characters"
        raise RowRefused(message)
    # A line break in it would begin a line of its own in what is sent.
    if not name.isprintable():
        message = "name has a line break or another character that does not print"
        raise RowRefused(message)
    return name


def kinds_in(row: Mapping[str, str]) -> list[str]:
    """Read the kinds of a merchant's data; a word that nobody has words for would stand in its notice as it is.

    Raises:
        RowRefused

    """
    words = row.get("kinds", "").split()
    for place, word in enumerate(words, 1):
        if not rows_of(word):
            # By its place, not by what it says: whatever stands in the wrong column may be an address.
            message = (
                f"word {place} of kinds is no kind of data: kinds are words such as name, email, order_history, "
                "separated by blanks"
            )
            raise RowRefused(message)
    return words


def address_in(row: Mapping[str, str]) -> str:
    """Read the address that is written to.

    Raises:
        RowRefused

    """
    address = row.get("email", "")
    if not address:
        message = "email is missing"
        raise RowRefused(message)
    wire = wire_form(address)
    if wire is None:
        message = "email is not an address"
        raise RowRefused(message)
    return wire


def language_in(row: Mapping[str, str]) -> str:
    """Read the language to write in; English where none is named, as for every language without words of its own.

    Raises:
        RowRefused

    """
    language = row.get("language", "").lower().replace("_", "-").partition("-")[0]
    if not language:
        return "en"
    if not _LANGUAGE.fullmatch(language):
        message = "language is not a two-letter code (en, de, fr ...)"
        raise RowRefused(message)
    return language


def country_in(row: Mapping[str, str]) -> str | None:
    """Read where the person lives; ``None`` where that is not known, and any law may then protect them.

    Raises:
        RowRefused

    """
    country = row.get("country", "").upper()
    if country and not _COUNTRY.fullmatch(country):
        message = "country is not a two-letter code (DE, FR ...)"
        raise RowRefused(message)
    return country or None


def number_in(row: Mapping[str, str], name: str, *, least: int = 0) -> int | None:
    """Read a whole number from *least* on; ``None`` where it is not known, which is not the same as none.

    Raises:
        RowRefused

    """
    digits = row.get(name, "")
    if not digits or digits == "unknown":
        return None
    # isdigit alone takes "²", at which int() fails, and figures of other scripts, which nobody here could check.
    if not (digits.isascii() and digits.isdigit()) or not least <= int(digits) <= _LARGEST_NUMBER:
        message = f"{name} is not a whole number from {least} on"
        raise RowRefused(message)
    return int(digits)
