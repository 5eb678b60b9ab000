"""The words of a report in one language: sentences by key, codes in plain words, times, numbers and durations.

Sentences and terms are read from templates/reports/words.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from string import Formatter
from typing import Any, Final
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_datetime
from babel.numbers import format_decimal

from incidents.deadlines.terms import Terms
from incidents.facts.values import Count
from incidents.kernel.errors import FailedError
from incidents.kernel.yaml_documents import read_yaml
from notifications.language.catalogue import Catalogue, read_catalogue

FALLBACK: Final = "en"
_MINUTE: Final = timedelta(minutes=1)
_LONG: Final = timedelta(days=7)
"""From here on, days say more than hours."""


_CATALOGUED: Final[Mapping[str, tuple[str, str | None]]] = {
    "nature": ("nature", None),
    "subject": ("subjects", None),
    "data": ("kinds", None),
    "consequence": ("consequences", "name"),
    "measure_taken": ("measures", "done"),
    "measure_planned": ("measures", "planned"),
    "advice": ("advice", "do"),
    "element": ("names", None),
}
"""Groups of codes that are worded once for letters and reports alike."""
_SENTENCES: Final = frozenset({"measure_taken", "measure_planned", "advice"})


class MissingWords(FailedError):
    """A report asks for words that its language does not have; the message names file and key."""


@dataclass(frozen=True, kw_only=True)
class ReportWords:
    """Words of one language, and how it writes times in one zone."""

    language: str
    asked: str
    """The language that was asked for; another one than ``language`` where there are no words in it."""
    zone: ZoneInfo
    product: str
    """What the organisation's product is called; some advice names it."""
    tree: Mapping[str, Any] = field(repr=False)
    catalogue: Catalogue | None = field(repr=False)
    """The words that letters use for codes, so that letters and reports use the same words for the same thing."""

    @property
    def locale(self) -> Locale:
        """The conventions for dates and numbers."""
        return Locale.parse(self.tree["locale"])

    def say(self, key: str, /, *, count: float | None = None, **values: object) -> str:
        """Say the sentence called *key*; *count* chooses between one and many, and fills ``{count}``.

        Values are written as this language writes them: times, durations, numbers.

        Raises:
            MissingWords: there is no such sentence.

        """
        phrase = self._find(key)
        if isinstance(phrase, Mapping):
            # CLDR's plural form of the language itself: where it ends "one" differs (French counts 0 as one).
            phrase = phrase[str(self.locale.plural_form(count or 0))] if count is not None else phrase["other"]
        if count is not None:
            values["count"] = count
        # Values are strings by then, so `{name.attribute}` in a file of words could reach nothing of the case.
        return Formatter().vformat(str(phrase), (), {name: self.write(value) for name, value in values.items()})

    def _find(self, key: str) -> Any:
        node: Any = self.tree
        for part in key.split("."):
            if not isinstance(node, Mapping) or part not in node:
                message = f"words/{self.language}.yaml has no `{key}`: add it there"
                raise MissingWords(message)
            node = node[part]
        return node

    def term(self, group: str, code: str) -> str:
        """Put a code into words; a code of an open list that nobody has worded yet is written out as it is."""
        if group in _CATALOGUED:
            section, part = _CATALOGUED[group]
            text = self.catalogue.coded(section, code, part) if self.catalogue else None
        else:
            text = self._find(f"terms.{group}").get(code)
        return str(text or code.replace("_", " ")).replace("{product}", self.product)

    def terms(self, group: str, codes: Sequence[str]) -> str:
        """Put several codes into one line, or say that none is known."""
        # Sentences bring their full stop.
        between = " " if group in _SENTENCES else ", "
        return between.join(self.term(group, code) for code in codes) if codes else self.say("plain.not_known")

    def duty(self, terms: Terms) -> str:
        """Name a duty: in this language where it has words for it, else as the law's file has it."""
        known = self.catalogue.coded("duties", terms.duty) if self.catalogue else None
        return known or terms.title

    def status(self, status: str, *, own_target: bool) -> str:
        """Put a status into words; by a target of our own nothing is late or overdue, it is past the target."""
        group = "status_target" if own_target and status in self._find("terms.status_target") else "status"
        return self.term(group, str(status))

    def margin(self, span: str, *, after: bool, own_target: bool) -> str:
        """Say by how much a planned time was kept or missed; a target of our own is called one."""
        if own_target:
            return self.say("plain.past_target" if after else "plain.before_target", span=span)
        return self.say("plain.late_by" if after else "plain.left", span=span)

    def write(self, value: object) -> str:
        """Write a value as this language does."""
        match value:
            case datetime():
                return self.when(value)
            case timedelta():
                return self.span(value)
            case int() | float() if not isinstance(value, bool):
                return self.number(value)
            case _:
                return str(value)

    def number(self, value: float) -> str:
        """Write a number with this language's separators."""
        return str(format_decimal(value, locale=self.locale))

    def count(self, number: Count) -> str:
        """Write a number of people or records: exact, about, a range, or not known."""
        least, most = number.least, number.most
        if least is None and most is None:
            return self.say("plain.not_known")
        if most is None:
            return self.say("plain.at_least", number=least)
        if least is None:
            return self.say("plain.at_most", number=most)
        if least != most:
            return self.say("plain.between", least=least, most=most)
        return self.say("plain.about", number=most) if number.estimate else self.number(most)

    def when(self, at: datetime) -> str:
        """Write a moment in local time with its zone, and in UTC: ``Wed 25 Nov 2026 02:47 CET (01:47 UTC)``."""
        return f"{self.local(at)} ({self.utc(at)})"

    def local(self, at: datetime) -> str:
        """Write a moment in local time with its zone."""
        return f"{self._format(at, self.zone, self._find('pattern.moment'))} {self.zone_name(at)}"

    def utc(self, at: datetime) -> str:
        """Write the same moment in UTC, with its day where that differs from the local one."""
        in_utc, local = at.astimezone(UTC), at.astimezone(self.zone)
        pattern = "HH:mm" if in_utc.date() == local.date() else self._find("pattern.day_time")
        return f"{self._format(at, UTC, pattern)} UTC"

    def day(self, at: datetime, *, year: bool = False) -> str:
        """Write the local day: ``Wed 25 Nov``, with its year where several are in question."""
        return self._format(at, self.zone, self._find("pattern.day_year" if year else "pattern.day"))

    def day_time(self, at: datetime, *, year: bool = False) -> str:
        """Write local day and time without zone: ``Wed 25 Nov 02:47``, with the year where several are in question."""
        return self._format(at, self.zone, self._find("pattern.moment" if year else "pattern.day_time"))

    def in_several_years(self, times: Collection[datetime]) -> bool:
        """Whether these moments lie in more than one local year, so that a day without its year says too little."""
        return len({at.astimezone(self.zone).year for at in times}) > 1

    def time(self, at: datetime) -> str:
        """Write the local time of day: ``02:47``."""
        return self._format(at, self.zone, "HH:mm")

    def _format(self, at: datetime, zone: Any, pattern: str) -> str:
        return str(format_datetime(at, pattern, tzinfo=zone, locale=self.locale))

    def zone_name(self, at: datetime) -> str:
        """Name the zone as clocks there do (``CET``), or by its distance from UTC where it has no name."""
        name = at.astimezone(self.zone).tzname() or ""
        # Zones without letters of their own are named "+03" by the time zone database.
        return f"UTC{name}" if name[:1] in {"+", "-"} else name

    def country(self, code: str) -> str:
        """Name a country as this language does; a code that has no name is written out as it is."""
        return str(self.locale.territories.get(code, code))

    def apart(self, start: datetime, end: datetime) -> str:
        """Write the time between two moments as their written minutes show it, so that a reader's sums come out.

        11:30:50 to 12:04:10 is read as 11:30 to 12:04 and therefore written ``34 min``; less than a minute stays that.
        """
        shown = _to_the_minute(end) - _to_the_minute(start)
        return self.span(shown or end - start)

    def length(self, number: int, unit: str) -> str:
        """Write a length given in one unit, as it was given: ``48 h``."""
        return f"{self.number(number)} {self.tree['units'][unit]}"

    def span(self, length: timedelta) -> str:
        """Write a duration in hours and minutes, in days and hours when it is long; never its sign."""
        length = abs(length)
        minutes = length // _MINUTE
        if not minutes and length:
            return self.say("plain.under_a_minute")
        unit = self.tree["units"]
        if length < _LONG:
            hours, rest = divmod(minutes, 60)
            return f"{hours} {unit['h']} {rest} {unit['min']}" if hours else f"{rest} {unit['min']}"
        days, hours = divmod(minutes // 60, 24)
        return f"{self.number(days)} {unit['d']} {hours} {unit['h']}"


def _to_the_minute(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(second=0, microsecond=0)


def read_words(folder: Path, language: str, zone: ZoneInfo, product: str) -> ReportWords:
    """Read the words of *language* from the templates in *folder*; an unknown one falls back to English and says so.

    Raises:
        MissingWords: there are no English words either, so this is not the folder of templates.

    """
    # The language is looked up among the files that are there, so no language asked for can name another file.
    known = {path.stem: path for path in (folder / "reports" / "words").glob("*.yaml")}
    chosen = language if language in known else FALLBACK
    if chosen not in known:
        message = f"{folder} holds no reports/words/{FALLBACK}.yaml: give the folder `templates`"
        raise MissingWords(message)
    path = known[chosen]
    return ReportWords(
        language=chosen,
        asked=language,
        zone=zone,
        product=product,
        tree=read_yaml(path.read_text(encoding="utf-8"), path.name).value,
        catalogue=read_catalogue(folder, chosen),
    )
