"""Groups of people in need of protection, by the words for them."""

from __future__ import annotations

import pytest

from incidents.facts.protected_groups import is_protected_group


@pytest.mark.parametrize(
    ("word", "protected"),
    [
        ("children", True),
        ("foster_child", True),
        ("crime_victims", True),
        ("minor", True),
        ("premature_babies", True),
        ("asylum_applicants", True),
        ("employees", False),
        ("customers", False),
        ("minority_shareholders", False),
    ],
)
def test_a_group_is_known_to_need_protection_by_its_words(word, protected):
    assert is_protected_group(word) is protected
