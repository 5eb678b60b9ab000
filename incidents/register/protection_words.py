"""In which words the register says how the data of a set were protected when it happened (Art. 33(5) GDPR)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from incidents.facts.choices import Encryption, Key
from incidents.facts.data_set import DataSet

ENCRYPTION: Final[Mapping[Encryption, str]] = {
    Encryption.NONE: "not encrypted",
    Encryption.STATE_OF_THE_ART: "encrypted to the state of the art",
    Encryption.WEAK: "encrypted with a weak method",
    Encryption.HASHED_SALTED: "hashed with salt",
    Encryption.HASHED: "hashed without salt",
    Encryption.DEVICE: "on an encrypted device",
    Encryption.PSEUDONYMISED: "pseudonymised",
    Encryption.NOT_APPLICABLE: "encryption not applicable",
    Encryption.UNKNOWN: "encryption not known",
}
KEY: Final[Mapping[Key, str]] = {
    Key.SAFE: "key safe",
    Key.COMPROMISED: "key compromised",
    Key.UNKNOWN: "key not known to be safe",
}
_KEYLESS: Final = frozenset({Encryption.NONE, Encryption.NOT_APPLICABLE, Encryption.UNKNOWN})


def existing_measures(data_set: DataSet) -> str:
    """Say how one set was protected: ``accounts: hashed with salt, key safe (bcrypt)``.

    Where there may be no key, one that nobody has spoken of is not mentioned.
    """
    protection = data_set.protection
    # "Not encrypted, key not known to be safe" would read as if there were a key.
    unspoken = protection.encryption in _KEYLESS and protection.key is Key.UNKNOWN
    words = (
        ENCRYPTION[protection.encryption] if unspoken else f"{ENCRYPTION[protection.encryption]}, {KEY[protection.key]}"
    )
    return f"{data_set.name}: {words} ({protection.detail})" if protection.detail else f"{data_set.name}: {words}"
