"""The newest version of each draft of several cases, and what each is known to come from: two SELECTs in all."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from incidents.casework.base.find import number
from incidents.queries.rows.by_case import grouped
from incidents.storage.tables.communication import Draft, DraftSource


@dataclass(frozen=True, kw_only=True)
class NewestDraft:
    """A draft as it stands, with every source that is known to give exactly its text."""

    draft: Draft
    sources: frozenset[str]
    """Digests: what it was composed from, and later sources that changed no word of it."""


DraftsByLanguage = Mapping[tuple[str, str], NewestDraft]
"""The drafts of one case, by kind and language."""


def newest_drafts(session: Session, incident_ids: Collection[int]) -> dict[int, DraftsByLanguage]:
    """Read the newest version of each draft of these cases, by case; a case without any is left out."""
    version = (
        select(Draft.incident_id, Draft.kind, Draft.language, func.max(Draft.version).label("version"))
        .where(col(Draft.incident_id).in_(incident_ids))
        .group_by(col(Draft.incident_id), col(Draft.kind), col(Draft.language))
        .subquery()
    )
    drafts = session.exec(
        select(Draft).join(
            version,
            (version.c.incident_id == Draft.incident_id)
            & (version.c.kind == Draft.kind)
            & (version.c.language == Draft.language)
            & (version.c.version == Draft.version),
        )
    ).all()
    later = session.exec(
        select(DraftSource.draft_id, DraftSource.sha256).where(
            col(DraftSource.draft_id).in_([draft.id for draft in drafts])
        )
    ).all()
    sources = grouped(later)
    by_case = grouped(
        (
            draft.incident_id,
            NewestDraft(draft=draft, sources=frozenset((draft.source_sha256, *sources.get(number(draft.id), ())))),
        )
        for draft in drafts
    )
    return {
        incident_id: {(newest.draft.kind, newest.draft.language): newest for newest in of_case}
        for incident_id, of_case in by_case.items()
    }
