"""Reading what a person names on the command line, and writing what a command makes."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

from incidents.kernel.bounded_read import read_at_most
from incidents.kernel.errors import FailedError, InvalidInputError

_MIB = 1024 * 1024
LARGEST = 512 * _MIB
"""Bytes of a file that is kept as proof."""
LARGEST_TEXT = 64 * _MIB
"""Bytes of a text: a list of a million people has less."""
LARGEST_DOCUMENT = 4 * _MIB
"""Bytes of a YAML document that a person writes."""


class FileNotUsableError(InvalidInputError):
    """A file that was named cannot be read."""


class FileNotWrittenError(FailedError):
    """A file could not be written; the message says where."""


def read_bytes(path: Path, largest: int = LARGEST) -> bytes:
    """Read a file, or standard input for ``-``; never more than *largest* bytes, so that no device fills the memory.

    Raises:
        FileNotUsableError: not there, a folder, not permitted, or too large.

    """
    try:
        # The wrapper leaves standard input open, which is not ours to close.
        with nullcontext(sys.stdin.buffer) if str(path) == "-" else path.open("rb") as file:
            content = read_at_most(file, largest)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise FileNotUsableError(message) from error
    if content is None:
        message = f"{path} is larger than {largest // _MIB} MiB"
        raise FileNotUsableError(message)
    return content


def read_text(path: Path, largest: int = LARGEST_TEXT) -> str:
    """Read a text file in UTF-8, of *largest* bytes at most.

    Raises:
        FileNotUsableError: as above, not UTF-8, or with a NUL in it.

    """
    try:
        # "-sig": spreadsheets write a byte order mark, and the first column would be called "\ufeffemail".
        text = read_bytes(path, largest).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise FileNotUsableError(message) from error
    # Valid UTF-8, and PostgreSQL stores none in a text.
    if "\0" in text:
        message = f"{path} is no text: it holds a NUL (character {text.index(chr(0)) + 1})"
        raise FileNotUsableError(message)
    return text


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        FileNotWrittenError: the folder is not there or not writable.

    """
    # Beside its place, so that the last step is one rename within a file system.
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # The mode is given when it is made: between `open` and `chmod` others could read it.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        fresh.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise FileNotWrittenError(message) from error
