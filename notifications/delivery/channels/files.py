"""Letters into a folder: the default for a machine with no account, no key and no network.

Each letter becomes one .eml file that any mail program opens. Its name and bytes depend on the letter alone, never on
the time, so that sending twice leaves one file. The folder holds addresses in clear, for its owner.
"""

import errno
import hashlib
import os
import re
import socket
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formataddr
from pathlib import Path
from typing import Final

from notifications.delivery.channel import Accepted, Letter, PermanentFailure, SendError, TemporaryFailure
from notifications.delivery.preflight import refuse_unsendable, wire_address

BATCH_LIMIT: Final = 10_000
_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")
_NAME_LIMIT: Final = 80
# The host's name is cut and cleaned: it stands in a file's name, and only has to tell hosts apart.
_OURS: Final = f".writing-{re.sub('[^A-Za-z0-9]+', '', socket.gethostname())[:20] or 'host'}-"
_FLUSHERS: Final = 8  # threads that wait for the disk; more gain nothing
# What no waiting mends: permissions, a read-only file system, a file where a folder should be, too long a path. All
# other faults, a full disk above all, are tried again.
_SETUP_FAULTS: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP, errno.ENAMETOOLONG}


class FileSender:
    """A Sender that writes ``<folder>/<kind>/<key>.eml``; safe between threads and between processes.

    There is no index: the folder is its own, and a list that is appended to would double on every repeat.
    """

    def __init__(self, folder: Path, *, sender_email: str | None = None, sender_name: str = "") -> None:
        """Keep the folder, made on the first letter; the sender's address becomes the From line when there is one."""
        self.name = "files"
        self.batch_limit = BATCH_LIMIT
        self._folder = folder
        self._from = formataddr((sender_name, sender_email)) if sender_email else None

    def send(self, letters: Sequence[Letter]) -> Accepted:
        """Write every letter, or raise: PermanentFailure (unsendable, no permission), TemporaryFailure (disk full).

        After a failure some letters may be written; sending the batch again writes the same files over them.
        """
        refuse_unsendable(letters, self.batch_limit)
        folder = self._folder / file_name(letters[0].kind)
        shared = _shared_part(letters[0], self._from)
        names = [f"{file_name(letter.key)}.eml" for letter in letters]
        write_whole(folder, zip(names, (_personal_part(letter) + shared for letter in letters), strict=True))
        others = f" and {len(names) - 1} more" if len(names) > 1 else ""
        return Accepted(provider_id=f"{folder.name}/{names[0]}{others}")


def file_name(key: str) -> str:
    """Make a name of a key: readable, free of paths and surprises, and different for different keys."""
    safe = _UNSAFE.sub("-", key).strip(".-")[:_NAME_LIMIT]
    # Two keys that differ in unsafe characters only, or after the 80th, would share one file: the digest keeps them
    # apart.
    return safe if safe == key else f"{safe}-{hashlib.sha256(key.encode()).hexdigest()[:12]}".lstrip("-")


def write_whole(folder: Path, files: Iterable[tuple[str, bytes]]) -> None:
    """Write files so that each is there whole or not at all, and all survive a power cut once this returns.

    The folder becomes 0700, the files 0600. Steps, because waiting for the disk file by file is many times slower:
    1. write all under temporary names; 2. flush them to the disk, several at once, which a journal writes as one;
    3. give each its name in one atomic step; 4. flush the folder, which holds the names.
    Raises PermanentFailure (configuration) or TemporaryFailure, both naming the folder.
    """
    written: list[tuple[str, str]] = []
    try:
        # Made and then set: mkdir subtracts the umask, and does nothing to a folder that was there with wider rights.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        _sweep(folder)
        for name, content in files:
            written.append((_write_aside(folder, content), name))
        with ThreadPoolExecutor(_FLUSHERS) as disk:
            for _ in disk.map(_flush, [temporary for temporary, _ in written]):
                pass  # taking each answer raises the fault of the flush that failed
        for temporary, name in written:
            Path(temporary).replace(folder / name)
        _flush(folder)
    except OSError as fault:
        _remove(temporary for temporary, _ in written)
        raise _failure(folder, fault) from None


def _sweep(folder: Path) -> None:
    """Take away what a process of this host left half written when it was killed; nobody else's."""
    with suppress(OSError):  # a sweep that fails must not keep a letter from being written
        for left in folder.glob(f"{_OURS}*"):
            owner = left.name.removeprefix(_OURS).partition("-")[0]
            # Our own are being written by another thread; of another host's processes nothing is known here.
            if owner.isdigit() and int(owner) != os.getpid() and not _is_alive(int(owner)):
                _remove([str(left)])


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's process: it is there
        return True
    return True


def _write_aside(folder: Path, content: bytes) -> str:
    # mkstemp makes it 0600. The name says whose it is, so that what a killed process left can be told from what a
    # living one, or another host's, is just writing.
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix=f"{_OURS}{os.getpid()}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError:
        _remove([temporary])
        raise
    return temporary


def _flush(path: str | Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(paths: Iterable[str]) -> None:
    for path in paths:
        with suppress(OSError):  # already renamed, or the disk is past helping; the first fault is the one reported
            Path(path).unlink()


def _failure(folder: Path, fault: OSError) -> SendError:
    reason = fault.strerror or type(fault).__name__
    if fault.errno in _SETUP_FAULTS:
        message = f"the folder {folder} cannot be written ({reason}); give Tocsin a folder it owns"
        return PermanentFailure(message, whose="configuration")
    message = f"the folder {folder} cannot be written now ({reason}); free some space, it is tried again"
    return TemporaryFailure(message)


def _personal_part(letter: Letter) -> bytes:
    """Write the header lines that differ from person to person; a name outside ASCII is encoded (RFC 2047)."""
    # Made from the key, not from clock and host as mail libraries do: the same letter has to give the same bytes each
    # time. `.invalid` (RFC 2606) can be nobody's domain.
    identity = hashlib.sha256(letter.key.encode()).hexdigest()[:32]
    lines = [
        f"To: {formataddr((letter.to_name or '', wire_address(letter.to)))}",
        f"Message-ID: <{identity}@tocsin.invalid>",
        f"X-Tocsin-Id: {letter.key}",
    ]
    return "".join(f"{line}\r\n" for line in lines).encode()


def _shared_part(letter: Letter, sender: str | None) -> bytes:
    """Write what all letters of a request share: the other headers and both bodies, without a date."""
    # Composed once for a batch: the bodies of 10,000 letters are the same bytes, and only the lines above them differ.
    message = EmailMessage(policy=SMTP)
    if sender is not None:
        message["From"] = sender
    message["Subject"] = letter.subject
    if letter.reply_to is not None:
        message["Reply-To"] = letter.reply_to
    message["Content-Language"] = letter.language
    message["X-Tocsin-Kind"] = letter.kind
    message["X-Tocsin-Exercise"] = "yes" if letter.exercise else "no"
    message["X-Unsent"] = "1"  # mail programs that know it open the file as a draft, ready to be sent by hand
    message.set_content(letter.text)
    if letter.html is not None:
        message.add_alternative(letter.html, subtype="html")
        words = hashlib.sha256(f"{letter.subject}\0{letter.text}\0{letter.html}".encode()).hexdigest()
        message.set_boundary(f"=_tocsin_{words[:40]}")  # by default the boundary is random
    return message.as_bytes()
