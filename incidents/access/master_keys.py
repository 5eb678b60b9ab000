"""Which master key a database has: known by its fingerprint, asked before anything is sealed or opened, replaced.

The master key wraps the database's data key, and that one seals the addresses: replacing the master key is one small
transaction however many people are on the lists, and no sealed address and no blind index changes by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from incidents.access.people import ActingPerson
from incidents.audit import chain
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.timestamps import rfc3339
from incidents.storage.database import Store
from incidents.storage.encryption import (
    DecryptionError,
    MasterKeyError,
    Vault,
    fingerprint,
    id_of,
    new_data_key,
    unwrap,
    wrap,
)
from incidents.storage.tables.access import MasterKeyRow
from incidents.storage.tables.case import Incident
from incidents.storage.tables.communication import AffectedPerson, MerchantRow

_SAMPLE = 50
"""Sealed addresses of each kind tried under a key that no row names yet: a few may be damaged, not all."""


class WrongMasterKeyError(MasterKeyError):
    """The key at hand is not this database's, or there is none; nothing was read or written with it."""


class SameKeyError(InvalidInputError):
    """The new master key is the present one, or one that was replaced before."""


@dataclass(frozen=True, kw_only=True)
class KeyState:
    """What the database knows of its key, and whether there is something that needs it."""

    fingerprint: str | None
    created_at: datetime | None
    retired: tuple[tuple[str, datetime], ...]
    """Fingerprints of the keys before, each with when it was replaced."""
    has_sealed: bool


def state(session: Session) -> KeyState:
    """Read what is known of the key."""
    rows = session.exec(select(MasterKeyRow).order_by(col(MasterKeyRow.id))).all()
    present = next((row for row in rows if row.retired_at is None), None)
    return KeyState(
        fingerprint=present.fingerprint if present else None,
        created_at=present.created_at if present else None,
        retired=tuple((row.fingerprint, row.retired_at) for row in rows if row.retired_at is not None),
        has_sealed=next(_sealed(session), None) is not None,
    )


def unlock(store: Store, now: datetime, candidates: Callable[[], list[bytes]], make: Callable[[], bytes]) -> Vault:
    """Open the vault with the key of this database among *candidates*.

    A database that has no key and nothing sealed takes the first one, or one that *make* makes.

    Raises:
        WrongMasterKeyError: none of them is this database's key.
        MasterKeyError: what should be a key is none.

    """
    with store.read() as session:
        known, keys = _present(session), candidates()
        if known is not None:
            return Vault(_data_key(known, keys))
        sealed = next(_sealed(session), None) is not None
        begun_before = next((key for key in keys if _opens_any(session, Vault(key))), None) if sealed else None
    if sealed and begun_before is None:
        raise WrongMasterKeyError(_refusal("its addresses were sealed with another one", keys))
    return _register(store, now, (keys or [make()])[0] if begun_before is None else begun_before, is_new=not sealed)


def _register(store: Store, now: datetime, key: bytes, *, is_new: bool) -> Vault:
    """Write down the key of a database that has none yet; whoever comes second is held to the first one's."""
    with store.write() as session:
        chain.lock_chain(session)
        known = _present(session)
        if known is None:
            name = fingerprint(key)
            # A database begun before there were data keys goes on under the key with which its addresses are sealed.
            known = MasterKeyRow(
                fingerprint=name, wrapped=wrap(key, new_data_key()) if is_new else None, created_at=now
            )
            session.add(known)
            chain.append(session, kind="key.made", actor="tocsin", now=now, payload={"fingerprint": name})
        return Vault(_data_key(known, [key]))


def replace(store: Store, actor: ActingPerson, now: datetime, old: list[bytes], new: bytes) -> bool:
    """Let *new* be the master key from now on, in one transaction; ``False`` where it was done already.

    Raises:
        WrongMasterKeyError: the present key is not among *old*.
        SameKeyError: *new* had its time before.

    """
    name = fingerprint(new)
    with store.write() as session:
        chain.lock_chain(session)
        known = _present(session)
        if known is None:
            message = "this database has no key yet: nothing is sealed, and the first use makes one"
            raise SameKeyError(message)
        if known.fingerprint == name:
            return False
        if session.exec(select(MasterKeyRow).where(MasterKeyRow.fingerprint == name)).first() is not None:
            message = f"the key {id_of(name)} was replaced before: take a new one"
            raise SameKeyError(message)
        data_key = _data_key(known, old)
        # Not kept under the old key: whoever finds that one later, and a copy of the database made from now on, opens
        # nothing by the two.
        known.retired_at, known.wrapped = now, None
        session.add(known)
        session.add(MasterKeyRow(fingerprint=name, wrapped=wrap(new, data_key), created_at=now))
        before = known.fingerprint
        chain.append(
            session, kind="key.replaced", actor=actor.name, now=now, payload={"before": before, "fingerprint": name}
        )
    return True


def _present(session: Session) -> MasterKeyRow | None:
    return session.exec(select(MasterKeyRow).where(col(MasterKeyRow.retired_at).is_(None))).first()


def _data_key(row: MasterKeyRow, keys: list[bytes]) -> bytes:
    key = next((key for key in keys if fingerprint(key) == row.fingerprint), None)
    if key is None:
        whose = f"it has the key {id_of(row.fingerprint)} since {rfc3339(row.created_at)}"
        raise WrongMasterKeyError(_refusal(whose, keys))
    return unwrap(key, row.wrapped) if row.wrapped is not None else key


def _refusal(whose: str, keys: list[bytes]) -> str:
    here = f"the master key here is {id_of(fingerprint(keys[0]))}" if keys else "there is no master key here"
    return (
        f"{here}, and not the key of this database: {whose}. Nothing was sealed or opened. "
        "Put that key back (master.key in the home folder, or TOCSIN_MASTER_KEY), or see `tocsin key show`"
    )


def _opens_any(session: Session, vault: Vault) -> bool:
    for reference, sealed in _sealed(session):
        with suppress(DecryptionError):
            vault.decrypt(reference, sealed)
            return True
    return False


def _sealed(session: Session) -> Iterator[tuple[str, bytes]]:
    """Some sealed addresses, the newest first: if the key ever changed unseen, they are the present one's."""
    for table in (AffectedPerson, MerchantRow):
        columns: Any = table
        yield from session.exec(
            select(Incident.reference, columns.sealed)
            .join(Incident, col(Incident.id) == columns.incident_id)
            .order_by(columns.id.desc())
            .limit(_SAMPLE)
        )
