"""Sealing what must not stand in the clear: addresses of affected people and of merchants' contacts.

AES-256-GCM with the incident as associated data: a sealed address moved to another incident does not open. Addresses
are sealed under the database's data key, which the database keeps wrapped under the master key (access/master_keys.py):
so another master key changes no sealed address, and a person stays the same person.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from incidents.kernel.errors import FailedError, TocsinError, UnavailableError

# 96 bits, the length GCM is made for, drawn at random: safe for 2^32 texts under one key (NIST SP 800-38D), and each
# incident has a key of its own.
_NONCE_BYTES = 12
_KEY_BYTES = 32
_WRAPS = b"tocsin/data-key"
_ID_LENGTH = 12


class MasterKeyError(UnavailableError):
    """The master key is missing or not 32 bytes of base64."""


class DecryptionError(FailedError):
    """A sealed value does not open: another master key, another incident, or a changed byte."""


class Vault:
    """Seals and opens short texts, each under the key of its incident."""

    def __init__(self, master_key: bytes) -> None:
        if len(master_key) != _KEY_BYTES:
            message = "the master key must be 32 bytes, written as base64 (TOCSIN_MASTER_KEY)"
            raise MasterKeyError(message)
        self._master = master_key
        # By instance, so that keys go away with the vault; 64 incidents are more than one batch of letters is about.
        self._cipher = lru_cache(maxsize=64)(self._make_cipher)

    def encrypt(self, incident: str, plain: str) -> bytes:
        """Encrypt *plain* under the key of *incident*."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(incident).encrypt(nonce, plain.encode(), incident.encode())

    def decrypt(self, incident: str, sealed: bytes) -> str:
        """Decrypt what :meth:`encrypt` gave.

        Raises:
            DecryptionError: it was sealed with another key or for another incident, or was changed.

        """
        try:
            plain = self._cipher(incident).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], incident.encode())
            return plain.decode()
        except (InvalidTag, ValueError) as error:  # a value cut short, or not text, is no less broken
            message = f"a sealed address of {incident} does not open with this master key"
            raise DecryptionError(message) from error

    def blind_index(self, incident: str, plain: str) -> str:
        """Digest an address under a key, so that equal addresses are found without opening any."""
        # In small letters, as mail providers treat addresses in practice (RFC 5321 would allow Ann@ and ann@ to be two
        # people): nobody is to get a letter twice. Not folded, which would make one person of weiß@ and weiss@. Under
        # a key, for the addresses of this world can all be tried.
        return hmac.new(self._derive(incident, "index"), plain.strip().lower().encode(), hashlib.sha256).hexdigest()

    def _make_cipher(self, incident: str) -> AESGCM:
        return AESGCM(self._derive(incident, "seal"))

    def _derive(self, incident: str, purpose: str) -> bytes:
        # Purpose and incident in the key: an index tells nothing of the cipher, nor one incident's of another's.
        return hmac.new(self._master, f"tocsin/{purpose}/{incident}".encode(), hashlib.sha256).digest()


class DeferredVault(Vault):
    """A vault whose key is asked for when something is sealed or opened, so that a case opens without any key.

    A key that was refused is asked for again: whoever puts the right one in place need not start the service anew.
    """

    def __init__(self, unlock: Callable[[], Vault]) -> None:
        self._unlock = unlock
        self._vault: Vault | None = None
        # At once where it can be: the first use may be within a transaction, and a new key is a transaction of its own.
        with suppress(TocsinError, OSError):
            self.unlocked()

    def unlocked(self) -> Vault:
        """Give the vault itself.

        Raises:
            MasterKeyError: there is no key, or it is not this database's.

        """
        self._vault = self._vault or self._unlock()
        return self._vault

    def encrypt(self, incident: str, plain: str) -> bytes:
        """Encrypt *plain* under the key of *incident*."""
        return self.unlocked().encrypt(incident, plain)

    def decrypt(self, incident: str, sealed: bytes) -> str:
        """Decrypt what :meth:`encrypt` gave."""
        return self.unlocked().decrypt(incident, sealed)

    def blind_index(self, incident: str, plain: str) -> str:
        """Digest an address under a key, so that equal addresses are found without opening any."""
        return self.unlocked().blind_index(incident, plain)


def fingerprint(master_key: bytes) -> str:
    """Name a master key without telling anything of it: a digest of a constant under it, in hexadecimal."""
    return hmac.new(master_key, b"tocsin/fingerprint", hashlib.sha256).hexdigest()


def id_of(key_fingerprint: str) -> str:
    """Shorten a fingerprint to what a person compares by eye."""
    return key_fingerprint[:_ID_LENGTH]


def new_data_key() -> bytes:
    """Draw a key for a database that has none yet."""
    return secrets.token_bytes(_KEY_BYTES)


def wrap(master_key: bytes, data_key: bytes) -> bytes:
    """Seal a data key under a master key."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(master_key).encrypt(nonce, data_key, _WRAPS)


def unwrap(master_key: bytes, wrapped: bytes) -> bytes:
    """Open a data key.

    Raises:
        MasterKeyError: it was wrapped under another master key, or was changed.

    """
    try:
        return AESGCM(master_key).decrypt(wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _WRAPS)
    except (InvalidTag, ValueError) as error:
        message = "the database's data key does not open with its master key: its row was changed; restore a backup"
        raise MasterKeyError(message) from error


def read_master_key(text: str, source: str = "TOCSIN_MASTER_KEY") -> bytes:
    """Read a master key written as base64; *source* is named where it is none.

    Raises:
        MasterKeyError: not base64, or not 32 bytes.

    """
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except (binascii.Error, ValueError) as error:
        message = f"{source} holds no master key: it is not base64"
        raise MasterKeyError(message) from error
    if len(key) != _KEY_BYTES:
        message = f"{source} holds no master key: it must be 32 bytes in base64, this is {len(key)}"
        raise MasterKeyError(message)
    return key


def master_key_file(path: Path) -> bytes:
    """Read the master key of an embedded installation, making it where it is missing (mode 0600).

    Two processes starting at once get the same key: the file is linked into place, the second finds it there.

    Raises:
        MasterKeyError: the file holds no key.

    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
        # A name that nobody could have planted anything under, and none that exists is followed or opened.
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode() + "\n")
            # On the disk before any address is encrypted under it: a lost key is the loss of every address.
            file.flush()
            os.fsync(file.fileno())
        try:
            # A link fails where the name is taken; a rename would put this key over one that is in use already.
            path.hardlink_to(fresh)
        # The other process was first: its key counts, and is read below.
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return read_key_file(path)


def read_key_file(path: Path) -> bytes:
    """Read a file that holds a master key.

    Raises:
        MasterKeyError: it holds none.

    """
    try:
        return read_master_key(path.read_text(encoding="ascii"), str(path))
    except UnicodeDecodeError as error:
        message = f"{path} holds no master key: it is not base64"
        raise MasterKeyError(message) from error
