"""Who may act: persons, their roles, and the personal tokens that prove who is asking."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from incidents.audit import chain
from incidents.case.lifecycle import PersonRole
from incidents.kernel.errors import ErrorKind, InvalidInputError, NotFoundError, PermissionDeniedError, RefusedError
from incidents.kernel.timestamps import sortable
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
    """The token is not known, has expired or was revoked."""

    kind = ErrorKind.UNAUTHENTICATED


class UnknownPersonError(NotFoundError):
    """No person of that name is known."""


class PersonRefusedError(InvalidInputError):
    """A person needs a name and at least one role."""


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
    known = session.exec(select(Token, Person).join(Person).where(Token.prefix == _prefix_of(secret))).first()
    # One answer for a wrong prefix and a wrong secret: who tries learns nothing of which tokens there are.
    if known is None or not hmac.compare_digest(known[0].sha256, _digest(secret)):
        message = "this token is not known: ask an administrator for `tocsin token create NAME`"
        raise UnknownTokenError(message)
    token, person = known
    # At its last instant it has expired; whether it ended or was revoked is for an administrator to know, not for a
    # finder.
    if token.revoked_at is not None or token.expires_at <= now or person.disabled_at is not None:
        message = "this token has expired or was revoked: ask an administrator for `tocsin token create NAME`"
        raise UnknownTokenError(message)
    return ActingPerson(name=person.name, roles=roles_of(person), proven_by="token")


def roles_of(person: Person) -> frozenset[PersonRole]:
    """Read a person's roles."""
    return frozenset(PersonRole(word) for word in person.roles.split())


def is_first_run(session: Session) -> bool:
    """Whether nobody administers this database yet: whoever holds the machine may then name the first person."""
    # A disabled administrator counts, too: or whoever holds the machine could take over as soon as the last one has
    # left.
    return not any(PersonRole.ADMIN in roles_of(person) for person in session.exec(select(Person)))


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

    Only an administrator may; while there is none, the operating system's user may name the first.

    Raises:
        PermissionDeniedError, PersonRefusedError, NameTakenError

    """
    if not name.strip() or not name.isprintable() or not roles:
        message = "a person needs a name that prints, and at least one role"
        raise PersonRefusedError(message)
    if not (is_first_run(session) and actor.proven_by == "os"):
        demand(actor, PersonRole.ADMIN, to="add people")
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
    person = session.exec(select(Person).where(Person.name == name, col(Person.disabled_at).is_(None))).first()
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

    """
    demand(actor, PersonRole.ADMIN, to=f"disable {name}")
    person = person_named(session, name)
    revoke_tokens(session, actor, now, name=name)
    # Never deleted: the name stands in decisions and approvals, and nobody else may come to bear it.
    person.disabled_at = now
    chain.append(session, kind="person.disabled", actor=actor.name, now=now, payload={"person": name})


def note_use(session: Session, secret: str, now: datetime) -> None:
    """Keep when a token was last used, to the hour: an unused one can be found and revoked."""
    token = session.exec(select(Token).where(Token.prefix == _prefix_of(secret))).first()
    if token is not None:
        token.last_used_at = now


def was_used_lately(session: Session, secret: str, now: datetime) -> bool:
    """Whether the last use on record is less than an hour old."""
    last = session.exec(select(Token.last_used_at).where(Token.prefix == _prefix_of(secret))).first()
    return last is not None and now - last < timedelta(hours=1)


def everybody(session: Session) -> tuple[Person, ...]:
    """All persons, by name."""
    return tuple(session.exec(select(Person).order_by(col(Person.name))))


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
