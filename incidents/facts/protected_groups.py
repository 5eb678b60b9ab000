"""Groups of people who are vulnerable or in need of protection, and the words by which one is known.

The list is open, as that of the kinds of data is: a group that is not among them says nothing of its members.
"""

from __future__ import annotations

PROTECTED_SUBJECTS = frozenset(
    {
        "adoptive_parents",
        "asylum_seekers",
        "children",
        "elderly",
        "informants",
        "minors",
        "patients",
        "people_in_care",
        "people_with_disabilities",
        "prisoners",
        "protected_persons",
        "pupils",
        "refugees",
        "victims",
        "vulnerable_people",
        "witnesses",
    }
)
"""Groups whose members are vulnerable or in need of protection (recital 75 GDPR; Guidelines 9/2022, section IV.B)."""

# Irregular plurals stand beside their words (child, children); a plain s is taken off where a word is looked up.
_PROTECTED_WORDS = """
abused addict adolescent adoptee adopter adoptive asylum babies baby battered child children defector dependant
detainee disabilities disability disabled dissident elderly evacuation evacuee foster hiv homeless infant
informant inmate juvenile kid migrant minor newborn orphan patient pensioner prisoner protected pupil refugee
schoolboy schoolchild schoolchildren schoolgirl seropositive survivor teenager toddler underage undercover
victim vulnerable ward whistleblower witness witnesses young youth
"""
PROTECTED_WORDS = frozenset(_PROTECTED_WORDS.split())
"""Words that tell of such a group inside a longer word."""


def is_protected_group(word: str) -> bool:
    """Whether a word for a group speaks of people in need of protection: ``crime_victims``, ``foster_children``."""
    if word in PROTECTED_SUBJECTS:
        return True
    return any(token in PROTECTED_WORDS or token.removesuffix("s") in PROTECTED_WORDS for token in word.split("_"))
