"""What the organisation brings to a clock, its authority and internal targets, for commands that touch no database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flows.wiring import House
    from incidents.obligations import Recipient, Targets


def targets(house: House) -> Targets:
    """Our own hours where the law sets none."""
    from incidents.obligations import Targets

    hours = house.organisation.targets
    return Targets(
        people=timedelta(hours=hours.people_hours),
        follow_up=timedelta(hours=hours.follow_up_hours),
        controller=timedelta(hours=hours.controller_hours),
    )


def authority(house: House) -> Recipient:
    """The authority we notify."""
    from incidents.obligations import Recipient, RecipientKind

    ours = house.organisation.authority
    return Recipient(kind=RecipientKind.AUTHORITY, id=ours.id, name=ours.name)
