"""The command line: each command translates what was typed, calls one use case, and says what came of it.

Knows words, times and exit codes; refuses to decide anything and to write a row itself. Nothing heavy is imported
here: `tocsin open` at 3 a.m. must not wait for what it does not need.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code (exits.py lists them)."""
    # Start-up makes many objects and hardly any garbage; collecting while importing costs a fifth of the time.
    gc.disable()
    try:
        from flows.cli.door import run

        return run(list(sys.argv[1:] if arguments is None else arguments))
    finally:
        gc.enable()
