"""The ids by which law files name the duties and the law that the software treats in a way of their own."""

from typing import Final

AUTHORITY_INITIAL: Final = "authority-initial"
"""The first notification to an authority (Art. 33(1) GDPR and its likes)."""
AUTHORITY_INTERMEDIATE: Final = "authority-intermediate"
"""A report between the first and the last, as DORA and NIS2 ask for one."""
AUTHORITY_FOLLOW_UP: Final = "authority-follow-up"
"""What a first notification left open (Art. 33(4) GDPR)."""
AUTHORITY_QUESTION: Final = "authority-question"
"""The answer to a question of an authority (Art. 31, 58(1) GDPR)."""
PEOPLE: Final = "people"
"""The communication to the affected people (Art. 34(1) GDPR)."""
CONTROLLER: Final = "controller"
"""The processor's notice to the controller (Art. 33(2) GDPR)."""

GDPR: Final = "eu-gdpr"
"""The law whose words and forms are the model for those of other laws."""


def is_gdpr_or_amended(regime_id: str) -> bool:
    """Whether a law is the GDPR, or a later wording of it that stands in its place (``eu-gdpr-omnibus-proposal``)."""
    return regime_id.startswith(GDPR)
