"""Who administers, and when the first set-up is over: until then whoever holds the machine may add people."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from incidents.case.lifecycle import PersonRole, Verb, may
from incidents.kernel.timestamps import sortable
from incidents.storage.tables.access import Person, Token
from incidents.storage.tables.case import AuditEntry

SET_UP = timedelta(hours=1)
"""For how long after the first person whoever holds the machine may add the others."""
FOUR_EYES = 2
"""People who may approve, from which on a text can have an author and an approver."""


def everybody(session: Session) -> tuple[Person, ...]:
    """All persons, by name."""
    return tuple(session.exec(select(Person).order_by(col(Person.name))))


def roles_of(person: Person) -> frozenset[PersonRole]:
    """Read a person's roles."""
    return roles_in(person.roles)


def roles_in(words: str) -> frozenset[PersonRole]:
    """Read roles as a row keeps them."""
    return frozenset(PersonRole(word) for word in words.split())


def nobody_is_known(session: Session) -> bool:
    """Whether no person was ever added."""
    return session.exec(select(Person.id)).first() is None


def door_is_open(session: Session, now: datetime) -> bool:
    """Whether whoever holds the machine may add people: for the first set-up, and no longer.

    Until somebody is known; then until two people may approve (four eyes are possible), until the first token is used
    (people act under their own names), or for an hour, whichever comes first.
    """
    persons = everybody(session)
    if not persons:
        return True
    # The disabled count, too: or whoever holds the machine could take over as soon as the last one has left.
    approvers = sum(1 for person in persons if may(roles_of(person), Verb.APPROVE))
    used = session.exec(select(Token.id).where(col(Token.last_used_at).is_not(None))).first() is not None
    age = now - min(person.created_at for person in persons)
    return approvers < FOUR_EYES and not used and timedelta() <= age < SET_UP


def administrators(session: Session) -> set[str]:
    """Who administers, the disabled aside."""
    return {
        person.name
        for person in everybody(session)
        if person.disabled_at is None and PersonRole.ADMIN in roles_of(person)
    }


def recovered_since(session: Session, since: datetime) -> tuple[str, ...]:
    """Who was made an administrator by :func:`recover` since a moment, by the audit log."""
    statement = select(AuditEntry.payload).where(
        AuditEntry.kind == "access.recovered", col(AuditEntry.at) >= sortable(since)
    )
    return tuple(json.loads(payload)["person"] for payload in session.exec(statement))
