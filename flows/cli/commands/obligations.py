"""Commands for single obligations: waive one, record an authority's question and its answer."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options, service_status
from flows.cli.context import command_context

app = options.commands()

Obligation = Annotated[
    str, typer.Argument(metavar="OBLIGATION", help="Its key as `tocsin deadlines` shows it, or its duty or recipient.")
]
# The question goes into the case file and the report, which others read.
Text = Annotated[str, typer.Option("--text", metavar="TEXT", help="In your own words; no names of people.")]
LetterFileOption = Annotated[
    Path | None, typer.Option("--file", metavar="FILE", help="The letter itself, kept as evidence.")
]


@app.command()
def waive(
    reference: options.Reference,
    obligation: Obligation,
    because: options.Because,
    against_decision: Annotated[
        bool,
        typer.Option(
            "--against-decision", help="Waive it although it was decided that it is notified. Loud on record."
        ),
    ] = False,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record that one obligation is not owed, and why; a decision on risk does not lift every law's duty."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.deadlines import waive as deadlines_waive

        use_cases = ctx.use_cases(expect_version)
        done = deadlines_waive.waive(
            use_cases, ctx.actor, ctx.now, reference, obligation, because, against_decision=against_decision
        )
        ctx.changed(done)


@app.command()
def late(
    reference: options.Reference,
    obligation: Obligation,
    because: options.Because,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record why a notification is late, before it is filed: its text gives the reasons, and `submit` takes them."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.filing import late_reasons

        use_cases = ctx.use_cases(expect_version)
        ctx.changed(late_reasons.give_reasons(use_cases, ctx.actor, ctx.now, reference, obligation, because))
        service_status.tell_if_nobody_responds(ctx, reference, "answers the change")


@app.command()
def question(
    reference: options.Reference,
    text: Text,
    at: options.At,
    due: Annotated[
        str | None,
        typer.Option("--due", metavar="TIME", help='Until when: a time, or "in 3 days"; else our own target.'),
    ] = None,
    authority: Annotated[
        str | None, typer.Option("--authority", metavar="ID", help="Who asks; needed where several are concerned.")
    ] = None,
    file: LetterFileOption = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record what an authority asks and until when; the answer is owed from then on, with reminders."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.filing import authority_questions
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at)
        ctx.echo(when)
        required = ctx.time(due) if due else None
        asked = authority_questions.AuthorityQuestion(
            text=text,
            at=when.at,
            due_at=required.at if required else None,
            authority=authority,
            evidence_file=read_evidence_file(file) if file else None,
        )
        use_cases = ctx.use_cases(expect_version)
        ctx.changed(authority_questions.ask(use_cases, ctx.actor, ctx.now, reference, asked))


@app.command()
def answer(
    reference: options.Reference,
    obligation: Obligation,
    text: Text,
    at: options.At,
    file: LetterFileOption = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record what an authority was answered; that ends the reminders. Tocsin itself sends it nothing."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.filing import authority_questions
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at)
        ctx.echo(when)
        given_answer = authority_questions.AuthorityAnswer(
            text=text, at=when.at, evidence_file=read_evidence_file(file) if file else None
        )
        use_cases = ctx.use_cases(expect_version)
        done = authority_questions.answer(use_cases, ctx.actor, ctx.now, reference, obligation, given_answer)
        ctx.changed(done)
