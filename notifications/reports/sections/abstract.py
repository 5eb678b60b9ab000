"""The case in a few sentences, for a reader who reads nothing else. They name roles, never people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from incidents.case.case_file import CaseFile, ObligationLine
from incidents.case.first_notifications import first_duties, first_duty, in_time, initial_filing, other_duties
from incidents.case.message_machine import WENT_OUT
from incidents.deadlines.state_machine import SETTLED, DeadlineStatus
from incidents.facts.totals import people_of
from incidents.register.row import reached
from notifications.reports.words import ReportWords

_LATE: Final = frozenset({DeadlineStatus.OVERDUE, DeadlineStatus.MET_LATE})
# None: filed under a duty for which the law sets no time, so neither in time nor late.
_FILED: Final = {True: "_in_time", False: "_late", None: ""}
# What somebody still has to do, or has to explain; it stands beside the first sentence.
_PRESSING: Final = frozenset({"open", "open_target", "overdue", "filed_late"})


def abstract(case: CaseFile, words: ReportWords, organisation: str) -> tuple[str, ...]:
    """Tell the case in paragraphs: the clock's outcome, what happened when, other authorities, whom it concerns.

    Beside the outcome stands only what is late or still to be done about another authority.
    """
    duty = first_duty(case)
    course = (
        words.say("abstract.detected", detected_at=case.detected_at, opened_at=case.opened_at),
        *_contained(case, words),
        *_aware(case, words, organisation),
    )
    people = (*_scale(case, words), *_decided(case, words), *_people(case, words), *_merchants(case, words))
    pressing = [sentence for state, sentence in _others(case, words) if state in _PRESSING]
    at_rest = [sentence for state, sentence in _others(case, words) if state not in _PRESSING]
    return (
        " ".join((outcome(case, duty, words), *pressing)),
        " ".join(course),
        *((" ".join(at_rest),) if at_rest else ()),
        " ".join((*people, *_ended(case, words))),
    )


def outcome(case: CaseFile, duty: ObligationLine | None, words: ReportWords) -> str:
    """Say first what everybody asks first: was the authority notified, and in time?"""
    if duty is None:
        return words.say("abstract.no_obligation")
    return _authority(case, duty, words)


def tone(case: CaseFile) -> str:
    """Say how the outcome looks: ``good`` when met or not required, ``alarm`` when late, ``open`` while one runs.

    Nothing is late by a target of our own.
    """
    duties = first_duties(case)
    if any(duty.status in _LATE and not duty.is_own_target for duty in duties):
        return "alarm"
    # Also where there is none: a breach that nobody has to be told of is no open matter.
    return "good" if all(duty.status in SETTLED for duty in duties) else "open"


def _scale(case: CaseFile, words: ReportWords) -> Iterator[str]:
    if case.facts is None:
        if not case.dismissed_because:
            yield words.say("abstract.no_facts")
        return
    for role, sets in (("controller", case.facts.as_controller), ("processor", case.facts.as_processor)):
        if sets:
            yield words.say(f"abstract.people_{role}", number=words.count(people_of(sets)))


def _aware(case: CaseFile, words: ReportWords, organisation: str) -> Iterator[str]:
    if case.aware_at:
        yield words.say("abstract.aware", organisation=organisation, aware_at=case.aware_at)
    elif case.closed_at is None:
        yield words.say("abstract.not_aware")


def _authority(case: CaseFile, duty: ObligationLine, words: ReportWords) -> str:
    filing = initial_filing(duty)
    authority, due_at = duty.recipient.name, duty.due_at
    if filing is None:
        key = "target_open" if duty.is_own_target and duty.status not in SETTLED else f"authority_{duty.status.value}"
        return words.say(f"abstract.{key}", authority=authority, due_at=due_at)
    # From awareness, from which the law counts (Art. 33(1) GDPR); without one on record, from what started this clock.
    counted_from = case.aware_at or duty.started_at
    order = "before_awareness" if filing.filed_at < counted_from else "after_awareness"
    used = words.say(f"abstract.{order}", apart=words.apart(counted_from, filing.filed_at))
    left = words.apart(filing.filed_at, due_at)
    key = f"abstract.filed{_FILED[in_time(duty)]}"
    return words.say(key, authority=authority, filed_at=filing.filed_at, due_at=due_at, used=used, left=left)


def _others(case: CaseFile, words: ReportWords) -> Iterator[tuple[str, str]]:
    """Say for each authority beside the first what became of the obligation to it, with its law."""
    for duty in other_duties(case):
        # Nothing is owed to another authority before awareness, nor after a dismissal.
        if duty.provisional or duty.status is DeadlineStatus.DISMISSED:
            continue
        filing = initial_filing(duty)
        state = _state(duty)
        sentence = words.say(
            f"abstract.other_{state}",
            authority=duty.recipient.name,
            law=duty.terms.citation.article,
            due_at=duty.due_at,
            filed_at=filing.filed_at if filing else "",
            left=words.apart(filing.filed_at, duty.due_at) if filing else "",
        )
        yield state, sentence


def _state(duty: ObligationLine) -> str:
    """Name the sentence that fits: filed, with or without a time that counts; waived; open or overdue."""
    if initial_filing(duty) is not None:
        return f"filed{_FILED[in_time(duty)]}"
    if duty.status in SETTLED:
        return "waived" if duty.status is DeadlineStatus.WAIVED else "met"
    if duty.is_own_target:
        return "open_target"
    return "overdue" if duty.status is DeadlineStatus.OVERDUE else "open"


def _contained(case: CaseFile, words: ReportWords) -> Iterator[str]:
    if case.contained_at:
        # A processor may have contained it before we heard of it.
        order = "contained" if case.contained_at >= case.detected_at else "contained_before"
        apart = words.apart(case.detected_at, case.contained_at)
        yield words.say(f"abstract.{order}", contained_at=case.contained_at, apart=apart)
    elif case.closed_at is None:
        yield words.say("abstract.not_contained")


def _decided(case: CaseFile, words: ReportWords) -> Iterator[str]:
    if case.judgement:
        yield words.say("abstract.risk", risk=words.term("risk", str(case.judgement.get("risk", "unknown"))))
    if case.decision is None and case.closed_at is None:
        yield words.say("abstract.undecided")


def _people(case: CaseFile, words: ReportWords) -> Iterator[str]:
    counts = [count for count in case.ledger if count.kind == "people"]
    start = min((count.first_sent_at for count in counts if count.first_sent_at), default=None)
    if start:
        total = sum(count.total for count in counts)
        yield words.say("abstract.people_told", count=total, begun_at=start, accepted=reached(counts, WENT_OUT))
    elif case.decision:
        yield words.say("abstract.people_pending" if case.decision.notify_people else "abstract.people_not_told")


def _merchants(case: CaseFile, words: ReportWords) -> Iterator[str]:
    if case.merchants:
        notified = sum(1 for merchant in case.merchants if merchant.sent_at)
        yield words.say("abstract.merchants", count=len(case.merchants), told=notified)


def _ended(case: CaseFile, words: ReportWords) -> Iterator[str]:
    if case.closed_at:
        key = "abstract.dismissed" if case.dismissed_because else "abstract.closed"
        yield words.say(key, closed_at=case.closed_at)
    else:
        yield words.say("abstract.open", as_of=case.as_of)
