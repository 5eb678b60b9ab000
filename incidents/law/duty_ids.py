"""The ids by which law files name the duties that the software treats in a way of their own."""

from typing import Final

AUTHORITY_INITIAL: Final = "authority-initial"
AUTHORITY_FOLLOW_UP: Final = "authority-follow-up"
AUTHORITY_QUESTION: Final = "authority-question"
PEOPLE: Final = "people"
CONTROLLER: Final = "controller"
