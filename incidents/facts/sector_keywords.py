"""What makes everyday data dangerous without status among them: the field of the body that held them, and the reader.

A word it does not know says nothing; what a person states (``special_categories``, ``vulnerable``, ``feared``) comes
first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# ``credit union`` is a bank and ``adult education`` a school: the two look-arounds take them out again. Words that are
# a part of harmless ones stand after the word boundary in the second half.
_REVEALING: Final = re.compile(
    r"health|hospital|medic|clinic|pharma|psych|addict|rehab|care home|church|relig|politic|prison|criminal|court"
    r"|parliament|^party$|(?<!credit )union|adult(?! education)"
    r"|\b(?:(?:local|regional|youth) party|party (?:branch|member|office)|dental|dentist|fertil|abortion|physio|therap"
    r"|doctor|physician|surger|hospice|nursing|optician|hearing aid|ambulance|blood|laborator|genetic|drug|alcohol"
    r"|suicid|crisis line|helpline|self.help|counsell?ing|dating|sex\b|sexual|gay|lesbian|lgbt|queer|transgender"
    r"|parish|dioces|mosque|synagog|probation|hiv\b|aids\b|cancer|oncolog|mental|diabet)"
)
"""Fields in which being listed at all tells something of Art. 9 or 10 GDPR: a clinic's patients, a party's members."""

_SHELTERING: Final = re.compile(
    r"\b(?:shelter|refuge\b|women.s (?:aid|house)|domestic (?:violence|abuse)|violence|asylum|refugee|migrant|homeless"
    r"|child(?:ren)?(?:.s)?[ -]?(?:care|protection|welfare|services?|home|hospital)|youth (?:welfare|care"
    r"|services?|work|club|home|protection)|kindergarten|nursery|primary school|elementary school|elderly|old people"
    r"|home care|social (?:care|services?|work|welfare)|adoption|foster|witness|victim|whistle|disab"
    r"|debt (?:counsel|advi))"
)
"""Fields in which people seek help or protection."""

_ENDANGERED: Final = re.compile(
    r"\b(?:police|armed forces|military|army|navy|air force|defen[cs]e|intelligence service|secret service|prosecut)"
)
"""Fields whose own people are in danger once everybody can read who they are."""

# "Former partner" is a person; "former partner company" is a business and none of those.
_FEARED: Final = re.compile(
    r"\b(?:birth|biological|natural)[ -](?:parent|mother|father|famil)"
    r"|\b(?:ex|former|estranged|separated|divorced)[ -]?(?:partner|husband|wife|spouse|boyfriend|girlfriend"
    r"|cohabit\w*)\b(?! (?:firm|company|organi[sz]ation|agency))"
    r"|\b(?:abus(?:er|ive)|violent|stalk|assail|assault|aggressor|offender|harass|perpetrator|accused|suspects?\b"
    r"|defendant|restrain|persecut|inmate|prisoner|embassy|consulate)"
)
"""Recipients from whom the people may hide, or whom they may have reason to fear."""

_STAFF: Final = ("employee", "staff", "worker", "supplier", "contractor")
"""Groups of whom a field tells nothing: who works in a hospital need not be ill."""


def reveals(sector: str | None, subjects: Iterable[str]) -> bool:
    """Whether being on a list in this field tells of data of Art. 9 or 10 GDPR; not so of those who work there."""
    return _is_of(_REVEALING, sector) and not _only_staff(subjects)


def shelters(sector: str | None, subjects: Iterable[str]) -> bool:
    """Whether people turn to this field for help or protection; not so those who work there."""
    return _is_of(_SHELTERING, sector) and not _only_staff(subjects)


def endangers(sector: str | None) -> bool:
    """Whether the people of this field are in danger once the public can read who they are."""
    return _is_of(_ENDANGERED, sector)


def is_feared(who: str) -> bool:
    """Whether these words for a recipient speak of somebody the people may have to fear."""
    return _is_of(_FEARED, who)


def _is_of(words: re.Pattern[str], text: str | None) -> bool:
    # Stems and lower case, so that ``women's_shelter`` and ``Women's shelters`` are one field.
    return text is not None and words.search(text.lower().replace("_", " ")) is not None


def _only_staff(subjects: Iterable[str]) -> bool:
    groups = tuple(subjects)
    # One group that is not staff is enough to count, and no group at all says nothing of staff.
    return bool(groups) and all(any(word in group for word in _STAFF) for group in groups)
