"""Who may act: the first run, roles, and personal tokens that end."""

from datetime import timedelta

import pytest

from incidents.access import people
from incidents.access.people import (
    TOKEN_LIFE,
    NameTakenError,
    PermissionRefusedError,
    UnknownPersonError,
    UnknownTokenError,
    os_actor,
)
from incidents.audit import chain as audit
from incidents.case.lifecycle import PersonRole
from incidents.storage.tables.access import Person, Token
from tests.standins.case_desk import ADMIN, DPO, INSTANT, ON_CALL, change, holding, nothing_written, rows_of

RESPONDER, APPROVER, ADMINISTERS = (
    frozenset({PersonRole.RESPONDER}),
    frozenset({PersonRole.APPROVER, PersonRole.DPO}),
    frozenset({PersonRole.ADMIN}),
)


def add(desk, now, name="alex", roles=RESPONDER, actor=ADMIN):
    with desk.store.write() as session:
        return people.add_person(session, actor, now, name=name, roles=roles)


def actor_of(desk, secret, at):
    with desk.store.read() as session:
        return people.actor_of_token(session, secret, at)


def test_a_token_proves_who_is_asking_and_in_which_roles(desk, now):
    secret = add(desk, now, roles=APPROVER)
    actor = actor_of(desk, secret, now)
    assert (actor.name, actor.roles, actor.proven_by) == ("alex", APPROVER, "token")


def test_a_token_is_kept_as_a_digest_only(desk, now):
    secret = add(desk, now)
    (token,) = rows_of(desk, Token)
    assert secret not in str(token.model_dump())
    assert secret.split("_", 2)[2] not in str(token.model_dump())
    assert len(secret) > 50


@pytest.mark.parametrize(
    "forged", ["", "toc_", "nonsense", "toc_00000000_x", "toc_{prefix}", "toc_{prefix}_", "toc_{prefix}_x"]
)
def test_a_token_that_is_not_known_is_refused(desk, now, forged):
    add(desk, now)
    prefix = rows_of(desk, Token)[0].prefix
    with pytest.raises(UnknownTokenError, match="not known"):
        actor_of(desk, forged.format(prefix=prefix), now)


def test_a_token_with_one_other_character_is_refused(desk, now):
    secret = add(desk, now)
    other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    with pytest.raises(UnknownTokenError):
        actor_of(desk, other, now)


@pytest.mark.parametrize("moment", [-INSTANT, timedelta(), INSTANT])
def test_a_token_ends_after_a_year(desk, now, moment):
    secret = add(desk, now)
    if moment < timedelta():
        actor_of(desk, secret, now + TOKEN_LIFE + moment)
    else:
        with pytest.raises(UnknownTokenError, match="has expired or was revoked"):
            actor_of(desk, secret, now + TOKEN_LIFE + moment)


def test_revoking_ends_every_token_of_a_person_at_once_and_of_nobody_else(desk, now):
    first = add(desk, now)
    other = add(desk, now, name="sam")
    with desk.store.write() as session:
        second = people.create_token(session, ADMIN, now, name="alex")
    with desk.store.write() as session:
        assert people.revoke_tokens(session, ADMIN, now, name="alex") == 2
    for secret in (first, second):
        with pytest.raises(UnknownTokenError):
            actor_of(desk, secret, now)
    assert actor_of(desk, other, now).name == "sam"
    with nothing_written(desk), desk.store.write() as session:
        assert people.revoke_tokens(session, ADMIN, now, name="alex") == 0


def test_a_disabled_person_may_do_nothing_any_more(desk, now):
    secret = add(desk, now)
    change(desk, Person, rows_of(desk, Person)[0].id, {"disabled_at": now})
    with pytest.raises(UnknownTokenError):
        actor_of(desk, secret, now)
    with nothing_written(desk), pytest.raises(UnknownPersonError), desk.store.write() as session:
        people.create_token(session, ADMIN, now, name="alex")


def test_on_the_first_run_whoever_holds_the_machine_names_people_until_there_is_an_administrator(desk, now):
    add(desk, now, name="first", roles=RESPONDER, actor=ON_CALL)
    with desk.store.read() as session:
        assert people.is_first_run(session)
    add(desk, now, name="chief", roles=ADMINISTERS, actor=ON_CALL)
    with desk.store.read() as session:
        assert not people.is_first_run(session)
    with nothing_written(desk), pytest.raises(PermissionRefusedError, match=r"may not add people.*admin.*TOCSIN_TOKEN"):
        add(desk, now, name="another", actor=ON_CALL)


def test_the_first_run_is_for_the_machine_not_for_any_token(desk, now):
    with nothing_written(desk), pytest.raises(PermissionRefusedError):
        add(desk, now, actor=DPO)


@pytest.mark.parametrize("role", sorted(set(PersonRole) - {PersonRole.ADMIN}))
def test_only_an_administrator_adds_people(sqlite_desk, now, role):
    add(sqlite_desk, now, name="chief", roles=ADMINISTERS, actor=ON_CALL)
    with nothing_written(sqlite_desk), pytest.raises(PermissionRefusedError, match="admin"):
        add(sqlite_desk, now, actor=holding("somebody", role))


def test_a_name_is_taken_once(desk, now):
    add(desk, now)
    with nothing_written(desk), pytest.raises(NameTakenError, match="tocsin token create alex"):
        add(desk, now)


def test_one_makes_and_ends_ones_own_tokens_and_nobody_elses(desk, now):
    add(desk, now, name="alex")
    add(desk, now, name="sam")
    alex = holding("alex", PersonRole.RESPONDER)
    with desk.store.write() as session:
        people.create_token(session, alex, now, name="alex")
    with nothing_written(desk), pytest.raises(PermissionRefusedError), desk.store.write() as session:
        people.create_token(session, alex, now, name="sam")
    with nothing_written(desk), pytest.raises(PermissionRefusedError), desk.store.write() as session:
        people.revoke_tokens(session, alex, now, name="sam")
    with desk.store.write() as session:
        assert people.revoke_tokens(session, alex, now, name="alex") == 2


def test_nobody_of_that_name_is_said_plainly(desk, now):
    with (
        nothing_written(desk),
        pytest.raises(UnknownPersonError, match="tocsin user list"),
        desk.store.write() as session,
    ):
        people.create_token(session, ADMIN, now, name="nobody")


def test_everybody_is_listed_by_name_and_on_record(desk, now):
    add(desk, now, name="sam", roles=APPROVER)
    add(desk, now, name="alex")
    with desk.store.read() as session:
        assert [(row.name, row.roles) for row in people.everybody(session)] == [
            ("alex", "responder"),
            ("sam", "approver dpo"),
        ]
        assert audit.head(session)[0] == 4


def test_the_user_of_the_machine_is_a_responder_and_no_more():
    assert os_actor("root").roles == RESPONDER
    assert os_actor("root").name == "root@local"
