"""The texts of drafts: what each is composed from, composing it from the record, and checking it against the law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from flows.workflows.addressees import ObligationType, addressed
from incidents.case.draft_kinds import DUTIES, TO_AUTHORITY
from incidents.case.spoken_of import spoken_of
from incidents.casework.communication import drafts
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.kernel.canonical_json import sha256_of
from incidents.law import duty_ids
from incidents.law.model import ContentElement
from notifications.letters.completeness import check
from notifications.letters.compose import ComposedText, context_for_case
from notifications.letters.merge import merge

if TYPE_CHECKING:
    from flows.bootstrap import App
    from flows.workflows.required_drafts import RequiredDraft
    from incidents.case.case_file import CaseFile, CaseOverview, ObligationLine
    from incidents.casework.communication.drafts import NewestDraft
    from incidents.storage.tables.communication import Draft


def stands(app: App, case: CaseOverview, before: NewestDraft | None, required: RequiredDraft) -> bool:
    """Whether the newest version already says what it would say now, to the same list."""
    # The list is part of the approved bytes: with one more on it, even the same words need approving again.
    if before is None or before.draft.recipients_sha256 != required.recipients_sha256:
        return False
    return source_sha256(app, case, required) in before.sources


def source_sha256(app: App, case: CaseOverview, required: RequiredDraft) -> str:
    """Digest everything a text is composed from; when it changes, a fresh draft is due and the approval is void."""
    rows = _addressed_by(app, case.obligations, required)
    # Only what a text can contain belongs here. Timeline, version and titles stay out: each would void approvals for a
    # change that no reader would see.
    source = {
        # What it speaks of is what makes it stale (incidents/case/spoken_of.py): the two can never disagree.
        "speaks_of": {**spoken_of(case, required.kind, [row.key for row in rows]), "facts_version": None},
        # Signature, contact point (Art. 33(3)(b)) and languages come from there.
        "organisation": dict(app.who_we_are),
        "merchants": [str(merchant.id) for merchant in case.merchants],
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
    """Compose one text and check it; what a person wrote of it stays theirs, merged with what is composed now."""
    # Marks outlive a new version: a person said that an element will follow, and facts about another do not unsay it.
    marks = before.will_follow if before else ()
    follows = will_follow if will_follow is not None else frozenset(marks)
    fresh = compose(app, case, required)
    if before is None or not before.edited:
        return rendered(app, case, required, fresh, follows, edit_of=None)
    return merged(app, case, required, edit_in(before), fresh, follows)


def compose(app: App, case: CaseFile, required: RequiredDraft) -> ComposedText:
    """Compose a text from the record as it is now."""
    rows = _addressed_by(app, case.obligations, required)
    context = context_for_case(case, app.who_we_are, required.language, app.wording, app.now(), to=rows)
    return app.wording.letter(required.kind, required.language, context)


@dataclass(frozen=True, kw_only=True)
class TextEdit:
    """What a person made of a composed text."""

    base_subject: str | None
    base_text: str | None
    """The composition that they changed; ``None`` in drafts that are older than this record of edits."""
    subject: str
    text: str


def edit_in(draft: Draft) -> TextEdit:
    """Read the edit that a draft holds; of one that nobody edited, the edit that changes nothing."""
    base: Mapping[str, Any] = draft.edit_of or {}
    if not draft.edited:
        base = {"subject": draft.subject, "text": draft.text}
    return TextEdit(
        base_subject=base.get("subject"), base_text=base.get("text"), subject=draft.subject, text=draft.text
    )


def merged(
    app: App, case: CaseFile, required: RequiredDraft, edit: TextEdit, fresh: ComposedText, follows: frozenset[str]
) -> drafts.DraftText:
    """Put a person's changes over a fresh composition; what cannot be joined is kept as a conflict and blocks."""
    subject = merge(edit.base_subject, edit.subject, fresh.subject)
    text = merge(edit.base_text, edit.text, fresh.text)
    conflicts = [{**asdict(conflict), "section": "Subject"} for conflict in subject.conflicts]
    conflicts += [asdict(conflict) for conflict in text.conflicts]
    composed = reword(app, case, required, subject.text, text.text)
    edit_of: dict[str, Any] = {"subject": subject.base, "text": text.base, "conflicts": conflicts}
    if conflicts:
        # Whoever settles it has seen both: from then on the fresh text is what they changed.
        edit_of["fresh"] = {"subject": fresh.subject, "text": fresh.text}
    return rendered(app, case, required, composed, follows, edit_of=edit_of)


def reword(app: App, case: CaseOverview, required: RequiredDraft, subject: str, text: str) -> ComposedText:
    """Lay out a text that a person wrote; an exercise stays stamped."""
    return app.wording.from_text(subject, text, required.language, kind=required.kind, exercise=case.exercise)


def rendered(
    app: App,
    case: CaseOverview,
    required: RequiredDraft,
    composed: ComposedText,
    follows: frozenset[str],
    *,
    edit_of: Mapping[str, Any] | None,
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
        edited=edit_of is not None,
        speaks_of=spoken_of(case, required.kind, [row.key for row in _addressed_by(app, case.obligations, required)]),
        edit_of=edit_of,
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
