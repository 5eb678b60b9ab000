"""The case in a few sentences: what a reader must know who reads nothing else.

Knows which sentence fits the state of a case; roles speak here, never names of people.
"""

from __future__ import annotations

from collections.abc import Iterator

from incidents.casefile import CaseFile, ObligationFile
from incidents.deadlines import Standing
from incidents.register import REACHED, first_duty, initial_filing, reached
from incidents.totals import people_of
from notifications.papers.wording import Words


def abstract(case: CaseFile, words: Words, organisation: str) -> tuple[str, ...]:
    """Tell the case in three paragraphs: the clock's outcome, what happened when, whom it concerns and who knows."""
    duty = first_duty(case)
    course = (
        words.say("abstract.detected", detected_at=case.detected_at, opened_at=case.opened_at),
        *_contained(case, words),
        *_aware(case, words, organisation),
    )
    people = (*_scale(case, words), *_decided(case, words), *_people(case, words), *_merchants(case, words))
    return (outcome(case, duty, words), " ".join(course), " ".join((*people, *_ended(case, words))))


def outcome(case: CaseFile, duty: ObligationFile | None, words: Words) -> str:
    """Say first what everybody asks first: was the authority told, and in time?"""
    if duty is None:
        return words.say("abstract.nothing_owed")
    return _authority(case, duty, words)


def tone(case: CaseFile) -> str:
    """Say how the outcome looks: ``good`` when met or not owed, ``alarm`` when late, ``open`` while it runs."""
    duty = first_duty(case)
    standing = duty.standing if duty else Standing.WAIVED
    if standing in {Standing.OVERDUE, Standing.MET_LATE}:
        return "alarm"
    return "good" if standing in {Standing.MET, Standing.WAIVED, Standing.DISMISSED} else "open"


def _scale(case: CaseFile, words: Words) -> Iterator[str]:
    if case.facts is None:
        if not case.dismissed_because:
            yield words.say("abstract.no_facts")
        return
    for role, sets in (("controller", case.facts.as_controller), ("processor", case.facts.as_processor)):
        if sets:
            yield words.say(f"abstract.people_{role}", number=words.count(people_of(sets)))


def _aware(case: CaseFile, words: Words, organisation: str) -> Iterator[str]:
    if case.aware_at:
        yield words.say("abstract.aware", organisation=organisation, aware_at=case.aware_at)
    elif case.closed_at is None:
        yield words.say("abstract.not_aware")


def _authority(case: CaseFile, duty: ObligationFile, words: Words) -> str:
    filing = initial_filing(duty)
    authority, due_at = duty.recipient.name, duty.due_at
    if filing is None:
        return words.say(f"abstract.authority_{duty.standing.value}", authority=authority, due_at=due_at)
    key = "abstract.filed_in_time" if filing.filed_at <= due_at else "abstract.filed_late"
    used = words.apart(case.aware_at or duty.started_at, filing.filed_at)
    left = words.apart(filing.filed_at, due_at)
    return words.say(key, authority=authority, filed_at=filing.filed_at, due_at=due_at, used=used, left=left)


def _contained(case: CaseFile, words: Words) -> Iterator[str]:
    if case.contained_at:
        after = words.apart(case.detected_at, case.contained_at)
        yield words.say("abstract.contained", contained_at=case.contained_at, after=after)
    elif case.closed_at is None:
        yield words.say("abstract.not_contained")


def _decided(case: CaseFile, words: Words) -> Iterator[str]:
    if case.judgement:
        yield words.say("abstract.risk", risk=words.term("risk", str(case.judgement.get("risk", "unknown"))))
    if case.decision is None and case.closed_at is None:
        yield words.say("abstract.undecided")


def _people(case: CaseFile, words: Words) -> Iterator[str]:
    counts = [each for each in case.ledger if each.kind == "people"]
    begun = min((each.first_sent_at for each in counts if each.first_sent_at), default=None)
    if begun:
        total = sum(each.total for each in counts)
        yield words.say("abstract.people_told", count=total, begun_at=begun, accepted=reached(counts, REACHED))
    elif case.decision:
        yield words.say("abstract.people_pending" if case.decision.notify_people else "abstract.people_not_told")


def _merchants(case: CaseFile, words: Words) -> Iterator[str]:
    if case.merchants:
        told = sum(1 for each in case.merchants if each.sent_at)
        yield words.say("abstract.merchants", count=len(case.merchants), told=told)


def _ended(case: CaseFile, words: Words) -> Iterator[str]:
    if case.closed_at:
        key = "abstract.dismissed" if case.dismissed_because else "abstract.closed"
        yield words.say(key, closed_at=case.closed_at)
    else:
        yield words.say("abstract.open", as_of=case.as_of)
