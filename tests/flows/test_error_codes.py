"""One table answers every error by its kind, and every error of ours has one."""

from __future__ import annotations

import importlib
import inspect
import pkgutil

import pytest

import config
import flows
import incidents
import notifications
from flows.error_codes import CODES, Exit, exit_for
from incidents.access.people import UnknownTokenError
from incidents.kernel.errors import ConflictError, DefectError, ErrorKind, NotFoundError, TocsinError
from notifications.delivery.channel import PermanentFailure

_APART = {"migrations", "__main__"}
"""Modules that do something when they are imported."""


def errors() -> set[type[BaseException]]:
    """Every public error class that one of our modules defines."""
    names = (
        module.name
        for package in (config, flows, incidents, notifications)
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if not _APART & set(module.name.split("."))
    )
    return {
        member
        for name in names
        for _, member in inspect.getmembers(importlib.import_module(name), inspect.isclass)
        if issubclass(member, BaseException) and member.__module__ == name and not member.__name__.startswith("_")
    }


def test_every_error_of_ours_stands_on_the_one_base():
    ours = errors()
    assert len(ours) > 40
    assert {error.__qualname__ for error in ours if not issubclass(error, TocsinError)} == set()


def test_every_kind_has_an_exit_code_and_a_status():
    assert set(CODES) == set(ErrorKind)
    assert {codes.status // 100 for codes in CODES.values()} == {4, 5}
    assert Exit.OK not in {codes.exit for codes in CODES.values()}


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (NotFoundError("x"), Exit.NOT_FOUND, 404),
        (ConflictError("x"), Exit.CHANGED_MEANWHILE, 412),
        (UnknownTokenError("x"), Exit.PERMISSION, 401),
        (PermanentFailure("x"), Exit.FAILED, 500),
    ],
)
def test_an_error_ends_as_its_kind_does(error, code, status):
    assert exit_for(error) is code
    assert CODES[error.kind].status == status


@pytest.mark.parametrize("error", [RuntimeError("x"), DefectError("x")])
def test_the_words_of_a_mistake_of_ours_are_never_shown(error):
    assert exit_for(error) is None
