"""Of what record a draft speaks, and what of it has changed since: an approval binds to the facts as well as to words.

What is compared is what a reader of that kind of text could see: a letter to people says nothing of a decision's
reasons, a first notification nothing of other filings. So a change voids what it makes untrue and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from incidents.case.case_file import CaseOverview, DraftLine, ObligationLine
from incidents.case.draft_kinds import AUTHORITY_INITIAL, CONTROLLERS, PEOPLE, TO_AUTHORITY, duty_of
from incidents.case.facts_changes import facts_changes
from incidents.case.message_machine import UNDER_WAY, WENT_OUT, MessageState
from incidents.deadlines.state_machine import STARTED, DeadlineStatus
from incidents.kernel.timestamps import rfc3339
from incidents.law.model import Threshold
from incidents.obligations.recipients import RecipientKind

SpokenOf = dict[str, Any]
"""Plain values, as a row keeps them."""
_VERSION: Final = "facts_version"
"""Shown, not compared: the same facts recorded again change no text."""
_NOT_TOLD: Final = frozenset({DeadlineStatus.PROVISIONAL, DeadlineStatus.WAIVED, DeadlineStatus.DISMISSED})


def spoken_of(case: CaseOverview, kind: str, addressees: Iterable[str] = ()) -> SpokenOf:
    """Give what a text of this kind speaks of now; *addressees* are the keys of what a text to authorities fulfils."""
    facts = case.facts
    spoken: SpokenOf = {
        _VERSION: case.facts_version,
        # Without what is left at its default: a question that a later version asks is no change of the facts.
        "facts": facts.model_dump(mode="json", exclude_defaults=True) if facts else None,
        # What the facts say goes before what was stated when the case was opened.
        "occurred_at": None if facts and facts.occurred_from else rfc3339(case.occurred_at),
        "contained_at": rfc3339(case.contained_at),
    }
    if kind == PEOPLE:
        # A letter tells of no decision; but that people are told at all is decided.
        spoken["decision"] = {"people": case.decision.notify_people} if case.decision else None
        return spoken
    spoken["aware_at"] = rfc3339(case.aware_at)
    if kind in TO_AUTHORITY:
        spoken |= _for_authorities(case, kind, frozenset(addressees))
    return spoken


def _for_authorities(case: CaseOverview, kind: str, keys: frozenset[str]) -> SpokenOf:
    decision = case.decision
    rows = [row for row in case.obligations if row.key in keys and row.status not in _NOT_TOLD]
    late = sorted(row.key for row in rows if _asks_for_reasons(row))
    return {
        "decision": {
            "authority": decision.notify_authority,
            "people": decision.notify_people,
            "exception": decision.exception,
            "because": decision.because,
        }
        if decision
        else None,
        "told": _told(case),
        "made_public": [
            rfc3339(row.met_at)
            for row in case.obligations
            if row.terms.threshold is Threshold.DISPROPORTIONATE_EFFORT and row.met_at
        ],
        "due": {row.key: rfc3339(row.due_at) for row in rows},
        "late": late,
        # Reasons that are recorded while there is time still stand in no text.
        "late_reasons": {key: text for key, text in case.late_reasons.items() if key in late},
        # A first notification does not speak of filings: one with the first of several authorities must not void it.
        "filings": [f"{filing.phase} {filing.reference}" for row in case.obligations for filing in row.filings]
        if kind != AUTHORITY_INITIAL
        else [],
    }


def _asks_for_reasons(row: ObligationLine) -> bool:
    """Whether what goes out now is late by law, so that its reasons are asked (Art. 33(1), second sentence, GDPR)."""
    # OVERDUE alone: what was met late has its reasons on record, and a provisional clock is no law's.
    return row.terms.late_needs_reasons and row.is_told_by_draft and row.status is DeadlineStatus.OVERDUE


def _told(case: CaseOverview) -> SpokenOf:
    """How far the people are told: not at all, under way, or all of them and how many.

    The number counts once nothing is under way: each letter of a hundred thousand would void a text anew.
    """
    states: dict[str, int] = {}
    for line in (line for line in case.ledger if line.kind == PEOPLE):
        for state, count in line.states.items():
            states[state] = states.get(state, 0) + count
    accepted = sum(count for state, count in states.items() if state in WENT_OUT)
    if any(states.get(state) for state in UNDER_WAY - {MessageState.UNCERTAIN}):
        return {"state": "under_way"}
    return {"state": "told", "count": accepted} if accepted else {"state": "not_told"}


def changed_since(case: CaseOverview, draft: DraftLine) -> tuple[str, ...]:
    """Say what has changed since a draft was composed; nothing where it still speaks of the record as it is.

    A text whose letters were ordered, or whose duty is done, is history and goes stale no more.
    """
    if draft.was_sent or case.stage in {"closed", "dismissed"} or not _is_to_be_used(case, draft):
        return ()
    newest = draft.speaks_of[-1] if draft.speaks_of else None
    changes: tuple[str, ...] = ()
    if newest is not None and not any(_same(known, _now(case, draft, known)) for known in draft.speaks_of):
        changes = tuple(_changes(case, newest, _now(case, draft, newest)))
    return (*changes, *_list_changes(case, draft), *_new_addressees(case, draft))


def _is_to_be_used(case: CaseOverview, draft: DraftLine) -> bool:
    duty = duty_of(draft.kind)
    rows = [row for row in case.obligations if row.terms.duty == duty and row.is_told_by_draft]
    if draft.kind not in TO_AUTHORITY:
        # Letters may be owed by the decision alone, where no law that is switched on has a row for it.
        return not rows or any(row.status in STARTED for row in rows)
    # Its own addressees count: one that was told has had this text, whoever is still to be told by another.
    return any(row.status in STARTED for row in rows if speaks_of_obligation(draft, row.key) or not draft.speaks_of)


def _now(case: CaseOverview, draft: DraftLine, known: Mapping[str, Any]) -> SpokenOf:
    return spoken_of(case, draft.kind, known.get("due", ()))


def _same(known: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    return {**known, _VERSION: None} == {**now, _VERSION: None}


def _changes(case: CaseOverview, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    if then["facts"] != now["facts"]:
        what = facts_changes(then["facts"] or {}, now["facts"] or {})
        yield f"facts {then[_VERSION]} -> {now[_VERSION]}: {'; '.join(what)}"
    for name, words in (("occurred_at", "when it happened"), ("contained_at", "contained"), ("aware_at", "aware")):
        if then.get(name) != now.get(name):
            yield f"{words}: {then.get(name) or 'not stated'} -> {now.get(name) or 'not stated'}"
    if then.get("decision") != now.get("decision"):
        yield _decided(case)
    if then.get("told") != now.get("told"):
        yield _told_words(now["told"])
    if then.get("made_public") != now.get("made_public"):
        yield "the public communication was made"
    yield from _changes_of_duties(case, then, now)


def _changes_of_duties(case: CaseOverview, then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    names = {row.key: row.recipient.name for row in case.obligations}
    due_now = now.get("due", {})
    for key, due in then.get("due", {}).items():
        if key not in due_now:
            yield f"{names.get(key, key)} is no longer to be told"
        elif due_now[key] != due:
            yield f"due time ({names.get(key, key)}): {due} -> {due_now[key]}"
    for key in now.get("late", ()):
        if key not in then.get("late", ()):
            yield f"the due time has passed ({names.get(key, key)}): the law asks for the reasons for the delay"
    if then.get("late_reasons") != now.get("late_reasons"):
        yield "the reasons for the delay were recorded"
    fresh = [filing for filing in now.get("filings", ()) if filing not in then.get("filings", ())]
    if fresh:
        yield f"filed since: {', '.join(fresh)}"


def _decided(case: CaseOverview) -> str:
    if case.decision is None:
        return "the decision no longer counts: the case was taken up again"
    authority = "notify the authority" if case.decision.notify_authority else "the authority need not be notified"
    people = "tell the people" if case.decision.notify_people else "the people need not be told"
    return f"decided since: {authority}, {people}"


def _told_words(told: Mapping[str, Any]) -> str:
    match told["state"]:
        case "under_way":
            return "letters to the people are on their way"
        case "told":
            count = told["count"]
            return f"the people were told: {count:,} letter{' was' if count == 1 else 's were'} accepted"
        case _:
            return "the people are not told any more"


def _list_changes(case: CaseOverview, draft: DraftLine) -> Iterator[str]:
    """By how much the list that is still to be written to grew or shrank since."""
    if draft.kind not in {PEOPLE, CONTROLLERS} or not draft.speaks_of:
        return
    word = "people" if draft.kind == PEOPLE else "merchants"
    by = _unsent(case, draft) - draft.recipients
    if by:
        yield f"the list of {word} ({draft.language}) {'grew' if by > 0 else 'shrank'} by {abs(by):,}"


def _unsent(case: CaseOverview, draft: DraftLine) -> int:
    """How many of those who are written to in a draft's language have no letter yet."""
    if draft.kind == PEOPLE:
        preferred = dict(case.people_by_language)
    else:
        preferred = {}
        for merchant in case.merchants:
            preferred[merchant.language] = preferred.get(merchant.language, 0) + 1
    written = {line.language for line in case.drafts if line.kind == draft.kind}
    # As `message_language` has it: in their own language where there is a draft in it, else in English.
    listed = sum(count for language, count in preferred.items() if _written_in(language, written) == draft.language)
    ordered = (line for line in case.ledger if line.kind == draft.kind and line.language == draft.language)
    return listed - sum(line.total - line.states.get(MessageState.CANCELLED, 0) for line in ordered)


def _written_in(preferred: str, written: Iterable[str]) -> str:
    return preferred if preferred in written else "en"


def _new_addressees(case: CaseOverview, draft: DraftLine) -> Iterator[str]:
    """Authorities that are to be told and that no text of this kind names."""
    if draft.kind not in TO_AUTHORITY or not draft.speaks_of:
        return
    of_kind = [line for line in case.drafts if line.kind == draft.kind]
    named = {key for line in of_kind for known in line.speaks_of for key in known.get("due", ())}
    for row in case.obligations:
        is_told = row.terms.duty == duty_of(draft.kind) and row.is_told_by_draft and row.status in STARTED
        if is_told and row.recipient.kind is RecipientKind.AUTHORITY and row.key not in named:
            yield f"also to be told: {row.recipient.name}"


def speaks_of_obligation(draft: DraftLine, key: str) -> bool:
    """Whether a text to authorities fulfils this obligation."""
    return any(key in known.get("due", ()) for known in draft.speaks_of)


def refreshed_by(reference: str) -> str:
    """The command that composes anew what is stale."""
    return f"tocsin respond {reference}"
