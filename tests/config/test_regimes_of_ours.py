"""Which laws concern us is chosen in the organisation's file, among those there are."""

from __future__ import annotations

import pytest

from config.organisation import DEFAULT_REGIMES, OrganisationError, read_organisation
from config.settings import example_organisation

EXAMPLE = example_organisation().read_text(encoding="utf-8")
LINE = next(line for line in EXAMPLE.splitlines() if line.startswith("regimes:"))


def test_the_example_names_the_laws_of_our_markets():
    assert read_organisation(EXAMPLE, "example.yaml").regimes == DEFAULT_REGIMES


def test_without_the_key_the_same_laws_are_on():
    assert read_organisation(EXAMPLE.replace(LINE, ""), "mine.yaml").regimes == DEFAULT_REGIMES


def test_others_are_switched_on_by_listing_them():
    ours = read_organisation(EXAMPLE.replace(LINE, "regimes: [eu-gdpr, us-ca]"), "mine.yaml")
    assert ours.regimes == ("eu-gdpr", "us-ca")


@pytest.mark.parametrize(
    ("regimes", "says"), [("[eu-gdpr, atlantis]", "`atlantis` is no law"), ("[eu-gdpr, eu-gdpr]", "there twice")]
)
def test_a_law_that_is_not_there_is_refused_with_its_line(regimes, says):
    text = EXAMPLE.replace(LINE, f"regimes: {regimes}")
    line = 1 + text[: text.index("regimes:")].count("\n")
    with pytest.raises(OrganisationError, match=says) as refused:
        read_organisation(text, "mine.yaml")
    assert f"mine.yaml line {line}" in str(refused.value)
