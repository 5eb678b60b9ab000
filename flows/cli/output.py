"""How a command speaks: answers on standard output, everything said aside on standard error.

Colour never says anything that words do not say too.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import shutil
import sys
import textwrap
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import typer

from incidents.kernel.errors import FailedError
from incidents.kernel.hidden_signs import escaped_in_json, shown
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.casework.base.unit_of_work import Result

ZONE: ContextVar[ZoneInfo | None] = ContextVar("zone", default=None)
"""The organisation's zone once it is known: also a failure's line shows local times then."""

_OURS = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{6})?\+00:00"
"""A moment as the record writes it into a sentence."""
_QUOTED = r"""(?<!\w)'[^']*'(?!\w)|"[^"]*"|`[^`]*`"""
"""What somebody typed, an example to type, a command: its very letters count."""
# "due 2026-11-20T02:12:00+00:00" is rewritten, "'2026-11-20T02:12:00+00:00' is not a time" is not.
_MOMENT = re.compile(rf"{_QUOTED}|(?P<moment>{_OURS})(?![\d:])")
_HOUR, _MINUTE = timedelta(hours=1), timedelta(minutes=1)
# From here on in days: 72 hours are a legal term and must stay readable as such.
_MANY_HOURS = 100
_WIDEST = 100
_ESCAPE = f"\ufdd0{secrets.token_hex(8)}\ufdd1"
"""Stands for ESC in a colour of ours until it is printed; drawn anew in each process, so that no text can hold it."""
_COMMAND = re.compile(r"`[^`]*`")
_UNBROKEN = "\x1f"
"""Stands for the blanks of a command while a line is broken: a command can be copied whole."""


def print_out(text: str = "") -> None:
    """Say an answer."""
    # `echo` and not `print`: it strips colours where standard output is no terminal.
    typer.echo(printable(text))


def print_exactly(text: str) -> None:
    """Give a text that is to be kept or given back, with no line end of our own."""
    typer.echo(printable(text), nl=False)


def print_err(text: str) -> None:
    """Say something beside the answer: a notice, a warning, a failure."""
    typer.echo(printable(text), err=True)


def printable(text: str) -> str:
    """Show what would steer a terminal or not be seen on it as U+FFFD: a case's words may come from an alert.

    Line breaks, tabs and our own colours stay; a colour that a text brings is none of ours, it may hide a line.
    """
    return shown(text).replace(_ESCAPE, "\x1b")


def notice(text: str) -> None:
    """Say aside what a person should heed."""
    print_err(wrapped(text, first="! "))


def answer(value: Any) -> None:
    """Give the answer as JSON."""
    print_out(as_json(value, indent=2))


def as_json(value: Any, *, indent: int | None = None) -> str:
    """Write a value as JSON in which nothing steers a terminal and nothing is lost."""
    return escaped_in_json(json.dumps(value, ensure_ascii=False, indent=indent, default=_plain))


class AnswerNotWrittenError(FailedError):
    """The change is recorded, and only its answer could not be written."""


def changed(done: Result, *, as_json: bool, **more: Any) -> None:
    """Say what a change did and which command comes next; warnings go aside.

    Raises:
        AnswerNotWrittenError: a full disk under standard output: whoever repeats the command would do it twice.

    """
    try:
        _say_changed(done, as_json=as_json, **more)
        sys.stdout.flush()
    # A reader that went away wanted no more of the answer: `run` takes that for success.
    except BrokenPipeError:
        raise
    except OSError as error:
        why = f"only the answer was not written ({error.strerror})"
        message = f"{done.reference}: this is recorded, do not repeat it; {why}"
        raise AnswerNotWrittenError(message) from error


def _say_changed(done: Result, *, as_json: bool, **more: Any) -> None:
    if as_json:
        answer(
            {
                "ref": done.reference,
                "version": done.version,
                "changed": list(done.changed),
                "next": done.next_command,
                "warnings": list(done.warnings),
                **more,
            }
        )
        return
    head, *rest = done.changed or ("nothing changed",)
    print_out(f"✔ {_with_reference(done.reference, with_readable_times(head))}")
    for line in rest:
        print_out(wrapped(with_readable_times(line), first="  "))
    for warning in done.warnings:
        notice(with_readable_times(warning))
    if done.next_command:
        print_out(f"Next: {done.next_command}")


def _with_reference(reference: str, line: str) -> str:
    return line if reference in line else f"{reference}: {line}"


def local(at: datetime, zone: ZoneInfo) -> str:
    """Write a moment in local time: ``Wed 2026-11-18 03:13 CET``; seconds only where there are any."""
    there = at.astimezone(zone)
    return f"{there:%a %Y-%m-%d} {_clock(there)} {there.tzname()}"


def both(at: datetime, zone: ZoneInfo) -> str:
    """Write a moment in local time and in UTC: ``Wed 2026-11-18 03:13 CET = 02:13 UTC``."""
    there, utc_time = at.astimezone(zone), at.astimezone(UTC)
    if there.tzname() == "UTC":
        return local(at, zone)
    day = "" if there.date() == utc_time.date() else f"{utc_time:%Y-%m-%d} "
    return f"{local(at, zone)} = {day}{_clock(utc_time)} UTC"


def _clock(at: datetime) -> str:
    return f"{at:%H:%M:%S}" if at.second else f"{at:%H:%M}"


def with_readable_times(text: str) -> str:
    """Write the moments in a sentence as people read them, in local time and UTC; what stands in quotes stays."""
    # None before the organisation's file is read: then moments stay as the record has them.
    zone = ZONE.get()
    if zone is None:
        return text
    return _MOMENT.sub(lambda found: _readable(found["moment"], zone) if found["moment"] else found[0], text)


def _readable(written: str, zone: ZoneInfo) -> str:
    """Write a moment of ours as people read it; letters that only look like one stay as they are."""
    try:
        # A millionth of a second is part of the record and no help to a reader.
        return both(datetime.fromisoformat(written).replace(microsecond=0), zone)
    except (ValueError, OverflowError):
        return written


def duration(length: timedelta) -> str:
    """Write a length of time to the minute, never more than there is: ``11 h 04 min``, ``6 d 23 h``, ``40 s``."""
    # Rounded down: who has 59 seconds left must not read that it is a minute.
    seconds = int(length.total_seconds())
    if seconds < _MINUTE.total_seconds():
        return f"{seconds} s"
    hours, minutes = divmod(seconds // 60, 60)
    if hours >= _MANY_HOURS:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def many(count: int, what: str) -> str:
    """Write a number of things: ``1 letter``, ``3 letters``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def time_left(due: datetime, now: datetime) -> str:
    """Say how long is left, or how long it is past."""
    # At the due time itself nothing is late yet, as in the state machine.
    return f"{duration(due - now)} left" if now <= due else f"{duration(now - due)} past due"


def wrapped(text: str, *, first: str = "", rest: str | None = None) -> str:
    """Break prose at the terminal's width, 80 columns where there is none; words and commands in backticks stay whole.

    *first* begins the first line, *rest* every further one (as many blanks as *first* is long, unless said).
    """
    filled = textwrap.fill(
        _COMMAND.sub(lambda found: found[0].replace(" ", _UNBROKEN), text),
        # At least forty: a terminal that claims fewer would break every word.
        width=max(40, min(shutil.get_terminal_size().columns, _WIDEST)),
        initial_indent=first,
        subsequent_indent=" " * len(first) if rest is None else rest,
        # A hash or a path that is broken cannot be copied.
        break_long_words=False,
        break_on_hyphens=False,
    )
    return filled.replace(_UNBROKEN, " ")


def coloured(text: str, colour: str | None, *, bold: bool = False) -> str:
    """Colour a text for a terminal, unless NO_COLOR is set; elsewhere the colour is stripped."""
    if os.environ.get("NO_COLOR") or (colour is None and not bold):
        return text
    return typer.style(shown(text), fg=colour, bold=bold).replace("\x1b", _ESCAPE)


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)
