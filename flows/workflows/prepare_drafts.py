"""Which texts a case needs, in which languages; composing them from the record and writing each version down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlmodel import Session, select

from flows.workflows.addressees import addressed
from incidents.access.people import CLOCK
from incidents.case.case_file import CaseFile, ObligationFile
from incidents.case.draft_kinds import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL, CONTROLLERS, DUTIES, PEOPLE, TO_AUTHORITY
from incidents.casework.base.decision import WORST
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.communication import drafts, message_states, send
from incidents.deadlines.state_machine import STARTED, DeadlineStatus
from incidents.kernel.canonical_json import sha256_of
from incidents.law import duty_ids
from incidents.law.model import ContentElement
from incidents.obligations.derivation import is_lifted_by
from incidents.obligations.recipients import RecipientKind
from incidents.queries.case_file import case_file
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import AffectedPerson, Draft, MerchantRow
from notifications.language.catalogue import FALLBACK
from notifications.letters.completeness import check
from notifications.letters.compose import ComposedText, context_for_case
from notifications.letters.merchant_notice import merchants_sha256

if TYPE_CHECKING:
    from flows.bootstrap import App

NOBODY = drafts.list_sha256(())


@dataclass(frozen=True, kw_only=True)
class RequiredDraft:
    """One text that the case asks for."""

    kind: str
    language: str
    recipients: int
    recipients_sha256: str
    warnings: tuple[str, ...] = ()
    """What a person should know of who gets it."""


def prepare(app: App, reference: str) -> tuple[str, ...]:
    """Write every draft that is due, each in its own transaction; give what was written."""
    with app.store.read() as session:
        incident = find(session, reference)
        case = case_file(session, incident, app.use_cases.zone, app.now())
        all_required = tuple(_required(app, session, incident, case))
    # Read once, written one by one: a draft that cannot be composed must not undo those before it, and the lock is held
    # for the time of one text.
    written = []
    for required in all_required:
        draft = _write(app, case, required)
        if draft is not None:
            written.append(f"drafted {drafts.name_of(draft)} version {draft.version}")
    return tuple(written)


def is_behind(app: App, reference: str) -> bool:
    """Whether a draft is due that nobody has asked for: what the reconcile looks for."""
    with app.store.read() as session:
        incident = find(session, reference)
        case = case_file(session, incident, app.use_cases.zone, app.now())
        newest = drafts.newest(session, number(incident.id))
        return any(
            not _stands(app, session, case, newest.get((draft.kind, draft.language)), draft)
            for draft in _required(app, session, incident, case)
        )


def _required(app: App, session: Session, incident: Incident, case: CaseFile) -> Iterator[RequiredDraft]:
    """Say which texts are due: for whom something is owed and not yet fulfilled, once there are facts to tell."""
    # Without facts there is nothing to say; without awareness no duty of the law runs (Art. 33(1), 34(1) GDPR).
    if case.facts is None or case.aware_at is None:
        return
    open_rows = [row for row in case.obligations if row.status in STARTED and row.is_told_by_draft]
    # Before any decision, unlike the letters below: the 72 hours run from awareness, and only a decision lifts them.
    for kind in (AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP):
        yield from _to_authorities(app, case, kind)
    to_people = [row for row in open_rows if row.terms.duty == duty_ids.PEOPLE]
    # A decision on the risk lifts no duty of a law that asks for no risk: what such a law wants is drafted anyhow.
    # `None` comes from a law that asks for no risk; which decision is put to it makes no difference to that.
    by_law = any(is_lifted_by(row.terms.threshold, RecipientKind.PEOPLE, WORST) is None for row in to_people)
    if by_law or (case.decision is not None and (to_people or case.decision.notify_people)):
        yield from _to_people(app, session, incident, is_open=bool(to_people))
    if case.decision is not None and any(row.terms.duty == duty_ids.CONTROLLER for row in open_rows):
        yield from _to_merchants(app, session, incident)


def _to_authorities(app: App, case: CaseFile, kind: str) -> Iterator[RequiredDraft]:
    """A text in each language for the authorities that take it, while one of them is still to be told."""
    for language, rows in addressed(app, case, kind).items():
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


def _to_people(app: App, session: Session, incident: Incident, *, is_open: bool) -> Iterator[RequiredDraft]:
    """A letter in each language for everybody listed and not yet written to; before there is a list, for nobody yet."""
    rows = session.exec(
        select(AffectedPerson.language, AffectedPerson.blind_index).where(
            AffectedPerson.incident_id == incident.id, send.unsent(PEOPLE)
        )
    ).all()
    by_language: dict[str, list[str]] = {}
    for language, index in rows:
        by_language.setdefault(_written_in(app, language), []).append(index)
    languages_without_words = _without_words(app, Counter(language for language, _ in rows))
    for language, recipients in sorted(by_language.items()):
        yield RequiredDraft(
            kind=PEOPLE,
            language=language,
            recipients=len(recipients),
            recipients_sha256=drafts.list_sha256(recipients),
            warnings=languages_without_words if language == FALLBACK else (),
        )
    if is_open and not send.listed(session, number(incident.id), PEOPLE):
        # In every language of ours: which of them the list will need is not known, and a text can be read and mended
        # meanwhile.
        yield from (_to_nobody_yet(PEOPLE, language) for language in app.organisation.languages)


def _to_merchants(app: App, session: Session, incident: Incident) -> Iterator[RequiredDraft]:
    """A notice in each language for every merchant listed and not yet noticed."""
    by_language: dict[str, list[MerchantRow]] = {}
    unsent = select(MerchantRow).where(MerchantRow.incident_id == incident.id, send.unsent(CONTROLLERS))
    rows = session.exec(unsent).all()
    for row in rows:
        by_language.setdefault(_written_in(app, row.language), []).append(row)
    languages_without_words = _without_words(app, Counter(row.language for row in rows))
    for language, merchants in sorted(by_language.items()):
        yield RequiredDraft(
            kind=CONTROLLERS,
            language=language,
            recipients=len(merchants),
            recipients_sha256=merchants_sha256(merchants),
            warnings=languages_without_words if language == FALLBACK else (),
        )
    if not send.listed(session, number(incident.id), CONTROLLERS):
        # One is enough to read: a merchant's notice is the same text with other figures in it.
        yield _to_nobody_yet(CONTROLLERS, app.organisation.languages[0])


def _to_nobody_yet(kind: str, language: str) -> RequiredDraft:
    """A text that can be read before anybody is listed; the list will void its approval."""
    return RequiredDraft(kind=kind, language=language, recipients=0, recipients_sha256=NOBODY)


def _written_in(app: App, language: str) -> str:
    """The language a person is written to in; one we have no words for falls back to English."""
    return send.message_language(language, app.organisation.languages)


def _without_words(app: App, required: Counter[str]) -> tuple[str, ...]:
    """Say who gets English because there are no words in the language they asked for."""
    warning = message_states.languages_without_words(required, app.organisation.languages)
    return (warning,) if warning else ()


def _write(app: App, case: CaseFile, required: RequiredDraft) -> Draft | None:
    with app.store.write() as session:
        incident = find(session, case.reference)
        uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=app.now())
        before = drafts.newest(session, uow.incident_id).get((required.kind, required.language))
        # Asked again under the lock: between reading the case and this transaction another run may have written it.
        if _stands(app, session, case, before, required):
            return None
        # An edited text keeps its author although the clock writes this version: they still may not approve their own
        # words.
        wording = word(app, case, required, before)
        return drafts.write(uow, wording, author=before.author if before and before.edited else _author(case))


def _stands(app: App, session: Session, case: CaseFile, before: Draft | None, required: RequiredDraft) -> bool:
    """Whether the newest version already says what it would say now, to the same list."""
    # The list is part of the approved bytes: with one more on it, even the same words need approving again.
    if before is None or before.recipients_sha256 != required.recipients_sha256:
        return False
    if drafts.comes_from(session, before, source_sha256(app, case, required)):
        return True
    # A person's words stay; but a record that changed may ask for more than they say (reasons for a delay).
    return before.edited and list(word(app, case, required, before).missing) == before.missing


def source_sha256(app: App, case: CaseFile, required: RequiredDraft) -> str:
    """Digest everything a text is composed from; when it changes, a fresh draft is due and the approval is void."""
    rows = _addressed_by(app, case, required)
    # Only what a text can contain belongs here. Timeline, version and titles stay out: each would void approvals for a
    # change that no reader would see.
    source = {
        "facts": case.facts.model_dump(mode="json") if case.facts else None,
        "decision": str(case.decision),
        "aware_at": str(case.aware_at),
        "contained_at": str(case.contained_at),
        # Signature, contact point (Art. 33(3)(b)) and languages come from there.
        "organisation": dict(app.who_we_are),
        "merchants": [str(merchant.id) for merchant in case.merchants],
        # A first notification does not speak of filings: one with the first of several authorities must not void it.
        "filings": [str(line) for row in case.obligations for line in row.filings]
        if required.kind != AUTHORITY_INITIAL
        else [],
        "addressees": [row.key for row in rows],
        # Letters name an article only where one law asks for them.
        "laws": sorted({row.terms.rule + row.terms.regime for row in case.obligations if row.waived_at is None})
        if required.kind not in TO_AUTHORITY
        else [],
        "kind": required.kind,
        "language": required.language,
        "late": is_late(case, required.kind, rows),
    }
    return sha256_of(source)


def is_late(case: CaseFile, kind: str, to: tuple[ObligationFile, ...] = ()) -> bool:
    """Whether this notification would go out after its due time, so that reasons for the delay are asked.

    *to*: what the text fulfils; else every duty of its kind counts.
    """
    return any(
        # OVERDUE alone: what was met late has its reasons on record, and a provisional clock is no law's.
        row.terms.duty == kind
        and row.terms.late_needs_reasons
        and row.is_told_by_draft
        and row.status is DeadlineStatus.OVERDUE
        for row in to or case.obligations
    )


def _addressed_by(app: App, case: CaseFile, required: RequiredDraft) -> tuple[ObligationFile, ...]:
    """What a text to authorities fulfils; nothing for the others."""
    return addressed(app, case, required.kind).get(required.language, ()) if required.kind in TO_AUTHORITY else ()


def word(
    app: App,
    case: CaseFile,
    required: RequiredDraft,
    before: Draft | None,
    *,
    will_follow: frozenset[str] | None = None,
) -> drafts.DraftText:
    """Compose one text and check it; a text that a person wrote stays theirs."""
    # Marks outlive a new version: a person said that an element will follow, and new facts about another one change
    # nothing.
    follows = will_follow if will_follow is not None else frozenset(before.will_follow if before else ())
    if before is not None and before.edited:
        composed = reword(app, case, before, before.subject, before.text)
    else:
        rows = _addressed_by(app, case, required)
        context = context_for_case(case, app.who_we_are, required.language, app.wording, app.now(), to=rows)
        composed = app.wording.letter(required.kind, required.language, context)
    return rendered(app, case, required, composed, follows, edited=bool(before and before.edited))


def reword(app: App, case: CaseFile, draft: Draft, subject: str, text: str) -> ComposedText:
    """Lay out a text that a person wrote; an exercise stays stamped."""
    return app.wording.from_text(subject, text, draft.language, kind=draft.kind, exercise=case.exercise)


def rendered(
    app: App, case: CaseFile, required: RequiredDraft, composed: ComposedText, follows: frozenset[str], *, edited: bool
) -> drafts.DraftText:
    """Check a composed text for what the law requires and put it together as a draft."""
    checked = check(required.kind, required.language, composed, case, content_of(app, case, required.kind), follows)
    return drafts.DraftText(
        kind=required.kind,
        language=required.language,
        subject=composed.subject,
        text=composed.text,
        html=composed.html,
        source_sha256=source_sha256(app, case, required),
        recipients=required.recipients,
        recipients_sha256=required.recipients_sha256,
        missing=tuple(element.id for element in checked.missing),
        will_follow=tuple(sorted(checked.will_follow)),
        warnings=tuple(dict.fromkeys((*required.warnings, *checked.warnings))),
        edited=edited,
    )


def content_of(app: App, case: CaseFile, kind: str) -> tuple[ContentElement, ...]:
    """What the law requires a text of this kind to contain; reasons for the delay only when late.

    Where the files of none of the laws list it, the GDPR's list is asked: to say more than a law asks is no fault.
    """
    duty = DUTIES[kind]
    regimes = {row.terms.regime for row in case.obligations if row.terms.duty == duty and row.is_told_by_draft}
    listed = [element for regime in app.regimes if regime.id in regimes for element in regime.duty(duty).content]
    late = is_late(case, kind)
    # Reversed twice: where several laws name an element, the wording of the first one stays, and with it its article.
    by_id = {element.id: element for element in reversed(listed or app.law(duty_ids.GDPR).duty(duty).content)}
    return tuple(element for element in reversed(by_id.values()) if late or not element.only_if_late)


def _author(case: CaseFile) -> str:
    """Whose words these are: of the person who decided, else who assessed. They cannot approve them."""
    if case.decision is not None:
        return case.decision.author
    return case.assessments[-1].author if case.assessments else CLOCK.name


def required_again(draft: Draft) -> RequiredDraft:
    """The same text for the same list, to be worded again after a person changed it."""
    return RequiredDraft(
        kind=draft.kind,
        language=draft.language,
        recipients=draft.recipients,
        recipients_sha256=draft.recipients_sha256,
        warnings=tuple(warning for warning in draft.warnings if message_states.NO_WORDS in warning),
    )
