"""The documentation says what the code says: pages, links, paths, names, commands and the map of packages."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from flows import reference_docs
from flows.cli.command_table import MODULE_OF
from incidents.audit.kinds import KINDS
from tests.builders.rows import over

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
CODE = ("incidents", "notifications", "flows", "config")
WRITTEN = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *DOCS.rglob("*.md"))
    if path.parent != reference_docs.FOLDER and path.name != "CHANGELOG.md"
)
"""The documents that people write; the changelog speaks of what is gone."""
PACKAGES = sorted(path.parent for folder in CODE for path in (ROOT / folder).rglob("__init__.py"))
ARCHITECTURE = (DOCS / "architecture.md").read_text(encoding="utf-8")


def text_of(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A document without its blocks of code."""
    return re.sub(r"(?ms)^ *```.*?^ *```$", "", text)


def in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())


@over(reference_docs.PAGES)
def test_a_generated_page_is_what_the_code_would_write_now(name: str) -> None:
    """A table that changed without its page fails here; `python -m flows.reference_docs` mends it."""
    assert (reference_docs.FOLDER / name).read_text(encoding="utf-8") == reference_docs.page(name)


@over(["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))])
def test_every_link_within_the_project_leads_somewhere(document: str) -> None:
    """Links to files are relative to the document they stand in."""
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    missing = [link for link in links if not ((ROOT / document).parent / link).exists()]
    assert missing == []


@over(WRITTEN)
def test_every_link_to_a_heading_finds_it(document: str) -> None:
    links = re.findall(r"\]\((?!https?://|mailto:)([^)#\s]*)#([^)\s]+)\)", text_of(document))
    targets = [(ROOT / document if not file else (ROOT / document).parent / file, anchor) for file, anchor in links]
    missing = [anchor for path, anchor in targets if anchor not in anchors(path.read_text(encoding="utf-8"))]
    assert missing == []


def anchors(text: str) -> set[str]:
    """The anchors that a forge makes of headings."""
    headings = re.findall(r"(?m)^#+ (.+)$", prose(text))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@over(WRITTEN)
def test_every_path_that_is_named_exists(document: str) -> None:
    """A how-to page may name the files that its own steps make."""
    text = text_of(document)
    made = tuple(re.findall(r"(?m)^ *```\w+ (\S+)$", text) + re.findall(r"(?m)^ *cp .* (\S+)$", text))
    named = re.findall(rf"`((?:{'|'.join((*CODE, 'templates', 'tests', 'docs'))})/[^`\s]*)`", prose(text))
    assert [path for path in named if not path.startswith(made) and not list(ROOT.glob(path.rstrip("/")))] == []


@over(WRITTEN)
def test_every_name_that_is_said_to_be_in_a_module_is_there(document: str) -> None:
    missing = [f"{path}: {name}" for path, name in named_in_modules(prose(text_of(document))) if not has(path, name)]
    assert missing == []


def named_in_modules(text: str) -> Iterator[tuple[str, str]]:
    """Names beside the path of their module: in a table row, as ``name in path``, or in brackets after the path."""
    text = in_one_line(text)
    yield from re.findall(r"`([\w/]+\.py)` \| `(\w+)(?:\(\))?`", text)
    yield from ((path, name) for name, path in re.findall(r"`(\w+)(?:\(\))?` (?:in|of) `([\w/]+\.py)`", text))
    for path, names in re.findall(r"`([\w/]+\.py)` \(((?:`\w+`(?:, )?)+)\)", text):
        yield from ((path, name) for name in re.findall(r"`(\w+)`", names))


def has(path: str, name: str) -> bool:
    """Whether a module defines a name at its top level."""
    found: set[str] = set()
    for node in ast.parse(text_of(path)).body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                found.add(node.name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=given)):
                found.add(given)
    return name in found


@over(WRITTEN)
def test_every_dotted_name_of_a_module_is_there(document: str) -> None:
    """``heartbeat.run_heartbeat``: some module of that name has it."""
    assert missing_dotted_names(text_of(document)) == []


def missing_dotted_names(text: str) -> list[str]:
    """The names given with their module that no module of that name has; other things with a dot are left alone."""
    modules: dict[str, list[str]] = {}
    for folder in CODE:
        for path in (ROOT / folder).rglob("*.py"):
            modules.setdefault(path.stem, []).append(str(path.relative_to(ROOT)))
    dotted = re.findall(r"`([a-z_]+)\.([A-Za-z_]+)(?:\(\))?`", prose(text))
    endings = {"py", "md", "yaml", "css", "j", "json", "csv", "key", "lock", "toml"}
    meant = [(stem, name) for stem, name in dotted if stem in modules and name not in endings]
    missing = [f"{stem}.{name}" for stem, name in meant if not any(has(path, name) for path in modules[stem])]
    # Kinds of audit entries are written the same way.
    return [name for name in missing if name not in KINDS]


def test_a_dotted_name_that_is_not_there_is_missed() -> None:
    # No document names anything in this way today, so the test above has nothing to find.
    text = "`heartbeat.run_heartbeat()`, `heartbeat.stop_heartbeat()`, `organisation.yaml` and `heartbeat.GONE`"
    assert missing_dotted_names(text) == ["heartbeat.stop_heartbeat", "heartbeat.GONE"]


@over(WRITTEN)
def test_every_command_that_is_named_exists(document: str) -> None:
    text = text_of(document)
    made = set(re.findall(r"(?m)^ *```\w+ flows/cli/commands/(\w+)\.py$", text))
    named = set(re.findall(r"(?m)(?:`|^ *(?:\$ )?)tocsin ([a-z][a-z-]+)\b", text))
    assert named - made - set(MODULE_OF) == set()


@over(PACKAGES, lambda path: str(path.relative_to(ROOT)))
def test_every_package_says_in_two_sentences_what_it_knows_and_what_it_does_not(package: Path) -> None:
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8"))) or ""
    assert len(re.findall(r"\w[.](?=\s|$)", said)) > 1
    assert "docs/architecture" not in said


@over(PACKAGES, lambda path: str(path.relative_to(ROOT)))
def test_the_map_has_every_package_with_its_sentences_and_its_modules(package: Path) -> None:
    name = package.relative_to(ROOT).as_posix()
    entry = re.search(rf"(?ms)^#+ `{name}/`$(.*?)(?=^#)", ARCHITECTURE)
    assert entry, f"docs/architecture.md has no entry `{name}/` under Map"
    written = in_one_line(entry[1])
    said = ast.get_docstring(ast.parse((package / "__init__.py").read_text(encoding="utf-8")))
    assert written.startswith(in_one_line(said))
    modules = {path.stem for path in package.glob("*.py")} - {"__init__"}
    assert set(re.findall(r"`(\w+)` \(", written)) == modules


def test_the_layers_of_the_page_are_those_that_the_build_holds() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = [contract for contract in contracts if contract["type"] == "layers"]
    held = [
        line
        for contract in layers
        for line in (*contract.get("containers", ["tocsin"]), *(f"    {layer}" for layer in contract["layers"]))
    ]
    block = re.search(r"(?ms)^## Layers$.*?^```text\n(.*?)^```$", ARCHITECTURE)
    assert block
    assert block[1].splitlines() == held
