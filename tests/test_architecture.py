"""The build of the project: packages, directions of imports, one clock, one way for mail, and a lock without places."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

from incidents.case.message_machine import MessageState
from tests.builders.rows import over

ROOT = Path(__file__).parents[1]
PACKAGES = {"incidents", "notifications", "flows", "config"}
CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns"}
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def python_files(*folders: str) -> Iterator[Path]:
    """Every Python file of the named top-level folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


SOURCES = list(python_files(*sorted(PACKAGES)))


def test_imports_keep_their_directions(monkeypatch):
    monkeypatch.chdir(ROOT)
    # Its own logging would switch off every logger that exists already, also of the tests that follow on this worker.
    monkeypatch.setattr("importlinter.cli._configure_logging", lambda *_args, **_kwargs: None)
    assert lint_imports(cache_dir=None) == 0


def test_code_lives_in_the_four_top_level_packages_and_the_tests():
    folders = {
        path.relative_to(ROOT).parts[0]
        for path in ROOT.glob("[!.]*/**/*.py")
        if not {"build", "dist", "node_modules"} & set(path.relative_to(ROOT).parts)
    }
    assert folders <= PACKAGES | {"tests"}
    assert list(ROOT.glob("*.py")) == []


def test_the_tests_are_no_package():
    assert [named(path) for path in (ROOT / "tests").rglob("__init__.py")] == []


def test_the_folders_of_tests_mirror_the_packages():
    for package in sorted(PACKAGES):
        tested = {path.parent.relative_to(ROOT / "tests") for path in (ROOT / "tests" / package).rglob("test_*.py")}
        assert tested
        assert [str(folder) for folder in tested if not (ROOT / folder / "__init__.py").exists()] == []


def test_every_top_level_package_says_what_it_is_for():
    for package in PACKAGES:
        assert ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text(encoding="utf-8")))


@over(SOURCES, named)
def test_each_module_opens_with_what_it_knows(path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@over(SOURCES, named)
def test_only_the_clock_reads_the_clock_and_nobody_speaks_smtp(path):
    # Ruff says so too, where a person can silence it; here nobody can.
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path != ROOT / "incidents" / "kernel" / "clock.py":
        assert not CLOCKS & set(attributes_in(tree))
    assert "smtplib" not in set(imports_in(tree))


def attributes_in(tree: ast.AST) -> Iterator[str]:
    """The last two names of each dotted name: ``datetime.now`` of ``datetime.datetime.now()``."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield ".".join(ast.unparse(node).split(".")[-2:])


def imports_in(tree: ast.AST) -> Iterator[str]:
    """The top-level package of every import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module.partition(".")[0]


MACHINE = {
    "incidents/case/message_machine.py",
    "incidents/storage/migrations/versions/0003_states_of_messages.py",
    "incidents/storage/migrations/versions/0007_stops_and_letters_given_up.py",
}
OTHER_MEANINGS = {
    "flows/cli/commands/service.py": {"accepted", "delivered", "rejected", "uncertain"},
    "flows/cli/views/letters.py": {"in_flight", "uncertain"},
    "flows/exercises/narrator.py": {"accepted", "rejected"},
    "incidents/audit/kinds.py": {"accepted", "rejected"},
    "notifications/filing_pack/sections/communication.py": {"accepted"},
}
"""Keys of an answer in JSON, of an audit entry and of a sentence: counts, named by the same words."""


@over([path for path in SOURCES if named(path) not in MACHINE], named)
def test_the_states_of_a_message_are_words_of_the_machine_alone(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    assert texts & {state.value for state in MessageState} == OTHER_MEANINGS.get(named(path), set())


def test_the_state_of_a_message_is_changed_in_one_place():
    updating, assigning = set(), set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="update"), args=[ast.Name(id="Message")]):
                    updating.add(named(path))
                case ast.Attribute(attr="state", ctx=ast.Store()):
                    assigning.add(named(path))
    assert updating == {"incidents/audit/tallies.py"}
    assert assigning == {"incidents/storage/tables/communication.py"}


@over([path for path in SOURCES if path.is_relative_to(ROOT / "flows")], named)
def test_flows_write_no_sql(path):
    # A session is handed on to queries and use cases; what is asked with it stands there.
    names = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    assert {name for name in names if name.startswith(("sqlmodel", "sqlalchemy"))} <= {"sqlmodel.Session"}
    assert not {"sqlmodel", "sqlalchemy"} & {
        alias.name.partition(".")[0]
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import)
        for alias in node.names
    }


def test_the_lock_names_no_index_and_no_place():
    assert not re.search(r"(?i)https?:|file:|index-url|find-links|--trusted-host|(^|\s)-e\s", LOCK)
    assert not re.search(r"(?m)@ |(^|\s)\.{0,2}/", LOCK)


def test_everything_in_the_lock_is_pinned_and_hashed():
    entries = [entry for entry in re.split(r"(?m)^(?=[a-z0-9])", LOCK) if re.match(r"[a-z0-9]", entry)]
    assert len(entries) > 100
    for entry in entries:
        assert re.match(r"[a-z0-9][a-z0-9._-]*==[^\s;]+( ; [^\\]+)? \\\n", entry), entry.splitlines()[0]
        assert "--hash=sha256:" in entry


def test_everything_we_ask_for_is_in_the_lock():
    locked = set(re.findall(r"(?m)^([a-z0-9][a-z0-9._-]*)==", LOCK))
    project = PYPROJECT["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"], *PYPROJECT["build-system"]["requires"]]
    names = {re.split(r"[^A-Za-z0-9._-]", one)[0].lower().replace("_", "-") for one in asked}
    assert names <= locked


def test_what_tools_write_is_ignored_by_git():
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").split()
    assert {".venv", "__pycache__/", "*.egg-info/"} <= set(ignored)


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_nothing_built_is_committed():
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    built = re.compile(r"(^|/)(\.venv|__pycache__|build|dist|[^/]*\.egg-info)/|\.(pyc|sqlite3)$")
    assert [name for name in listed.stdout.splitlines() if built.search(name)] == []
