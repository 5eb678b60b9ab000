"""Text and filing pack call a notification complete or incomplete alike, whatever the facts say (Art. 33(4) GDPR)."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incidents.case.completeness import LASTING, record_of, still_open
from incidents.facts.breach import Facts
from incidents.facts.choices import (
    Alteration,
    Backup,
    BreachActor,
    BreachType,
    Discovery,
    Effect,
    Encryption,
    Exfiltration,
    Key,
)
from notifications.filing_pack import codes
from notifications.filing_pack.fill import fill
from notifications.filing_pack.form_template import read_template
from notifications.filing_pack.pack import Phase
from tests.builders import letters

TEMPLATE = read_template(letters.TEMPLATES)
STEMS = {"goes_on": "ended"}
"""Promises that belong to an element of another name."""


def text_of(case: Any, language: str = "en") -> str:
    return letters.wording().letter("authority-initial", language, letters.letter_context(case, language)).text


def pack_of(case: Any, **more: Any) -> Any:
    words = letters.wording().words("en")
    return fill(case, letters.ORGANISATION, TEMPLATE, words, phase=Phase.INITIAL, now=letters.NOW, **more)


def all_known(**changes: Any) -> dict[str, Any]:
    """Facts that leave nothing open; changes go into the first data set."""
    known = deepcopy(letters.FULL_FACTS)
    del known["next_update"]
    known["data_sets"][0] |= changes
    return known


def test_where_nothing_is_open_text_and_pack_are_complete():
    case = letters.full_case(all_known())
    assert "complete as far as we know today" in text_of(case)
    pack = pack_of(case)
    assert (pack.complete, pack.open_elements) == (True, ())


@pytest.mark.parametrize(
    ("change", "follows"),
    [
        ({"breach": ["integrity"]}, "- whether data were altered"),
        ({"published": "unknown"}, "- whether anybody on the internet could reach the data"),
    ],
)
def test_an_unknown_fact_makes_both_incomplete_and_stands_under_what_will_follow(change, follows):
    case = letters.full_case(all_known(**change))
    text = text_of(case)
    assert "new notification, incomplete" in text
    assert "complete as far as we know today" not in text
    assert follows in text[text.index("14. What will follow") :]
    assert not pack_of(case).complete


@pytest.mark.parametrize(
    ("change", "follows"),
    [({"ongoing": "yes", "occurred_to": None}, "- end of the breach"),
     ({"next_update": letters.FULL_FACTS["next_update"]}, "- further findings of our inquiry")],
)  # fmt: skip
def test_a_breach_that_goes_on_and_a_promise_to_say_more_do_so_too(change, follows):
    case = letters.full_case({**all_known(), **change})
    text = text_of(case)
    assert follows in text[text.index("14. What will follow") :]
    assert not pack_of(case).complete
    (fault, *_) = [field for field in pack_of(case, complete=True).fields if field.id == 4]
    assert fault.values == ("a",)


def test_a_pack_that_is_forced_to_be_complete_says_what_speaks_against_it():
    from notifications.filing_pack.gaps import completeness

    case = letters.full_case({**all_known(), "ongoing": "yes", "occurred_to": None})
    faults = completeness(pack_of(case, complete=True)).faults
    assert "The record leaves open: end of the breach. File it as incomplete (Art. 33(4) GDPR)." in faults


@pytest.mark.parametrize("language", letters.LANGUAGES)
def test_integrity_is_not_called_altered_data_while_that_is_unknown(language):
    words = letters.wording().words(language)
    unknown = text_of(letters.full_case(all_known(breach=["integrity"])), language)
    assert words.phrase("breach", "integrity") not in unknown
    assert words.phrase("breach", "integrity_open") in unknown
    known = text_of(letters.full_case(all_known(breach=["integrity"], alteration="restored")), language)
    assert words.phrase("breach", "integrity") in known


SETS = {
    "exfiltration": st.sampled_from([exfiltration.value for exfiltration in Exfiltration]),
    "published": st.sampled_from(["yes", "no", "unknown"]),
    "alteration": st.sampled_from([alteration.value for alteration in Alteration]),
    "backup": st.sampled_from([backup.value for backup in Backup]),
    "effect": st.sampled_from([effect.value for effect in Effect]),
    "breach": st.lists(st.sampled_from([breach_type.value for breach_type in BreachType]), min_size=1, unique=True),
    "people": st.sampled_from([5, "unknown"]),
    "countries": st.sampled_from([["DE"], []]),
    "protection": st.fixed_dictionaries(
        {"encryption": st.sampled_from([encryption.value for encryption in Encryption]),
         "key": st.sampled_from([key.value for key in Key])}
    ),
}  # fmt: skip
WHOLE = {
    "discovery": st.sampled_from([discovery.value for discovery in Discovery]),
    "likely_consequences": st.sampled_from([[], ["phishing"], ["wrong_data", "data_loss"], ["a_new_word"]]),
    "ongoing": st.sampled_from(["yes", "no", "unknown"]),
    "occurred_to": st.sampled_from([None, letters.FULL_FACTS["occurred_to"]]),
    "cross_border": st.sampled_from(["yes", "no", "unknown"]),
    "systems": st.sampled_from([[], ["storage"]]),
    "measures_taken": st.sampled_from([[], ["access_closed"], ["staff_trained"]]),
    "measures_proposed": st.sampled_from([[], ["audit"]]),
    "next_update": st.sampled_from([None, letters.FULL_FACTS["next_update"]]),
    "cause": st.fixed_dictionaries(
        {"nature": st.sampled_from(["hacking", "unknown"]),
         "actor": st.sampled_from([breach_actor.value for breach_actor in BreachActor]),
         "malicious": st.sampled_from(["yes", "no", "unknown"])}
    ),
}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(in_set=st.fixed_dictionaries({}, optional=SETS), whole=st.fixed_dictionaries({}, optional=WHOLE), decided=...)
def test_whatever_the_facts_say_text_and_pack_agree_and_every_promise_is_listed(in_set, whole, decided: bool):
    known = {**all_known(**in_set), **whole}
    case = letters.full_case(known)
    case = case if decided else replace(case, decisions=())
    context = letters.letter_context(case, "en")
    text, pack = text_of(case), pack_of(case)
    assert ("new notification, incomplete" in text) is not pack.complete
    stems = {name: stem for name, stem in letters.wording().words("en").section("not_yet").items() if name != "follows"}
    promised = {STEMS.get(name, name) for name, stem in stems.items() if f"{stem};" in text}
    assert promised <= set(context["open_ids"])
    assert list(still_open(record_of(case, has_lead=True), letters.NOW)) == context["open_ids"]
    assert Facts.model_validate(known) == case.facts


def test_the_measures_that_last_are_those_that_the_form_has_codes_for():
    assert set(codes.AGAINST_REPETITION) == LASTING
