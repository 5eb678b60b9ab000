"""Builds the filing pack of a case in a phase and a language."""

from __future__ import annotations

from typing import Any

from incidents.case.case_file import CaseFile
from notifications.filing_pack.fill import fill
from notifications.filing_pack.form_template import read_template
from notifications.filing_pack.pack import Phase
from notifications.language.catalogue import read_catalogue
from tests.builders import case_files

FOLDER = case_files.ROOT / "templates"
TEMPLATE = read_template(FOLDER)
LANGUAGES = {code: read_catalogue(FOLDER, code) for code in ("en", "de", "fr")}


def pack_of(case: CaseFile, phase: Phase = Phase.INITIAL, language: str = "en", **more: Any) -> Any:
    words = LANGUAGES[language]
    assert words is not None
    given = {"organisation": case_files.ORGANISATION, "template": TEMPLATE, "now": case.as_of, **more}
    return fill(case, words=words, phase=phase, **given)
