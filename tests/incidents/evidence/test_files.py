"""Evidence: stored whole or not at all, once for each digest, and any later change is found."""

import hashlib
import os
import stat
from pathlib import Path
from threading import Thread

import pytest

from incidents.casework.case import timeline
from incidents.evidence import files
from incidents.evidence.files import LARGEST, EvidenceFile, EvidenceRefusedError, find_corrupted, read_evidence_file
from incidents.storage.tables.case import Evidence
from tests.builders.casework import RESPONDER, opened, rows_of

PROOF = EvidenceFile(name="proof.txt", content=b"what was seen")


def kept(ctx, now, evidence_file=PROOF, times=1):
    reference = opened(ctx, now)
    for _ in range(times):
        timeline.log(ctx, RESPONDER, now, reference, "proof", evidence_file=evidence_file)
    return rows_of(ctx, Evidence)


def test_a_file_is_kept_whole_under_its_digest(ctx, now):
    (row,) = kept(ctx, now)
    path = ctx.evidence_folder / row.sha256
    assert row.sha256 == hashlib.sha256(b"what was seen").hexdigest()
    assert (row.name, row.size, row.added_by) == ("proof.txt", 13, "responder")
    assert path.read_bytes() == b"what was seen"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(ctx.evidence_folder.stat().st_mode) == 0o700


def test_the_same_bytes_are_stored_once_and_recorded_each_time(ctx, now):
    assert len(kept(ctx, now, times=2)) == 2
    assert len(list(ctx.evidence_folder.iterdir())) == 1


def test_a_crash_while_writing_leaves_no_half_file_under_the_digest(sqlite_ctx, now, monkeypatch):
    monkeypatch.setattr("os.fsync", lambda _descriptor: 1 / 0)
    reference = opened(sqlite_ctx, now)
    with pytest.raises(ZeroDivisionError):
        timeline.log(sqlite_ctx, RESPONDER, now, reference, "proof", evidence_file=PROOF)
    assert not (sqlite_ctx.evidence_folder / PROOF.sha256).exists()
    assert rows_of(sqlite_ctx, Evidence) == []


def test_the_bytes_are_on_the_disk_before_their_name_and_the_name_before_the_row(tmp_path, monkeypatch):
    folder, synced = tmp_path / "evidence", []

    def fsync(descriptor):
        is_folder = os.path.samestat(os.fstat(descriptor), folder.stat())
        synced.append(("folder" if is_folder else "file", (folder / PROOF.sha256).exists()))

    monkeypatch.setattr("os.fsync", fsync)
    files._put_away(folder, PROOF)
    assert synced == [("file", False), ("folder", True)]


def test_the_same_bytes_kept_at_once_by_many_are_whole(tmp_path):
    large = EvidenceFile(name="large", content=b"x" * 300_000)
    problems = []

    def keep():
        try:
            files._put_away(tmp_path / "evidence", large)
        except OSError as error:
            problems.append(error)

    threads = [Thread(target=keep) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert [path.name for path in (tmp_path / "evidence").iterdir()] == [large.sha256]
    assert (tmp_path / "evidence" / large.sha256).read_bytes() == large.content


def test_a_changed_or_missing_file_is_found(sqlite_ctx, now):
    (row,) = kept(sqlite_ctx, now)
    path = sqlite_ctx.evidence_folder / row.sha256
    assert find_corrupted(sqlite_ctx.evidence_folder, row) is None
    path.write_bytes(b"what was not seen")
    assert str(find_corrupted(sqlite_ctx.evidence_folder, row)).endswith("(proof.txt) was changed")
    path.unlink()
    assert str(find_corrupted(sqlite_ctx.evidence_folder, row)).endswith("(proof.txt) is gone")


def test_a_file_is_read_with_its_name_and_without_its_folder(tmp_path):
    path = tmp_path / "receipt.pdf"
    path.write_bytes(b"%PDF")
    assert read_evidence_file(path) == EvidenceFile(name="receipt.pdf", content=b"%PDF")


@pytest.mark.parametrize("name", ["none.txt", "."])
def test_what_is_no_file_is_refused(tmp_path, name):
    with pytest.raises(EvidenceRefusedError, match="cannot be read"):
        read_evidence_file(tmp_path / name)


@pytest.mark.parametrize("more", [0, 1])
def test_a_file_of_more_than_25_mebibytes_is_refused(tmp_path: Path, more):
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(LARGEST + more)
    if more:
        with pytest.raises(EvidenceRefusedError, match="larger than 25 MiB"):
            read_evidence_file(path)
    else:
        assert len(read_evidence_file(path).content) == LARGEST


def test_a_device_that_never_ends_is_refused_whatever_size_it_claims():
    with pytest.raises(EvidenceRefusedError, match="/dev/zero is larger than 25 MiB"):
        read_evidence_file(Path("/dev/zero"))
