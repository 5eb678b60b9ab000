"""Which drafts are sent as letters: to which list, in which languages, under which key in the ledger.

What becomes of a letter once it is ordered is the message machine's (incidents/case/message_machine.py).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import ColumnElement, String, cast
from sqlmodel import col, select

from incidents.case.draft_kinds import CONTROLLERS, PEOPLE
from incidents.case.message_machine import MessageState
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import AffectedPerson, MerchantRow, Message

SENDABLE: Final = (PEOPLE, CONTROLLERS)
"""The kinds of draft that Tocsin sends itself; an authority is told by its own portal, by a person."""

NO_WORDS: Final = "no words in the language asked for"
"""By these words the warning of :func:`wordless` is known again."""


def languages_without_words(counts_by_language: Mapping[str, int], languages: Iterable[str]) -> str:
    """Say how many recipients are written to in English because there are no words in their language; or nothing."""
    # English is what the others get; that those who asked for it get it is no news.
    without = {
        language: count for language, count in sorted(counts_by_language.items()) if language not in {*languages, "en"}
    }
    if not without:
        return ""
    counts = ", ".join(f"{language} {count}" for language, count in without.items())
    total = sum(without.values())
    return f"{NO_WORDS} by {total} recipient{'' if total == 1 else 's'} ({counts}): they get English"


def reached_nobody(reference: str, kind: str, count: int) -> str:
    """Say how many letters reached nobody or may not have, and where a person sees which."""
    letters = f"{count:,} letter{'' if count == 1 else 's'} ({kind}) reached nobody, or may not have"
    return f"{letters}: tocsin {group_of(kind)} unreached {reference}"


def group_of(kind: str) -> str:
    """Give the command that speaks of the recipients of this kind of letter: ``people`` or ``merchants``."""
    return "people" if kind == PEOPLE else "merchants"


def list_of(kind: str) -> tuple[type[AffectedPerson | MerchantRow], str]:
    """Give the list of those who get letters of this kind, and the word the ledger has for one of them."""
    return (AffectedPerson, "affected") if kind == PEOPLE else (MerchantRow, "merchant")


def key_of(reference: str, kind: str, row_id: int) -> str:
    """Give the key of the letter to one row of a list: ``INC-2026-0007/people/12``."""
    return f"{reference}/{kind}/{row_id}"


def key_in_ledger(kind: str) -> ColumnElement[str]:
    """Give the same key as the database puts it together for a row of the list.

    The ledger is asked by it, its only index with one row for each recipient: asked by incident and recipient, each of
    a hundred thousand people would look through a hundred thousand letters.
    """
    table, _ = list_of(kind)
    reference = select(Incident.reference).where(Incident.id == table.incident_id).correlate(table).scalar_subquery()
    # Joined by the operator of both databases: concat() is a function of SQLite only from 3.44 on, and where no SQLite
    # is bundled (database.py) the system's may be older.
    return reference + f"/{kind}/" + cast(col(table.id), String)


def message_language(preferred: str, drafted: Iterable[str]) -> str:
    """The language a recipient is written to in: their own where there is such a draft, else English."""
    # Decided here for counting, for the draft and for the ledger alike: were they to differ, a person would be counted
    # under one draft and sent another.
    return preferred if preferred in set(drafted) else "en"


def unsent(kind: str) -> ColumnElement[bool]:
    """The condition under which nobody on a list has been written to yet."""
    ordered = select(Message.id).where(
        col(Message.key) == key_in_ledger(kind),
        # A letter that was held back when the case was dismissed, or taken back by a person, has reached nobody.
        col(Message.state) != MessageState.CANCELLED,
    )
    return ~ordered.exists()
