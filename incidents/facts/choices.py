"""The answers a person can honestly give about a breach: lists of words, nearly each with *unknown* among them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, WithJsonSchema


class YesNoUnknown(StrEnum):
    """An answer a person can honestly give; *unknown* is one of them."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def _read_boolean(value: object) -> object:
    """Take YAML's ``true`` and ``false`` for *yes* and *no*."""
    # Only real booleans: 1 and 0 are equal to them in Python, and would be taken for an answer.
    return {True: YesNoUnknown.YES, False: YesNoUnknown.NO}.get(value, value) if isinstance(value, bool) else value


Answer = Annotated[
    YesNoUnknown,
    BeforeValidator(_read_boolean),
    # The schema does not see the validator: without this an editor would underline a ``true`` that is understood.
    WithJsonSchema({"enum": [*(yes_no_unknown.value for yes_no_unknown in YesNoUnknown), True, False]}),
]
"""yes, no or unknown; true and false are understood too."""


class Role(StrEnum):
    """In which role Rabta handles a data set (Art. 4(7), 4(8), 26 GDPR)."""

    CONTROLLER = "controller"
    PROCESSOR = "processor"
    JOINT_CONTROLLER = "joint_controller"


class BreachType(StrEnum):
    """The three non-exclusive types of personal data breach (Guidelines 01/2021 para 5)."""

    CONFIDENTIALITY = "confidentiality"
    INTEGRITY = "integrity"
    AVAILABILITY = "availability"


class BreachActor(StrEnum):
    """Who caused it: somebody outside, somebody inside acting on purpose, or nobody on purpose."""

    EXTERNAL = "external"
    INSIDER = "insider"
    NONE = "none"
    UNKNOWN = "unknown"


class Encryption(StrEnum):
    """How the data were protected *before* the breach."""

    NONE = "none"
    STATE_OF_THE_ART = "state_of_the_art"
    WEAK = "weak"
    HASHED_SALTED = "hashed_salted"
    # Apart from the above: without salt, equal passwords have equal hashes, and one table opens them all.
    HASHED = "hashed"
    # Apart from state of the art: a lost device may be wiped from afar, which protects as a safe key does.
    DEVICE = "device"
    PSEUDONYMISED = "pseudonymised"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Key(StrEnum):
    """Whether key, salt, password or reference table stayed out of the outsider's reach."""

    SAFE = "safe"
    COMPROMISED = "compromised"
    UNKNOWN = "unknown"


class Exfiltration(StrEnum):
    """Whether data left; *none_proven* only where complete logs show that none did."""

    NONE_PROVEN = "none_proven"
    POSSIBLE = "possible"
    CONFIRMED = "confirmed"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Trust(StrEnum):
    """Whether a wrong recipient is bound by contract, office or secrecy; good will alone is not trust."""

    YES = "yes"
    PARTLY = "partly"
    NO = "no"
    UNKNOWN = "unknown"


class Deletion(StrEnum):
    """What the wrong recipient did with the data, as far as that is shown."""

    ATTESTED = "attested"
    STATED = "stated"
    ASKED = "asked"
    REFUSED = "refused"
    UNKNOWN = "unknown"


class Returned(StrEnum):
    """Whether what went astray came back."""

    UNOPENED = "unopened"
    OPENED = "opened"
    RECALLED = "recalled"
    NO = "no"
    UNKNOWN = "unknown"


class Alteration(StrEnum):
    """What became of altered data (the integrity row of ENISA's circumstances)."""

    NONE = "none"
    RESTORED = "restored"
    RECOVERABLE = "recoverable"
    UNRECOVERABLE = "unrecoverable"
    UNKNOWN = "unknown"


class Backup(StrEnum):
    """Whether data that became unavailable can be had again, and how fast."""

    FULL_FAST = "full_fast"
    FULL_SLOW = "full_slow"
    PARTIAL = "partial"
    NONE = "none"
    ENCRYPTED_TOO = "encrypted_too"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"


class Effect(StrEnum):
    """What people feel of a failing service: orders late (minor), pay or access missing (serious), care (critical)."""

    NONE = "none"
    MINOR = "minor"
    SERIOUS = "serious"
    CRITICAL = "critical"
    UNKNOWN = "unknown"


class Identifiability(StrEnum):
    """ENISA's four levels of ease of identification."""

    NEGLIGIBLE = "negligible"
    LIMITED = "limited"
    SIGNIFICANT = "significant"
    MAXIMUM = "maximum"
    UNKNOWN = "unknown"


class Discovery(StrEnum):
    """By which way the breach came to light (EDPB template v1.0, field 50)."""

    OWN_DETECTION = "own_detection"
    PROCESSOR = "processor"
    DATA_SUBJECT = "data_subject"
    EXTERNAL_PARTY = "external_party"
    PRESS = "press"
    OTHER = "other"
    UNKNOWN = "unknown"


class SourceKind(StrEnum):
    """Where it happened, if not with us: somebody we work with, or one of our own group."""

    HOSTING = "hosting"
    PAYMENT = "payment"
    CARRIER = "carrier"
    ANALYTICS = "analytics"
    AFFILIATE = "affiliate"
    OTHER = "other"
