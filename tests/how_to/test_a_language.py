"""docs/how-to/a-language.md, followed: English copied to Dutch, and letters, alerts and a report's words in it."""

from __future__ import annotations

import shlex
import shutil
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from notifications.letters.compose import LetterComposer, context_for_case
from notifications.reports.words import read_words
from tests.builders.letters import (
    ALERTS,
    LETTERS,
    MERCHANT,
    NOW,
    ORGANISATION,
    alert_context,
    full_case,
)
from tests.how_to.pages import ROOT, page, replace_line

PAGE = page("a-language")
NEW_FILES = 15


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The templates with the page's copies made and its locale written."""
    root = tmp_path_factory.mktemp("tree")
    shutil.copytree(ROOT / "templates", root / "templates")
    for command in PAGE.commands:
        program, *arguments = shlex.split(command)
        source, target = (root / name for name in arguments if name != "-r")
        assert program == "cp"
        if source.is_dir():
            shutil.copytree(source, target)
        else:
            shutil.copy(source, target)
    for file, text in PAGE.files.items():
        replace_line(root / file, text)
    return root / "templates"


def test_the_page_counts_the_files_of_a_language_truly(templates):
    new = {path.relative_to(templates) for path in templates.rglob("*") if path.is_file()}
    new -= {path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*")}
    assert len(new) == NEW_FILES
    assert "A language is fifteen files today" in (ROOT / "docs/how-to/a-language.md").read_text(encoding="utf-8")


def test_no_shipped_language_has_a_file_that_the_page_does_not_copy():
    def files_of(language):
        paths = (path.relative_to(ROOT / "templates") for path in (ROOT / "templates").rglob("*") if path.is_file())
        return {path for path in paths if language in {path.stem, *path.parts[:-1]}}

    assert {len(files_of(language)) for language in ("en", "de", "fr")} == {NEW_FILES}


@pytest.mark.parametrize("kind", LETTERS)
def test_letters_are_composed_in_the_language_of_the_page(templates, kind):
    composer = LetterComposer(templates)
    context = context_for_case(full_case(), ORGANISATION, "nl", composer, NOW)
    letter = composer.letter(kind, "nl", {**context, "merchant": MERCHANT} if kind == "controllers" else context)
    assert (letter.language, letter.fell_back) == ("nl", False)


@pytest.mark.parametrize("kind", ALERTS)
def test_alerts_are_composed_in_the_language_of_the_page(templates, kind):
    alert = LetterComposer(templates).letter(kind, "nl", alert_context("nl"))
    assert (alert.language, alert.fell_back) == ("nl", False)


def test_a_report_writes_numbers_and_days_as_the_locale_of_the_page_does(templates):
    words = read_words(templates, "nl", ZoneInfo("Europe/Amsterdam"), "Rabta")
    assert (words.language, words.number(1234.5)) == ("nl", "1.234,5")
    assert "nov" in words.when(datetime(2026, 11, 18, tzinfo=UTC))
