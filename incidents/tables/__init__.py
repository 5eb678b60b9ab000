"""SQLModel rows: what is stored. They do not validate; values are checked at the edge before a row is built."""

from incidents.tables.case import (
    Assessment,
    AuditEntry,
    Awareness,
    Decision,
    Evidence,
    FactsVersion,
    Incident,
    TimelineEntry,
)
from incidents.tables.clocks import Alert, Beat, Filing, Move, Obligation
from incidents.tables.persons import Person, Token
from incidents.tables.speech import AffectedPerson, Approval, Attempt, Draft, DraftSource, Merchant, Message

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
