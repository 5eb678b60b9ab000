"""A person changes a draft: their own words, or a mark that an element is not yet known and will follow."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from flows.workflows import draft_texts, prepare_drafts, required_drafts
from incidents.case.case_file import CaseFile
from incidents.case.lifecycle import Verb
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication import drafts as communication_drafts
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.queries.case_file import case_file
from incidents.storage.tables.communication import Draft

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.access.people import ActingPerson

# Characters. A letter under Art. 34 has two or three thousand; a file that was named by mistake has more.
_LONGEST = 100_000


@dataclass(frozen=True, kw_only=True)
class DraftChange:
    """What a person wants changed in a draft."""

    text: str | None = None
    """The new text; may start with a line ``Subject: ...``. Without it only marks change."""
    will_follow: frozenset[str] = frozenset()
    """Elements to mark as "not yet known, will follow"."""
    of_version: int | None = None
    """The version that the new text was made from; ``None`` for the newest."""
    reset: bool = False
    """Whether a person's words are taken back, so that the text is again what is composed from the record."""


def edit(app: App, actor: ActingPerson, reference: str, name: str, change: DraftChange) -> Result:
    """Write a new version of a draft.

    A person's text is kept as what it changes of the composed text, so that it can be merged when the record changes.

    Raises:
        InvalidInputError: nothing to change, an empty text, no such version, or an element that may not follow.
        RefusedError: the text was sent already, or nobody edited what is to be reset.

    """
    _check(change)
    now = app.now()
    with unit_of_work(app.use_cases, actor, now, reference, Verb.EDIT) as uow:
        # Read within the transaction that writes: the list may grow while a person types, and the version on which the
        # new one is based must be the newest.
        before = communication_drafts.draft_named(uow.session, uow.incident_id, uow.incident.reference, name)
        shown = communication_drafts.name_of(before)
        # Ordered is enough, whatever became of it: from then on the ledger proves what somebody may have read.
        if communication_drafts.was_sent(uow.session, before):
            message = f"{shown} was sent already; what went out cannot be changed"
            raise RefusedError(message)
        if change.reset and not before.edited:
            message = f"nobody edited {shown}: it is as it was composed from the record"
            raise RefusedError(message)
        case = case_file(uow.session, uow.incident, app.use_cases.zone, now)
        wording = _rendered(app, uow, case, before, change)
        if wording is None:
            return uow.done(
                f"{shown}: nothing changed", next_command=f"tocsin preview {uow.incident.reference} {shown}"
            )
        # The editor becomes the author, so that somebody else has to approve their words (four eyes).
        author = prepare_drafts.author_of(case) if change.reset else actor.name
        written = communication_drafts.write(uow, wording, author=author)
        return uow.done(
            f"{shown}: {'version ' + str(written.version) if written else 'nothing changed'}",
            *(f"still missing: {element}" for element in wording.missing),
            next_command=f"tocsin preview {uow.incident.reference} {shown}",
            warnings=(*_conflict_warnings(wording), *wording.warnings),
        )


def _conflict_warnings(wording: communication_drafts.DraftText) -> tuple[str, ...]:
    return tuple(
        f"your words and the record as it is now differ under “{conflict['section']}”: yours stay, the record says: "
        f"{' '.join(conflict['fresh'].split()) or '(nothing)'}"
        for conflict in communication_drafts.conflicts_in(wording.edit_of)
    )


def _check(change: DraftChange) -> None:
    text = change.text
    if change.reset and (text is not None or change.will_follow or change.of_version is not None):
        message = "--reset takes back what was written: give it alone"
        raise InvalidInputError(message)
    if text is None and not change.will_follow and not change.reset:
        message = "nothing to change: give --file with the new text, --will-follow ELEMENT, or --reset"
        raise InvalidInputError(message)
    if text is not None and not text.strip():
        message = "the new text is empty"
        raise InvalidInputError(message)
    if text is not None and len(text) > _LONGEST:
        message = f"the new text has {len(text)} characters, {_LONGEST} fit"
        raise InvalidInputError(message)


def _rendered(
    app: App, uow: UnitOfWork, case: CaseFile, before: Draft, change: DraftChange
) -> communication_drafts.DraftText | None:
    """Give the new version; ``None`` where the text is, byte for byte, the one that it was made from."""
    required = required_drafts.required_again(before)
    _check_may_follow(app, case, before, change.will_follow)
    # Marks only add up here. One is taken back by the facts: an element that is told no longer counts as missing.
    follows = change.will_follow | frozenset(before.will_follow)
    if change.text is None and not change.reset:
        return draft_texts.word(app, case, required, before, will_follow=follows)
    fresh = draft_texts.compose(app, case, required)
    if change.text is None:
        return draft_texts.rendered(app, case, required, fresh, follows, edit_of=None)
    changed = before
    if change.of_version is not None:
        changed = communication_drafts.version_of(uow.session, before, change.of_version)
    subject, body = _parted(change.text, changed.subject)
    # Tidied as every text is, so that what is compared is words and not line ends.
    tidy = draft_texts.reword(app, case, required, subject, body)
    # What is in conflict is settled also by leaving it as it is: whoever gives the text back has seen both.
    is_same = (tidy.subject, tidy.text) == (changed.subject, changed.text)
    if is_same and not communication_drafts.conflicts_of(changed):
        return draft_texts.word(app, case, required, before, will_follow=follows) if change.will_follow else None
    edit = replace(_base_of(changed), subject=tidy.subject, text=tidy.text)
    return draft_texts.merged(app, case, required, edit, fresh, follows)


def _base_of(changed: Draft) -> draft_texts.TextEdit:
    """What a new text is an edit of: whoever writes over a conflict has seen both, and settles it."""
    fresh = (changed.edit_of or {}).get("fresh")
    base = draft_texts.edit_in(changed)
    return replace(base, base_subject=fresh["subject"], base_text=fresh["text"]) if fresh else base


def _check_may_follow(app: App, case: CaseFile, before: Draft, will_follow: frozenset[str]) -> None:
    elements = {element.id: element for element in draft_texts.content_of(app, case, before.kind)}
    for name in sorted(will_follow):
        if name not in elements:
            message = f"{name!r} is no element of this text; there are: {', '.join(elements)}"
            raise InvalidInputError(message)
        # Art. 33(4) GDPR lets information to an authority follow in phases; Art. 34(2) knows nothing of the kind for
        # people.
        if not elements[name].may_follow:
            message = f"{name} may not follow later ({elements[name].article}): it must be in the text"
            raise InvalidInputError(message)


def _parted(text: str, subject: str) -> tuple[str, str]:
    """Take a first line ``Subject: ...`` as the subject; without one the subject stays."""
    # \ufeff: Windows editors begin a UTF-8 file with it, and "Subject:" would then be part of the letter.
    first, _, rest = text.lstrip("\ufeff\n").partition("\n")
    if first.lower().startswith("subject:"):
        # One line only: a line break in a subject would begin a header of the sender's choice.
        return " ".join(first.partition(":")[2].split()), rest.strip("\n") + "\n"
    return subject, text
