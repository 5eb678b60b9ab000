"""Commands about the master key, under which the addresses of affected people are sealed: key."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flows.cli import options, output
from flows.cli.context import command_context
from incidents.kernel.timestamps import rfc3339

app = options.commands()
_key = options.group("key", "Show which master key this database has, or put a new one in its place.")
app.add_typer(_key)


@_key.command("show")
def key_show(as_json: options.AsJson = False) -> None:
    """Show the fingerprint and age of the database's key and of the one here; never a key."""
    with command_context(as_json=as_json) as ctx:
        from flows import key_files
        from incidents.access import master_keys
        from incidents.storage.encryption import fingerprint

        with ctx.app.store.read() as session:
            state = master_keys.state(session)
        here = [fingerprint(key) for key in key_files.candidates(ctx.app.settings)]
        fits = state.fingerprint in here
        if as_json:
            output.answer({
                "fingerprint": state.fingerprint,
                "created_at": rfc3339(state.created_at) if state.created_at else None,
                "here": here,
                "fits": fits,
                "sealed": state.has_sealed,
                "retired": [{"fingerprint": name, "retired_at": rfc3339(at)} for name, at in state.retired],
            })  # fmt: skip
            return
        if state.fingerprint is None or state.created_at is None:
            output.print_out("This database has no key yet: the first use makes one, or takes the one that is here.")
        else:
            days = output.many((ctx.now - state.created_at).days, "day")
            since = output.both(state.created_at, ctx.zone)
            output.print_out(f"The database's key: {state.fingerprint[:12]}, since {since} ({days})")
        for name in here:
            output.print_out(f"The key here:       {name[:12]}{'' if fits or not state.fingerprint else '  (another)'}")
        if not here:
            output.print_out("The key here:       none")
        for name, at in state.retired:
            output.print_out(f"Replaced:           {name[:12]}, {output.both(at, ctx.zone)}")


@_key.command("rotate")
def key_rotate(
    new_key: Annotated[
        Path | None,
        typer.Option("--new-key", metavar="FILE", help="The new key, where the present one is TOCSIN_MASTER_KEY."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Put a new master key in the place of the present one; run again, it finishes what was interrupted.

    No sealed address changes: the master key wraps the key under which they are sealed, and only that is wrapped anew.
    """
    with command_context(as_json=as_json) as ctx:
        from flows import key_files

        settings = ctx.app.settings
        name = key_files.rotate(settings, ctx.app.store, ctx.actor, ctx.app.clock, new_key)
        if as_json:
            output.answer({"fingerprint": name, "retired": [str(path) for path in key_files.retired_paths(settings)]})
            return
        output.print_out(f"✔ the master key is now {name[:12]}")
        if settings.master_key is not None:
            output.print_out(
                "Next: set TOCSIN_MASTER_KEY to the new key wherever Tocsin runs, and keep the old one with the "
                "backups made until now"
            )
            return
        output.print_out(
            f"Next: back up {key_files.path_of(settings)}; keep {key_files.retired_paths(settings)[-1].name} with the "
            "backups made until now, and not here"
        )
