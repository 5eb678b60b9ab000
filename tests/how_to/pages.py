"""The how-to pages as steps that a test can follow: their blocks, and a copy of the tree to apply them to.

A block whose fence names a file (``python flows/cli/output.py``) is what the page tells a reader to write there;
a block of ``sh`` holds commands to run. Blocks of ``console`` are shown only: they take too long for a test.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
CODE = ("incidents", "notifications", "flows", "config", "templates")
_BLOCK = re.compile(
    r"^(?P<indent> *)```(?P<kind>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one page tells a reader to write, by file, and to run, in order."""

    files: dict[str, str]
    commands: tuple[str, ...]


def page(name: str) -> Page:
    """Read docs/how-to/NAME.md; the indentation of the step around a block is taken off."""
    text = (ROOT / "docs" / "how-to" / f"{name}.md").read_text(encoding="utf-8")
    files, commands = {}, []
    for block in _BLOCK.finditer(text):
        body = textwrap.dedent(re.sub(rf"(?m)^{block['indent']}", "", block["body"]))
        if block["file"]:
            files[block["file"]] = re.sub(rf"(?m)^{block['indent']}", "", block["body"])
        elif block["kind"] == "sh":
            commands.extend(body.splitlines())
    return Page(files=files, commands=tuple(commands))


@dataclass(frozen=True, kw_only=True)
class Copy:
    """A copy of the code and the templates, with a home folder of its own."""

    root: Path
    home: Path

    def write(self, file: str, text: str) -> None:
        """Write a new file of the copy."""
        path = self.root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def insert(self, file: str, text: str, *, after: str) -> None:
        """Put *text* after the one line that contains *after*."""
        path = self.root / file
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        (place,) = [number for number, line in enumerate(lines) if after in line]
        path.write_text("".join([*lines[: place + 1], text, *lines[place + 1 :]]), encoding="utf-8")

    def replace_line(self, file: str, text: str) -> None:
        """Put *text* in the place of the line that begins with the same key."""
        replace_line(self.root / file, text)

    def python(self, *arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """Run Python on the copy's modules."""
        environment = {**os.environ, "TOCSIN_HOME": str(self.home), "PYTHONPATH": str(self.root), "COLUMNS": "120"}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root,
            env=environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )

    def tocsin(self, *arguments: str) -> str:
        """Run a command of the copy and give what it printed."""
        ran = self.python("-m", "flows.cli", *arguments)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


def replace_line(path: Path, text: str) -> None:
    """Put *text* in the place of the one line of a file that begins with the same ``key:``."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    (place,) = [number for number, line in enumerate(lines) if line.startswith(f"{text.partition(':')[0]}:")]
    path.write_text("".join([*lines[:place], text, *lines[place + 1 :]]), encoding="utf-8")


def copy_of_the_tree(folder: Path) -> Copy:
    """Copy what is needed to run a command."""
    for name in CODE:
        shutil.copytree(ROOT / name, folder / "tree" / name, ignore=shutil.ignore_patterns("__pycache__"))
    return Copy(root=folder / "tree", home=folder / "home")
