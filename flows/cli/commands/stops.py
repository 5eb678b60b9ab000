"""Commands that stop letters and settle those that reached nobody: hold, release, and those of both lists."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from flows.cli import options, output, service_status
from flows.cli.context import command_context

if TYPE_CHECKING:
    from collections.abc import Callable

    from incidents.casework.communication.unreached import ChosenRecipients

app = options.commands()

Numbers = Annotated[
    list[int] | None, typer.Argument(metavar="[NUMBER]...", help="Whom, by the numbers that `unreached` lists.")
]
TriedAt = Annotated[
    str | None,
    typer.Option("--tried-at", metavar="TIME", help="Those whose last attempt began then: one round of sending."),
]
All = Annotated[bool, typer.Option("--all", help="All of them.")]


@app.command()
def hold(
    reference: options.Reference,
    because: options.Because = "",
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Stop every letter of a case at once, whoever sends them: the service, cron, another machine.

    What was handed over already cannot be called back. Letting the rest go on takes a second person: tocsin release.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication import hold as case_hold

        ctx.changed(case_hold.hold(ctx.use_cases(expect_version), ctx.actor, ctx.now, reference, because))


@app.command()
def release(
    reference: options.Reference,
    because: options.Because = "",
    expect_version: options.Version = None,
    as_json: options.AsJson = False,
) -> None:
    """Let letters go on that another person stopped."""
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication import hold as case_hold

        done = case_hold.release(ctx.use_cases(expect_version), ctx.actor, ctx.now, reference, because)
        ctx.changed(done)
        service_status.tell_if_nobody_responds(ctx, done.reference, "sends them")


def add_to(group: typer.Typer, kind: str, whom: str) -> None:
    """Give a group of commands (people, merchants) those about recipients whom no letter reached."""

    @group.command("unreached", help=f"List the {whom} whom no letter reached, or perhaps not; addresses are masked.")
    def unreached(
        reference: options.Reference,
        given_up: Annotated[bool, typer.Option("--given-up", help="Also those who were given up.")] = False,
        as_json: options.AsJson = False,
    ) -> None:
        _list(reference, kind, given_up=given_up, as_json=as_json)

    @group.command("settle", help="Say that letters whose answer never came arrived, or did not; needs --because.")
    def settle(
        reference: options.Reference,
        numbers: Numbers = None,
        arrived: Annotated[
            bool | None, typer.Option("--arrived/--not-arrived", help="What was found out.", show_default=False)
        ] = None,
        tried_at: TriedAt = None,
        everybody: All = False,
        because: options.Because = "",
        as_json: options.AsJson = False,
    ) -> None:
        if arrived is None:
            message = "say --arrived or --not-arrived"
            raise typer.BadParameter(message)
        from incidents.casework.communication.unreached import say_arrived

        def found(*given: Any) -> Any:
            return say_arrived(*given, arrived=arrived)

        _decide(found, reference, kind, (numbers, tried_at, everybody), because, as_json=as_json)

    @group.command("repeat", help="Send again letters whose arrival is uncertain; each is flagged; needs --because.")
    @_decision(kind, sends=True)
    def repeat() -> Any:
        from incidents.casework.communication.unreached import repeat

        return repeat

    @group.command(
        "again",
        help=f"Write once more to {whom} whom no letter reached: a draft for them is approved and sent like any other; "
        "needs --because.",
    )
    @_decision(kind)
    def again() -> Any:
        from incidents.casework.communication.unreached import order_anew

        return order_anew

    @group.command(
        "give-up",
        help=f"Say, with reasons, that no further letter is tried to {whom} whom none reached; needs --because.",
    )
    @_decision(kind)
    def give_up() -> Any:
        from incidents.casework.communication.unreached import give_up

        return give_up


def _decision(kind: str, *, sends: bool = False) -> Callable[[Callable[[], Any]], Callable[..., None]]:
    """Make a command of a use case that is given nothing but whom it is about and why; loaded when it is run."""

    def made(use_case: Callable[[], Any]) -> Callable[..., None]:
        def command(
            reference: options.Reference,
            numbers: Numbers = None,
            tried_at: TriedAt = None,
            everybody: All = False,
            because: options.Because = "",
            as_json: options.AsJson = False,
        ) -> None:
            whom = (numbers, tried_at, everybody)
            _decide(use_case(), reference, kind, whom, because, as_json=as_json, sends=sends)

        return command

    return made


def _list(reference: str, kind: str, *, given_up: bool, as_json: bool) -> None:
    with command_context(as_json=as_json) as ctx:
        from flows.cli.views import letters
        from incidents.casework.base.find import find
        from incidents.casework.communication.letter_kinds import group_of
        from incidents.queries.unreached import unreached

        with ctx.app.store.read() as session:
            incident = find(session, reference)
            found = unreached(session, ctx.app.use_cases, incident, kind, given_up=given_up)
            reference = incident.reference
        if as_json:
            output.answer({"ref": reference, "kind": kind, "unreached": [letters.unreached_json(one) for one in found]})
            return
        if not found:
            output.print_out(f"{reference} ({kind}): no letter came back, and none is uncertain")
            return
        who = output.many(len(found), "recipient")
        output.print_out(f"{reference} ({kind}): no letter reached {who}, or perhaps not")
        for line in letters.unreached_lines(found):
            output.print_out(line)
        group = group_of(kind)
        output.print_out(f'Uncertain: tocsin {group} settle {reference} NUMBER --arrived --because "..."')
        output.print_out(f'           tocsin {group} repeat {reference} NUMBER --because "..."')
        output.print_out(f'Came back: tocsin {group} again {reference} NUMBER --because "..."')
        output.print_out(f'           tocsin {group} give-up {reference} NUMBER --because "..."')


def _decide(
    decide: Callable[..., Any],
    reference: str,
    kind: str,
    whom: tuple[list[int] | None, str | None, bool],
    because: str,
    *,
    as_json: bool,
    sends: bool = False,
) -> None:
    with command_context(as_json=as_json) as ctx:
        from incidents.casework.communication.unreached import ChosenRecipients

        numbers, tried_at, everybody = whom
        at = ctx.time(tried_at).at if tried_at else None
        chosen: ChosenRecipients = ChosenRecipients(numbers=tuple(numbers or ()), tried_at=at, everybody=everybody)
        done = decide(ctx.use_cases(None), ctx.actor, ctx.now, reference, kind, chosen, because)
        ctx.changed(done)
        if sends:
            service_status.tell_if_nobody_responds(ctx, done.reference, "sends them")
