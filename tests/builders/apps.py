"""Builds the app over a database, and cases in it brought to a stage by the real use cases.

The organisation is the example one, the material that of the exercise "exposed bucket". No row is written here that a
use case would write.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from sqlmodel import Session, SQLModel, func, select

from config.organisation import FoundOrganisation, Organisation, read_organisation
from config.settings import Settings, drills_folder, example_organisation, templates_folder
from flows import liveness
from flows.bootstrap import App
from flows.workflows import respond
from incidents.access.people import CLOCK, ActingPerson
from incidents.case.case_file import CaseFile
from incidents.case.lifecycle import PersonRole
from incidents.casework.base import decision
from incidents.casework.base.context import UseCaseContext
from incidents.casework.base.find import find
from incidents.casework.base.unit_of_work import Result, UnitOfWork
from incidents.casework.case import assess_and_decide, awareness
from incidents.casework.case import open as case_open
from incidents.casework.communication import approval, recipient_lists, send
from incidents.casework.communication import drafts as communication_drafts
from incidents.facts import breach
from incidents.kernel.yaml_documents import Document, read_yaml
from incidents.law.model import Regime
from incidents.queries.case_file import case_file
from incidents.storage.columns import METADATA
from incidents.storage.database import Store
from incidents.storage.tables.case import AuditEntry, Incident
from incidents.storage.tables.communication import Attempt, Draft, Message
from incidents.storage.tables.obligations import Alert
from notifications.delivery.model import Channels
from notifications.delivery.outbox import Outbox
from notifications.letters.compose import LetterComposer

HOUR, MINUTE, INSTANT = timedelta(hours=1), timedelta(minutes=1), timedelta(microseconds=1)

RESPONDER = ActingPerson(name="responder", roles=frozenset({PersonRole.RESPONDER}), proven_by="token")
LEAD = ActingPerson(name="lead", roles=frozenset({PersonRole.LEAD}), proven_by="token")
DPO = ActingPerson(name="dpo", roles=frozenset({PersonRole.DPO}), proven_by="token")
COUNSEL = ActingPerson(name="counsel", roles=frozenset({PersonRole.APPROVER}), proven_by="token")

PEOPLE = ("de", "de", "fr", "en")
"""The languages of the affected people of a small case."""
MERCHANTS = (("shop-1", "de", 310, 420), ("shop-2", "en", 75, 75))
"""Merchants of a small case: id, language, people, records."""


class SettableClock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, by: timedelta) -> datetime:
        """Move on, or back with a negative length."""
        self.at += by
        return self.at


def adapted() -> str:
    """The example organisation's file with nothing left to adapt, so that its texts may go out."""
    own = example_organisation().read_text(encoding="utf-8")
    for mark, ours in ((" (to adapt)", ""), ("rabta.example.org", "rabta.example"), ("+49 30 000000", "+49 30 123456")):
        own = own.replace(mark, ours)
    return own


def example(**changes: object) -> Organisation:
    """The adapted example organisation, with some of its values changed."""
    return read_organisation(adapted(), example_organisation().name).model_copy(update=changes)


def app_on(
    home: Path,
    database_url: str,
    clock: Callable[[], datetime],
    *,
    key: str | None = None,
    host: str = "https://api.sendgrid.com",
    store: Store | None = None,
    **changes: object,
) -> App:
    """Build an app over a database; with *key*, mail goes to the SendGrid at *host*.

    *store* is one that is open on this database already: an engine learns every statement anew.
    """
    settings = Settings(
        home=home,
        database_url=database_url,
        organisation=example_organisation(),
        token=None,
        master_key=None,
        sendgrid_api_key=SecretStr(key) if key else None,
        sendgrid_host=host,
        prefect_api_url=None,
    )
    found = FoundOrganisation(
        organisation=example(**changes), path=example_organisation(), own=home / "organisation.yaml"
    )
    app = _known(App(settings=settings, found=found, clock=clock))
    if store is not None:
        app.__dict__["store"] = store
    return app


def neighbour(app: App, holder: str = "neighbour", **changes: Any) -> App:
    """The same app as another process has it: an engine of its own, a holder of its own."""
    return _known(replace(app, holder=holder, **changes))


_apps: list[App] = []
_WORDING = LetterComposer(templates_folder())
_REGIMES: list[tuple[Regime, ...]] = []
"""Templates and laws are read once for all tests; they are the same in every app."""


def _known(app: App) -> App:
    app.__dict__["wording"] = _WORDING
    if _REGIMES:
        app.__dict__["regimes"] = _REGIMES[0]
    else:
        _REGIMES.append(app.regimes)
    _apps.append(app)
    return app


def close_all() -> None:
    """Give back the connections of every app of one test."""
    while _apps:
        app = _apps.pop()
        if "store" in app.__dict__:
            app.store.close()


def scope(now: datetime, **changes: object) -> Document:
    """The facts of the exercise "exposed bucket", as a scope file that fits the test's clock."""
    path = drills_folder() / "exposed-bucket" / "scope.yaml"
    document = read_yaml(path.read_text(encoding="utf-8"), path.name)
    times = {"occurred_from": (now - 26 * HOUR).isoformat(), "occurred_to": (now - HOUR / 2).isoformat()}
    return Document(name=document.name, value={**document.value, **times, **changes}, lines=document.lines)


SWISS = {
    "name": "newsletter",
    "role": "controller",
    "kinds": ["email", "password"],
    "people": 40,
    "countries": {"DE": 20, "CH": 20},
    "breach": ["confidentiality"],
    "exfiltration": "confirmed",
    "published": "yes",
}
"""Data of people of whom some live in Switzerland, so that its law is owed something beside the GDPR."""


UNKNOWN_FIGURES: Final = {
    "data_sets": [
        {"name": "merchant accounts", "role": "controller", "subjects": ["merchants"], "kinds": ["name", "email"],
         "people": "unknown", "breach": ["confidentiality"]},
    ],
}  # fmt: skip
"""Facts of which the figures are not known yet."""


def people_csv(languages: Iterable[str] = PEOPLE, *, first: int = 1) -> bytes:
    """Affected people that do not exist, at addresses that nobody can have (RFC 2606)."""
    rows = [f"canary-{number:04d}@example.org,{language}" for number, language in enumerate(languages, start=first)]
    return "\n".join(("email,language", *rows)).encode()


def merchants_csv(merchants: Iterable[tuple[str, str, int, int]] = MERCHANTS) -> bytes:
    """Merchants that do not exist, each with its own figures."""
    rows = [
        f"{key},Shop {key},privacy-{key}@example.net,{language},{people},{records},name email,"
        for key, language, people, records in merchants
    ]
    return "\n".join(("merchant_id,name,email,language,people,records,kinds,contract_hours", *rows)).encode()


@dataclass
class Case:
    """One case under way; each method is one use case, done now by the person whose task it is."""

    app: App
    reference: str = ""
    _opened: list[str] = field(default_factory=list)

    @property
    def now(self) -> datetime:
        return self.app.now()

    def by(self, actor: ActingPerson) -> tuple[UseCaseContext, ActingPerson, datetime, str]:
        """What every use case takes first."""
        return self.app.use_cases, actor, self.now, self.reference

    def open(self, *, detected: timedelta = HOUR, exercise: bool = False) -> Case:
        report = case_open.IncidentReport(
            title="Exports readable by anybody", detected_at=self.now - detected, exercise=exercise
        )
        self.reference = case_open.open_incident(self.app.use_cases, RESPONDER, self.now, report).reference
        return self

    def aware(self, *, ago: timedelta = HOUR / 2) -> Case:
        said = awareness.AwarenessStatement(at=self.now - ago, basis="The access log shows downloads by strangers")
        awareness.state_awareness(*self.by(RESPONDER), said)
        return self

    def assess(self, **changes: object) -> Case:
        assess_and_decide.record_facts(*self.by(RESPONDER), breach.read_facts(scope(self.now, **changes)))
        return self

    def list_people(self, languages: Iterable[str] = PEOPLE, *, first: int = 1) -> Case:
        recipient_lists.import_people(*self.by(RESPONDER), people_csv(languages, first=first))
        return self

    def list_merchants(self, merchants: Iterable[tuple[str, str, int, int]] = MERCHANTS) -> Case:
        recipient_lists.import_merchants(*self.by(RESPONDER), merchants_csv(merchants))
        return self

    def decide(self, *, authority: bool = True, people: bool = True, because: str = "Contact data were taken") -> Case:
        verdict = decision.RiskDecision(notify_authority=authority, notify_people=people, because=because)
        assess_and_decide.decide(*self.by(DPO), verdict)
        return self

    def respond(self) -> respond.RespondOutcome:
        return respond.respond(self.app, self.reference)

    def decided(self) -> Case:
        """Everything up to the decision, with lists, and the drafts that follow from it."""
        self.open().aware().assess().list_people().list_merchants().decide()
        self.respond()
        return self

    def approve(self, kind: str) -> Case:
        for draft in self.drafts(kind):
            approval.approve(*self.by(COUNSEL), communication_drafts.name_of(draft), draft.sha256)
        return self

    def order(self, kind: str) -> Result:
        with self.app.store.read() as session:
            count = sum(send.to_be_sent(session, self.incident_id(session), kind).values())
        return send.order(*self.by(DPO), kind, f"{self.reference}:{count}")

    def file(self) -> CaseFile:
        """The case as it stands."""
        with self.app.store.read() as session:
            return case_file(session, find(session, self.reference), self.app.use_cases.zone, self.now)

    def incident_id(self, session: Session) -> int:
        return find(session, self.reference).id or 0

    def incident(self) -> Incident:
        with self.app.store.read() as session:
            return find(session, self.reference)

    def drafts(self, kind: str | None = None) -> list[Draft]:
        """The newest version of each draft."""
        with self.app.store.read() as session:
            found = communication_drafts.newest(session, self.incident_id(session)).values()
            return [draft for draft in found if kind in {None, draft.kind}]

    def draft(self, name: str) -> Draft:
        return next(draft for draft in self.drafts() if communication_drafts.name_of(draft) == name)

    def letters(self, kind: str = "people") -> list[Message]:
        return [message for message in messages(self.app) if message.kind == kind]


def letters_ready(app: App, languages: Sequence[str] = PEOPLE) -> Case:
    """A case whose letters to people are approved and ordered; drafted only as far as letters need."""
    case = Case(app).open().aware().assess().list_people(languages).decide()
    case.respond()
    case.approve("people").order("people")
    return case


def letters_waiting(app: App, languages: Sequence[str] = PEOPLE) -> Case:
    """A case whose letters wait in the outbox, without the way there: one draft for each language, ordered at once."""
    case = Case(app).open().aware().list_people(languages)
    with app.store.write() as session:
        uow = UnitOfWork(session=session, incident=find(session, case.reference), actor=CLOCK, now=case.now)
        drafts = {language: _plain_draft(uow, language) for language in sorted(set(languages))}
        session.flush()
        send._enqueue(uow, "people", drafts)
    return case


def _plain_draft(uow: UnitOfWork, language: str) -> Draft:
    wording = communication_drafts.DraftText(
        kind="people", language=language, subject=f"What happened ({language})", text="Your data were taken.\n",
        html="<p>Your data were taken.</p>", source_sha256="0" * 64, recipients=1, recipients_sha256="0" * 64,
    )  # fmt: skip
    draft = communication_drafts.write(uow, wording, author="responder")
    if draft is None:
        message = "a draft of the same words is there already"
        raise AssertionError(message)
    return draft


def rows(app: App, table: type[SQLModel]) -> list[Any]:
    """Every row of a table, in the order they came."""
    with app.store.read() as session:
        return list(session.exec(select(table).order_by(*table.__table__.primary_key)))  # type: ignore[attr-defined]  # SQLModel does not declare it


def messages(app: App) -> list[Message]:
    return rows(app, Message)


def attempts(app: App, message: Message) -> list[Attempt]:
    return [attempt for attempt in rows(app, Attempt) if attempt.message_id == message.id]


def alerts(app: App) -> list[Alert]:
    return rows(app, Alert)


def states(app: App, kind: str = "people") -> list[str]:
    return [message.state for message in messages(app) if message.kind == kind]


def entries(app: App, kind: str) -> list[AuditEntry]:
    return [entry for entry in rows(app, AuditEntry) if entry.kind == kind]


def count(app: App, table: type[SQLModel]) -> int:
    with app.store.read() as session:
        return session.exec(select(func.count()).select_from(table)).one()


def everything(app: App, *, but: Iterable[str] = ()) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table as plain values, without the columns named in *but* and without the beats."""
    left_out = set(but)
    found = {}
    with app.store.read() as session:
        for table in METADATA.sorted_tables:
            if table.name != "beat":
                kept = [column for column in table.columns if column.name not in left_out]
                chosen = session.execute(table.select().with_only_columns(*kept).order_by(*table.primary_key))
                found[table.name] = [dict(row._mapping) for row in chosen]
    return found


def stopping_at(app: App, point: str, do: Callable[[], None]) -> Outbox:
    """The app's outbox, in which *do* happens each time *point* is reached."""

    def pause(reached: str) -> None:
        if reached == point:
            do()

    return replace(app.outbox, pause=pause)


def with_channels(app: App, **changes: Any) -> Outbox:
    """The app's outbox, on other channels."""
    channels: Channels = replace(app.channels, **changes)
    return replace(app.outbox, channels=channels)


def open_case(app: App) -> Case:
    """A case just opened: its first page waits to be told."""
    return Case(app).open()


def last_beat(app: App) -> datetime | None:
    with app.store.read() as session:
        return liveness.last_beat(session, liveness.HEARTBEAT)


def found(app: App, organisation: Organisation) -> FoundOrganisation:
    """Another organisation's file at the place of the app's own."""
    return replace(app.found, organisation=organisation)
