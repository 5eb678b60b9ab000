"""Commands about the record itself: verify, audit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from flows.error_codes import Exit

if TYPE_CHECKING:
    from incidents.audit.verify import KeptHead, VerificationResult
    from incidents.storage.tables.case import AuditEntry

app = options.commands()
_audit = options.group("audit", "Show the entries of the audit log.")
app.add_typer(_audit)
_MOST_LINES = 20


@app.command()
def verify(
    reference: Annotated[
        str | None, typer.Argument(metavar="[REF]", help="Rows, lists and files of this case only.")
    ] = None,
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="N:HASH", help="A head kept elsewhere, as an earlier verification printed it."),
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Check the audit chain, every row and list it vouches for, and every file of evidence.

    Exit 10 if anything does not hold. Keep the head that is printed somewhere else, and give it back with --head: a
    chain cannot see by itself that its end was cut off, or that all of it was written anew.
    """
    kept = _read_head(head) if head is not None else None
    with command_context(as_json=as_json) as ctx:
        from incidents.audit.verify import verify
        from incidents.casework.base.find import find

        with ctx.app.store.read() as session:
            incident = find(session, reference) if reference is not None else None
            verified = verify(session, incident.reference if incident else None, head=kept)
        # Files beside the chain: it vouches for the hash of a file, and not that the file is still there.
        damage = _damaged(ctx, incident.id if incident else None)
        holds = verified.is_intact and not damage
        if as_json:
            output.answer(_as_json(verified, damage))
        elif holds:
            scope = f"rows, lists and files of {incident.reference}" if incident else "every row, list and file"
            output.print_out(f"✔ the audit chain holds, and {scope} with it: {verified.entries} entries")
            output.print_out(f"  head {verified.entries}:{verified.head}")
            if kept is None:
                output.print_out("  Keep the head elsewhere; later: tocsin verify --head N:HASH")
        else:
            lines = [broken.what for broken in verified.breaks] + damage
            for line in lines[:_MOST_LINES]:
                output.print_err(f"✘ {line}")
            if len(lines) > _MOST_LINES:
                output.print_err(f"✘ and {len(lines) - _MOST_LINES} more; all of them: tocsin verify --json")
        return Exit.OK if holds else Exit.CHAIN_BROKEN


def _read_head(typed: str) -> KeptHead:
    from incidents.audit.verify import KeptHead

    seq, colon, digest = typed.strip().partition(":")
    digest = digest.strip().lower()
    if not (colon and seq.isdecimal() and len(digest) == 64 and not set(digest) - set("0123456789abcdef")):  # noqa: PLR2004 - SHA-256 in hexadecimal
        message = "a head is the number of an entry and its hash, as `tocsin verify` prints it: 17:3fa1... (64 digits)"
        raise typer.BadParameter(message)
    return KeptHead(seq=int(seq), hash=digest)


def _as_json(verified: VerificationResult, damage: list[str]) -> dict[str, Any]:
    broken = verified.broken
    return {
        "intact": verified.is_intact and not damage,
        "entries": verified.entries,
        "head": verified.head,
        "broken": {"seq": broken.seq, "what": broken.what} if broken else None,
        "breaks": [{"seq": one.seq, "what": one.what} for one in verified.breaks],
        "evidence": damage,
    }


def _damaged(ctx: CommandContext, incident_id: int | None) -> list[str]:
    from incidents.evidence import files
    from incidents.queries.evidence import evidence_files

    with ctx.app.store.read() as session:
        rows = evidence_files(session, incident_id)
    problems = (files.find_corrupted(ctx.app.use_cases.evidence_folder, row) for row in rows)
    return [problem for problem in problems if problem is not None]


@_audit.command("list")
def audit_list(
    reference: Annotated[str | None, typer.Argument(metavar="[REF]", help="Entries about this case only.")] = None,
    kind: Annotated[
        str | None, typer.Option("--kind", metavar="KIND", help="Entries of this kind, or of a group: `draft`.")
    ] = None,
    after: Annotated[int, typer.Option("--after", metavar="N", min=0, help="Entries after number N.")] = 0,
    most: Annotated[
        int, typer.Option("--most", metavar="COUNT", min=1, help="At most so many: the newest, if N is not given.")
    ] = 50,
    as_json: options.AsJson = False,
) -> None:
    """Show the entries of the audit log: who did what when, with each entry's hash.

    An entry names no affected person and quotes nobody; what it vouches for is counted, and with --json named.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.base.find import find
        from incidents.queries.audit_entries import listed_entries

        with ctx.app.store.read() as session:
            about = find(session, reference).reference if reference is not None else None
            found = listed_entries(session, incident=about, kind=kind, after=after, most=most)
        if as_json:
            output.answer([_entry_as_json(entry) for entry in found.entries])
            return
        for entry in found.entries:
            output.print_out(_entry_line(entry))
        if not found.entries:
            output.print_out("No such entry.")
        elif found.left_out:
            output.notice(
                f"{found.left_out} more; --after and --most choose which, --json has what each entry vouches for"
            )


def _entry_line(entry: AuditEntry) -> str:
    about = entry.incident or "-"
    return f"{entry.seq:>6}  {entry.at[:19]}Z  {entry.kind:<22} {about:<14} {entry.actor:<20} {entry.hash[:12]}"


def _entry_as_json(entry: AuditEntry) -> dict[str, Any]:
    import json

    return {
        "seq": entry.seq,
        "at": entry.at,
        "kind": entry.kind,
        "ref": entry.incident,
        "actor": entry.actor,
        "payload": json.loads(entry.payload),
        "prev": entry.prev,
        "hash": entry.hash,
    }
