"""Who may act: persons, their roles, and the personal tokens that prove who is asking."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from incidents.access.set_up import administrators, door_is_open, nobody_is_known, roles_in
from incidents.audit import chain
from incidents.case.lifecycle import PersonRole
from incidents.kernel.errors import ErrorKind, InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.kernel.timestamps import rfc3339, sortable
from incidents.storage.tables.access import Person, Token

TOKEN_LIFE = timedelta(days=365)
_SECRET_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class ActingPerson:
    """Who is asking, in which roles, and how that was proven (``token``, ``os`` or ``clock``)."""

    name: str
    roles: frozenset[PersonRole]
    proven_by: str

    def holds(self, *roles: PersonRole) -> bool:
        """Whether this person holds at least one of these roles."""
        return bool(self.roles.intersection(roles))


CLOCK = ActingPerson(name="tocsin", roles=frozenset(), proven_by="clock")
"""The software itself: the heartbeat and the flow. It records and proposes; it decides nothing."""


class UnknownTokenError(PermissionDeniedError):
    """The token is not known, has expired or was revoked, or its person was disabled."""

    kind = ErrorKind.UNAUTHENTICATED


class UnknownPersonError(NotFoundError):
    """No person of that name is known."""


class PersonRefusedError(InvalidInputError):
    """A person needs a name and at least one role."""


class LastAdministratorError(RefusedError):
    """Without her nobody could ever add a person again."""


class NameTakenError(RefusedError):
    """A person of that name exists already."""


def os_actor(user: str) -> ActingPerson:
    """Take the operating system's user, on the machine that holds the database, as a responder."""
    # With `@local`, so that no user of a machine acts under the name of a person who was given a token.
    return ActingPerson(name=f"{user}@local", roles=frozenset({PersonRole.RESPONDER}), proven_by="os")


def actor_of_token(session: Session, secret: str, now: datetime) -> ActingPerson:
    """Find whose token this is.

    Raises:
        UnknownTokenError: malformed, unknown, expired or revoked, or the person was disabled.

    """
    # By column: `migrate` asks a database whose rows may still lack what was added since.
    kept: tuple[Any, ...] = (
        Token.sha256,
        Token.expires_at,
        Token.revoked_at,
        Person.name,
        Person.roles,
        Person.disabled_at,
    )
    known = session.execute(
        columns(*kept).join(Person, col(Person.id) == Token.person_id).where(col(Token.prefix) == _prefix_of(secret))
    ).first()
    # One answer for a wrong prefix and a wrong secret: who tries learns nothing of which tokens there are.
    if known is None or not hmac.compare_digest(known[0], _digest(secret)):
        raise UnknownTokenError(_not_good("is not known"))
    _, expires_at, revoked_at, name, roles, disabled_at = known
    # Whoever shows the whole secret was given it: what became of it may be told, and spares a search at 3 a.m.
    if disabled_at is not None:
        raise UnknownTokenError(_not_good(f"is of {name}, who was disabled on {rfc3339(disabled_at)}"))
    if revoked_at is not None:
        raise UnknownTokenError(_not_good(f"was revoked on {rfc3339(revoked_at)}"))
    # At its last instant it has expired.
    if expires_at <= now:
        raise UnknownTokenError(_not_good(f"has expired on {rfc3339(expires_at)}"))
    return ActingPerson(name=name, roles=roles_in(roles), proven_by="token")


def _not_good(why: str) -> str:
    return f"the token in TOCSIN_TOKEN {why}: ask an administrator for `tocsin token create NAME`, or unset it"


def demand(actor: ActingPerson, *roles: PersonRole, to: str) -> None:
    """Refuse whoever holds none of these roles.

    Raises:
        PermissionDeniedError: naming the roles that may.

    """
    if not actor.holds(*roles):
        allowed = ", ".join(role.value for role in roles)
        message = f"{actor.name} may not {to}: that needs one of these roles: {allowed}{_hint(actor)}"
        raise PermissionDeniedError(message)


def _hint(actor: ActingPerson) -> str:
    return " (set TOCSIN_TOKEN to your personal token)" if actor.proven_by == "os" else ""


def add_person(session: Session, actor: ActingPerson, now: datetime, *, name: str, roles: frozenset[PersonRole]) -> str:
    """Add a person and give the first token, in clear, this once.

    Only an administrator may, and during the first set-up the operating system's user (:func:`door_is_open`). The very
    first person is an administrator whatever roles are given besides: else nobody could add or disable anybody later.

    Raises:
        PermissionDeniedError, PersonRefusedError, NameTakenError

    """
    if not name.strip() or not name.isprintable() or not roles:
        message = "a person needs a name that prints, and at least one role"
        raise PersonRefusedError(message)
    # Before looking: two first persons at once must not both find nobody.
    chain.lock_chain(session)
    if not (actor.proven_by == "os" and door_is_open(session, now)):
        demand(actor, PersonRole.ADMIN, to="add people")
    if nobody_is_known(session):
        roles |= {PersonRole.ADMIN}
    if session.exec(select(Person).where(Person.name == name)).first() is not None:
        message = f"{name} is known already: `tocsin token create {name}` makes another token"
        raise NameTakenError(message)
    # Sorted, so that the same roles are the same words on the row and in the audit log.
    words = " ".join(sorted(roles))
    person = Person(name=name, roles=words, created_at=now)
    session.add(person)
    session.flush()
    chain.append(session, kind="person.added", actor=actor.name, now=now, payload={"person": name, "roles": words})
    return _new_token(session, actor, now, person)


def create_token(session: Session, actor: ActingPerson, now: datetime, *, name: str) -> str:
    """Make another token for a known person; oneself or an administrator may.

    Raises:
        UnknownPersonError, PermissionDeniedError

    """
    person = person_named(session, name)
    if actor.name != name:
        demand(actor, PersonRole.ADMIN, to=f"make a token for {name}")
    return _new_token(session, actor, now, person)


def person_named(session: Session, name: str) -> Person:
    """Find a person who has not been disabled.

    Raises:
        UnknownPersonError: nobody of that name.

    """
    person = session.exec(select(Person).where(Person.name == name)).first()
    if person is not None and person.disabled_at is not None:
        message = f"{name} was disabled on {rfc3339(person.disabled_at)}: `tocsin user list` shows who may act"
        raise UnknownPersonError(message)
    if person is None:
        message = f"nobody is known as {name}: `tocsin user list` shows who is"
        raise UnknownPersonError(message)
    return person


def revoke_tokens(session: Session, actor: ActingPerson, now: datetime, *, name: str) -> int:
    """End all tokens of a person; oneself or an administrator may. Gives how many."""
    person = person_named(session, name)
    if actor.name != name:
        demand(actor, PersonRole.ADMIN, to=f"revoke the tokens of {name}")
    live = session.exec(select(Token).where(Token.person_id == person.id, col(Token.revoked_at).is_(None))).all()
    for token in live:
        token.revoked_at = now
        chain.append(
            session, kind="token.revoked", actor=actor.name, now=now, payload={"person": name, "prefix": token.prefix}
        )
    return len(live)


def disable_person(session: Session, actor: ActingPerson, now: datetime, *, name: str) -> None:
    """End what a person may do; their name stays where it stands on record.

    Raises:
        PermissionDeniedError: only an administrator may.
        UnknownPersonError
        LastAdministratorError: nobody else could add people.

    """
    demand(actor, PersonRole.ADMIN, to=f"disable {name}")
    # Before looking: of two administrators who disable each other at once, one stays.
    chain.lock_chain(session)
    person = person_named(session, name)
    if administrators(session) == {name}:
        message = f"{name} is the last administrator: first `tocsin user add NAME --role admin`"
        raise LastAdministratorError(message)
    revoke_tokens(session, actor, now, name=name)
    # Never deleted: the name stands in decisions and approvals, and nobody else may come to bear it.
    person.disabled_at = now
    chain.append(session, kind="person.disabled", actor=actor.name, now=now, payload={"person": name})


def recover(session: Session, actor: ActingPerson, now: datetime, *, name: str) -> str:
    """Add an administrator where none is left who could: the way back in for the owner of the machine.

    The caller has proven the ownership; it stands in the audit log as what it is.

    Raises:
        PersonRefusedError, NameTakenError

    """
    chain.lock_chain(session)
    chain.append(session, kind="access.recovered", actor=actor.name, now=now, payload={"person": name})
    owner = ActingPerson(name=actor.name, roles=frozenset({PersonRole.ADMIN}), proven_by=actor.proven_by)
    return add_person(session, owner, now, name=name, roles=frozenset({PersonRole.ADMIN}))


def note_use(session: Session, secret: str, now: datetime) -> None:
    """Keep when a token was last used, to the hour: an unused one can be found and revoked."""
    token = session.exec(select(Token).where(Token.prefix == _prefix_of(secret))).first()
    if token is not None:
        token.last_used_at = now


def was_used_lately(session: Session, secret: str, now: datetime) -> bool:
    """Whether the last use on record is less than an hour old."""
    last = session.exec(select(Token.last_used_at).where(Token.prefix == _prefix_of(secret))).first()
    return last is not None and now - last < timedelta(hours=1)


def _new_token(session: Session, actor: ActingPerson, now: datetime, person: Person) -> str:
    if person.id is None:  # pragma: no cover - callers flush first
        raise UnknownPersonError(person.name)
    # In hexadecimal, for the secret after it may hold underscores, and the first one ends the prefix.
    prefix = secrets.token_hex(4)
    secret = f"toc_{prefix}_{secrets.token_urlsafe(_SECRET_BYTES)}"
    expires = now + TOKEN_LIFE
    session.add(Token(person_id=person.id, prefix=prefix, sha256=_digest(secret), created_at=now, expires_at=expires))
    chain.append(
        session,
        kind="token.created",
        actor=actor.name,
        now=now,
        payload={"person": person.name, "prefix": prefix, "expires_at": sortable(expires)},
    )
    return secret


def _prefix_of(secret: str) -> str:
    """The part of a token (``toc_PREFIX_SECRET``) by which its row is found, and which may be shown and logged."""
    return secret.removeprefix("toc_").partition("_")[0]


def _digest(secret: str) -> str:
    # 256 random bits need no slow hash: there is nothing to guess.
    return hashlib.sha256(secret.encode()).hexdigest()
