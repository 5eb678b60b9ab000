"""Builds the context of use cases, and cases brought to a stage by the real use cases.

Nobody here exists: authors are roles, addresses are under example.org.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, text
from sqlmodel import Session
from sqlmodel import select as _select

from flows.reference.reminder_ladders import shipped_ladders
from incidents.access.people import CLOCK, ActingPerson, os_actor
from incidents.case.case_file import CaseFile
from incidents.case.lifecycle import PersonRole
from incidents.case.message_machine import MessageState
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.decision import RiskDecision
from incidents.casework.base.find import find, number
from incidents.casework.base.unit_of_work import UnitOfWork
from incidents.casework.case import assess_and_decide, awareness
from incidents.casework.case import open as open_case
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.case.open import IncidentReport
from incidents.casework.communication import approval, drafts, send, settle
from incidents.casework.communication.drafts import DraftText
from incidents.casework.communication.letter_kinds import SENDABLE
from incidents.casework.communication.list_digest import digests_of_unsent
from incidents.casework.communication.recipient_lists import import_merchants, import_people
from incidents.casework.deadlines import rows as obligation_rows
from incidents.casework.filing import submit
from incidents.casework.filing.submission import Submission
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.deadlines.targets import Targets
from incidents.facts.breach import Facts
from incidents.kernel.yaml_documents import read_yaml
from incidents.law.reading import read_regime
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.queries.case_file import case_file
from incidents.queries.overview import case_overview
from incidents.storage.columns import METADATA
from incidents.storage.database import SCHEMA_REVISION, Store
from incidents.storage.encryption import Vault
from incidents.storage.tables.communication import AffectedPerson, Draft, Message
from incidents.storage.tables.obligations import Obligation

HOUR = timedelta(hours=1)
INSTANT = timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
INITIAL, FOLLOW_UP, PEOPLE = (
    "eu-gdpr/authority-initial/DE-BE",
    "eu-gdpr/authority-follow-up/DE-BE",
    "eu-gdpr/people/affected-people",
)

_FILE = Path(__file__).parents[2] / "config" / "regimes" / "eu-gdpr.yaml"
GDPR = read_regime(read_yaml(_FILE.read_text(encoding="utf-8"), _FILE.name), shipped_ladders())
AUTHORITY = Recipient(kind=RecipientKind.AUTHORITY, id="DE-BE", name="The authority of Berlin")


def holding(name: str, *roles: PersonRole) -> ActingPerson:
    """Somebody who proved by a token to hold these roles."""
    return ActingPerson(name=name, roles=frozenset(roles), proven_by="token")


ON_CALL = os_actor("on-call")
RESPONDER = holding("responder", PersonRole.RESPONDER)
DPO = holding("dpo", PersonRole.DPO)
LEAD = holding("lead", PersonRole.LEAD)
SECOND = holding("approver", PersonRole.APPROVER)
AUDITOR = holding("auditor", PersonRole.AUDITOR)
ADMIN = holding("admin", PersonRole.ADMIN)


def new_ctx(url: str, folder: Path, **changes: Any) -> UseCaseContext:
    """A context on a database that is prepared if it is new; its folder holds the evidence."""
    store = Store(url)
    store.prepare()
    return ctx_over(store, folder, **changes)


def emptied(store: Store) -> Store:
    """Take every row out of a database whose tables are there; make them where they are not.

    A test of migrations may have left the database at a schema of its own: that one is taken down first.
    """
    if store.revision() not in {None, SCHEMA_REVISION}:
        with store.engine.begin() as connection:
            METADATA.drop_all(connection)
            connection.execute(text("DROP TABLE alembic_version"))
    store.prepare()
    with store.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            names = ", ".join(f'"{table.name}"' for table in METADATA.sorted_tables)
            connection.execute(text(f"TRUNCATE {names} RESTART IDENTITY CASCADE"))
        else:
            for table in reversed(METADATA.sorted_tables):
                connection.execute(delete(table))
    return store


def ctx_over(store: Store, folder: Path, **changes: Any) -> UseCaseContext:
    """A context on this store."""
    ctx = UseCaseContext(
        store=store,
        vault=Vault(b"v" * 32),
        evidence_folder=folder / "evidence",
        regimes=(GDPR,),
        profile=ControllerProfile(establishment="DE-BE", lead=AUTHORITY),
        targets=Targets(people=72 * HOUR, follow_up=336 * HOUR, controller=24 * HOUR),
        zone=BERLIN,
        case_of=case_overview,
        on_call_count=3,
    )
    return replace(ctx, **changes)


def everything(ctx: UseCaseContext) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, and the names of the files kept."""
    files = sorted((path.name,) for path in ctx.evidence_folder.glob("*"))
    with ctx.store.engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key.columns))]
            for table in METADATA.sorted_tables
        }
    return {**rows, "files": files}


@contextmanager
def nothing_written(ctx: UseCaseContext) -> Iterator[None]:
    """Hold what happens inside to leaving no trace: no row, no changed byte, no audit entry, no file."""
    before = everything(ctx)
    yield
    assert everything(ctx) == before


def facts(**changes: Any) -> Facts:
    """An exposed bucket with accounts of our own merchants: a high risk to people, we are the controller."""
    return Facts.model_validate({"summary": "A bucket was open.", "data_sets": [accounts()], **changes})


def accounts(**changes: Any) -> dict[str, Any]:
    """One data set as a scope file has it."""
    plain: dict[str, Any] = {
        "name": "accounts",
        "role": "controller",
        "kinds": ["email", "name", "password"],
        "people": 1200,
        "breach": ["confidentiality"],
        "published": "yes",
        "exfiltration": "confirmed",
        "countries": {"DE": 1000, "FR": 200},
    }
    return {**plain, **changes}


def accounts_of(people: int) -> dict[str, Any]:
    """The same data set of a few people: so many that a list in a test can hold them all."""
    return accounts(people=people, countries={"DE": people})


ORDERS = accounts(name="orders", role="processor", kinds=["email", "name"])


def opened(ctx: UseCaseContext, at: datetime, **changes: Any) -> str:
    """Open a case and give its reference."""
    said: dict[str, Any] = {"title": "A bucket is open", "detected_at": at, **changes}
    return open_case.open_incident(ctx, ON_CALL, at, IncidentReport(**said)).reference


def aware(ctx: UseCaseContext, at: datetime, **changes: Any) -> str:
    """Open a case of which we are aware at once; the legal clock runs from *at*."""
    reference = opened(ctx, at, **changes)
    awareness.state_awareness(ctx, RESPONDER, at, reference, AwarenessStatement(at=at, basis="the logs show access"))
    return reference


def assessed(ctx: UseCaseContext, at: datetime, known: Facts | None = None) -> str:
    """A case with recorded awareness and assessed facts."""
    reference = aware(ctx, at)
    assess_and_decide.record_facts(ctx, RESPONDER, at, reference, known or facts())
    return reference


def decided(
    ctx: UseCaseContext, at: datetime, known: Facts | None = None, *, authority: bool = True, people: bool = True
) -> str:
    """A case in which the DPO decided."""
    reference = assessed(ctx, at, known)
    assess_and_decide.decide(ctx, DPO, at, reference, verdict(authority=authority, people=people))
    return reference


def verdict(*, authority: bool = True, people: bool = True, exception: str | None = None) -> RiskDecision:
    """A decision with reasons."""
    return RiskDecision(
        notify_authority=authority, notify_people=people, because="as the facts show", exception=exception
    )


def listed(ctx: UseCaseContext, at: datetime, reference: str, *languages: str) -> None:
    """Put one affected person on the list for each language named."""
    lines = (f"person{place}@example.org,{language}" for place, language in enumerate(languages))
    import_people(ctx, RESPONDER, at, reference, "\n".join(("email,language", *lines)).encode())


def merchants_listed(ctx: UseCaseContext, at: datetime, reference: str, *names: str) -> None:
    """Put merchants on the list."""
    lines = (f"{name},Shop {name},{name}@example.org" for name in names)
    import_merchants(ctx, RESPONDER, at, reference, "\n".join(("merchant_id,name,email", *lines)).encode())


def wording(**changes: Any) -> DraftText:
    """A text about to become a draft; what a test does not say is plain and complete."""
    plain: dict[str, Any] = {
        "kind": "people",
        "language": "en",
        "subject": "Your data",
        "text": "What happened.",
        "html": "<p>What happened.</p>",
        "source_sha256": "0" * 64,
        "recipients": 1,
        "recipients_sha256": "1" * 64,
    }
    return DraftText(**{**plain, **changes})


def drafted(ctx: UseCaseContext, at: datetime, reference: str, text: DraftText, author: str = DPO.name) -> Draft:
    """Write a draft as the flow does, and give its newest version."""
    with ctx.store.write() as session:
        incident = find(session, reference)
        if text.kind in SENDABLE:
            there = drafts.newest(session, number(incident.id))
            drafted = {text.language, *(language for kind, language in there if kind == text.kind)}
            whom = digests_of_unsent(session, number(incident.id), text.kind, drafted)
            text = replace(text, recipients_sha256=whom.get(text.language, text.recipients_sha256))
        drafts.write(UnitOfWork(session=session, incident=incident, actor=CLOCK, now=at), text, author=author)
        return drafts.newest(session, number(incident.id))[text.kind, text.language]


def approved(ctx: UseCaseContext, at: datetime, reference: str, text: DraftText) -> Draft:
    """Write a draft and have the second person approve it."""
    draft = drafted(ctx, at, reference, text)
    approval.approve(ctx, SECOND, at, reference, drafts.name_of(draft), draft.sha256)
    return draft


def ordered(ctx: UseCaseContext, at: datetime, reference: str, kind: str = "people") -> None:
    """Order what is approved to be sent."""
    with ctx.store.read() as session:
        total = sum(send.to_be_sent(session, number(find(session, reference).id), kind).values())
    send.order(ctx, DPO, at, reference, kind, f"{reference}:{total}")


def delivered(ctx: UseCaseContext, at: datetime, reference: str, state: MessageState = MessageState.ACCEPTED) -> None:
    """Let every letter that is under way reach *state*, and settle what is fulfilled by it."""
    with ctx.store.write() as session:
        incident = find(session, reference)
        for message in session.exec(_select(Message).filter_by(incident_id=incident.id, settled_at=None)):
            message.state, message.settled_at, message.next_try_at = state, at, None
        settle.settle(ctx, incident, session, at)


BY_TELEPHONE = "it was told by telephone, from no text of ours"
"""With these reasons a test confirms a filing that no draft was made for."""


def filed(ctx: UseCaseContext, now: datetime, case: str, /, **changes: Any) -> None:
    """Record a filing with the authority; nothing is drafted in most of these cases, so it is confirmed."""
    said: dict[str, Any] = {"reference": "A-1", "at": now, "despite": BY_TELEPHONE, **changes}
    submit.submit(ctx, DPO, now, case, Submission(**said))


def owed(session: Session, reference: str) -> dict[str, Obligation]:
    """What is owed in a case, by key."""
    return {row.key: row for row in obligation_rows.obligations_in(session, number(find(session, reference).id))}


def status(ctx: UseCaseContext, reference: str, key: str, at: datetime) -> DeadlineStatus:
    """Where the clock of an obligation stands."""
    with ctx.store.read() as session:
        return obligation_rows.status_of(owed(session, reference)[key], at)


def picture(ctx: UseCaseContext, reference: str, at: datetime) -> CaseFile:
    """The case as it is read for reports and views."""
    with ctx.store.read() as session:
        return case_file(session, find(session, reference), ctx.zone, at)


def rows_of(ctx: UseCaseContext, kind: type[Any], **where: Any) -> list[Any]:
    """The rows of a table, in the order in which they were written."""
    with ctx.store.read() as session:
        return list(session.exec(_select(kind).filter_by(**where).order_by(kind.id)))


def change(ctx: UseCaseContext, kind: type[Any], row_id: int, values: Mapping[str, Any]) -> None:
    """Change a row behind the back of every use case."""
    table = kind.__table__
    with ctx.store.engine.begin() as connection:
        connection.execute(table.update().where(table.c.id == row_id).values(**values))


def people_of(ctx: UseCaseContext) -> list[AffectedPerson]:
    """Everybody on a list."""
    return rows_of(ctx, AffectedPerson)


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, second, micro, tzinfo=UTC)
