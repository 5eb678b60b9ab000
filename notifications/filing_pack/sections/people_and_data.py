"""Sections 3.3 to 3.5: who is concerned, which data and how many records, and what protected them before.

Numbers are as exact as the facts make them and no more; no measure is listed that nobody recorded.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from incidents.case.completeness import KEYLESS
from incidents.facts.breach import Facts
from incidents.facts.choices import Backup, Encryption, YesNoUnknown
from incidents.facts.data_set import DataSet
from incidents.facts.totals import people_of, records_of
from incidents.facts.values import Count
from notifications.filing_pack import codes
from notifications.filing_pack.answers import (
    Answers,
    answered,
    coded,
    for_a_person,
    not_yet_known,
    written,
)
from notifications.filing_pack.context import PackContext
from notifications.filing_pack.sections.course_and_nature import ASSESS

_ENCRYPTED: Final = frozenset({Encryption.STATE_OF_THE_ART, Encryption.WEAK, Encryption.DEVICE})
_HASHED: Final = frozenset({Encryption.HASHED, Encryption.HASHED_SALTED})
_RESTORED: Final = frozenset({Backup.FULL_FAST, Backup.FULL_SLOW, Backup.PARTIAL})


def answer_people(ctx: PackContext) -> Answers:
    """Answer fields 65 to 68 (Art. 33(3)(a) GDPR)."""
    number = people_of(ctx.sets) if ctx.sets else Count()
    groups = codes.translate(ctx.all_of("subjects"), codes.SUBJECTS, codes.SUBJECTS_OTHER)
    vulnerable = any(data_set.vulnerable is YesNoUnknown.YES for data_set in ctx.sets)
    # Minors (d) and patients (e) say it already.
    chosen = [*groups, *([codes.VULNERABLE] if vulnerable and not {"d", "e", codes.VULNERABLE} & {*groups} else [])]
    people = (_group(data_set, ctx) for data_set in ctx.sets if data_set.subjects)
    return {
        65: coded("facts: subjects, vulnerable", chosen, ASSESS),
        66: written("facts: data sets", "\n".join(people), ASSESS),
        **_counted(67, number, "facts: people", ctx),
    }


def answer_data(ctx: PackContext) -> Answers:
    """Answer fields 70 to 73 (Art. 33(3)(a) GDPR)."""
    number = records_of(ctx.sets) if ctx.sets else Count()
    kinds = codes.translate_kinds(ctx.all_of("kinds"))
    return {
        70: coded("facts: kinds", kinds, ASSESS),
        71: written("facts: data sets", "\n".join(_content(data_set, ctx) for data_set in ctx.sets), ASSESS),
        **_counted(72, number, "facts: records", ctx),
    }


def answer_before(ctx: PackContext) -> Answers:
    """Answer fields 75 and 76: what the facts say of protection; other measures are for a person to add."""
    measures = sorted({code for data_set in ctx.sets for code in _before(data_set)})
    hint = "the measures in place before; the record knows encryption and backups only"
    protection = [_protection(data_set, ctx) for data_set in ctx.sets]
    return {
        75: answered("facts: protection, backup; add the others", *measures) if measures else for_a_person(hint),
        76: answered("facts: protection; add the others", "\n".join(filter(None, protection)))
        if any(protection)
        else for_a_person(hint),
    }


def _counted(first: int, number: Count, source: str, ctx: PackContext) -> Answers:
    """How exact a number is, and the number; of a range its upper end, and the form is told that it is one."""
    upper = number.most if number.most is not None else number.least
    if upper is None:
        return {first: not_yet_known(ASSESS), first + 1: not_yet_known(ASSESS)}
    exact = number.least == number.most and not number.estimate
    as_known = source if exact else f"{source}: {ctx.formatter.count(number)}"
    return {first: answered(source, "a" if exact else "b"), first + 1: answered(as_known, upper)}


def _group(data_set: DataSet, ctx: PackContext) -> str:
    formatter = ctx.formatter
    who = formatter.listed(formatter.coded("subjects", code) for code in data_set.subjects)
    count = formatter.count(data_set.people)
    named = formatter.form("in_brackets", text=who, more=count) if count else who
    where = formatter.listed(
        formatter.country(code) if number is None else f"{formatter.country(code)} {formatter.number(number)}"
        for code, number in data_set.countries.items()
    )
    return f"{named}: {where}" if where else named


def _content(data_set: DataSet, ctx: PackContext) -> str:
    formatter = ctx.formatter
    kinds = formatter.listed(formatter.coded("kinds", code) for code in data_set.kinds)
    count = formatter.count(data_set.records)
    name = ctx.line(data_set.name)
    return f"{formatter.form('in_brackets', text=name, more=count) if count else name}: {kinds}"


def _before(data_set: DataSet) -> Iterable[str]:
    """Field 75, from what is known of one data set."""
    if data_set.protection.encryption in _ENCRYPTED:
        yield "c"
    if data_set.protection.encryption is Encryption.PSEUDONYMISED:
        yield "a"
    if data_set.protection.encryption in _HASHED:
        yield "l"
    if data_set.backup in _RESTORED:
        yield "b"


def _protection(data_set: DataSet, ctx: PackContext) -> str:
    """How one data set was protected, in words; nothing where nothing is known."""
    protection, formatter = data_set.protection, ctx.formatter
    is_known = protection.encryption is not Encryption.UNKNOWN
    parts = [formatter.coded("encryption", protection.encryption)] if is_known else []
    if is_known and protection.encryption not in KEYLESS:
        parts.append(formatter.coded("key", protection.key))
    parts += [ctx.line(protection.detail)] if protection.detail else []
    return f"{ctx.line(data_set.name)}: {'; '.join(parts)}" if parts else ""


def countries_of(facts: Facts | None, sets: Iterable[DataSet]) -> dict[str, int | None]:
    """Countries of the EEA where the people live, with their number where every data set there states one."""
    numbers: dict[str, int | None] = {}
    for data_set in sets if facts else ():
        for place in data_set.homes:
            number = data_set.countries[place]
            country = place.partition("-")[0]
            # Fields 117 and 122 list countries of the EEA; people elsewhere are in field 66.
            if country in codes.EEA:
                before = numbers.get(country, 0)
                # One data set without a number makes the country's sum unknown: a sum of the others would be read as
                # all of them.
                numbers[country] = None if number is None or before is None else before + number
    return dict(sorted(numbers.items()))
