"""Commands that end a case and write its papers: close, dismiss, reopen, report, register export."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options, output
from flows.cli.context import command_context
from flows.cli.files import write_private

app = options.commands()
_register = options.group("register", "Write the register of all breaches (Art. 33(5) GDPR).")
app.add_typer(_register)


@app.command()
def close(
    reference: options.Reference, expect_version: options.Version = None, as_json: options.AsJson = False
) -> None:
    """Close a case in which nothing is owed any more."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import close as close_case

        use_cases = ctx.use_cases(expect_version)
        ctx.changed(close_case.close(use_cases, ctx.actor, ctx.now, reference))


@app.command()
def dismiss(
    reference: options.Reference,
    because: options.Because,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Record that it was no personal data breach, with reasons; the case stays in the register."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import close as close_case

        use_cases = ctx.use_cases(expect_version)
        ctx.changed(close_case.dismiss(use_cases, ctx.actor, ctx.now, reference, because))


@app.command()
def reopen(
    reference: options.Reference,
    because: options.Because,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Take a closed or dismissed case up again."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.case import close as close_case

        use_cases = ctx.use_cases(expect_version)
        ctx.changed(close_case.reopen(use_cases, ctx.actor, ctx.now, reference, because))


@app.command()
def report(
    reference: options.Reference,
    style: Annotated[
        str, typer.Option("--format", metavar="LIST", help="One or more of html, md, json.")
    ] = "html,md,json",
    folder: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")] = Path(),
    language: Annotated[str, typer.Option("--language", metavar="CODE", help="Two-letter code.")] = "en",
    as_json: options.AsJson = False,
) -> None:
    """Write the post-incident report."""
    with command_context(as_json=as_json) as ctx:
        from flows.workflows.reports import write_report

        formats = tuple(dict.fromkeys(style_name.strip() for style_name in style.split(",") if style_name.strip()))
        written = write_report(ctx.app, reference, formats, folder, language, ctx.actor)
        spoken = ctx.app.report_writer.language_of(language)
        if spoken != language:
            output.notice(f"there are no words for reports in {language!r}: this one is in {spoken!r}, and says so")
        if as_json:
            output.answer({"files": [str(path) for path in written], "language": spoken})
            return
        for path in written:
            output.print_out(f"✔ {path}")


@_register.command("export")
def register_export(
    style: Annotated[str, typer.Option("--format", metavar="csv|json", help="How it is written.")] = "csv",
    file: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Else standard output.")] = None,
    exercises: Annotated[bool, typer.Option("--exercises", help="Exercises too, each marked as one.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
) -> None:
    """Write the register: a row for every breach, notified or not."""
    with command_context(as_json=as_json) as ctx:
        from flows.workflows.reports import export_register

        content = export_register(ctx.app, "json" if as_json else style, exercises=exercises)
        if file is None:
            # The text layer first: the bytes below go past it and would otherwise come before what it still holds.
            sys.stdout.flush()
            typer.get_binary_stream("stdout").write(content)
            return
        # The register names no person but tells of every breach: for its owner's eyes.
        write_private(file, content)
        if as_json:
            output.answer({"file": str(file)})
        else:
            output.print_out(f"✔ {file}")


@_register.callback()
def _of_register() -> None:
    """Write the register of all breaches (Art. 33(5) GDPR)."""
