"""Which texts cases need, in which languages and for whom: by what is owed, decided and listed in each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from flows.workflows.addressees import addressed
from incidents.case.draft_kinds import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL, CONTROLLERS, PEOPLE
from incidents.casework.base.decision import WORST
from incidents.casework.communication import drafts, letter_kinds
from incidents.casework.communication.letter_kinds import message_language
from incidents.casework.communication.list_digest import merchants_sha256
from incidents.deadlines.state_machine import STARTED
from incidents.law import duty_ids
from incidents.obligations.derivation import is_lifted_by
from incidents.obligations.recipients import RecipientKind
from incidents.queries.unsent_recipients import unsent_merchants, unsent_people
from notifications.language.catalogue import FALLBACK

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.bootstrap import App
    from incidents.case.case_file import CaseOverview, ObligationLine
    from incidents.storage.tables.communication import Draft, MerchantRow

NOBODY = drafts.list_sha256(())
Listed = TypeVar("Listed")
"""Somebody on a list, as their digest is made of them."""


@dataclass(frozen=True, kw_only=True)
class RequiredDraft:
    """One text that the case asks for."""

    kind: str
    language: str
    recipients: int
    recipients_sha256: str
    warnings: tuple[str, ...] = ()
    """What a person should know of who gets it."""


def required_drafts(
    app: App, session: Session, cases: Mapping[int, CaseOverview]
) -> dict[int, tuple[RequiredDraft, ...]]:
    """Say which texts each case needs: for whom something is owed and not yet fulfilled, once there are facts to tell.

    *cases* are by row number. Two SELECTs, whatever their number: who of the people, and who of the merchants, is
    still to be written to.
    """
    # Without facts there is nothing to say; without awareness no duty of the law runs (Art. 33(1), 34(1) GDPR).
    tellable = {key: case for key, case in cases.items() if case.facts is not None and case.aware_at is not None}
    people = {key: case for key, case in tellable.items() if _asks_for_letters(case)}
    merchants = {key: case for key, case in tellable.items() if _asks_for_notices(case)}
    to_authorities = {key: _to_all_authorities(app, case) for key, case in tellable.items()}
    to_people = {key: tuple(_to_people(app, rows)) for key, rows in unsent_people(session, people)}
    to_merchants = {key: tuple(_to_merchants(app, rows)) for key, rows in unsent_merchants(session, merchants).items()}
    return {
        key: (
            *to_authorities[key],
            *to_people.get(key, ()),
            *(_to_people_unlisted(app, case) if key in people else ()),
            *to_merchants.get(key, ()),
            *(_to_merchants_unlisted(app, case) if key in merchants else ()),
        )
        for key, case in tellable.items()
    }


def _open_rows(case: CaseOverview, duty: str) -> list[ObligationLine]:
    return [
        row for row in case.obligations if row.status in STARTED and row.is_told_by_draft and row.terms.duty == duty
    ]


def _asks_for_letters(case: CaseOverview) -> bool:
    """Whether people are to be written to: a decision says so, or a law asks for it whatever the risk."""
    open_rows = _open_rows(case, duty_ids.PEOPLE)
    # A decision on the risk lifts no duty of a law that asks for no risk: what such a law wants is drafted anyhow.
    # `None` comes from such a law; which decision is put to it makes no difference to that.
    by_law = any(is_lifted_by(row.terms.threshold, RecipientKind.PEOPLE, WORST) is None for row in open_rows)
    return by_law or (case.decision is not None and bool(open_rows or case.decision.notify_people))


def _asks_for_notices(case: CaseOverview) -> bool:
    return case.decision is not None and bool(_open_rows(case, duty_ids.CONTROLLER))


def _to_all_authorities(app: App, case: CaseOverview) -> tuple[RequiredDraft, ...]:
    # Before any decision, unlike letters: the 72 hours run from awareness, and only a decision lifts them.
    kinds = (AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP)
    return tuple(required for kind in kinds for required in _to_authorities(app, case, kind))


def _to_authorities(app: App, case: CaseOverview, kind: str) -> Iterator[RequiredDraft]:
    """A text in each language for the authorities that take it, while one of them is still to be told."""
    for language, rows in addressed(app, case.obligations, kind).items():
        # One that is still to be told keeps the text for all: the list is part of what was approved.
        if any(row.status in STARTED for row in rows):
            yield RequiredDraft(
                kind=kind,
                language=language,
                recipients=len(rows),
                # The prefix keeps an authority's id apart from a person's digest or a merchant's line under the same
                # hash.
                recipients_sha256=drafts.list_sha256(f"authority|{row.recipient.id}" for row in rows),
            )


def _to_people(app: App, rows: Sequence[tuple[str, str]]) -> Iterator[RequiredDraft]:
    """A letter in each language for everybody listed and not yet written to."""
    return _to_listed(app, PEOPLE, rows, drafts.list_sha256)


def _to_people_unlisted(app: App, case: CaseOverview) -> Iterable[RequiredDraft]:
    """Before there is a list, a letter to nobody yet where something is owed."""
    if case.people_imported or not _open_rows(case, duty_ids.PEOPLE):
        return ()
    # In every language of ours: which of them the list will need is not known, and a text can be read and mended
    # meanwhile.
    return (_to_nobody_yet(PEOPLE, language) for language in app.organisation.languages)


def _to_merchants(app: App, rows: Sequence[MerchantRow]) -> Iterator[RequiredDraft]:
    """A notice in each language for every merchant listed and not yet noticed."""
    return _to_listed(app, CONTROLLERS, [(row.language, row) for row in rows], merchants_sha256)


def _to_listed(
    app: App, kind: str, listed: Sequence[tuple[str, Listed]], digest: Callable[[Sequence[Listed]], str]
) -> Iterator[RequiredDraft]:
    """One text for each language that is written in; *listed* has the language each prefers, and who it is."""
    by_language: dict[str, list[Listed]] = {}
    for language, recipient in listed:
        by_language.setdefault(_written_in(app, language), []).append(recipient)
    languages_without_words = _without_words(app, Counter(language for language, _ in listed))
    for language, recipients in sorted(by_language.items()):
        yield RequiredDraft(
            kind=kind,
            language=language,
            recipients=len(recipients),
            recipients_sha256=digest(recipients),
            warnings=languages_without_words if language == FALLBACK else (),
        )


def _to_merchants_unlisted(app: App, case: CaseOverview) -> Iterable[RequiredDraft]:
    # One is enough to read: a merchant's notice is the same text with other figures in it.
    return () if case.merchants else (_to_nobody_yet(CONTROLLERS, app.organisation.languages[0]),)


def _to_nobody_yet(kind: str, language: str) -> RequiredDraft:
    """A text that can be read before anybody is listed; the list will void its approval."""
    return RequiredDraft(kind=kind, language=language, recipients=0, recipients_sha256=NOBODY)


def _written_in(app: App, language: str) -> str:
    """The language a person is written to in; one we have no words for falls back to English."""
    return message_language(language, app.organisation.languages)


def _without_words(app: App, required: Counter[str]) -> tuple[str, ...]:
    """Say who gets English because there are no words in the language they asked for."""
    warning = letter_kinds.languages_without_words(required, app.organisation.languages)
    return (warning,) if warning else ()


def required_again(draft: Draft) -> RequiredDraft:
    """The same text for the same list, to be worded again after a person changed it."""
    return RequiredDraft(
        kind=draft.kind,
        language=draft.language,
        recipients=draft.recipients,
        recipients_sha256=draft.recipients_sha256,
        warnings=tuple(warning for warning in draft.warnings if letter_kinds.NO_WORDS in warning),
    )
