"""Commands about the law itself: regimes list, show and check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from flows.error_codes import Exit

if TYPE_CHECKING:
    from datetime import date

    from flows.reference.regime_files import FileCheck
    from incidents.law.ladder_choice import LadderSource
    from incidents.law.model import Duty, Regime

app = options.commands()
_regimes = options.group("regimes", "List the laws there are, show one with its citations, or check their files.")
app.add_typer(_regimes)


_ARISE: Final = (
    "Obligations arise from those that are `on`, where they reach us: by where we are established, where the affected "
    "people live, and what we are. Every law can be read (`tocsin regimes show ID`) and computed (`tocsin clock due "
    "--regime ID --duty ID`)."
)
_LEGEND: Final = (
    "`on`: listed under `regimes` in the organisation's file. A date: that of the material we read. `unverified`: "
    "points of our reading must still be compared with the law. Nothing here is legal advice."
)


@_regimes.command(name="list")
def list_(as_json: options.AsJson = False) -> None:
    """List every law there is a file of: on or off for us, status, certainty, verified or not."""
    with command_context(as_json=as_json) as ctx:
        regimes = [_summary(regime, ctx) for regime in ctx.app.all_regimes]
        if as_json:
            output.answer({"obligations_arise_from": list(ctx.app.organisation.regimes), "regimes": regimes})
            return
        for line in _table(regimes):
            output.print_out(line)
        output.print_out()
        output.print_out(output.wrapped(_ARISE))
        output.print_out(output.wrapped(_LEGEND))


def _summary(regime: Regime, ctx: CommandContext) -> dict[str, Any]:
    return {
        "id": regime.id,
        "name": regime.name,
        "jurisdiction": regime.jurisdiction,
        "switched_on": regime.id in ctx.app.organisation.regimes,
        "status": regime.status.value,
        "in_force": regime.applies_on(ctx.now.date()),
        "valid_from": _day(regime.valid_from),
        "valid_to": _day(regime.valid_to),
        "certainty": regime.certainty,
        "unverified": regime.unverified,
        "verified_on": _day(regime.verified_on),
        "url": regime.url,
        "duties": [duty.id for duty in regime.duties],
    }


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _table(regimes: list[dict[str, Any]]) -> Iterator[str]:
    widest = max(len(entry["id"]) for entry in regimes)
    for entry in regimes:
        mark = "unverified" if entry["unverified"] else entry["verified_on"]
        since = f"from {entry['valid_from']}" if entry["valid_from"] else ""
        yield (
            f"{'on ' if entry['switched_on'] else '   '} {entry['id']:{widest}}  {entry['status']:18} {since:15} "
            f"{entry['certainty']:6} {mark:10}  {entry['jurisdiction']}"
        )


@_regimes.command()
def show(
    regime: Annotated[str, typer.Argument(metavar="ID", help="Such as eu-gdpr.")], as_json: options.AsJson = False
) -> None:
    """Show one law: its duties with their citations, how they count, whom it reaches, and how sure we are."""
    with command_context(as_json=as_json) as ctx:
        law = ctx.app.law(regime)
        if as_json:
            output.answer(_whole(law, ctx))
            return
        for line in _page(law, ctx):
            output.print_out(line)


def _whole(regime: Regime, ctx: CommandContext) -> dict[str, Any]:
    reach = regime.applies
    return _summary(regime, ctx) | {
        "obligations_arise": regime.id in ctx.app.organisation.regimes,
        "authority": regime.authority,
        "verify": list(regime.verify),
        "url_of": regime.url_of.value,
        "place": regime.place,
        "zone": regime.zone,
        "entities": list(regime.entities),
        "applies": {"established": reach.established, "residents": reach.residents, "sectors": reach.sectors},
        "notes": list(regime.notes),
        "duties": [_duty(duty) for duty in regime.duties],
    }


def _duty(duty: Duty) -> dict[str, Any]:
    from incidents.deadlines.computation import needed
    from incidents.law.reminder_ladder import in_words

    return {
        "id": duty.id,
        "title": duty.title,
        "who": duty.who.value,
        "to": duty.to.value,
        "start": duty.start.value,
        "start_detail": duty.start_detail,
        "events_needed": [start.value for start in needed(duty)],
        "threshold": duty.threshold.value,
        "threshold_min": duty.threshold_min,
        "threshold_max": duty.threshold_max,
        "trigger": duty.trigger,
        "valid_from": duty.valid_from.isoformat() if duty.valid_from else None,
        "breach_types": [breach_type.value for breach_type in duty.breach_types],
        "period": {"kind": duty.period.kind.value, "value": duty.period.value},
        "cap": {"start": duty.cap.start.value, "hours": duty.cap.period.value} if duty.cap else None,
        "variants": {variant.entity: str(variant.period) for variant in duty.variants},
        "never_moved_for": list(duty.never_moved_for),
        "counting": duty.counting.value,
        "soft": duty.soft,
        "reminders": {
            "source": duty.ladder_source.value,
            "warn_before": in_words(duty.ladder.warn_before),
            "before": [in_words(step) for step in duty.ladder.before],
            "after": [in_words(step) for step in duty.ladder.after],
            "then_every": in_words(duty.ladder.then_every),
        },
        "late_needs_reasons": duty.late_needs_reasons,
        "citation": {"article": duty.citation.article, "text": duty.citation.text, "url": duty.citation.url},
        "notes": list(duty.notes),
    }


def _page(regime: Regime, ctx: CommandContext) -> Iterator[str]:
    on = "on" if regime.id in ctx.app.organisation.regimes else "off"
    until = f" to {regime.valid_to}" if regime.valid_to else ""
    yield f"{regime.id}: {regime.name}"
    yield f"  status:      {regime.status.value}{f' from {regime.valid_from}' if regime.valid_from else ''}{until}"
    yield f"  for us:      {on}"
    yield f"  certainty:   {regime.certainty}"
    if regime.unverified:
        yield output.wrapped(f"UNVERIFIED; to compare: {'; '.join(regime.verify)}", first="  verified:    ")
    else:
        yield f"  verified:    {regime.verified_on} (date of the material)"
    if regime.authority:
        yield output.wrapped(regime.authority, first="  authority:   ")
    yield f"  {regime.url_of.value + ':':12} {regime.url}"
    yield output.wrapped(_reach(regime), first="  applies to:  ")
    if regime.entities:
        yield output.wrapped(", ".join(regime.entities), first="  entities:    ")
    for note in regime.notes:
        yield output.wrapped(note, first="  note:        ")
    for duty in regime.duties:
        yield ""
        yield from _clock(duty)


def _reach(regime: Regime) -> str:
    reach = regime.applies
    places = [f"established in {', '.join(reach.established)}"] if reach.established else []
    places += [f"affected people in {', '.join(reach.residents)}"] if reach.residents else []
    where = " or ".join(places) or "everywhere"
    return f"{where}; sectors: {', '.join(reach.sectors)}" if reach.sectors else where


def _clock(duty: Duty) -> Iterator[str]:
    """One duty as a block of lines."""
    from incidents.law.model import AFTER

    figure = "no figure" if duty.period.value is None else f"{duty.period} {AFTER[duty.start]} ({duty.counting.value})"
    cap = f", at most {duty.cap.period} {AFTER[duty.cap.start]}" if duty.cap else ""
    yield f"  {duty.id}: {duty.title} ({duty.who.value} to {duty.to.value})"
    yield output.wrapped(f"{figure}{cap}{f'; {duty.soft}' if duty.soft else ''}", first="    period:    ")
    for variant in duty.variants:
        yield f"    {variant.entity}: {variant.period}"
    if duty.never_moved_for:
        yield output.wrapped(f"not for {', '.join(duty.never_moved_for)}", first="    roll-over: ")
    yield output.wrapped(
        f"{duty.start.value}{f' ({duty.start_detail})' if duty.start_detail else ''}", first="    event:     "
    )
    yield output.wrapped(duty.trigger or duty.threshold.value, first="    trigger:   ")
    yield output.wrapped(_reminders(duty), first="    reminders: ")
    if duty.valid_from:
        yield f"    from:      {duty.valid_from}"
    if duty.breach_types:
        yield f"    breach of: {', '.join(breach_type.value for breach_type in duty.breach_types)} only"
    yield output.wrapped(f"{duty.citation.article}: {duty.citation.text}", first="    law:       ")
    for note in duty.notes:
        yield output.wrapped(note, first="    note:      ")


def _reminders(duty: Duty) -> str:
    """The steps of the ladder, and where it stands."""
    from incidents.law.reminder_ladder import in_words

    ladder = duty.ladder
    before = f"{', '.join(in_words(step) for step in ladder.before)} before, " if ladder.before else ""
    after = f"{', '.join(in_words(step) for step in ladder.after)} after, " if ladder.after else ""
    return f"{before}when due, {after}then every {in_words(ladder.then_every)} ({_where(duty.ladder_source)})"


def _where(source: LadderSource) -> str:
    return {"organisation": "organisation.yaml", "law_file": "this law file"}.get(source, "config/reminders.yaml")


@_regimes.command()
def check(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Files to check; else all there are.")
    ] = None,
    as_json: options.AsJson = False,
) -> Exit:
    """Check law files: schema with line, name, dates, time zone and calendar. Exit code 1 where something is wrong."""
    from config.organisation import find_organisation_or_example
    from config.settings import read_settings, regime_files
    from flows.reference import regime_files as reference_regime_files
    from flows.reference.reminder_ladders import ladders_of

    # No app is put together: it would read the very files that are to be checked, and fail at the first that is wrong.
    settings = read_settings()
    paths = files or list(regime_files(settings.home).values())
    # Or the example: a broken organisation file is the doctor's to report, and the laws can be checked all the same.
    ladders = ladders_of(find_organisation_or_example(settings).organisation.reminders)
    checked = [reference_regime_files.check(path, ladders) for path in paths]
    problems = [problem for file_check in checked for problem in file_check.problems]
    if as_json:
        output.answer({"ok": not problems, "files": [_checked(file_check) for file_check in checked]})
    else:
        for problem in problems:
            output.print_out(problem)
        unverified = sum(file_check.regime.unverified for file_check in checked if file_check.regime)
        output.print_out(f"{len(checked)} files checked, {len(problems)} problems; {unverified} laws are unverified.")
        output.print_out(output.wrapped(_sources(checked), first="Reminders: "))
    return Exit.FAILED if problems else Exit.OK


def _sources(checked: list[FileCheck]) -> str:
    """How many duties have their ladder from where, and which laws write one of their own."""
    sources = Counter(
        duty.ladder_source.value for file_check in checked if file_check.regime for duty in file_check.regime.duties
    )
    own = [
        file_check.regime.id
        for file_check in checked
        if file_check.regime and "law_file" in _ladder_sources(file_check.regime)
    ]
    named = f" ({', '.join(own)})" if own else ""
    return (
        f"{sources['default']} duties by config/reminders.yaml, {sources['organisation']} by organisation.yaml, "
        f"{sources['law_file']} by their law file{named}."
    )


def _ladder_sources(regime: Regime) -> list[str]:
    return sorted({duty.ladder_source.value for duty in regime.duties})


def _checked(file_check: FileCheck) -> dict[str, Any]:
    return {
        "file": file_check.path.name,
        "id": file_check.regime.id if file_check.regime else None,
        "unverified": file_check.regime.unverified if file_check.regime else None,
        "reminders_from": _ladder_sources(file_check.regime) if file_check.regime else None,
        "problems": list(file_check.problems),
    }
