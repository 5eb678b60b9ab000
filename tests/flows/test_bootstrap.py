"""The one place where things are put together: what comes from the environment, and what is made once."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from flows import bootstrap
from flows.bootstrap import App
from incidents.access import people
from incidents.access.people import UnknownTokenError
from incidents.case.lifecycle import PersonRole
from incidents.storage.encryption import MasterKeyError
from incidents.storage.tables.access import Token
from tests.builders import apps
from tests.builders.apps import HOUR, INSTANT, SettableClock, close_all, neighbour


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path / "home"))
    return bootstrap.build()


def test_a_house_stands_on_nothing_but_a_folder(built: App, tmp_path: Path) -> None:
    assert built.store.revision() is not None
    built.store.close()
    assert (tmp_path / "home" / "tocsin.sqlite3").exists()
    assert built.organisation.name == "Rabta"
    assert built.outbox_folder == tmp_path / "home" / "outbox"
    assert tuple(regime.id for regime in built.regimes) == built.organisation.regimes


def test_nothing_is_made_before_it_is_asked_for(built: App, tmp_path: Path) -> None:
    assert not (tmp_path / "home").exists()
    assert built.speed == 1.0
    assert not built.exercise


def test_each_part_is_made_once(small_app: App) -> None:
    assert small_app.store is small_app.store
    assert small_app.use_cases is small_app.use_cases
    assert small_app.outbox is small_app.outbox
    assert small_app.outbox.channels is small_app.channels


def test_the_desk_has_the_organisations_own_terms(small_app: App) -> None:
    ctx, who = small_app.use_cases, small_app.organisation
    assert (ctx.profile.home, ctx.zone.key, ctx.on_call_count) == ("DE-BE", "Europe/Berlin", 3)
    assert (ctx.escalate_after, ctx.repeat_after) == (timedelta(minutes=15), timedelta(minutes=30))
    assert ctx.targets.people == timedelta(hours=who.targets.people_hours)


def test_the_addresses_of_channels_stay_out_of_what_templates_see(small_app: App) -> None:
    assert "channels" not in small_app.who_we_are
    assert small_app.who_we_are["name"] == "Rabta"


def test_each_process_holds_leases_under_a_name_of_its_own(built: App) -> None:
    assert built.holder != bootstrap.build().holder
    assert len(built.holder) <= 60


def test_the_same_home_opens_its_own_seals(small_app: App) -> None:
    sealed = small_app.vault.encrypt("INC-2026-0001", "somebody@example.org")
    assert neighbour(small_app).vault.decrypt("INC-2026-0001", sealed) == "somebody@example.org"


def test_a_master_key_of_the_environment_must_be_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOCSIN_HOME", str(tmp_path))
    monkeypatch.setenv("TOCSIN_MASTER_KEY", "too short")
    vault = bootstrap.build().vault
    with pytest.raises(MasterKeyError, match="TOCSIN_MASTER_KEY holds no master key"):
        vault.encrypt("INC-2026-0001", "somebody@example.org")


def test_without_a_token_the_systems_user_asks_as_a_responder(built: App) -> None:
    asking = bootstrap.actor(built)
    assert asking.proven_by == "os"
    assert asking.roles == {PersonRole.RESPONDER}


def test_a_token_proves_who_is_asking(small_app: App, now: datetime) -> None:
    with small_app.store.write() as session:
        secret = people.add_person(
            session, people.os_actor("root"), now, name="Data Protection Officer", roles=frozenset({PersonRole.DPO})
        )
    known = neighbour(small_app, settings=small_app.settings.model_copy(update={"token": _secret(secret)}))
    assert bootstrap.actor(known).name == "Data Protection Officer"
    strange = neighbour(small_app, settings=small_app.settings.model_copy(update={"token": _secret("toc_a_b")}))
    with pytest.raises(UnknownTokenError):
        bootstrap.actor(strange)


def _secret(text: str) -> object:
    from pydantic import SecretStr

    return SecretStr(text)


def test_on_a_faster_clock_leases_and_retries_wait_as_much_longer(small_app: App, now: datetime) -> None:
    fast = replace(small_app, clock=SettableClock(now + timedelta(hours=1)), speed=3600.0)
    assert fast.now() == now + timedelta(hours=1)
    assert fast.retry_policy.lease == small_app.retry_policy.lease * 3600
    close_all()


def test_the_last_use_of_a_token_is_kept_to_the_hour(app: App, clock: SettableClock) -> None:
    with app.store.write() as session:
        roles = frozenset({PersonRole.RESPONDER})
        secret = people.add_person(session, people.os_actor("root"), clock(), name="responder", roles=roles)
    settings = app.settings.model_copy(update={"token": SecretStr(secret)})
    asking = apps.neighbour(app, settings=settings)

    def last_use() -> object:
        bootstrap.actor(asking)
        return apps.rows(app, Token)[0].last_used_at

    first = clock()
    assert last_use() == first
    clock.forward(HOUR - INSTANT)
    assert last_use() == first
    clock.forward(INSTANT)
    assert last_use() == first + HOUR
