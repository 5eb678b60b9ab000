"""The texts of drafts: what each is composed from, composing it from the record, and checking it against the law."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flows.workflows.addressees import ObligationType, addressed
from incidents.case.draft_kinds import AUTHORITY_INITIAL, DUTIES, TO_AUTHORITY
from incidents.casework.communication import drafts
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.canonical_json import sha256_of
from incidents.law import duty_ids
from incidents.law.model import ContentElement
from notifications.letters.completeness import check
from notifications.letters.compose import ComposedText, context_for_case

if TYPE_CHECKING:
    from flows.bootstrap import App
    from flows.workflows.required_drafts import RequiredDraft
    from incidents.case.case_file import CaseFile, CaseOverview, ObligationLine
    from incidents.queries.newest_drafts import NewestDraft
    from incidents.storage.tables.communication import Draft


def stands(app: App, case: CaseOverview, before: NewestDraft | None, required: RequiredDraft) -> bool:
    """Whether the newest version already says what it would say now, to the same list."""
    # The list is part of the approved bytes: with one more on it, even the same words need approving again.
    if before is None or before.draft.recipients_sha256 != required.recipients_sha256:
        return False
    if source_sha256(app, case, required) in before.sources:
        return True
    # A person's words stay; but a record that changed may ask for more than they say (reasons for a delay).
    return before.draft.edited and list(_edited(app, case, required, before.draft).missing) == before.draft.missing


def source_sha256(app: App, case: CaseOverview, required: RequiredDraft) -> str:
    """Digest everything a text is composed from; when it changes, a fresh draft is due and the approval is void."""
    rows = _addressed_by(app, case.obligations, required)
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


def is_late(case: CaseOverview, kind: str, to: Sequence[ObligationLine] = ()) -> bool:
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


def _addressed_by(
    app: App, obligations: Iterable[ObligationType], required: RequiredDraft
) -> tuple[ObligationType, ...]:
    """What a text to authorities fulfils; nothing for the others."""
    if required.kind not in TO_AUTHORITY:
        return ()
    return addressed(app, obligations, required.kind).get(required.language, ())


def word(
    app: App,
    case: CaseFile,
    required: RequiredDraft,
    before: Draft | None,
    *,
    will_follow: frozenset[str] | None = None,
) -> drafts.DraftText:
    """Compose one text and check it; a text that a person wrote stays theirs."""
    if before is not None and before.edited:
        return _edited(app, case, required, before, will_follow=will_follow)
    rows = _addressed_by(app, case.obligations, required)
    context = context_for_case(case, app.who_we_are, required.language, app.wording, app.now(), to=rows)
    composed = app.wording.letter(required.kind, required.language, context)
    return rendered(app, case, required, composed, _follows(before, will_follow), edited=False)


def _edited(
    app: App, case: CaseOverview, required: RequiredDraft, before: Draft, *, will_follow: frozenset[str] | None = None
) -> drafts.DraftText:
    """Check a text that a person wrote against the record as it is now; not a word of it is changed."""
    composed = reword(app, case, before, before.subject, before.text)
    return rendered(app, case, required, composed, _follows(before, will_follow), edited=True)


def _follows(before: Draft | None, will_follow: frozenset[str] | None) -> frozenset[str]:
    # Marks outlive a new version: a person said that an element will follow, and facts about another do not unsay it.
    return will_follow if will_follow is not None else frozenset(before.will_follow if before else ())


def reword(app: App, case: CaseOverview, draft: Draft, subject: str, text: str) -> ComposedText:
    """Lay out a text that a person wrote; an exercise stays stamped."""
    return app.wording.from_text(subject, text, draft.language, kind=draft.kind, exercise=case.exercise)


def rendered(
    app: App,
    case: CaseOverview,
    required: RequiredDraft,
    composed: ComposedText,
    follows: frozenset[str],
    *,
    edited: bool,
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


def content_of(app: App, case: CaseOverview, kind: str) -> tuple[ContentElement, ...]:
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
