"""What counts as an e-mail address: one rule for the organisation's file, for imported lists and for sending.

The rule is about the address as it travels: ASCII, a dot-atom before the @ and a domain of at least two labels. It is
stricter than RFC 5322: no quoted local part, no comment, no address of a single host.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from email_validator import EmailNotValidError, validate_email

LONGEST: Final = 254
"""Characters (RFC 5321 section 4.5.3.1.3, without the angle brackets)."""
# A dot-atom (RFC 5322 section 3.2.3): no comma, bracket or blank, with which a cell would be a list or a display name,
# and no dot at an end or beside another, which mail services refuse. Nothing beyond ASCII, which needs SMTPUTF8
# (RFC 6531) on every way to the recipient.
_LOCAL: Final = re.compile(r"(?=.{1,64}\Z)[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN: Final = re.compile(rf"{_LABEL}(?:\.{_LABEL})+")


def wire_form(text: str) -> str | None:
    """Write an address as it travels, its domain in ASCII (IDNA 2008, RFC 5891); ``None`` where it is no address."""
    local, _, domain = text.rpartition("@")
    if not _LOCAL.fullmatch(local):
        return None
    # Nearly every domain is plain; only the others are asked about, each once.
    is_plain = domain.isascii() and "xn--" not in domain.lower()
    ascii_domain = domain if is_plain else _in_ascii(domain)
    if ascii_domain is None or not _DOMAIN.fullmatch(ascii_domain):
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address) <= LONGEST else None


def is_email_address(text: str) -> bool:
    """Whether *text* is one plain address: no blanks, line breaks, lists or display name.

    Letters outside ASCII may stand in the domain, which has a form that travels; before the @ they have none.
    """
    return wire_form(text) is not None


@lru_cache(maxsize=4096)
def _in_ascii(domain: str) -> str | None:
    # IDNA 2003, which Python's own codec speaks, would make "straße.de" into "strasse.de": somebody else's domain.
    try:
        # Whether a name is in public use is no more asked here than of a plain domain.
        found = validate_email(f"a@{domain}", check_deliverability=False, globally_deliverable=False)
    except (EmailNotValidError, UnicodeError):
        return None
    return found.ascii_domain
