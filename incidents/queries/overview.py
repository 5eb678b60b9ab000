"""One case's overview for `show`, `drafts` and the next step, and the same of many cases for the register."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session

from incidents.audit import chain, lookup
from incidents.case.case_file import AssessmentLine, AwarenessLine, CaseOverview, DecisionLine
from incidents.casework.base.find import number
from incidents.queries.rows.by_case import filled, recorded
from incidents.queries.rows.communication import draft_lines, ledger_counts, merchant_lines, people_counts
from incidents.queries.rows.facts import newest_facts_of
from incidents.queries.rows.obligations import obligation_lines
from incidents.queries.rows.stops import holds_of, mail_pause
from incidents.queries.rows.timeline import timeline_lines
from incidents.storage.tables.case import Assessment, Awareness, Decision, Incident


def case_overview(session: Session, incident: Incident, zone: ZoneInfo, now: datetime) -> CaseOverview:
    """Read one case as it stands at *now*; sixteen SELECTs."""
    (overview,) = case_overviews(session, [incident], zone, now)
    return overview


def case_overviews(
    session: Session, incidents: Sequence[Incident], zone: ZoneInfo, now: datetime
) -> tuple[CaseOverview, ...]:
    """Read these cases as they stand at *now*, in the order given; as many SELECTs as for one."""
    entries = lookup.entries_by_case(session, [incident.reference for incident in incidents])
    return overviews_with(session, incidents, zone, now, entries)


def overviews_with(
    session: Session,
    incidents: Sequence[Incident],
    zone: ZoneInfo,
    now: datetime,
    entries: Mapping[str, Mapping[str, str]],
) -> tuple[CaseOverview, ...]:
    """Read these cases; *entries* are the hashes of what recorded their events, by reference (audit/lookup.py)."""
    ids = [number(incident.id) for incident in incidents]
    by_id = {number(incident.id): entries.get(incident.reference, {}) for incident in incidents}
    # Each line below is one SELECT for all the cases: this function is why many cost no more statements than one.
    facts = newest_facts_of(session, ids)
    awareness = recorded(session, AwarenessLine, Awareness, ids, by_id)
    assessments = recorded(session, AssessmentLine, Assessment, ids, by_id)
    decisions = recorded(session, DecisionLine, Decision, ids, by_id)
    obligations = obligation_lines(session, ids, zone, now)
    drafts, ledger = draft_lines(session, ids), ledger_counts(session, ids)
    merchants, people = merchant_lines(session, ids), people_counts(session, ids)
    timeline = timeline_lines(session, ids)
    holds, pause = holds_of(session, ids), mail_pause(session, now)
    # The head of the whole chain, the same for every case: a paper that names it was made when the log was this long.
    seq, head = chain.head(session)
    return tuple(
        filled(
            CaseOverview,
            incident,
            stage=incident.stage.value,
            version=incident.version or 1,
            facts=facts[key][1] if key in facts else None,
            facts_version=facts[key][0] if key in facts else 0,
            as_of=now,
            awareness=awareness.get(key, ()),
            assessments=assessments.get(key, ()),
            decisions=decisions.get(key, ()),
            obligations=obligations.get(key, ()),
            drafts=drafts.get(key, ()),
            ledger=ledger.get(key, ()),
            merchants=merchants.get(key, ()),
            timeline=timeline.get(key, ()),
            people_imported=sum(people.get(key, {}).values()),
            people_by_language=people.get(key, {}),
            hold=holds.get(key),
            pause=pause,
            audit_head=head,
            audit_seq=seq,
            report=entries.get(incident.reference, {}).get(lookup.REPORT),
        )
        for key, incident in zip(ids, incidents, strict=True)
    )
