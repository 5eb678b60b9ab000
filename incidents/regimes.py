"""Law as dated data with citations: how a regime file is read, and which regimes apply at a time.

Knows the keys of `config/regimes/*.yaml`; refuses to know any particular law, and what is owed in a case
(obligations.py). The values themselves are in law.py; their names can be had from here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any, Self

from pydantic import Field, PositiveInt, StringConstraints, ValidationError, model_validator

from incidents.documents import Document
from incidents.facts import Value, Words
from incidents.ladder import Ladder
from incidents.law import (
    Citation,
    ContentElement,
    Duty,
    Regime,
    Start,
    Status,
    Threshold,
    To,
    UnknownDuty,
    Who,
)
from incidents.periods import Period, PeriodKind

__all__ = [
    "Citation",
    "ContentElement",
    "Duty",
    "Ladder",
    "Period",
    "PeriodKind",
    "Regime",
    "RegimeError",
    "Start",
    "Status",
    "Threshold",
    "To",
    "UnknownDuty",
    "Who",
    "in_force",
    "read_regime",
]

_Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
_ElementId = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
_Url = Annotated[str, StringConstraints(pattern=r"^https://\S+$", max_length=500)]
_Hours = Annotated[PositiveInt, Field(le=24 * 366)]


class RegimeError(ValueError):
    """A regime file could not be read; each problem names the line, the key and what was expected."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def in_force(regimes: Iterable[Regime], at: datetime) -> tuple[Regime, ...]:
    """Those regimes that apply at *at* (aware), by its day in UTC; ask with the awareness time of the case.

    Raises:
        ValueError: *at* has no time zone.

    """
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone: give an aware time"
        raise ValueError(message)
    day = at.astimezone(UTC).date()
    return tuple(regime for regime in regimes if regime.applies_on(day))


def read_regime(document: Document) -> Regime:
    """Read a regime file.

    Raises:
        RegimeError: unknown or missing keys, wrong words, periods without a figure; one line for each problem.

    """
    if not isinstance(document.value, dict):
        raise RegimeError((f"{document.name}: a mapping with `id`, `valid_from`, `duties` ... is expected",))
    try:
        return _WrittenRegime.model_validate(document.value).read()
    except ValidationError as error:
        raise RegimeError(document.problems(list(error.errors()))) from error


def _refuse_repeats(what: str, ids: Iterable[str]) -> None:
    repeated = [each for each, times in Counter(ids).items() if times > 1]
    if repeated:
        message = f"two {what} are called `{repeated[0]}`"
        raise ValueError(message)


class _WrittenPeriod(Value):
    """``{kind: hours, value: 72}`` or ``{kind: none}``."""

    kind: PeriodKind
    value: int | None = None

    @model_validator(mode="after")
    def _can_be_counted(self) -> Self:
        self.read()
        return self

    def read(self) -> Period:
        return Period(kind=self.kind, value=self.value)


class _WrittenLadder(Value):
    """All steps in whole hours."""

    warn_before: _Hours
    before: tuple[_Hours, ...]
    after: tuple[_Hours, ...]
    then_every: _Hours

    @model_validator(mode="after")
    def _can_be_climbed(self) -> Self:
        if list(self.before) != sorted(self.before, reverse=True) or list(self.after) != sorted(self.after):
            message = "write the steps in the order in which they come: `before` falling, `after` rising"
            raise ValueError(message)
        self.read()
        return self

    def read(self) -> Ladder:
        return Ladder(
            warn_before=timedelta(hours=self.warn_before),
            before=tuple(timedelta(hours=step) for step in self.before),
            after=tuple(timedelta(hours=step) for step in self.after),
            then_every=timedelta(hours=self.then_every),
        )


class _WrittenCitation(Value):
    """Article and operative words; the address is the regime's own unless another is given."""

    article: Words
    text: Words
    url: _Url | None = None

    def read(self, url: str) -> Citation:
        return Citation(article=self.article, text=self.text, url=self.url or url)


class _WrittenElement(Value):
    """One required element of content."""

    id: _ElementId
    article: Words
    asks: Words
    may_follow: bool = False
    only_if_late: bool = False

    def read(self) -> ContentElement:
        return ContentElement(**self.model_dump())


class _WrittenDuty(Value):
    """One duty; its ladder is the regime's unless it has its own."""

    id: _Id
    title: Words
    who: Who
    to: To
    start: Start
    threshold: Threshold
    period: _WrittenPeriod
    soft: Words | None = None
    citation: _WrittenCitation
    late_needs_reasons: bool = False
    ladder_hours: _WrittenLadder | None = None
    content: tuple[_WrittenElement, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _says_when(self) -> Self:
        if self.period.kind is PeriodKind.NONE and self.soft is None:
            message = "a duty without a figure needs `soft`: the law's own words, such as `without undue delay`"
            raise ValueError(message)
        _refuse_repeats("content elements", (each.id for each in self.content))
        return self

    def read(self, url: str, ladder: _WrittenLadder) -> Duty:
        return Duty(
            id=self.id,
            title=self.title,
            who=self.who,
            to=self.to,
            start=self.start,
            threshold=self.threshold,
            period=self.period.read(),
            soft=self.soft,
            ladder=(self.ladder_hours or ladder).read(),
            citation=self.citation.read(url),
            late_needs_reasons=self.late_needs_reasons,
            content=tuple(each.read() for each in self.content),
        )


class _WrittenRegime(Value):
    """A whole regime file."""

    id: _Id
    name: Words
    jurisdiction: Words
    valid_from: date
    valid_to: date | None = None
    status: Status
    certainty: Annotated[str, StringConstraints(pattern=r"^(high|medium|low)$")]
    verified_on: date
    url: _Url
    ladder_hours: _WrittenLadder
    duties: tuple[_WrittenDuty, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            message = "valid_to is before valid_from"
            raise ValueError(message)
        _refuse_repeats("duties", (each.id for each in self.duties))
        return self

    def read(self) -> Regime:
        written: dict[str, Any] = {name: getattr(self, name) for name in _PLAIN}
        return Regime(**written, duties=tuple(each.read(self.url, self.ladder_hours) for each in self.duties))


_PLAIN = ("id", "name", "jurisdiction", "valid_from", "valid_to", "status", "certainty", "verified_on", "url")
"""The keys of a regime file that are taken over as they are."""
