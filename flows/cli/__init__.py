"""The command line: each command translates what was typed, calls one query or use case, and prints what came of it.

It decides nothing and stores nothing.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code (flows/error_codes.py lists them)."""
    # Start-up makes many objects and hardly any garbage; collecting while importing costs a fifth of the time.
    gc.disable()
    try:
        from flows.cli.app import run

        code = run(list(sys.argv[1:] if arguments is None else arguments))
    finally:
        gc.enable()
    if arguments is None and "prefect" not in sys.modules:
        _leave(code)
    return code


def _leave(code: int) -> NoReturn:
    """End the process at once: taking apart what was imported would cost a third of a short command's time.

    Everything a command writes is committed or renamed into place by now; only what was printed is still on its way.
    (Prefect has threads of its own, which want to be asked.)
    """
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
