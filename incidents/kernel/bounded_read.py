"""Reading no more of a file than one is ready to hold: what a person names may be a device, which never ends."""

from __future__ import annotations

from typing import BinaryIO


def read_at_most(file: BinaryIO, most: int) -> bytes | None:
    """Read a whole file of up to *most* bytes; ``None`` where there is more.

    The size in its directory entry is no answer: that of ``/dev/zero`` is 0.
    """
    # One byte more than is wanted tells "just fits" from "goes on".
    content = file.read(most + 1)
    return content if len(content) <= most else None
