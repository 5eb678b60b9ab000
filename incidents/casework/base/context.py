"""What every use case works with: the store, the laws that are switched on, the organisation's own terms.

Put together in one place (flows/bootstrap.py) and handed to each use case as its first argument.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlmodel import Session

import incidents.audit.vouching  # noqa: F401 - from its import on, each transaction vouches for what it leaves behind
from incidents.case.case_file import CaseOverview
from incidents.deadlines.targets import Targets
from incidents.kernel.errors import InvalidInputError
from incidents.law.model import Regime
from incidents.law.periods import UnsupportedPeriod
from incidents.law.reading import in_force
from incidents.law.working_days import WorkCalendar
from incidents.obligations.derivation import LegalContext
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient
from incidents.storage.database import Store
from incidents.storage.encryption import Vault
from incidents.storage.tables.case import Incident


def _no_calendar(place: str) -> WorkCalendar:
    message = f"the working days of {place} are needed, and this context has no calendars"
    raise UnsupportedPeriod(message)


@dataclass(frozen=True, kw_only=True)
class UseCaseContext:
    """The store, the laws and our own terms; frozen, for every use case of a process shares it."""

    store: Store
    vault: Vault
    evidence_folder: Path
    regimes: tuple[Regime, ...]
    """The laws that are switched on for us."""
    profile: ControllerProfile
    targets: Targets
    zone: ZoneInfo
    # A default that fails rather than a calendar without holidays: by that one a due time would be off by a day, and
    # nobody would see it.
    calendar_of: Callable[[str], WorkCalendar] = _no_calendar
    """The working days of a place."""
    case_of: Callable[[Session, Incident, ZoneInfo, datetime], CaseOverview]
    """The case as screens show it: what is refused about a text is refused by what a person is shown of it."""
    escalate_after: timedelta = timedelta(minutes=15)
    repeat_after: timedelta = timedelta(minutes=30)
    on_call_count: int = 1
    close_within: timedelta = timedelta(hours=168)
    """Our own target for closing a decided case once nothing is owed; reminded of again and again at this distance."""
    expected_version: int | None = None
    """The version a person saw of the case they change; the change is refused once the case has another."""

    def frame(self, at: datetime, merchants: Sequence[MerchantRecipient] = ()) -> LegalContext:
        """What duties depend on, with the laws in force *at* the awareness time."""
        return LegalContext(
            # By the day of awareness and in each law's own zone: a law that changes while a case is open does not
            # change what the case owes (taking it over is a decision of its own, reevaluate.py).
            regimes=in_force(self.regimes, at, self.zone),
            profile=self.profile,
            targets=self.targets,
            merchants=merchants,
        )


def frame_with_laws(ctx: UseCaseContext, at: datetime, when: str) -> LegalContext:
    """What duties depend on at *at*, but never without a law: a case without any clock would remind nobody.

    Raises:
        InvalidInputError: no law that is switched on was in force then.

    """
    frame = ctx.frame(at)
    if not frame.regimes:
        message = f"no law that Tocsin knows was in force ({at.astimezone(UTC).isoformat()}) {when}, and check its year"
        raise InvalidInputError(message)
    return frame
