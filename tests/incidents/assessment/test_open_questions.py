"""Questions fit what happened: no log tells of a stolen laptop, nor of an invoice whose recipient is known."""

from __future__ import annotations

from typing import Any

import pytest

from incidents.assessment.open_questions import open_questions
from incidents.assessment.proposal import assess
from incidents.facts.breach import Facts

OUTFLOW = "a: Did data leave? Do complete logs show it?"
FOUND = "a: Was it found again, and did anybody look at the data meanwhile?"


def facts(nature: str, **changes: Any) -> Facts:
    data_set = {"name": "a", "role": "controller", "kinds": ["name"], "people": 1, "breach": ["confidentiality"]}
    given = {**data_set, "exfiltration": "possible", **changes}
    cause = {"nature": nature, "actor": "none", "malicious": "no"}
    return Facts.model_validate({"summary": "x", "cause": cause, "data_sets": [given]})


@pytest.mark.parametrize(("nature", "asked"), [("theft", FOUND), ("loss", FOUND), ("hacking", OUTFLOW)])
def test_what_is_gone_is_asked_for_and_a_system_for_its_logs(nature, asked):
    found = [str(question) for question in open_questions(facts(nature))]
    assert asked in found
    assert len({OUTFLOW, FOUND} & set(found)) == 1


def test_where_the_recipients_are_known_nobody_asks_for_logs():
    sent = facts("misdelivery", recipients={"who": "another merchant", "count": 1, "trusted": "no"})
    assert not {OUTFLOW, FOUND} & {str(question) for question in open_questions(sent)}
    assert "a: Have the recipients deleted the data, in writing?" in [
        str(question) for question in open_questions(sent)
    ]


@pytest.mark.parametrize(
    ("deletion", "said"),
    [
        ("attested", "they confirmed the deletion in writing, but nothing else binds them"),
        ("stated", "they say it is deleted, but nothing binds them"),
    ],
)
def test_a_deletion_in_writing_is_not_called_a_mere_word(deletion, said):
    recipients = {"who": "another merchant", "count": 1, "trusted": "no", "deletion": deletion, "read": "yes"}
    judged = assess(facts("misdelivery", recipients=recipients))
    assert [reason for reason in judged.reasons if said in str(reason.because)]
