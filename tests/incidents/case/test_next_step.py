"""Whose turn it is: always the first step that is missing, with the command that does it."""

from incidents.case.next_step import next_step
from incidents.casework.case import assess_and_decide, awareness, timeline
from incidents.casework.case import close as close_case
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.communication import settle
from incidents.casework.filing.submission import FilingPhase
from incidents.storage.tables.communication import Message
from tests.builders.casework import (
    DPO,
    HOUR,
    ORDERS,
    RESPONDER,
    accounts,
    approved,
    assessed,
    change,
    decided,
    delivered,
    drafted,
    facts,
    filed,
    listed,
    merchants_listed,
    opened,
    ordered,
    picture,
    rows_of,
    verdict,
    wording,
)


def turn(ctx, reference, at):
    return next_step(picture(ctx, reference, at))


def said(ctx, reference, at):
    found = turn(ctx, reference, at)
    return found.who, (found.command or "").replace(reference, "REF")


def test_from_suspicion_to_decision(sqlite_ctx, now):
    ctx = sqlite_ctx
    reference = opened(ctx, now)
    assert said(ctx, reference, now) == ("responder", 'tocsin aware REF --at "..." --basis "..."')
    awareness.state_awareness(ctx, RESPONDER, now, reference, AwarenessStatement(at=now, basis="logs"))
    assert said(ctx, reference, now) == ("responder", "tocsin assess REF --file scope.yaml")
    assess_and_decide.record_facts(ctx, RESPONDER, now, reference, facts())
    assert turn(ctx, reference, now).who == "DPO or lead"
    assert turn(ctx, reference, now).command == (
        f'tocsin decide {reference} --authority notify --people notify --because "..."'
    ), "the proposal, as a command that can be copied"


def test_facts_known_before_awareness_need_no_second_file(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    assess_and_decide.record_facts(sqlite_ctx, RESPONDER, now, reference, facts())
    awareness.state_awareness(sqlite_ctx, RESPONDER, now, reference, AwarenessStatement(at=now, basis="logs"))
    assert said(sqlite_ctx, reference, now) == ("responder", "tocsin assess REF")


def test_from_decision_to_the_end(sqlite_ctx, now):
    ctx = sqlite_ctx
    reference = decided(ctx, now, facts(data_sets=[accounts(), ORDERS]))
    assert turn(ctx, reference, now).words == "Tocsin: prepares the draft authority-initial"
    drafted(ctx, now, reference, wording(kind="authority-initial", language="de", missing=("measures",)))
    assert said(ctx, reference, now) == ("responder", "tocsin edit REF authority-initial.de --will-follow measures")
    drafted(ctx, now, reference, wording(kind="authority-initial", language="de", will_follow=("measures",)))
    assert said(ctx, reference, now) == ("second person", "tocsin preview REF authority-initial.de")
    approved(ctx, now, reference, wording(kind="authority-initial", language="de", will_follow=("measures",)))
    assert said(ctx, reference, now) == ("DPO or lead", 'tocsin submit REF --reference "..." --at "..."')
    filed(ctx, now, reference)
    merchants_are_told(ctx, now, reference)
    people_are_told(ctx, now, reference)
    closes = ("DPO or lead", 'tocsin send REF people --list-complete --because "..."')
    assert said(ctx, reference, now) == closes, "1,200 people, two letters"
    settle.fulfil_from_coverage(ctx, DPO, now, reference, "the others closed their accounts and left no address")
    approved(ctx, now, reference, wording(kind="authority-follow-up", language="de"))
    assert said(ctx, reference, now)[1] == 'tocsin submit REF --phase follow-up --reference "..." --at "..."'
    filed(ctx, now + HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    assert said(ctx, reference, now) == ("responder", 'tocsin contain REF --at "..." --measure "..."')
    timeline.contain(ctx, RESPONDER, now + HOUR, reference, at=now, measure="Policy withdrawn")
    assert said(ctx, reference, now) == ("DPO or lead", "tocsin close REF")
    close_case.close(ctx, DPO, now + HOUR, reference)
    assert turn(ctx, reference, now).words == "nobody: the case is closed"


def merchants_are_told(ctx, now, reference):
    approved(ctx, now, reference, wording(kind="controllers", recipients=0))
    assert said(ctx, reference, now) == ("responder", "tocsin merchants import REF FILE.csv")
    merchants_listed(ctx, now, reference, "m-1")
    approved(ctx, now, reference, wording(kind="controllers", recipients_sha256="3" * 64))
    assert said(ctx, reference, now) == ("DPO or lead", "tocsin send REF controllers --confirm REF:1")
    ordered(ctx, now, reference, "controllers")
    assert said(ctx, reference, now)[0] == "Tocsin"
    delivered(ctx, now, reference)


def people_are_told(ctx, now, reference):
    assert turn(ctx, reference, now).words == "Tocsin: prepares the draft people"
    listed(ctx, now, reference, "en", "de")
    drafted(ctx, now, reference, wording(language="de"))
    approved(ctx, now, reference, wording())
    assert said(ctx, reference, now) == ("second person", "tocsin preview REF people.de")
    approved(ctx, now, reference, wording(language="de"))
    assert said(ctx, reference, now) == ("DPO or lead", "tocsin send REF people --confirm REF:2")
    ordered(ctx, now, reference)
    delivered(ctx, now, reference)


def test_what_need_not_be_told_is_nobodys_turn(sqlite_ctx, now):
    reference = assessed(sqlite_ctx, now)
    assess_and_decide.decide(sqlite_ctx, DPO, now, reference, verdict(authority=False, people=False))
    assert turn(sqlite_ctx, reference, now).what == "record that it is contained"


def test_a_dismissed_case_is_nobodys_turn(sqlite_ctx, now):
    reference = opened(sqlite_ctx, now)
    close_case.dismiss(sqlite_ctx, DPO, now, reference, "nothing")
    assert turn(sqlite_ctx, reference, now).words == "nobody: the case is dismissed"


def test_letters_whose_arrival_is_uncertain_wait_for_a_person_and_not_for_tocsin(sqlite_ctx, now):
    ctx = sqlite_ctx
    reference = decided(ctx, now, authority=False)
    listed(ctx, now, reference, "en", "en", "en")
    approved(ctx, now, reference, wording(recipients=3))
    ordered(ctx, now, reference)
    first, second, third = rows_of(ctx, Message)
    change(ctx, Message, first.id, {"state": "uncertain", "next_try_at": None})
    assert said(ctx, reference, now)[0] == "Tocsin", "two are still under way"
    change(ctx, Message, second.id, {"state": "in_flight"})
    change(ctx, Message, third.id, {"state": "uncertain"})
    assert said(ctx, reference, now)[0] == "Tocsin", "one is still under way"
    change(ctx, Message, second.id, {"state": "accepted", "settled_at": now})
    assert said(ctx, reference, now) == ("DPO or lead", "tocsin people unreached REF")
