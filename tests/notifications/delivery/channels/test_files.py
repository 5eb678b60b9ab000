"""The folder of messages: readable by any mail program, the same bytes each time, whole or not there."""

import errno
import os
import stat
import subprocess
import sys
import time
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.delivery.channel import PermanentFailure, TemporaryFailure
from notifications.delivery.channels import files
from notifications.delivery.channels.files import FileSender, file_name, write_whole


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def crowd(a_letter, count):
    return [
        a_letter(key=f"letter-{n}", to=f"reader{n}@example.org", text="Wort für Wort. " * 200) for n in range(count)
    ]


def test_a_letter_becomes_a_mail_file_with_both_bodies(tmp_path, a_letter):
    letter = a_letter(
        to_name="Zoë, the reader", subject="Données : ce qui s’est passé", html="<p>Grüße</p>", text="Grüße"
    )
    accepted = FileSender(tmp_path, sender_email="notices@example.org", sender_name="Rabta").send([letter])
    assert accepted.provider_id == "people/letter-1.eml"
    mail = message_from_bytes((tmp_path / "people" / "letter-1.eml").read_bytes(), policy=default)
    assert mail["To"] == '"Zoë, the reader" <reader@example.org>'
    assert mail["To"].addresses[0].addr_spec == "reader@example.org"
    assert mail["From"] == "Rabta <notices@example.org>"
    assert mail["Subject"] == letter.subject
    assert mail["Reply-To"] == "privacy@example.org"
    assert (mail["X-Tocsin-Id"], mail["X-Tocsin-Exercise"]) == ("letter-1", "no")
    assert [part.get_content().strip() for part in mail.iter_parts()] == ["Grüße", "<p>Grüße</p>"]
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert mail.defects == []


def test_a_letter_without_html_is_plain_text_only(tmp_path, a_letter):
    FileSender(tmp_path).send([a_letter(html=None, reply_to=None, exercise=True)])
    mail = message_from_bytes((tmp_path / "people" / "letter-1.eml").read_bytes(), policy=default)
    assert mail.get_content_type() == "text/plain"
    assert mail["X-Tocsin-Exercise"] == "yes"
    assert mail["From"] is None


def test_sending_again_leaves_the_same_files_with_the_same_bytes(tmp_path, a_letter):
    letters = crowd(a_letter, 3)
    FileSender(tmp_path).send(letters)
    first = contents(tmp_path)
    FileSender(tmp_path).send(letters)
    assert contents(tmp_path) == first
    assert set(first) == {"people/letter-0.eml", "people/letter-1.eml", "people/letter-2.eml"}


def test_a_letter_is_the_same_alone_and_in_a_crowd(tmp_path, a_letter):
    letters = crowd(a_letter, 2)
    FileSender(tmp_path / "crowd").send(letters)
    for letter in letters:
        FileSender(tmp_path / "alone").send([letter])
    assert contents(tmp_path / "crowd") == contents(tmp_path / "alone")


def test_only_the_owner_can_read_the_letters(tmp_path, a_letter):
    FileSender(tmp_path / "outbox").send([a_letter()])
    file = tmp_path / "outbox" / "people" / "letter-1.eml"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_twelve_hundred_letters_take_a_second_or_so_and_not_a_minute(tmp_path, a_letter):
    letters = crowd(a_letter, 1_200)
    start = time.monotonic()
    FileSender(tmp_path).send(letters)
    assert time.monotonic() - start < 5.0  # 0.6 s alone; the machine may be busy
    assert len(list((tmp_path / "people").iterdir())) == 1_200


@pytest.mark.parametrize("kind", ["subject", "to", "to_name"])
def test_a_forged_header_never_reaches_a_file(tmp_path, a_letter, kind):
    with pytest.raises(PermanentFailure):
        FileSender(tmp_path).send([a_letter(**{kind: "reader@example.org\r\nBcc: all@example.org"})])
    assert contents(tmp_path) == {}


def test_an_umlaut_domain_is_written_in_ascii(tmp_path, a_letter):
    FileSender(tmp_path).send([a_letter(to="reader@bücher.example")])
    assert b"To: reader@xn--bcher-kva.example\r\n" in (tmp_path / "people" / "letter-1.eml").read_bytes()


def test_a_key_with_a_path_in_it_stays_in_the_folder(tmp_path, a_letter):
    keys = ["../../escape", "eu-gdpr/people/1", "eu-gdpr-people-1", "..", ".hidden", "x" * 500]
    FileSender(tmp_path / "outbox").send([a_letter(key=key, to=f"r{n}@example.org") for n, key in enumerate(keys)])
    written = list((tmp_path / "outbox" / "people").glob("*.eml"))
    assert len(written) == len(keys)
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]


@given(st.text(min_size=1, max_size=200), st.text(min_size=1, max_size=200))
def test_different_keys_have_different_plain_names(one, other):
    assert (file_name(one) == file_name(other)) is (one == other)
    assert Path(file_name(one)).name == file_name(one)
    assert file_name(one)[0] not in ".-"


def test_a_full_disk_is_temporary_and_leaves_nothing_half_written(tmp_path, a_letter, monkeypatch):
    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", full)
        with pytest.raises(TemporaryFailure, match="No space left"):
            FileSender(tmp_path).send(crowd(a_letter, 3))
    assert contents(tmp_path) == {}


def test_a_folder_that_is_a_file_is_our_configuration(tmp_path, a_letter):
    (tmp_path / "outbox").write_text("in the way")
    with pytest.raises(PermanentFailure, match="give Tocsin a folder it owns") as refused:
        FileSender(tmp_path / "outbox").send([a_letter()])
    assert refused.value.whose == "configuration"


def test_a_kill_before_the_renames_leaves_no_named_file(tmp_path, monkeypatch):
    class Killed(BaseException):
        pass

    def killed(descriptor: int) -> None:
        raise Killed

    with monkeypatch.context() as broken:
        broken.setattr(os, "fsync", killed)
        with pytest.raises(Killed):
            write_whole(tmp_path, [("whole.eml", b"all of it")])
    assert not (tmp_path / "whole.eml").exists()
    write_whole(tmp_path, [("whole.eml", b"all of it")])
    assert (tmp_path / "whole.eml").read_bytes() == b"all of it"


def test_what_a_killed_process_left_half_written_is_swept_and_nobody_elses(tmp_path):
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        gone.wait(timeout=30)
    dead, own, parents = (f"{files._OURS}{number}-abc" for number in (gone.pid, os.getpid(), os.getppid()))
    others = [own, parents, f".writing-anotherhost-{gone.pid}-abc", ".writing-abc", "kept.eml"]
    for name in (dead, *others):
        (tmp_path / name).write_bytes(b"half")
    write_whole(tmp_path, [("whole.eml", b"all of it")])
    assert {path.name for path in tmp_path.iterdir()} == {*others, "whole.eml"}
