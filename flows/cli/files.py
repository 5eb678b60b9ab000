"""Reading what a person names on the command line, and writing what a command makes.

Knows paths and ``-`` for standard input; refuses to know what is in a file.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_LARGEST = 512 * 1024 * 1024


class FileNotUsableError(ValueError):
    """A file that was named cannot be read."""


class FileNotWrittenError(RuntimeError):
    """A file could not be written; the message says where."""


def read_bytes(path: Path) -> bytes:
    """Read a file, or standard input for ``-``.

    Raises:
        FileNotUsableError: not there, not a file, not permitted, or larger than 512 MiB.

    """
    if str(path) == "-":
        return sys.stdin.buffer.read()
    try:
        if path.stat().st_size > _LARGEST:
            message = f"{path} is larger than 512 MiB: split it"
            raise FileNotUsableError(message)
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise FileNotUsableError(message) from error


def read_text(path: Path) -> str:
    """Read a text file in UTF-8.

    Raises:
        FileNotUsableError: as above, not UTF-8, or with a NUL in it.

    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"{path} is not UTF-8 text (byte {error.start}): save it as UTF-8"
        raise FileNotUsableError(message) from error
    if "\0" in text:
        message = f"{path} is no text: it holds a NUL (character {text.index(chr(0)) + 1})"
        raise FileNotUsableError(message)
    return text


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, whole or not at all.

    Raises:
        FileNotWrittenError: the folder is not there or not writable.

    """
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        fresh.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise FileNotWrittenError(message) from error
