"""Commands that tell people: people import and status, merchants import, send."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output, service_status
from flows.cli.commands import stops
from flows.cli.context import CommandContext, command_context
from flows.cli.files import FileNotWrittenError, read_bytes, write_private
from flows.error_codes import Exit
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from incidents.case.case_file import CaseOverview, LedgerCount
    from incidents.casework.communication.recipient_lists import ImportResult

app = options.commands()
_people = options.group("people", "Import the list of affected people; see and settle what became of their letters.")
_merchants = options.group("merchants", "Import the list of merchants that must be noticed; settle their notices.")
app.add_typer(_people)
app.add_typer(_merchants)
stops.add_to(_people, "people", "people")
stops.add_to(_merchants, "controllers", "merchants")

_SHOWN = 5
"""Refused rows that are shown; all of them are in the file."""


class LetterAudience(StrEnum):
    """What is sent to outsiders."""

    PEOPLE = "people"
    CONTROLLERS = "controllers"


@_people.command("import")
def people_import(
    reference: options.Reference,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="CSV in UTF-8: email, language, country; - reads stdin.")
    ],
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> int:
    """Import the affected people from CSV; exit 1 if rows were refused (the good ones are kept).

    Importing a file twice adds nobody twice; a newer one changes language and country. Addresses are kept sealed.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication.recipient_lists import import_people

        return _import(ctx, LetterAudience.PEOPLE, import_people, reference, file, expect_version)


@_merchants.command("import")
def merchants_import(
    reference: options.Reference,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="CSV in UTF-8: merchant_id, name, email, language, people, records, kinds, contract_hours.",
        ),
    ],
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> int:
    """Import the merchants from CSV, each with its own figures; exit 1 if rows were refused (good ones are kept).

    A newer file changes what is listed, until a notice was ordered; other contract hours restart the clock.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication.recipient_lists import import_merchants

        return _import(ctx, LetterAudience.CONTROLLERS, import_merchants, reference, file, expect_version)


@_merchants.callback()
def _of_merchants() -> None:
    """Import the list of merchants that must be noticed; settle their notices."""


def _import(
    ctx: CommandContext,
    kind: LetterAudience,
    read: Callable[..., ImportResult],
    reference: str,
    file: Path,
    expect_version: int | None,
) -> int:
    imported = read(ctx.use_cases(expect_version), ctx.actor, ctx.now, reference, read_bytes(file))
    kept = _keep_refused(ctx, imported, file) if imported.refused else None
    without_words = _without_words(ctx, imported.done.reference, kind)
    ctx.changed(
        imported.done,
        added=imported.added,
        known=imported.known,
        changed_rows=imported.changed,
        total=imported.total,
        refused=[{"line": row.line, "reason": row.reason} for row in imported.refused],
        refused_file=str(kept) if kept else None,
        without_words=without_words or None,
    )
    if without_words and not ctx.as_json:
        output.notice(without_words)
    if kept is not None and not ctx.as_json:
        _tell_refused(imported, kept)
    service_status.tell_if_nobody_responds(ctx, imported.done.reference, "counts them into the drafts")
    # Exit 1 although the good rows are kept: a script must not go on to `send` as if the list were whole.
    return Exit.FAILED if imported.refused else Exit.OK


def _without_words(ctx: CommandContext, reference: str, kind: LetterAudience) -> str:
    """Say who on the list asked for a language that there are no words in: they are written to in English."""
    from incidents.casework.base.find import find, number
    from incidents.casework.communication.letter_kinds import languages_without_words
    from incidents.casework.communication.send import to_be_sent

    with ctx.app.store.read() as session:
        required = to_be_sent(session, number(find(session, reference).id), kind.value)
    return languages_without_words(required, ctx.app.organisation.languages)


def _keep_refused(ctx: CommandContext, imported: ImportResult, file: Path) -> Path:
    """Put the refused rows beside the file they came from, or into the home folder where that cannot be written."""
    from incidents.casework.communication.recipient_lists import write_refused

    # With a byte order mark: without it Excel reads UTF-8 as the code page of its desk.
    content = write_refused(imported).encode("utf-8-sig")
    # Beside the list: refused rows hold addresses, and whoever may read the one may read the other.
    beside = file.with_name(f"{file.stem}.refused.csv") if str(file) != "-" else Path("standard-input.refused.csv")
    try:
        write_private(beside, content)
    except FileNotWrittenError:
        beside = ctx.app.settings.home / beside.name
        write_private(beside, content)
    return beside


def _tell_refused(imported: ImportResult, kept: Path) -> None:
    for row in imported.refused[:_SHOWN]:
        output.notice(f"line {row.line}: {row.reason}")
    more = len(imported.refused) - _SHOWN
    if more > 0:
        output.notice(f"and {more} more rows")
    output.notice(f"all refused rows, each with its reason, are in {kept}: mend them there and import that file")


@_people.command("status")
def people_status(reference: options.Reference, as_json: options.AsJson = False) -> None:
    """Show what became of the letters, to people and to merchants."""
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import letters
        from incidents.case.next_step import next_step
        from incidents.casework.base.find import find
        from incidents.queries.recipients import recipient_status
        from incidents.queries.waiting_letters import letters_waiting

        with ctx.app.store.read() as session:
            incident = find(session, reference)
            status = recipient_status(session, ctx.app.use_cases, incident, ctx.now)
            waiting = letters_waiting(session, incident, ctx.now)
        case = status.case
        if as_json:
            output.answer(
                {
                    "ref": case.reference,
                    "people_listed": case.people_imported,
                    "people_by_language": status.people_by_language,
                    "merchants_listed": len(case.merchants),
                    "letters": [_count(count) for count in case.ledger],
                    "problems": list(status.problems),
                    "gaps": list(status.gaps),
                    "waiting": letters.waiting_json(waiting),
                }
            )
            return
        _print_status(case, status.people_by_language)
        for line in letters.waiting_lines(waiting, ctx.app.use_cases.zone):
            output.print_out(f"  {line}")
        for problem in (*status.problems, *status.gaps):
            output.notice(problem)
        output.print_out(f"Next: {next_step(case).command or '-'}")


def _count(letters: LedgerCount) -> dict[str, Any]:
    return {
        "kind": letters.kind,
        "language": letters.language,
        "total": letters.total,
        "states": letters.states,
        "first_sent_at": rfc3339(letters.first_sent_at),
        "last_sent_at": rfc3339(letters.last_sent_at),
    }


def _print_status(case: CaseOverview, listed: Mapping[str, int]) -> None:
    languages = ", ".join(f"{language} {count}" for language, count in sorted(listed.items()))
    output.print_out(f"{case.reference}: {case.people_imported} people listed{f' ({languages})' if languages else ''}, "
            f"{len(case.merchants)} merchants")  # fmt: skip
    for letters in case.ledger:
        states = ", ".join(f"{state.replace('_', ' ')} {count}" for state, count in sorted(letters.states.items()))
        output.print_out(f"  {letters.kind} ({letters.language}): {output.many(letters.total, 'letter')}: {states}")
    if not case.ledger:
        output.print_out("  no letters have been ordered yet")


@app.command()
def send(
    reference: options.Reference,
    letters: Annotated[LetterAudience, typer.Argument(metavar="people|controllers", help="To whom.")],
    confirm: Annotated[
        str | None,
        typer.Option("--confirm", metavar="REF:COUNT", help="Reference and number of recipients, to be sure."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be sent; nothing is.")] = False,
    test_to: Annotated[
        str | None,
        typer.Option("--test-to", metavar="ADDRESS", help="Send one copy of each language there, nothing else."),
    ] = None,
    resend_uncertain: Annotated[
        bool, typer.Option("--resend-uncertain", help="Send again what may have arrived already; needs --because.")
    ] = False,
    list_complete: Annotated[
        bool,
        typer.Option(
            "--list-complete",
            help="People: say that everybody who can be written to was, though the facts name more; needs --because.",
        ),
    ] = False,
    because: Annotated[
        str, typer.Option("--because", metavar="TEXT", help="Why it is sent again, or why the list is complete.")
    ] = "",
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Order the approved letters to be sent.

    Only what was approved goes out, to exactly the list that was approved, once to each address. The duty to tell the
    people stays open until the list has as many as the facts name, or a person says with --list-complete why not.
    """
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import send_preview
        from incidents.casework.communication import send as communication_send
        from incidents.casework.communication import settle
        from incidents.kernel.errors import InvalidInputError

        if dry_run:
            send_preview.dry_run(ctx, reference, letters.value)
            return
        if test_to is not None:
            send_preview.send_test(ctx, reference, letters.value, test_to)
            return
        use_cases = ctx.use_cases(expect_version)
        case = (use_cases, ctx.actor, ctx.now, reference)
        if list_complete:
            if letters is not LetterAudience.PEOPLE:
                message = "--list-complete speaks of the list of people: tocsin send REF people --list-complete"
                raise InvalidInputError(message)
            ctx.changed(settle.fulfil_from_coverage(*case, because))
            return
        if resend_uncertain:
            done = communication_send.resend_uncertain(*case, letters.value, because)
        else:
            done = communication_send.order(*case, letters.value, confirm)
        ctx.changed(done)
        service_status.tell_if_nobody_responds(ctx, done.reference, "sends them")
