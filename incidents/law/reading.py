"""Law as dated data with citations: reading a regime file, and which regimes apply at a time.

The values themselves are in model.py, the keys of a file in file_schema.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from incidents.kernel.errors import FailedError
from incidents.kernel.yaml_documents import Document
from incidents.law.file_schema import WrittenRegime
from incidents.law.ladder_choice import Ladders
from incidents.law.model import Regime


class RegimeError(FailedError):
    """A regime file could not be read; each problem names the line, the key and what was expected."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


def in_force(regimes: Iterable[Regime], at: datetime, zone: tzinfo = UTC) -> tuple[Regime, ...]:
    """Those regimes that apply at *at* (aware), by its day in the law's zone, else in *zone*; without younger duties.

    Ask with the awareness time of the case.

    Raises:
        ValueError: *at* has no time zone.

    """
    if at.tzinfo is None:
        message = f"{at.isoformat()} has no time zone: give an aware time"
        raise ValueError(message)
    # A law begins at midnight of its own place: at one instant it may be in force in Ankara and not yet in Berlin.
    days = ((regime, at.astimezone(ZoneInfo(regime.zone) if regime.zone else zone).date()) for regime in regimes)
    return tuple(_as_on(regime, day) for regime, day in days if regime.applies_on(day))


def _as_on(regime: Regime, day: date) -> Regime:
    """The law without those of its duties that are younger."""
    duties = tuple(duty for duty in regime.duties if duty.applies_on(day))
    # The same object where nothing is left out, as of nearly every law.
    return regime if duties == regime.duties else replace(regime, duties=duties)


def read_regime(document: Document, ladders: Ladders) -> Regime:
    """Read a regime file; *ladders* are those that do not stand in it.

    Raises:
        RegimeError: unknown or missing keys, wrong words, periods without a figure; one line for each problem.

    """
    if not isinstance(document.value, dict):
        raise RegimeError((f"{document.name}: a mapping with `id`, `valid_from`, `duties` ... is expected",))
    try:
        return WrittenRegime.model_validate(document.value).read(ladders)
    except ValidationError as error:
        raise RegimeError(document.problems(list(error.errors()))) from error
