"""Approving a draft: a second person is bound to exactly the text and the recipient list that they read."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from incidents.access.people import ActingPerson
from incidents.case.draft_kinds import duty_of
from incidents.case.draft_obstacles import obstacles
from incidents.case.lifecycle import PersonRole, Verb
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import Result, UnitOfWork, unit_of_work
from incidents.casework.communication.drafts import draft_named, name_of, newest, was_sent
from incidents.casework.communication.letter_kinds import SENDABLE
from incidents.casework.deadlines import alerts
from incidents.casework.deadlines import rows as obligation_rows
from incidents.kernel.errors import ConflictError, InvalidInputError, PermissionDeniedError, RefusedError
from incidents.storage.tables.communication import Approval, Draft
from incidents.texts.timeline_texts import timeline_text

# 12 hexadecimal digits are 48 bits: no two versions of a draft share them by chance, and a person can type them from a
# screen into another machine.
SHORTEST_HASH = 12
"""Characters of the SHA-256 that a person may type instead of all 64."""


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
        RefusedError: it is no hash of this draft; or the text is stale, in conflict, incomplete or holds a placeholder.
        PermissionDeniedError: one's own draft.

    """
    with unit_of_work(ctx, actor, now, reference, Verb.APPROVE) as uow:
        draft = draft_named(uow.session, uow.incident_id, uow.incident.reference, name)
        # In this order: first whether this text was read at all, then whether anybody may approve it, then whether it
        # is approved, and last who asks. Whoever asks again is told that it is done, not that they may not.
        _check_hash(uow.session, draft, sha256, uow.incident.reference)
        refuse_unfit(uow, ctx, draft)
        if approval_of(uow.session, draft) is not None:
            return uow.done(f"{name_of(draft)} is approved already", next_command=_after(uow, draft))
        _check_four_eyes(draft, actor, override, uow.incident.reference)
        alone = _record(uow, ctx, draft, override)
        return uow.done(
            f"approved {name_of(draft)} version {draft.version}{' WITHOUT A SECOND PERSON' if alone else ''}",
            next_command=_after(uow, draft),
            warnings=((_ALONE,) if alone else ()) + tuple(draft.warnings),
        )


_ALONE = "APPROVED WITHOUT A SECOND PERSON: the people on call are told, and it stands in the report and the register"


def _record(uow: UnitOfWork, ctx: UseCaseContext, draft: Draft, override: str | None) -> bool:
    """Write the approval; say whether one person alone stands behind it."""
    # An override that was not needed is not recorded as one: two people stand behind this approval.
    because = override if draft.author == uow.actor.name else None
    row = Approval(
        incident_id=uow.incident_id,
        draft_id=number(draft.id),
        sha256=draft.sha256,
        author=draft.author,
        approver=uow.actor.name,
        approved_at=uow.now,
        override_because=because,
    )
    uow.session.add(row)
    uow.audit(
        "draft.approved",
        rows=(row,),
        draft=name_of(draft),
        version=draft.version,
        sha256=draft.sha256,
        override=because is not None,
    )
    approved = {"draft": draft.kind, "language": draft.language, "version": draft.version}
    uow.note(
        "approved",
        timeline_text("approved_alone", **approved, because=because)
        if because
        else timeline_text("approved", **approved),
    )
    if because is not None:
        alerts.page_approved_alone(uow, ctx, name_of(draft), draft.version)
    return because is not None


def _check_hash(session: Session, draft: Draft, sha256: str, reference: str) -> None:
    """Hold an approval to what was read; the hash of the newest text is never told, or it could be approved unread."""
    typed = sha256.strip().lower()
    if len(typed) < SHORTEST_HASH:
        message = f"give at least {SHORTEST_HASH} characters of the hash that `tocsin preview` showed"
        raise InvalidInputError(message)
    # Both sides are lower case; compared plainly, for the hash is no secret: it proves what was read, not who reads.
    if draft.sha256.startswith(typed):
        return
    read_again = f"tocsin preview {reference} {name_of(draft)}"
    # Whose hash fits an older version has read that one: they are told so, and not that they mistyped.
    older = select(Draft.version).where(
        Draft.incident_id == draft.incident_id,
        Draft.kind == draft.kind,
        Draft.language == draft.language,
        col(Draft.sha256).startswith(typed, autoescape=True),
    )
    read = session.exec(older.order_by(col(Draft.version).desc())).first()
    if read is not None:
        message = f"{name_of(draft)} changed: you read version {read}, now it is version {draft.version}. {read_again}"
        raise ConflictError(message)
    message = f"that is no hash of {name_of(draft)} version {draft.version}: read it, and copy its hash: {read_again}"
    raise RefusedError(message)


def refuse_unfit(uow: UnitOfWork, ctx: UseCaseContext, *texts: Draft) -> None:
    """Refuse texts that are stale, in conflict, incomplete or hold a placeholder: as screens show them.

    Raises:
        RefusedError: says what is wrong with the first of them, and how it is put right.

    """
    case = uow.case(ctx)
    lines = {line.id: line for line in case.drafts}
    for draft in texts:
        # Of an older version nothing is said here: only the newest is approved, sent or filed.
        found = obstacles(case, lines[name_of(draft)])
        if found:
            raise RefusedError(found[0].of(name_of(draft)))


def _check_four_eyes(draft: Draft, actor: ActingPerson, override: str | None, reference: str) -> None:
    # The table refuses it too (CHECK four_eyes), whoever writes to it; here the person is told what to do next.
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
    if draft.kind in SENDABLE:
        total = sum(row.recipients for row in newest(uow.session, uow.incident_id).values() if row.kind == draft.kind)
        return f"tocsin send {reference} {draft.kind} --confirm {reference}:{total}"
    return f'tocsin submit {reference} --reference "..." --at "..."'
