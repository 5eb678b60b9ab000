"""What the audit trail records: each kind of entry with the keys of its payload, and the tables it vouches for."""

from __future__ import annotations

from sqlmodel import SQLModel

from incidents.storage.tables.case import Assessment, Awareness, Decision, Evidence, FactsVersion, TimelineEntry
from incidents.storage.tables.communication import Approval, Draft
from incidents.storage.tables.obligations import Filing, TransitionRow

# Obligations, alerts and messages are not among them: their rows change as the case goes on, and each change that
# matters is a row of one of these tables or an entry of its own.
APPEND_ONLY: dict[str, type[SQLModel]] = {
    str(kind.__tablename__): kind
    for kind in (
        Approval,
        Assessment,
        Awareness,
        Decision,
        Draft,
        Evidence,
        FactsVersion,
        Filing,
        TransitionRow,
        TimelineEntry,
    )
}
"""Tables whose rows are never changed once written; the chain vouches for their content."""

# Keys are hashed with their values: an old word (`standing`, `rungs`) stays, for a new one would be a new kind of entry
# beside the old.
KINDS: dict[str, frozenset[str]] = {
    "incident.opened": frozenset({"codename", "detected_at", "exercise", "source"}),
    "incident.contained": frozenset({"contained_at"}),
    "incident.handed_over": frozenset({"to"}),
    "incident.moved": frozenset({"from", "to", "verb"}),
    "timeline.added": frozenset({"kind"}),
    "awareness.stated": frozenset({"aware_at", "correction"}),
    "facts.recorded": frozenset({"version", "risk"}),
    "decision.made": frozenset({"facts_version", "authority", "people", "exception"}),
    "obligation.created": frozenset({"obligation", "due_at", "provisional"}),
    "obligation.restarted": frozenset({"obligation", "due_at", "clock_version"}),
    "obligation.reevaluated": frozenset({"obligation", "due_before", "due_at"}),
    "obligation.met": frozenset({"obligation", "met_at", "standing"}),
    "obligation.waived": frozenset({"obligation"}),
    "obligation.reopened": frozenset({"obligation"}),
    "obligation.dismissed": frozenset({"obligation"}),
    "clock.noticed": frozenset({"obligation", "rungs", "moves", "told_by"}),
    "alert.escalated": frozenset({"alert", "level"}),
    "alert.acknowledged": frozenset({"alert"}),
    "draft.written": frozenset({"draft", "version", "sha256", "edited", "recipients"}),
    "draft.approved": frozenset({"draft", "version", "sha256", "override"}),
    "people.imported": frozenset({"added", "known", "refused", "file_sha256", "total"}),
    "merchants.imported": frozenset({"added", "known", "refused", "file_sha256", "total"}),
    "send.ordered": frozenset({"draft", "sha256", "messages"}),
    "send.repeated": frozenset({"kind", "messages"}),
    "send.list_completed": frozenset({"listed", "known"}),
    "send.settled": frozenset({"kind", "accepted", "rejected"}),
    "filing.recorded": frozenset({"obligation", "phase", "filed_at", "late"}),
    "report.written": frozenset({"formats", "sha256"}),
    "access.recovered": frozenset({"person"}),
    "key.made": frozenset({"fingerprint"}),
    "key.replaced": frozenset({"before", "fingerprint"}),
    "person.added": frozenset({"person", "roles"}),
    "person.disabled": frozenset({"person"}),
    "token.created": frozenset({"person", "prefix", "expires_at"}),
    "token.revoked": frozenset({"person", "prefix"}),
}
"""Each kind of entry and exactly the keys its payload has: an audit trail is lost where shapes drift."""
