"""Reading the CSV files that list whom to tell: their columns, their rows, and each cell checked.

What a refused row says is never repeated in the reason: reasons are shown and kept where addresses must not be.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

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

_LINE_BREAK: Final = re.compile(r"\r\n|\n|\r")
_SEPARATOR: Final = re.compile(r"\s*\"?sep=([,;\t|])\"?\s*", re.IGNORECASE)
_IN_NAMES: Final = frozenset("\u00a0\u00ad\u061c\u200c\u200d\u200e\u200f\u2009\u202f\u2060\u3000")
"""Signs of real names that do not print: blanks that do not break, joiners of Persian and Hindi, marks of direction.

Overrides and embeddings of direction (U+202A to U+202E, U+2066 to U+2069) are none: they turn round what follows.
"""
_AROUND_AT: Final = re.compile(r"[^\s@]@[^\s@]")
_NAMED: Final = re.compile(
    r"[^<>@]*<(?:mailto:)?([^<>]+)>|mailto:([^?]+)|'([^']+)'|\"([^\"]+)\"", re.IGNORECASE | re.DOTALL
)

ListRows = Iterator[tuple[int, list[str], dict[str, str] | None]]
"""Line in the file, cells as they stand there, cells by column; none where they cannot be told apart."""


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

    Every line is a row of its own, whatever quotation marks stand in it: one without a partner spoils its line, never
    the lines after it, so that nobody disappears into another's cell.

    Raises:
        InvalidInputError: no text in UTF-8 or UTF-16, no row below the first line, or a first line that lacks a column,
            repeats one or names an unknown one.

    """
    lines = _LINE_BREAK.split(_decoded(content))
    # Excel's own way of naming what parts the cells, on a line before the columns.
    told = _SEPARATOR.fullmatch(lines[0])
    head = 1 if told else 0
    first = lines[head] if head < len(lines) else ""
    # Where the comma is the decimal sign, spreadsheets part the cells of a "CSV" by semicolons. `csv.Sniffer` is not
    # asked: it guesses from the rows, and an unlucky row would have it part them at some other sign.
    delimiter = told.group(1) if told else max(",;\t", key=first.count)
    parse = _Line(delimiter)
    header = tuple(cell.strip().lower() for cell in parse.cells(first) or parse.torn(first))
    absent = [name for name in required if name not in header]
    if absent:
        message = f"the first line must name the columns; missing: {', '.join(absent)} (known: {', '.join(known)})"
        raise InvalidInputError(message)
    if len(set(header)) != len(header):
        twice = dict.fromkeys(name for name in header if header.count(name) > 1)
        message = f"the first line names a column twice: {', '.join(twice)}"
        raise InvalidInputError(message)
    # A file of refused rows, mended, may come back as it is: line and reason are passed over. Any other column is
    # refused rather than passed over: a misspelt `contry` would leave every person without a country, unnoticed.
    unknown = [name for name in header if name not in {*known, "line", "reason"}]
    if unknown:
        message = f"unknown columns: {', '.join(unknown)}; known: {', '.join(known)}. Remove what is not needed"
        raise InvalidInputError(message)
    below = [(at, line) for at, line in enumerate(lines[head + 1 :], head + 2) if line.strip(f" \t{delimiter}")]
    if not below:
        message = "the file names columns and has no row below them: nobody is listed in it"
        raise InvalidInputError(message)
    return header, _rows(parse, below, header)


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            line = len(_LINE_BREAK.split(content[: error.start].decode("utf-16", "ignore")))
            message = (
                f"line {line} is not UTF-16 text, as which the file begins: save it as CSV UTF-8. Nothing was taken"
            )
            raise InvalidInputError(message) from error
    try:
        # Spreadsheets save "CSV UTF-8" with a byte order mark; left in, it would be a part of the first column's name.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Not guessed: the same byte is ü on one desk and ź on another, and a name would go out wrong.
        line = len(_LINE_BREAK.split(content[: error.start].decode("utf-8-sig", "ignore")))
        message = f"line {line} is not UTF-8 text: save the file as CSV UTF-8. Nothing was taken"
        raise InvalidInputError(message) from error


class _Line:
    """How a line is parted into cells at one sign."""

    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        blanks = "[ ]*" if delimiter == "\t" else r"[ \t]*"
        # RFC 4180: a quotation mark opens a cell and closes it; within, two stand for one. Possessive: tried once.
        self._cell = re.compile(rf'(?:{blanks}"((?:[^"]|"")*+)"{blanks}|([^"{delimiter}]*))(?:{delimiter}|\Z)')

    def cells(self, line: str) -> list[str] | None:
        """Part a line; ``None`` where a quotation mark has no partner or stands within a cell."""
        if '"' not in line:
            return line.split(self._delimiter)
        found, at = [], 0
        # Behind the last sign one more cell follows, though it be empty.
        while at <= len(line):
            match = self._cell.match(line, at)
            if match is None:
                return None
            quoted, plain = match.groups()
            found.append(plain if quoted is None else quoted.replace('""', '"'))
            if not match.group().endswith(self._delimiter) or match.end() == match.start():
                break
            at = match.end()
        return found

    def torn(self, line: str) -> list[str]:
        """Part a line at every sign, quoted or not."""
        return line.split(self._delimiter)


def _rows(parse: _Line, lines: list[tuple[int, str]], header: tuple[str, ...]) -> ListRows:
    # Only in a file that `write_refused` made are apostrophes ours to take away; in any other they are the person's.
    is_ours = {"line", "reason"}.issubset(header)
    for at, line in lines:
        cells = parse.cells(line)
        row = None
        if cells is not None:
            cells = [with_formula(cell) for cell in cells] if is_ours else cells
            # Not strict: a row with too few or too many cells is refused by itself (`refuse_torn`).
            row = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        yield at, cells or parse.torn(line), row


def whole(cells: list[str], row: dict[str, str] | None, header: tuple[str, ...]) -> dict[str, str]:
    """Give the row, unless it has no cells that can be told apart, or another number of them than there are columns.

    Raises:
        RowRefused

    """
    if row is None:
        message = "a quotation mark in the line has no partner or stands within a cell; a cell is one line"
        raise RowRefused(message)
    if len(cells) != len(header):
        message = f"the row has {len(cells)} cells, the first line names {len(header)} columns"
        raise RowRefused(message)
    return row


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
    # A line break in it would begin a line of its own in what is sent, and an override would turn the words around it.
    if not any(sign.isalnum() for sign in name) or not all(sign.isprintable() or sign in _IN_NAMES for sign in name):
        message = "name has no letter, or a line break or another character that does not print"
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
    if wire := wire_form(address):
        return wire
    # Once more without what address books put around it: a name, angle brackets, a link, apostrophes.
    named = _NAMED.fullmatch(address)
    if named and (wire := wire_form(next(part for part in named.groups() if part))):
        return wire
    if len(_AROUND_AT.findall(address)) > 1:
        message = "email holds several addresses: give each a row of its own"
    elif not address.rpartition("@")[0].isascii():
        message = "email has a letter outside ASCII before the @, to which mail services do not deliver"
    else:
        message = "email is not an address"
    raise RowRefused(message)


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
