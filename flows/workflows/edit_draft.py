"""A person changes a draft: their own words, or a mark that an element is not yet known and will follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows.workflows import draft_texts, required_drafts
from incidents.case.case_file import CaseFile
from incidents.case.lifecycle import Verb
from incidents.casework.base.unit_of_work import Result, unit_of_work
from incidents.casework.communication import drafts as communication_drafts
from incidents.kernel.errors import InvalidInputError, RefusedError
from incidents.queries.case_file import case_file
from incidents.storage.tables.communication import Draft

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.access.people import ActingPerson

# Characters. A letter under Art. 34 has two or three thousand; a file that was named by mistake has more.
_LONGEST = 100_000


def edit(
    app: App, actor: ActingPerson, reference: str, name: str, text: str | None, will_follow: frozenset[str]
) -> Result:
    """Write a new version of a draft. *text* may start with a line ``Subject: ...``; without *text* only marks change.

    Raises:
        InvalidInputError: nothing to change, an empty text, or an element that may not follow.
        RefusedError: the text was sent already.

    """
    _check(text, will_follow)
    now = app.now()
    with unit_of_work(app.use_cases, actor, now, reference, Verb.EDIT) as uow:
        # Read within the transaction that writes: the list may grow while a person types, and the version on which the
        # new one is based must be the newest.
        before = communication_drafts.draft_named(uow.session, uow.incident_id, uow.incident.reference, name)
        # Ordered is enough, whatever became of it: from then on the ledger proves what somebody may have read.
        if communication_drafts.was_sent(uow.session, before):
            message = f"{communication_drafts.name_of(before)} was sent already; what went out cannot be changed"
            raise RefusedError(message)
        case = case_file(uow.session, uow.incident, app.use_cases.zone, now)
        wording = _rendered(app, case, before, text, will_follow)
        # The editor becomes the author, so that somebody else has to approve their words (four eyes).
        written = communication_drafts.write(uow, wording, author=actor.name)
        shown = communication_drafts.name_of(before)
        return uow.done(
            f"{shown}: {'version ' + str(written.version) if written else 'nothing changed'}",
            *(f"still missing: {element}" for element in wording.missing),
            next_command=f"tocsin preview {uow.incident.reference} {shown}",
            warnings=wording.warnings,
        )


def _check(text: str | None, will_follow: frozenset[str]) -> None:
    if text is None and not will_follow:
        message = "nothing to change: give --file with the new text, or --will-follow ELEMENT"
        raise InvalidInputError(message)
    if text is not None and not text.strip():
        message = "the new text is empty"
        raise InvalidInputError(message)
    if text is not None and len(text) > _LONGEST:
        message = f"the new text has {len(text)} characters, {_LONGEST} fit"
        raise InvalidInputError(message)


def _rendered(
    app: App, case: CaseFile, before: Draft, text: str | None, will_follow: frozenset[str]
) -> communication_drafts.DraftText:
    required = required_drafts.required_again(before)
    _check_may_follow(app, case, before, will_follow)
    # Marks only add up here. One is taken back by the facts: an element that is told no longer counts as missing.
    follows = will_follow | frozenset(before.will_follow)
    if text is None:
        return draft_texts.word(app, case, required, before, will_follow=follows)
    subject, body = _parted(text, before.subject)
    composed = draft_texts.reword(app, case, before, subject, body)
    return draft_texts.rendered(app, case, required, composed, follows, edited=True)


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
