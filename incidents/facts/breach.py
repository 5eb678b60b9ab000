"""What is known of a breach, as frozen values: times, data sets, people, protection, cause.

Every value may be *unknown* or *an estimate*: a missing key means "not stated", never "no".
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, ValidationError, model_validator

from incidents.facts.choices import (
    Answer,
    BreachActor,
    Discovery,
    Role,
    SourceKind,
    YesNoUnknown,
)
from incidents.facts.data_set import DataSet
from incidents.facts.values import FactsPart, LanguageCode, Moment, Slug
from incidents.kernel.errors import InvalidInputError
from incidents.kernel.strict_model import PrintableText
from incidents.kernel.yaml_documents import Document

# The list is of accidents and not of attacks: a word that nobody foresaw must not make a breach look harmless.
ACCIDENTAL_NATURES = frozenset(
    {
        "accident",
        "bug",
        "disposal",
        "fault",
        "hardware_failure",
        "human_error",
        "loss",
        "misconfiguration",
        "misdelivery",
        "mispostal",
        "open_list",
        "outage",
        "permissions",
        "power_outage",
        "software_error",
        "technical_malfunction",
        "verbal_disclosure",
        "wrong_person_shown",
        "wrong_recipient",
    }
)
"""Words for a cause that mean nobody did it on purpose."""


class BreachCause(FactsPart):
    """How it came about."""

    nature: Slug = "unknown"
    """``misconfiguration``, ``hacking``, ``ransomware``, ``phishing``, ``misdelivery``, ``loss``, ``theft`` ..."""
    actor: BreachActor = BreachActor.UNKNOWN
    """Somebody outside, somebody inside on purpose, or nobody on purpose (``none``)."""
    malicious: Answer = YesNoUnknown.UNKNOWN
    """Whether somebody meant it."""
    detail: PrintableText | None = None
    """More of it in words."""


class SourceParty(FactsPart):
    """A third party or affiliate with whom it happened: the chain by which we came to know (Art. 33(2) GDPR)."""

    kind: SourceKind
    """``hosting``, ``payment``, ``carrier``, ``analytics``, ``affiliate`` (a company of our own group) or ``other``."""
    who: PrintableText | None = None
    """In words, without names of people: ``the provider of our object storage``."""
    became_aware_at: Moment | None = None
    """When they knew, as they say."""
    told_us_at: Moment | None = None
    """When they told us: from then on we can be aware (Guidelines 9/2022, section II.A.4)."""

    @model_validator(mode="after")
    def _knew_before_they_told(self) -> Self:
        # Equal is allowed: a provider may call while the incident is still going on.
        if self.became_aware_at and self.told_us_at and self.became_aware_at > self.told_us_at:
            message = "became_aware_at is after told_us_at"
            raise ValueError(message)
        return self


class Facts(FactsPart):
    """Everything that is known of a breach at one time: one version of the facts."""

    summary: PrintableText
    """What happened, in two or three plain sentences, without names of people."""
    account: dict[LanguageCode, PrintableText] = Field(default_factory=dict)
    """The same in the words of a letter, by language; a missing language falls back to English and says so."""
    occurred_from: Moment | None = None
    """When it began, as far as is known."""
    occurred_to: Moment | None = None
    """When it ended."""
    ongoing: Answer = YesNoUnknown.UNKNOWN
    """Whether it goes on."""
    undetected_days: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """How many days it went unnoticed."""
    discovery: Discovery = Discovery.UNKNOWN
    """By which way it came to light."""
    cause: BreachCause = BreachCause()
    """Nature, actor and intent, as far as known."""
    source_party: SourceParty | None = None
    """Where it happened, if not with us: a supplier, or a company of our own group."""
    systems: tuple[PrintableText, ...] = ()
    """The systems concerned."""
    cross_border: Answer = YesNoUnknown.UNKNOWN
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
    high_risk_averted_by: PrintableText | None = None
    """Later measures after which the high risk is no longer likely (Art. 34(3)(b) GDPR)."""
    direct_contact_disproportionate: PrintableText | None = None
    """Why writing to each person would need disproportionate effort (Art. 34(3)(c) GDPR)."""
    next_update: Moment | None = None
    """When more will be told."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        # Reasons, risks and questions name their set by it: two of one name could not be told apart.
        names = [data_set.name for data_set in self.data_sets]
        if len(set(names)) != len(names):
            message = "two data sets have the same name"
            raise ValueError(message)
        if self.occurred_from and self.occurred_to and self.occurred_from > self.occurred_to:
            message = "occurred_from is after occurred_to"
            raise ValueError(message)
        return self

    def sets_as(self, *roles: Role) -> tuple[DataSet, ...]:
        """The data sets that Rabta handles in one of these roles."""
        return tuple(data_set for data_set in self.data_sets if data_set.role in roles)

    @property
    def as_controller(self) -> tuple[DataSet, ...]:
        """The data sets for which the duties of a controller arise, joint control included (Art. 26 GDPR)."""
        # Who of several joint controllers notifies is for their arrangement; until it is known, we are one who must.
        return self.sets_as(Role.CONTROLLER, Role.JOINT_CONTROLLER)

    @property
    def as_processor(self) -> tuple[DataSet, ...]:
        """The data sets for which only the notice to the controller arises (Art. 33(2) GDPR)."""
        return self.sets_as(Role.PROCESSOR)

    @property
    def occurred_at(self) -> datetime | None:
        """When it began, as far as is known."""
        return self.occurred_from


class ScopeFileError(InvalidInputError):
    """A scope file could not be read as facts; each problem names the line, the key and what was expected."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


SUMMARY_TO_REPLACE: Final = "Describe what happened."
"""The summary of the scope file to start from: who has not replaced it has described nothing."""


def read_facts(document: Document) -> Facts:
    """Read a scope file as facts.

    Raises:
        ScopeFileError: unknown keys, negative numbers, wrong words; one line for each problem.

    """
    if not isinstance(document.value, dict):
        raise ScopeFileError((f"{document.name}: a mapping with at least `summary` and `data_sets` is expected",))
    try:
        facts = Facts.model_validate(document.value)
    except ValidationError as error:
        raise ScopeFileError(document.problems(list(error.errors()))) from error
    if facts.summary.strip() == SUMMARY_TO_REPLACE:
        message = f"{document.name}: `summary` is still that of the template: say in it what happened"
        raise ScopeFileError((message,))
    return facts
