"""Commands that open a case and keep its timeline: open, log, contain, hand-over."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options, output, service_status
from flows.cli.context import CommandContext, command_context
from flows.cli.files import read_bytes
from flows.cli.views import clock_preview
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.casework.case.open import IncidentReport

app = options.commands()


@app.command("open")
def open_case(
    title: Annotated[str | None, typer.Argument(metavar="TITLE", help="What was noticed, in a few words.")] = None,
    detected: Annotated[str | None, typer.Option("--detected", metavar="TIME", help="When it was noticed.")] = None,
    system: Annotated[str | None, typer.Option("--system", metavar="NAME", help="Which system is affected.")] = None,
    from_alert: Annotated[
        Path | None, typer.Option("--from-alert", metavar="FILE", help="Take it from an alert's JSON; - reads stdin.")
    ] = None,
    new_case: Annotated[
        bool, typer.Option("--new-case", help="Open another case even where an open one has the same alert.")
    ] = False,
    exercise: Annotated[bool, typer.Option("--exercise", help="Mark the case as an exercise.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Record a suspected incident; a worst-case clock starts, the on-call person is paged.

    The legal clock does not start here: only `tocsin aware` starts it. An alert that an open case has already is
    attached to that case and counted. TITLE, --detected and --system go before what an alert says.
    """
    # At 3 a.m. a mistake in a file is no reason to record nothing.
    with command_context(as_json=as_json, whatever_the_organisation=True) as ctx:
        from incidents.casework.case import open as case_open
        from incidents.casework.case.signals import attach_repeated

        report = _report(ctx, title, detected, from_alert)
        # What was typed goes before what an alert says; an alert is never an exercise unless somebody says so.
        report = replace(report, system=system or report.system, exercise=exercise)
        attached = None
        if report.signal is not None and not new_case:
            attached = attach_repeated(
                ctx.use_cases(), ctx.actor, ctx.now, report.signal,
                exercise=exercise, evidence_file=report.evidence_file, kept_line=report.kept_line,
            )  # fmt: skip
        if attached is not None:
            ctx.changed(attached, opened=False)
        else:
            done = case_open.open_incident(ctx.use_cases(), ctx.actor, ctx.now, report)
            ctx.changed(done, detected_at=rfc3339(report.detected_at), opened=True)
        service_status.warn_if_no_heartbeat(ctx)
        if ctx.app.found.notice and (ctx.app.found.problem or not exercise):
            output.notice(ctx.app.found.notice)


def _report(ctx: CommandContext, title: str | None, detected: str | None, from_alert: Path | None) -> IncidentReport:
    from incidents.casework.case.open import IncidentReport

    when = ctx.time(detected) if detected is not None else None
    if when is not None:
        ctx.echo(when, *clock_preview.of_awareness(ctx, when.at, "from then would end"))
    if from_alert is not None:
        from incidents.intake.alerts import read_alert

        return read_alert(read_bytes(from_alert), ctx.now, title=title, detected_at=when.at if when else None)
    if title is None or when is None:
        message = 'say what was noticed, and when: tocsin open "TITLE" --detected "20 min ago"'
        raise typer.BadParameter(message)
    return IncidentReport(title=title, detected_at=when.at)


_KINDS = (
    "note, contact, evidence; for the report: action, cause, well, badly, lucky, advice; bearing on awareness: "
    "investigation, third_party_proof, loss_noticed, ransom_demand, processor_notice, staff_knowledge, second_report; "
    "an event from which some laws count: a wrong KIND lists them."
)


@app.command()
def log(
    reference: options.Reference,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What happened.")],
    at: Annotated[str | None, typer.Option("--at", metavar="TIME", help="When it happened, if not now.")] = None,
    kind: Annotated[str, typer.Option("--kind", metavar="KIND", help=_KINDS)] = "note",
    file: options.Proof = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Add a line to the timeline."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import timeline
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at) if at is not None else None
        if when is not None:
            ctx.echo(when)
        evidence_file = read_evidence_file(file) if file else None
        done = timeline.log(
            ctx.use_cases(expect_version), ctx.actor, ctx.now, reference, text,
            at=when.at if when else None, kind=kind, evidence_file=evidence_file,
        )  # fmt: skip
        ctx.changed(done)


@app.command()
def contain(
    reference: options.Reference,
    at: options.At,
    measure: Annotated[str, typer.Option("--measure", metavar="TEXT", help="What contained it.")],
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record that the breach no longer goes on."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import timeline

        when = ctx.time(at)
        ctx.echo(when)
        use_cases = ctx.use_cases(expect_version)
        done = timeline.contain(use_cases, ctx.actor, ctx.now, reference, at=when.at, measure=measure)
        ctx.changed(done, contained_at=rfc3339(when.at))


@app.command("hand-over")
def hand_over(
    reference: options.Reference,
    to: Annotated[str, typer.Option("--to", metavar="PERSON", help="Who leads from now on: `tocsin user list`.")],
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Give the lead of a case to another person."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import timeline

        use_cases = ctx.use_cases(expect_version)
        ctx.changed(timeline.hand_over(use_cases, ctx.actor, ctx.now, reference, to=to))
