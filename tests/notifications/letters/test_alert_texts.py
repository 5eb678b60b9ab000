"""An alert for the rest of the information names what is still owed, in the language of who is called."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from config.settings import templates_folder
from notifications.letters.compose import LetterComposer
from notifications.letters.context.alert import context_for_alert
from tests.builders.letters import alert_context

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def alert(kind: str, language: str, outstanding: tuple[str, ...]) -> str:
    context = context_for_alert(
        reference="INC-2026-0001", codename="quiet-forge", title="", exercise=False, duty_title="Further information",
        recipient_name="CNIL", due_at=NOW + timedelta(hours=6), due_kind="internal", says="6 h left", provisional=False,
        next_command="tocsin ack 1", zone="Europe/Paris", language=language, now=NOW,
        outstanding=outstanding,
    )  # fmt: skip
    return LetterComposer(templates_folder()).letter(kind, language, context).text


@pytest.mark.parametrize("kind", ["reminder", "overdue", "escalation"])
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Not given yet: number of people concerned, measures\n"),
        ("de", "Noch nicht mitgeteilt: Zahl der betroffenen Personen, Maßnahmen\n"),
        ("fr", "Pas encore communiqué : nombre de personnes concernées, mesures\n"),
    ],
)
def test_an_alert_names_what_is_still_owed(kind, language, said):
    assert said in alert(kind, language, ("people_number", "measures")).replace("\u00a0", " ")
    assert said.partition(":")[0].strip() not in alert(kind, language, ())


@pytest.mark.parametrize(("left", "late"), [(1, False), (0, False), (-1, True)])
def test_an_alert_at_the_due_time_itself_is_not_late_yet(left, late):
    given = alert_context("en", due_at=NOW + timedelta(microseconds=left), now=NOW)
    assert given["late"] is late
