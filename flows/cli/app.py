"""The command line: finds a command, runs it, and turns every failure into a line and an exit code."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from contextlib import suppress
from typing import Annotated, Any

import typer
import typer.core
import typer.main

from flows.cli import guard, output
from flows.cli.command_table import MODULE_OF, SECTIONS
from flows.error_codes import Exit, exit_for
from incidents.kernel.errors import InvalidInputError

# As read_yaml words it: "scope.yaml line 12: `people` ...".
_LINE = re.compile(r" line (\d+): ")
"""Where a problem of a file stands in it."""


class Commands(typer.core.TyperGroup):
    """All commands; each is imported when it is asked for."""

    def list_commands(self, ctx: typer.Context) -> list[str]:  # type: ignore[override]  # Typer's own base is private
        """Name every command in the order of the table."""
        del ctx
        return list(MODULE_OF)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:  # type: ignore[override]  # as above
        """Import the module of one command and give it."""
        del ctx
        module = MODULE_OF.get(cmd_name)
        if module is None:
            return None
        # One module and not all of them: they import forms, packs and the service, which `tocsin open` must not wait
        # for.
        group = typer.main.get_group(importlib.import_module(f"flows.cli.commands.{module}").app)
        return guard.guarded(group.commands[cmd_name], cmd_name)

    def format_commands(self, ctx: typer.Context, formatter: Any) -> None:  # type: ignore[override]  # as above
        """Write the table into the help, without importing a single command."""
        del ctx
        for title, lines in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name, does) for name, _, does in lines], col_max=12)


app = typer.Typer(
    cls=Commands,
    rich_markup_mode=None,
    add_completion=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        try:
            number = metadata.version("tocsin")
        except metadata.PackageNotFoundError:
            number = "(run from a checkout that is not installed)"
        output.print_out(f"tocsin {number}")
        raise typer.Exit


@app.callback()
def root(
    *,
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and end.", callback=_say_version, is_eager=True),
    ] = False,
) -> None:
    """Personal data breaches: what is owed, to whom and by when; said in time, and proven afterwards.

    A case is named by its reference (INC-2026-0007), a unique beginning of it, its number (7), or its codename. Times:
    "2026-11-18 03:12", "2026-11-18T02:12:00Z", "20 min ago", "yesterday 14:00", "now". Every command takes --json.
    """


def run(arguments: list[str]) -> int:
    """Run what was asked and give its exit code; a reader that went away is no failure."""
    # Looked up by hand: a failure to read the arguments must be answered as JSON, too.
    as_json = "--json" in arguments
    # A command without words is a question; Typer would answer it with exit code 2.
    arguments = arguments or ["--help"]
    _open_closed_streams()
    _survive_odd_encodings()
    try:
        # `standalone_mode=False`: Typer would print failures in its own way and end the process itself.
        answer = typer.main.get_command(app).main(args=_as_text(arguments), prog_name="tocsin", standalone_mode=False)
        # Within the `try`: a reader that went away (`| head`) is often noticed only here.
        sys.stdout.flush()
    except (BrokenPipeError, SystemExit):  # Typer answers a broken pipe within a command by SystemExit
        _close_quietly()
        return Exit.OK
    except (KeyboardInterrupt, typer.Abort):
        return Exit.INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last place that can put a failure into words
        return _fail(error, as_json=as_json)
    return answer if isinstance(answer, int) else Exit.OK


class BrokenTextError(InvalidInputError):
    """An argument holds bytes that are no text: no row could keep it."""


def _as_text(arguments: list[str]) -> list[str]:
    """Take arguments as the UTF-8 that they nearly always are, also where the terminal claims to know ASCII only."""
    return [_whole(argument, place) for place, argument in enumerate(arguments, start=1)]


def _whole(argument: str, place: int) -> str:
    try:
        # Bytes that are not in the terminal's encoding come in as lone surrogates (PEP 383), which no database stores.
        argument.encode()
    except UnicodeEncodeError:
        with suppress(UnicodeError):
            return os.fsencode(argument).decode()
        message = f"argument {place} is not text: write it in UTF-8"
        raise BrokenTextError(message) from None
    return argument


def _open_closed_streams() -> None:
    """Whoever starts a command with a closed stream gets one that leads nowhere.

    Else Python has none at all, and the next file that is opened, the database, would become standard output.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            # The lowest free number is what `open` gives: mostly the closed one itself.
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != number:
                os.dup2(nowhere, number)
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - stays open


def _survive_odd_encodings() -> None:
    """A terminal that cannot show a sign gets a question mark, not a crash."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


def _close_quietly() -> None:
    """Keep Python from complaining once more when it flushes at exit."""
    # Python flushes standard output once more at its end; into the broken pipe that would be a traceback.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(error: Exception, *, as_json: bool) -> int:
    code, message = _understood(error)
    # To standard error, so that what a script reads from standard output stays the same.
    if os.environ.get("TOCSIN_DEBUG") == "1":
        traceback.print_exception(error)
    if as_json:
        output.print_err(output.as_json({"error": {"code": int(code), "message": message}}))
    else:
        output.print_err("tocsin: " + "\n        ".join(map(output.with_readable_times, _one_by_one(error, message))))
    return code


def _one_by_one(error: Exception, message: str) -> list[str]:
    """Give each problem of a file its own line, in the file's order, where the failure keeps them apart.

    A program gets them in one message, as ever.
    """
    problems = getattr(error, "problems", ())
    # Only where the message is exactly the list: an error may carry more in its message than in its problems.
    apart = isinstance(problems, tuple) and "; ".join(map(str, problems)) == message
    return sorted(map(str, problems), key=_line_of) if apart else [message]


def _line_of(problem: str) -> int:
    match = _LINE.search(problem)
    return int(match[1]) if match else 0


def _understood(error: Exception) -> tuple[Exit, str]:
    if isinstance(error, typer.TyperException):
        return Exit.USAGE, _usage(error)
    code = exit_for(error)
    if code is not None:
        return code, str(error) or type(error).__name__
    # The system's own words name a path and a reason, and nothing of a row.
    if isinstance(error, OSError) and error.strerror:
        return Exit.FAILED, f"{error.filename or 'input or output'}: {error.strerror}"
    # The message of a failure that nobody expected may quote an address or a secret, so it is not shown.
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({os.path.basename(frames[-1].filename)} line {frames[-1].lineno})" if frames else ""  # noqa: PTH119 - text
    kind = type(error).__name__
    return (
        Exit.FAILED,
        f"something unexpected happened: {kind}{where}. For the details, set TOCSIN_DEBUG=1 and run it again",
    )


def _usage(error: Any) -> str:
    context = getattr(error, "ctx", None)
    text = error.format_message()
    if "\n" in text:  # a command that has commands of its own, called without one: its help is the message
        return f"which of these?\n\n{text}"
    # pydantic puts this before every text of a validator of ours.
    text = text.replace("Value error, ", "")
    return f"{text.rstrip('.')}. See: {context.command_path if context else 'tocsin'} --help"
