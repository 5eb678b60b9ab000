"""Whose turn it is: always the first step that is missing, with the command that does it."""

from incidents.case.next_step import whose_turn
from incidents.casework.base.desk import find
from incidents.casework.case import assess_and_decide as judging
from incidents.casework.case import awareness, timeline
from incidents.casework.case import close as closing
from incidents.casework.case.awareness import AwarenessStatement
from incidents.casework.communication import settle as settling
from incidents.casework.filing.submission import FilingPhase
from incidents.queries.case_file import case_file
from incidents.storage.tables.communication import Message
from tests.standins.case_desk import (
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
    rows_of,
    verdict,
    wording,
)


def turn(desk, reference, at):
    with desk.store.read() as session:
        return whose_turn(case_file(session, find(session, reference), desk.zone, at))


def said(desk, reference, at):
    found = turn(desk, reference, at)
    return found.who, (found.command or "").replace(reference, "REF")


def test_from_suspicion_to_decision(sqlite_desk, now):
    desk = sqlite_desk
    reference = opened(desk, now)
    assert said(desk, reference, now) == ("responder", 'tocsin aware REF --at "..." --basis "..."')
    awareness.state_awareness(desk, RESPONDER, now, reference, AwarenessStatement(at=now, basis="logs"))
    assert said(desk, reference, now) == ("responder", "tocsin assess REF --file scope.yaml")
    judging.record_facts(desk, RESPONDER, now, reference, facts())
    assert turn(desk, reference, now).who == "DPO or lead"
    assert turn(desk, reference, now).command == (
        f'tocsin decide {reference} --authority notify --people notify --because "..."'
    ), "the proposal, as a command that can be copied"


def test_facts_known_before_awareness_need_no_second_file(sqlite_desk, now):
    reference = opened(sqlite_desk, now)
    judging.record_facts(sqlite_desk, RESPONDER, now, reference, facts())
    awareness.state_awareness(sqlite_desk, RESPONDER, now, reference, AwarenessStatement(at=now, basis="logs"))
    assert said(sqlite_desk, reference, now) == ("responder", "tocsin assess REF")


def test_from_decision_to_the_end(sqlite_desk, now):
    desk = sqlite_desk
    reference = decided(desk, now, facts(data_sets=[accounts(), ORDERS]))
    assert turn(desk, reference, now).words == "Tocsin: prepares the draft authority-initial"
    drafted(desk, now, reference, wording(kind="authority-initial", language="de", missing=("measures",)))
    assert said(desk, reference, now) == ("responder", "tocsin edit REF authority-initial.de --will-follow measures")
    drafted(desk, now, reference, wording(kind="authority-initial", language="de", will_follow=("measures",)))
    assert said(desk, reference, now) == ("second person", "tocsin preview REF authority-initial.de")
    approved(desk, now, reference, wording(kind="authority-initial", language="de", will_follow=("measures",)))
    assert said(desk, reference, now) == ("DPO or lead", 'tocsin submit REF --reference "..." --at "..."')
    filed(desk, now, reference)
    merchants_are_told(desk, now, reference)
    people_are_told(desk, now, reference)
    closes = ("DPO or lead", 'tocsin send REF people --list-complete --because "..."')
    assert said(desk, reference, now) == closes, "1,200 people, two letters"
    settling.close_gap(desk, DPO, now, reference, "the others closed their accounts and left no address")
    approved(desk, now, reference, wording(kind="authority-follow-up", language="de"))
    assert said(desk, reference, now)[1] == 'tocsin submit REF --phase follow-up --reference "..." --at "..."'
    filed(desk, now + HOUR, reference, phase=FilingPhase.FOLLOW_UP, complete=True)
    assert said(desk, reference, now) == ("responder", 'tocsin contain REF --at "..." --measure "..."')
    timeline.contain(desk, RESPONDER, now + HOUR, reference, at=now, measure="Policy withdrawn")
    assert said(desk, reference, now) == ("DPO or lead", "tocsin close REF")
    closing.close(desk, DPO, now + HOUR, reference)
    assert turn(desk, reference, now).words == "nobody: the case is closed"


def merchants_are_told(desk, now, reference):
    approved(desk, now, reference, wording(kind="controllers", recipients=0))
    assert said(desk, reference, now) == ("responder", "tocsin merchants import REF FILE.csv")
    merchants_listed(desk, now, reference, "m-1")
    approved(desk, now, reference, wording(kind="controllers", recipients_sha256="3" * 64))
    assert said(desk, reference, now) == ("DPO or lead", "tocsin send REF controllers --confirm REF:1")
    ordered(desk, now, reference, "controllers")
    assert said(desk, reference, now)[0] == "Tocsin"
    delivered(desk, now, reference)


def people_are_told(desk, now, reference):
    assert turn(desk, reference, now).words == "Tocsin: prepares the draft people"
    listed(desk, now, reference, "en", "de")
    approved(desk, now, reference, wording())
    drafted(desk, now, reference, wording(language="de"))
    assert said(desk, reference, now) == ("second person", "tocsin preview REF people.de")
    approved(desk, now, reference, wording(language="de"))
    assert said(desk, reference, now) == ("DPO or lead", "tocsin send REF people --confirm REF:2")
    ordered(desk, now, reference)
    delivered(desk, now, reference)


def test_what_need_not_be_told_is_nobodys_turn(sqlite_desk, now):
    reference = assessed(sqlite_desk, now)
    judging.decide(sqlite_desk, DPO, now, reference, verdict(authority=False, people=False))
    assert turn(sqlite_desk, reference, now).what == "record that it is contained"


def test_a_dismissed_case_is_nobodys_turn(sqlite_desk, now):
    reference = opened(sqlite_desk, now)
    closing.dismiss(sqlite_desk, DPO, now, reference, "nothing")
    assert turn(sqlite_desk, reference, now).words == "nobody: the case is dismissed"


def test_letters_whose_arrival_is_uncertain_wait_for_a_person_and_not_for_tocsin(sqlite_desk, now):
    desk = sqlite_desk
    reference = decided(desk, now, authority=False)
    listed(desk, now, reference, "en", "en", "en")
    approved(desk, now, reference, wording(recipients=3))
    ordered(desk, now, reference)
    first, second, third = rows_of(desk, Message)
    change(desk, Message, first.id, {"state": "uncertain", "next_try_at": None})
    assert said(desk, reference, now)[0] == "Tocsin", "two are still under way"
    change(desk, Message, second.id, {"state": "in_flight"})
    change(desk, Message, third.id, {"state": "uncertain"})
    assert said(desk, reference, now)[0] == "Tocsin", "one is still under way"
    change(desk, Message, second.id, {"state": "accepted", "settled_at": now})
    assert said(desk, reference, now) == (
        "DPO or lead",
        'tocsin send REF people --resend-uncertain --because "..."',
    )
