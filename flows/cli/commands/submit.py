"""The command that records what a person filed with an authority: submit."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options, service_status
from flows.cli.context import CommandContext, command_context
from incidents.casework.filing.submission import FilingPhase, Submission
from incidents.kernel.timestamps import rfc3339

app = options.commands()


# Not FilingPhase: on the command line words are joined by hyphens, in the record by underscores.
class Phase(StrEnum):
    """The phases of a notification (Art. 33(4) GDPR)."""

    INITIAL = "initial"
    FOLLOW_UP = "follow-up"
    WITHDRAWAL = "withdrawal"


@app.command()
def submit(
    reference: options.Reference,
    filed_as: Annotated[
        str, typer.Option("--reference", metavar="R", help="The authority's reference, or your own note of the filing.")
    ],
    at: options.At,
    authority: Annotated[
        str | None,
        typer.Option("--authority", metavar="ID", help="Such as DE-BE, or an obligation's key; if several are owed."),
    ] = None,
    phase: Annotated[Phase, typer.Option("--phase", help="Which filing this was.")] = Phase.INITIAL,
    complete: Annotated[
        bool | None,
        typer.Option("--complete/--incomplete", help="Whether more follows; else: what the record left open says."),
    ] = None,
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="The receipt, kept as evidence.")
    ] = None,
    late_because: Annotated[
        str | None,
        typer.Option(
            "--late-because",
            metavar="TEXT",
            help="Reasons for the delay (Art. 33(1)); without it, those that `tocsin late` recorded.",
        ),
    ] = None,
    despite: Annotated[
        str | None,
        typer.Option(
            "--despite",
            metavar="TEXT",
            help="Record a filing of an unapproved, incomplete or stale text, or one before awareness, and why. "
            "Stands in the report and the register.",
        ),
    ] = None,
    bundle: Annotated[
        list[str] | None,
        typer.Option("--bundle", metavar="REF", help="Another case told of in the same filing. Repeatable."),
    ] = None,
    bundle_because: Annotated[
        str, typer.Option("--bundle-because", metavar="TEXT", help="Why similar breaches are told together.")
    ] = "",
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record that an authority was notified; Tocsin itself sends it nothing."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.filing import submit as filing_submit
        from incidents.evidence.files import read_evidence_file

        when = ctx.time(at)
        ctx.echo(when)
        submission = Submission(
            reference=filed_as,
            at=when.at,
            phase=FilingPhase(phase.value.replace("-", "_")),
            authority=authority,
            authority_name=_name_of(ctx, authority),
            complete=complete,
            late_because=late_because,
            despite=despite,
            receipt=read_evidence_file(receipt) if receipt else None,
        )
        use_cases = ctx.use_cases(expect_version)
        # One submission, one transaction: a filing that tells of three breaches is recorded for all or for none.
        if bundle:
            all_of_it = filing_submit.submit_together(
                use_cases, ctx.actor, ctx.now, (reference, *bundle), submission, bundle_because
            )
            done = replace(
                all_of_it[0],
                changed=tuple(f"{result.reference}: {line}" for result in all_of_it for line in result.changed),
            )
        else:
            done = filing_submit.submit(use_cases, ctx.actor, ctx.now, reference, submission)
        ctx.changed(done, filed_at=rfc3339(when.at))
        service_status.tell_if_nobody_responds(ctx, done.reference, "answers the change")


def _name_of(ctx: CommandContext, authority: str | None) -> str | None:
    """What the directory calls an authority; ``None`` for one it does not list."""
    # A slash makes it the key of an obligation, which has its recipient's name already.
    listed = ctx.app.directory.authorities if authority and "/" not in authority else ()
    return next((entry.name for entry in listed if entry.id == authority), None)
