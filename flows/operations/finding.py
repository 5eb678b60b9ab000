"""What an examination finds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing looked at: in order, to be heeded (``None``), or broken; and how to mend it."""

    ok: bool | None
    what: str
    fix: str | None = None
