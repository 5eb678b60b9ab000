"""Commands that only look: list and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.queries.case_list import ListedCase

app = options.commands()


@app.command("list")
def list_cases(
    everything: Annotated[bool, typer.Option("--all", help="Also closed and dismissed cases.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the open cases, the most urgent first."""
    with command_context(as_json=as_json) as ctx:
        from incidents.queries.case_list import case_list

        with ctx.app.store.read() as session:
            cases = case_list(session, ctx.now, everything=everything)
        if as_json:
            output.answer([_as_json(case, ctx) for case in cases])
            return
        for case in cases:
            _print(case, ctx)
        closed = 0 if everything else _how_many(ctx) - len(cases)
        if closed:
            none = "" if cases else "No open case; "
            output.print_out(f"{none}{output.many(closed, 'ended case')}: tocsin list --all")
        if not cases:
            none = "" if closed else "No case yet.\n"
            output.print_out(f'{none}Next: tocsin open "TITLE" --detected "20 min ago"')


def _how_many(ctx: CommandContext) -> int:
    from incidents.queries.case_list import how_many_cases

    with ctx.app.store.read() as session:
        return how_many_cases(session)


def _as_json(case: ListedCase, ctx: CommandContext) -> dict[str, Any]:
    from flows.cli.views.deadline import of_open_case

    return {
        "ref": case.reference,
        "codename": case.codename,
        "title": case.title,
        "system": case.system,
        "stage": case.stage,
        "exercise": case.exercise,
        "lead": case.lead,
        "version": case.version,
        "opened_at": rfc3339(case.opened_at),
        "detected_at": rfc3339(case.detected_at),
        "aware_at": rfc3339(case.aware_at),
        "contained_at": rfc3339(case.contained_at),
        "next_deadline": of_open_case(case.next_deadline).as_json(ctx.now) if case.next_deadline else None,
    }


def _print(case: ListedCase, ctx: CommandContext) -> None:
    from flows.cli.views.deadline import of_open_case

    exercise = "EXERCISE  " if case.exercise else ""
    output.print_out(f"{case.reference}  {case.codename}  {case.stage}")
    output.print_out(f"  {exercise}{case.title}")
    deadline = case.next_deadline
    if deadline is not None:
        symbol, word, colour = of_open_case(deadline).sign
        left = output.time_left(deadline.due_at, ctx.now)
        output.print_out(
            f"  {output.coloured(f'{symbol} {word}', colour)}  {left}: {deadline.title} → {deadline.recipient}"
        )


@app.command()
def show(
    reference: options.Reference,
    timeline: Annotated[bool, typer.Option("--timeline", help="The whole timeline too.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show one case on one screen: time left, who acts next and how; --timeline for all that happened."""
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import case as views_case

        case = ctx.case(reference)
        if as_json:
            output.answer(views_case.as_json(case))
            return
        for line in views_case.lines(case, ctx.zone, timeline=timeline):
            output.print_out(line)
