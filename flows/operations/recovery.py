"""The way back in where no administrator is left: for the owner of the home folder, told to everybody."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from incidents.access import people
from incidents.kernel.errors import PermissionDeniedError
from notifications.delivery.channel import PageMessage, SendError

if TYPE_CHECKING:
    from flows.bootstrap import App
    from incidents.access.people import ActingPerson


@dataclass(frozen=True, kw_only=True)
class Recovered:
    """The token of the new administrator, and which channels could not be told."""

    token: str = field(repr=False)
    problems: tuple[str, ...]


def recover(app: App, actor: ActingPerson, now: datetime, name: str) -> Recovered:
    """Add an administrator without being one, and page everybody on call about it.

    Raises:
        PermissionDeniedError: who asks does not own the home folder.
        PersonRefusedError, NameTakenError

    """
    home = app.settings.home
    # The owner reads and writes the database and the key anyway: this gives nothing that could not be taken quietly.
    if home.stat().st_uid != os.geteuid():
        message = f"{actor.name} may not recover the administration: that is for the owner of {home}"
        raise PermissionDeniedError(message)
    with app.store.write() as session:
        token = people.recover(session, actor, now, name=name)
    return Recovered(token=token, problems=_told(app, actor, now, name))


def _told(app: App, actor: ActingPerson, now: datetime, name: str) -> tuple[str, ...]:
    problems = []
    page = PageMessage(
        # A key of its own each time: whoever does it twice is told of twice.
        key=f"recovery/{int(now.timestamp())}",
        title="Tocsin: an administrator was made without an administrator",
        body=f"{actor.name} used `tocsin user recover` and made {name} an administrator. If nobody knows why: look at "
        "`tocsin user list`, and disable whoever does not belong there.",
        urgency="high",
    )
    for channel, pager in app.channels.pagers.items():
        try:
            pager.page(page)
        except SendError as error:
            problems.append(f"the channel {channel} was not told: {error}")
    return tuple(problems)
