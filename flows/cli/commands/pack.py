"""The command that writes what an authority's form asks, ready to copy: pack."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options, output
from flows.cli.commands.submit import Phase
from flows.cli.context import command_context

if TYPE_CHECKING:
    from notifications.filing_pack.pack import FilingPack

app = options.commands()


@app.command()
def pack(
    reference: options.Reference,
    phase: Annotated[Phase, typer.Option("--phase", help="Which filing it is for.")] = Phase.INITIAL,
    authority: Annotated[
        str | None, typer.Option("--authority", metavar="ID", help="Such as FR or DE-NI; else your own authority.")
    ] = None,
    style: Annotated[
        str, typer.Option("--format", metavar="LIST", help="One or more of html, json, md.")
    ] = "html,json,md",
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")] = Path(),
    complete: Annotated[
        bool | None,
        typer.Option("--complete/--incomplete", help="Whether more follows; else: what the record leaves open says."),
    ] = None,
    because: Annotated[
        str | None, typer.Option("--because", metavar="TEXT", help="Why the notification is withdrawn.")
    ] = None,
    language: options.LanguageOption = None,
    as_json: options.AsJson = False,
) -> None:
    """Write what the authority's form asks, filled from the record, with what is missing."""
    with command_context(as_json=as_json) as ctx:
        from flows.workflows import filing_pack
        from notifications.filing_pack.pack import Phase as Filing

        made = filing_pack.make_pack(
            ctx.app,
            reference,
            phase=Filing(phase.value),
            authority=authority,
            complete=complete,
            language=language,
            withdrawn_because=because,
        )
        formats = tuple(dict.fromkeys(style_name.strip() for style_name in style.split(",") if style_name.strip()))
        written = filing_pack.save_pack(made, formats, folder)
        if as_json:
            output.answer({**_lacking(made), "files": [str(path) for path in written]})
            return
        for path in written:
            output.print_out(f"✔ {path}")
        _tell(made)


def _tell(made: FilingPack) -> None:
    """Say aside what is lacking: the page says it first, too."""
    from notifications.filing_pack.gaps import completeness

    lacks = completeness(made)
    for fault in (*made.warnings, *lacks.faults):
        output.notice(fault)
    for heading, fields in lacks.headed(made.phase):
        if fields:
            output.print_err(
                output.wrapped(f"{heading}: {', '.join(f'{field.id} {field.label}' for field in fields)}", first="  ")
            )
    output.notice(made.template.notice)


def _lacking(made: FilingPack) -> dict[str, object]:
    from notifications.filing_pack.gaps import completeness

    lacks = completeness(made)
    return {
        "ref": made.reference,
        "phase": made.phase.value,
        "complete": made.complete,
        "authority": made.authority_id,
        "needed": [field.id for field in lacks.needed],
        "may_follow": [field.id for field in lacks.may_follow],
        "by_hand": [field.id for field in lacks.by_hand],
        "open_elements": list(made.open_elements),
        "faults": list(lacks.faults),
        "warnings": list(made.warnings),
        "notice": made.template.notice,
    }
