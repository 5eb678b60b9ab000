"""The ids of duties and of the GDPR stand in one module; a scan keeps them from being written down elsewhere."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from flows.reference import regime_files
from incidents.case import draft_kinds
from incidents.law import duty_ids
from incidents.law.duty_ids import is_gdpr_or_amended

ROOT = Path(__file__).parents[3]
SOURCES = sorted(
    path for package in ("incidents", "notifications", "flows", "config") for path in (ROOT / package).rglob("*.py")
)
HOME = {Path("incidents/law/duty_ids.py"), Path("incidents/case/draft_kinds.py")}
DUTIES = {value for name, value in vars(duty_ids).items() if name.isupper()} - {duty_ids.GDPR}
UNMISTAKABLE = {value for value in DUTIES if "-" in value}
"""What can only be the id of a duty or of the kind of its draft; `people` and `controller` have other meanings."""
MARKETS = {(Path("config/organisation.py"), duty_ids.GDPR)}
"""The organisation's default list of laws is a list of file names."""


def literals(source: str) -> set[str]:
    """Strings of *source* that name a duty or the GDPR, by themselves or where they stand for a duty."""
    tree = ast.parse(source)
    found = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    named = found & (UNMISTAKABLE | {duty_ids.GDPR})
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare) and "duty" in ast.unparse(node):
            named |= strings(node) & DUTIES
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "duty":
            named |= strings(node) & DUTIES
    return named


def strings(node: ast.AST) -> set[str]:
    return {part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_no_module_writes_the_id_of_a_duty_down_again():
    files = [path.relative_to(ROOT) for path in SOURCES]
    assert len(files) > 200
    again = {(path, word) for path in files if path not in HOME for word in literals((ROOT / path).read_text("utf-8"))}
    assert again - MARKETS == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('x = "authority-initial"', {"authority-initial"}),
        ('row.terms.duty == "people"', {"people"}),
        ('row.duty in {"controller", other}', {"controller"}),
        ('law.duty("people")', {"people"}),
        ('regime == "eu-gdpr"', {"eu-gdpr"}),
        ('line.kind == "people"', set()),
        ('role = "controller"', set()),
        ('"""``eu-gdpr/authority-initial``: a key."""', set()),
    ],
)
def test_the_scan_sees_an_id_and_leaves_the_same_word_of_another_meaning(source, found):
    assert literals(source) == found


def test_each_id_is_a_duty_of_a_law_that_is_shipped():
    written = {duty.id for regime in regime_files.read_all() for duty in regime.duties}
    assert DUTIES - written == set()


def test_each_kind_of_draft_fulfils_one_duty_and_each_such_duty_has_one_kind():
    assert draft_kinds.DUTIES == {
        "authority-initial": "authority-initial",
        "authority-follow-up": "authority-follow-up",
        "people": "people",
        "controllers": "controller",
    }
    assert {draft_kinds.KINDS[duty]: duty for duty in draft_kinds.KINDS} == draft_kinds.DUTIES


@pytest.mark.parametrize(
    ("regime", "is_one"), [("eu-gdpr", True), ("eu-gdpr-omnibus-proposal", True), ("uk-gdpr", False)]
)
def test_the_gdpr_and_what_stands_in_its_place(regime, is_one):
    assert is_gdpr_or_amended(regime) is is_one
