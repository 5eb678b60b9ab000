"""One use case as one transaction: the incident found, the role and the stage checked, every change audited.

What is refused anywhere inside leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, update

from incidents.access.people import ActingPerson, demand
from incidents.audit import chain
from incidents.case.case_file import CaseOverview
from incidents.case.lifecycle import PersonRole, RefusedMove, Stage, Verb, may, next_stage
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find, number
from incidents.evidence.files import EvidenceFile, store
from incidents.kernel.errors import ConflictError, RefusedError
from incidents.storage.tables.case import Evidence, Incident, TimelineEntry
from incidents.texts.coded_text import CodedText


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

    # The kind is positional only: a payload may have any key, and one of a timeline's line is called `kind`.
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
        """Add a line to the timeline, vouched for in the audit log: a person's words, or one of timeline_texts.py."""
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
        # A kept file is vouched for by the line that names it: nothing else does, and `verify` calls a row without an
        # entry forged.
        self.audit("timeline.added", rows=(entry, evidence) if evidence else (entry,), kind=kind)

    def keep(self, ctx: UseCaseContext, evidence_file: EvidenceFile | None) -> Evidence | None:
        """Put a file away as evidence of this case, if there is one."""
        if evidence_file is None:
            return None
        return store(
            self.session,
            ctx.evidence_folder,
            evidence_file,
            incident_id=self.incident_id,
            author=self.actor.name,
            now=self.now,
        )

    def case(self, ctx: UseCaseContext) -> CaseOverview:
        """Read the case as it stands within this transaction, as screens show it."""
        self.session.flush()
        return ctx.case_of(self.session, self.incident, ctx.zone, self.now)

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

    Everything done inside is one transaction: when anything in it is refused, nothing of it is written. A version that
    is expected is compared in the same transaction, so that nothing can come between.

    Raises:
        NotFoundError, PermissionDeniedError, RefusedError, ConflictError

    """
    with ctx.store.write() as session:
        # First the chain's lock, then rows, in every writer of the chain: two that each hold what the other waits for
        # never end.
        chain.lock_chain(session)
        # Given here, it is meant for this case; that of the context came from the command line.
        expected = ctx.expected_version if expected_version is None else expected_version
        yield unit_within(session, actor, now, reference, verb, expected_version=expected)


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
    # Before role and stage: who decided on an older state is told that it changed, and not that a step is missing which
    # somebody else has taken since.
    if expected_version is not None and incident.version != expected_version:
        message = (
            f"{incident.reference} has changed since you looked (version {incident.version}, you saw "
            f"{expected_version}); nothing was written. Look again: tocsin show {incident.reference}"
        )
        raise ConflictError(message)
    demand_role(actor, verb, incident)
    # Every step is answered by the flow, a line in the log too: which of them matter for drafts or letters is the
    # flow's to find out from the record, so that no use case has to know.
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
