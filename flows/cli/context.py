"""What one command works with: the app, who is asking, and when; made once for each command."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.cli import guard, output
from flows.cli.time_parsing import ParsedTime, understand

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.access.people import ActingPerson
    from incidents.case.case_file import CaseOverview
    from incidents.casework.base.context import UseCaseContext
    from incidents.casework.base.unit_of_work import Result


@dataclass(frozen=True, kw_only=True)
class CommandContext:
    """What a command works with."""

    app: App
    # One moment for the whole command: what was checked and what was written must not lie on two sides of a deadline.
    now: datetime
    as_json: bool
    known: ActingPerson | None = None
    """Who was found to ask before the command began (guard.py)."""
    understood: list[str] = field(default_factory=list)
    """How moments were understood; said aside when the command has done what it was asked."""

    @cached_property
    def actor(self) -> ActingPerson:
        """Who is asking, as proven by TOCSIN_TOKEN or by the operating system."""
        from flows.bootstrap import actor

        return self.known or actor(self.app)

    @property
    def zone(self) -> ZoneInfo:
        """The organisation's zone."""
        return self.app.organisation.time_zone

    def use_cases(self, expected_version: int | None = None) -> UseCaseContext:
        """Give what use cases work with; with a version, a change is refused unless its case is at that version."""
        # A copy for each command: the version is what one person saw of one case.
        return replace(self.app.use_cases, expected_version=expected_version)

    def time(self, given: str) -> ParsedTime:
        """Understand a moment that a person typed.

        Raises:
            TimeNotUnderstoodError: it is none, or it is two.

        """
        return understand(given, self.now, self.zone)

    def echo(self, understood: ParsedTime, *meanings: str) -> None:
        """Say aside how a moment was understood and what it means for the clock, once the change stands.

        A refusal is one line: a clock that never started has no end to speak of.
        """
        if not self.as_json:
            self.understood.append(f"understood: {output.both(understood.at, self.zone)}")
            self.understood.extend(output.wrapped(meaning, first="  ") for meaning in meanings)

    def changed(self, done: Result, **more: Any) -> None:
        """Print how times were understood, then what changed and which command comes next (output.py)."""
        self.say_understood()
        output.changed(done, as_json=self.as_json, **more)

    def say_understood(self) -> None:
        """Say aside what was understood and not said yet."""
        while self.understood:
            output.print_err(self.understood.pop(0))

    def case(self, reference: str) -> CaseOverview:
        """Read one case as screens show it."""
        from incidents.casework.base.find import find
        from incidents.queries.overview import case_overview

        with self.app.store.read() as session:
            return case_overview(session, find(session, reference), self.zone, self.now)


def begin(*, as_json: bool = False, whatever_the_organisation: bool = False, goes_on: bool = False) -> CommandContext:
    """Put the app together for one command.

    Raises:
        SettingsError, OrganisationError

    """
    from flows.bootstrap import build, build_to_go_on

    app = build_to_go_on() if goes_on else build(whatever_the_organisation=whatever_the_organisation)
    known = guard.lend(app)
    output.ZONE.set(app.organisation.time_zone)
    # What is imported by now stays until the end: let later collections pass it over.
    gc.freeze()
    gc.enable()
    return CommandContext(app=app, now=app.now(), as_json=as_json, known=known)


@contextmanager
def command_context(
    *, as_json: bool = False, whatever_the_organisation: bool = False, goes_on: bool = False
) -> Iterator[CommandContext]:
    """Put the app together, and give back what it opened; *goes_on*, as the heartbeat does (bootstrap.py)."""
    ctx = begin(as_json=as_json, whatever_the_organisation=whatever_the_organisation, goes_on=goes_on)
    try:
        yield ctx
        # Nothing is left of these where the command said them with its change; a view that only looks says them here.
        ctx.say_understood()
    finally:
        # Asked of the dictionary: `ctx.app.store` would open a database only to close it.
        if "store" in ctx.app.__dict__:
            ctx.app.store.close()
