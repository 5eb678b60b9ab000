"""Commands that run Tocsin: respond, heartbeat, serve, drill, doctor, migrate, channel test."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from flows.cli.time_parsing import read_speed
from flows.error_codes import Exit

if TYPE_CHECKING:
    from notifications.delivery.model import DeliveryResult

app = options.commands()
_channel = options.group("channel", "Send a test page through one channel.")
app.add_typer(_channel)


@app.command()
def respond(reference: options.Reference, as_json: options.AsJson = False) -> int:
    """Do now, without the service, all that can be done for a case: drafts, letters that were ordered.

    The service does this by itself; this is the way when it, or Prefect, is down.
    """
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import letters
        from flows.workflows.respond import respond as drive
        from flows.workflows.send_letters import communicate
        from incidents.casework.base.find import find
        from incidents.queries.waiting_letters import letters_waiting

        with ctx.app.store.read() as session:
            reference = find(session, reference).reference
        _say_problems_once()
        # Drafts, letters, and once more: what the letters fulfil is settled by the second run.
        before = drive(ctx.app, reference)
        sent = communicate(ctx.app, reference)
        after = drive(ctx.app, reference) if sent.handled else before
        with ctx.app.store.read() as session:
            waiting = letters_waiting(session, find(session, reference), ctx.now)
        did = [*before.did, *(after.did if after is not before else ())]
        if as_json:
            output.answer({"ref": reference, "did": did, "letters": _round(sent), "waits_for": after.waits_for,
                           "waiting": letters.waiting_json(waiting)})  # fmt: skip
        else:
            _print(reference, did, sent, list(letters.waiting_lines(waiting, ctx.app.use_cases.zone)))
            output.print_out(f"Now: {after.waits_for}")
        return _report_problems(sent)


def _print(reference: str, did: list[str], sent: DeliveryResult, waiting: list[str]) -> None:
    for line in did:
        output.print_out(f"✔ {line}")
    if sent.handled:
        output.print_out(f"✔ letters: {_in_words(sent)}")
    for line in waiting:
        output.print_out(f"  {line}")
    if not did and not sent.handled and not waiting:
        output.print_out(f"{reference}: there was nothing to do")


def _report_problems(sent: DeliveryResult) -> int:
    for problem in sent.problems:
        output.notice(problem)
    return Exit.FAILED if sent.problems else Exit.OK


def _say_problems_once() -> None:
    """What the outbox logs for each batch, a command says once, at its end."""
    logging.getLogger("notifications.delivery.outbox").setLevel(logging.ERROR)


def _round(done: DeliveryResult) -> dict[str, Any]:
    return {
        "accepted": done.accepted,
        "waiting": done.waiting,
        "rejected": done.rejected,
        "uncertain": done.uncertain,
        "problems": list(done.problems),
    }


def _in_words(done: DeliveryResult) -> str:
    counts = _round(done)
    return ", ".join(
        f"{counts[name]} {name}" for name in ("accepted", "waiting", "rejected", "uncertain") if counts[name]
    )


@app.command()
def heartbeat(
    once: Annotated[bool, typer.Option("--once", help="Look once and end; run it every minute from cron.")] = False,
    as_json: options.AsJson = False,
) -> int:
    """Let the clock look once: raise, send and escalate alerts (for cron)."""
    if not once:
        message = "say --once; a heartbeat that goes on is part of `tocsin serve`"
        raise typer.BadParameter(message)
    with command_context(as_json=as_json, goes_on=True) as ctx:
        from flows.workflows.heartbeat import run_heartbeat

        _say_problems_once()
        problem = ctx.app.found.problem
        if problem:
            output.notice(str(ctx.app.found.notice))
        done = run_heartbeat(ctx.app)
        if as_json:
            output.answer({"updated": done.noticed, "escalated": done.escalated, "messages": done.messages,
                        "delivered": _round(done.delivered)})  # fmt: skip
        else:
            sent = _in_words(done.delivered) or "nothing to send"
            output.print_out(
                f"✔ {output.many(done.noticed, 'deadline')} updated, {output.many(done.escalated, 'alert')} escalated, "
                f"{output.many(done.messages, 'message')}: {sent}"
            )
        # Every alarm went out, and still whoever reads cron's mail must learn that the file is broken.
        return _report_problems(done.delivered) or (Exit.FAILED if problem else Exit.OK)


@app.command()
def serve(as_json: options.AsJson = False) -> int:
    """Run everything: heartbeat, flows, health checks. With --json the address is the answer, given once it listens."""

    def listens(address: str) -> None:
        # Only now, when the socket answers: a script that waits for this line may connect at once.
        output.answer({"listens": address, "pid": os.getpid()}) if as_json else None
        output.print_err(f"✔ Tocsin listens on {address}")

    with command_context(as_json=as_json, goes_on=True) as ctx:
        from flows.service import serve as run

        if ctx.app.found.notice:
            output.notice(ctx.app.found.notice)
        return run(ctx.app, ready=listens)


@app.command()
def drill(
    scenario: Annotated[str, typer.Argument(metavar="[SCENARIO]")] = "exposed-bucket",
    speed: Annotated[str, typer.Option("--speed", metavar="1h/s", help="How fast the clock runs.")] = "1h/s",
    keep: Annotated[Path | None, typer.Option("--keep", metavar="DIR", help="Keep everything in this folder.")] = None,
    as_json: options.AsJson = False,
) -> int:
    """Play a whole case through with a fast clock, in a throw-away home; exit 1 if an invariant did not hold.

    With --json the story goes to standard error, and the answer says what was checked and where the reports lie.
    """
    from flows.exercises.drill import run_drill

    outcome = run_drill(scenario, read_speed(speed), keep, output.print_err if as_json else output.print_out)
    if as_json:
        output.answer(
            {
                "scenario": scenario,
                "held": outcome.held,
                "home": str(outcome.home),
                "checks": [{"holds": check.holds, "says": check.says} for check in outcome.checks],
                "reports": [str(path) for path in outcome.reports],
            }
        )
    return Exit.OK if outcome.held else Exit.FAILED


@app.command()
def doctor(as_json: options.AsJson = False) -> int:
    """Say what is not in order, and how to mend it; exit 1 if something is broken."""
    with command_context(as_json=as_json, whatever_the_organisation=True) as ctx:
        from flows.operations.doctor import examine

        findings = examine(ctx.app)
        if as_json:
            output.answer([{"ok": finding.ok, "what": finding.what, "fix": finding.fix} for finding in findings])
        else:
            for finding in findings:
                symbol, colour = {True: ("✔", "green"), None: ("!", "yellow"), False: ("✘", "red")}[finding.ok]
                output.print_out(f"{output.coloured(symbol, colour)} {output.wrapped(finding.what, rest='  ')}")
                if finding.fix:
                    output.print_out(output.wrapped(finding.fix, first="    → "))
        return Exit.FAILED if any(finding.ok is False for finding in findings) else Exit.OK


@app.command()
def migrate(as_json: options.AsJson = False) -> None:
    """Bring the database to this version's schema."""
    with command_context(as_json=as_json) as ctx:
        from incidents.audit.adoption import adopt
        from incidents.storage.migrate import upgrade

        # By the address and not through `app.store`, which refuses the very schema that is to be brought up.
        before, after = upgrade(ctx.app.settings.database_url, lambda session: adopt(session, ctx.now))
        if as_json:
            output.answer({"before": before, "after": after})
            return
        output.print_out(
            f"✔ the database is at schema {after}" + ("" if before == after else f" (it was at {before or 'none'})")
        )


@_channel.command("test")
def channel_test(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name under `channels` in the organisation's file.")],
    as_json: options.AsJson = False,
) -> None:
    """Send a test page through one channel."""
    with command_context(as_json=as_json) as ctx:
        page_id = _page(ctx, name)
        if as_json:
            output.answer({"channel": name, "accepted": page_id})
            return
        output.print_out(
            f"✔ {name} accepted a test page ({page_id}). Accepted is not delivered: see whether it arrived"
        )


def _page(ctx: CommandContext, name: str) -> str:
    from incidents.kernel.errors import NotFoundError
    from notifications.delivery.channel import PageMessage

    pagers = ctx.app.channels.pagers
    if name not in pagers:
        message = (
            f"{name!r} is no channel; there are: {', '.join(pagers) or 'none (see `channels` in organisation.yaml)'}"
        )
        raise NotFoundError(message)
    page = PageMessage(
        # A key of its own each second: a folder that takes pages keeps both of two tests.
        key=f"test/{name}/{int(ctx.now.timestamp())}",
        title="Tocsin test page",
        body=f"This is a test of the channel {name}. Nothing happened; nobody needs to do anything.",
        urgency="low",
    )
    return pagers[name].page(page).provider_id


@_channel.callback()
def _of_channel() -> None:
    """Send a test page through one channel."""
