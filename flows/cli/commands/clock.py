"""Commands on single clocks: explain, reevaluate, and due, which needs no case and no database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from flows.cli import options, output
from flows.cli.context import command_context
from flows.cli.views import due_date, due_date_query
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flows.cli.context import CommandContext
    from incidents.case.case_file import ObligationFile
    from incidents.casework.deadlines.explain import ClockExplanation

app = options.commands()
_clock = options.group("clock", "Explain a clock, or compute a due time without any case.")
app.add_typer(_clock)


@_clock.command()
def explain(
    reference: options.Reference,
    obligation: Annotated[
        str | None, typer.Argument(metavar="[OBLIGATION]", help="Only this one; its duty is enough.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Explain the clocks of a case: event, rule, law, arithmetic, and what happened so far."""
    with command_context(as_json=as_json) as ctx:
        rows, counted = _clocks(ctx, reference)
        if obligation is not None:
            rows = _only(rows, obligation, reference)
        if as_json:
            output.answer([_explained(row, counted.get(row.key), ctx.zone) for row in rows])
            return
        blocks = (_block(row, counted.get(row.key), ctx.zone) for row in rows)
        output.print_out("\n\n".join(blocks) or "No clock runs in this case.")


def _clocks(ctx: CommandContext, reference: str) -> tuple[tuple[ObligationFile, ...], Mapping[str, ClockExplanation]]:
    """Read every clock of the case with its history, and count each once more, for its arithmetic."""
    from incidents.casework.base.find import find, number
    from incidents.casework.deadlines.explain import explained
    from incidents.queries.rows.obligations import obligation_files

    with ctx.app.store.read() as session:
        incident = find(session, reference)
        rows = obligation_files(session, number(incident.id), ctx.zone, ctx.now)
        return rows, explained(session, ctx.app.use_cases, incident)


def _only(rows: tuple[ObligationFile, ...], obligation: str, reference: str) -> tuple[ObligationFile, ...]:
    from incidents.kernel.errors import NotFoundError

    found = tuple(
        row for row in rows if obligation in (row.key, row.terms.duty, f"{row.terms.regime}/{row.terms.duty}")
    )
    if not found:
        keys = ", ".join(row.key for row in rows) or "none"
        message = f"{reference} has no obligation {obligation!r}; there are: {keys}"
        raise NotFoundError(message)
    return found


def _arithmetic(row: ObligationFile, explanation: ClockExplanation | None, zone: ZoneInfo) -> tuple[str, ...]:
    """Explain a stored clock; one that is only provisional says that no law counts from its event."""
    from incidents.deadlines.explanation import explain as arithmetic

    # A clock that is not explained (its event is not on record any more) still says what its law counts from.
    event, set_by = (explanation.event if explanation else row.terms.start).value.replace("_", " "), ""
    assumed = (str(explanation.assumption),) if explanation and explanation.assumption else ()
    if row.provisional:
        event, set_by, assumed = "detected (as a worst case: the legal clock starts with awareness)", "provisional", ()
    counted = explanation.counted if explanation else None
    return arithmetic(
        row.terms, row.started_at, zone, due=row.due_at, event=event, set_by=set_by, assumed=assumed,
        counted=counted.lines if counted else (), latest=counted.latest if counted else None,
        # The zone in which the days of its law end, kept when it was created; times are shown in ours.
        days_in=ZoneInfo(row.terms.zone) if row.terms.zone else None,
    )  # fmt: skip


def _explained(row: ObligationFile, explanation: ClockExplanation | None, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "obligation": row.key,
        "regime": row.terms.regime,
        "duty": row.terms.duty,
        "status": row.status.value,
        "provisional": row.provisional,
        "started_at": rfc3339(row.started_at),
        "due_at": rfc3339(row.due_at),
        "due_local": row.due_at.astimezone(zone).isoformat(),
        "latest_reg_1182_71": rfc3339(row.latest_reg_1182_71 or (explanation.counted.latest if explanation else None)),
        "rule": row.terms.rule,
        "citation": due_date.citation(row.terms),
        "due_kind": row.terms.due_kind.value,
        "unverified": row.terms.unverified,
        "zone": zone.key,
        "event": explanation.event.value if explanation else None,
        "assumed": str(explanation.assumption) if explanation and explanation.assumption else None,
        "arithmetic": list(_arithmetic(row, explanation, zone)),
        "moves": [
            {"from": move.from_standing, "to": move.to_standing, "cause": move.cause, "due_at": rfc3339(move.due_at),
             "noticed_at": rfc3339(move.noticed_at)}
            for move in row.moves
        ],
        "reminders": [
            {"key": alert.rung, "at": rfc3339(alert.due_at), "noticed_at": rfc3339(alert.noticed_at),
             "told_by": alert.told_by, "acknowledged_by": alert.acknowledged_by}
            for alert in row.alerts
        ],
        "next_reminder": due_date.next_reminder(row.next_reminder) if row.next_reminder else None,
    }  # fmt: skip


def _block(row: ObligationFile, explanation: ClockExplanation | None, zone: ZoneInfo) -> str:
    from config.settings import templates_folder
    from flows.cli.views.deadline import SYMBOLS
    from notifications.reports.chart.events import reminder_text
    from notifications.reports.words import read_words

    symbol, word, _ = SYMBOLS[row.status]
    # The words of the report: "24 h left" and not "before-24h", "time has passed" and not "time".
    words, own = read_words(templates_folder(), "en", zone, ""), row.is_own_target
    moves = (
        f"  {output.local(move.due_at, zone)}  {words.status(move.from_standing, own_target=own)} → "
        f"{words.status(move.to_standing, own_target=own)} ({words.term('move_cause', move.cause)})"
        for move in row.moves
    )
    reminders = (
        f"  {output.local(alert.due_at, zone)}  alert: {reminder_text(alert, words, own_target=own)}"
        for alert in row.alerts
    )
    following = (
        (f"next:   {row.next_reminder.says}, {output.both(row.next_reminder.at, zone)}",) if row.next_reminder else ()
    )
    return "\n".join(
        (f"{symbol} {word}: {row.key}", *_arithmetic(row, explanation, zone), *following, *moves, *reminders)
    )


@_clock.command()
def reevaluate(
    reference: options.Reference,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="Take today's law over, for these reasons.")
    ] = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """List the open duties that today's law files would count otherwise; with --because, take that over on record."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.deadlines import reevaluate as deadlines_reevaluate

        if because is not None:
            use_cases = ctx.use_cases(expect_version)
            done = deadlines_reevaluate.reevaluate(use_cases, ctx.actor, ctx.now, reference, because)
            ctx.changed(done)
            return
        # Only shown: a law file that changed must not move a deadline on record without a person's reasons.
        differences = deadlines_reevaluate.differences(ctx.app.use_cases, ctx.now, reference)
        if as_json:
            output.answer([
                {"obligation": difference.obligation, "changed": list(difference.changed),
                 "due_at": rfc3339(difference.due_before), "due_by_todays_law": rfc3339(difference.due_after)}
                for difference in differences
            ])  # fmt: skip
            return
        for difference in differences:
            today = (
                output.both(difference.due_after, ctx.zone)
                if difference.due_after
                else "nothing: there is no such duty today"
            )
            output.print_out(f"{difference.obligation}: {', '.join(difference.changed)}")
            output.print_out(f"    due {output.both(difference.due_before, ctx.zone)}; by today's law files {today}")
        if not differences:
            output.print_out("Every open duty is counted by today's law files already.")
        else:
            output.print_out(
                f'\nNothing was changed. To take it over: tocsin clock reevaluate {reference} --because "..."'
            )


@_clock.command()
def due(
    regime: Annotated[str, typer.Option("--regime", metavar="ID", help="A law of `tocsin regimes list`.")],
    duty: Annotated[str, typer.Option("--duty", metavar="ID", help="Such as authority-initial.")],
    aware: Annotated[str | None, typer.Option("--aware", metavar="TIME", help="When we became aware.")] = None,
    start: Annotated[
        str | None, typer.Option("--start", metavar="TIME", help="When the event was that starts this duty's clock.")
    ] = None,
    event: Annotated[
        list[str] | None,
        typer.Option("--event", metavar="START=TIME", help='Another event: classified="2026-09-11 14:30". Repeatable.'),
    ] = None,
    zone: Annotated[
        str | None,
        typer.Option(
            "--zone", metavar="ZONE", help="Times and days of this zone; else the organisation's and the law's."
        ),
    ] = None,
    place: Annotated[
        str | None,
        typer.Option("--place", metavar="CC[-SUB]", help="Whose public holidays count; else the authority's place."),
    ] = None,
    entity: Annotated[
        str | None, typer.Option("--entity", metavar="KIND", help="Kind of entity, where the law tells them apart.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Compute when a duty would be due; nothing is read from the database, nothing is stored."""
    with command_context(as_json=as_json) as ctx:
        asked = due_date_query.DueDateQuery(
            regime=regime, duty=duty, aware=aware, start=start, events=tuple(event or ()), zone=zone, place=place,
            entity=entity)  # fmt: skip
        due_time = due_date_query.find(ctx, asked)
        if as_json:
            output.answer(due_date.as_json(due_time))
            return
        due_date.show(due_time)
