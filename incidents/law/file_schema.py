"""A regime file as it is written: its keys, what each takes, and what must fit together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, PositiveInt, StringConstraints, model_validator

from incidents.facts.choices import BreachType
from incidents.kernel.ladder_hours import LadderHours, LadderStep
from incidents.kernel.strict_model import PrintableText, StrictModel
from incidents.kernel.time_zones import zone_name
from incidents.law.ladder_choice import LadderName, Ladders
from incidents.law.model import (
    Cap,
    Citation,
    ContentElement,
    Duty,
    DutyHolder,
    DutyRecipient,
    Regime,
    Start,
    Status,
    TerritorialScope,
    Threshold,
    UrlOf,
    Variant,
)
from incidents.law.periods import Counting, Period, PeriodKind

# No slash and no blank: an id becomes a part of an obligation's key, which is split at slashes and typed by people.
_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_DutyOfALaw = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+/[a-z0-9-]+$", max_length=121)]
_ElementId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
_Url = Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)]
_EntityKind = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
# ``DE``, ``US-CA``, and the two groups of countries by which laws of the EU say where they reach.
_Place = Annotated[str, StringConstraints(pattern=r"^([A-Z]{2}(-[A-Z0-9]{1,3})?|EU|EEA)$")]


def _refuse_repeats(what: str, ids: Iterable[str]) -> None:
    repeated = [repeat for repeat, times in Counter(ids).items() if times > 1]
    if repeated:
        message = f"two {what} are called `{repeated[0]}`"
        raise ValueError(message)


class _WrittenPeriod(StrictModel):
    """``{kind: hours, value: 72}`` or ``{kind: none}``."""

    kind: PeriodKind
    value: int | None = None

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        self.read()
        return self

    def read(self) -> Period:
        return Period(kind=self.kind, value=self.value)


class _WrittenCitation(StrictModel):
    """Article and operative words; the address is the regime's own unless another is given."""

    article: PrintableText
    text: PrintableText
    url: _Url | None = None

    def read(self, url: str) -> Citation:
        return Citation(article=self.article, text=self.text, url=self.url or url)


class _WrittenElement(StrictModel):
    """One required element of content."""

    id: _ElementId
    article: PrintableText
    asks: PrintableText
    may_follow: bool = False
    only_if_late: bool = False

    def read(self) -> ContentElement:
        return ContentElement(**self.model_dump())


class _WrittenCap(StrictModel):
    """``{start: aware, hours: 24, citation: ...}``."""

    start: Start
    hours: LadderStep
    citation: PrintableText

    def read(self) -> Cap:
        return Cap(start=self.start, period=Period(kind=PeriodKind.HOURS, value=self.hours), citation=self.citation)


class _WrittenVariant(StrictModel):
    """``{entity: small_agent, period: {kind: business_days, value: 6}}``."""

    entity: _EntityKind
    period: _WrittenPeriod

    def read(self) -> Variant:
        return Variant(entity=self.entity, period=self.period.read())


class _WrittenDuty(StrictModel):
    """One duty; its ladder and its rule of counting are the regime's unless it has its own."""

    id: _Id
    title: PrintableText
    who: DutyHolder
    to: DutyRecipient
    start: Start
    start_detail: PrintableText | None = None
    threshold: Threshold
    threshold_min: PositiveInt | None = None
    threshold_max: PositiveInt | None = None
    threshold_min_suffices: bool = False
    trigger: PrintableText | None = None
    breach_types: tuple[BreachType, ...] = ()
    period: _WrittenPeriod
    counting: Counting | None = None
    cap: _WrittenCap | None = None
    variants: tuple[_WrittenVariant, ...] = ()
    never_moved_for: tuple[_EntityKind, ...] = ()
    soft: PrintableText | None = None
    citation: _WrittenCitation
    late_needs_reasons: bool = False
    ladder: LadderName | None = None
    ladder_hours: LadderHours | None = None
    content: tuple[_WrittenElement, ...] = ()
    notes: tuple[PrintableText, ...] = ()
    valid_from: date | None = None

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        kind, rule = self.period.kind, self.counting
        if kind is PeriodKind.NONE and self.soft is None:
            message = "a duty without a figure needs `soft`: the law's own words, such as `without undue delay`"
            raise ValueError(message)
        # No law that we have read moves hours to the end of a working day; that of the EU leaves hours out of its
        # roll-over (Art. 3(4) Reg. 1182/71), and DORA's moves them to noon.
        if kind is PeriodKind.HOURS and rule is Counting.NEXT_BUSINESS_DAY:
            message = "hours do not move to the next business day: `elapsed_hours`, `reg_1182_71` or `noon_...`"
            raise ValueError(message)
        if kind not in {PeriodKind.HOURS, PeriodKind.NONE} and rule is Counting.ELAPSED_HOURS:
            message = f"{kind.value} are not counted in `elapsed_hours`"
            raise ValueError(message)
        if self.ladder is not None and self.ladder_hours is not None:
            message = "either `ladder` (one of config/reminders.yaml) or `ladder_hours` (one of its own), not both"
            raise ValueError(message)
        _refuse_repeats("content elements", (element.id for element in self.content))
        return self

    def read(self, law: WrittenRegime, ladders: Ladders) -> Duty:
        written: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN_OF_DUTY}
        # The duty's own hours first, then its law's; but a duty that asks for a ladder by name does not get its law's.
        # What the organisation wrote goes before all of them (`choose`).
        in_file = self.ladder_hours or (law.ladder_hours if self.ladder is None else None)
        ladder, ladder_source = ladders.choose(self.ladder or LadderName.STANDARD, in_file)
        return Duty(
            **written,
            period=self.period.read(),
            counting=self.counting or law.counting or self._usual_counting(),
            cap=self.cap.read() if self.cap else None,
            variants=tuple(variant.read() for variant in self.variants),
            ladder=ladder,
            ladder_source=ladder_source,
            citation=self.citation.read(law.url),
            content=tuple(element.read() for element in self.content),
        )

    def _usual_counting(self) -> Counting:
        return Counting.ELAPSED_HOURS if self.period.kind is PeriodKind.HOURS else Counting.NONE


class _WrittenReach(StrictModel):
    """Whom the law reaches."""

    established: tuple[_Place, ...] = ()
    residents: tuple[_Place, ...] = ()
    sectors: tuple[_EntityKind, ...] = ()

    def read(self) -> TerritorialScope:
        return TerritorialScope(**self.model_dump())


class WrittenRegime(StrictModel):
    """A whole regime file."""

    id: _Id
    name: PrintableText
    jurisdiction: PrintableText
    authority: PrintableText | None = None
    valid_from: date | None
    valid_to: date | None = None
    status: Status
    certainty: Annotated[str, StringConstraints(pattern=r"^(high|medium|low)$")]
    verified_on: date | None
    unverified: bool = False
    verify: tuple[PrintableText, ...] = ()
    url: _Url
    url_of: UrlOf = UrlOf.TEXT
    place: _Place | None = None
    # Checked here and not when days are counted: a slip in one law must not end the opening of a case in a traceback.
    zone: Annotated[PrintableText, AfterValidator(zone_name)] | None = None
    counting: Counting | None = None
    entities: tuple[_EntityKind, ...] = ()
    applies: _WrittenReach = _WrittenReach()
    one_stop_shop: bool = False
    supersedes: tuple[_DutyOfALaw, ...] = ()
    notes: tuple[PrintableText, ...] = ()
    ladder_hours: LadderHours | None = None
    duties: tuple[_WrittenDuty, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _dated(self) -> Self:
        # A proposal has no date yet, and one with an unknown status may have none: only what binds must say since when.
        if self.valid_from is None and self.status in {Status.IN_FORCE, Status.NOT_YET_APPLICABLE}:
            message = f"a law that is {self.status.value} needs `valid_from`"
            raise ValueError(message)
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            message = "valid_to is before valid_from"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _honest(self) -> Self:
        # Whoever reads a due time must see that its law was not compared with a source: no file may pass that over in
        # silence.
        if self.certainty != "high" and not self.unverified:
            message = (
                f"of {self.certainty} certainty: mark it `unverified: true` and list under `verify` what to compare"
            )
            raise ValueError(message)
        if self.unverified != bool(self.verify) or self.unverified != (self.verified_on is None):
            message = (
                "`unverified: true` goes with points under `verify` and with `verified_on: null`; else with neither"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _refuse_repeats("duties", (duty.id for duty in self.duties))
        # Otherwise a misspelt kind would bind nobody, and its longer period would be taken for ours.
        told_apart = {kind for duty in self.duties for kind in duty.never_moved_for}
        told_apart |= {variant.entity for duty in self.duties for variant in duty.variants}
        if missing := sorted(told_apart - set(self.entities)):
            message = f"`{missing[0]}` is not among `entities`"
            raise ValueError(message)
        for duty in self.duties:
            if duty.valid_from and self.valid_from and duty.valid_from <= self.valid_from:
                message = f"`valid_from` of `{duty.id}` is not after its law's: leave it out"
                raise ValueError(message)
        return self

    def read(self, ladders: Ladders) -> Regime:
        """Give the law as a value, each duty with its ladder."""
        written: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        return Regime(
            **written, applies=self.applies.read(), duties=tuple(duty.read(self, ladders) for duty in self.duties)
        )


_PLAIN = (
    "id", "name", "jurisdiction", "authority", "valid_from", "valid_to", "status", "certainty", "verified_on",
    "unverified", "verify", "url", "url_of", "place", "zone", "entities", "one_stop_shop", "supersedes", "notes",
)  # fmt: skip
"""The keys of a regime file that are taken over as they are."""

_PLAIN_OF_DUTY = (
    "id", "title", "who", "to", "start", "start_detail", "threshold", "threshold_min", "threshold_max",
    "threshold_min_suffices", "trigger", "breach_types", "never_moved_for", "soft", "late_needs_reasons", "notes",
    "valid_from",
)  # fmt: skip
"""The same for a duty."""
