"""What may name a person is taken out of the words that are kept of an alert."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Final

# Wider than such a thing may be: what is taken out wrongly is a word, what stays wrongly is a person's.
_ADDRESS: Final = re.compile(r'[^\s@<>()\[\]",;:=]+@[^\s@<>()\[\]",;:=]+')
_NETWORK: Final = re.compile(r"(?<![\w.:])[0-9A-Fa-f:.]{3,45}(?![\w:])")


def without_people(text: str) -> str:
    """Replace e-mail addresses and network addresses by what they are."""
    return _NETWORK.sub(_unless_none, _ADDRESS.sub("[address]", text))


def _unless_none(found: re.Match[str]) -> str:
    # Times and version numbers are written alike; what is no address stays.
    text = found[0].rstrip(".:")
    try:
        ip_address(text)
    except ValueError:
        return found[0]
    return "[ip]" + found[0][len(text) :]
