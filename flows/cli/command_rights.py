"""Who may run what: one row for every command, with the roles that may and whether a token is needed.

Asked before a command does anything, reading commands too. What a role may do *to a case* is the case's own table
(incidents/case/lifecycle.py); the commands of a verb take their roles from there, so that the two cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from incidents.case.lifecycle import PersonRole, Verb, may


@dataclass(frozen=True, kw_only=True)
class CommandRight:
    """One row: the roles that may, and whether the machine's user may without a token.

    The machine's user is for the alarm path: at 3 a.m. a case is opened, read, contained and assessed without any
    token. Papers and personal data, whoever runs them, are asked for in a person's own name.
    """

    roles: frozenset[PersonRole]
    machine: bool


_EVERYBODY: Final = frozenset(PersonRole)
_READERS: Final = _EVERYBODY - {PersonRole.ADMIN}
"""An administrator keeps accounts and has no say in a case: its papers are none of her affair."""
_RESPONSE: Final = frozenset({PersonRole.RESPONDER, PersonRole.LEAD, PersonRole.DPO})
_ADMIN: Final = frozenset({PersonRole.ADMIN})

_OPEN_TO_ALL: Final = CommandRight(roles=_EVERYBODY, machine=True)
_PAPERS: Final = CommandRight(roles=_READERS, machine=False)
_RUNNING: Final = CommandRight(roles=_RESPONSE, machine=True)
"""What acts for a case or pages people: not for who only reads, nor for who only keeps accounts."""
_OWN_NAME: Final = CommandRight(roles=_EVERYBODY, machine=False)


def _of(verb: Verb) -> CommandRight:
    roles = frozenset(role for role in PersonRole if may((role,), verb))
    return CommandRight(roles=roles, machine=PersonRole.RESPONDER in roles)


def _all_of(names: Iterable[str], right: CommandRight) -> dict[str, CommandRight]:
    return dict.fromkeys(names, right)


RIGHTS: Final[dict[str, CommandRight]] = {
    "open": _of(Verb.OPEN),
    "log": _of(Verb.LOG),
    "contain": _of(Verb.CONTAIN),
    "hand-over": _of(Verb.HAND_OVER),
    "aware": _of(Verb.AWARE),
    # Whoever is on the case answers its alerts.
    "ack": _of(Verb.LOG),
    "waive": _of(Verb.WAIVE),
    "assess": _of(Verb.ASSESS),
    "decide": _of(Verb.DECIDE),
    "edit": _of(Verb.EDIT),
    "approve": _of(Verb.APPROVE),
    "people import": _of(Verb.IMPORT_PEOPLE),
    "merchants import": _of(Verb.IMPORT_PEOPLE),
    "send": _of(Verb.SEND),
    "hold": _of(Verb.HOLD),
    "release": _of(Verb.RELEASE),
    **_all_of(
        (f"{group} {verb}" for group in ("people", "merchants") for verb in ("settle", "repeat", "again", "give-up")),
        _of(Verb.SEND),
    ),
    # Why a notification is late is written by who may file it.
    "late": _of(Verb.SUBMIT),
    "published": _of(Verb.PUBLISH),
    "submit": _of(Verb.SUBMIT),
    "question": _of(Verb.LOG),
    "answer": _of(Verb.ANSWER),
    "close": _of(Verb.CLOSE),
    "dismiss": _of(Verb.DISMISS),
    "reopen": _of(Verb.REOPEN),
    # It only lists what would change, unless it is given reasons: then the use case asks.
    "clock reevaluate": _OPEN_TO_ALL,
    # Looking at a case: the alarm path, and what its texts and lists lack.
    **_all_of(
        (
            "list",
            "show",
            "deadlines",
            "clock explain",
            "drafts",
            "preview",
            "people status",
            "people unreached",
            "merchants unreached",
        ),
        _OPEN_TO_ALL,
    ),
    # No case and no person: law, forms, and whether this installation is in order.
    **_all_of(
        (
            "clock due",
            "advise",
            "scope template",
            "scope inventory",
            "schema scope",
            "regimes list",
            "regimes show",
            "regimes check",
            "authorities",
            "authorities list",
            "authorities show",
            "drill",
            "doctor",
            "verify",
            "audit list",
            "key show",
        ),
        _OPEN_TO_ALL,
    ),
    **_all_of(("pack", "report", "register export"), _PAPERS),
    **_all_of(("respond", "heartbeat", "serve", "channel test"), _RUNNING),
    # Whoever installs a new version has the machine, and perhaps no account.
    "migrate": CommandRight(roles=_ADMIN, machine=True),
    "user list": _OWN_NAME,
    # The first set-up is without a token, and the use case knows when that is over (set_up.door_is_open).
    "user add": CommandRight(roles=_ADMIN, machine=True),
    "user disable": CommandRight(roles=_ADMIN, machine=False),
    "user recover": CommandRight(roles=frozenset(), machine=True),
    # One's own, or an administrator anybody's: the use case says whose.
    **_all_of(("token create", "token revoke"), _OWN_NAME),
    "key rotate": CommandRight(roles=_ADMIN, machine=True),
}
"""Every command that does something, as it is typed. A command without a row runs for nobody."""

LOOK_FIRST: Final = frozenset({"migrate", "doctor"})
"""These must run where the database is of another version or does not answer: that is what they are for."""
