"""What keeps a draft from being approved, sent or filed: stale, in conflict, with a placeholder, or incomplete.

One rule for all that act on a text, and for what screens show of it.
"""

from __future__ import annotations

from dataclasses import dataclass

from incidents.case.case_file import CaseOverview, DraftLine
from incidents.case.outstanding import completing
from incidents.case.placeholders import placeholders_in
from incidents.case.spoken_of import changed_since, refreshed_by


@dataclass(frozen=True, kw_only=True)
class DraftObstacle:
    """One reason why a text may not go out as it stands."""

    kind: str
    """``stale``, ``conflict``, ``placeholder`` or ``incomplete``."""
    what: str
    """In words, such as ``facts 1 -> 2: people 1,200 -> 91,200``."""
    mend: str
    """How it is put right."""

    def of(self, draft: str) -> str:
        """One sentence about a draft, for a refusal."""
        return f"{draft} {self.what}. {self.mend}"


def obstacles(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    """List them, the gravest first; nothing means that the text may be approved."""
    return (*_stale(case, draft), *_in_conflict(case, draft), *_unreplaced(case, draft), *_incomplete(case, draft))


def _stale(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    changes = changed_since(case, draft)
    if not changes:
        return ()
    mend = f"Refresh it, then read it again: {refreshed_by(case.reference)}"
    return (DraftObstacle(kind="stale", what=f"is stale: {'; '.join(changes)}", mend=mend),)


def _in_conflict(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    if not draft.conflicts:
        return ()
    places = ", ".join(dict.fromkeys(f"“{conflict['section']}”" for conflict in draft.conflicts))
    mend = (
        f"Read both (tocsin preview {case.reference} {draft.id}), then write what holds: tocsin edit "
        f"{case.reference} {draft.id} --file text.txt, or take back your words: tocsin edit {case.reference} "
        f"{draft.id} --reset"
    )
    what = f"is in conflict: a person's words and the record as it is now differ under {places}"
    return (DraftObstacle(kind="conflict", what=what, mend=mend),)


def _unreplaced(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    # An exercise goes to nobody and is played with the example organisation.
    marks = () if case.exercise else placeholders_in(draft.kind, draft.subject, draft.text)
    if not marks:
        return ()
    shown = ", ".join(f"“{placeholder.mark}”" for placeholder in marks)
    mends = dict.fromkeys(placeholder.mended_by(case.reference, draft.id) for placeholder in marks)
    mend = "; ".join(mends)
    what = f"still holds placeholders: {shown}"
    return (DraftObstacle(kind="placeholder", what=what, mend=f"{mend[0].upper()}{mend[1:]}"),)


def _incomplete(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    if not draft.missing:
        return ()
    add = f"tocsin assess {case.reference} --file scope.yaml"
    command = completing(case.reference, draft.id, draft.missing)
    mend = f"Add the facts: {add}" if command == add else f"Add the facts ({add}), or: {command}"
    return (
        DraftObstacle(kind="incomplete", what=f"lacks what the law requires: {', '.join(draft.missing)}", mend=mend),
    )
