"""What is known of a breach, as frozen values: times, data sets, people, protection, cause.

Knows the vocabulary of a scope file and how to read one; refuses to know what any of it means in law
(assessment.py) or how bad it is (severity.py). Every value may be *unknown* or *an estimate*: a missing key means
"not stated", never "no".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    NonNegativeInt,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from incidents.documents import Document

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A lower-case word of an open list (``email``, ``order_history``): new words are carried, never dropped."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""ISO 3166-1 alpha-2 code of the place where a person lives."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code."""

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=5_000)]


class Value(BaseModel):
    """A frozen value that refuses keys it does not know, so a typing error cannot silently drop a fact."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)


class Known(StrEnum):
    """An answer a person can honestly give; *unknown* is one of them."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


def _read_boolean(given: object) -> object:
    """Take YAML's ``true`` and ``false`` for *yes* and *no*."""
    return {True: Known.YES, False: Known.NO}.get(given, given) if isinstance(given, bool) else given


Answer = Annotated[Known, BeforeValidator(_read_boolean)]
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


class Actor(StrEnum):
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
    HASHED = "hashed"
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


class Count(Value):
    """A number of people or records: exact, an estimate, a range, or unknown.

    Written in a scope file as ``1200``, ``{about: 1200}``, ``{min: 24, max: 60}`` or ``unknown``.
    """

    least: NonNegativeInt | None = None
    """The smallest number that is possible; null where nothing is known."""
    most: NonNegativeInt | None = None
    """The largest number that is possible; null where open-ended or unknown."""
    estimate: bool = False
    """True where the number was estimated rather than counted."""

    @model_validator(mode="before")
    @classmethod
    def _read_short_forms(cls, given: Any) -> Any:
        match given:
            case bool():
                message = "give a number, {about: N}, {min: N, max: N} or unknown"
                raise ValueError(message)
            case int():
                return {"least": given, "most": given}
            case None | "unknown":
                return {}
            case {"about": number, **rest} if not rest:
                return {"least": number, "most": number, "estimate": True}
            case {"min": least, "max": most, **rest} if not rest:
                return {"least": least, "most": most, "estimate": True}
            case {"min": least, **rest} if not rest:
                return {"least": least, "estimate": True}
            case _:
                return given

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.least is not None and self.most is not None and self.least > self.most:
            message = f"the smallest number ({self.least}) is above the largest ({self.most})"
            raise ValueError(message)
        return self

    @property
    def is_known(self) -> bool:
        """Whether any number was stated."""
        return self.least is not None or self.most is not None

    @property
    def at_worst(self) -> int | None:
        """The largest number the facts allow, or ``None`` where they set no upper end."""
        return self.most


class Protection(Value):
    """How the affected data were protected when it happened (Art. 34(3)(a) GDPR)."""

    encryption: Encryption = Encryption.UNKNOWN
    key: Key = Key.UNKNOWN
    detail: Words | None = None
    """Method and key length, in words."""


class Recipients(Value):
    """The wrong recipients, where they are known."""

    who: Words
    """In words, without names: ``another customer``, ``a colleague in another department``."""
    count: Count = Count()
    trusted: Trust = Trust.UNKNOWN
    bound_by: Words | None = None
    """What binds them: contract, professional secrecy, office."""
    deletion: Deletion = Deletion.UNKNOWN
    returned: Returned = Returned.UNKNOWN
    read: Answer = Known.UNKNOWN
    """Whether the content was seen."""


class DataSet(Value):
    """One group of people and the data of theirs that the breach touched."""

    name: Words
    """A short name, unique in the file: ``merchant accounts``."""
    role: Role
    subjects: tuple[Slug, ...] = ()
    """Groups of people: ``merchants``, ``customers``, ``employees``, ``patients``, ``children`` ..."""
    kinds: tuple[Slug, ...] = Field(min_length=1)
    """Kinds of data, an open list: ``name``, ``email``, ``payment_card``, ``health`` ..."""
    people: Count = Count()
    records: Count = Count()
    countries: dict[Country, NonNegativeInt | None] = {}
    """Where the people live, with their number or null; empty means unknown."""
    breach: tuple[BreachType, ...] = Field(min_length=1)
    special_categories: Answer = Known.UNKNOWN
    """Data of Art. 9 or 10 GDPR are involved."""
    special_harmless: Words | None = None
    """Why the health data among them cannot be turned against anybody: ``a food intolerance of two guests``. Lowers the
    risk for up to two dozen people only, and no other data of Art. 9 or 10."""
    vulnerable: Answer = Known.UNKNOWN
    """Children, patients, people in need of protection are among them."""
    protection: Protection = Protection()
    exfiltration: Exfiltration = Exfiltration.UNKNOWN
    exfiltration_known_from: Words | None = None
    """How that is known: ``complete access logs of the bucket``."""
    published: Answer = Known.UNKNOWN
    """Reachable by the public at large."""
    public_before: Answer = Known.UNKNOWN
    """The same data were already public before the breach."""
    recipients: Recipients | None = None
    alteration: Alteration = Alteration.UNKNOWN
    backup: Backup = Backup.UNKNOWN
    unavailable_hours: Annotated[float, Field(ge=0)] | None = None
    effect: Effect = Effect.UNKNOWN
    effect_detail: Words | None = None
    identifiability: Identifiability = Identifiability.UNKNOWN
    consequences_seen: tuple[Slug, ...] = ()
    """What already happened to people: ``fraud``, ``phishing`` ..."""
    data_processing_context: Annotated[int, Field(ge=1, le=4)] | None = None
    """A person's own choice of ENISA's data processing context, where the usual one does not fit."""
    context_because: Words | None = None
    """Why the usual context does not fit; needed with ``data_processing_context``."""

    @field_validator("countries", mode="before")
    @classmethod
    def _read_country_list(cls, given: Any) -> Any:
        if given is None or given == "unknown":
            return {}
        return dict.fromkeys(given) if isinstance(given, (list, tuple)) else given

    @field_validator("kinds", "subjects", "breach", "consequences_seen")
    @classmethod
    def _without_repeats(cls, given: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(dict.fromkeys(given))

    @model_validator(mode="after")
    def _own_context_has_a_reason(self) -> Self:
        if self.data_processing_context is not None and self.context_because is None:
            message = "data_processing_context needs context_because: say why the usual context does not fit"
            raise ValueError(message)
        return self


class Cause(Value):
    """How it came about."""

    nature: Slug = "unknown"
    """``misconfiguration``, ``hacking``, ``ransomware``, ``phishing``, ``misdelivery``, ``loss``, ``theft`` ..."""
    actor: Actor = Actor.UNKNOWN
    malicious: Answer = Known.UNKNOWN
    detail: Words | None = None


class Facts(Value):
    """Everything that is known of a breach at one time: one version of the facts."""

    summary: Words
    """What happened, in two or three plain sentences, without names of people."""
    account: dict[Language, Words] = {}
    """The same in the words of a letter, by language; a missing language falls back to English and says so."""
    occurred_from: AwareDatetime | None = None
    occurred_to: AwareDatetime | None = None
    ongoing: Answer = Known.UNKNOWN
    undetected_days: Annotated[float, Field(ge=0)] | None = None
    discovery: Discovery = Discovery.UNKNOWN
    cause: Cause = Cause()
    systems: tuple[Words, ...] = ()
    cross_border: Answer = Known.UNKNOWN
    data_sets: tuple[DataSet, ...] = Field(min_length=1)
    likely_consequences: tuple[Slug, ...] = ()
    """Codes the templates word in each language: ``phishing``, ``identity_theft``, ``fraud``, ``spam`` ..."""
    measures_taken: tuple[Slug, ...] = ()
    """Codes: ``access_closed``, ``passwords_reset``, ``keys_rotated``, ``logs_secured`` ..."""
    measures_proposed: tuple[Slug, ...] = ()
    advice: tuple[Slug, ...] = ()
    """What people can do: ``change_password``, ``beware_of_phishing``, ``watch_statements`` ..."""
    high_risk_averted_by: Words | None = None
    """Later measures after which the high risk is no longer likely (Art. 34(3)(b) GDPR)."""
    direct_contact_disproportionate: Words | None = None
    """Why writing to each person would need disproportionate effort (Art. 34(3)(c) GDPR)."""
    next_update: AwareDatetime | None = None
    """When more will be told."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        names = [each.name for each in self.data_sets]
        if len(set(names)) != len(names):
            message = "two data sets have the same name"
            raise ValueError(message)
        if self.occurred_from and self.occurred_to and self.occurred_from > self.occurred_to:
            message = "occurred_from is after occurred_to"
            raise ValueError(message)
        return self

    def sets_as(self, *roles: Role) -> tuple[DataSet, ...]:
        """The data sets that Rabta handles in one of these roles."""
        return tuple(each for each in self.data_sets if each.role in roles)

    @property
    def as_controller(self) -> tuple[DataSet, ...]:
        """The data sets for which the duties of a controller arise, joint control included (Art. 26 GDPR)."""
        return self.sets_as(Role.CONTROLLER, Role.JOINT_CONTROLLER)

    @property
    def as_processor(self) -> tuple[DataSet, ...]:
        """The data sets for which only the notice to the controller arises (Art. 33(2) GDPR)."""
        return self.sets_as(Role.PROCESSOR)

    @property
    def occurred_at(self) -> datetime | None:
        """When it began, as far as is known."""
        return self.occurred_from


class ScopeFileError(ValueError):
    """A scope file could not be read as facts; each problem names the line, the key and what was expected."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def read_facts(document: Document) -> Facts:
    """Read a scope file as facts.

    Raises:
        ScopeFileError: unknown keys, negative numbers, wrong words; one line for each problem.

    """
    if not isinstance(document.value, dict):
        raise ScopeFileError((f"{document.name}: a mapping with at least `summary` and `data_sets` is expected",))
    try:
        return Facts.model_validate(document.value)
    except ValidationError as error:
        raise ScopeFileError(document.problems(list(error.errors()))) from error
