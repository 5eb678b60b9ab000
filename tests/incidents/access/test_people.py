"""Who may act: the first run, roles, and personal tokens that end."""

from datetime import timedelta

import pytest

from incidents.access import people, set_up
from incidents.access.people import (
    TOKEN_LIFE,
    LastAdministratorError,
    NameTakenError,
    PersonRefusedError,
    UnknownPersonError,
    UnknownTokenError,
    os_actor,
)
from incidents.audit import chain
from incidents.case.lifecycle import PersonRole
from incidents.kernel.errors import PermissionDeniedError
from incidents.storage.tables.access import Person, Token
from tests.builders.casework import (
    ADMIN,
    DPO,
    INSTANT,
    ON_CALL,
    change,
    holding,
    nothing_written,
    rows_of,
)

RESPONDER, APPROVER, ADMINISTERS = (
    frozenset({PersonRole.RESPONDER}),
    frozenset({PersonRole.APPROVER, PersonRole.DPO}),
    frozenset({PersonRole.ADMIN}),
)


def add(ctx, now, name="alex", roles=RESPONDER, actor=ADMIN):
    with ctx.store.write() as session:
        return people.add_person(session, actor, now, name=name, roles=roles)


def actor_of(ctx, secret, at):
    with ctx.store.read() as session:
        return people.actor_of_token(session, secret, at)


def test_a_token_proves_who_is_asking_and_in_which_roles(ctx, now):
    first_person(ctx, now)
    secret = add(ctx, now, roles=APPROVER)
    actor = actor_of(ctx, secret, now)
    assert (actor.name, actor.roles, actor.proven_by) == ("alex", APPROVER, "token")


def test_a_token_is_kept_as_a_digest_only(ctx, now):
    secret = add(ctx, now)
    (token,) = rows_of(ctx, Token)
    assert secret not in str(token.model_dump())
    assert secret.split("_", 2)[2] not in str(token.model_dump())
    assert len(secret) > 50


@pytest.mark.parametrize(
    "forged", ["", "toc_", "nonsense", "toc_00000000_x", "toc_{prefix}", "toc_{prefix}_", "toc_{prefix}_x"]
)
def test_a_token_that_is_not_known_is_refused(ctx, now, forged):
    add(ctx, now)
    prefix = rows_of(ctx, Token)[0].prefix
    with pytest.raises(UnknownTokenError, match="not known"):
        actor_of(ctx, forged.format(prefix=prefix), now)


def test_a_token_with_one_other_character_is_refused(ctx, now):
    secret = add(ctx, now)
    other = secret[:-1] + ("A" if secret[-1] != "A" else "B")
    with pytest.raises(UnknownTokenError):
        actor_of(ctx, other, now)


@pytest.mark.parametrize("moment", [-INSTANT, timedelta(), INSTANT])
def test_a_token_ends_after_a_year(ctx, now, moment):
    secret = add(ctx, now)
    if moment < timedelta():
        assert actor_of(ctx, secret, now + TOKEN_LIFE + moment).name == "alex"
    else:
        with pytest.raises(UnknownTokenError, match="has expired on"):
            actor_of(ctx, secret, now + TOKEN_LIFE + moment)


def test_revoking_ends_every_token_of_a_person_at_once_and_of_nobody_else(ctx, now):
    first = add(ctx, now)
    other = add(ctx, now, name="sam")
    with ctx.store.write() as session:
        second = people.create_token(session, ADMIN, now, name="alex")
    with ctx.store.write() as session:
        assert people.revoke_tokens(session, ADMIN, now, name="alex") == 2
    for secret in (first, second):
        with pytest.raises(UnknownTokenError):
            actor_of(ctx, secret, now)
    assert actor_of(ctx, other, now).name == "sam"
    with nothing_written(ctx), ctx.store.write() as session:
        assert people.revoke_tokens(session, ADMIN, now, name="alex") == 0


def test_a_disabled_person_may_do_nothing_any_more(ctx, now):
    secret = add(ctx, now)
    change(ctx, Person, rows_of(ctx, Person)[0].id, {"disabled_at": now})
    with pytest.raises(UnknownTokenError):
        actor_of(ctx, secret, now)
    with nothing_written(ctx), pytest.raises(UnknownPersonError), ctx.store.write() as session:
        people.create_token(session, ADMIN, now, name="alex")


def is_open(ctx, now):
    with ctx.store.read() as session:
        return set_up.door_is_open(session, now)


def refused(ctx, now):
    with nothing_written(ctx), pytest.raises(PermissionDeniedError, match=r"may not add people.*admin.*TOCSIN_TOKEN"):
        add(ctx, now, name="another", actor=ON_CALL)


def test_the_first_person_is_an_administrator_whatever_roles_are_given_and_the_second_is_not(ctx, now):
    for name in ("first", "second"):
        add(ctx, now, name=name, roles=RESPONDER, actor=ON_CALL)
    assert [row.roles for row in rows_of(ctx, Person)] == ["admin responder", "responder"]


def test_the_door_closes_when_four_eyes_are_possible(ctx, now):
    assert is_open(ctx, now)
    for name in ("first", "second"):
        assert is_open(ctx, now)
        add(ctx, now, name=name, roles=APPROVER, actor=ON_CALL)
    refused(ctx, now)
    # Also after one of them has left: or whoever holds the machine could come back then.
    with ctx.store.write() as session:
        people.disable_person(session, ADMIN, now, name="second")
    refused(ctx, now)


def test_the_door_closes_when_the_first_token_is_used(ctx, now):
    secret = add(ctx, now, name="first", actor=ON_CALL)
    add(ctx, now, name="second", actor=ON_CALL)
    with ctx.store.write() as session:
        people.note_use(session, secret, now)
    refused(ctx, now)


@pytest.mark.parametrize(
    ("after", "stays"), [(set_up.SET_UP - INSTANT, True), (set_up.SET_UP, False), (-INSTANT, False)]
)
def test_the_door_closes_after_an_hour_and_a_clock_that_went_back_does_not_open_it(ctx, now, after, stays):
    add(ctx, now, name="first", actor=ON_CALL)
    assert is_open(ctx, now + after) is stays


def test_the_last_administrator_stays_and_of_two_one_may_go(ctx, now):
    for name in ("chief", "deputy"):
        add(ctx, now, name=name, roles=ADMINISTERS)
    chief = holding("chief", PersonRole.ADMIN)
    with ctx.store.write() as session:
        people.disable_person(session, chief, now, name="deputy")
    with (
        nothing_written(ctx),
        pytest.raises(LastAdministratorError, match="chief is the last"),
        ctx.store.write() as session,
    ):
        people.disable_person(session, chief, now, name="chief")


def test_a_recovery_makes_an_administrator_and_says_so_in_the_audit_log(ctx, now):
    add(ctx, now, name="chief", roles=ADMINISTERS)
    with ctx.store.write() as session:
        secret = people.recover(session, ON_CALL, now, name="rescue")
    assert actor_of(ctx, secret, now).roles == ADMINISTERS
    with ctx.store.read() as session:
        assert set_up.recovered_since(session, now) == ("rescue",)
        assert set_up.recovered_since(session, now + INSTANT) == ()
        assert set_up.administrators(session) == {"chief", "rescue"}


def test_the_first_run_is_for_the_machine_not_for_any_token(ctx, now):
    with nothing_written(ctx), pytest.raises(PermissionDeniedError):
        add(ctx, now, actor=DPO)


@pytest.mark.parametrize("role", sorted(set(PersonRole) - {PersonRole.ADMIN}))
def test_only_an_administrator_adds_people(sqlite_ctx, now, role):
    add(sqlite_ctx, now, name="chief", roles=ADMINISTERS, actor=ON_CALL)
    with nothing_written(sqlite_ctx), pytest.raises(PermissionDeniedError, match="admin"):
        add(sqlite_ctx, now, actor=holding("somebody", role))


def test_a_name_is_taken_once(ctx, now):
    add(ctx, now)
    with nothing_written(ctx), pytest.raises(NameTakenError, match="tocsin token create alex"):
        add(ctx, now)


def test_one_makes_and_ends_ones_own_tokens_and_nobody_elses(ctx, now):
    add(ctx, now, name="alex")
    add(ctx, now, name="sam")
    alex = holding("alex", PersonRole.RESPONDER)
    with ctx.store.write() as session:
        people.create_token(session, alex, now, name="alex")
    with nothing_written(ctx), pytest.raises(PermissionDeniedError), ctx.store.write() as session:
        people.create_token(session, alex, now, name="sam")
    with nothing_written(ctx), pytest.raises(PermissionDeniedError), ctx.store.write() as session:
        people.revoke_tokens(session, alex, now, name="sam")
    with ctx.store.write() as session:
        assert people.revoke_tokens(session, alex, now, name="alex") == 2


def test_nobody_of_that_name_is_said_plainly(ctx, now):
    with (
        nothing_written(ctx),
        pytest.raises(UnknownPersonError, match="tocsin user list"),
        ctx.store.write() as session,
    ):
        people.create_token(session, ADMIN, now, name="nobody")


def test_everybody_is_listed_by_name_and_on_record(ctx, now):
    add(ctx, now, name="sam", roles=APPROVER)
    add(ctx, now, name="alex")
    with ctx.store.read() as session:
        assert [(row.name, row.roles) for row in set_up.everybody(session)] == [
            ("alex", "responder"),
            ("sam", "admin approver dpo"),
        ]
        # Each person is two entries and one for the rows they leave behind.
        assert chain.head(session)[0] == 6


def test_the_user_of_the_machine_is_a_responder_and_no_more():
    assert os_actor("root").roles == RESPONDER
    assert os_actor("root").name == "root@local"


RESPONDS = frozenset({PersonRole.RESPONDER})


@pytest.mark.parametrize(
    ("name", "roles"),
    [("", RESPONDS), (" \t", RESPONDS), ("al\nex", RESPONDS), ("al\x1bex", RESPONDS), ("alex", frozenset())],
)
def test_a_person_without_a_name_that_prints_or_without_a_role_is_refused(sqlite_ctx, now, name, roles):
    with (
        nothing_written(sqlite_ctx),
        pytest.raises(PersonRefusedError, match="needs a name"),
        sqlite_ctx.store.write() as session,
    ):
        people.add_person(session, ADMIN, now, name=name, roles=roles)


def first_person(ctx, now):
    """Somebody who is there already, so that whoever follows has the roles given and no more."""
    add(ctx, now, name="chief", roles=ADMINISTERS)


def alex(ctx, now):
    """A responder with two tokens."""
    first_person(ctx, now)
    with ctx.store.write() as session:
        first = people.add_person(session, ADMIN, now, name="alex", roles=RESPONDS)
        return first, people.create_token(session, ADMIN, now, name="alex")


def test_a_person_who_was_disabled_cannot_use_any_token_any_more(ctx, now):
    secrets = alex(ctx, now)
    with ctx.store.write() as session:
        people.disable_person(session, ADMIN, now, name="alex")
    for secret in secrets:
        with ctx.store.read() as session, pytest.raises(UnknownTokenError, match="alex, who was disabled on"):
            people.actor_of_token(session, secret, now)
    assert [row.revoked_at for row in rows_of(ctx, Token)] == [None, now, now]
    assert [row.disabled_at for row in rows_of(ctx, Person)] == [None, now]


def test_only_an_administrator_disables_a_person_and_nobody_themselves(sqlite_ctx, now):
    alex(sqlite_ctx, now)
    for actor in (DPO, holding("responder", PersonRole.RESPONDER), holding("alex", PersonRole.RESPONDER)):
        with (
            nothing_written(sqlite_ctx),
            pytest.raises(PermissionDeniedError),
            sqlite_ctx.store.write() as session,
        ):
            people.disable_person(session, actor, now, name="alex")
