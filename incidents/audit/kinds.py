"""What the audit trail records: each kind of entry with the keys of its payload, and the tables it vouches for."""

from __future__ import annotations

from sqlmodel import SQLModel

from incidents.storage.tables.access import MasterKeyRow, Person, Token
from incidents.storage.tables.case import (
    Assessment,
    Awareness,
    Decision,
    Evidence,
    FactsVersion,
    Incident,
    SignalRow,
    TimelineEntry,
)
from incidents.storage.tables.communication import Approval, Draft, DraftSource
from incidents.storage.tables.obligations import Alert, Filing, Obligation, TransitionRow
from incidents.storage.tables.stops import CaseHold

APPEND_ONLY: dict[str, type[SQLModel]] = {
    str(kind.__tablename__): kind
    for kind in (
        Approval,
        Assessment,
        Awareness,
        CaseHold,
        Decision,
        Draft,
        Evidence,
        FactsVersion,
        Filing,
        TransitionRow,
        TimelineEntry,
    )
}
"""Tables whose rows are never changed once written; the entry of the event vouches for their content."""

KEPT_CURRENT: dict[str, type[SQLModel]] = {
    str(kind.__tablename__): kind
    for kind in (Alert, DraftSource, Incident, MasterKeyRow, Obligation, Person, SignalRow, Token)
}
"""Tables whose rows change as the case goes on; each transaction vouches for the rows it leaves behind (vouching.py).

Long lists (people, merchants, messages, attempts) are not vouched for row by row but by a sum (tallies.py).
"""

HINTS: dict[str, frozenset[str]] = {
    # Who waits for an answer of the flow and which run holds the case: wrong, they cost a run of `respond`, no promise.
    "incident": frozenset({"change_seq", "answered_seq", "held_until", "held_by", "version"}),
    # When a token was last used, to the hour: for finding unused ones; no access is decided by it.
    "token": frozenset({"last_used_at"}),
}
"""Columns that no paper and no decision rests on, by table; they change without an entry."""

# Keys are hashed with their values: an old word (`standing`, `rungs`) stays, for a new one would be a new kind of entry
# beside the old.
KINDS: dict[str, frozenset[str]] = {
    "incident.opened": frozenset({"codename", "detected_at", "exercise", "source"}),
    "incident.contained": frozenset({"contained_at"}),
    "incident.signalled": frozenset({"source", "alerts"}),
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
    "clock.set_back": frozenset({"obligation", "rungs", "noted_to"}),
    "clock.jumped": frozenset({"alert", "seconds"}),
    "alert.escalated": frozenset({"alert", "level"}),
    "alert.acknowledged": frozenset({"alert"}),
    "draft.written": frozenset({"draft", "version", "sha256", "edited", "recipients"}),
    "draft.approved": frozenset({"draft", "version", "sha256", "override"}),
    "people.imported": frozenset({"added", "known", "changed", "refused", "file_sha256", "total"}),
    "merchants.imported": frozenset({"added", "known", "changed", "refused", "file_sha256", "total"}),
    "send.ordered": frozenset({"draft", "sha256", "messages"}),
    "send.repeated": frozenset({"kind", "messages"}),
    "send.found": frozenset({"kind", "messages", "arrived"}),
    "send.taken_back": frozenset({"kind", "messages"}),
    "send.given_up": frozenset({"kind", "messages"}),
    "send.held": frozenset({"handed_over"}),
    "send.released": frozenset(),
    "send.list_completed": frozenset({"listed", "known"}),
    "send.settled": frozenset({"kind", "accepted", "rejected"}),
    "filing.confirmed": frozenset({"obligation", "against"}),
    "filing.recorded": frozenset({"obligation", "phase", "filed_at", "late"}),
    "report.written": frozenset({"formats", "sha256"}),
    "access.recovered": frozenset({"person"}),
    "key.made": frozenset({"fingerprint"}),
    "key.replaced": frozenset({"before", "fingerprint"}),
    "person.added": frozenset({"person", "roles"}),
    "person.disabled": frozenset({"person"}),
    "token.created": frozenset({"person", "prefix", "expires_at"}),
    "token.revoked": frozenset({"person", "prefix"}),
    "rows.recorded": frozenset({"gone", "tallies"}),
    "rows.adopted": frozenset({"gone", "tallies"}),
}
"""Each kind of entry and exactly the keys its payload has: an audit trail is lost where shapes drift."""
