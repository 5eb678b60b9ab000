"""Formats codes, numbers, times, countries and lists for one language and one time zone.

It notes each code that it could only show as it is, and each thing it left out, so that a person is warned.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from babel.dates import format_datetime, format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from incidents.facts.choices import YesNoUnknown
from incidents.facts.values import Count
from notifications.language.catalogue import Catalogue, readable
from notifications.redaction import remove_addresses

_LOCALES = {"en": "en_GB"}
"""Languages whose usual locale is not their own name: English dates are written the European way."""

# Controls, zero-width marks and marks of writing direction: with them a text could show in another order than it is
# sent. White space is not among them, it becomes a blank later: if it were deleted, ``ann@`` and ``example.org`` with a
# line separator between them would grow together to an address after addresses were taken out.
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
# ``Art. 24(1) FADP``; an article without paragraph, or with more than one, is cited as the law's file has it.
_ARTICLE = re.compile(r"Art\. (?P<number>\d+)\((?P<paragraph>\d+)\) (?P<law>[A-Z][A-Za-z ]*)")
# A blank that stands there already becomes a no-break one; none is put in, or every ``https://`` would get one.
_FRENCH_BEFORE = re.compile(r"(?<=\S) (?=[:;?!»%])")
_FRENCH_AFTER = re.compile(r"« ")


def locale_of(language: str) -> Locale:
    """Find the locale for a language; English (Europe) for one that Babel does not know."""
    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(_LOCALES["en"])


def city(moment: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """Name a zone by its city, as people say it: ``Berlin``."""
    return format_datetime(moment, "VVV", tzinfo=zone, locale=locale)


def _of_city(name: str) -> str:
    """Join a city to a French noun: ``de Paris``, ``d'Athènes``, ``du Caire``."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    # No H: before a French city's name it may be mute (d'Helsinki) or not (de Hambourg), and "de" is never misread.
    return f"d'{name}" if name[:1] in "AÂEÉÈIÎOÔU" else f"de {name}"


def utc_beside(moment: datetime, zone: ZoneInfo, locale: Locale) -> str:
    """Give the UTC time beside a local one, with its day where that is another: ``24 Nov 23:47``."""
    plain = moment.astimezone(UTC)
    clock = plain.strftime("%H:%M")
    if plain.date() == moment.astimezone(zone).date():
        return clock
    return f"{format_skeleton('MMMd', plain, tzinfo=UTC, locale=locale)} {clock}"


def alert_moment(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """Write a time for an alert: local with its city, and UTC: ``Wed 25 Nov, 02:47 Berlin (01:47 UTC)``."""
    locale = locale_of(language)
    day = format_skeleton("MMMEd", moment.astimezone(zone), tzinfo=zone, locale=locale)
    clock = moment.astimezone(zone).strftime("%H:%M")
    return f"{day}, {clock} {city(moment, zone, locale)} ({utc_beside(moment, zone, locale)} UTC)"


def hours_and_minutes(span: timedelta) -> str:
    """Write a length of time in hours and minutes, rounded down: ``23 h 58 min``; these signs hold in all languages.

    From a week on in days and hours: ``33 d 0 h``.
    """
    # Rounded down for time that is left: an alert may say that there is less time than there is, never more.
    minutes = int(abs(span) / timedelta(minutes=1))
    if abs(span) >= timedelta(days=7):
        return f"{minutes // 1440} d {minutes // 60 % 24} h"
    return f"{minutes // 60} h {minutes % 60:02d} min"


def spaced(text: str, language: str) -> str:
    """Set the no-break spaces that French wants before ``: ; ? !`` and inside guillemets; other languages stay."""
    if language != "fr":
        return text
    return _FRENCH_AFTER.sub("«\u00a0", _FRENCH_BEFORE.sub("\u00a0", text))


def paragraphs(free: str) -> list[str]:
    """Split a free text into one-line paragraphs; control characters go, so it cannot pose as a heading or a list."""
    blocks = re.split(r"\n\s*\n", _CONTROLS.sub("", free.replace("\r\n", "\n")))
    # Only at the beginning of a paragraph, where layout.py would take the mark for a list or a heading of the letter.
    lines = (re.sub(r"^(?:[-*•#>]+|\d+[.)])\s+", "", " ".join(block.split())) for block in blocks)
    return [line for line in lines if line]


class Formatter:
    """Formats what one letter shows. `notes` collects what a person must be warned of."""

    def __init__(self, words: Catalogue, zone: ZoneInfo) -> None:
        """Take the words of a language, and the zone in which times are written."""
        self.words = words
        self.zone = zone
        self.locale = locale_of(words.language)
        self.notes: list[str] = []

    def note(self, warning: str) -> None:
        """Remember a warning, once."""
        if warning not in self.notes:
            self.notes.append(warning)

    def coded(self, section: str, code: str, part: str | None = None) -> str:
        """Say a code in words; one that the catalogue does not know is shown as it is, with a warning."""
        text = self.words.coded(section, code, part)
        if text is not None:
            return text
        self.note(f"`{code}` ({section}) has no words in `{self.words.language}`; it is shown as it is")
        shown = readable(code)
        return f"{shown[:1].upper()}{shown[1:]}." if part in {"you", "do", "done", "planned"} else shown

    def form(self, name: str, **places: str) -> str:
        """Fill one of the catalogue's forms."""
        return self.words.phrase("forms", name, **places)

    def free(self, text: str) -> list[str]:
        """Take in words that a person wrote: in paragraphs, and without any address."""
        clean = remove_addresses(text)
        if clean != text:
            self.note("an e-mail address was taken out of a free text: letters carry no addresses of people")
        return paragraphs(clean)

    def line(self, text: str | None) -> str:
        """Take in words that a person wrote as one line; nothing becomes an empty one."""
        return " ".join(self.free(text)) if text else ""

    def number(self, value: int) -> str:
        """Write a whole number with the language's grouping."""
        return format_decimal(value, locale=self.locale)

    def score(self, value: object) -> str:
        """Write a score with the language's decimal sign."""
        return format_decimal(Decimal(str(value)), locale=self.locale)

    def count(self, count: Count) -> str:
        """Write a number of people or records as exactly as it is known; an empty text where it is not."""
        least, most = count.least, count.most
        if least is None:
            return "" if most is None else self.form("at_most", n=self.number(most))
        if most is None:
            return self.form("at_least", n=self.number(least))
        if least != most:
            return self.form("between", least=self.number(least), most=self.number(most))
        return self.form("about", n=self.number(least)) if count.estimate else self.number(least)

    def listed(self, items: Iterable[str]) -> str:
        """Join words as the language does: ``a, b and c``; one with its own "and" is kept apart by ``as well as``."""
        words = list(items)
        # Babel has no name for the word itself; a list of two empty texts leaves nothing but it.
        between = format_list(["", ""], locale=self.locale).strip()
        if len(words) > 1 and any(f" {between} " in word for word in words):
            return self.form("and_also", first=", ".join(words[:-1]), last=words[-1])
        return format_list(words, locale=self.locale)

    def cited(self, article: str) -> str:
        """Cite an article as the language does: ``Art. 24(1) FADP`` is ``Art. 24 Abs. 1 DSG`` in German."""
        match = _ARTICLE.fullmatch(article)
        if match is None:
            return article
        law = self.words.coded("laws", match["law"]) or match["law"]
        return self.form("article", number=match["number"], paragraph=match["paragraph"], law=law)

    def country(self, code: str) -> str:
        """Name a country; a part of one (``US-CA``) by its country and its name, or its code where it has none."""
        # ISO 3166-2: ``US-CA`` is a part of ``US``. Babel names countries only, so parts have their words in the
        # catalogue.
        country, _, part = code.partition("-")
        name = self.locale.territories.get(country)
        if name is None:
            self.note(f"`{code}` is no country that has a name in `{self.words.language}`; it is shown as it is")
        named = self.words.coded("places", code) or part
        return self.form("in_brackets", text=name, more=named) if name and part else name or code

    def day(self, at: datetime | None) -> str:
        """Write the day of a time, in the zone."""
        return format_datetime(at, self.form("date"), tzinfo=self.zone, locale=self.locale) if at else ""

    def moment(self, at: datetime | None) -> str:
        """Write a time with its place; an empty text where there is none."""
        return self._placed("moment", at)

    def exact(self, at: datetime | None) -> str:
        """Write a time with its place and in UTC; an empty text where there is none."""
        return self._placed("moment_exact", at)

    def period(
        self,
        start: datetime | None,
        end: datetime | None,
        ongoing: YesNoUnknown,
        write: Callable[[datetime | None], str],
    ) -> str:
        """Write when something took place, each time as *write* does; an empty text where no beginning is known."""
        if start is None:
            return ""
        # Compared as they are written: two moments of one day are one day in a letter to people.
        begun, ended = write(start), write(end)
        if ended:
            return begun if ended == begun else self.form("from_to", start=begun, end=ended)
        return self.form("since" if ongoing is YesNoUnknown.YES else "started", start=begun)

    def _placed(self, form: str, at: datetime | None) -> str:
        if at is None:
            return ""
        place = city(at, self.zone, self.locale)
        return self.form(
            form,
            of_city=_of_city(place),
            date=self.day(at),
            time=format_datetime(at, self.form("time"), tzinfo=self.zone, locale=self.locale),
            city=place,
            utc=utc_beside(at, self.zone, self.locale),
        )
