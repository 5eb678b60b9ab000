"""One case on one screen, in the order in which it matters: time left, who acts next and how, the law, the people.

No address is ever in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flows.cli import output
from flows.cli.views.deadline import in_case, to_whom
from incidents.assessment.awareness_indicators import AwarenessIndicator, indicators, on_record
from incidents.case.draft_obstacles import obstacles
from incidents.case.irregularities import irregularities
from incidents.case.message_machine import UNREACHED
from incidents.case.next_step import next_step
from incidents.case.spoken_of import changed_since
from incidents.deadlines.state_machine import DeadlineStatus
from incidents.deadlines.terms import DueKind
from incidents.kernel.timestamps import rfc3339
from incidents.law.duty_ids import AUTHORITY_FOLLOW_UP, AUTHORITY_INITIAL

if TYPE_CHECKING:
    from flows.cli.views.deadline import DeadlineView
    from incidents.case.case_file import CaseOverview, FilingLine, ObligationLine, TimelineLine
    from incidents.facts.breach import Facts
    from incidents.facts.values import Count

_FIRST = 3
"""Duties whose next deadline is shown; the others are counted."""


_LATEST = 3
"""Lines of the timeline that are shown unless all are asked for."""


def lines(case: CaseOverview, zone: ZoneInfo, *, timeline: bool = True) -> Iterator[str]:
    """Write a case for people; without *timeline* only its newest lines, so that all of it fits one screen."""
    exercise = "  EXERCISE" if case.exercise else ""
    yield output.coloured(f"{case.reference}  {case.codename}  {case.stage}{exercise}", None, bold=True)
    yield output.wrapped(f"{case.title}{f' ({case.system})' if case.system else ''}")
    yield ""
    yield from _time_left(case, zone)
    step = next_step(case)
    lead = f" (lead: {case.lead})" if case.lead else ""
    yield output.wrapped(f"{step.who}{lead}: {step.what}", first="Who acts    ")
    yield f"Next        {step.command or '-'}"
    yield ""
    yield from _law(case, zone)
    yield from _people(case)
    yield ""
    shown = case.timeline if timeline else case.timeline[-_LATEST:]
    newest = f"the newest {len(shown)} of {len(case.timeline)}; all: tocsin show {case.reference} --timeline"
    yield f"Timeline    {newest}" if len(shown) < len(case.timeline) else "Timeline"
    for line in shown:
        yield from _entry(line, zone)
    yield ""
    yield f"version {case.version} · facts version {case.facts_version or '-'} · audit entry {case.audit_seq}"


def _time_left(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    """Show the deadlines that come first, each duty of each law once: 2,000 merchants must not hide the authority."""
    duties: dict[tuple[str, str], list[DeadlineView]] = {}
    for deadline in in_case(case):
        if deadline.is_open:
            duties.setdefault((deadline.regime, deadline.duty), []).append(deadline)
    if not duties:
        yield "Time left   nothing is owed"
    groups = list(duties.values())
    for index, group in enumerate(groups[:_FIRST]):
        soonest = group[0]
        symbol, word, colour = soonest.sign
        left = output.coloured(f"{symbol} {word}, {output.time_left(soonest.due_at, case.as_of)}", colour, bold=True)
        first = " (the first of them)" if group[-1].due_at > soonest.due_at else ""
        yield f"{'Time left' if index == 0 else '':<11} {left}"
        yield output.wrapped(f"{soonest.title} → {to_whom(group)}", first=" " * 12)
        yield f"{'':<11} due {output.both(soonest.due_at, zone)}{soonest.kind_of_due(12)}{first}"
    more = sum(map(len, groups[_FIRST:]))
    if more:
        yield f"{'':<11} and {more} more: tocsin deadlines {case.reference}"


def _law(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    """Aware? assessed? decided? filed? told? contained?"""
    aware = case.awareness[-1] if case.awareness else None
    yield f"Detected    {output.both(case.detected_at, zone)}"
    yield f"Aware       {output.both(aware.aware_at, zone) if aware else 'not stated: no legal clock runs yet'}"
    if aware:
        yield output.wrapped(aware.basis, first=" " * 12)
    for indicator in _indicators(case):
        when = output.both(indicator.at, zone)
        earlier = output.wrapped(f"! perhaps earlier, {when}: {indicator.words}", first=" " * 12)
        yield output.coloured(earlier, "yellow", bold=True)
    judged = case.judgement
    yield f"Assessed    {_assessed(judged) if judged else 'no'}"
    yield output.wrapped(_decided(case), first="Decided     ")
    yield output.wrapped(_filed(case, zone), first="Filed       ")
    yield from _left_open(case)
    yield from _loud(case)
    yield output.wrapped(_notified(case), first="Notified    ")
    yield from _stopped(case, zone)
    yield f"Contained   {output.both(case.contained_at, zone) if case.contained_at else 'no'}"


def _indicators(case: CaseOverview) -> tuple[AwarenessIndicator, ...]:
    """What suggests that awareness began earlier, on the timeline and in the facts."""
    return indicators(on_record(case.timeline, case.facts), case.aware_at, case.as_of)


def _assessed(judged: dict[str, Any]) -> str:
    scored = judged["severity"]
    return f"proposed {judged['risk'].upper()}; ENISA {scored['score']} {scored['band'].replace('_', ' ')}"


def _decided(case: CaseOverview) -> str:
    decision = case.decision
    if decision is None:
        earlier = case.earlier_decision
        if earlier is None:
            return "no"
        return f"no: the decision by {earlier.author} counts no longer (reopened since); decide again"
    authority = "notify the authority" if decision.notify_authority else "authority not required"
    people = "tell the people" if decision.notify_people else "people not required"
    ground = f" ({decision.exception})" if decision.exception else ""
    # A decision is one on a version of the facts: what changed later was not before the person who decided.
    again = "; facts changed since, decide again" if decision.facts_version != case.facts_version else ""
    return f"{authority}, {people}{ground}, by {decision.author}{again}"


def _filed(case: CaseOverview, zone: ZoneInfo) -> str:
    filings = [(row, filing) for row in case.obligations for filing in row.filings]
    if not filings:
        return "no"
    return "; ".join(
        f"{_report(row, filing)} {filing.reference} ({row.recipient.id}), {output.local(filing.filed_at, zone)}"
        f"{_lateness(row, filing)}"
        for row, filing in sorted(filings, key=lambda pair: pair[1].filed_at)
    )


def _report(row: ObligationLine, filing: FilingLine) -> str:
    """Which filing it was; a report of its own after the first is called by its title."""
    # An early warning under NIS2 is the first filing of its duty, but "initial" would read as that of Art. 33 GDPR.
    own = filing.phase == "initial" and row.terms.duty not in {AUTHORITY_INITIAL, AUTHORITY_FOLLOW_UP}
    return row.terms.title if own else filing.phase.replace("_", "-")


def _lateness(row: ObligationLine, filing: FilingLine) -> str:
    if filing.phase != "initial" or row.status is not DeadlineStatus.MET_LATE:
        return ""
    # A missed target of ours is no lateness in law, and asks for no reasons under Art. 33(1).
    return " after our own target" if row.terms.due_kind is DueKind.INTERNAL else " LATE"


def _left_open(case: CaseOverview) -> Iterator[str]:
    """What authorities were not given yet (Art. 33(4) GDPR), once for those who lack the same."""
    recipients_of: dict[tuple[str, ...], list[str]] = {}
    for deadline in in_case(case):
        if deadline.open_lines():
            recipients_of.setdefault(deadline.open_lines(), []).append(deadline.recipient)
    for index, (lines_of, who) in enumerate(recipients_of.items()):
        text = f"{', '.join(who)}: {'; '.join(lines_of)}"
        yield output.wrapped(text, first="Still owed  " if index == 0 else " " * 12, rest=" " * 12)


def _loud(case: CaseOverview) -> Iterator[str]:
    """What must not be missed of texts and filings: stale texts, approvals by one person alone, what was confirmed."""
    loud = [*_stale(case), *irregularities(case)]
    for line in loud:
        yield output.coloured(output.wrapped(f"! {line}", first=" " * 12, rest=" " * 14), "yellow", bold=True)


def _stale(case: CaseOverview) -> Iterator[str]:
    """Which texts speak of a record that has changed, in one line; `drafts` says of each what."""
    found = {draft.id: obstacles(case, draft) for draft in case.drafts if not case.is_lifted(draft.kind)}
    names = [name for name, what in found.items() if what and what[0].kind == "stale"]
    if names:
        changes = dict.fromkeys(
            changed for line in case.drafts if line.id in names for changed in changed_since(case, line)
        )
        yield f"STALE {output.many(len(names), 'text')} ({', '.join(names)}): {'; '.join(changes)}"
    for name, what in found.items():
        yield from (f"{name} {obstacle.what}" for obstacle in what if obstacle.kind == "conflict")


def _notified(case: CaseOverview) -> str:
    notified = []
    for letters in case.ledger:
        states = ", ".join(f"{count} {state.replace('_', ' ')}" for state, count in sorted(letters.states.items()))
        notified.append(f"{letters.kind} ({letters.language}): {states}")
    return "; ".join(notified) or "nobody yet"


def _stopped(case: CaseOverview, zone: ZoneInfo) -> Iterator[str]:
    """What keeps letters from going out, and how many reached nobody."""
    if case.hold is not None:
        stopped = f"! letters stopped by {case.hold.person}, {output.local(case.hold.at, zone)}: {case.hold.because}"
        yield output.coloured(output.wrapped(stopped, first=" " * 12), "yellow", bold=True)
    if case.pause is not None and case.ledger:
        until = f"until {output.local(case.pause.until, zone)}"
        words = "the mail provider refuses our key or settings" if case.pause.refused else f"mail is paused {until}"
        yield output.coloured(output.wrapped(f"! {words}: {case.pause.because}", first=" " * 12), "yellow", bold=True)
    for kind, group in (("people", "people"), ("controllers", "merchants")):
        count = sum(line.states.get(state, 0) for line in case.ledger if line.kind == kind for state in UNREACHED)
        if count:
            found = f"{output.many(count, 'letter')} ({kind}) reached nobody, or may not have"
            yield output.wrapped(f"{found}: tocsin {group} unreached {case.reference}", first=" " * 12)


def _people(case: CaseOverview) -> Iterator[str]:
    facts = case.facts
    yield ""
    if facts is None:
        yield "People      not known yet"
        return
    for data_set in facts.data_sets:
        role = data_set.role.value.replace("_", " ")
        yield output.wrapped(f"{_number(data_set.people)} as {role}: {data_set.name}", first="People      ")
        yield output.wrapped(f"{', '.join(data_set.kinds)}{_sensitive(facts, data_set.name)}", first=" " * 12)
    listed = f"on the lists: people {case.people_imported}, merchants {len(case.merchants)}"
    yield f"            {listed}"


def _number(count: Count) -> str:
    if not count.is_known:
        return "an unknown number"
    if count.least == count.most:
        return f"{'about ' if count.estimate else ''}{count.least}"
    return f"{count.least if count.least is not None else 0} to {count.most if count.most is not None else 'unknown'}"


def _sensitive(facts: Facts, name: str) -> str:
    data_set = next(touched for touched in facts.data_sets if touched.name == name)
    marks = [
        mark
        for mark, answer in (
            ("special categories", data_set.special_categories),
            ("vulnerable people", data_set.vulnerable),
        )
        if answer.value == "yes"
    ]
    return f"  ({', '.join(marks)})" if marks else ""


def _entry(line: TimelineLine, zone: ZoneInfo) -> Iterator[str]:
    proof = f"  [{line.evidence_name}, sha256 {line.evidence_sha256[:12]}]" if line.evidence_sha256 else ""
    yield f"  {output.local(line.at, zone)}  {line.kind.replace('_', ' ')} by {line.author}"
    yield output.wrapped(f"{line.text}{proof}", first="    ")


def as_json(case: CaseOverview) -> dict[str, Any]:
    """Write a case for programs."""
    step = next_step(case)
    still = [deadline for deadline in in_case(case) if deadline.is_open]
    return {
        "ref": case.reference,
        "codename": case.codename,
        "title": case.title,
        "system": case.system,
        "stage": case.stage,
        "exercise": case.exercise,
        "version": case.version,
        "lead": case.lead,
        "opened_at": rfc3339(case.opened_at),
        "opened_by": case.opened_by,
        "occurred_at": rfc3339(case.occurred_at),
        "first_signal_at": rfc3339(case.first_signal_at),
        "detected_at": rfc3339(case.detected_at),
        "aware_at": rfc3339(case.aware_at),
        "contained_at": rfc3339(case.contained_at),
        "closed_at": rfc3339(case.closed_at),
        "dismissed_because": case.dismissed_because,
        "next_deadline": still[0].as_json(case.as_of) if still else None,
        "next_step": {"who": step.who, "what": step.what, "command": step.command},
        "awareness": [asdict(statement) for statement in case.awareness],
        "awareness_indicators": [
            {"at": rfc3339(indicator.at), "kind": indicator.kind, "words": indicator.words}
            for indicator in _indicators(case)
        ],
        "facts": case.facts.model_dump(mode="json") if case.facts else None,
        "facts_version": case.facts_version,
        "judgement": case.judgement,
        "decision": asdict(case.decision) if case.decision else None,
        # The same keys as `deadlines --json`: a script reads both with one reader.
        "deadlines": [deadline.as_json(case.as_of) for deadline in in_case(case)],
        "filings": [{"obligation": row.key, **asdict(filing)} for row in case.obligations for filing in row.filings],
        "drafts": [
            # Without the texts: `preview --json` gives them, one draft at a time.
            {"draft": draft.id, "version": draft.version, "sha256": draft.sha256, "recipients": draft.recipients,
             "missing": list(draft.missing), "approved_by": draft.approved_by,
             "obstacles": [found.what for found in obstacles(case, draft)]}
            for draft in case.drafts
        ],
        "irregularities": list(irregularities(case)),
        "letters": [asdict(count) for count in case.ledger],
        "people_listed": case.people_imported,
        "merchants": [asdict(merchant) for merchant in case.merchants],
        "timeline": [asdict(entry) for entry in case.timeline],
        "audit": {"seq": case.audit_seq, "head": case.audit_head},
    }  # fmt: skip
