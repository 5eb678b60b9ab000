"""Makes the database of Prefect's server once for a run of the tests, and puts copies where servers will start."""

from __future__ import annotations

import fcntl
import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

from flows.runtime.prefect_server import PrefectServer


def made_once(folder: Path) -> Path:
    """Let a server make its database in *folder*, unless another worker of this run has done so or is about to."""
    made = folder / "prefect-made.db"
    with (folder / "prefect-made.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make(folder / "prefect-maker", made)
    return made


def _make(home: Path, made: Path) -> None:
    server = PrefectServer(home)
    server.start()
    try:
        assert server.wait(120, threading.Event()), (home / "server.log").read_text(encoding="utf-8")
    finally:
        server.close()
    # Half of it lies in the log beside the file: a copy through SQLite has both.
    with closing(sqlite3.connect(home / "prefect.db")) as source, closing(sqlite3.connect(made)) as copy:
        source.backup(copy)


def place(made: Path, home: Path) -> None:
    """Put a copy where a server with this *home* looks for its database."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.copyfile(made, home / "prefect.db")
