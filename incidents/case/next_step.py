"""Who acts next in a case and what they do, with the command: read from the case file, in the order of the response."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from incidents.case import draft_kinds
from incidents.case.case_file import CaseOverview, DraftLine, ObligationLine
from incidents.case.draft_kinds import DUTIES, KINDS
from incidents.case.draft_obstacles import obstacles
from incidents.case.message_machine import CAME_BACK, UNDER_WAY, MessageState
from incidents.case.outstanding import completing
from incidents.case.spoken_of import refreshed_by
from incidents.deadlines.state_machine import OPEN
from incidents.facts.totals import people_of
from incidents.law.model import Start, Threshold
from incidents.obligations.recipients import PLACEHOLDERS


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """The next step: who, what, with which command."""

    who: str
    """A role: ``responder``, ``DPO or lead``, ``second person``, ``Tocsin``, ``nobody``."""
    what: str
    command: str | None = None

    @property
    def words(self) -> str:
        """One line: who has to do what."""
        return f"{self.who}: {self.what}"


def next_step(case: CaseOverview) -> NextStep:
    """Find the first step that is missing."""
    if case.stage in {"closed", "dismissed"}:
        return NextStep(who="nobody", what=f"the case is {case.stage}")
    # The record of containment is asked for last: it holds up the closing, the others hold up a legal clock.
    return _up_to_decision(case) or _telling(case) or _letters_left(case) or _ending(case)


def _up_to_decision(case: CaseOverview) -> NextStep | None:
    reference = case.reference
    if case.aware_at is None:
        return NextStep(
            who="responder",
            what="confirm whether personal data were compromised, and since when that is known",
            command=f'tocsin aware {reference} --at "..." --basis "..."',
        )
    if case.facts is None or case.stage == "confirmed":
        file = "" if case.facts else " --file scope.yaml"
        return NextStep(
            who="responder", what="record the facts and assess them", command=f"tocsin assess {reference}{file}"
        )
    if case.stage == "assessed":
        return NextStep(
            who="DPO or lead",
            what="decide whether the authority and the people are told",
            command=f'tocsin decide {reference} {_proposed(case)} --because "..."',
        )
    return None


def _proposed(case: CaseOverview) -> str:
    """The newest proposal as options: a command to copy holds one word each, not a choice; a person changes them."""
    proposed = case.judgement or {}
    ground = proposed.get("exception")
    authority = "notify" if proposed.get("notify_authority", True) else "not-required"
    people = "notify" if proposed.get("notify_people", True) and not ground else "not-required"
    return f"--authority {authority} --people {people}" + (f" --exception {ground}" if ground else "")


def _telling(case: CaseOverview) -> NextStep | None:
    """The first open duty whose text, approval, sending or filing is missing; then what is filed without a text."""
    for kind, step in _BY_DRAFT:
        rows = [row for row in _open(case) if row.terms.duty == DUTIES[kind] and row.is_told_by_draft]
        if rows:
            return _approval(case, kind) or step(case, kind, rows)
    # What no draft is made for: answers, public communications, reports of the incident itself under other laws.
    others = [row for row in _open(case) if row.terms.duty not in KINDS]
    others += [row for row in _open(case) if not row.is_told_by_draft and row not in others]
    return _file(case, "", others) if others else None


def _open(case: CaseOverview) -> list[ObligationLine]:
    """What is still owed, the soonest first."""
    return sorted((row for row in case.obligations if row.status in OPEN), key=lambda row: row.due_at)


def _approval(case: CaseOverview, kind: str) -> NextStep | None:
    drafts = [draft for draft in case.drafts if draft.kind == kind]
    if not drafts:
        return NextStep(who="Tocsin", what=f"prepares the draft {kind}", command=f"tocsin drafts {case.reference}")
    for draft in drafts:
        found = obstacles(case, draft)
        if found and found[0].kind == "stale":
            return NextStep(
                who="Tocsin",
                what=f"composes {draft.id} anew, for it {found[0].what}",
                command=refreshed_by(case.reference),
            )
        if draft.missing:
            return _completion(case, draft)
        if found:
            return NextStep(
                who="responder",
                what=f"put {draft.id} right: it {found[0].what}",
                command=f"tocsin preview {case.reference} {draft.id}",
            )
        if draft.approved_at is None:
            return NextStep(
                who="second person",
                what=f"read and approve {draft.id}",
                command=f"tocsin preview {case.reference} {draft.id}",
            )
    return None


def _completion(case: CaseOverview, draft: DraftLine) -> NextStep:
    return NextStep(
        who="responder",
        what=f"add what {draft.id} lacks: {', '.join(draft.missing)}",
        command=completing(case.reference, draft.id, draft.missing),
    )


def _file(case: CaseOverview, kind: str, rows: list[ObligationLine]) -> NextStep:
    row = rows[0]
    if row.terms.start is Start.ASKED:
        return NextStep(
            who="DPO or lead",
            what=f"answer the authority ({row.recipient.name}), then record it",
            command=f'tocsin answer {case.reference} {row.key} --text "..." --at "..."',
        )
    if row.terms.threshold is Threshold.DISPROPORTIONATE_EFFORT:
        return NextStep(
            who="DPO or lead",
            what="make the public communication that takes the place of letters, then record it",
            command=f'tocsin published {case.reference} --where "..." --at "..." --file FILE',
        )
    if row.recipient.id in PLACEHOLDERS:
        return NextStep(
            who="responder",
            what="find out in which countries the affected people live, and assess again: it settles which "
            "authorities are told",
            command=f"tocsin assess {case.reference} --file scope.yaml",
        )
    phase = " --phase follow-up" if kind == draft_kinds.AUTHORITY_FOLLOW_UP else ""
    several = [
        obligation
        for obligation in case.obligations
        if obligation.terms.duty == row.terms.duty and obligation.waived_at is None
    ]
    same = [obligation for obligation in several if obligation.recipient.id == row.recipient.id]
    # As short as it is clear: nothing where one authority is owed, its id among several, the key where one has two
    # duties.
    named = row.key if not kind or len(same) > 1 else row.recipient.id if len(several) > 1 else ""
    to = f" --authority {named}" if named else ""
    where = f" ({row.recipient.name})" if named else ""
    if row.recipient.is_to_be_chosen:
        where += f", of several: file with {row.recipient.id}-REGION, or say the region in the facts"
    return NextStep(
        who="DPO or lead",
        what=f"file with the authority{where} by its portal, then record it",
        command=f'tocsin submit {case.reference}{to}{phase} --reference "..." --at "..."',
    )


def _send(case: CaseOverview, kind: str, rows: list[ObligationLine]) -> NextStep:
    count = sum(draft.recipients for draft in case.drafts if draft.kind == kind)
    if count == 0:
        lists = "people" if kind == draft_kinds.PEOPLE else "merchants"
        return NextStep(
            who="responder",
            what=f"list who must be told ({lists})",
            command=f"tocsin {lists} import {case.reference} FILE.csv",
        )
    # Who was found later first: their letters are approved, and nobody has ordered them.
    unwritten = _unwritten(case, kind)
    if unwritten > 0:
        return NextStep(
            who="DPO or lead",
            what=f"send the approved letters ({kind})",
            command=f"tocsin send {case.reference} {kind} --confirm {case.reference}:{unwritten}",
        )
    under_way = _under_way(case, kind)
    if under_way is not None:
        return under_way
    came_back = _in_states(case, kind, CAME_BACK)
    if came_back:
        group = "people" if kind == draft_kinds.PEOPLE else "merchants"
        return NextStep(
            who="DPO or lead",
            what=f"{_letters(came_back, kind)} reached nobody: correct the addresses and write again, or give them up",
            command=f"tocsin {group} unreached {case.reference}",
        )
    if kind == draft_kinds.PEOPLE:
        return _missing(case, rows[0])
    # The flow comes by after each answer; this is the moment in between.
    return NextStep(who="Tocsin", what=f"notes who was told ({kind})", command=f"tocsin people status {case.reference}")


def _under_way(case: CaseOverview, kind: str) -> NextStep | None:
    """Whom letters wait for that were ordered and are not settled; nobody where none is."""
    moving = _in_states(case, kind, UNDER_WAY - {MessageState.UNCERTAIN})
    if moving and case.hold is not None:
        return NextStep(
            who="second person",
            what=f"{_letters(moving, kind)} stopped by {case.hold.person}: {case.hold.because}; let go on, or leave",
            command=f'tocsin release {case.reference} --because "..."',
        )
    if moving and case.pause is not None and case.pause.refused:
        return NextStep(
            who="responder",
            what=f"mend what the mail provider refuses; {_letters(moving, kind)} waiting: {case.pause.because}",
            command="tocsin doctor",
        )
    if moving:
        later = f" from {case.pause.until.isoformat()} on, when its pause ends" if case.pause else ""
        return NextStep(
            who="Tocsin", what=f"sends the letters ({kind}){later}", command=f"tocsin people status {case.reference}"
        )
    # Asked only once nothing else is under way: an answer still to come may settle some of them by itself.
    unknown = _in_states(case, kind, {MessageState.UNCERTAIN})
    if unknown:
        return NextStep(
            who="DPO or lead",
            what=f"say of {_letters(unknown, kind)} whose arrival is uncertain: arrived, did not, or is repeated",
            command=f"tocsin {'people' if kind == draft_kinds.PEOPLE else 'merchants'} unreached {case.reference}",
        )
    return None


def _in_states(case: CaseOverview, kind: str, states: Collection[str]) -> int:
    """How many letters of a kind stand in one of these states."""
    return sum(line.states.get(state, 0) for line in case.ledger if line.kind == kind for state in states)


def _letters(count: int, kind: str) -> str:
    return f"{count:,} letter{'' if count == 1 else 's'} ({kind})"


def _unwritten(case: CaseOverview, kind: str) -> int:
    """How many on a list no letter is ordered to; one that was taken back is to be ordered anew."""
    listed = case.people_imported if kind == draft_kinds.PEOPLE else len(case.merchants)
    return listed - _in_states(case, kind, frozenset(MessageState) - {MessageState.CANCELLED})


def _letters_left(case: CaseOverview) -> NextStep | None:
    """Letters of a duty that is settled otherwise: `close` waits for them, too."""
    for kind in (draft_kinds.CONTROLLERS, draft_kinds.PEOPLE):
        step = _under_way(case, kind)
        if step is not None:
            return step
    return None


def _missing(case: CaseOverview, row: ObligationLine) -> NextStep:
    """Every letter is out and the duty is open: the list is short of what the facts say (Art. 34(1) GDPR)."""
    public = [
        obligation for obligation in _open(case) if obligation.terms.threshold is Threshold.DISPROPORTIONATE_EFFORT
    ]
    if public:
        return _file(case, "", public)
    known = people_of(case.facts.as_controller or case.facts.data_sets).least if case.facts else None
    # By the number alone: whom each law lacks needs the list itself, and a next step is read from the overview.
    if known is not None and case.people_imported < known:
        short = f"{case.people_imported:,} are on the list, the facts say at least {known:,}"
        return NextStep(
            who="DPO or lead",
            what=f"list the people who are missing and write to them, or say why the list is complete ({short})",
            command=f'tocsin send {case.reference} people --list-complete --because "..."',
        )
    return NextStep(
        who="DPO or lead",
        what=f"list the people whom {row.terms.regime} protects and write to them, or say why none is owed a letter",
        command=f'tocsin waive {case.reference} {row.key} --because "..."',
    )


_BY_DRAFT: Final = (
    (draft_kinds.AUTHORITY_INITIAL, _file),
    # Merchants before people: their own 72 hours may begin with our notice (Art. 33(2) GDPR).
    (draft_kinds.CONTROLLERS, _send),
    (draft_kinds.PEOPLE, _send),
    (draft_kinds.AUTHORITY_FOLLOW_UP, _file),
)
"""The kinds of texts in the order of the response, and the step once they are approved."""


def _ending(case: CaseOverview) -> NextStep:
    if case.contained_at is None:
        return NextStep(
            who="responder",
            what="record that it is contained",
            command=f'tocsin contain {case.reference} --at "..." --measure "..."',
        )
    return NextStep(who="DPO or lead", what="close the case", command=f"tocsin close {case.reference}")
