"""The options and arguments that many commands share, under one name and one help text each."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Reference = Annotated[
    str, typer.Argument(metavar="REF", help="Reference, its number, a unique beginning of it, or codename.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, and nothing else on standard output.")]
Version = Annotated[
    int | None,
    typer.Option("--expect-version", metavar="N", min=1, help="Refuse if the case is not at this version (exit 6)."),
]
At = Annotated[
    str, typer.Option("--at", metavar="TIME", help='When: "2026-11-18 03:12", RFC 3339, "20 min ago", "now".')
]
Because = Annotated[str, typer.Option("--because", metavar="TEXT", help="The reasons; they stay on record.")]
Proof = Annotated[Path | None, typer.Option("--file", metavar="FILE", help="A file to keep as evidence.")]
LanguageOption = Annotated[str | None, typer.Option("--language", metavar="CODE", help="Two-letter code, such as de.")]


def group(name: str, text: str) -> typer.Typer:
    """Make a command that has commands of its own, such as `people import`."""
    # No completion: installing it writes into a person's shell files.
    return typer.Typer(name=name, help=text, rich_markup_mode=None, no_args_is_help=True, add_completion=False)


def commands() -> typer.Typer:
    """Make the collection in which a module keeps its commands."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)
