"""Whether a service runs flows and the heartbeat; if not, how to do their work by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flows import liveness
from flows.cli import output

if TYPE_CHECKING:
    from flows.cli.context import CommandContext


def _is_alive(ctx: CommandContext, name: str) -> bool:
    """Whether something that must keep running said so lately."""
    with ctx.app.store.read() as session:
        # From rows and not from a process list: the service may run on another machine.
        beat, now = liveness.last_beat(session, name), ctx.app.now_within(session)
    return liveness.is_alive(beat, now, liveness.MAX_AGE[name])


def warn_if_no_heartbeat(ctx: CommandContext) -> None:
    """Say aside that an alert stays unsent, where no heartbeat runs."""
    if not _is_alive(ctx, liveness.HEARTBEAT):
        output.notice("nobody is paged yet: no heartbeat runs. Start `tocsin serve`, or `tocsin heartbeat --once` now")


def tell_if_nobody_responds(ctx: CommandContext, reference: str, what: str) -> None:
    """Say aside that the next step waits, where no service runs the flows."""
    # The dispatcher first: whoever runs it runs the heartbeat in the same process.
    if _is_alive(ctx, liveness.DISPATCHER):
        return
    if _is_alive(ctx, liveness.HEARTBEAT):
        now = f"`tocsin respond {reference}` {what} now"
        output.notice(
            f"the heartbeat runs, but no flows run yet: a service that has just started needs a moment, or {now}"
        )
    else:
        output.notice(f"no service is running: `tocsin respond {reference}` {what} now")
