"""Whether this installation would hold in an emergency: one finding for each thing, with the exact way to mend it.

No secret and no address is ever in a finding.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterator
from difflib import get_close_matches
from importlib import metadata
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from flows.operations import doctor_access
from flows.operations.finding import Finding
from incidents.kernel.timestamps import rfc3339

if TYPE_CHECKING:
    from flows.bootstrap import App

OLDEST_PYTHON: Final = (3, 11)
OLDEST_SQLITE: Final = (3, 51, 3)
"""From here on a write-ahead log cannot be reset under several writers."""

_KEYS_SHOWN: Final = 8


def examine(app: App) -> tuple[Finding, ...]:
    """Look at everything; what cannot even be looked at is a finding too, never an exception."""
    return tuple(finding for look in CHECKS for finding in _looked(look, app))


def _looked(look: Callable[[App], Iterator[Finding]], app: App) -> tuple[Finding, ...]:
    try:
        return tuple(look(app))
    except Exception as error:  # noqa: BLE001 - whatever is broken, the other checks must still be made
        subject = look.__name__.strip("_").replace("_", " ")
        # The words of an unexpected failure may quote a secret; the kind of failure does not.
        return (Finding(ok=False, what=f"{subject}: could not be looked at ({type(error).__name__})",
                        fix="mend what is found broken above, then run `tocsin doctor` again"),)  # fmt: skip


def _versions(_app: App) -> Iterator[Finding]:
    from incidents.storage.database import sqlite_version

    python = sys.version_info[:2] >= OLDEST_PYTHON
    fix = None if python else "install Python 3.11 or newer"
    yield Finding(ok=python, what=f"Python {platform.python_version()}", fix=fix)
    version = sqlite_version()
    shown = ".".join(str(part) for part in version)
    yield Finding(
        # Heeded and not broken: with one writing process the bug cannot strike.
        ok=True if version >= OLDEST_SQLITE else None,
        what=f"SQLite {shown}",
        fix=None if version >= OLDEST_SQLITE else "install pysqlite3, or run a single writer, or use PostgreSQL",
    )


def _database(app: App) -> Iterator[Finding]:
    from incidents.storage.database import SCHEMA_REVISION, SchemaMismatchError, StoreUnreachableError

    try:
        # `app.store` itself looks: making it checks that the tables are there and of this version.
        dialect = app.store.engine.dialect.name
    except StoreUnreachableError as error:
        yield Finding(ok=False, what=str(error), fix="start the database, or mend TOCSIN_DATABASE_URL")
        return
    except SchemaMismatchError as error:
        yield Finding(ok=False, what=str(error), fix="`tocsin migrate`")
        return
    yield Finding(ok=True, what=f"the database answers ({dialect}), schema {SCHEMA_REVISION}")


def _organisation(app: App) -> Iterator[Finding]:
    from config.organisation import to_adapt

    if app.found.problem:
        for problem in app.found.problem.splitlines():
            yield Finding(ok=False, what=problem, fix=f"mend {app.found.own}")
        return
    if app.found.is_example:
        fix = f"`cp {app.found.path} {app.found.own}`, then adapt it"
        yield Finding(ok=None, what="the example organisation is in use", fix=fix)
    keys = to_adapt(app.organisation)
    if keys:
        more = f" and {len(keys) - _KEYS_SHOWN} more" if len(keys) > _KEYS_SHOWN else ""
        yield Finding(
            ok=None,
            what=f"still the example's: {', '.join(keys[:_KEYS_SHOWN])}{more}",
            fix=f"write your own values in {app.found.own}",
        )
    elif not app.found.is_example:
        yield Finding(ok=True, what=f"the organisation is your own ({app.found.path})")


def _kinds_of_entity(app: App) -> Iterator[Finding]:
    """Whether each law that tells kinds of entity apart knows which we are, and no kind is named for nothing."""
    ours, laws = app.profile, app.regimes
    own = app.found.own
    # Only laws that are switched on: a kind that a law knows which is off changes no due time of ours.
    known = {kind for law in laws for kind in law.entities}
    for kind in ours.entities:
        if kind not in known:
            near = get_close_matches(kind, known, n=1)
            meant = f"write `{near[0]}`" if near else "mend it, or switch its law on under `regimes`"
            yield Finding(ok=None, what=f"no law that is switched on knows the kind of entity `{kind}`",
                          fix=f"{own}, `entity`: {meant}")  # fmt: skip
    for law in laws:
        # A law of other sectors than ours does not reach us: our kind for it need not be known.
        concerned = not law.applies.sectors or set(law.applies.sectors) & set(ours.sectors)
        if law.entities and concerned and not law.kinds_among(ours.kinds):
            what = f"{law.id} tells kinds of entity apart and ours is not named: the general rule counts"
            yield Finding(ok=None, what=what,
                          fix=f"name it in `entity` of {own}; `tocsin regimes show {law.id}` lists them")  # fmt: skip


def _authorities(app: App) -> Iterator[Finding]:
    from config.authorities import AuthoritiesError
    from flows.reference.authority_directory import Directory, UnknownAuthorityError

    authority = app.organisation.authority
    # In order, and not forgotten: who has no main establishment in the EEA has no lead authority (9/2022 para 73).
    if authority is None:
        yield Finding(ok=True, what="no authority leads: each authority of the countries where people live is notified")
        return
    ours = authority.id
    try:
        # The directory of its own and not `app.directory`: reading it is the check.
        listed = Directory.read(app.settings).by_id(ours)
    except AuthoritiesError as error:
        fix = f"mend or remove {app.settings.home / 'authorities.yaml'}"
        yield Finding(ok=False, what=str(error).splitlines()[0], fix=fix)
    except UnknownAuthorityError:
        what = f"the authority `{ours}` of the organisation's file is not in the directory"
        yield Finding(ok=None, what=what, fix="`tocsin authorities list` shows those there are; add yours to the file")
    else:
        yield Finding(ok=True, what=f"the authority we notify is in the directory ({listed.id}: {listed.name})")


def _time_zones(app: App) -> Iterator[Finding]:
    # Made once to see whether the data knows the zone; `_looked` turns what it raises into a finding.
    ZoneInfo(app.organisation.zone)
    try:
        data = f"tzdata {metadata.version('tzdata')}"
    except metadata.PackageNotFoundError:
        data = "the system's time zone data"
    yield Finding(ok=True, what=f"times are shown in {app.organisation.zone} ({data})")


def _prefect(app: App) -> Iterator[Finding]:
    # From the metadata: importing Prefect takes seconds, and would read an environment that is not set up yet.
    version = metadata.version("prefect")
    url = app.settings.prefect_api_url
    if url is None:
        own = "`tocsin serve` runs a server of its own, on loopback, telemetry off"
        yield Finding(ok=True, what=f"Prefect {version}: {own}")
        return
    from flows.runtime.prefect_server import answers

    there = answers(url)
    yield Finding(
        ok=there,
        what=f"Prefect {version}: the server at PREFECT_API_URL {'answers' if there else 'does not answer'}",
        fix=None if there else "start it, or unset PREFECT_API_URL; until then `tocsin respond REF` does its work",
    )
    yield Finding(ok=None, what="the telemetry of that server is not ours to see",
                  fix="start it with PREFECT_SERVER_ANALYTICS_ENABLED=false and DO_NOT_TRACK=1")  # fmt: skip


def _mail(app: App) -> Iterator[Finding]:
    from notifications.delivery.channel import SendError

    if app.settings.sendgrid_api_key is None:
        yield Finding(ok=None, what=f"mail goes into the folder {app.outbox_folder}, to nobody",
                      fix="set SENDGRID_API_KEY (or SENDGRID_API_KEY_FILE)")  # fmt: skip
        return
    # Only a channel that goes over a network has something to check; the outbox folder is in order by being there.
    check = getattr(app.channels.mail, "check", None)
    try:
        description = check() if check else "SendGrid is set up"
    except SendError as error:
        yield Finding(ok=False, what=f"mail: {error}", fix="mend SENDGRID_API_KEY or SENDGRID_HOST, then look again")
        return
    yield Finding(ok=True, what=f"mail: {description}")


def _mail_stops(app: App) -> Iterator[Finding]:
    """What keeps letters from going out although mail is set up: a pause of the channel, cases that were stopped."""
    from incidents.queries.rows.stops import held_references, mail_pause

    with app.store.read() as session:
        pause, held = mail_pause(session, app.now()), held_references(session)
    if pause is not None and pause.refused:
        what = f"the mail provider refuses us since {rfc3339(pause.since)}; letters wait, none is lost: {pause.because}"
        yield Finding(ok=False, what=what, fix="mend SENDGRID_API_KEY or the sender; it is tried again each minute")
    elif pause is not None:
        what = f"mail is paused until {rfc3339(pause.until)}: {pause.because}"
        yield Finding(ok=None, what=what, fix="nothing to do: letters go on by themselves")
    for reference in held:
        fix = f'a second person: `tocsin release {reference} --because "..."`'
        yield Finding(ok=None, what=f"a person stopped the letters of {reference}", fix=fix)


def _channels(app: App) -> Iterator[Finding]:
    from notifications.delivery.channel import SendError

    for name, pager in app.channels.pagers.items():
        check = getattr(pager, "check", None)
        if check is None:
            yield Finding(ok=None, what=f"the channel {name} writes into the folder {app.outbox_folder}",
                          fix=f"give `channels.{name}` an Apprise address in {app.found.own}")  # fmt: skip
            continue
        try:
            description = check()
        except SendError as error:
            fix = f"mend `channels.{name}` in {app.found.own}"
            yield Finding(ok=False, what=f"the channel {name}: {error}", fix=fix)
            continue
        yield Finding(ok=True, what=f"the channel {name}: {description}; try it: `tocsin channel test {name}`")


def _heartbeat(app: App) -> Iterator[Finding]:
    from flows import liveness

    with app.store.read() as session:
        # After the beat, so that one that comes in between does not seem to be of the future.
        beat, now = liveness.last_beat(session, liveness.HEARTBEAT), app.now_within(session)
    # To be heeded and not broken: an installation that is only being set up has no heartbeat yet.
    alive = liveness.is_alive(beat, now, liveness.MAX_AGE[liveness.HEARTBEAT])
    words = (
        f"the last heartbeat was {int((now - beat).total_seconds())} s ago" if beat else "there was no heartbeat yet"
    )
    if beat and beat > now + liveness.SKEW:
        words = f"the last heartbeat is of {rfc3339(beat)}, which has not come yet: a clock is wrong"
    fix = "run `tocsin serve`, or `tocsin heartbeat --once` every minute from cron: without it nobody is paged"
    yield Finding(ok=True if alive else None, what=words, fix=None if alive else fix)


def _audit_chain(app: App) -> Iterator[Finding]:
    from incidents.audit.verify import verify

    with app.store.read() as session:
        verified = verify(session)
    if verified.broken is None:
        yield Finding(ok=True, what=f"the audit chain holds ({verified.entries} entries)")
        return
    fix = "stop writing, keep a copy of the database, and compare with the last head you noted"
    yield Finding(ok=False, what=f"the audit chain is broken: {verified.broken.what}", fix=fix)


CHECKS: Final[tuple[Callable[[App], Iterator[Finding]], ...]] = (
    _versions,
    _database,
    _organisation,
    _kinds_of_entity,
    _authorities,
    _time_zones,
    _prefect,
    _mail,
    _mail_stops,
    _channels,
    _heartbeat,
    _audit_chain,
    doctor_access.approvers,
    doctor_access.who_appoints,
    doctor_access.master_key,
)
"""Every look that is taken, in the order in which one would mend what is found."""
