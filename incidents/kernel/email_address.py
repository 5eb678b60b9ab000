"""What counts as an e-mail address: one rule for the organisation's file, for imported lists and for sending.

The rule is about the address as it travels: ASCII, with a domain of at least two labels. It is stricter than RFC 5322:
no quoted local part, no comment, no address of a single host.
"""

from __future__ import annotations

import re
from typing import Final

LONGEST: Final = 254
"""Characters (RFC 5321 section 4.5.3.1.3, without the angle brackets)."""
# The characters left out are those that make a list or a display name of an address (``a@b,c@d``, ``Ann <a@b>``); the
# last range is DEL and everything beyond ASCII, which needs SMTPUTF8 (RFC 6531) on every way to the recipient.
_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f-\U0010ffff]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")


def is_email_address(text: str) -> bool:
    """Whether *text* is one plain address: no blanks, line breaks, lists or display name."""
    return len(text) <= LONGEST and _ADDRESS.fullmatch(text) is not None
