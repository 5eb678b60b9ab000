"""What the doctor looks at in who may act and with which key: approvers, who appoints people, the master key."""

from __future__ import annotations

import stat
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flows.operations.finding import Finding

if TYPE_CHECKING:
    from flows.bootstrap import App

# Author and approver are two people, and the author of a draft is whoever decided.
APPROVERS: Final = 2
RECOVERY_SHOWN: Final = timedelta(days=30)
"""For how long a recovery of the administration is named."""


def approvers(app: App) -> Iterator[Finding]:
    """Whether four eyes are possible."""
    from incidents.access import set_up
    from incidents.case.lifecycle import Verb, may

    with app.store.read() as session:
        persons = set_up.everybody(session)
    # By role and not by token: a token can be made anew at any time (`tocsin token create`).
    count = sum(1 for person in persons if person.disabled_at is None and may(set_up.roles_of(person), Verb.APPROVE))
    enough = count >= APPROVERS
    yield Finding(
        ok=True if enough else None,
        what=f"{count} people may approve (four eyes need {APPROVERS})",
        fix=None if enough else "`tocsin user add NAME --role approver`",
    )


def who_appoints(app: App) -> Iterator[Finding]:
    """Whether anybody on this machine may appoint people, and whether somebody lately did it past an administrator."""
    from incidents.access import set_up

    now = app.now()
    with app.store.read() as session:
        known, is_open = not set_up.nobody_is_known(session), set_up.door_is_open(session, now)
        recovered = set_up.recovered_since(session, now - RECOVERY_SHOWN)
        administrators = set_up.administrators(session)
    if is_open:
        yield Finding(
            ok=None,
            what="anybody with a shell on this machine may add people: the first set-up is not over"
            if known
            else "nobody is known yet, and anybody with a shell on this machine may add people",
            fix="`tocsin user add NAME --role ROLE` until two may approve; or one of them uses their token",
        )
    elif not administrators:
        yield Finding(ok=False, what="no administrator is left: nobody can add or disable people",
                      fix="the owner of the home folder: `tocsin user recover NAME --confirm NAME`")  # fmt: skip
    else:
        yield Finding(ok=True, what="only an administrator may add people")
    for name in recovered:
        yield Finding(ok=None, what=f"{name} was made an administrator by `tocsin user recover` in the last 30 days",
                      fix=f"ask whether that was meant; if not: `tocsin user disable {name}`")  # fmt: skip


def master_key(app: App) -> Iterator[Finding]:
    """Whether the key here is the database's, for its owner alone, and the only one."""
    from flows import key_files
    from incidents.access import master_keys
    from incidents.storage.encryption import DeferredVault, MasterKeyError, id_of

    path, from_environment = key_files.path_of(app.settings), app.settings.master_key is not None
    where = "TOCSIN_MASTER_KEY" if from_environment else str(path)
    with app.store.read() as session:
        known = master_keys.state(session)
    try:
        nothing_yet = known.fingerprint is None and not known.has_sealed and not key_files.candidates(app.settings)
        if nothing_yet:
            yield Finding(ok=True, what=f"the master key will be made on first use ({path})")
            return
        vault = app.vault
        if isinstance(vault, DeferredVault):
            vault.unlocked()
    except MasterKeyError as error:
        yield Finding(ok=False, what=str(error),
                      fix="put the right key back; until then no list is imported and no letter is sent, and cases "
                      "and alerts go on")  # fmt: skip
    else:
        with app.store.read() as session:
            name = master_keys.state(session).fingerprint
        yield Finding(ok=True, what=f"the master key in {where} is this database's ({id_of(name or '')})")
    if from_environment:
        return
    for file in (path, key_files.next_path_of(app.settings), *key_files.retired_paths(app.settings)):
        if not file.exists():
            continue
        mode = stat.S_IMODE(file.stat().st_mode)
        # No right for group or others; what the owner may is the owner's affair.
        private = not mode & 0o077
        fix = None if private else f"`chmod 600 {file}`"
        yield Finding(ok=private, what=f"the master key {file} has mode {mode:04o}", fix=fix)
    if key_files.next_path_of(app.settings).exists():
        yield Finding(ok=None, what="a new master key was made and its replacement not finished",
                      fix="`tocsin key rotate` goes on where it was")  # fmt: skip
    for file in key_files.retired_paths(app.settings):
        yield Finding(ok=None, what=f"an old master key still lies in the home folder ({file.name})",
                      fix="move it to where the backups made under it are kept")  # fmt: skip
