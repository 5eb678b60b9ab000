"""The stages of a case: what may follow what, who may do it, and which step is missing."""

from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from incidents.case.lifecycle import (
    OPEN_STAGES,
    RULES,
    PersonRole,
    RefusedMove,
    Stage,
    Verb,
    may,
    mermaid,
    next_stage,
    table,
)

_STAYS_OPEN = "suspected>suspected confirmed>confirmed assessed>assessed decided>decided"
SPECIFICATION = {
    Verb.LOG: "suspected>suspected confirmed>confirmed assessed>assessed decided>decided",
    Verb.CONTAIN: "suspected>suspected confirmed>confirmed assessed>assessed decided>decided",
    Verb.HAND_OVER: "suspected>suspected confirmed>confirmed assessed>assessed decided>decided",
    Verb.AWARE: "suspected>confirmed confirmed>confirmed assessed>assessed decided>decided",
    Verb.ASSESS: "suspected>suspected confirmed>assessed assessed>assessed decided>assessed",
    Verb.DECIDE: "assessed>decided decided>decided",
    Verb.EDIT: "confirmed>confirmed assessed>assessed decided>decided",
    Verb.IMPORT_PEOPLE: "confirmed>confirmed assessed>assessed decided>decided",
    Verb.APPROVE: "decided>decided",
    Verb.SEND: "decided>decided",
    Verb.SUBMIT: "confirmed>confirmed assessed>assessed decided>decided closed>closed",
    Verb.WAIVE: "confirmed>confirmed assessed>assessed decided>decided",
    Verb.ANSWER: "confirmed>confirmed assessed>assessed decided>decided",
    Verb.PUBLISH: "confirmed>confirmed assessed>assessed decided>decided",
    Verb.CLOSE: "decided>closed",
    Verb.DISMISS: "suspected>dismissed confirmed>dismissed assessed>dismissed decided>dismissed",
    Verb.REOPEN: "closed>confirmed dismissed>confirmed",
    Verb.HOLD: _STAYS_OPEN,
    Verb.RELEASE: _STAYS_OPEN,
    Verb.OPEN: "",
}


def outcome(stage: Stage, verb: Verb, *, aware: bool = True) -> str | None:
    try:
        return next_stage(stage, verb, aware=aware).value
    except RefusedMove:
        return None


@pytest.mark.parametrize("verb", Verb)
def test_each_verb_leads_where_the_specification_says_and_nowhere_else(verb):
    expected = dict(move.split(">") for move in SPECIFICATION[verb].split())
    assert {stage: outcome(stage, verb) for stage in Stage} == {stage: expected.get(stage) for stage in Stage}


@pytest.mark.parametrize("stage", [Stage.CLOSED, Stage.DISMISSED])
def test_a_case_that_never_had_awareness_reopens_as_suspected(stage):
    assert next_stage(stage, Verb.REOPEN, aware=False) is Stage.SUSPECTED
    assert next_stage(stage, Verb.REOPEN, aware=True) is Stage.CONFIRMED


@pytest.mark.parametrize(
    ("stage", "verb", "says"),
    [
        (
            Stage.SUSPECTED,
            Verb.DECIDE,
            "this incident is `suspected`: first record awareness: tocsin aware REF --at T --basis TEXT",
        ),
        (Stage.SUSPECTED, Verb.SUBMIT, "first record awareness"),
        (Stage.CONFIRMED, Verb.DECIDE, "this incident is `confirmed`: first assess it: tocsin assess REF"),
        (Stage.CONFIRMED, Verb.APPROVE, "first assess it"),
        (Stage.ASSESSED, Verb.SEND, "first decide: tocsin decide REF --authority ANSWER"),
        (Stage.ASSESSED, Verb.CLOSE, "first decide"),
        (Stage.CLOSED, Verb.LOG, "first reopen it: tocsin reopen REF"),
        (Stage.DISMISSED, Verb.SUBMIT, "first reopen it"),
        (Stage.SUSPECTED, Verb.REOPEN, "it is open already"),
        (Stage.DECIDED, Verb.REOPEN, "it is open already"),
    ],
)
def test_a_refusal_says_which_step_is_missing(stage, verb, says):
    with pytest.raises(RefusedMove) as refused:
        next_stage(stage, verb, aware=True)
    assert says in str(refused.value)
    assert (refused.value.stage, refused.value.verb) == (stage, verb)


@given(st.lists(st.sampled_from(Verb), max_size=30))
@example([Verb.AWARE, Verb.ASSESS, Verb.DECIDE, Verb.CLOSE])
def test_nothing_is_closed_without_a_decision_and_nothing_decided_without_awareness(steps):
    stage, aware, decided = Stage.SUSPECTED, False, False
    passed = [(stage, aware, decided)]
    for verb in steps:
        with suppress(RefusedMove):
            stage = next_stage(stage, verb, aware=aware)
            aware = aware or verb is Verb.AWARE
            decided = decided or verb is Verb.DECIDE
            passed.append((stage, aware, decided))
    assert {stage for stage, aware, _ in passed if not aware} <= {Stage.SUSPECTED, Stage.DISMISSED}
    assert Stage.CLOSED not in {stage for stage, _, decided in passed if not decided}


@pytest.mark.parametrize("verb", Verb)
def test_auditors_and_administrators_move_nothing(verb):
    assert not may([PersonRole.AUDITOR, PersonRole.ADMIN], verb)
    assert not may([], verb)


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        (PersonRole.RESPONDER, "open log contain hand_over aware assess edit import_people hold"),
        (PersonRole.APPROVER, "open log approve hold release"),
        (PersonRole.LEAD, " ".join(Verb)),
        (PersonRole.DPO, " ".join(Verb)),
    ],
)
def test_each_role_may_do_its_part(role, verbs):
    assert {verb for verb in Verb if may([role], verb)} == {Verb(word) for word in verbs.split()}


def test_one_fitting_role_among_several_is_enough():
    assert may([PersonRole.AUDITOR, PersonRole.DPO], Verb.DECIDE)


def test_every_verb_has_exactly_one_row():
    assert [rule.verb for rule in RULES] == list(dict.fromkeys(rule.verb for rule in RULES))
    assert {rule.verb for rule in RULES} == set(Verb)


def test_from_every_open_stage_there_is_a_way_to_an_end():
    assert all(next_stage(stage, Verb.DISMISS, aware=True) is Stage.DISMISSED for stage in OPEN_STAGES)


def test_table_and_diagram_are_printed_from_the_rules():
    assert "| decide | assessed → decided; decided | lead, dpo |" in table()
    assert len(table().splitlines()) == len(RULES) + 2
    assert "    suspected --> confirmed: aware" in mermaid()
    assert "    dismissed --> suspected: reopen" in mermaid()
