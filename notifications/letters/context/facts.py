"""The facts of a breach in words: data sets, kinds, groups, numbers, protection, consequences, measures, advice.

What is not known becomes an empty text or list, and the templates say so in their language. No count is made more
exact here than the facts make it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from incidents.case.completeness import KEYLESS
from incidents.facts.breach import Facts
from incidents.facts.choices import (
    Alteration,
    Backup,
    BreachType,
    Discovery,
    Encryption,
    Exfiltration,
    Key,
    YesNoUnknown,
)
from incidents.facts.data_set import DataSet
from incidents.facts.second_person import address_in
from notifications.language.catalogue import FALLBACK
from notifications.language.formatting import Formatter
from notifications.letters.default_advice import advice_for

TemplateData = dict[str, Any]
"""Plain data for a template."""

_INTERNAL, _EXTERNAL = "internal", "external"


def describe_facts(facts: Facts | None, formatter: Formatter, product: str) -> TemplateData:
    """Put facts into words; without any facts, every word is empty."""
    sets = reported_sets(facts)
    others = facts.as_processor if facts else ()
    return {
        "account": account(facts, formatter),
        "narrative": formatter.free(narrative(facts, formatter.words.language)),
        "sets": [describe_set(data_set, formatter) for data_set in sets],
        "several": len(sets) > 1,
        "groups": (groups := _kinds_by_group(sets, formatter)),
        "several_groups": len(groups) > 1,
        "kinds": [formatter.coded("kinds", code) for code in _all(sets, lambda data_set: data_set.kinds)],
        "breach": _types(sets, formatter),
        "spread": spread(sets, formatter),
        "spread_sourced": spread(sets, formatter, outflow),
        "state_of_data": _state(sets, formatter),
        "special": any(data_set.special_categories is YesNoUnknown.YES for data_set in sets),
        "vulnerable": any(data_set.vulnerable is YesNoUnknown.YES for data_set in sets),
        "seen": formatter.listed(
            formatter.coded("consequences", code, "name")
            for code in _all(sets, lambda data_set: data_set.consequences_seen)
        ),
        "countries": formatter.listed(formatter.country(code) for code in _all(sets, lambda data_set: data_set.homes)),
        "entrusted": [describe_set(data_set, formatter) for data_set in others],
        "entrusted_protection": list(dict.fromkeys(_protection(data_set, formatter) for data_set in others)),
        "entrusted_subjects": _groups(others, formatter),
        "entrusted_spread": spread(others, formatter),
        "entrusted_breach": _types(others, formatter),
        **_describe_circumstances(facts, formatter),
        **_describe_lists(facts, sets, formatter, product),
    }


def reported_sets(facts: Facts | None) -> tuple[DataSet, ...]:
    """The data sets that a controller reports; all of them where Rabta is a processor only."""
    # As a processor alone we report no breach of our own; a text to an authority still has to show what it is about.
    return (facts.as_controller or facts.data_sets) if facts else ()


def account(facts: Facts | None, formatter: Formatter) -> list[str]:
    """What happened, in the letter's language; else in English or the summary's, with a warning."""
    if facts is None:
        return []
    language = formatter.words.language
    if language in facts.account:
        return formatter.free(facts.account[language])
    if language != FALLBACK:
        formatter.note(f"what happened is told in English: the facts have no `account.{language}`; add it")
    return formatter.free(facts.account.get(FALLBACK, facts.summary))


def narrative(facts: Facts | None, language: str) -> str:
    """What happened, for an authority: in its language where the account speaks about people and not to them.

    Words of a letter ("your orders") are none for an authority: then the summary stands, as it was recorded.
    """
    if facts is None:
        return ""
    text = facts.account.get(language)
    return text if text and address_in(text) is None else facts.summary


def describe_set(data_set: DataSet, formatter: Formatter) -> TemplateData:
    """Put one data set into words."""
    kinds = [formatter.coded("kinds", code) for code in data_set.kinds]
    return {
        "title": formatter.form("quoted", text=formatter.line(data_set.name)),
        "subjects": _groups((data_set,), formatter),
        "people": formatter.count(data_set.people),
        "records": formatter.count(data_set.records),
        "countries": formatter.listed(_country(code, number, formatter) for code, number in data_set.countries.items()),
        "kinds": kinds,
        "kinds_joined": formatter.listed(kinds),
        "protection": _protection(data_set, formatter),
    }


def _kinds_by_group(sets: Iterable[DataSet], formatter: Formatter) -> list[TemplateData]:
    """List for each group of people the kinds of their data: whoever reads finds the own group once, with all of it."""
    groups: dict[str, dict[str, None]] = {}
    for data_set in sets:
        group = _groups((data_set,), formatter) or formatter.form("quoted", text=formatter.line(data_set.name))
        groups.setdefault(group, {}).update(dict.fromkeys(formatter.coded("kinds", code) for code in data_set.kinds))
    return [{"name": group, "kinds_joined": formatter.listed(kinds)} for group, kinds in groups.items()]


def spread(
    sets: Iterable[DataSet], formatter: Formatter, say: Callable[[DataSet, Formatter], str] | None = None
) -> list[str]:
    """Say whether data left and whether anybody could reach them, once for each answer; unknown is said, too.

    *say* words whether data left; without it in the plain words of a letter.
    """
    sentences = []
    for data_set in sets:
        if data_set.published is YesNoUnknown.YES:
            sentences.append(formatter.words.phrase("spread", "published"))
        if data_set.exfiltration is not Exfiltration.NOT_APPLICABLE:
            sentences.append(
                say(data_set, formatter) if say else formatter.coded("exfiltration", data_set.exfiltration.value)
            )
    return list(dict.fromkeys(sentences))


def outflow(data_set: DataSet, formatter: Formatter) -> str:
    """Say whether data left, for an authority: that none did is said with the source that the record names."""
    known_from = formatter.line(data_set.exfiltration_known_from)
    if data_set.exfiltration is Exfiltration.NONE_PROVEN and known_from:
        return formatter.words.phrase("exfiltration", "none_proven_by", source=known_from)
    return formatter.coded("exfiltration", data_set.exfiltration.value)


def _describe_circumstances(facts: Facts | None, formatter: Formatter) -> TemplateData:
    if facts is None:
        nothing = dict.fromkeys(("nature", "cause", "cause_detail", "discovery", "systems"), "")
        return nothing | {"cross_border": "unknown", "ongoing": False}
    cause = facts.cause
    return {
        "nature": "" if cause.nature == "unknown" else formatter.coded("nature", cause.nature),
        "cause": _cause(facts, formatter),
        "cause_detail": formatter.line(cause.detail),
        "discovery": ""
        if facts.discovery is Discovery.UNKNOWN
        else formatter.coded("discovery", facts.discovery.value),
        "systems": formatter.listed(formatter.line(system) for system in facts.systems),
        "cross_border": facts.cross_border.value,
        "ongoing": facts.ongoing is YesNoUnknown.YES,
    }


def _describe_lists(facts: Facts | None, sets: tuple[DataSet, ...], formatter: Formatter, product: str) -> TemplateData:
    consequences = facts.likely_consequences if facts else ()
    order = tuple(formatter.words.section("advice"))
    kinds = _all(sets, lambda data_set: data_set.kinds)
    # A person's advice replaces ours and is not mixed with it: what they left out they left out on purpose.
    advice = (facts.advice or advice_for(kinds, order)) if facts else ()
    return {
        "consequences": [formatter.coded("consequences", code, "name") for code in consequences],
        "consequences_you": [formatter.coded("consequences", code, "you") for code in consequences],
        "measures_done": [
            formatter.coded("measures", code, "done") for code in (facts.measures_taken if facts else ())
        ],
        "measures_planned": [
            formatter.coded("measures", code, "planned") for code in (facts.measures_proposed if facts else ())
        ],
        "advice": steps("advice", sorted(advice, key=_place_in(order)), formatter, product),
        "steps": steps("merchant_steps", formatter.words.section("merchant_steps"), formatter, product),
    }


def steps(section: str, codes: Iterable[str], formatter: Formatter, product: str) -> list[TemplateData]:
    """Number things to do, each with its how-to."""
    numbered: list[TemplateData] = []
    for number, code in enumerate(codes, 1):
        how = formatter.words.coded(section, code, "how") or ""
        do = formatter.coded(section, code, "do").replace("{product}", product)
        numbered.append({"number": number, "do": do, "how": how.replace("{product}", product)})
    return numbered


def _place_in(order: tuple[str, ...]) -> Callable[[str], int]:
    """Sort by the catalogue's order of urgency; codes that it does not know come last, in their own order."""
    return lambda code: order.index(code) if code in order else len(order)


def _country(code: str, number: int | None, formatter: Formatter) -> str:
    name = formatter.country(code)
    return name if number is None else formatter.form("in_brackets", text=name, more=formatter.number(number))


def _groups(sets: Iterable[DataSet], formatter: Formatter) -> str:
    return formatter.listed(
        formatter.coded("subjects", code) for code in _all(sets, lambda data_set: data_set.subjects)
    )


def _types(sets: Iterable[DataSet], formatter: Formatter) -> str:
    """Which kinds of breach it is; that data were altered is said only where the facts say so."""
    sets = tuple(sets)
    alterations = [data_set.alteration for data_set in sets if BreachType.INTEGRITY in data_set.breach]
    altered = any(alteration not in {Alteration.UNKNOWN, Alteration.NONE} for alteration in alterations)
    # "Integrity" in a letter would be read as "your data were changed"; where nobody knows that, the words say it is
    # open.
    integrity = "integrity" if altered else "integrity_open" if Alteration.UNKNOWN in alterations else "integrity_none"
    codes = _all(sets, lambda data_set: data_set.breach)
    return formatter.listed(formatter.coded("breach", integrity if code == "integrity" else code) for code in codes)


def _protection(data_set: DataSet, formatter: Formatter) -> str:
    """How the data were protected before; the key is named only where there is one."""
    protection = data_set.protection
    if protection.encryption is Encryption.UNKNOWN:
        return formatter.line(protection.detail)
    parts = [formatter.coded("encryption", protection.encryption.value)]
    if protection.encryption not in KEYLESS:
        parts.append(formatter.coded("key", Key(protection.key).value))
    if protection.detail:
        parts.append(formatter.line(protection.detail))
    return "; ".join(parts)


def _state(sets: Iterable[DataSet], formatter: Formatter) -> list[str]:
    """What became of altered or missing data."""
    sentences = []
    for data_set in sets:
        if data_set.alteration is not Alteration.UNKNOWN:
            sentences.append(formatter.coded("alteration", data_set.alteration.value))
        if data_set.backup not in {Backup.UNKNOWN, Backup.NOT_APPLICABLE}:
            sentences.append(formatter.coded("backup", data_set.backup.value))
    return list(dict.fromkeys(sentences))


def _cause(facts: Facts, formatter: Formatter) -> str:
    """The EDPB template's field 61: internal or external, intended or not; nothing is said where it is not known."""
    actor, malicious = facts.cause.actor.value, facts.cause.malicious
    if actor == "none":
        return formatter.coded("cause", "nobody")
    # Nothing is said of a cause of which only one half is known: half an answer accuses somebody.
    side = {"insider": _INTERNAL, "external": _EXTERNAL}.get(actor)
    if side is None or malicious is YesNoUnknown.UNKNOWN:
        return ""
    return formatter.coded("cause", f"{side}_{'intent' if malicious is YesNoUnknown.YES else 'accident'}")


def _all(sets: Iterable[DataSet], read: Callable[[DataSet], Iterable[str]]) -> tuple[str, ...]:
    """Each word once, in the order of the data sets."""
    return tuple(dict.fromkeys(str(word) for data_set in sets for word in read(data_set)))
