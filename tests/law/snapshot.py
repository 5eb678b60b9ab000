"""Writes down what the law files say, a line for each figure, date, flag and required element, to be read and compared.

`make snapshots` writes tests/law/snapshot.txt anew.

Read the difference against the law before it is committed: the file is the review.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from flows.reference import regime_files
from incidents.law.model import Cap, ContentElement, Duty, Regime, Variant
from incidents.law.periods import Period
from incidents.law.reminder_ladder import ReminderSchedule

SNAPSHOT = Path(__file__).with_name("snapshot.txt")
COMMAND = "make snapshots"
HEADER = f"""\
What the law files of config/regimes say: law or law/duty, what it is, its value, and in brackets the article.
What a law does not say (no figure, no flag, no end) has no line. Written by `{COMMAND}`; review each changed line.
"""
FIGURES = {"period", "cap", "variants", "threshold_min", "threshold_max"}
"""What a person would look up in the article: the article stands beside it."""
WRITTEN_APART = {"id", "duties", "content"}


def lines() -> list[str]:
    """Every line of the snapshot."""
    return [line for regime in regime_files.read_all() for line in of_law(regime)]


def of_law(regime: Regime) -> Iterator[str]:
    """What one law says, then each of its duties."""
    yield from of_fields(regime, regime.id, "")
    for duty in regime.duties:
        yield from of_duty(regime, duty)


def of_duty(regime: Regime, duty: Duty) -> Iterator[str]:
    """What one duty says, then each element of its content."""
    name = f"{regime.id}/{duty.id}"
    for line in of_fields(duty, name, duty.citation.article):
        # Most duties are cited at the address of their law, which has its line there.
        if line != f"{name}: citation: url = {regime.url}":
            yield line
    for element in duty.content:
        yield f"{name}: content {element.id} = {said(element)}"


def of_fields(value: Any, name: str, article: str) -> Iterator[str]:
    """One line for each field that says something; of a list, one for each of its members."""
    for field in fields(value):
        found = getattr(value, field.name)
        if field.name in WRITTEN_APART or found in (None, False, ""):
            continue
        cited = f" [{article}]" if field.name in FIGURES else ""
        if field.name in {"citation", "applies"}:
            yield from of_fields(found, f"{name}: {field.name}", "")
        else:
            for member in members(found):
                yield f"{name}: {field.name} = {said(member)}{cited}"


def members(found: Any) -> tuple[Any, ...]:
    """What gets a line of its own: each sentence and each value, but words such as kinds of entity share one."""
    if not isinstance(found, tuple):
        return (found,)
    is_words = found and all(isinstance(member, str) and " " not in member for member in found)
    return (", ".join(found),) if is_words else found


def said(value: Any) -> str:
    """A value in words."""
    match value:
        case bool():
            text = "yes"
        case StrEnum():
            text = value.value
        case date():
            text = value.isoformat()
        case ContentElement():
            flags = f"{'may follow' if value.may_follow else 'at once'}{', only if late' if value.only_if_late else ''}"
            text = f"{value.article}: {value.asks} ({flags})"
        case Cap():
            text = f"{value.period} from {value.start.value}, {value.citation}"
        case Variant():
            text = f"{value.period} for {value.entity}"
        case ReminderSchedule():
            before, after = hours(*value.before), hours(*value.after)
            text = f"soon {hours(value.warn_before)}; before {before}; after {after}; then {hours(value.then_every)}"
        case str() | int() | Period():
            text = str(value)
        case _:
            message = f"say how a {type(value).__name__} is written down"
            raise TypeError(message)
    return text


def hours(*steps: timedelta) -> str:
    return ", ".join(f"{step / timedelta(hours=1):g}" for step in steps) + " h"


def read() -> list[str]:
    """The lines as they were reviewed."""
    text = SNAPSHOT.read_text(encoding="utf-8")
    return [line for line in text.removeprefix(HEADER).splitlines() if line]


def write() -> None:
    """Write the snapshot anew."""
    laws = ("".join(f"{line}\n" for line in of_law(regime)) for regime in regime_files.read_all())
    SNAPSHOT.write_text("\n".join([HEADER, *laws]), encoding="utf-8")


if __name__ == "__main__":
    write()
