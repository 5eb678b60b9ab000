"""Canonical JSON: the one text of a value that its digest is made of.

RFC 8785 for the subset used: ASCII keys, integers, strings, true, false, null, and lists and mappings of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any


def canonical_json(value: Mapping[str, Any]) -> str:
    """Write a value with sorted keys, no blanks, ASCII only."""
    # ASCII, so that no encoding and no form of Unicode decides a digest; NaN is no JSON and would not be read back.
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def sha256_of(value: Mapping[str, Any]) -> str:
    """Give the SHA-256 of a value's canonical JSON, in hexadecimal."""
    return hashlib.sha256(canonical_json(value).encode()).hexdigest()
