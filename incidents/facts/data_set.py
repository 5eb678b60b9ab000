"""One group of people and the data of theirs that a breach touched: how, protected by what, seen by whom."""

from __future__ import annotations

from typing import Annotated, Any, Self

from pydantic import Field, NonNegativeInt, WithJsonSchema, field_validator, model_validator

from incidents.facts.choices import (
    Alteration,
    Answer,
    Backup,
    BreachType,
    Deletion,
    Effect,
    Encryption,
    Exfiltration,
    Identifiability,
    Key,
    Returned,
    Role,
    Trust,
    YesNoUnknown,
)
from incidents.facts.values import COUNTRY_PATTERN, Count, Country, FactsPart, Slug
from incidents.kernel.strict_model import PrintableText


class Protection(FactsPart):
    """How the affected data were protected when it happened (Art. 34(3)(a) GDPR)."""

    encryption: Encryption = Encryption.UNKNOWN
    """How they were protected: ``state_of_the_art``, ``hashed_salted``, ``device``, ``none`` ..."""
    key: Key = Key.UNKNOWN
    """``safe`` or ``compromised``: the key, salt, password or reference table."""
    detail: PrintableText | None = None
    """Method and key length, in words."""


class Recipients(FactsPart):
    """The wrong recipients, where they are known."""

    who: PrintableText
    """In words, without names: ``another customer``, ``a colleague in another department``."""
    count: Count = Count()
    """How many there are."""
    trusted: Trust = Trust.UNKNOWN
    """Whether contract, office or secrecy binds them; good will alone is not trust."""
    bound_by: PrintableText | None = None
    """What binds them: contract, professional secrecy, office."""
    feared: Answer = YesNoUnknown.UNKNOWN
    """Whether people may have to fear them: a former partner, a birth parent, whoever they hide from."""
    deletion: Deletion = Deletion.UNKNOWN
    """``attested`` in writing, ``stated``, only ``asked`` for, or ``refused``."""
    returned: Returned = Returned.UNKNOWN
    """Whether what went astray came back ``unopened``, ``opened``, was ``recalled``, or not (``no``)."""
    read: Answer = YesNoUnknown.UNKNOWN
    """Whether the content was seen; where nothing is stated, what came back ``unopened`` was not."""

    @model_validator(mode="before")
    @classmethod
    def _unopened_is_unread(cls, value: Any) -> Any:
        """Take *unopened* as *not read* where reading is not spoken of; a stated *unknown* stays one."""
        # Before the fields are read: afterwards a default cannot be told from a stated *unknown*.
        if isinstance(value, dict) and "read" not in value and value.get("returned") == Returned.UNOPENED:
            return value | {"read": YesNoUnknown.NO}
        return value


_COUNTRIES = {
    "anyOf": [
        {"type": "object", "additionalProperties": {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "null"}]}},
        {"type": "array", "items": {"type": "string", "pattern": COUNTRY_PATTERN}},
        {"enum": ["unknown", None]},
    ]
}
"""The forms in which the places where people live may be written."""


class DataSet(FactsPart):
    """One group of people and the data of theirs that the breach touched."""

    name: PrintableText
    """A short name, unique in the file: ``merchant accounts``."""
    role: Role
    """``controller`` for our merchants' own data, ``processor`` for their customers', or ``joint_controller``."""
    joint_with: tuple[PrintableText, ...] = ()
    """The other joint controllers, in words, without names of people: ``the marketing partner Example Ltd``; goes with
    ``role: joint_controller`` (Art. 26 GDPR)."""
    subjects: tuple[Slug, ...] = ()
    """Groups of people: ``merchants``, ``customers``, ``employees``, ``patients``, ``children`` ..."""
    sector: PrintableText | None = None
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
    special_categories: Answer = YesNoUnknown.UNKNOWN
    """Data of Art. 9 or 10 GDPR are involved."""
    special_harmless: PrintableText | None = None
    """Why the health data among them cannot be turned against anybody: ``a food intolerance of two guests``. Lowers the
    risk for up to two dozen people only, and no other data of Art. 9 or 10."""
    vulnerable: Answer = YesNoUnknown.UNKNOWN
    """Children, patients, people in need of protection are among them."""
    protection: Protection = Protection()
    """What protected the data before it happened."""
    exfiltration: Exfiltration = Exfiltration.UNKNOWN
    """Whether data left; ``none_proven`` only where complete logs show it."""
    exfiltration_known_from: PrintableText | None = None
    """How that is known: ``complete access logs of the bucket``."""
    published: Answer = YesNoUnknown.UNKNOWN
    """Reachable by the public at large."""
    public_before: Answer = YesNoUnknown.UNKNOWN
    """The same data were already public before the breach."""
    recipients: Recipients | None = None
    """The wrong recipients, where they are known."""
    alteration: Alteration = Alteration.UNKNOWN
    """What became of altered data."""
    backup: Backup = Backup.UNKNOWN
    """Whether missing data can be had again, and how fast."""
    # JSON has no infinity: a fact that is one could not be stored, nor its version be hashed.
    unavailable_hours: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """For how many hours data or service were missing."""
    effect: Effect = Effect.UNKNOWN
    """What people feel: late orders (``minor``), pay or access missing (``serious``), care (``critical``)."""
    effect_detail: PrintableText | None = None
    """The same in words: ``payouts of two days came late``."""
    identifiability: Identifiability = Identifiability.UNKNOWN
    """ENISA's ease of identification, where it is not what the kinds of data suggest."""
    consequences_seen: tuple[Slug, ...] = ()
    """What already happened to people: ``fraud``, ``phishing`` ..."""
    data_processing_context: Annotated[int, Field(ge=1, le=4)] | None = None
    """A person's own choice of ENISA's data processing context, where the usual one does not fit."""
    context_because: PrintableText | None = None
    """Why the usual context does not fit; needed with ``data_processing_context``."""

    @property
    def homes(self) -> tuple[str, ...]:
        """The places where people live: those of ``countries`` but for one in which there is nobody (0)."""
        # `None` stays in: people live there, nobody has counted them.
        return tuple(place for place, number in self.countries.items() if number != 0)

    @field_validator("countries", mode="before")
    @classmethod
    def _read_country_list(cls, value: Any) -> Any:
        if value is None or value == "unknown":
            return {}
        # A list is the short form of places without numbers.
        return dict.fromkeys(value) if isinstance(value, (list, tuple)) else value

    @field_validator("kinds", "subjects", "breach", "consequences_seen")
    @classmethod
    def _without_repeats(cls, value: tuple[Any, ...]) -> tuple[Any, ...]:
        # A kind written twice would count as two that point to a person, and be named twice in a letter.
        return tuple(dict.fromkeys(value))

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
