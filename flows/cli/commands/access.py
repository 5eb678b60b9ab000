"""Commands about who may act: user, token."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli import options, output
from flows.cli.context import CommandContext, command_context
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from incidents.case.lifecycle import PersonRole

app = options.commands()
_user = options.group("user", "Add people and their roles, list them, or disable one.")
_token = options.group("token", "Create or revoke personal tokens.")
app.add_typer(_user)
app.add_typer(_token)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="What colleagues call them.")]


@_user.command("add")
def user_add(
    name: NameArgument,
    role: Annotated[
        list[str],
        typer.Option("--role", metavar="ROLE", help="responder, lead, dpo, approver, auditor, admin; repeatable."),
    ],
    as_json: options.AsJson = False,
) -> None:
    """Add a person and print their first token, this once.

    The first person is an administrator, too, whatever roles are given. Whoever holds this machine may add people
    without a token until two may approve, a token was used, or an hour has passed; then only an administrator may.
    """
    with command_context(as_json=as_json) as ctx:
        from incidents.access import people, set_up

        roles = _roles(role)
        _check_name(name)
        with ctx.app.store.write() as session:
            is_first = set_up.nobody_is_known(session)
            secret = people.add_person(session, ctx.actor, ctx.now, name=name, roles=roles)
            is_open = set_up.door_is_open(session, ctx.now)
        _hand_over(name, secret, ctx)
        if is_first:
            output.notice(f"{name} is the first person here, and so an administrator, too")
        if ctx.actor.proven_by == "os":
            output.notice(
                "until two people may approve, a token is used, or an hour has passed, this machine's user may add more"
                if is_open
                else "from now on only an administrator may add people"
            )


@_user.command("recover")
def user_recover(
    name: NameArgument,
    confirm: Annotated[str, typer.Option("--confirm", metavar="NAME", help="The same name again.")],
    as_json: options.AsJson = False,
) -> None:
    """Make a new administrator where none is left: for the owner of the home folder, loud, and on record for ever.

    Everybody on call is paged through every channel, and `doctor` names it for 30 days.
    """
    with command_context(as_json=as_json) as ctx:
        from flows.operations import recovery

        _check_name(name)
        if confirm != name:
            message = f"say --confirm {name!r}: everybody will be told that you made this administrator"
            raise typer.BadParameter(message)
        done = recovery.recover(ctx.app, ctx.actor, ctx.now, name)
        _hand_over(name, done.token, ctx)
        for problem in done.problems:
            output.notice(problem)


def _check_name(name: str) -> None:
    # A name is what approvals and audit entries quote: two that look alike must not be two people.
    if not name.strip() or name != " ".join(name.split()) or not name.isprintable() or len(name) > 120:  # noqa: PLR2004 - the column's length
        message = "a name is one printable line of at most 120 characters, without blanks at its ends"
        raise typer.BadParameter(message)


def _roles(typed: list[str]) -> frozenset[PersonRole]:
    from incidents.case.lifecycle import PersonRole

    words = [word.strip() for role in typed for word in role.split(",") if word.strip()]
    known = {role.value: role for role in PersonRole}
    strange = [word for word in words if word not in known]
    if strange or not words:
        message = f"{strange[0] if strange else 'nothing'!r} is no role; choose from: {', '.join(known)}"
        raise typer.BadParameter(message)
    return frozenset(known[word] for word in words)


@_user.command("disable")
def user_disable(name: NameArgument, as_json: options.AsJson = False) -> None:
    """End what a person may do, with all their tokens; their name stays on record."""
    with command_context(as_json=as_json) as ctx:
        from incidents.access import people

        with ctx.app.store.write() as session:
            people.disable_person(session, ctx.actor, ctx.now, name=name)
        if as_json:
            output.answer({"name": name, "disabled": True})
            return
        output.print_out(f"✔ {name} may do nothing any more")


@_user.command("list")
def user_list(as_json: options.AsJson = False) -> None:
    """List the people who may act, with their roles."""
    with command_context(as_json=as_json) as ctx:
        from incidents.access import set_up

        with ctx.app.store.read() as session:
            persons = set_up.everybody(session)
        if as_json:
            output.answer([
                {"name": person.name, "roles": person.roles.split(), "disabled_at": rfc3339(person.disabled_at)}
                for person in persons
            ])  # fmt: skip
            return
        for person in persons:
            output.print_out(
                f"{person.name:<24} {', '.join(person.roles.split())}{'  (disabled)' if person.disabled_at else ''}"
            )
        if not persons:
            output.print_out("Nobody yet.\nNext: tocsin user add NAME --role admin")


@_token.command("create")
def token_create(name: NameArgument, as_json: options.AsJson = False) -> None:
    """Make a token for a known person and print it, this once."""
    with command_context(as_json=as_json) as ctx:
        from incidents.access import people

        with ctx.app.store.write() as session:
            secret = people.create_token(session, ctx.actor, ctx.now, name=name)
        _hand_over(name, secret, ctx)


@_token.command("revoke")
def token_revoke(name: NameArgument, as_json: options.AsJson = False) -> None:
    """End all tokens of a person."""
    with command_context(as_json=as_json) as ctx:
        from incidents.access import people

        with ctx.app.store.write() as session:
            count = people.revoke_tokens(session, ctx.actor, ctx.now, name=name)
        if as_json:
            output.answer({"name": name, "revoked": count})
            return
        output.print_out(
            f"✔ {count} token{'s' if count != 1 else ''} of {name} revoked\nNext: tocsin token create {name}"
        )


def _hand_over(name: str, secret: str, ctx: CommandContext) -> None:
    """Print a token alone on standard output, so that it can be captured; the words go aside."""
    if ctx.as_json:
        output.answer({"name": name, "token": secret})
        return
    # Aside, so that `TOKEN=$(tocsin token create ...)` takes the token and nothing else.
    output.print_err(f"✔ the token of {name}; it is shown this once:")
    output.print_out(secret)
    output.print_err(f"Next: {name} sets it in their shell: export TOCSIN_TOKEN=...")
