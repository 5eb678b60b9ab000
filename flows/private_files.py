"""Files that only their owner reads, written whole or not at all: reports and filing packs tell of a breach."""

from __future__ import annotations

import os
from pathlib import Path

from incidents.kernel.errors import FailedError


def write_owned(folder: Path, name: str, content: bytes) -> Path:
    """Write a file into a folder, made where it is missing; nobody else can read it at any moment.

    Raises:
        FailedError: the folder cannot be written.

    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # In the same folder: `replace` is one step only within a file system. The number keeps two processes apart.
        aside = folder / f".{name}.{os.getpid()}"
        # Made with its mode and then filled: a file made first and closed afterwards is open to others for a moment.
        aside.touch(mode=0o600)
        aside.write_bytes(content)
        return aside.replace(folder / name)
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise FailedError(message) from error
