"""Drafts and their approval: exact text, frozen recipient list, one hash over both, a second person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from incidents.access.people import ActingPerson
from incidents.case.draft_kinds import duty_of
from incidents.case.lifecycle import PersonRole, Verb
from incidents.case.outstanding import completing
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.canonical_json import sha256_of
from incidents.kernel.errors import ConflictError, InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.storage.tables.communication import Approval, Draft, DraftSource, Message
from incidents.texts.timeline_texts import timeline_text

SHORTEST_HASH = 12
"""Characters of the SHA-256 that a person may type instead of all 64."""


@dataclass(frozen=True, kw_only=True)
class DraftText:
    """A text about to become a draft, with what its check found."""

    kind: str
    language: str
    subject: str
    text: str
    html: str | None
    source_sha256: str
    """Digest of what it was composed from (facts, decision, templates)."""
    recipients: int
    recipients_sha256: str
    missing: tuple[str, ...] = ()
    will_follow: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    edited: bool = False

    @property
    def sha256(self) -> str:
        """What an approval binds to: subject, body and recipient list; any change of a byte voids it."""
        content = {
            "kind": self.kind,
            "language": self.language,
            "subject": self.subject,
            "text": self.text,
            "html": self.html,
            "recipients": self.recipients_sha256,
        }
        return sha256_of(content)


def list_sha256(lines: Iterable[str]) -> str:
    """Digest a recipient list; the order in which it was read does not matter."""
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def name_of(draft: Draft) -> str:
    """Name a draft as commands do: ``people.de``."""
    return f"{draft.kind}.{draft.language}"


def newest(session: Session, incident_id: int) -> dict[tuple[str, str], Draft]:
    """The newest version of each draft, by kind and language."""
    found = session.exec(
        select(Draft).where(Draft.incident_id == incident_id).order_by(col(Draft.version), col(Draft.id))
    )
    return {(draft.kind, draft.language): draft for draft in found}


def write(uow: UnitOfWork, wording: DraftText, author: str) -> Draft | None:
    """Add a version of a draft, unless the newest one says exactly this already."""
    before = newest(uow.session, uow.incident_id).get((wording.kind, wording.language))
    if before is not None and _says_the_same(before, wording):
        uow.session.merge(DraftSource(draft_id=number(before.id), sha256=wording.source_sha256))
        return None
    draft = Draft(
        incident_id=uow.incident_id,
        kind=wording.kind,
        language=wording.language,
        version=before.version + 1 if before else 1,
        subject=wording.subject,
        text=wording.text,
        html=wording.html,
        edited=wording.edited,
        source_sha256=wording.source_sha256,
        recipients=wording.recipients,
        recipients_sha256=wording.recipients_sha256,
        sha256=wording.sha256,
        missing=list(wording.missing),
        will_follow=list(wording.will_follow),
        warnings=list(wording.warnings),
        author=author,
        created_at=uow.now,
    )
    uow.session.add(draft)
    uow.audit(
        "draft.written",
        rows=(draft,),
        draft=name_of(draft),
        version=draft.version,
        sha256=draft.sha256,
        edited=draft.edited,
        recipients=draft.recipients,
    )
    return draft


def _says_the_same(before: Draft, wording: DraftText) -> bool:
    """Whether words, marks and what is missing are all as in the newest version."""
    return (before.sha256, before.will_follow, before.missing) == (
        wording.sha256,
        list(wording.will_follow),
        list(wording.missing),
    )


def comes_from(session: Session, draft: Draft, source_sha256: str) -> bool:
    """Whether this source gives exactly the draft's text, as far as was found out."""
    return draft.source_sha256 == source_sha256 or session.get(DraftSource, (draft.id, source_sha256)) is not None


def draft_named(session: Session, incident_id: int, reference: str, name: str) -> Draft:
    """Find the newest version of a draft by ``kind.language``, or by its kind where there is one language only.

    Raises:
        NotFoundError: none or several; the message lists those there are.

    """
    drafts = newest(session, incident_id)
    fitting = [draft for draft in drafts.values() if name in {name_of(draft), draft.kind}]
    exact = [draft for draft in fitting if name_of(draft) == name]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    there = ", ".join(name_of(draft) for draft in drafts.values())
    hint = f"there are: {there}" if there else f"none is ready yet: tocsin drafts {reference}"
    message = f"{name!r} is not one draft of {reference}; {hint}"
    raise NotFoundError(message)


def approval_of(session: Session, draft: Draft) -> Approval | None:
    """The approval of exactly this version, if there is one."""
    return session.exec(select(Approval).where(Approval.draft_id == draft.id, Approval.sha256 == draft.sha256)).first()


def approve(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    name: str,
    sha256: str,
    *,
    override: str | None = None,
) -> Result:
    """Bind a second person to exactly these bytes.

    *override* is the emergency way past four eyes: a lead or DPO may use it, it is loud and stays on record.

    Raises:
        ConflictError: the hash is that of an older version.
        RefusedError: it is no hash of this draft, or a required element is missing.
        PermissionDeniedError: one's own draft.

    """
    with unit_of_work(ctx, actor, now, reference, Verb.APPROVE) as uow:
        draft = draft_named(uow.session, uow.incident_id, uow.incident.reference, name)
        _check_hash(uow.session, draft, sha256, uow.incident.reference)
        _check_complete(draft, uow.incident.reference)
        if approval_of(uow.session, draft) is not None:
            return uow.done(f"{name_of(draft)} is approved already", next_command=_after(uow, draft))
        _check_four_eyes(draft, actor, override, uow.incident.reference)
        row = Approval(
            incident_id=uow.incident_id,
            draft_id=number(draft.id),
            sha256=draft.sha256,
            author=draft.author,
            approver=actor.name,
            approved_at=now,
            override_because=override if draft.author == actor.name else None,
        )
        uow.session.add(row)
        uow.audit(
            "draft.approved",
            rows=(row,),
            draft=name_of(draft),
            version=draft.version,
            sha256=draft.sha256,
            override=row.override_because is not None,
        )
        approved = {"draft": draft.kind, "language": draft.language, "version": draft.version}
        alone = row.override_because
        uow.note(
            "approved",
            timeline_text("approved_alone", **approved, because=alone)
            if alone
            else timeline_text("approved", **approved),
        )
        return uow.done(
            f"approved {name_of(draft)} version {draft.version}",
            next_command=_after(uow, draft),
            warnings=tuple(draft.warnings),
        )


def _check_hash(session: Session, draft: Draft, sha256: str, reference: str) -> None:
    """Hold an approval to what was read; the hash of the newest text is never told, or it could be approved unread."""
    given = sha256.strip().lower()
    if len(given) < SHORTEST_HASH:
        message = f"give at least {SHORTEST_HASH} characters of the hash that `tocsin preview` showed"
        raise InvalidInputError(message)
    if draft.sha256.startswith(given):
        return
    read_again = f"tocsin preview {reference} {name_of(draft)}"
    older = select(Draft.version).where(
        Draft.incident_id == draft.incident_id,
        Draft.kind == draft.kind,
        Draft.language == draft.language,
        col(Draft.sha256).startswith(given, autoescape=True),
    )
    read = session.exec(older.order_by(col(Draft.version).desc())).first()
    if read is not None:
        message = f"{name_of(draft)} changed: you read version {read}, now it is version {draft.version}. {read_again}"
        raise ConflictError(message)
    message = f"that is no hash of {name_of(draft)} version {draft.version}: read it, and copy its hash: {read_again}"
    raise RefusedError(message)


def _check_complete(draft: Draft, reference: str) -> None:
    if draft.missing:
        add = f"tocsin assess {reference} --file scope.yaml"
        command = completing(reference, name_of(draft), draft.missing)
        mend = f"Add the facts: {add}" if command == add else f"Add the facts ({add}), or: {command}"
        message = f"{name_of(draft)} lacks what the law requires: {', '.join(draft.missing)}. {mend}"
        raise RefusedError(message)


def _check_four_eyes(draft: Draft, actor: ActingPerson, override: str | None, reference: str) -> None:
    if draft.author != actor.name:
        return
    if override is None or not override.strip():
        message = (
            f"{name_of(draft)} is your own draft; a second person must approve it: "
            f"tocsin approve {reference} {name_of(draft)} --sha256 {draft.sha256[:SHORTEST_HASH]}"
        )
        raise PermissionDeniedError(message)
    if not actor.holds(PersonRole.LEAD, PersonRole.DPO):
        message = "only a lead or DPO may override four eyes in an emergency"
        raise PermissionDeniedError(message)


def _after(uow: UnitOfWork, draft: Draft) -> str:
    """The next command: another draft to approve, or what the approved text is for."""
    for other in newest(uow.session, uow.incident_id).values():
        is_open = approval_of(uow.session, other) is None and not was_sent(uow.session, other)
        if is_open and not _is_lifted(uow, other):
            reference, name = uow.incident.reference, name_of(other)
            return f"tocsin preview {reference} {name}"
    return _use(uow, draft)


def _is_lifted(uow: UnitOfWork, draft: Draft) -> bool:
    """Whether everything a text would fulfil was decided not to be owed: nobody needs to approve it."""
    duty = duty_of(draft.kind)
    rows = [row for row in obligation_rows.obligations_in(uow.session, uow.incident_id) if row.duty == duty]
    return bool(rows) and all(row.waived_at is not None or row.dismissed_at is not None for row in rows)


def _use(uow: UnitOfWork, draft: Draft) -> str:
    reference = uow.incident.reference
    if draft.kind in {"people", "controllers"}:
        total = sum(row.recipients for row in newest(uow.session, uow.incident_id).values() if row.kind == draft.kind)
        return f"tocsin send {reference} {draft.kind} --confirm {reference}:{total}"
    return f'tocsin submit {reference} --reference "..." --at "..."'


def was_sent(session: Session, draft: Draft) -> bool:
    """Whether messages were ordered from this version: what went out cannot be changed."""
    return session.exec(select(Message.id).where(Message.draft_id == draft.id).limit(1)).first() is not None
