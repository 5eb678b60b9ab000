"""The one place where things are put together: settings -> store, vault, law, words, channels.

Heavy parts are imported when first asked for, so that `tocsin open` at 3 a.m. does not wait for what it does not
need.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from config.organisation import (
    FoundOrganisation,
    Organisation,
    find_organisation,
    find_organisation_or_example,
    find_organisation_or_last_good,
)
from config.settings import Settings, read_settings, templates_folder
from flows import key_files
from flows.private_files import write_owned
from flows.reference import regime_files, reminder_ladders
from incidents.access import people
from incidents.access.people import ActingPerson
from incidents.casework.base.context import UseCaseContext
from incidents.deadlines.targets import Targets
from incidents.kernel import clock as system_clock
from incidents.kernel.clock import Clock
from incidents.kernel.errors import FailedError
from incidents.law.ladder_choice import Ladders
from incidents.law.model import Regime
from incidents.law.reading import in_force
from incidents.obligations.derivation import LegalContext
from incidents.obligations.establishment import ControllerProfile
from incidents.obligations.recipients import Recipient, RecipientKind
from incidents.storage.database import Store, StoreUnreachableError
from incidents.storage.encryption import DeferredVault, Vault

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from sqlmodel import Session

    from flows.reference.authority_directory import Directory
    from incidents.case.case_file import CaseOverview
    from incidents.law.working_days import WorkCalendar
    from incidents.storage.tables.case import Incident
    from notifications.delivery.address_book import AddressBook
    from notifications.delivery.model import Channels, RetryPolicy
    from notifications.delivery.outbox import Outbox
    from notifications.letters.compose import LetterComposer
    from notifications.reports.writer import ReportWriter


_LAST_GOOD = ".organisation.last-good.yaml"
"""The organisation's file as the heartbeat could last use it, in the home folder."""


@dataclass(frozen=True, kw_only=True)
class App:
    """Everything a command, a page, a flow or the heartbeat needs, made on first use."""

    settings: Settings
    found: FoundOrganisation
    # Not called here: exercises and tests put a clock of their own in its place.
    clock: Clock = system_clock.now
    speed: float = 1.0
    """How many times as fast as real time the clock runs; 1 except in exercises."""
    # A process number comes again after a restart or in another container on the same volume; the random part keeps a
    # successor from taking its predecessor's lease for its own. 20 + 1 + 7 + 1 + 6 characters fit the column's 60.
    holder: str = field(default_factory=lambda: f"{socket.gethostname()[:20]}-{os.getpid()}-{secrets.token_hex(3)}")
    """Names this process in leases."""
    exercise: bool = False

    @property
    def organisation(self) -> Organisation:
        """Who we are."""
        return self.found.organisation

    # A frozen dataclass lets these through: `cached_property` writes into `__dict__`, past the frozen `__setattr__`.
    @cached_property
    def store(self) -> Store:
        """The database, its tables made or checked.

        Raises:
            StoreUnreachableError, SchemaMismatchError

        """
        store = Store(self.settings.database_url)
        # On first use and not in `build`: `advise`, `clock due` and `regimes` must answer where there is no database.
        store.prepare()
        return store

    @cached_property
    def vault(self) -> Vault:
        """What encrypts addresses: the key of the environment, or the one kept in the home folder.

        Without the right key everything else goes on; sealing and opening is what is refused, with what to do.
        """
        return DeferredVault(lambda: key_files.unlock(self.settings, self.store, self.clock))

    @cached_property
    def regimes(self) -> tuple[Regime, ...]:
        """The laws that are switched on for us: from them obligations arise in a case."""
        return tuple(self.law(regime) for regime in self.organisation.regimes)

    @cached_property
    def ladders(self) -> Ladders:
        """The reminder ladders that do not stand in a law file."""
        return reminder_ladders.ladders_of(self.organisation.reminders)

    def law(self, regime_id: str) -> Regime:
        """One law, as shipped or as the home folder has it.

        Raises:
            UnknownRegimeError: there is no file of it.

        """
        return regime_files.read(regime_id, self.settings.home, self.ladders)

    @cached_property
    def all_regimes(self) -> tuple[Regime, ...]:
        """Every law there is a file of: to be listed, shown and computed."""
        return regime_files.read_all(self.settings.home, self.ladders)

    def frame(self, at: datetime) -> LegalContext:
        """What duties depend on, with the laws in force *at* a time; for judging without any case."""
        return LegalContext(
            regimes=in_force(self.regimes, at, self.organisation.time_zone),
            profile=self.profile,
            targets=self.targets,
        )

    @cached_property
    def profile(self) -> ControllerProfile:
        """From where the laws see us; a lead authority only by a main establishment in the EEA (Art. 56 GDPR)."""
        who = self.organisation
        main, lead = who.main_establishment, who.authority
        # The Land counts where there is one: in Germany the authority is the Land's, not the country's.
        place = f"{main.country}-{main.region}" if main and main.region else main.country if main else who.country
        return ControllerProfile(
            establishment=place,
            lead=Recipient(kind=RecipientKind.AUTHORITY, id=lead.id, name=lead.name) if main and lead else None,
            sectors=who.sectors,
            entities=who.entity,
            supervised_in=lead.id if lead else None,
            authority_of=self._authority_of,
        )

    def _authority_of(self, place: str) -> Recipient | None:
        """The authority of a country or region for a private company, where the directory settles which it is."""
        # `find` gives nothing where several may be competent: to notify the wrong one is worse than to name none.
        authority = self.directory.find(place)
        return Recipient(kind=RecipientKind.AUTHORITY, id=authority.id, name=authority.name) if authority else None

    @cached_property
    def directory(self) -> Directory:
        """The supervisory authorities, as shipped and corrected in the home folder."""
        from flows.reference.authority_directory import Directory

        return Directory.read(self.settings)

    @property
    def targets(self) -> Targets:
        """Our own hours where the law sets none."""
        # Hours that count on the clock, also over a weekend: these are targets for people on call, not working days.
        hours = self.organisation.targets
        return Targets(
            people=timedelta(hours=hours.people_hours),
            follow_up=timedelta(hours=hours.follow_up_hours),
            controller=timedelta(hours=hours.controller_hours),
            authority=timedelta(hours=hours.authority_hours),
        )

    @cached_property
    def use_cases(self) -> UseCaseContext:
        """What the use cases work with."""
        who = self.organisation
        return UseCaseContext(
            store=self.store,
            vault=self.vault,
            evidence_folder=self.settings.home / "evidence",
            regimes=self.regimes,
            profile=self.profile,
            targets=self.targets,
            zone=who.time_zone,
            calendar_of=_calendar_of,
            case_of=_case_of,
            escalate_after=timedelta(minutes=who.escalate_after_minutes),
            repeat_after=timedelta(minutes=who.repeat_after_minutes),
            on_call_count=len(who.on_call),
            close_within=timedelta(hours=who.targets.close_hours),
        )

    @cached_property
    def who_we_are(self) -> Mapping[str, Any]:
        """The organisation as plain values for templates; channel addresses hold secrets and stay out.

        So do the reminders: no letter speaks of them, and a draft must not go stale when they change.
        """
        # `mode="json"`: a template gets texts and numbers only, nothing with methods that a sandbox would have to
        # guard.
        return self.organisation.model_dump(mode="json", exclude={"channels", "reminders"})

    @cached_property
    def wording(self) -> LetterComposer:
        """The templates and the catalogue of words."""
        from notifications.letters.compose import LetterComposer

        return LetterComposer(templates_folder())

    @cached_property
    def report_writer(self) -> ReportWriter:
        """The report and the register."""
        from notifications.reports.writer import ReportWriter

        return ReportWriter(templates_folder())

    @cached_property
    def book(self) -> AddressBook:
        """Who is behind a reference."""
        from notifications.delivery.address_book import AddressBook, OnCallPerson

        stations = [
            OnCallPerson(name=person.name, email=person.email, channels=person.channels)
            for person in self.organisation.on_call
        ]
        return AddressBook(vault=self.vault, on_call=stations)

    @property
    def outbox_folder(self) -> Path:
        """Where messages lie when no provider is set up."""
        # The senders keep it 0700 (channels/files.py): the letters in it carry the addresses of affected people.
        return self.settings.home / "outbox"

    @cached_property
    def channels(self) -> Channels:
        """The channels as configured; choosing is configuration only."""
        from flows.channel_factory import open_channels

        return open_channels(self.settings, self.organisation, self.outbox_folder)

    @property
    def retry_policy(self) -> RetryPolicy:
        """How long leases and retries wait, on this app's clock."""
        from notifications.delivery.model import RetryPolicy

        # Leases are compared on the app's clock: at an hour a second one of two minutes would be over in a thirtieth of
        # a second, and a healthy sender would be taken for dead.
        return RetryPolicy().scaled(self.speed)

    @cached_property
    def outbox(self) -> Outbox:
        """The way out for every message."""
        from incidents.casework.deadlines.alerts import page_refused
        from notifications.delivery.outbox import Outbox
        from notifications.letters.merchant_notice import merchant_renderer

        return Outbox(
            store=self.store,
            book=self.book,
            channels=self.channels,
            clock=self.clock,
            # The same name in leases of messages and of cases: one look at a row says which process has it.
            holder=self.holder,
            retry_policy=self.retry_policy,
            reply_to=self.organisation.contact_point.email,
            personalise=merchant_renderer(self.wording),
            tell_refused=lambda session, incident, now: page_refused(self.use_cases, session, incident, now),
        )

    def now(self) -> datetime:
        """Tell the time on this app's clock."""
        return self.clock()

    def uptime(self) -> str | None:
        """Mark the machine's own uptime beside the clock; a clock that is not the system's has none to compare with."""
        return system_clock.uptime() if self.clock is system_clock.now else None

    def now_within(self, session: Session) -> datetime:
        """Tell the time for what happens in a transaction, by the clock that all who share the database go by."""
        return self.store.now(session, self.clock)


def _case_of(session: Session, incident: Incident, zone: ZoneInfo, now: datetime) -> CaseOverview:
    # Imported where it is needed: most commands read no case in a use case of their own.
    from incidents.queries.overview import case_overview

    return case_overview(session, incident, zone, now)


def _calendar_of(place: str) -> WorkCalendar:
    # The package of holidays takes a tenth of a second to load, and most commands count no working day.
    from flows.reference.public_holidays import calendar_of

    return calendar_of(place)


def build(*, whatever_the_organisation: bool = False) -> App:
    """Put the app together from the environment; *whatever_the_organisation*, also where its file cannot be used.

    Raises:
        SettingsError, OrganisationError

    """
    settings = read_settings()
    # Opening a case and the doctor must work with a broken file; everything else would act in the example's name.
    find = find_organisation_or_example if whatever_the_organisation else find_organisation
    return App(settings=settings, found=find(settings))


def build_to_go_on() -> App:
    """Put the app together for the heartbeat, which goes on whatever has become of the organisation's file.

    Raises:
        SettingsError

    """
    settings = read_settings()
    last_good = settings.home / _LAST_GOOD
    found = find_organisation_or_last_good(settings, last_good)
    if found.problem is None and not found.is_example:
        # A home that cannot be written to is the doctor's matter, and no reason not to beat.
        with suppress(OSError, FailedError):
            content = found.path.read_bytes()
            if not last_good.exists() or last_good.read_bytes() != content:
                write_owned(settings.home, _LAST_GOOD, content)
    return App(settings=settings, found=found)


def actor(app: App) -> ActingPerson:
    """Who is asking: the owner of TOCSIN_TOKEN, else the operating system's user as responder.

    Raises:
        UnknownTokenError

    """
    token = app.settings.token
    if token is None:
        import getpass

        return people.os_actor(getpass.getuser())
    secret, now = token.get_secret_value(), app.now()
    # Looking first: a write takes SQLite's one write lock, and a command that only shows something must not wait for
    # it. The use is noted once an hour, which is enough to see which tokens are dead.
    with app.store.read() as session:
        person = people.actor_of_token(session, secret, now)
        if people.was_used_lately(session, secret, now):
            return person
    # Where nothing can be written (a full disk, a copy that is read-only) people still read and learn who they are.
    with suppress(StoreUnreachableError), app.store.write() as session:
        people.note_use(session, secret, now)
    return person
