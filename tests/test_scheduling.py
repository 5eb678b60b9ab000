"""Tests that share a server run on one worker, and start before all others."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.scheduling import STARTED_FIRST

ROOT = Path(__file__).parents[1]


def test_every_file_that_starts_a_server_is_named() -> None:
    marked = [
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "tests").rglob("test_*.py")
        if path != Path(__file__) and any(f"mark.{mark}" in path.read_text("utf-8") for mark in ("prefect", "serve"))
    ]
    assert len(marked) >= len(STARTED_FIRST)
    assert [path for path in marked if not path.startswith(STARTED_FIRST)] == []


PRINTS_ITS_WORKER = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(6))
def test_it(number):
    with pathlib.Path("workers").open("a") as file:
        file.write(os.environ["PYTEST_XDIST_WORKER"] + chr(10))
"""

CONFTEST = """
from tests.scheduling import place, scheduler

def pytest_xdist_make_scheduler(config, log):
    return scheduler(config, log)
"""


def test_tests_that_share_a_server_run_on_one_worker(tmp_path: Path) -> None:
    folder = tmp_path / "tests" / "stories"
    folder.mkdir(parents=True)
    (tmp_path / "conftest.py").write_text(CONFTEST, encoding="utf-8")
    (folder / "test_story.py").write_text(PRINTS_ITS_WORKER, encoding="utf-8")
    (tmp_path / "test_else.py").write_text("def test_it(): pass\ndef test_other(): pass\n", encoding="utf-8")
    (tmp_path / "pytest.ini").write_text(f"[pytest]\npythonpath = {ROOT}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadgroup", "--import-mode=importlib"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    workers = (tmp_path / "workers").read_text(encoding="utf-8").split()
    assert len(workers) == 6
    assert len(set(workers)) == 1
