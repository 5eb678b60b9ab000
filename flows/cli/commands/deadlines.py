"""Commands about what is due when: aware, deadlines, ack."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from flows.cli.time_parsing import read_length
from flows.cli.views import clock_preview
from flows.error_codes import Exit
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from flows.cli.views.deadline import DeadlineView

app = options.commands()


@app.command()
def aware(
    reference: options.Reference,
    at: options.At,
    basis: Annotated[
        str, typer.Option("--basis", metavar="TEXT", help="What gave reasonable certainty that personal data were hit.")
    ],
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Why an earlier statement is corrected.")
    ] = None,
    file: options.Proof = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Start the legal clock, or correct it with a reason.

    Aware is whoever has a reasonable degree of certainty that personal data were compromised (Guidelines 9/2022
    para 31). The old time of a correction stays on record.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import awareness
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at)
        ctx.echo(when, *clock_preview.of_awareness(ctx, when.at))
        statement = awareness.AwarenessStatement(
            at=when.at, basis=basis, reason=reason, evidence_file=read_evidence_file(file) if file else None
        )
        use_cases = ctx.use_cases()
        done = awareness.state_awareness(
            use_cases, ctx.actor, ctx.now, reference, statement, expected_version=expect_version
        )
        ctx.changed(done, aware_at=rfc3339(when.at))


@app.command()
def deadlines(
    reference: Annotated[str | None, typer.Argument(metavar="[REF]", help="Only this case, settled ones too.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Answer by exit code: 0, 8 due soon, 9 overdue.")] = False,
    warn: Annotated[
        str | None, typer.Option("--warn", metavar="24h", help="What counts as soon; else as the law's ladder says.")
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Show what is owed, by due time; --check answers by exit code.

    A provisional clock (worst case, before awareness is stated) never counts as overdue, but as due soon once it is
    near or past: somebody must say `aware` or `dismiss`.
    """
    with command_context(as_json=as_json) as ctx:
        within = read_length(warn) if warn is not None else None
        views = _views(ctx, reference)
        if as_json:
            output.answer([view.as_json(ctx.now) for view in views])
        else:
            _print(views, ctx)
        return _urgency(views, ctx.now, within) if check else Exit.OK


def _views(ctx: CommandContext, reference: str | None) -> tuple[DeadlineView, ...]:
    from flows.cli.views import deadline
    from incidents.queries.open_deadlines import open_deadlines

    if reference is not None:
        return deadline.in_case(ctx.case(reference))
    with ctx.app.store.read() as session:
        return tuple(deadline.of_open_case(row) for row in open_deadlines(session, ctx.now))


def _print(views: Iterable[DeadlineView], ctx: CommandContext) -> None:
    from flows.cli.views import deadline

    groups = deadline.alike(views)
    blocks = ["\n".join(first.lines(ctx.now, ctx.zone, others=others)) for first, *others in groups]
    output.print_out("\n\n".join(blocks) or "Nothing is owed.")


def _urgency(views: Iterable[DeadlineView], now: datetime, within: timedelta | None) -> Exit:
    worst = Exit.OK
    for view in views:
        if view.status.value == "overdue":
            return Exit.OVERDUE
        if view.is_open and _is_soon(view, now, within):
            worst = Exit.DUE_SOON
    return worst


def _is_soon(deadline: DeadlineView, now: datetime, within: timedelta | None) -> bool:
    if within is not None:
        return deadline.due_at - now <= within
    # Past and still open without being overdue is a provisional clock alone: it warns and breaks no law.
    return deadline.status.value == "due_soon" or now > deadline.due_at


@app.command()
def ack(
    reference: options.Reference,
    obligation: Annotated[
        str | None, typer.Argument(metavar="[OBLIGATION]", help="Only the alerts of this one; its duty is enough.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Say that a person has seen the alerts.

    Their repeating and escalating ends; the next reminder comes all the same.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import timeline

        ctx.changed(timeline.acknowledge(ctx.use_cases(), ctx.actor, ctx.now, reference, obligation))
