"""The generated pages say what the code says, and every file that README names is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flows import reference_docs

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", reference_docs.PAGES)
def test_a_generated_page_is_what_the_code_would_write_now(name: str) -> None:
    """A table that changed without its page fails here; `python -m flows.reference_docs` mends it."""
    assert (reference_docs.FOLDER / name).read_text(encoding="utf-8") == reference_docs.page(name)


@pytest.mark.parametrize("document", ["README.md", *(str(p.relative_to(ROOT)) for p in (ROOT / "docs").rglob("*.md"))])
def test_every_link_within_the_project_leads_somewhere(document: str) -> None:
    """Links to files are relative to the document they stand in."""
    text = (ROOT / document).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    missing = [link for link in links if not ((ROOT / document).parent / link).exists()]
    assert missing == []
