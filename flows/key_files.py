"""Where the master key lies: in the environment, or in the home folder, with the one that is to take its place.

Replacing it is three steps (new file, database, names), and whichever of them a kill leaves undone, either file opens
the database and the next `tocsin key rotate` goes on.
"""

from __future__ import annotations

from pathlib import Path

from config.settings import Settings
from incidents.access import master_keys
from incidents.access.people import ActingPerson
from incidents.kernel.clock import Clock
from incidents.kernel.errors import InvalidInputError
from incidents.storage.database import Store
from incidents.storage.encryption import Vault, fingerprint, id_of, master_key_file, read_key_file, read_master_key


class NewKeyMissingError(InvalidInputError):
    """A key that is kept in the environment is replaced by one that its keeper made."""


def path_of(settings: Settings) -> Path:
    """Where an embedded installation keeps its master key."""
    return settings.home / "master.key"


def next_path_of(settings: Settings) -> Path:
    """Where the key lies that is about to take its place."""
    return settings.home / "master.key.next"


def retired_paths(settings: Settings) -> list[Path]:
    """The keys that were replaced: needed only to read backups made before."""
    return sorted(settings.home.glob("master.key.retired-*"))


def candidates(settings: Settings) -> list[bytes]:
    """Every key that may be this database's, the likeliest first; no file is made.

    Raises:
        MasterKeyError: what should be a key is none; it is named.

    """
    # The environment goes first, and alone: whoever sets a key there keeps it in a vault of theirs.
    if settings.master_key is not None:
        return [read_master_key(settings.master_key.get_secret_value())]
    return [read_key_file(path) for path in (path_of(settings), next_path_of(settings)) if path.exists()]


def unlock(settings: Settings, store: Store, clock: Clock) -> Vault:
    """Open the vault of this installation.

    Raises:
        MasterKeyError

    """
    return master_keys.unlock(store, clock(), lambda: candidates(settings), lambda: master_key_file(path_of(settings)))


def rotate(settings: Settings, store: Store, actor: ActingPerson, clock: Clock, new_file: Path | None) -> str:
    """Put a new master key in the place of the present one; give the new one's fingerprint.

    Raises:
        MasterKeyError, NewKeyMissingError

    """
    # Whoever cannot open the vault cannot replace its key, and a database without a key gets one by this.
    unlock(settings, store, clock)
    if settings.master_key is not None:
        if new_file is None:
            message = "the key comes from TOCSIN_MASTER_KEY: give the new one by --new-key FILE (32 bytes in base64)"
            raise NewKeyMissingError(message)
        new = read_key_file(new_file)
        master_keys.replace(store, actor, clock(), candidates(settings), new)
        return fingerprint(new)
    own, coming = path_of(settings), next_path_of(settings)
    if new_file is not None:
        message = "the key lies in the home folder, where the new one is made: --new-key is for TOCSIN_MASTER_KEY"
        raise NewKeyMissingError(message)
    old, new = read_key_file(own), master_key_file(coming)
    master_keys.replace(store, actor, clock(), [old, new], new)
    # The old one is kept under another name, since a backup from before opens with it alone. First that name, then the
    # new key over the old one: between the two the place is never empty.
    kept = own.with_name(f"{own.name}.retired-{id_of(fingerprint(old))}")
    if not kept.exists():
        kept.hardlink_to(own)
    coming.replace(own)
    return fingerprint(new)
