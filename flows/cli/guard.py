"""What stands before every command: a token that was given must be good, and whoever asks must be one who may."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flows.bootstrap import App
    from flows.cli.command_rights import CommandRight
    from incidents.access.people import ActingPerson
    from incidents.storage.database import Store

PROVEN: ContextVar[tuple[Store, ActingPerson] | None] = ContextVar("proven", default=None)
"""Who was found to ask, with the database that was asked: the command need not ask again."""


def guarded(command: Any, path: str) -> Any:
    """Let a command, and all that it has below it, first ask whether it may run."""
    for name, below in getattr(command, "commands", {}).items():
        guarded(below, f"{path} {name}")
    # A group does nothing by itself, unless it was said to: then its callback is a command like others.
    if command.callback is not None and (
        not hasattr(command, "commands") or getattr(command, "invoke_without_command", False)
    ):
        command.callback = _asking_first(command.callback, path)
    return command


def _asking_first(callback: Callable[..., Any], path: str) -> Callable[..., Any]:
    @functools.wraps(callback)
    def asked(*arguments: Any, **options: Any) -> Any:
        token = PROVEN.set(None)
        try:
            check(path)
            return callback(*arguments, **options)
        finally:
            proven = PROVEN.get()
            PROVEN.reset(token)
            if proven is not None:
                proven[0].close()

    return asked


def check(path: str) -> None:
    """Refuse whoever may not run this command, before it does anything.

    Raises:
        UnknownTokenError: a token was given and is not good, whatever was to be done with it.
        PermissionDeniedError: the role, or the lack of a token, does not allow it.

    """
    from flows.cli.command_rights import RIGHTS

    right = RIGHTS.get(path)
    has_token = any(os.environ.get(name) for name in ("TOCSIN_TOKEN", "TOCSIN_TOKEN_FILE"))
    # Without a token, what the machine's user may do needs no database: `advise` and `clock due` work where there is
    # none, and `open` is not held up.
    if right is not None and right.machine and not has_token:
        return
    from flows.bootstrap import build
    from incidents.kernel.errors import PermissionDeniedError

    actor, is_first_run = _who(build(whatever_the_organisation=True), path, has_token=has_token)
    if actor is None:
        return
    if right is not None and (is_first_run or actor.holds(*right.roles)) and (has_token or is_first_run):
        return
    message = f"{actor.name} may not run `tocsin {path}`: {_needs(right, has_token=has_token)}"
    raise PermissionDeniedError(message)


def _needs(right: CommandRight | None, *, has_token: bool) -> str:
    if right is None:
        return "it has no row in the table of who may what"
    if not right.roles:
        return "it is for the owner of the machine, without a token: unset TOCSIN_TOKEN"
    roles = ", ".join(sorted(right.roles))
    if has_token:
        return f"that needs one of these roles: {roles}"
    return f"that needs one of these roles: {roles} (set TOCSIN_TOKEN to your personal token)"


def _who(app: App, path: str, *, has_token: bool) -> tuple[ActingPerson | None, bool]:
    """Who asks, and whether nobody is known yet; nobody where that cannot be found out and need not be."""
    from flows.bootstrap import actor
    from flows.cli.command_rights import LOOK_FIRST
    from incidents.access import people, set_up
    from incidents.storage.database import Store, StoreUnreachableError

    if path in LOOK_FIRST:
        # Not prepared: of another version, it still knows its people.
        app.__dict__["store"] = store = Store(app.settings.database_url)
        try:
            if store.asked_revision() is None:
                message = "the token in TOCSIN_TOKEN is not known: this database is empty; unset it"
                raise people.UnknownTokenError(message)
            who = actor(app)
        except StoreUnreachableError:
            return None, False
        finally:
            store.close()
        return who, False
    who = actor(app)
    with app.store.read() as session:
        is_first_run = not has_token and set_up.nobody_is_known(session)
    PROVEN.set((app.store, who))
    return who, is_first_run


def lend(app: App) -> ActingPerson | None:
    """Give a command the database that was asked already; who asks, where that is known."""
    proven = PROVEN.get()
    if proven is None:
        return None
    # `cached_property` reads from here first.
    app.__dict__["store"] = proven[0]
    return proven[1]
