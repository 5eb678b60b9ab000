"""The tables of ENISA's severity methodology (working document v1.0, December 2013), with what each cell says.

The score is computed in enisa_score.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from incidents.facts.choices import Identifiability
from incidents.facts.data_kinds import Category
from incidents.texts.coded_text import CodedText, coded_text

NONE, QUARTER, HALF = Decimal(0), Decimal("0.25"), Decimal("0.5")

# Basic scores and whole steps are the methodology's. The words of the steps are ours and still to be compared with the
# document; the least sure are those below 4 for sensitive data.
CONTEXT: Final[Mapping[Category, Mapping[int, str]]] = {
    Category.SIMPLE: {
        1: "who somebody is and how to reach them, and no more",
        2: "amount or controller permit a profile, or assumptions on social or financial standing",
        3: "they lead to assumptions on health, sexual preferences, political or religious beliefs",
        4: "what marks these people makes the data critical for their safety or their physical or mental condition",
    },
    Category.BEHAVIOURAL: {
        1: "no substantial insight into behaviour, or easily collected from public sources",
        2: "location, traffic, preferences or habits",
        3: "amount or controller permit a profile of everyday life and habits",
        4: "a profile that rests on sensitive data can be made",
    },
    Category.FINANCIAL: {
        1: "no substantial insight: the mere fact of being a customer",
        2: "some financial information without significant insight, such as plain account numbers",
        3: "income, transactions, statements, invoices",
        4: "full information that permits fraud, or a detailed social or financial profile",
    },
    Category.SENSITIVE: {
        1: "no substantial insight, or public already",
        2: "they lead to general assumptions only",
        3: "they lead to assumptions on sensitive information",
        4: "health, political affiliation, sexual life and the like",
    },
}
"""Data processing context: what each result means in each category; the distance from the basic score is the step."""

EASE: Final[Mapping[Identifiability, Decimal]] = {
    Identifiability.NEGLIGIBLE: Decimal("0.25"),
    Identifiability.LIMITED: Decimal("0.5"),
    Identifiability.SIGNIFICANT: Decimal("0.75"),
    Identifiability.MAXIMUM: Decimal(1),
}
"""Ease of identification: four levels, evenly spaced."""

# By the order of the table above: a level that is put elsewhere in it would move every cell below.
_NEG, _LIM, _SIG, _MAX = list(EASE)

IDENTIFIERS: Final[Mapping[str, Mapping[Identifiability, str]]] = {
    "full name": {
        _NEG: "many people in the country share it",
        _LIM: "few people in the country share it",
        # Reproductions of the table give 0.5 or 0.75 for this cell: the higher is taken.
        _SIG: "few or none share it in a small city",
        _MAX: "with date of birth and e-mail address",
    },
    "number or paper of the state": {
        _NEG: "the number alone, without a reference database",
        _SIG: "it shows, or stands beside, a date of birth or an e-mail address",
        _MAX: "with name or picture, or a reference database is at hand",
    },
    "telephone number or address": {
        _NEG: "in no public register",
        _LIM: "in no public register, but in a small city",
        _MAX: "in a public register",
    },
    "e-mail address": {
        _NEG: "it shows no name and cannot be searched for",
        _SIG: "it can be searched for, in social networks for instance",
        _MAX: "it shows the name and can be searched for",
    },
    "picture or recording": {
        _NEG: "unclear, from afar",
        _LIM: "unclear, but with the place or another context",
        _SIG: "clear, with nothing beside it",
        _MAX: "clear, with a membership or a place",
    },
    "code, alias or initials": {
        _NEG: "no link without a reference table",
        _SIG: "the alias shows a first name or an e-mail address",
        _MAX: "it shows the full name, or the reference table is at hand",
    },
}
"""What each level means for each identifier; a level without words does not occur for it."""

IDENTIFIER_OF: Final[Mapping[str, str]] = {
    row: identifier
    for identifier, rows in {
        "full name": "name identity",
        "number or paper of the state": "national_id fiscal_code tax_id social_security_number id_card_number"
                                        " id_document passport driving_licence",
        "telephone number or address": "phone address protected_address",
        "e-mail address": "email",
        "picture or recording": "photo video_recording voice_recording",
        "code, alias or initials": "pseudonym alias initials user_id username account_name customer_number device_id",
    }.items()
    for row in rows.split()
}  # fmt: skip
"""Which identifier a kind of data is; the others (a signature, a plate number) are judged by how far they point."""

CONFIDENTIALITY: Final[Mapping[Decimal, str]] = {
    NONE: "exposed to a risk, without evidence of illegal processing",
    QUARTER: "disclosed to known recipients",
    HALF: "open to an unknown number of recipients",
}
INTEGRITY: Final[Mapping[Decimal, str]] = {
    NONE: "altered without any incorrect use, or restored before",
    QUARTER: "altered and possibly used incorrectly, but recoverable",
    HALF: "altered and possibly used incorrectly, and not shown to be recoverable",
}
AVAILABILITY: Final[Mapping[Decimal, str]] = {
    NONE: "recoverable without difficulty",
    QUARTER: "unavailable for a time, or to be had again with some work",
    HALF: "unavailable for good, or not shown to be recoverable",
}
# No quarter here: the methodology knows intent or none, and doubt counts as intent.
INTENT: Final[Mapping[Decimal, str]] = {
    NONE: "nobody meant it",
    HALF: "somebody meant it, or nobody can rule that out",
}
"""Circumstances: what each number of points means; the points of the four elements are added."""

CONSEQUENCES: Final[Mapping[str, str]] = {
    "low": "people are not affected or meet a few inconveniences that they overcome without any problem",
    "medium": "people may meet significant inconveniences that they overcome despite a few difficulties",
    "high": "people may meet significant consequences that they overcome with serious difficulties",
    "very_high": "people may meet significant or even irreversible consequences that they may not overcome",
}
"""What a band means for people."""


def _slug(words: str) -> str:
    # Codes of cells are keys in every language's words: they are made of the English, so the English is stable, too.
    return re.sub(r"[^a-z]+", "_", words)


def context_cell(category: Category, context: int) -> CodedText:
    """Say what a result means in a category."""
    return CodedText(CONTEXT[category][context], f"cell_{category}_{context}")


def identifier_cell(identifier: str, level: Identifiability) -> CodedText:
    """Say what a level means for an identifier: ``e-mail address: it shows no name and cannot be searched for``."""
    what, slug = IDENTIFIERS[identifier][level], _slug(identifier)
    identifier_text, cell = CodedText(identifier, f"identifier_{slug}"), CodedText(what, f"cell_{slug}_{level}")
    return coded_text("identifier_cell", what=identifier_text, cell=cell)


def circumstance_cell(row: str, points: Decimal) -> CodedText:
    """Say what a number of points means in a row of the circumstances."""
    return CodedText(CIRCUMSTANCES[row][points], f"cell_{row}_{_POINTS[points]}")


# Words, for a decimal point cannot stand in a code.
_POINTS: Final = {NONE: "none", QUARTER: "quarter", HALF: "half"}
CIRCUMSTANCES: Final[Mapping[str, Mapping[Decimal, str]]] = {
    "confidentiality": CONFIDENTIALITY, "integrity": INTEGRITY, "availability": AVAILABILITY, "intent": INTENT,
}  # fmt: skip
"""The rows whose points are added."""
CELLS: Final[Mapping[str, str]] = {
    **{f"cell_{name}_{number}": text for name, cells in CONTEXT.items() for number, text in cells.items()},
    **{f"cell_{_slug(name)}_{level}": text for name, cells in IDENTIFIERS.items() for level, text in cells.items()},
    **{f"identifier_{_slug(name)}": name for name in IDENTIFIERS},
    **{f"cell_{row}_{_POINTS[points]}": text for row, cells in CIRCUMSTANCES.items() for points, text in cells.items()},
}
"""Every cell of the tables by the code with which it is said."""
