"""Commands that only look: list and show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options
from flows.cli import output as say
from flows.cli.context import CommandContext, visiting

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
    with visiting(as_json=as_json) as visit:
        rows = _rows(visit, everything=everything)
        if as_json:
            say.answer([_as_json(incident, deadline, visit) for incident, deadline in rows])
            return
        for incident, deadline in rows:
            _print(incident, deadline, visit)
        if not rows:
            say.out('No open case.\nNext: tocsin open "TITLE" --detected "20 min ago"')


def _rows(visit: CommandContext, *, everything: bool) -> list[tuple[Incident, DeadlineView | None]]:
    """Each case with the deadline that comes first, cases without one at the end."""
    from sqlmodel import col, select

    from flows.cli.views import open_deadlines as owed_now
    from incidents.case.lifecycle import OPEN_STAGES
    from incidents.storage.tables.case import Incident

    wanted = select(Incident) if everything else select(Incident).where(col(Incident.stage).in_(OPEN_STAGES))
    visit.check_token()
    with visit.house.store.read() as session:
        incidents = session.exec(wanted.order_by(col(Incident.reference))).all()
        first: dict[str, DeadlineView] = {}
        for deadline in owed_now.everywhere(session, visit.now):
            first.setdefault(deadline.reference, deadline)
    rows = [(incident, first.get(incident.reference)) for incident in incidents]
    return sorted(rows, key=lambda row: (row[1] is None, row[1].due_at if row[1] else row[0].opened_at))


def _as_json(incident: Incident, deadline: DeadlineView | None, visit: CommandContext) -> dict[str, Any]:
    return {
        "ref": incident.reference,
        "codename": incident.codename,
        "title": incident.title,
        "system": incident.system,
        "stage": incident.stage.value,
        "exercise": incident.exercise,
        "lead": incident.lead,
        "version": incident.version,
        "opened_at": say.utc(incident.opened_at),
        "detected_at": say.utc(incident.detected_at),
        "aware_at": say.utc(incident.aware_at),
        "contained_at": say.utc(incident.contained_at),
        "next_deadline": deadline.as_json(visit.now) if deadline else None,
    }


def _print(incident: Incident, deadline: DeadlineView | None, visit: CommandContext) -> None:
    from flows.cli.views.deadline import SIGNS

    exercise = "EXERCISE  " if incident.exercise else ""
    say.out(f"{incident.reference}  {incident.codename}  {incident.stage.value}")
    say.out(f"  {exercise}{incident.title}")
    if deadline is not None:
        sign, word, colour = SIGNS[deadline.standing]
        left = say.time_left(deadline.due_at, visit.now)
        say.out(f"  {say.coloured(f'{sign} {word}', colour)}  {left}: {deadline.title} → {deadline.recipient}")


@app.command()
def show(reference: options.Reference, as_json: options.AsJson = False) -> None:
    """Show one case: time left, who has the ball, what comes next, and the timeline."""
    with visiting(as_json=as_json) as visit:
        from flows.cli.views import case as at_a_glance

        case = visit.case(reference)
        if as_json:
            say.answer(at_a_glance.as_json(case))
            return
        for line in at_a_glance.lines(case, visit.zone):
            say.out(line)
