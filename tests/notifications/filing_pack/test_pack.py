"""The filing pack: every field answered or named missing, and nothing said that the record does not say."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from incidents.assessment.proposal import as_json, assess
from incidents.case.case_file import AssessmentLine, CaseFile
from incidents.facts.choices import Alteration, Backup, BreachType, Encryption, Exfiltration, Key
from incidents.obligations.derivation import obligations_from_awareness
from notifications.filing_pack.answers import AnswerState
from notifications.filing_pack.editions.to_json import to_json, to_schema_json
from notifications.filing_pack.editions.write import UnknownPackFormat, write_pack
from notifications.filing_pack.form_template import TemplateError, read_template
from notifications.filing_pack.gaps import completeness
from notifications.filing_pack.national_forms import known_forms, own_questions, read_form
from notifications.filing_pack.pack import Phase
from notifications.reports.words import read_words
from tests.builders import case_files, edpb_schema
from tests.builders.filing_packs import FOLDER, LANGUAGES, TEMPLATE, pack_of

BERLIN = ZoneInfo("Europe/Berlin")
CASES = case_files.all_cases()
EVERY = [*product(CASES, Phase)]
FORMS = known_forms(FOLDER)
DRILL = (case_files.ROOT / "config/drills/exposed-bucket/scope.yaml").read_text(encoding="utf-8")


def with_facts(text: str, case: CaseFile | None = None) -> CaseFile:
    """A case of which these facts are known, assessed and not decided."""
    case, facts = case or case_files.just_opened(), case_files.facts_of(text)
    line = AssessmentLine(
        facts_version=1, author=case_files.DPO, recorded_at=case.as_of, judgement=as_json(assess(facts))
    )
    return replace(case, facts=facts, facts_version=1, aware_at=case.detected_at, assessments=(line,))


def scope(**changes: Any) -> str:
    """A small scope file; changes go into its one data set."""
    data_set = {"name": "accounts", "role": "controller", "kinds": ["email"], "breach": ["confidentiality"], **changes}
    return yaml.safe_dump({"summary": "Something happened.", "data_sets": [data_set]})


def value(pack: Any, number: int) -> Any:
    return pack.by_id[number].values


# What every pack keeps.


@pytest.mark.parametrize(("name", "phase"), EVERY)
def test_every_mandatory_field_is_answered_or_somebody_is_named_for_it(name, phase):
    pack = pack_of(CASES[name], phase)
    assert len(pack.fields) == 100
    for field in pack.fields:
        if field.mandatory:
            assert field.values or field.state in {
                AnswerState.MISSING,
                AnswerState.NOT_YET_KNOWN,
                AnswerState.FOR_A_PERSON,
            }
            assert field.from_where


def test_the_drills_case_names_every_mandatory_field_too():
    pack = pack_of(with_facts(DRILL))
    for field in (each for each in pack.fields if each.mandatory):
        assert field.values or field.is_open or field.state is AnswerState.FOR_A_PERSON, field.id
    answers = {56: "a", 60: "m", 61: "a", 65: "a", 67: "a", 68: 1200, 72: "a", 113: "a"}
    assert {number: value(pack, number) for number in answers} == {number: (one,) for number, one in answers.items()}
    assert value(pack, 85) == ("a", "d")


@pytest.mark.parametrize(("name", "phase"), EVERY)
def test_a_field_that_the_form_hides_carries_no_value(name, phase):
    fields = pack_of(CASES[name], phase).fields
    assert any(not field.visible for field in fields)
    for field in fields:
        assert (field.state is AnswerState.NOT_APPLICABLE) == (not field.visible)
        if not field.visible:
            assert (field.values, field.mandatory) == ((), False)


def test_some_pack_is_complete_where_a_person_says_so():
    assert [name for name in CASES if pack_of(CASES[name], complete=True).complete]


@pytest.mark.parametrize(("name", "complete"), [*product(CASES, (True, None))])
def test_a_complete_pack_never_says_to_be_determined(name, complete):
    pack = pack_of(CASES[name], complete=complete)
    if pack.complete:
        assert value(pack, 4) == ("a",)
        for field in pack.fields:
            assert field.state is not AnswerState.NOT_YET_KNOWN
            assert field.definition.only_incomplete not in {*field.values, ""} or not field.values


def test_a_complete_filing_that_leaves_something_open_is_named_a_fault():
    pack = pack_of(CASES["just opened"], complete=True)
    assert "File it as incomplete" in completeness(pack).faults[-1]


def test_an_incomplete_filing_gives_the_forms_own_words_for_not_yet_known():
    pack = pack_of(with_facts(scope()))
    given = {number: value(pack, number) for number in (4, 44, 56, 57, 60, 61, 65, 67, 72, 85, 89, 97)}
    assert given == {4: ("b",), 44: ("e",), 56: ("e",), 57: ("e",), 60: ("x",), 61: ("e",), 65: ("k",), 67: ("d",),
                     72: ("d",), 85: ("o",), 89: ("d",), 97: ("c",)}  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    exfiltration=st.sampled_from(Exfiltration),
    encryption=st.sampled_from(Encryption),
    key=st.sampled_from(Key),
    breach=st.lists(st.sampled_from(BreachType), min_size=1, max_size=3, unique=True),
    backup=st.sampled_from(Backup),
    alteration=st.sampled_from(Alteration),
    kinds=st.lists(st.sampled_from(["email", "health", "iban", "a_new_word"]), min_size=1, unique=True),
    people=st.sampled_from([5, {"about": 70}, {"min": 1}, {"min": 2, "max": 9}, "unknown"]),
    complete=st.sampled_from([True, False, None]),
    phase=st.sampled_from(Phase),
)
def test_whatever_the_facts_say_the_pack_keeps_its_shape(complete, phase, encryption, key, people, kinds, **changes):
    lists = {"kinds": kinds, "people": people, "protection": {"encryption": str(encryption), "key": str(key)}}
    plain = {name: [*map(str, it)] if isinstance(it, list) else str(it) for name, it in changes.items()}
    pack = pack_of(with_facts(scope(**lists, **plain)), phase, complete=complete)
    for field in pack.fields:
        options = field.definition.options
        assert not options or set(field.values) <= set(options)
        assert field.visible or not field.values
        if pack.complete and field.definition.only_incomplete:
            assert field.definition.only_incomplete not in field.values
    shapes = {**edpb_schema.corrected(), "required": [], "allOf": []}
    assert not list(Draft202012Validator(shapes, format_checker=FormatChecker()).iter_errors(to_schema_json(pack)))


# Conditions of the form that the draft has wrong.


def test_reasons_for_delay_are_asked_once_the_72_hours_are_over_and_not_before():
    case = replace(case_files.filed_late(), obligations=())
    (owed,) = obligations_from_awareness(case_files.FRAME)
    assert case.aware_at is not None
    open_ = case_files.obligation(owed, case.aware_at, case.aware_at + timedelta(hours=1))
    case = replace(case, obligations=(open_,))
    due, blink = open_.due_at, timedelta(microseconds=1)
    assert due == open_.started_at + timedelta(hours=72)
    seen = [pack_of(case, now=due + shift).by_id[49].visible for shift in (-blink, 0 * blink, blink)]
    assert seen == [False, False, True]
    assert value(pack_of(case_files.filed_late()), 49) == (case_files.LATE_REASON,)


def test_consequences_follow_the_kind_of_breach_that_they_belong_to():
    pack = pack_of(with_facts(scope(breach=["availability"], effect="serious")))
    assert [pack.by_id[number].visible for number in (79, 81, 83)] == [False, False, True]
    assert value(pack, 83) == ("a",)


def test_a_controller_outside_the_eea_answers_its_own_section():
    abroad = {**case_files.ORGANISATION, "country": "EG"}
    pack = pack_of(case_files.exposed_bucket(), organisation=abroad)
    assert [pack.by_id[number].visible for number in (18, 113, 118, 120, 121)] == [True, False, False, True, True]
    assert value(pack, 121) == ("AT", "DE", "FR")


def test_the_representative_in_the_union_is_named_from_our_own_file():
    abroad = {**case_files.ORGANISATION, "country": "EG", "main_establishment": None, "authority": None}
    assert pack_of(case_files.exposed_bucket(), organisation=abroad).by_id[18].state is AnswerState.FOR_A_PERSON
    one = {
        "name": "Example Representative Ltd",
        "address": "Street 2, Brussels",
        "email": "r@example.org",
        "phone": "1",
    }
    pack = pack_of(case_files.exposed_bucket(), organisation={**abroad, "representative": one})
    assert (value(pack, 18), value(pack, 19)) == ((one["name"],), ("Street 2, Brussels, r@example.org, 1",))


def test_countries_are_named_to_people_and_coded_for_programs():
    pack = pack_of(case_files.exposed_bucket(), language="de")
    assert "Deutschland" in pack.readable(pack.by_id[116])
    assert "DE" in to_schema_json(pack)["field_116"]


# Judgement stays with a person.


def test_the_outcome_of_the_assessment_waits_for_a_named_persons_decision():
    case = case_files.exposed_bucket()
    assert value(pack_of(case), 89) == ("a",)
    undecided = pack_of(replace(case, decisions=(), ledger=()), complete=False)
    assert (value(undecided, 89), value(undecided, 97)) == (("d",), ("c",))


@pytest.mark.parametrize(
    ("authority", "people", "exception", "outcome", "told"),
    [(True, True, None, "a", "b1"), (True, False, None, "b", "d"), (True, False, "34-3-b", "a", "e"),
     (False, False, None, "c", "d")],
)  # fmt: skip
def test_the_form_says_what_was_decided(authority, people, exception, outcome, told):
    case = case_files.exposed_bucket()
    decision = replace(case.decisions[-1], notify_authority=authority, notify_people=people, exception=exception)
    pack = pack_of(replace(case, decisions=(decision,), ledger=()))
    assert (value(pack, 89), value(pack, 97)) == ((outcome,), (told,))


def test_a_planned_measure_is_called_planned_and_ticked_nowhere_as_taken():
    known = yaml.safe_load(scope()) | {"measures_taken": ["access_closed"], "measures_proposed": ["staff_trained"]}
    pack = pack_of(with_facts(yaml.safe_dump(known)))
    assert value(pack, 92) == ("Taken: We closed the open access.",)
    assert (pack.by_id[94].state, value(pack, 94)) == (AnswerState.FOR_A_PERSON, ())
    assert value(pack, 95) == ("Planned: We will train our staff.",)
    both = pack_of(with_facts(yaml.safe_dump(known | {"measures_taken": ["audit"]})))
    assert value(both, 94) == ("k",)
    assert value(both, 95)[0].splitlines()[1] == "Planned: We will train our staff."


@pytest.mark.parametrize(
    ("judged", "authority", "people", "outcome"),
    [("high", True, False, "b"), ("high", False, False, "c"), ("unlikely", True, False, "b"),
     ("risk", True, True, "a"), ("high", True, True, "a")],
)  # fmt: skip
def test_where_a_person_departs_from_the_proposal_the_persons_verdict_is_given_and_the_proposal_named(
    judged, authority, people, outcome
):
    case = case_files.exposed_bucket()
    asked = {"risk": judged, "notify_authority": judged != "unlikely", "notify_people": judged == "high"}
    line = replace(case.assessments[-1], judgement={**(case.judgement or {}), **asked})
    decision = replace(case.decisions[-1], notify_authority=authority, notify_people=people, because="For reasons.")
    pack = pack_of(replace(case, assessments=(line,), decisions=(decision,)))
    assert value(pack, 89) == (outcome,)
    because, *rest = value(pack, 90)[0].splitlines()
    assert because == "For reasons."
    departs = {"high": "a", "risk": "b", "unlikely": "c"}[judged] != outcome
    assert any(each.startswith("The decision departs from what our method had proposed: ") for each in rest) is departs


def test_of_data_held_for_others_there_is_no_outcome_of_ours():
    case = with_facts(scope(role="processor"))
    decision = replace(case_files.exposed_bucket().decisions[-1], notify_people=False, exception=None)
    pack = pack_of(replace(case, decisions=(decision,)))
    for number, says in ((89, "the controllers assess the risk"), (97, "the controllers decide")):
        assert (pack.by_id[number].state, value(pack, number)) == (AnswerState.FOR_A_PERSON, ())
        assert says in pack.by_id[number].from_where
    assert "the controllers assess the risk" in value(pack, 90)[0]


def test_a_public_communication_beside_letters_is_named_among_the_means():
    case = case_files.exposed_bucket()
    decision = replace(case.decisions[-1], exception="34-3-c")
    pack = pack_of(replace(case, decisions=(decision,)))
    assert value(pack, 104) == ("c",)
    assert "public communication" in value(pack, 105)[0]


def test_a_missed_target_of_our_own_is_no_delay_in_law():
    case = replace(case_files.filed_late(), obligations=())
    (owed,) = obligations_from_awareness(case_files.FRAME)
    assert case.aware_at is not None
    row = case_files.obligation(owed, case.aware_at, case.aware_at + timedelta(hours=1))
    target = replace(row, terms=replace(row.terms, late_needs_reasons=False))
    after = row.due_at + timedelta(hours=9)
    for each, is_late in ((row, True), (target, False)):
        assert pack_of(replace(case, obligations=(each,)), now=after).by_id[49].visible is is_late


def test_letters_that_bounced_are_not_counted_as_told():
    pack = pack_of(case_files.exposed_bucket())
    assert (value(pack, 97), value(pack, 98), value(pack, 102)) == (("a",), ("2026-11-23",), ("b",))
    assert "1,191 of 1,204" in value(pack, 103)[0]
    german = pack_of(case_files.exposed_bucket(), language="de", reasoning=read_words(FOLDER, "de", BERLIN, "Rabta"))
    assert "1.191 von 1.204: " in value(german, 103)[0]
    assert "zugestellt" in value(german, 103)[0]


def test_authorities_under_other_laws_are_told_apart_from_those_under_the_gdpr():
    case = case_files.exposed_bucket()
    told = next(obligation for obligation in case.obligations if obligation.filings)
    body = replace(told.recipient, id="DE-CERT", name="Another body")
    other = replace(told, key="eu-nis2/x/DE-CERT", recipient=body, terms=replace(told.terms, regime="eu-nis2"))
    pack = pack_of(replace(case, obligations=(*case.obligations, other)))
    assert (value(pack, 110), value(pack, 111)) == (("a",), ("Another body: 631.412-0098/2026",))
    assert value(pack, 118) == (case_files.AUTHORITY.name,)
    assert pack_of(case).by_id[110].state is AnswerState.FOR_A_PERSON


def test_a_later_wording_of_the_gdpr_names_its_authorities_as_the_gdpr_does():
    case = case_files.exposed_bucket()
    told = next(obligation for obligation in case.obligations if obligation.filings)
    second = replace(told.recipient, id="FR", name="A second authority")
    other = replace(told, key="amended/x/FR", recipient=second, terms=replace(told.terms, regime="eu-gdpr-amended"))
    pack = pack_of(replace(case, obligations=(*case.obligations, other)))
    assert value(pack, 118) == (second.name, case_files.AUTHORITY.name)
    assert pack.by_id[110].state is AnswerState.FOR_A_PERSON


def test_other_authorities_that_are_owed_something_are_named_before_they_are_told():
    case = case_files.exposed_bucket()
    told = next(obligation for obligation in case.obligations if obligation.filings)
    swiss = replace(told.recipient, id="CH", name="FDPIC")
    owed = replace(told, key="ch-fadp/x/CH", recipient=swiss, terms=replace(told.terms, regime="ch-fadp"), filings=())
    pack = pack_of(replace(case, obligations=(*case.obligations, owed)))
    assert value(pack, 110) == ("b",)
    assert "required, and no filing on record yet: FDPIC" in pack.by_id[110].from_where
    filed = replace(told, key="eu-nis2/x", recipient=replace(swiss, id="DE-CERT", name="Another body"),
                    terms=replace(told.terms, regime="eu-nis2"))  # fmt: skip
    both = pack_of(replace(case, obligations=(*case.obligations, owed, filed)))
    assert value(both, 110) == ("a",)
    assert value(both, 111)[0].splitlines()[1].startswith("still to be notified: FDPIC (")


def test_words_of_a_letter_are_not_quoted_to_an_authority():
    known = yaml.safe_load(scope()) | {"account": {"de": "Ihre Bestellungen waren sichtbar.", "fr": "Un fichier."}}
    case = with_facts(yaml.safe_dump(known))
    assert value(pack_of(case, language="de"), 62) == ("Something happened.",)
    assert value(pack_of(case, language="fr"), 62) == ("Un fichier.",)
    assert pack_of(case, language="de").warnings[0] == "quoted as recorded, in whatever language that is: summary"


def test_merchants_are_counted_and_never_named():
    pack = pack_of(case_files.exposed_bucket())
    assert value(pack, 40) == ("57 merchants, listed in the record",)
    assert not any(b"Example shop" in written for written in write_pack(pack, FOLDER, ("html", "json", "md")).values())


@pytest.mark.parametrize(
    ("people", "how", "number"),
    [(0, "a", 0), ({"about": 70}, "b", 70), ({"min": 2, "max": 9}, "b", 9), ({"min": 3}, "b", 3)],
)
def test_numbers_are_as_exact_as_the_facts(people, how, number):
    pack = pack_of(with_facts(scope(people=people)))
    assert (value(pack, 67), value(pack, 68)) == ((how,), (number,))


@pytest.mark.parametrize(
    ("encryption", "key", "says"),
    [("state_of_the_art", "safe", ("a",)), ("state_of_the_art", "unknown", ("b",)), ("weak", "safe", ("b",)),
     ("none", "unknown", ("c",)), ("unknown", "unknown", ("e",))],
)  # fmt: skip
def test_data_are_called_unintelligible_only_where_method_and_key_are_known_to_hold(encryption, key, says):
    assert value(pack_of(with_facts(scope(protection={"encryption": encryption, "key": key}))), 57) == says


def test_a_beginning_may_be_counted_back_from_detection_and_is_called_an_estimate():
    text = scope().replace("summary:", "undetected_days: 2\nongoing: true\nsummary:")
    pack = pack_of(with_facts(text))
    assert (value(pack, 44), value(pack, 45), value(pack, 46)) == (("c",), (True,), ("2026-11-18T02:02:00Z",))


# Other parties.


def with_party(case: CaseFile | None = None, *, role: str = "controller", **party: Any) -> CaseFile:
    """A case that came to light through another party."""
    known = yaml.safe_load(scope(role=role)) | {"discovery": "processor", "source_party": {"kind": "hosting", **party}}
    return with_facts(yaml.safe_dump(known), case)


KNEW, TOLD = "2026-11-18T20:00:00Z", "2026-11-19T09:30:00Z"


def test_the_day_on_which_another_party_told_us_is_the_recorded_one_and_never_our_detection():
    pack = pack_of(with_party(became_aware_at=KNEW, told_us_at=TOLD))
    assert value(pack, 52) == ("2026-11-19",)
    assert pack.by_id[52].from_where == "facts: source_party.told_us_at"
    silent = replace(with_party(), first_signal_at=None)
    assert pack_of(silent).by_id[52].state is AnswerState.FOR_A_PERSON
    logged = replace(silent, timeline=(case_files.line("2026-11-19 10:00", "processor_notice", "The host wrote"),))
    assert value(pack_of(logged), 52) == ("2026-11-19",)


def test_the_free_timeline_holds_when_the_other_party_knew_and_when_it_told_us():
    (times,) = value(pack_of(with_party(became_aware_at=KNEW, told_us_at=TOLD)), 53)
    assert "other party became aware (as it says): Wednesday 18 November 2026 at 21:00 Berlin time" in times
    assert "other party told us: Thursday 19 November 2026 at 10:30 Berlin time" in times


def test_the_party_in_whose_house_it_happened_is_named_with_what_it_is():
    pack = pack_of(with_party(who="the provider of our object storage"))
    named = [value(pack, number) for number in (38, 39, 40)]
    assert named == [("a",), ("processor (Art. 28 GDPR): hosting provider",), ("the provider of our object storage",)]
    nameless = pack_of(with_party()).by_id[40]
    assert (nameless.state, nameless.values) == (AnswerState.FOR_A_PERSON, ())
    assert "hosting provider" in nameless.from_where


def test_joint_controllers_are_named_where_the_facts_name_them():
    pack = pack_of(with_facts(scope(role="joint_controller", joint_with=["the marketing partner"])))
    assert (value(pack, 39), value(pack, 40)) == (("joint controller (Art. 26 GDPR)",), ("the marketing partner",))


# Phases.


def test_an_initial_filing_needs_the_content_of_article_33_3_and_the_rest_may_follow():
    lacks = completeness(pack_of(case_files.just_opened()))
    minimum = set(TEMPLATE.minimum["initial"])
    assert {each.id for each in lacks.needed} == {48, 55, 62, 92, 94, 95}
    assert {each.id for each in lacks.needed} <= minimum
    assert {60, 61, 67, 70, 89} <= {each.id for each in lacks.may_follow}


def test_a_follow_up_lists_everything_that_is_still_owed():
    pack = pack_of(case_files.just_opened(), Phase.FOLLOW_UP)
    lacks = completeness(pack)
    assert lacks.may_follow == ()
    assert {each.id for each in lacks.needed} == {
        field.id for field in pack.fields if field.mandatory and field.is_open
    }
    assert value(pack_of(case_files.exposed_bucket(), Phase.FOLLOW_UP), 6) == ("631.412-0098/2026",)


def test_a_withdrawal_needs_its_reasons():
    without = pack_of(case_files.exposed_bucket(), Phase.WITHDRAWAL)
    assert [each.id for each in completeness(without).needed] == [5]
    assert "reasons (field 5)" in completeness(without).faults[0]
    said = pack_of(case_files.exposed_bucket(), Phase.WITHDRAWAL, withdrawn_because="It was reported twice.")
    assert (value(said, 3), value(said, 4), value(said, 5)) == (("b",), ("c",), ("It was reported twice.",))
    assert completeness(said).needed == ()
    dismissed = pack_of(case_files.dismissed(), Phase.WITHDRAWAL)
    assert value(dismissed, 5) == (case_files.dismissed().dismissed_because,)


# The schema.


def filled_by_hand(pack: Any) -> dict[str, Any]:
    """The answers, with what only a person can give."""
    by_hand = {21: "The reporting person", 22: "dpo@rabta.example.org", 23: "c", 24: "Privacy lead", 41: "On request",
               75: ["d", "e"], 76: "Policies and training", 94: ["c"]}  # fmt: skip
    return {**{f"field_{number}": given for number, given in by_hand.items()}, **to_schema_json(pack)}


def complaints(answers: dict[str, Any]) -> list[str]:
    validator = Draft202012Validator(edpb_schema.corrected(), format_checker=FormatChecker())
    return [error.message for error in validator.iter_errors(answers)]


@pytest.mark.parametrize("schema", [edpb_schema.shipped(), edpb_schema.corrected()], ids=["shipped", "corrected"])
def test_the_schema_of_the_draft_is_itself_a_schema_before_and_after_its_corrections(schema):
    of_schemas = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    assert [error.message for error in of_schemas.iter_errors(schema)] == []


def test_the_list_of_fields_is_that_of_the_schema():
    published = edpb_schema.shipped()["properties"]
    assert [f"field_{definition.id}" for definition in TEMPLATE.definitions] == list(published)
    needs = [definition.need.value for definition in TEMPLATE.definitions]
    assert [needs.count(each) for each in ("mandatory", "conditional", "optional")] == [42, 46, 12]
    for definition in TEMPLATE.definitions:
        options = published[f"field_{definition.id}"].get("enum", [])
        assert set(options) <= set(definition.options) or definition.id in {118, 123}


@pytest.mark.parametrize("phase", Phase)
def test_a_pack_filled_up_by_hand_satisfies_the_corrected_schema(phase):
    assert complaints(filled_by_hand(pack_of(case_files.exposed_bucket(), phase))) == []


@pytest.mark.parametrize("name", CASES)
def test_the_corrected_schema_misses_exactly_what_the_pack_calls_unanswered(name):
    pack = pack_of(CASES[name])
    published = edpb_schema.corrected()
    required = {int(each.removeprefix("field_")) for each in published["required"]}
    required |= {29, 30, 31, 39, 40, 41, 73, 113} & {field.id for field in pack.fields if field.visible}
    found = " ".join(complaints(to_schema_json(pack)))
    missed = {int(number) for number in re.findall(r"'field_(\d+)' is", found)}
    assert missed - {113} <= required
    assert missed - {113} == {number for number in required if not pack.by_id[number].values} - {113}


def test_only_the_documented_deviations_part_the_answers_from_the_schema_as_published():
    documented = {number for deviation in TEMPLATE.deviations for number in deviation.fields}
    validator = Draft202012Validator(edpb_schema.shipped(), format_checker=FormatChecker())
    errors = list(validator.iter_errors(filled_by_hand(pack_of(case_files.exposed_bucket()))))
    assert errors
    for error in errors:
        named = error.path[0] if error.path else re.findall(r"field_\d+", error.message)[0]
        assert int(str(named).removeprefix("field_")) in documented


def test_the_json_edition_says_where_every_field_stands_and_whose_text_it_is():
    said = json.loads(write_pack(pack_of(case_files.just_opened()), FOLDER, ("json",))["json"])
    assert said["schema"] == "tocsin-filing-pack/1"
    assert "must not be used for filing as such" in said["notice"]
    assert "CC BY 4.0" in said["attribution"]
    assert len(said["fields"]) == 100
    assert said["template"]["field_4"] == "b"


# What others wrote.


def hostile_everywhere() -> CaseFile:
    facts = case_files.facts_of(case_files.BUCKET).model_copy(
        update={"summary": case_files.HOSTILE, "systems": (case_files.HOSTILE,)}
    )
    line = case_files.exposed_bucket().awareness[-1]
    return replace(case_files.hostile(), facts=facts, awareness=(replace(line, basis=case_files.HOSTILE),))


def test_a_hostile_text_stays_text():
    written = write_pack(pack_of(hostile_everywhere()), FOLDER, ("html", "md"))
    page, text = written["html"].decode(), written["md"].decode()
    assert page.count("<script>") == 1
    assert "<script>alert" not in page
    assert "{{ 7*7 }}" in page
    assert r"\<script\>alert(1)\</script\>" in text
    assert "<script>" not in text


def test_the_page_fetches_nothing_and_lets_one_script_in():
    page = write_pack(pack_of(case_files.exposed_bucket()), FOLDER, ("html",))["html"].decode()
    outside = re.sub(r"https://creativecommons\.org/\S+", "", page)
    assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?!#)[a-z/]""", outside)
    assert "@import" not in page
    assert "url(" not in page
    assert "default-src 'none'" in page
    assert set(re.findall(r'href="#(\w+)"', page)) <= set(re.findall(r'id="(\w+)"', page))


def test_no_address_of_an_affected_person_gets_into_a_pack():
    canary = "canary-person@example.net"
    case = case_files.exposed_bucket()
    facts = case_files.facts_of(case_files.BUCKET.replace("Access logs show", f"{canary} wrote. Logs show"))
    case = replace(
        case,
        title=f"Letter to {canary}",
        facts=facts,
        decisions=(replace(case.decisions[-1], because=f"{canary} asked for it"),),
        drafts=tuple(replace(draft, text=f"Dear {canary}, write to dpo@rabta.example.org") for draft in case.drafts),
        timeline=tuple(replace(entry, text=f"{canary} called") for entry in case.timeline),
    )
    pack = pack_of(case, withdrawn_because=f"{canary} is no client", phase=Phase.WITHDRAWAL)
    written = write_pack(pack, FOLDER, ("html", "json", "md"))
    assert not any(canary.encode() in each for each in written.values())
    assert "dpo@rabta.example.org" in value(pack, 106)[0]


def test_what_still_holds_the_examples_words_is_missing():
    pack = pack_of(
        case_files.exposed_bucket(),
        organisation={**case_files.ORGANISATION, "legal_name": "Trego Tech (to adapt)"},
    )
    assert pack.by_id[12].state is AnswerState.MISSING
    assert "adapt organisation.yaml" in pack.by_id[12].from_where


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_are_in_the_language_of_the_pack(language):
    pack = pack_of(with_facts(DRILL), language=language)
    account = case_files.facts_of(DRILL).account[language]
    assert value(pack, 62)[0].startswith(account)
    quoted = "quoted as recorded, in whatever language that is: cause.detail, systems, protection.detail"
    assert pack.warnings == (() if language == "en" else (quoted,))


# The authorities' own forms.


@pytest.mark.parametrize("authority", FORMS)
def test_what_an_authoritys_form_asks_is_read_and_answered(authority):
    form = read_form(FOLDER, authority, TEMPLATE)
    assert form is not None
    pack = pack_of(case_files.exposed_bucket(), authority=authority, form=form)
    page = write_pack(pack, FOLDER, ("html", "md", "json"))
    assert form.name.encode() in page["md"].replace(b"\\", b"")
    assert len(json.loads(page["json"])["form"]["asks"]) == len(form.asks)
    for question in own_questions(form, pack.ctx):
        assert question.answer.source


def test_the_seven_described_forms_are_there():
    assert FORMS == ("DE-BY", "DE-NI", "DE-RP", "ES", "FR", "GB", "IE")


@pytest.mark.parametrize(
    ("authority", "says"), [("FR", "important"), ("IE", "high"), ("ES", "high"), ("DE-NI", "high")]
)
def test_severity_is_said_in_the_forms_own_words(authority, says):
    case = case_files.exposed_bucket()
    judgement = {**(case.judgement or {}), "severity": {"band": "high", "score": 3.4}}
    case = replace(case, assessments=(replace(case.assessments[-1], judgement=judgement),))
    form = read_form(FOLDER, authority, TEMPLATE)
    assert form is not None
    matter = pack_of(case, authority=authority, form=form).ctx
    assert any(question.answer.values == (says,) for question in own_questions(form, matter))


def test_spain_asks_for_the_number_and_the_declaration_of_whoever_files():
    form = read_form(FOLDER, "ES", TEMPLATE)
    assert pack_of(case_files.exposed_bucket(), form=form).by_id[25].visible
    assert not pack_of(case_files.exposed_bucket()).by_id[25].visible


def test_a_form_is_never_looked_for_outside_its_folder():
    assert read_form(FOLDER, "../edpb_fields", TEMPLATE) is None
    assert read_form(FOLDER, "DE-BE", TEMPLATE) is None


# What is refused.


def test_a_format_that_is_not_written_is_named_with_those_that_are():
    with pytest.raises(UnknownPackFormat, match="`pdf` is no format.*html, json, md"):
        write_pack(pack_of(case_files.exposed_bucket()), FOLDER, ("pdf",))


def test_a_condition_on_a_code_that_does_not_exist_is_refused(tmp_path: Path):
    folder = tmp_path / "authority"
    folder.mkdir()
    text = (FOLDER / "authority/edpb_fields.yaml").read_text(encoding="utf-8")
    (folder / "edpb_fields.yaml").write_text(text.replace("when: {3: [b], 4: [c]}", "when: {3: [b], 4: [z]}"))
    with pytest.raises(TemplateError, match="field 5 asks for z in field 4"):
        read_template(tmp_path)


def test_the_json_of_a_pack_is_plain(tmp_path: Path):
    assert json.loads(json.dumps(to_json(pack_of(case_files.exposed_bucket()))))["template"]["field_117"] == {
        "AT": 153, "DE": 811, "FR": 240,
    }  # fmt: skip
