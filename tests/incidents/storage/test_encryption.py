"""The vault: what was sealed for one incident opens for that one only, unchanged, under the same master key."""

import base64
import stat
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.storage.encryption import DecryptionError, MasterKeyError, Vault, master_key_file, read_master_key

VAULT = Vault(b"k" * 32)
CASE, OTHER = "INC-2026-0001", "INC-2026-0002"
ADDRESS = "reader@example.org"


@given(st.text(max_size=300), st.text(min_size=1, max_size=20))
def test_what_was_sealed_opens_as_it_was(plain, incident):
    assert VAULT.decrypt(incident, VAULT.encrypt(incident, plain)) == plain


def test_for_another_incident_it_does_not_open():
    with pytest.raises(DecryptionError, match=OTHER):
        VAULT.decrypt(OTHER, VAULT.encrypt(CASE, ADDRESS))


def test_under_another_master_key_it_does_not_open():
    with pytest.raises(DecryptionError, match="this master key"):
        Vault(b"l" * 32).decrypt(CASE, VAULT.encrypt(CASE, ADDRESS))


def test_with_any_changed_byte_it_does_not_open():
    sealed = VAULT.encrypt(CASE, ADDRESS)
    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(DecryptionError):
            VAULT.decrypt(CASE, bytes(changed))
    for shorter in (sealed[:-1], sealed[:20]):
        with pytest.raises(DecryptionError):
            VAULT.decrypt(CASE, shorter)


def test_the_refusal_says_nothing_of_what_was_sealed():
    with pytest.raises(DecryptionError) as refused:
        VAULT.decrypt(OTHER, VAULT.encrypt(CASE, ADDRESS))
    assert "reader" not in str(refused.value)


def test_sealing_twice_never_looks_the_same():
    assert VAULT.encrypt(CASE, ADDRESS) != VAULT.encrypt(CASE, ADDRESS)
    assert ADDRESS.encode() not in VAULT.encrypt(CASE, ADDRESS)


def test_equal_addresses_are_found_without_opening_but_only_within_one_incident():
    index = VAULT.blind_index(CASE, ADDRESS)
    assert index == VAULT.blind_index(CASE, " Reader@Example.org ")
    assert index != VAULT.blind_index(CASE, "other@example.org")
    assert index != VAULT.blind_index(OTHER, ADDRESS)
    assert index != Vault(b"l" * 32).blind_index(CASE, ADDRESS)


@pytest.mark.parametrize("key", [b"", b"k" * 31, b"k" * 33])
def test_a_master_key_has_32_bytes(key):
    with pytest.raises(MasterKeyError, match="32 bytes"):
        Vault(key)


@pytest.mark.parametrize("text", ["", "kkkk", "not base64!", base64.b64encode(b"k" * 31).decode(), "ü" * 44])
def test_a_master_key_that_cannot_be_read_is_refused_without_being_repeated(text):
    with pytest.raises(MasterKeyError) as refused:
        read_master_key(text)
    assert not text or text not in str(refused.value)


def test_a_master_key_is_read_with_its_line_end():
    assert read_master_key(base64.b64encode(b"k" * 32).decode() + "\n") == b"k" * 32


def test_the_key_file_is_made_once_and_for_its_owner_alone(tmp_path):
    path = tmp_path / "home" / "master.key"
    key = master_key_file(path)
    assert master_key_file(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]


def test_a_damaged_key_file_is_refused_not_replaced(tmp_path):
    path = tmp_path / "master.key"
    path.write_text("damaged")
    with pytest.raises(MasterKeyError):
        master_key_file(path)
    assert path.read_text() == "damaged"


def test_threads_that_use_one_vault_at_once_all_open_what_they_sealed():
    opened = []

    def work(place):
        case = f"INC-2026-{place:04d}"
        opened.append(VAULT.decrypt(case, VAULT.encrypt(case, ADDRESS)))

    threads = [Thread(target=work, args=(place,)) for place in range(80)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opened == [ADDRESS] * 80


def test_of_two_processes_that_make_the_key_at_once_the_first_one_s_counts(tmp_path, monkeypatch):
    path, theirs = tmp_path / "home" / "master.key", b"t" * 32

    def the_other_is_first(_descriptor: int) -> None:
        path.write_text(base64.b64encode(theirs).decode())

    monkeypatch.setattr("incidents.storage.encryption.os.fsync", the_other_is_first)
    assert master_key_file(path) == theirs
    assert [each.name for each in path.parent.iterdir()] == ["master.key"]
