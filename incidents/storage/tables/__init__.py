"""SQLModel rows: what is stored. They do not validate; values are checked at the edge before a row is built."""

from incidents.storage.tables.access import Person, Token
from incidents.storage.tables.case import (
    Assessment,
    AuditEntry,
    Awareness,
    Decision,
    Evidence,
    FactsVersion,
    Incident,
    TimelineEntry,
)
from incidents.storage.tables.communication import (
    AffectedPerson,
    Approval,
    Attempt,
    Draft,
    DraftSource,
    Merchant,
    Message,
)
from incidents.storage.tables.obligations import Alert, Beat, Filing, Move, Obligation

__all__ = [
    "AffectedPerson",
    "Alert",
    "Approval",
    "Assessment",
    "Attempt",
    "AuditEntry",
    "Awareness",
    "Beat",
    "Decision",
    "Draft",
    "DraftSource",
    "Evidence",
    "FactsVersion",
    "Filing",
    "Incident",
    "Merchant",
    "Message",
    "Move",
    "Obligation",
    "Person",
    "TimelineEntry",
    "Token",
]
