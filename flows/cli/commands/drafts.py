"""Commands about what would be said: drafts, preview, edit, approve."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output, service_status
from flows.cli.context import CommandContext, command_context
from flows.cli.files import read_text
from flows.error_codes import Exit
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.case.case_file import CaseOverview, DraftLine

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
            output.answer([_as_json(draft) for draft in case.drafts])
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
    symbol, word = _state(case, draft)
    count = f", {output.many(draft.recipients, 'recipient')}" if draft.kind in {"people", "controllers"} else ""
    output.print_out(f"{symbol} {draft.id:<24} {word}")
    output.print_out(f"    version {draft.version} by {draft.author}{count}, sha256 {draft.sha256[:12]}")
    if draft.missing:
        output.print_out(output.wrapped(", ".join(draft.missing), first="    missing: "))
    if draft.will_follow:
        output.print_out(output.wrapped(", ".join(draft.will_follow), first="    will follow: "))
    for warning in draft.warnings:
        output.print_out(output.wrapped(warning, first="    ! "))


def _state(case: CaseOverview, draft: DraftLine) -> tuple[str, str]:
    if draft.approved_at is not None:
        return "✔", f"approved by {draft.approved_by}" + (" (four eyes overridden)" if draft.approval_note else "")
    # Before "incomplete": nobody should complete what is not owed.
    if case.is_lifted(draft.kind):
        return "–", "not needed: what it would fulfil is not owed"
    if draft.missing:
        return "✘", "incomplete"
    return "▶", "to be read and approved by a second person"


def _say_next(case: CaseOverview) -> None:
    from incidents.case.next_step import next_step

    step = next_step(case)
    if step.command:
        output.print_out(f"Next: {step.command}")


def _as_json(draft: DraftLine) -> dict[str, Any]:
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
        bool, typer.Option("--check", help="Only the check; exit 3 if a required element is missing.")
    ] = False,
    as_json: options.AsJson = False,
) -> int:
    """Read one draft with its hash and its check.

    The hash is what an approval binds to: subject, body and recipient list. Any change voids it.
    """
    with command_context(as_json=as_json) as ctx:
        case = ctx.case(reference)
        draft = _named(case, kind, language)
        if as_json:
            output.answer({**_as_json(draft), "text": draft.text, "html": draft.html})
        elif html and not check:
            output.print_out(draft.html or "This draft has no HTML part.")
        else:
            _print_draft(case, draft, body=not check)
        # The code that `approve` would answer with for the same draft.
        return Exit.REFUSED if check and draft.missing else Exit.OK


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


def _print_draft(case: CaseOverview, draft: DraftLine, *, body: bool) -> None:
    if body:
        output.print_out(f"Subject: {draft.subject}\n")
        output.print_out(draft.text.rstrip("\n"))
        output.print_out("\n" + "-" * 72)
    _print_line(case, draft)
    output.print_out(f"    sha256: {draft.sha256}")
    output.print_out(f"Next: {_next(case, draft)}")


def _next(case: CaseOverview, draft: DraftLine) -> str:
    reference = case.reference
    if draft.missing:
        from incidents.case.outstanding import completing

        return f"{completing(reference, draft.id, draft.missing)}   (or add the facts: tocsin assess)"
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
    as_json: options.AsJson = False,
) -> None:
    """Replace a draft's text, or mark an element as following later.

    A new version comes about; an approval of the old one is void.
    """
    with command_context(as_json=as_json) as ctx:
        from flows.workflows.edit_draft import edit as change

        text = read_text(file) if file is not None else None
        name = f"{kind}.{language}" if language else kind
        done = change(ctx.app, ctx.actor, reference, name, text, frozenset(will_follow or ()))
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
