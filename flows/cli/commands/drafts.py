"""Commands about what would be said: drafts, preview, edit, approve."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from flows.cli import options, output, service_status
from flows.cli.context import CommandContext, command_context
from flows.cli.files import read_text
from flows.error_codes import Exit
from incidents.case.placeholders import merge_fields
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.case.case_file import CaseOverview, DraftLine
    from incidents.case.draft_obstacles import DraftObstacle

app = options.commands()

DraftKindArgument = Annotated[
    str, typer.Argument(metavar="KIND", help="people, people.de, authority-initial ...: see `drafts`.")
]


@app.command()
def drafts(reference: options.Reference, as_json: options.AsJson = False) -> None:
    """Show what would be said, and what is missing or not approved."""
    with command_context(as_json=as_json) as ctx:
        case = ctx.case(reference)
        if as_json:
            output.answer([_as_json(case, draft) for draft in case.drafts])
            return
        if not case.drafts:
            _say_why_there_are_none(ctx, case)
            return
        for draft in case.drafts:
            _print_line(case, draft)
        _say_next(case)


def _say_why_there_are_none(ctx: CommandContext, case: CaseOverview) -> None:
    output.print_out("No draft is ready yet.")
    if case.decision is None:
        from incidents.case.next_step import next_step

        output.print_out(f"Next: {next_step(case).command}")
        return
    service_status.tell_if_nobody_responds(ctx, case.reference, "prepares the drafts")


def _print_line(case: CaseOverview, draft: DraftLine) -> None:
    for line in _lines(case, draft):
        output.print_out(line)


def _lines(case: CaseOverview, draft: DraftLine) -> Iterator[str]:
    """Say of a draft where it stands, its hash, and what keeps it from going out."""
    symbol, word = _state(case, draft)
    count = f", {output.many(draft.recipients, 'recipient')}" if draft.kind in {"people", "controllers"} else ""
    edited = ", with a person's words" if draft.edited else ""
    yield f"{symbol} {draft.id:<24} {word}"
    yield f"    version {draft.version} by {draft.author}{edited}{count}, sha256 {draft.sha256[:12]}"
    if draft.approval_note:
        yield output.wrapped(
            f"APPROVED WITHOUT A SECOND PERSON by {draft.approved_by}: {draft.approval_note}", first="    ! "
        )
    if not case.is_lifted(draft.kind):
        for obstacle in obstacles_of(case, draft):
            if obstacle.kind == "incomplete":
                yield output.wrapped(", ".join(draft.missing), first="    missing: ")
            else:
                yield output.wrapped(obstacle.what, first="    ! ")
                yield output.wrapped(obstacle.mend, first="      ")
    if draft.will_follow:
        yield output.wrapped(", ".join(draft.will_follow), first="    will follow: ")
    for warning in draft.warnings:
        yield output.wrapped(warning, first="    ! ")


def obstacles_of(case: CaseOverview, draft: DraftLine) -> tuple[DraftObstacle, ...]:
    """What keeps a draft from being approved."""
    from incidents.case.draft_obstacles import obstacles

    return obstacles(case, draft)


_STANDS: Final = {
    "stale": ("✘", "STALE: it speaks of a record that has changed"),
    "conflict": ("✘", "in conflict: a person has to say which words hold"),
    "placeholder": ("✘", "still holds placeholders"),
    "incomplete": ("✘", "incomplete"),
}


def _state(case: CaseOverview, draft: DraftLine) -> tuple[str, str]:
    approved = f"approved by {draft.approved_by}"
    # Before "incomplete": nobody should complete what is not owed.
    if case.is_lifted(draft.kind) and draft.approved_at is None:
        return "–", "not needed: what it would fulfil is not owed"
    found = obstacles_of(case, draft)
    if found:
        symbol, word = _STANDS[found[0].kind]
        return symbol, f"{word}; the approval by {draft.approved_by} no longer holds" if draft.approved_at else word
    if draft.approval_note:
        return "!", f"{approved} WITHOUT A SECOND PERSON"
    if draft.approved_at is not None:
        return "✔", approved
    return "▶", "to be read and approved by a second person"


def _say_next(case: CaseOverview) -> None:
    from incidents.case.next_step import next_step

    step = next_step(case)
    if step.command:
        output.print_out(f"Next: {step.command}")


def _as_json(case: CaseOverview, draft: DraftLine) -> dict[str, Any]:
    return {
        "draft": draft.id,
        "kind": draft.kind,
        "language": draft.language,
        "version": draft.version,
        "subject": draft.subject,
        "sha256": draft.sha256,
        "author": draft.author,
        "created_at": rfc3339(draft.created_at),
        "recipients": draft.recipients,
        "edited": draft.edited,
        "obstacles": [
            {"kind": found.kind, "what": found.what, "mend": found.mend} for found in obstacles_of(case, draft)
        ],
        "conflicts": [dict(conflict) for conflict in draft.conflicts],
        "missing": list(draft.missing),
        "will_follow": list(draft.will_follow),
        "warnings": list(draft.warnings),
        "approved_at": rfc3339(draft.approved_at),
        "approved_by": draft.approved_by,
        "override_because": draft.approval_note,
    }


@app.command()
def preview(
    reference: options.Reference,
    kind: DraftKindArgument,
    language: options.LanguageOption = None,
    html: Annotated[bool, typer.Option("--html", help="Print the HTML part.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Only the check; exit 3 if the text could not be approved as it stands.")
    ] = False,
    as_json: options.AsJson = False,
) -> int:
    """Read one draft: its text on standard output and nothing else, its hash and check beside it.

    The hash is what an approval binds to: subject, body and recipient list. Any change voids it. What is written to a
    file (tocsin preview REF KIND > text.txt) can be given back: tocsin edit REF KIND --file text.txt.
    """
    with command_context(as_json=as_json) as ctx:
        case = ctx.case(reference)
        draft = _named(case, kind, language)
        if as_json:
            output.answer({**_as_json(case, draft), "text": draft.text, "html": draft.html})
        elif check:
            for line in _trailer(case, draft):
                output.print_out(line)
        else:
            _print_draft(case, draft, html=html)
        # The code that `approve` would answer with for the same draft.
        return Exit.REFUSED if check and obstacles_of(case, draft) else Exit.OK


def _named(case: CaseOverview, kind: str, language: str | None) -> DraftLine:
    """Find a draft by kind, or kind and language; an unknown language falls back to English and says so."""
    from incidents.kernel.errors import NotFoundError

    required = f"{kind}.{language}" if language else kind
    fitting = [draft for draft in case.drafts if required in {draft.id, draft.kind}]
    # "people" fits people.en and people.de; "people.de" is exact. An exact name wins over a kind of the same letters.
    exact = [draft for draft in fitting if draft.id == required]
    if not fitting and language:
        exact = [draft for draft in case.drafts if draft.id == f"{kind}.en"]
        if exact:
            output.notice(f"there is no draft in {language!r}: those who read it are written to in English")
    if len(exact or fitting) == 1:
        return (exact or fitting)[0]
    there = ", ".join(draft.id for draft in case.drafts)
    message = f"{required!r} is not one draft of {case.reference}; " + (
        f"there are: {there}" if there else f"none is ready yet: tocsin drafts {case.reference}"
    )
    raise NotFoundError(message)


def _print_draft(case: CaseOverview, draft: DraftLine, *, html: bool) -> None:
    """Give the text byte for byte, so that it can be written to a file, changed and given back; all else aside."""
    if html and not draft.html:
        output.notice("this draft has no HTML part")
    elif html:
        output.print_exactly(f"{draft.html}\n")
    else:
        output.print_exactly(f"Subject: {draft.subject}\n\n{draft.text}")
    # A rule between text and trailer, where a terminal shows both.
    output.print_err("-" * 72)
    for line in _trailer(case, draft):
        output.print_err(line)


def _trailer(case: CaseOverview, draft: DraftLine) -> Iterator[str]:
    yield from _lines(case, draft)
    for conflict in draft.conflicts:
        yield f"    under “{conflict['section']}”"
        yield from (f"      {mark} {line}" for mark, side in _SIDES for line in conflict[side].splitlines() or [""])
    fields = [field for field in merge_fields() if field in draft.text or field in draft.subject]
    if draft.kind == "controllers" and fields:
        told = f"{', '.join(fields)}: filled for each merchant with its own name and figures when it is sent"
        yield output.wrapped(told, first="    ")
    yield f"    sha256: {draft.sha256}"
    yield f"Next: {_next(case, draft)}"


_SIDES: Final = (("yours: ", "yours"), ("record:", "fresh"))


def _next(case: CaseOverview, draft: DraftLine) -> str:
    reference = case.reference
    found = obstacles_of(case, draft)
    if found and found[0].kind == "incomplete":
        from incidents.case.outstanding import completing

        return f"{completing(reference, draft.id, draft.missing)}   (or add the facts: tocsin assess)"
    if found:
        return f"put it right: {found[0].mend}"
    if draft.approved_at is None:
        return f"a second person: tocsin approve {reference} {draft.id} --sha256 {draft.sha256[:12]}"
    from incidents.case.next_step import next_step

    return next_step(case).command or f"tocsin show {reference}"


@app.command()
def edit(
    reference: options.Reference,
    kind: DraftKindArgument,
    language: options.LanguageOption = None,
    file: Annotated[
        Path | None,
        typer.Option(
            "--file", metavar="FILE", help="The new text; may start with a line `Subject: ...`; - reads stdin."
        ),
    ] = None,
    will_follow: Annotated[
        list[str] | None,
        typer.Option("--will-follow", metavar="ELEMENT", help='Mark as "not yet known, will follow" (Art. 33(4)).'),
    ] = None,
    reset: Annotated[
        bool, typer.Option("--reset", help="Take back what people wrote: the text is again what the record gives.")
    ] = False,
    of_version: Annotated[
        int | None,
        typer.Option(
            "--of-version", metavar="N", min=1, help="The version the file was made from; what changed since is merged."
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Change a draft's text, take a change back, or mark an element as following later.

    A new version comes about; an approval of the old one is void. Your words are kept as what they change: when facts,
    decision or lists change, they are merged with the text composed anew, and where both changed you are asked.
    """
    with command_context(as_json=as_json) as ctx:
        from flows.workflows.edit_draft import DraftChange
        from flows.workflows.edit_draft import edit as change

        text = read_text(file) if file is not None else None
        name = f"{kind}.{language}" if language else kind
        requested = DraftChange(text=text, will_follow=frozenset(will_follow or ()), of_version=of_version, reset=reset)
        done = change(ctx.app, ctx.actor, reference, name, requested)
        ctx.changed(done)
        service_status.tell_if_nobody_responds(ctx, done.reference, "answers the change")


@app.command()
def approve(
    reference: options.Reference,
    draft: Annotated[str, typer.Argument(metavar="DRAFT", help="Such as people.de.")],
    sha256: Annotated[str, typer.Option("--sha256", metavar="HASH", help="What `preview` showed; 12 characters do.")],
    override: Annotated[
        str | None,
        typer.Option(
            "--override", metavar="TEXT", help="Emergency only: approve one's own draft, and why. Stays on record."
        ),
    ] = None,
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Approve exactly what was read, as the second person."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication import approval

        done = approval.approve(
            ctx.use_cases(expect_version), ctx.actor, ctx.now, reference, draft, sha256, override=override
        )
        ctx.changed(done)
