"""What every use case stands on: the store, the law, the organisation's terms; and how a case is found and moved.

Knows how to find one incident, who may do what, and how a step is recorded; refuses to know any single use case.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, or_, select, update

from incidents.access.people import ActingPerson, demand
from incidents.audit import chain
from incidents.case.lifecycle import PersonRole, RefusedMove, Stage, Verb, may, next_stage
from incidents.deadlines.targets import Targets
from incidents.evidence.files import EvidenceFile, store
from incidents.kernel.errors import ConflictError, InvalidInputError, NotFoundError, RefusedError
from incidents.law.model import Regime
from incidents.law.periods import UnsupportedPeriod
from incidents.law.reading import in_force
from incidents.law.working_days import WorkCalendar
from incidents.obligations.derivation import LegalContext
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import MerchantRecipient
from incidents.storage.database import Store
from incidents.storage.encryption import Vault
from incidents.storage.tables.case import Evidence, Incident, TimelineEntry
from incidents.texts.coded_text import CodedText

CLOCK_SKEW = timedelta(minutes=5)
"""How far a stated time may lie ahead of our clock before it is refused as being in the future."""


def _no_calendar(place: str) -> WorkCalendar:
    message = f"the working days of {place} are needed, and this desk has no calendars"
    raise UnsupportedPeriod(message)


@dataclass(frozen=True, kw_only=True)
class UseCaseContext:
    """What the use cases work with; put together in one place (flows/bootstrap.py)."""

    store: Store
    vault: Vault
    evidence_folder: Path
    regimes: tuple[Regime, ...]
    """The laws that are switched on for us."""
    standpoint: ControllerProfile
    targets: Targets
    zone: ZoneInfo
    calendar_of: Callable[[str], WorkCalendar] = _no_calendar
    """The working days of a place."""
    escalate_after: timedelta = timedelta(minutes=15)
    repeat_after: timedelta = timedelta(minutes=30)
    on_call_count: int = 1

    def frame(self, at: datetime, merchants: Sequence[MerchantRecipient] = ()) -> LegalContext:
        """What duties depend on, with the laws in force *at* the awareness time."""
        return LegalContext(
            regimes=in_force(self.regimes, at, self.zone),
            standpoint=self.standpoint,
            targets=self.targets,
            merchants=merchants,
        )


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a use case changed, in lines a person reads, and the command that comes next."""

    reference: str
    version: int
    changed: tuple[str, ...]
    next_command: str | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class UnitOfWork:
    """One use case under way: the open session, the incident found, who is asking and when."""

    session: Session
    incident: Incident
    actor: ActingPerson
    now: datetime

    @property
    def incident_id(self) -> int:
        """The row number of the incident."""
        return number(self.incident.id)

    def audit(self, entry: str, /, *, rows: tuple[object, ...] = (), **payload: object) -> None:
        """Append to the audit log, within this transaction."""
        chain.append(
            self.session,
            kind=entry,
            actor=self.actor.name,
            now=self.now,
            incident=self.incident.reference,
            payload=payload,
            rows=rows,  # type: ignore[arg-type]  # every row is a SQLModel; spelled loosely for the callers' sake
        )

    def note(self, kind: str, text: str, *, at: datetime | None = None, evidence: Evidence | None = None) -> None:
        """Add a line to the timeline and vouch for it in the audit log: a person's words, or a line of lines.py."""
        entry = TimelineEntry(
            incident_id=self.incident_id,
            at=at or self.now,
            recorded_at=self.now,
            author=self.actor.name,
            kind=kind,
            text=str(text),
            said=text.to_json() if isinstance(text, CodedText) else None,
            evidence_id=evidence.id if evidence else None,
        )
        self.session.add(entry)
        self.audit("timeline.added", rows=(entry, evidence) if evidence else (entry,), kind=kind)

    def keep(self, ctx: UseCaseContext, exhibit: EvidenceFile | None) -> Evidence | None:
        """Put a file away as evidence of this case, if there is one."""
        if exhibit is None:
            return None
        return store(
            self.session,
            ctx.evidence_folder,
            exhibit,
            incident_id=self.incident_id,
            author=self.actor.name,
            now=self.now,
        )

    def touch(self) -> None:
        """Say that something changed which the flow should answer."""
        # Counted by the database: the clock may have counted too since the row was read.
        self.incident.change_seq = col(Incident.change_seq) + 1  # type: ignore[assignment]  # an SQL expression

    def done(self, *changed: str, next_command: str | None = None, warnings: tuple[str, ...] = ()) -> Result:
        """Close the step with what it changed; flushes, so that a conflict shows here."""
        self.session.flush()
        return Result(
            reference=self.incident.reference,
            version=self.incident.version or 1,
            changed=changed,
            next_command=next_command,
            warnings=warnings,
        )


def touch(session: Session, incident_id: int) -> None:
    """Say that the clock or the ledger changed something which the flow should answer.

    Unlike a person's step it leaves ``version`` alone: nobody's change is refused because a reminder fired.
    """
    session.execute(
        update(Incident)
        .where(col(Incident.id) == incident_id)
        .values(change_seq=col(Incident.change_seq) + 1)
        .execution_options(synchronize_session=False)
    )


def number(row_id: int | None) -> int:
    """Give the id of a row that was flushed."""
    if row_id is None:  # pragma: no cover - a row without id was never flushed: a mistake in the caller
        message = "this row has not been written yet"
        raise RuntimeError(message)
    return row_id


@contextmanager
def unit_of_work(
    ctx: UseCaseContext,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    verb: Verb,
    *,
    expected_version: int | None = None,
) -> Iterator[UnitOfWork]:
    """Open a use case: find the incident, check the person's role and the stage's table, move the stage.

    Everything done inside is one transaction: when anything in it is refused, nothing of it is written.

    Raises:
        NotFoundError, PermissionDeniedError, RefusedError, ConflictError

    """
    with ctx.store.write() as session:
        chain.lock_chain(session)
        yield unit_within(session, actor, now, reference, verb, expected_version=expected_version)


def unit_within(
    session: Session,
    actor: ActingPerson,
    now: datetime,
    reference: str,
    verb: Verb,
    *,
    expected_version: int | None = None,
) -> UnitOfWork:
    """Take a step in a transaction that is open already, as when several cases change together; raises as above."""
    incident = find(session, reference)
    demand_role(actor, verb, incident)
    if expected_version is not None and incident.version != expected_version:
        message = (
            f"{incident.reference} has changed since you looked (version {incident.version}, you saw "
            f"{expected_version}); nothing was written. Look again: tocsin show {incident.reference}"
        )
        raise ConflictError(message)
    after = _stage_after(incident, verb)
    uow = UnitOfWork(session=session, incident=incident, actor=actor, now=now)
    before = incident.stage
    if after is not before:
        incident.stage = after
        moved: dict[str, Any] = {"from": before.value, "to": after.value, "verb": verb.value}
        uow.audit("incident.moved", **moved)
    uow.touch()
    return uow


def _stage_after(incident: Incident, verb: Verb) -> Stage:
    try:
        return next_stage(incident.stage, verb, aware=incident.aware_at is not None)
    except RefusedMove as refused:
        message = f"{incident.reference} is `{incident.stage.value}`: {_about(refused.missing, incident)}"
        raise RefusedError(message) from refused


def _about(advice: str, incident: Incident) -> str:
    """Put this incident's reference into a command of the stages' table."""
    return advice.replace(" REF", f" {incident.reference}")


def roles_for(verb: Verb) -> tuple[PersonRole, ...]:
    """The roles that may use a verb."""
    return tuple(role for role in PersonRole if may({role}, verb))


def demand_role(actor: ActingPerson, verb: Verb, incident: Incident) -> None:
    """Refuse whoever may not do this to an incident."""
    demand(actor, *roles_for(verb), to=f"{verb.value.replace('_', ' ')} {incident.reference}")


def find(session: Session, reference: str) -> Incident:
    """Find one incident by its reference, a unique prefix of it, its number, or its codename.

    Raises:
        NotFoundError: none, or several; the message lists them.

    """
    asked = reference.strip()
    folded = asked.upper()
    if not asked:
        message = "no incident is named: `tocsin list` shows them all"
        raise NotFoundError(message)
    exact = session.exec(
        select(Incident).where(or_(col(Incident.reference) == folded, col(Incident.codename) == asked.lower()))
    ).first()
    if exact is not None:
        return exact
    found = session.exec(
        select(Incident).where(_looks_like(folded, asked.lower())).order_by(col(Incident.reference)).limit(6)
    ).all()
    if len(found) == 1:
        return found[0]
    if not found:
        message = f"no incident is known as {asked!r}: `tocsin list` shows them all"
        raise NotFoundError(message)
    names = ", ".join(f"{each.reference} ({each.codename})" for each in found[:5])
    message = f"{asked!r} fits several incidents: {names}{' ...' if len(found) > 5 else ''}"  # noqa: PLR2004 - as limited
    raise NotFoundError(message)


def _looks_like(folded: str, lowered: str) -> ColumnElement[bool]:
    """Prefix of the reference, its bare number (``7`` for INC-2026-0007), or prefix of the codename."""
    prefixes = [
        col(Incident.reference).startswith(folded, autoescape=True),
        col(Incident.codename).startswith(lowered, autoescape=True),
    ]
    if re.fullmatch(r"\d{1,6}", folded):
        prefixes = [col(Incident.reference).endswith(f"-{int(folded):04d}", autoescape=True)]
    return or_(*prefixes)


def refuse_future(at: datetime, now: datetime, what: str) -> None:
    """Refuse a time that has not come yet.

    Raises:
        InvalidInputError

    """
    if at > now + CLOCK_SKEW:
        message = f"{what} lies in the future ({chain.rfc3339(at)}); it is now {chain.rfc3339(now)}"
        raise InvalidInputError(message)


def frame_with_laws(ctx: UseCaseContext, at: datetime, when: str) -> LegalContext:
    """What duties depend on at *at*; a case without any clock would never ring.

    Raises:
        InvalidInputError: no law that is switched on was in force then.

    """
    frame = ctx.frame(at)
    if not frame.regimes:
        message = f"no law that Tocsin knows was in force ({chain.rfc3339(at)}) {when}, and check its year"
        raise InvalidInputError(message)
    return frame


def is_open(stage: Stage) -> bool:
    """Whether work on the case goes on."""
    return stage not in {Stage.CLOSED, Stage.DISMISSED}
