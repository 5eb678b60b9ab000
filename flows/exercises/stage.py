"""The stage of an exercise: a throw-away home, a fast clock, people with tokens, and waiting for what others do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from config.organisation import FoundOrganisation, read_organisation
from config.settings import Settings, example_organisation
from flows.bootstrap import App
from incidents.access import people
from incidents.access.people import ActingPerson
from incidents.case.lifecycle import PersonRole
from incidents.kernel import clock as system_clock
from incidents.kernel.errors import DefectError

# As long as Prefect's client tries to reach a server that is away, twice over.
LONGEST_WAIT = 120.0
"""Real seconds to wait for something that should happen by itself."""


class ExerciseFailedError(DefectError):
    """Something that should have happened did not."""


class FastClock:
    """A clock that starts at a chosen time and runs *speed* times as fast as the real one.

    While the players wait for the machine it keeps real time: how fast this computer works must not decide whether an
    exercise meets its deadlines.
    """

    def __init__(self, starts_at: datetime, speed: float) -> None:
        self.starts_at = starts_at
        self.speed = speed
        # Since when, at which monotonic second, how fast. One tuple, so that a change is one assignment: the heartbeat
        # and the flow ask from threads of their own, and must never see half of it.
        self._run: tuple[datetime, float, float] = (starts_at, time.monotonic(), 0.0)

    def begin(self) -> None:
        """Let it run fast from now on."""
        self._run = (self(), time.monotonic(), self.speed)

    def __call__(self) -> datetime:
        """Tell the time of the exercise, aware and in UTC."""
        # Monotonic seconds: a system clock that is set during an exercise must not move its deadlines.
        since, begun, pace = self._run
        return since + timedelta(seconds=(time.monotonic() - begun) * pace)

    def slow_down(self) -> None:
        """Keep real time from now on."""
        self._run = (self(), time.monotonic(), 1.0)

    @contextmanager
    def in_real_time(self) -> Iterator[None]:
        """Keep real time for a while."""
        self.slow_down()
        try:
            yield
        finally:
            self.begin()

    def wait_until(self, moment: datetime) -> None:
        """Sleep until the exercise's clock shows *moment*."""
        while (left := (moment - self()).total_seconds() / self.speed) > 0:
            # In pieces, because the pace may change meanwhile.
            time.sleep(min(left, 0.5))


@dataclass(frozen=True, kw_only=True)
class DrillEnvironment:
    """What a scenario plays on."""

    app: App
    clock: FastClock
    cast: dict[str, ActingPerson]
    """Who takes part, by role; each proved by a token as in real life."""

    @property
    def now(self) -> datetime:
        """The time of the exercise."""
        return self.clock()

    def wait_for_machine(self, what: str, is_there: Callable[[], bool]) -> None:
        """Wait, in real time, for work that the flow does by itself."""
        with self.clock.in_real_time():
            self.wait_for(what, is_there)

    def wait_for(self, what: str, is_there: Callable[[], bool]) -> None:
        """Wait for something that comes with time: an alert that goes on to the next person.

        Raises:
            ExerciseFailedError: it did not happen within two real minutes.

        """
        ends = time.monotonic() + LONGEST_WAIT
        while not is_there():
            if time.monotonic() > ends:
                message = f"waited two minutes in vain for: {what}"
                raise ExerciseFailedError(message)
            time.sleep(0.1)


CAST = {
    "responder": ("On-call engineer", frozenset({PersonRole.RESPONDER})),
    "lead": ("Security lead", frozenset({PersonRole.LEAD})),
    "dpo": ("Data Protection Officer", frozenset({PersonRole.DPO})),
    "approver": ("Legal counsel", frozenset({PersonRole.APPROVER})),
    "admin": ("Administrator", frozenset({PersonRole.ADMIN})),
}


def set_up(home: Path, speed: float, lasts: timedelta) -> DrillEnvironment:
    """Make a home that nothing leaves: the example organisation, SQLite, the outbox folder, no account, no key.

    The clock starts so long ago that the exercise ends about now: its papers bear no date that has not come yet.
    """
    settings = Settings(
        home=home,
        database_url=f"sqlite:///{home / 'tocsin.sqlite3'}",
        organisation=example_organisation(),
        token=None,
        master_key=None,
        sendgrid_api_key=None,
        # A configured Prefect is somebody's real one: an exercise starts a server of its own and throws it away.
        prefect_api_url=None,
    )
    example = example_organisation()
    organisation = read_organisation(example.read_text(encoding="utf-8"), example.name)
    # Whatever the example names as a channel becomes a folder: no exercise may wake anybody.
    safe = organisation.model_copy(update={"channels": dict.fromkeys(organisation.channels, "files")})
    # To the minute, so that times read well in the story.
    begins = (system_clock.now() - lasts).astimezone(UTC).replace(second=0, microsecond=0)
    clock = FastClock(begins, speed)
    found = FoundOrganisation(organisation=safe, path=example, own=home / "organisation.yaml")
    app = App(settings=settings, found=found, clock=clock, speed=speed, exercise=True)
    return DrillEnvironment(app=app, clock=clock, cast=_cast(app))


def _cast(app: App) -> dict[str, ActingPerson]:
    """Name the people as an administrator would, and prove each by the token they were given."""
    machine = people.os_actor("exercise")
    now = app.now()
    with app.store.write() as session:
        # First of all: while there is no administrator the owner of the machine may add people, afterwards only that
        # person.
        admin_name, admin_roles = CAST["admin"]
        token = people.add_person(session, machine, now, name=admin_name, roles=admin_roles)
        admin = people.actor_of_token(session, token, now)
        cast = {"admin": admin}
        for part, (name, roles) in CAST.items():
            if part != "admin":
                token = people.add_person(session, admin, now, name=name, roles=roles)
                cast[part] = people.actor_of_token(session, token, now)
    return cast
