"""The key of a database: known by its fingerprint, refused when it is another one, replaced without touching a seal."""

import pytest

from incidents.access import master_keys
from incidents.access.master_keys import SameKeyError, WrongMasterKeyError
from incidents.audit.verify import verify
from incidents.storage.encryption import MasterKeyError, Vault, fingerprint
from incidents.storage.tables.access import MasterKeyRow
from incidents.storage.tables.communication import AffectedPerson
from tests.builders.casework import ADMIN, aware, change, listed, nothing_written, rows_of

FIRST, SECOND, THIRD = (letter * 32 for letter in (b"1", b"2", b"3"))
CASE, ADDRESS = "INC-2026-0001", "reader@example.org"


def none_made():
    pytest.fail("a key was made where none may be")


def unlocked(ctx, now, *keys, make=none_made):
    return master_keys.unlock(ctx.store, now, lambda: list(keys), make)


def test_the_first_use_writes_down_the_fingerprint_and_nothing_of_the_key(ctx, now):
    sealed = unlocked(ctx, now, make=lambda: FIRST).encrypt(CASE, ADDRESS)
    (row,) = rows_of(ctx, MasterKeyRow)
    assert (row.fingerprint, row.created_at, row.retired_at) == (fingerprint(FIRST), now, None)
    assert FIRST not in row.wrapped
    assert unlocked(ctx, now, FIRST).decrypt(CASE, sealed) == ADDRESS
    assert len(rows_of(ctx, MasterKeyRow)) == 1


@pytest.mark.parametrize("keys", [(), (SECOND,), (SECOND, THIRD)])
def test_any_other_key_and_none_is_refused_with_what_to_do_and_none_is_made(ctx, now, keys):
    unlocked(ctx, now, FIRST)
    with (
        nothing_written(ctx),
        pytest.raises(WrongMasterKeyError, match=rf"{fingerprint(FIRST)[:12]}.*Put that key back"),
    ):
        unlocked(ctx, now, *keys)


@pytest.mark.parametrize("keys", [(), (SECOND,)])
def test_a_database_from_before_with_sealed_addresses_takes_no_other_key_either(ctx, now, keys):
    listed(ctx, now, aware(ctx, now), "de")
    with nothing_written(ctx), pytest.raises(WrongMasterKeyError, match="sealed with another one"):
        unlocked(ctx, now, *keys)


def test_a_database_from_before_goes_on_with_the_key_that_opens_it(ctx, now):
    listed(ctx, now, aware(ctx, now), "de", "fr")
    sealed = rows_of(ctx, AffectedPerson)
    # One address that is damaged says nothing against the key.
    change(ctx, AffectedPerson, sealed[1].id, {"sealed": b"broken"})
    assert unlocked(ctx, now, b"v" * 32).decrypt(CASE, sealed[0].sealed) == "person0@example.org"
    assert [row.fingerprint for row in rows_of(ctx, MasterKeyRow)] == [fingerprint(b"v" * 32)]
    with pytest.raises(WrongMasterKeyError):
        unlocked(ctx, now, FIRST)


def test_after_a_replacement_the_new_key_opens_every_seal_and_finds_every_person_and_the_old_one_nothing(ctx, now):
    before = unlocked(ctx, now, FIRST)
    sealed, index = before.encrypt(CASE, ADDRESS), before.blind_index(CASE, ADDRESS)
    assert master_keys.replace(ctx.store, ADMIN, now, [FIRST], SECOND)
    after = unlocked(ctx, now, SECOND)
    assert (after.decrypt(CASE, sealed), after.blind_index(CASE, ADDRESS)) == (ADDRESS, index)
    assert [row.wrapped is None for row in rows_of(ctx, MasterKeyRow)] == [True, False]
    with pytest.raises(WrongMasterKeyError):
        unlocked(ctx, now, FIRST)
    with nothing_written(ctx):
        assert not master_keys.replace(ctx.store, ADMIN, now, [SECOND], SECOND), "done already"
    with ctx.store.read() as session:
        assert verify(session).is_intact
        assert master_keys.state(session).retired == ((fingerprint(FIRST), now),)


def test_a_key_comes_never_back_and_only_who_has_the_present_one_replaces_it(ctx, now):
    unlocked(ctx, now, FIRST)
    with nothing_written(ctx), pytest.raises(WrongMasterKeyError):
        master_keys.replace(ctx.store, ADMIN, now, [THIRD], SECOND)
    master_keys.replace(ctx.store, ADMIN, now, [FIRST], SECOND)
    with nothing_written(ctx), pytest.raises(SameKeyError, match="replaced before"):
        master_keys.replace(ctx.store, ADMIN, now, [SECOND], FIRST)


def test_a_database_without_a_key_has_none_to_replace(sqlite_ctx, now):
    with nothing_written(sqlite_ctx), pytest.raises(SameKeyError, match="no key yet"):
        master_keys.replace(sqlite_ctx.store, ADMIN, now, [FIRST], SECOND)


def test_a_data_key_that_was_changed_in_its_row_is_said_to_be(sqlite_ctx, now):
    unlocked(sqlite_ctx, now, FIRST)
    (row,) = rows_of(sqlite_ctx, MasterKeyRow)
    change(sqlite_ctx, MasterKeyRow, row.id, {"wrapped": row.wrapped[:-1] + bytes([row.wrapped[-1] ^ 1])})
    with pytest.raises(MasterKeyError, match="its row was changed"):
        unlocked(sqlite_ctx, now, FIRST)


def test_the_data_key_is_not_the_master_key(sqlite_ctx, now):
    sealed = unlocked(sqlite_ctx, now, FIRST).encrypt(CASE, ADDRESS)
    with pytest.raises(Exception, match="does not open"):
        Vault(FIRST).decrypt(CASE, sealed)
