"""Commands that only look: list and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from flows.cli.views.deadline import DeadlineView
    from incidents.storage.tables.case import Incident

app = options.commands()


@app.command("list")
def list_cases(
    everything: Annotated[bool, typer.Option("--all", help="Also closed and dismissed cases.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Show the open cases, the most urgent first."""
    with command_context(as_json=as_json) as ctx:
        rows = _rows(ctx, everything=everything)
        if as_json:
            output.answer([_as_json(incident, deadline, ctx) for incident, deadline in rows])
            return
        for incident, deadline in rows:
            _print(incident, deadline, ctx)
        if not rows:
            output.print_out('No open case.\nNext: tocsin open "TITLE" --detected "20 min ago"')


def _rows(ctx: CommandContext, *, everything: bool) -> list[tuple[Incident, DeadlineView | None]]:
    """Each case with the deadline that comes first, cases without one at the end."""
    from sqlmodel import col, select

    from flows.cli.views import open_deadlines
    from incidents.case.lifecycle import OPEN_STAGES
    from incidents.storage.tables.case import Incident

    wanted = select(Incident) if everything else select(Incident).where(col(Incident.stage).in_(OPEN_STAGES))
    ctx.check_token()
    with ctx.app.store.read() as session:
        incidents = session.exec(wanted.order_by(col(Incident.reference))).all()
        first: dict[str, DeadlineView] = {}
        for deadline in open_deadlines.open_deadlines(session, ctx.now):
            first.setdefault(deadline.reference, deadline)
    rows = [(incident, first.get(incident.reference)) for incident in incidents]
    return sorted(rows, key=lambda row: (row[1] is None, row[1].due_at if row[1] else row[0].opened_at))


def _as_json(incident: Incident, deadline: DeadlineView | None, ctx: CommandContext) -> dict[str, Any]:
    return {
        "ref": incident.reference,
        "codename": incident.codename,
        "title": incident.title,
        "system": incident.system,
        "stage": incident.stage.value,
        "exercise": incident.exercise,
        "lead": incident.lead,
        "version": incident.version,
        "opened_at": rfc3339(incident.opened_at),
        "detected_at": rfc3339(incident.detected_at),
        "aware_at": rfc3339(incident.aware_at),
        "contained_at": rfc3339(incident.contained_at),
        "next_deadline": deadline.as_json(ctx.now) if deadline else None,
    }


def _print(incident: Incident, deadline: DeadlineView | None, ctx: CommandContext) -> None:
    from flows.cli.views.deadline import SIGNS

    exercise = "EXERCISE  " if incident.exercise else ""
    output.print_out(f"{incident.reference}  {incident.codename}  {incident.stage.value}")
    output.print_out(f"  {exercise}{incident.title}")
    if deadline is not None:
        sign, word, colour = SIGNS[deadline.standing]
        left = output.time_left(deadline.due_at, ctx.now)
        output.print_out(
            f"  {output.coloured(f'{sign} {word}', colour)}  {left}: {deadline.title} → {deadline.recipient}"
        )


@app.command()
def show(reference: options.Reference, as_json: options.AsJson = False) -> None:
    """Show one case: time left, who has the ball, what comes next, and the timeline."""
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import case as views_case

        case = ctx.case(reference)
        if as_json:
            output.answer(views_case.as_json(case))
            return
        for line in views_case.lines(case, ctx.zone):
            output.print_out(line)
