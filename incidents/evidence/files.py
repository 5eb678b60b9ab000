"""Files kept as proof: receipts, screenshots, alerts as they came in; each under its own SHA-256."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlmodel import Session

from incidents.kernel.bounded_read import read_at_most
from incidents.kernel.errors import InvalidInputError
from incidents.storage.tables.case import Evidence

LARGEST: Final = 25 * 1024 * 1024
"""Bytes. Evidence is read whole into memory; images of disks and dumps belong elsewhere, by their SHA-256."""


class EvidenceRefusedError(InvalidInputError):
    """The file cannot be kept: not there, not a file, or too large."""


@dataclass(frozen=True, kw_only=True)
class EvidenceFile:
    """A file about to be kept: its name as the person knows it, and its bytes."""

    name: str
    content: bytes

    @property
    def sha256(self) -> str:
        """The digest under which it is kept."""
        return hashlib.sha256(self.content).hexdigest()


def read_evidence_file(path: Path) -> EvidenceFile:
    """Read a file that a person names as evidence.

    Raises:
        EvidenceRefusedError: not readable, empty, or larger than 25 MiB.

    """
    try:
        with path.open("rb") as file:
            content = read_at_most(file, LARGEST)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        raise EvidenceRefusedError(message) from error
    if content is None:
        message = f"{path} is larger than 25 MiB: keep it elsewhere and record its SHA-256 in the timeline"
        raise EvidenceRefusedError(message)
    if not content:
        message = f"{path} is empty: it proves nothing; name the file with the receipt or the copy"
        raise EvidenceRefusedError(message)
    # Cut to the width of the column; the name is for people, the digest is the proof.
    return EvidenceFile(name=path.name[:200], content=content)


def store(
    session: Session, folder: Path, evidence_file: EvidenceFile, *, incident_id: int, author: str, now: datetime
) -> Evidence:
    """Put the bytes away under their digest and add the row; keeping the same bytes twice stores them once."""
    # File first, row second: a crash between them leaves a file that nobody names, never a row without its proof.
    _put_away(folder, evidence_file)
    row = Evidence(
        incident_id=incident_id,
        name=evidence_file.name,
        sha256=evidence_file.sha256,
        size=len(evidence_file.content),
        added_at=now,
        added_by=author,
    )
    session.add(row)
    session.flush()
    return row


def _put_away(folder: Path, evidence_file: EvidenceFile) -> None:
    """Write to a name of our own first, then rename: a crash leaves no half file under the digest."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / evidence_file.sha256
    # Under its digest it can only hold these bytes; `find_corrupted` checks that it still does.
    if target.exists():
        return
    # A name of its own for each writer: two processes may be keeping the same file at once.
    fresh = folder / f".{evidence_file.sha256}.{secrets.token_hex(4)}"
    with fresh.open("wb") as file:
        file.write(evidence_file.content)
        file.flush()
        # The rename may reach the disk before the bytes: after a power cut the digest would name an empty file.
        os.fsync(file.fileno())
    # Screenshots and mails hold personal data; before the rename, so that nobody else can open it in between.
    fresh.chmod(0o600)
    fresh.rename(target)
    # The name, too: after a power cut the row could otherwise outlive the entry of the folder that names its file.
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def find_corrupted(folder: Path, row: Evidence) -> str | None:
    """Say what is wrong with a kept file, or ``None`` where its bytes are those of the record."""
    path = folder / row.sha256
    if not path.exists():
        return f"the file of evidence {row.id} ({row.name}) is gone"
    if hashlib.sha256(path.read_bytes()).hexdigest() != row.sha256:
        return f"the file of evidence {row.id} ({row.name}) was changed"
    return None
