"""Writing the drafts that a case needs, each version down with what it comes from; finding cases whose are behind."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from flows.workflows import draft_texts
from flows.workflows.required_drafts import RequiredDraft, required_drafts
from incidents.access.people import CLOCK
from incidents.case.spoken_of import changed_since
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.communication import drafts
from incidents.casework.communication.drafts import newest_drafts
from incidents.queries.case_file import case_file
from incidents.queries.overview import case_overviews

if TYPE_CHECKING:
    from sqlmodel import Session

    from flows.bootstrap import App
    from incidents.case.case_file import CaseFile, CaseOverview
    from incidents.casework.communication.drafts import DraftsByLanguage
    from incidents.storage.tables.case import Incident
    from incidents.storage.tables.communication import Draft


def prepare(app: App, reference: str) -> tuple[str, ...]:
    """Write every draft that is due, each in its own transaction; give what was written."""
    with app.store.read() as session:
        incident = find(session, reference)
        case = case_file(session, incident, app.use_cases.zone, app.now())
        key = number(incident.id)
        all_required = required_drafts(app, session, {key: case}).get(key, ())
    # Read once, written one by one: a draft that cannot be composed must not undo those before it, and the lock is held
    # for the time of one text.
    written = []
    for required in all_required:
        draft = _write(app, case, required)
        if draft is not None:
            written.append(f"drafted {drafts.name_of(draft)} version {draft.version}{_why(case, draft)}")
    return tuple(written)


def _why(case: CaseFile, written: Draft) -> str:
    """Say what made a new version due, and whose approval it voids; an import names the texts that it makes stale."""
    before = next((line for line in case.drafts if line.id == drafts.name_of(written)), None)
    if before is None:
        return ""
    changes = "; ".join(changed_since(case, before))
    void = (
        f"the approval of version {before.version} by {before.approved_by} no longer holds"
        if before.approved_at is not None and not before.was_sent
        else ""
    )
    conflict = "your words and the record differ: read it" if drafts.conflicts_of(written) else ""
    reasons = "; ".join(filter(None, (changes, void, conflict)))
    return f" ({reasons})" if reasons else ""


def behind(app: App, session: Session, incidents: Sequence[Incident]) -> tuple[int, ...]:
    """Give those of these cases, by row number, in which a draft is due that nobody has asked for.

    Sixteen SELECTs, whatever the number of cases.
    """
    # The overview is enough: a text is compared by its source, and neither moves nor alerts of a clock are part of it.
    overviews = case_overviews(session, incidents, app.use_cases.zone, app.now())
    cases = {number(incident.id): case for incident, case in zip(incidents, overviews, strict=True)}
    newest = newest_drafts(session, cases)
    return tuple(
        key
        for key, all_required in required_drafts(app, session, cases).items()
        if not _all_stand(app, cases[key], newest.get(key, {}), all_required)
    )


def _all_stand(app: App, case: CaseOverview, newest: DraftsByLanguage, all_required: Iterable[RequiredDraft]) -> bool:
    return all(
        draft_texts.stands(app, case, newest.get((required.kind, required.language)), required)
        for required in all_required
    )


def _write(app: App, case: CaseFile, required: RequiredDraft) -> Draft | None:
    with app.store.write() as session:
        incident = find(session, case.reference)
        uow = UnitOfWork(session=session, incident=incident, actor=CLOCK, now=app.now())
        of_case = newest_drafts(session, (uow.incident_id,)).get(uow.incident_id, {})
        newest = of_case.get((required.kind, required.language))
        # Asked again under the lock: between reading the case and this transaction another run may have written it.
        if draft_texts.stands(app, case, newest, required):
            return None
        before = newest.draft if newest else None
        # An edited text keeps its author although the clock writes this version: they still may not approve their own
        # words.
        wording = draft_texts.word(app, case, required, before)
        return drafts.write(uow, wording, author=before.author if before and before.edited else author_of(case))


def author_of(case: CaseFile) -> str:
    """Whose words these are: of the person who decided, else who assessed. They cannot approve them."""
    if case.decision is not None:
        return case.decision.author
    return case.assessments[-1].author if case.assessments else CLOCK.name
