"""Drafts: the exact text, the frozen recipient list, and one hash over both, by which a second person approves them."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlmodel import Session, col, func, select

from incidents.casework.base.find import number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.kernel.canonical_json import sha256_of
from incidents.kernel.errors import NotFoundError
from incidents.storage.tables.communication import Draft, DraftSource, Message


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
    speaks_of: Mapping[str, Any] = field(default_factory=dict)
    """The record it speaks of (incidents/case/spoken_of.py)."""
    edit_of: Mapping[str, Any] | None = None
    """Of a text that a person wrote: ``subject`` and ``text`` as composed, ``conflicts``, and ``fresh`` where there are
    any."""

    @property
    def sha256(self) -> str:
        """What an approval binds to: subject, body and recipient list; any change of a byte voids it."""
        content = {
            # Kind and language are hashed too: an approval never fits another draft that happens to say the same.
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
        # With a line break after each: otherwise `ab, c` and `a, bc` would be the same list.
        digest.update(line.encode() + b"\n")
    return digest.hexdigest()


def name_of(draft: Draft) -> str:
    """Name a draft as commands do: ``people.de``."""
    return f"{draft.kind}.{draft.language}"


@dataclass(frozen=True, kw_only=True)
class NewestDraft:
    """A draft as it stands, with every source that is known to give exactly its text."""

    draft: Draft
    sources: frozenset[str]
    """Digests: what it was composed from, and later sources that changed no word of it."""


DraftsByLanguage = Mapping[tuple[str, str], NewestDraft]
"""The drafts of one case, by kind and language."""


def newest_drafts(session: Session, incident_ids: Collection[int]) -> dict[int, DraftsByLanguage]:
    """Read the newest version of each draft of these cases, by case; a case without any is left out. Two SELECTs."""
    version = (
        select(Draft.incident_id, Draft.kind, Draft.language, func.max(Draft.version).label("version"))
        .where(col(Draft.incident_id).in_(incident_ids))
        .group_by(col(Draft.incident_id), col(Draft.kind), col(Draft.language))
        .subquery()
    )
    drafts = session.exec(
        select(Draft)
        .join(
            version,
            (version.c.incident_id == Draft.incident_id)
            & (version.c.kind == Draft.kind)
            & (version.c.language == Draft.language)
            & (version.c.version == Draft.version),
        )
        .order_by(col(Draft.id))
    ).all()
    later = select(DraftSource).where(col(DraftSource.draft_id).in_([draft.id for draft in drafts]))
    sources: dict[int, list[str]] = {}
    for source in session.exec(later):
        sources.setdefault(source.draft_id, []).append(source.sha256)
    by_case: dict[int, dict[tuple[str, str], NewestDraft]] = {}
    for draft in drafts:
        known = frozenset((draft.source_sha256, *sources.get(number(draft.id), ())))
        of_case = by_case.setdefault(draft.incident_id, {})
        of_case[draft.kind, draft.language] = NewestDraft(draft=draft, sources=known)
    return dict(by_case)


def newest(session: Session, incident_id: int) -> dict[tuple[str, str], Draft]:
    """The newest version of each draft of one case, by kind and language."""
    of_case = newest_drafts(session, (incident_id,)).get(incident_id, {})
    return {name: found.draft for name, found in of_case.items()}


def write(uow: UnitOfWork, wording: DraftText, author: str) -> Draft | None:
    """Add a version of a draft, unless the newest one says exactly this already."""
    before = newest(uow.session, uow.incident_id).get((wording.kind, wording.language))
    if before is not None and _says_the_same(before, wording):
        # No new version, for it would void an approval of the very same words; but the new source is remembered, or
        # each look would compose the text again to find that it stands. Merged, not added: it may have been found
        # before.
        source = DraftSource(
            draft_id=number(before.id), sha256=wording.source_sha256, speaks_of=dict(wording.speaks_of) or None
        )
        uow.session.merge(source)
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
        # Lists, as JSON gives them back: a tuple kept here would differ from itself once it is read again.
        missing=list(wording.missing),
        will_follow=list(wording.will_follow),
        warnings=list(wording.warnings),
        author=author,
        created_at=uow.now,
        speaks_of=dict(wording.speaks_of) or None,
        edit_of=dict(wording.edit_of) if wording.edit_of else None,
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
    """Whether words, marks, what is missing and what is in conflict are all as in the newest version."""
    return (before.sha256, before.will_follow, before.missing, conflicts_of(before), before.edited) == (
        wording.sha256,
        list(wording.will_follow),
        list(wording.missing),
        conflicts_in(wording.edit_of),
        wording.edited,
    )


def conflicts_of(draft: Draft) -> tuple[Mapping[str, str], ...]:
    """Where a person's words and a fresh composition could not be merged: ``section``, ``yours``, ``fresh``."""
    return conflicts_in(draft.edit_of)


def conflicts_in(edit_of: Mapping[str, Any] | None) -> tuple[Mapping[str, str], ...]:
    """The same of an edit as its row keeps it."""
    return tuple(edit_of["conflicts"]) if edit_of else ()


def draft_named(session: Session, incident_id: int, reference: str, name: str) -> Draft:
    """Find the newest version of a draft by ``kind.language``, or by its kind where there is one language only.

    Raises:
        NotFoundError: none or several; the message lists those there are.

    """
    drafts = newest(session, incident_id)
    # A kind alone is enough where it is written in one language only; with two, a person must say which text they read.
    fitting = [draft for draft in drafts.values() if name in {name_of(draft), draft.kind}]
    exact = [draft for draft in fitting if name_of(draft) == name]
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    there = ", ".join(name_of(draft) for draft in drafts.values())
    hint = f"there are: {there}" if there else f"none is ready yet: tocsin drafts {reference}"
    message = f"{name!r} is not one draft of {reference}; {hint}"
    raise NotFoundError(message)


def version_of(session: Session, draft: Draft, version: int) -> Draft:
    """Find another version of the same draft.

    Raises:
        NotFoundError: there is none of that number.

    """
    versions = select(Draft).where(
        Draft.incident_id == draft.incident_id,
        Draft.kind == draft.kind,
        Draft.language == draft.language,
        Draft.version == version,
    )
    found = session.exec(versions).first()
    if found is None:
        message = f"{name_of(draft)} has no version {version}; the newest is {draft.version}"
        raise NotFoundError(message)
    return found


def was_sent(session: Session, draft: Draft) -> bool:
    """Whether messages were ordered from this version: what went out cannot be changed."""
    return session.exec(select(Message.id).where(Message.draft_id == draft.id).limit(1)).first() is not None
