"""To which authorities a text of a case goes, and in which language each of them takes it.

Authorities that take the same language are told by one text that names them all, with the law under which each is
told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from incidents.case.case_file import ObligationLine
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.obligations.recipients import PLACEHOLDERS, RecipientKind
from notifications.language.catalogue import FALLBACK

if TYPE_CHECKING:
    from flows.bootstrap import App

ObligationType = TypeVar("ObligationType", bound=ObligationLine)
"""An obligation with or without its history: who is told in which language is the same for both."""

# MET and MET_LATE are not here: see `addressed`. Provisional ones are, because nobody is told of a case in which nobody
# has stated awareness.
_NOT_REQUIRED = {DeadlineStatus.PROVISIONAL, DeadlineStatus.WAIVED, DeadlineStatus.DISMISSED}


def addressed(app: App, obligations: Iterable[ObligationType], kind: str) -> Mapping[str, tuple[ObligationType, ...]]:
    """Give for each language the obligations that a text of this kind fulfils.

    One that is fulfilled stays: filing with the first of several authorities must not void what was approved for all.
    """
    by_language: dict[str, list[ObligationType]] = {}
    for row in obligations:
        # The same dictionary decides the recipient list that an approval binds to: sorted below, so that its order is
        # the same in every run.
        if row.terms.duty == kind and row.is_told_by_draft and row.status not in _NOT_REQUIRED and _is_authority(row):
            language = language_of(app, row.recipient.id)
            by_language.setdefault(language, []).append(named_in(app, row, language))
    return {language: tuple(rows) for language, rows in sorted(by_language.items())}


def language_of(app: App, authority: str) -> str:
    """The language to write to an authority in: our own file's for ours, else the first it takes that we have words in.

    An authority that is not listed, or takes none of them, is written to in English.
    """
    ours = app.organisation.authority
    # Our own file goes first: whoever deals with an authority knows better than a directory in which language it
    # answers.
    if ours is not None and authority == ours.id:
        return ours.language
    # "To be chosen" takes no language. A text for it is read by our own people until one is chosen.
    if authority in PLACEHOLDERS:
        return app.organisation.languages[0]
    return next((language for language in _languages_of(app, authority) if _is_available(app, language)), FALLBACK)


def name_in(app: App, authority: str, language: str) -> str | None:
    """What the directory calls an authority in a language; ``None`` where it does not settle which one is meant."""
    entry = app.directory.find(authority) if authority not in PLACEHOLDERS else None
    # The id must be the very one asked for: `find` takes a place, too, and the authority of a place may be another one.
    return entry.named(language) if entry is not None and entry.id == authority else None


def named_in(app: App, row: ObligationType, language: str) -> ObligationType:
    """The same duty with its authority's name in the text's language; our own is called as our own file calls it.

    A place may have other authorities for what is not about personal data: those keep their names.
    """
    ours = app.organisation.authority
    # What no draft tells (a report to another supervisor) keeps its name: the directory knows data protection
    # authorities.
    if not _is_authority(row) or not row.is_told_by_draft or (ours is not None and row.recipient.id == ours.id):
        return row
    name = name_in(app, row.recipient.id, language) or row.recipient.name
    return replace(row, recipient=replace(row.recipient, name=name))


def _is_authority(row: ObligationLine) -> bool:
    return row.recipient.kind is RecipientKind.AUTHORITY


def _languages_of(app: App, authority: str) -> tuple[str, ...]:
    """The languages an authority takes; of a country with several, those that all of them take."""
    listed = [entry for entry in app.directory.authorities if entry.id == authority]
    # A duty may be owed to a place (`DE`) while nobody knows in which Land people live: then several may be meant.
    listed = listed or list(app.directory.look_up(authority).candidates)
    first, *others = (entry.languages for entry in listed) if listed else ((),)
    return tuple(language for language in first if all(language in other for other in others))


def _is_available(app: App, language: str) -> bool:
    # The catalogue answers in English for a language it lacks, so what came back says whether there are words.
    return app.wording.words(language).language == language
