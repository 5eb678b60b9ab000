"""Files that a person names: what is not there, no text, or without end is refused in a line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from flows.cli.files import FileNotUsableError, read_bytes, read_text


def test_a_file_is_read_up_to_its_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"x" * 1024)
    assert len(read_bytes(path, largest=1024)) == 1024
    with pytest.raises(FileNotUsableError, match=r"a\.txt is larger than 0 MiB"):
        read_bytes(path, largest=1023)


def test_a_device_without_end_fills_no_memory() -> None:
    with pytest.raises(FileNotUsableError, match="/dev/zero is larger than 1 MiB"):
        read_text(Path("/dev/zero"), 1024 * 1024)


def test_a_pipe_is_read_as_a_file_is(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"summary: a pipe")
    os.close(writing)
    assert read_text(Path(f"/dev/fd/{reading}")) == "summary: a pipe"
    os.close(reading)


@pytest.mark.parametrize("named", ["", ".", "/", "/proc"])
def test_a_folder_is_no_file(named: str) -> None:
    with pytest.raises(FileNotUsableError, match="cannot be read: Is a directory"):
        read_bytes(Path(named))
