"""The command that records a public communication in place of letters: published."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options
from flows.cli.context import command_context

app = options.commands()


@app.command()
def published(
    reference: options.Reference,
    where: Annotated[str, typer.Option("--where", metavar="TEXT", help="How the people concerned come to read it.")],
    at: options.At,
    file: Annotated[Path, typer.Option("--file", metavar="FILE", help="A copy or a picture of it, kept as evidence.")],
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record the public communication that takes the place of letters (Art. 34(3)(c)).

    It is owed once somebody decided so; Tocsin itself publishes nothing.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication import public_notice
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at)
        ctx.echo(when)
        notice = public_notice.PublicNotice(where=where, at=when.at, evidence_file=read_evidence_file(file))
        use_cases = ctx.use_cases(expect_version)
        ctx.changed(public_notice.publish(use_cases, ctx.actor, ctx.now, reference, notice))
