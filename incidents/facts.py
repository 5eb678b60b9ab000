"""What is known of a breach, as frozen values: times, data sets, people, protection, cause.

Knows the vocabulary of a scope file and how to read one; refuses to know what any of it means in law
(assessment.py) or how bad it is (severity.py). Every value may be *unknown* or *an estimate*: a missing key means
"not stated", never "no".
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    NonNegativeInt,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from incidents.answers import (
    Actor,
    Alteration,
    Answer,
    Backup,
    BreachType,
    Deletion,
    Discovery,
    Effect,
    Encryption,
    Exfiltration,
    Identifiability,
    Key,
    Known,
    Returned,
    Role,
    SourceKind,
    Trust,
)
from incidents.documents import Document
from incidents.strict import Strict, Words

__all__ = [
    "Actor",
    "Alteration",
    "Answer",
    "Backup",
    "BreachType",
    "Cause",
    "Count",
    "Country",
    "DataSet",
    "Deletion",
    "Discovery",
    "Effect",
    "Encryption",
    "Exfiltration",
    "Facts",
    "Identifiability",
    "Key",
    "Known",
    "Language",
    "Protection",
    "Recipients",
    "Returned",
    "Role",
    "ScopeFileError",
    "Slug",
    "SourceKind",
    "SourceParty",
    "Trust",
    "Value",
    "Words",
    "read_facts",
]

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""A lower-case word of an open list (``email``, ``order_history``): new words are carried, never dropped."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")]
"""ISO 3166 code of the place where a person lives: a country (``DE``), or a part of one where its law asks for that
(``US-CA``)."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")]
"""ISO 639-1 code."""


class Value(Strict):
    """A part of the facts; what stands under a key is its description in the JSON Schema of a scope file."""

    model_config = ConfigDict(use_attribute_docstrings=True)


def _object(required: list[str], **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


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
            case int() if given < 0:
                # Said here, once: checked below it would be said of both ends.
                message = f"a number of people or records is 0 or more, not {given}"
                raise ValueError(message)
            case int():
                return {"least": given, "most": given}
            case None | "unknown":
                return {}
            case {"about": int() as number, **rest} if not rest and number < 0:
                message = f"a number of people or records is 0 or more, not {number}"
                raise ValueError(message)
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

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        """Let the schema offer every form that is understood."""
        whole = handler.resolve_ref_schema(handler(core))
        number = {"type": "integer", "minimum": 0}
        forms = (
            number,
            {"const": "unknown"},
            {"type": "null"},
            _object(required=["about"], about=number),
            _object(required=["min"], min=number, max={"anyOf": [number, {"type": "null"}]}),
            {key: whole[key] for key in ("type", "properties", "additionalProperties")},
        )
        return {"title": "Count", "description": whole["description"], "anyOf": list(forms)}

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
    """How they were protected: ``state_of_the_art``, ``hashed_salted``, ``device``, ``none`` ..."""
    key: Key = Key.UNKNOWN
    """``safe`` or ``compromised``: the key, salt, password or reference table."""
    detail: Words | None = None
    """Method and key length, in words."""


class Recipients(Value):
    """The wrong recipients, where they are known."""

    who: Words
    """In words, without names: ``another customer``, ``a colleague in another department``."""
    count: Count = Count()
    """How many there are."""
    trusted: Trust = Trust.UNKNOWN
    """Whether contract, office or secrecy binds them; good will alone is not trust."""
    bound_by: Words | None = None
    """What binds them: contract, professional secrecy, office."""
    feared: Answer = Known.UNKNOWN
    """Whether people may have to fear them: a former partner, a birth parent, whoever they hide from."""
    deletion: Deletion = Deletion.UNKNOWN
    """``attested`` in writing, ``stated``, only ``asked`` for, or ``refused``."""
    returned: Returned = Returned.UNKNOWN
    """Whether what went astray came back ``unopened``, ``opened``, was ``recalled``, or not (``no``)."""
    read: Answer = Known.UNKNOWN
    """Whether the content was seen."""


_COUNTRIES = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}},
        {"type": "array", "items": {"type": "string", "pattern": "^[A-Z]{2}$"}},
        {"enum": ["unknown", None]},
    ]
}
"""The forms in which the places where people live may be written."""


class DataSet(Value):
    """One group of people and the data of theirs that the breach touched."""

    name: Words
    """A short name, unique in the file: ``merchant accounts``."""
    role: Role
    """``controller`` for our merchants' own data, ``processor`` for their customers', or ``joint_controller``."""
    joint_with: tuple[Words, ...] = ()
    """The other joint controllers, in words, without names of people: ``the marketing partner Example Ltd``; goes with
    ``role: joint_controller`` (Art. 26 GDPR)."""
    subjects: tuple[Slug, ...] = ()
    """Groups of people: ``merchants``, ``customers``, ``employees``, ``patients``, ``children`` ..."""
    sector: Words | None = None
    """The field of the shop or body on whose list they are, where that tells something: ``pharmacy``, ``dating``,
    ``women's shelter``."""
    kinds: tuple[Slug, ...] = Field(min_length=1)
    """Kinds of data, an open list: ``name``, ``email``, ``payment_card``, ``health`` ..."""
    people: Count = Count()
    """How many people: ``1200``, ``{about: 1200}``, ``{min: 24, max: 60}`` or ``unknown``."""
    records: Count = Count()
    """How many records, in the same forms."""
    countries: Annotated[dict[Country, NonNegativeInt | None], WithJsonSchema(_COUNTRIES)] = Field(default_factory=dict)
    """Where the people live, with their number or null; empty means unknown, 0 that nobody lives there."""
    breach: tuple[BreachType, ...] = Field(min_length=1)
    """Seen by the wrong people (``confidentiality``), altered (``integrity``), missing (``availability``)."""
    special_categories: Answer = Known.UNKNOWN
    """Data of Art. 9 or 10 GDPR are involved."""
    special_harmless: Words | None = None
    """Why the health data among them cannot be turned against anybody: ``a food intolerance of two guests``. Lowers the
    risk for up to two dozen people only, and no other data of Art. 9 or 10."""
    vulnerable: Answer = Known.UNKNOWN
    """Children, patients, people in need of protection are among them."""
    protection: Protection = Protection()
    """What protected the data before it happened."""
    exfiltration: Exfiltration = Exfiltration.UNKNOWN
    """Whether data left; ``none_proven`` only where complete logs show it."""
    exfiltration_known_from: Words | None = None
    """How that is known: ``complete access logs of the bucket``."""
    published: Answer = Known.UNKNOWN
    """Reachable by the public at large."""
    public_before: Answer = Known.UNKNOWN
    """The same data were already public before the breach."""
    recipients: Recipients | None = None
    """The wrong recipients, where they are known."""
    alteration: Alteration = Alteration.UNKNOWN
    """What became of altered data."""
    backup: Backup = Backup.UNKNOWN
    """Whether missing data can be had again, and how fast."""
    unavailable_hours: Annotated[float, Field(ge=0)] | None = None
    """For how many hours data or service were missing."""
    effect: Effect = Effect.UNKNOWN
    """What people feel: late orders (``minor``), pay or access missing (``serious``), care (``critical``)."""
    effect_detail: Words | None = None
    """The same in words: ``payouts of two days came late``."""
    identifiability: Identifiability = Identifiability.UNKNOWN
    """ENISA's ease of identification, where it is not what the kinds of data suggest."""
    consequences_seen: tuple[Slug, ...] = ()
    """What already happened to people: ``fraud``, ``phishing`` ..."""
    data_processing_context: Annotated[int, Field(ge=1, le=4)] | None = None
    """A person's own choice of ENISA's data processing context, where the usual one does not fit."""
    context_because: Words | None = None
    """Why the usual context does not fit; needed with ``data_processing_context``."""

    @property
    def homes(self) -> tuple[str, ...]:
        """The places where people live: those of ``countries`` but for one in which there is nobody (0)."""
        return tuple(place for place, number in self.countries.items() if number != 0)

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
    def _others_control_only_what_is_joint(self) -> Self:
        if self.joint_with and self.role is not Role.JOINT_CONTROLLER:
            message = "joint_with names other joint controllers: it goes with role: joint_controller"
            raise ValueError(message)
        return self

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
    """Somebody outside, somebody inside on purpose, or nobody on purpose (``none``)."""
    malicious: Answer = Known.UNKNOWN
    """Whether somebody meant it."""
    detail: Words | None = None
    """More of it in words."""


class SourceParty(Value):
    """A third party or affiliate in whose house it happened: the chain by which we came to know (Art. 33(2) GDPR)."""

    kind: SourceKind
    """``hosting``, ``payment``, ``carrier``, ``analytics``, ``affiliate`` (a company of our own group) or ``other``."""
    who: Words | None = None
    """In words, without names of people: ``the provider of our object storage``."""
    became_aware_at: AwareDatetime | None = None
    """When they knew, as they say."""
    told_us_at: AwareDatetime | None = None
    """When they told us: from then on we can be aware (Guidelines 9/2022, section II.A.4)."""

    @model_validator(mode="after")
    def _knew_before_they_told(self) -> Self:
        if self.became_aware_at and self.told_us_at and self.became_aware_at > self.told_us_at:
            message = "became_aware_at is after told_us_at"
            raise ValueError(message)
        return self


class Facts(Value):
    """Everything that is known of a breach at one time: one version of the facts."""

    summary: Words
    """What happened, in two or three plain sentences, without names of people."""
    account: dict[Language, Words] = Field(default_factory=dict)
    """The same in the words of a letter, by language; a missing language falls back to English and says so."""
    occurred_from: AwareDatetime | None = None
    """When it began, as far as is known."""
    occurred_to: AwareDatetime | None = None
    """When it ended."""
    ongoing: Answer = Known.UNKNOWN
    """Whether it goes on."""
    undetected_days: Annotated[float, Field(ge=0)] | None = None
    """How many days it went unnoticed."""
    discovery: Discovery = Discovery.UNKNOWN
    """By which way it came to light."""
    cause: Cause = Cause()
    """Nature, actor and intent, as far as known."""
    source_party: SourceParty | None = None
    """Where it happened in somebody else's house: a supplier, or a company of our own group."""
    systems: tuple[Words, ...] = ()
    """The systems concerned."""
    cross_border: Answer = Known.UNKNOWN
    """Whether people or establishments in several Member States are concerned (Art. 4(23) GDPR)."""
    data_sets: tuple[DataSet, ...] = Field(min_length=1)
    """One for each group of people and role."""
    likely_consequences: tuple[Slug, ...] = ()
    """Codes the templates word in each language: ``phishing``, ``identity_theft``, ``fraud``, ``spam`` ..."""
    measures_taken: tuple[Slug, ...] = ()
    """Codes: ``access_closed``, ``passwords_reset``, ``keys_rotated``, ``logs_secured`` ..."""
    measures_proposed: tuple[Slug, ...] = ()
    """Codes of the same list, for what is still to be done."""
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
